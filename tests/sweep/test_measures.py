"""The measures of a small real sweep, each against a plain count of its rows."""

import math
import shutil
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import precision_recall_fscore_support

from made_runs import made_sweep
from tfstab import SweepConfig, open_run, run_sweep
from tfstab.errors import InputError, RunError
from tfstab.metrics import certified_radius, interval_of_moments, mean_interval
from tfstab.sweep.intervals import SweepIntervals

SIGMAS = (40.0, 10.0, 120.0, 80.0)  # not in order, on purpose


@pytest.fixture(scope="module")
def rows(small_sweep):
    table = small_sweep.samples().to_pandas()
    table["right"] = table["predicted"] == table["class_index"]
    return table


@pytest.fixture(scope="module")
def measures(small_sweep):
    return small_sweep.measures


def test_counts_by_image_and_sigma(measures, rows, small_sweep):
    assert np.array_equal(measures.images, np.sort(small_sweep.clean.indices))
    assert (~measures.clean_correct).sum() == 1
    for i, image in enumerate(measures.images):
        for s, sigma in enumerate(small_sweep.severities):
            copies = rows[(rows["image"] == image) & (rows["severity"] == sigma)]
            assert measures.total[i, s] == len(copies) == 20
            assert measures.correct[i, s] == copies["right"].sum()
            assert measures.wrong_share[i, s] == pytest.approx(1 - copies["right"].mean())


def test_failing_sigmas_and_wrong_classes(measures, rows):
    some, half, psnr = measures.failing_severity(), measures.failing_severity(0.5), measures.failing_psnr
    for i, image in enumerate(measures.images):
        own = rows[rows["image"] == image]
        wrong = own[~own["right"]]
        if measures.clean_correct[i]:
            share = 1 - own.groupby("severity")["right"].mean()
            assert some[i] == wrong["severity"].min() if len(wrong) else math.isinf(some[i])
            assert half[i] == (share.index[share >= 0.5].min() if (share >= 0.5).any() else np.inf)
            assert psnr[i] == (wrong["psnr"].max() if len(wrong) else -np.inf)
        else:
            assert some[i] == half[i] == 0 and psnr[i] == np.inf
        assert measures.wrong_class[i] == (wrong["predicted"].mode()[0] if len(wrong) else -1)
    assert np.isfinite(half).any() and len(set(some)) > 1  # or this would have tested nothing


def test_weakest_first(measures):
    order = measures.weakest_images()
    assert sorted(order) == np.flatnonzero(measures.clean_correct).tolist()
    half, share = measures.failing_severity(0.5)[order], measures.wrong_share.mean(axis=1)[order]
    assert all(one <= next_one for one, next_one in pairwise(zip(half, -share, strict=True)))
    assert not measures.clean_correct[measures.weakest_images(clean_correct=False)[0]]
    assert (np.diff(measures.class_metrics().recall[measures.weakest_classes()]) >= 0).all()


def test_precision_and_recall_by_severity(measures, rows):
    for s, sigma in enumerate(SIGMAS):
        here = rows[rows["severity"] == sigma]
        precision, recall, *_ = precision_recall_fscore_support(
            here["class_index"], here["predicted"], labels=range(10), zero_division=np.nan
        )
        np.testing.assert_allclose(measures.precision_by_severity[s], precision)
        np.testing.assert_allclose(measures.recall_by_severity[s], recall)
    with pytest.raises(InputError, match="not in this run"):
        measures.class_metrics(severity=11)


def test_headline_numbers(measures):
    x, y = np.array([0, 10, 40, 80, 120]), np.append(measures.clean_accuracy, measures.accuracy[[1, 0, 3, 2]])
    assert measures.severity50 == pytest.approx(np.interp(-y[0] / 2, -y, x))  # this curve falls all the way
    assert measures.area == pytest.approx(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2) / 120)


def test_calibration_by_sigma(measures, rows, small_sweep):
    edges = np.linspace(0, 1, 16)
    for s, sigma in enumerate(SIGMAS):
        here = rows[rows["severity"] == sigma]
        expected = 0.0
        for low, high in pairwise(edges):
            inside = here[(here["score"] > low) & (here["score"] <= high)]
            if len(inside):
                expected += len(inside) / len(here) * abs(inside["right"].mean() - inside["score"].mean())
        assert measures.calibration.error[s] == pytest.approx(expected, abs=1e-6)
    assert measures.clean_calibration.count.sum() == len(small_sweep.clean.indices)


def test_intervals_contain_what_they_are_of_and_come_of_images(measures):
    ends = measures.intervals
    for s, entry in enumerate(measures.accuracy_by_severity()):
        assert ends.accuracy[0, s] <= entry.accuracy <= ends.accuracy[1, s]
        low, high = ends.accuracy_of_clean_correct[:, s]
        assert low <= entry.accuracy_of_clean_correct <= high
    assert ends.overall[0] <= measures.class_metrics().accuracy <= ends.overall[1]
    assert ends.severity50[0] <= measures.severity50 <= ends.severity50[1]
    assert ends.area[0] <= measures.area <= ends.area[1]
    # Ten images are few however many copies there are.
    assert np.diff(ends.accuracy[:, SIGMAS.index(80.0)]) > 0.2
    again = SweepIntervals(measures)
    assert np.array_equal(again.accuracy, ends.accuracy)
    assert not np.array_equal(SweepIntervals(measures, seed=1).accuracy_samples, ends.accuracy_samples)


