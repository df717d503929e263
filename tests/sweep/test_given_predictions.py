"""The measures of sweeps whose every prediction is given, against values worked out by hand or by a loop."""

import numpy as np
import pytest
from scipy.stats import beta, norm

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.metrics import resample
from tfstab.metrics.kept import estimate_each
from tfstab.sweep.intervals import SweepIntervals

THREE = SweepConfig(sigmas=(10, 20, 40), copies=4)


@pytest.fixture(scope="module")
def measures(tmp_path_factory):
    """Seven images of class 0, the third and the last wrong when clean, and how many copies are right at each sigma."""
    right = np.array([[4, 4, 2], [4, 3, 0], [1, 0, 0], [4, 4, 4], [2, 1, 1], [4, 2, 0], [3, 3, 3]])
    predicted = np.where(np.arange(4) < right[:, :, None], 0, 1)
    clean = [0, 0, 2, 0, 0, 0, 1]
    run = made_sweep(tmp_path_factory.mktemp("given") / "run", THREE, predicted, clean=clean)
    assert run.measures.correct.tolist() == right.tolist()
    return run.measures


def ends(replicates, confidence):
    """The percentile interval as Efron and Tibshirani define it: order statistics."""
    ordered = np.sort(np.asarray(replicates), axis=0)
    tail = (1 - confidence) / 2
    return [ordered[int(np.ceil(share * len(ordered))) - 1] for share in (tail, 1 - tail)]


def korn_graubard(shares, confidence, weights=None):
    """The interval by its definition: beta quantiles for the effective number of images, two images unseen."""
    shares, w = np.asarray(shares), np.ones(len(shares)) if weights is None else np.asarray(weights)
    n, mean = w.sum() ** 2 / (w**2).sum(), np.average(shares, weights=w)
    variance = np.average((shares - mean) ** 2, weights=w**2)
    n /= min(1, (n * variance + 2) / (n * mean * (1 - mean) + 2))
    right, wrong, tail = n * mean, n * (1 - mean), (1 - confidence) / 2
    low = beta.ppf(tail, right, wrong + 1) if right else 0
    return low, beta.ppf(1 - tail, right + 1, wrong) if wrong else 1


@pytest.mark.parametrize("confidence", [0.5, 0.9])
def test_intervals_of_means_are_korn_and_graubards(measures, confidence):
    intervals, m = SweepIntervals(measures, confidence), measures
    for s in range(3):
        shares = m.correct[:, s] / 4
        np.testing.assert_allclose(intervals.accuracy[:, s], korn_graubard(shares, confidence))
        right = korn_graubard(shares[m.clean_correct], confidence)
        np.testing.assert_allclose(intervals.accuracy_of_clean_correct[:, s], right)
    np.testing.assert_allclose(intervals.overall, korn_graubard(m.correct.sum(axis=1) / 12, confidence))
    curves = np.column_stack([m.clean_correct, m.correct / 4])
    areas = np.trapezoid(curves, [0, 10, 20, 40]) / 40
    np.testing.assert_allclose(intervals.area, korn_graubard(areas, confidence))


@pytest.mark.parametrize("confidence", [0.5, 0.8])
def test_the_interval_of_severity50_is_where_those_of_the_accuracy_kept_lose_half(measures, confidence):
    m, x = measures, [0, 10, 20, 40]
    _, low, high = estimate_each(m.correct / 4, m.clean_correct, confidence)
    mild, strong = SweepIntervals(m, confidence).severity50
    assert np.interp(mild, x, [1, *low]) == pytest.approx(0.5)
    assert mild < m.severity50 < strong == np.inf and (high > 0.5).all()


def test_the_intervals_of_measures_are_of_95_percent_and_a_thousand_resamples(measures):
    m = measures
    np.testing.assert_allclose(m.intervals.accuracy[:, 0], korn_graubard(m.correct[:, 0] / 4, 0.95))
    drawn = resample(7, 1000, 0).astype(int)
    np.testing.assert_allclose(m.intervals.accuracy_samples, drawn @ m.correct / (4 * 7))
    np.testing.assert_allclose(m.intervals.interval(m.intervals.accuracy_samples), ends(drawn @ m.correct / 28, 0.95))


def test_accuracy_with_and_without_the_images_wrong_when_clean(measures):
    told = [
        (a.severity, a.correct, a.total, a.correct_of_clean_correct, a.total_of_clean_correct)
        for a in measures.accuracy_by_severity()
    ]
    assert told == [(10, 22, 28, 18, 20), (20, 17, 28, 14, 20), (40, 10, 28, 7, 20)]
    assert measures.clean_accuracy == 5 / 7
    assert [a.accuracy_of_clean_correct for a in measures.accuracy_by_severity()] == [0.9, 0.7, 0.35]
    assert measures.class_metrics(clean_correct=True).total == 60


def test_confusions_are_counted_apart_for_images_right_and_wrong_when_clean(measures):
    """(wrong or right when clean, severity, actual, predicted): class 0 has all seven images."""
    expected = np.zeros((2, 3, 3, 3), int)
    expected[0, :, 0, :2] = [[4, 4], [3, 5], [3, 5]]
    expected[1, :, 0, :2] = [[18, 2], [14, 6], [7, 13]]
    np.testing.assert_array_equal(measures.confusion, expected)
    np.testing.assert_array_equal(measures.class_metrics(20.0).confusion, expected[:, 1].sum(axis=0))
    np.testing.assert_array_equal(measures.class_metrics(clean_correct=True).confusion, expected[1].sum(axis=0))
    assert measures.recall_by_severity[:, 0].tolist() == [22 / 28, 17 / 28, 10 / 28]
    assert measures.clean_recall[0] == 5 / 7 and measures.class_wrong.tolist() == [1, -1, -1]


def test_failing_severities_and_the_order_of_weakness(measures):
    inf = np.inf
    assert measures.failing_severity().tolist() == [40, 20, 0, inf, 10, 20, 0]
    assert measures.failing_severity(0.5).tolist() == [40, 40, 0, inf, 10, 20, 0]
    assert measures.failing_severity(1).tolist() == [inf, 40, 0, inf, inf, 40, 0]
    assert measures.weakest_images().tolist() == [4, 5, 1, 0, 3]
    # Of the two that need no noise the one with the larger share of wrong copies comes first.
    assert measures.weakest_images(clean_correct=False).tolist() == [2, 6, 4, 5, 1, 0, 3]


def test_images_that_tie_are_ordered_by_their_clean_scores(tmp_path):
    """Five images of two classes lose half of their copies at sigma 20, and the last two earlier; 1 and 3 lose less.

    Shares of copies are equal, though their sums in floating-point numbers are not.
    """
    right = np.array([[2, 0, 1], [3, 1, 1], [1, 0, 2], [3, 1, 1], [2, 1, 0], [2, 1, 0], [0, 3, 3]])
    labels = np.array([0, 0, 0, 1, 1, 1, 1])
    predicted = np.where(np.arange(3) < right[:, :, None], labels[:, None, None], 2)
    config = SweepConfig(sigmas=(10, 20, 40), copies=3)
    given = {"indices": [3, 8, 1, 4, 0, 5, 9], "clean_score": [0.9, 0.5, 0.6, 0.9, 0.7, 0.9, 0.99]}
    run = made_sweep(tmp_path / "run", config, predicted, labels, **given)
    m = run.measures
    found = m.images[m.weakest_images()].tolist()
    assert found == [1, 9, 0, 3, 5, 8, 4] and m.tied_weakest() == 1
    same = made_sweep(tmp_path / "same", config, predicted[[0, 0, 0]], clean=[0, 1, 0], clean_score=[0.9, 0.3, 0.8])
    assert same.measures.weakest_images().tolist() == [2, 0] and same.measures.tied_weakest() == 2
    assert same.measures.weakest_images(clean_correct=False).tolist() == [1, 2, 0]


def test_the_certificate_of_an_image_is_the_best_of_its_sigmas(measures):
    radii = measures.certified_radii(confidence=0.6)
    # All four of four copies: the bound is the error's fourth root, the error divided among three sigmas.
    p = (0.4 / 3) ** 0.25
    np.testing.assert_allclose(radii[3], np.array([10, 20, 40]) * norm.ppf(p))
    np.testing.assert_allclose(radii[0], [10 * norm.ppf(p), 20 * norm.ppf(p), 0])
    assert measures.largest_certifiable(0.6) == pytest.approx(norm.ppf(p))


def test_certified_l2_is_the_largest_radius_and_names_its_sigma(tmp_path):
    many = SweepConfig(sigmas=(10, 20, 40), copies=60)
    right = np.array([[60, 60, 0], [60, 0, 0], [0, 0, 0], [60, 60, 60]])
    run = made_sweep(tmp_path / "run", many, np.where(np.arange(60) < right[:, :, None], 0, 2))
    radius = norm.ppf((0.001 / 3) ** (1 / 60))
    frame = run.measures.to_pandas()
    assert frame["certified_l2"].tolist() == pytest.approx([20 * radius, 10 * radius, 0, 40 * radius])
    assert frame["certified_sigma"].tolist() == pytest.approx([20, 10, np.nan, 40], nan_ok=True)