def test_class_intervals_weigh_images_by_their_copies_in_the_class(measures):
    """Against a loop over classes and images; of an image's copies predicted as a class all or none are right."""
    row, predicted, count = measures.entries(severity=80.0)
    ends = measures.intervals.class_metrics(severity=80.0)
    for k in range(10):
        of_class = measures.labels[row] == k
        images = np.unique(row[of_class])
        right = [count[of_class & (predicted == k) & (row == i)].sum() / count[row == i].sum() for i in images]
        np.testing.assert_allclose(ends.recall[:, k], mean_interval(right))
        as_class = predicted == k
        expected = mean_interval(of_class[as_class].astype(float), count[as_class])
        np.testing.assert_allclose(ends.precision[:, k], expected)


def test_precision_counts_the_images_of_each_class_as_given(tmp_path):
    """All 20 images of a class are found; only how many of the 80 others are taken for it is due to chance."""
    labels, taken = np.repeat([0, 1], [20, 80]), np.repeat([1.0, 0.0], [8, 72])
    predicted = np.concatenate([np.zeros(20, int), 1 - taken.astype(int)])[:, None, None]
    config = SweepConfig(sigmas=(40,), copies=1)
    ends = made_sweep(tmp_path / "run", config, predicted, labels=labels).measures.intervals.class_metrics().precision
    p, variance = 20 / 28, 80 * taken.var(ddof=1)
    assert ends[:, 0] == pytest.approx(interval_of_moments(p, p**2 * variance / 28, 28))
    assert np.diff(ends[:, 0]) < 0.9 * np.diff(mean_interval(np.arange(28) < 20))


def test_certified_radii(measures, rows):
    radii = measures.certified_radii()
    assert (radii > 0).any() and (radii == 0).any()
    for i, image in enumerate(measures.images):
        for s, sigma in enumerate(SIGMAS):
            copies = rows[(rows["image"] == image) & (rows["severity"] == sigma)]
            assert radii[i, s] == certified_radius(copies["right"].sum(), 20, sigma, comparisons=4)
    assert (radii <= measures.largest_certifiable() * measures.severities).all()
    right, wrong = measures.clean_correct, ~measures.clean_correct
    of_clean = measures.certified_radii("clean")
    assert np.array_equal(of_clean[right], radii[right]) and not np.array_equal(of_clean[wrong], radii[wrong])
    for bad in ({"of": "votes"}, {"confidence": 1.0}):
        with pytest.raises(InputError, match="expected"):
            measures.certified_radii(**bad)


def test_one_image_alone_measures_the_same(measures, small_sweep):
    image = int(measures.images[3])
    alone = small_sweep.measures_of(image)
    assert np.array_equal(alone.correct, measures.correct[3:4])
    assert np.array_equal(alone.certified_radii(), measures.certified_radii()[3:4])
    assert alone.to_pandas().equals(measures.to_pandas().iloc[3:4].reset_index(drop=True))


def test_with_common_noise_each_copy_has_its_own_failing_sigma(mnist_lenet, few_digits, tmp_path):
    config = SweepConfig(sigmas=SIGMAS, copies=20, common_noise=True)
    run = run_sweep(mnist_lenet, few_digits, config, tmp_path / "common")
    own, table = run.measures.copy_failing_severity, run.samples().to_pandas()
    assert own.shape == (len(few_digits), 20)
    wrong = table[table["predicted"] != table["class_index"]].groupby(["image", "copy"])["severity"].min()
    for i, image in enumerate(run.measures.images):
        for copy in range(20):
            expected = wrong.get((image, copy), np.inf) if run.measures.clean_correct[i] else 0
            assert own[i, copy] == expected
    assert own.min(axis=1).tolist() == run.measures.failing_severity().tolist()
    assert np.array_equal(run.measures_of(int(run.measures.images[2])).copy_failing_severity, own[2:3])


def test_a_sweep_that_goes_on_is_measured_again_and_only_what_is_new_is_read(small_sweep, tmp_path):
    shutil.copytree(small_sweep.path, tmp_path / "run")
    parts = sorted((tmp_path / "run" / "parts").glob("*"))
    later = {part: part.read_bytes() for part in parts[1:]}
    for part in later:
        part.unlink()
    run = open_run(tmp_path / "run")
    first = run.measures
    assert 0 < len(first) <= len(small_sweep.measures) and run.measures is first
    copies = pq.read_metadata(parts[0]).num_rows
    assert first.class_metrics().total == copies < len(small_sweep.measures) * 4 * 20
    kept = parts[0].read_bytes()
    for part, content in later.items():
        part.write_bytes(content)
    parts[0].write_bytes(b"not read a second time")
    whole = run.measures
    assert np.array_equal(whole.confusion, small_sweep.confusion) and whole is not first
    with pytest.raises(RunError, match="damaged"):
        _ = open_run(tmp_path / "run").measures
    parts[0].write_bytes(kept)


def test_no_measure_needs_tensorflow(small_sweep):
    code = (
        "import sys, tfstab; from tfstab.report import sweep_json; sweep_json(tfstab.open_run(sys.argv[1]));"
        "assert not {'tensorflow', 'keras', 'pygad'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(small_sweep.path)], check=True)


def test_nothing_swept_yet_has_no_values(small_sweep, tmp_path):
    shutil.copytree(small_sweep.path, tmp_path / "run", ignore=shutil.ignore_patterns("*.parquet"))
    measures = open_run(tmp_path / "run").measures
    assert len(measures) == 0 and measures.severity50 is None and math.isnan(measures.clean_accuracy)
    assert np.isnan(measures.intervals.accuracy).all() and np.isnan(measures.intervals.class_metrics().recall).all()
    assert measures.certified_radii().shape == (0, 4) and len(measures.to_pandas()) == 0