def test_an_image_is_the_same_wherever_it_stands_in_the_data(tmp_path):
    """Indices that fall, and are not the places in the data set; classes that take turns."""
    indices, labels, clean = [90, 7, 55, 31], [2, 0, 1, 0], [2, 1, 1, 0]
    predicted = np.array([[2, 1], [0, 0], [0, 2], [0, 1]])[:, :, None]
    config = SweepConfig(sigmas=(5, 50), copies=1)
    psnr = np.array([[30, 10], [31, 11], [32, 12], [33, 13]])[:, :, None]
    run = made_sweep(tmp_path / "run", config, predicted, labels, clean, indices, psnr)
    m = run.measures
    assert m.images.tolist() == [7, 31, 55, 90] and m.labels.tolist() == [0, 0, 1, 2]
    assert m.clean_predicted.tolist() == [1, 0, 1, 2] and m.clean_correct.tolist() == [False, True, True, True]
    assert m.correct.tolist() == [[1, 1], [1, 0], [0, 0], [1, 0]]
    assert m.failing_psnr.tolist() == [np.inf, 13, 32, 10]
    assert m.wrong_class.tolist() == [-1, 1, 0, 1]  # image 55 is taken for 0 and for 2 once each: the first
    table = m.to_pandas().set_index("image")
    assert table.loc[55, ["class_index", "clean_predicted", "wrong_share", "wrong_share_5"]].tolist() == [1, 1, 1, 1]
    assert run.sample(90, 1, 0)["predicted"] == 1 and run.sample(31, 0, 0)["psnr"] == 33
    assert run.samples(image=55).to_pydict()["predicted"] == [0, 2]
    assert run.measures_of(55).correct.tolist() == [[0, 0]]
    assert run.clean.images[run.clean.row(90)].max() == 190


@pytest.mark.parametrize("severities", [(90, 50, 10), (50, 10, 90)])
def test_where_severities_fall_the_mildest_is_the_largest(tmp_path, severities):
    """JPEG's quality: 90 is mild and 10 is strong, in whatever order they are swept."""
    config = SweepConfig(degradation="jpeg", severities=severities)
    falls = {90: [0, 0, 0, 1], 50: [0, 0, 1, 1], 10: [0, 1, 1, 1]}
    predicted = np.array([falls[s] for s in severities]).T[:, :, None]
    m = made_sweep(tmp_path / "run", config, predicted).measures
    assert [severities[k] for k in config.mildest_first] == [90, 50, 10]
    assert m.failing_severity().tolist() == [np.inf, 10, 50, 90]
    assert m.weakest_images().tolist() == [3, 2, 1, 0]
    # Accuracy is 1 clean (quality 100), then 0.75, 0.5 and 0.25: half of it at quality 50.
    assert m.severity50 == 50
    assert m.area == pytest.approx(np.trapezoid([1, 0.75, 0.5, 0.25], [0, 10, 50, 90]) / 90)
    assert np.isnan(m.intervals.severity50).all(), "four images that are right when clean are too few"
    more = made_sweep(tmp_path / "more", config, predicted.repeat(10, axis=0)).measures
    mild, strong = more.intervals.severity50
    assert mild > 50 > strong


def test_severities_that_no_float32_holds_are_found(tmp_path):
    """0.1 is stored as 0.100000001..., and is asked for as 0.1."""
    config = SweepConfig(degradation="speckle", severities=(0.1, 0.3), copies=2)
    predicted = np.array([[[0, 0], [0, 1]], [[1, 0], [2, 2]]])
    run = made_sweep(tmp_path / "run", config, predicted)
    rows = run.samples(severity=0.1).to_pylist()
    assert sorted((row["image"], row["copy"], row["predicted"]) for row in rows) == [
        (0, 0, 0), (0, 1, 0), (1, 0, 1), (1, 1, 0),
    ]  # fmt: skip
    assert run.samples(severity=0.3, image=1)["predicted"].to_pylist() == [2, 2]
    assert [run.sample(1, place, copy)["predicted"] for place in (0, 1) for copy in (0, 1)] == [1, 0, 2, 2]
    of_copies = run.class_metrics(severity=0.1)
    assert of_copies.confusion.tolist() == [[3, 1, 0], [0, 0, 0], [0, 0, 0]]
    first, columns, *_ = str(of_copies).splitlines()
    assert first.startswith("4 copies, ") and columns.split()[:2] == ["class", "copies"]
    assert [a.correct for a in run.accuracy_by_severity()] == [3, 1]
