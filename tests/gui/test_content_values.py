"""What the content modules make of runs, against values worked out by hand; no window."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from numpy_runs import brightness, classifier, dataset, search, sweep

from tfstab import SearchConfig, SweepConfig, run_search
from tfstab.gui.content import colours, comparison, matching, selection, triple
from tfstab.gui.content.confusion import confusions
from tfstab.gui.content.points import CLEAN_WRONG, CORRECT, WRONG, Cloud, SweepPoints, psnr_range, read_points
from tfstab.gui.figures import rgb
from tfstab.gui.sessions.class_grids import Grid, _read
from tfstab.gui.widgets.triple_panel import as_shown


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    return sweep(tmp_path_factory.mktemp("values") / "sweep")


@pytest.fixture(scope="module")
def jpeg(tmp_path_factory):
    config = SweepConfig(degradation="jpeg", severities=(60, 5, 1))
    return sweep(tmp_path_factory.mktemp("values") / "jpeg", config)


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    return search(tmp_path_factory.mktemp("values") / "search")


def points_of(**columns):
    """Points of the given columns, made of lists; the others are 0."""
    count = len(next(iter(columns.values())))
    kinds = {
        "image": np.int32, "actual": np.int16, "severity_index": np.int16, "copy": np.int16, "psnr": np.float32,
        "predicted": np.int16, "score": np.float32, "true_score": np.float32, "kind": np.uint8,
    }  # fmt: skip
    return SweepPoints(None, *(np.array(columns.get(name, [0] * count), kind) for name, kind in kinds.items()))


# --- colours ---


def test_the_ends_and_quarters_of_the_diverging_colours():
    assert colours.DIVERGING.shape == (255, 3) and colours.DIVERGING.dtype == np.uint8
    assert colours.DIVERGING[[0, 127, 254]].tolist() == [[5, 48, 97], [247, 247, 247], [103, 0, 31]]
    # A step of the table is 254 / 6 places: the colours between two stops are in proportion.
    assert colours.DIVERGING[21].tolist() == [int(5 + 45 * 21 * 6 / 254), int(48 + 74 * 21 * 6 / 254), 139]
    said = colours.diverging(np.array([[-4.0, -2.0, 0.02, 1.0, 4.0]]), limit=4)
    assert (said[0] == colours.DIVERGING[[0, 63, 128, 159, 254]]).all() or (
        said[0] == colours.DIVERGING[[0, 64, 128, 159, 254]]
    ).all()


def test_a_density_by_hand():
    counts = np.zeros((12, 12), np.int64)
    counts[2:9, 2:9] = 1
    counts[5, 5], counts[11, 0] = 100, 1
    image = colours.density_image([(counts, (200, 100, 51), colours.Hatch.NONE)], (12, 12))
    assert image[2, 2].tolist() == [200, 100, 51, 140] and image[5, 5].tolist() == [200, 100, 51, 255]
    assert not image[0].any() and image[11, 0, 3] == 140
    few = colours.density_image([(np.array([[1, 2]]), (9, 9, 9), colours.Hatch.NONE)], (1, 2))
    assert few[0, :, 3].tolist() == [140, int(140 + 115 * math.log(2))]
    assert not colours.density_image([], (2, 3)).any()
    hatched = colours.density_image([(counts, (200, 100, 51), colours.Hatch.OBLIQUE)], (12, 12))
    dark = {(int(r), int(c)) for r, c in zip(*np.nonzero((hatched == [100, 50, 25, 255]).all(axis=2)), strict=True)}
    # Lines where row + column is a multiple of 5, and only where three of four neighbours are taken too.
    square = {(r, c) for r in range(2, 9) for c in range(2, 9)}
    corners = {(2, 2), (2, 8), (8, 2), (8, 8)}
    assert dark == {(r, c) for r, c in square - corners if (r + c) % 5 == 0}
    level = colours.density_image([(counts, (200, 100, 51), colours.Hatch.LEVEL)], (12, 12))
    dark = np.nonzero((level == [100, 50, 25, 255]).all(axis=2))
    assert set(dark[0].tolist()) == {5} and dark[1].tolist() == list(range(2, 9))


def test_which_kinds_are_hatched():
    assert colours.HATCHES == {
        CORRECT: colours.Hatch.NONE, WRONG: colours.Hatch.OBLIQUE, CLEAN_WRONG: colours.Hatch.LEVEL,
    }  # fmt: skip
    assert colours.signed_extreme(np.array([[[2.0, -2.0], [-3.0, 1.0]]])).tolist() == [[2.0, -3.0]]


# --- points ---


def test_points_by_hand():
    points = points_of(
        image=[7, 7, 7, 9, 9],
        severity_index=[0, 1, 1, 2, 0],
        copy=[0, 0, 1, 3, 1],
        actual=[1] * 5,
        predicted=[1, 2, 0, 1, 1],
        true_score=[0.9, 0.3, 0.2, 0.8, 0.7],
        psnr=[30, 20, 10, 5, 1],
    )
    assert len(points) == 5 and points.key(3) == (9, 2, 3)
    assert points.find((9, 2, 3)) == 3 and points.find((7, 1, 1)) == 2
    assert points.find((9, 2, 0)) is None and points.find((7, 2, 3)) is None and points.find((8, 0, 0)) is None
    # Of image 7, severity 1 fails; the copy with the lesser true score counts. Of image 9 none fails.
    assert points.first_failure(7, np.array([0.0, 1, 2])) == 2
    assert points.first_failure(9, np.array([0.0, 1, 2])) == 4
    assert points.first_failure(8, np.array([0.0, 1, 2])) is None
    some = points.take(np.array([4, 0]), 1)
    assert (some.class_index, some.key(0), some.key(1), some.psnr.tolist()) == (1, (9, 0, 1), (7, 0, 0), [1, 30])
    joined = SweepPoints.join([some, points])
    assert joined.class_index is None and len(joined) == 7 and joined.key(1) == (7, 0, 0) and joined.key(2) == (7, 0, 0)


def test_points_are_read_by_kind(swept):
    points = read_points(swept, 0)
    assert points.class_index == 0 and set(points.actual) == {0} and set(points.image) == {0, 8}
    assert (points.kind[points.image == 8] == CLEAN_WRONG).all()
    own = points.image == 0
    assert (points.kind[own] == np.where(points.predicted[own] != 0, WRONG, CORRECT)).all()
    assert {WRONG, CORRECT} == set(points.kind[own])
    for index, sigma in enumerate((5, 90, 30)):
        there = own & (points.severity_index == index)
        assert there.sum() == 6
        assert abs(float(np.median(points.psnr[there])) - 20 * math.log10(255 / sigma)) < 4


def test_a_sweep_without_finished_parts_has_no_points(tmp_path):
    run = sweep(tmp_path / "run", SweepConfig(sigmas=(5,), copies=1))
    for part in run.parts.values():
        part.unlink()
    assert [len(read_points(run, class_index)) for class_index in (0, None)] == [0, 0]


def test_ranges_of_psnr(swept, jpeg):
    low, high = psnr_range(swept)
    assert (low, high) == pytest.approx((20 * math.log10(255 / 90) - 1, 20 * math.log10(255 / 5) + 4))
    psnr = np.concatenate([read_points(jpeg, k).psnr for k in range(3)])
    psnr = psnr[np.isfinite(psnr)]
    assert psnr_range(jpeg) == pytest.approx((psnr.min() - 1, psnr.max() + 1))
    column = SimpleNamespace(to_numpy=lambda: np.array([np.inf], np.float32))
    unchanged = SimpleNamespace(config=jpeg.config, samples=lambda columns: {"psnr": column})
    assert psnr_range(unchanged) == (0.0, 60.0)


def test_a_cloud_by_hand():
    cloud = Cloud.sort(np.float32([3, 1, 2, 2]), np.float32([0.3, 0.1, 0.2, 0.8]), np.array([10, 11, 12, 13]))
    assert cloud.x.tolist() == [1, 2, 2, 3] and cloud.places.tolist() == [11, 12, 13, 10] and len(cloud) == 4
    assert cloud.inside((1.5, 0.0, 2.5, 0.5)).tolist() == [1]
    assert cloud.inside((0, 0, 9, 1)).tolist() == [0, 1, 2, 3]
    assert cloud.inside((1, 0.25, 3, 0.9)).tolist() == [2]  # right is not in view, left is
    counts = cloud.density((0.5, 0.0, 3.5, 1.0), 3, 2)
    assert counts.tolist() == [[1, 1, 1], [0, 1, 0]]
    assert cloud.density((1.5, 0.15, 2.5, 0.25), 1, 1).tolist() == [[1]]
    many = Cloud.sort(np.zeros(70_000, np.float32), np.zeros(70_000, np.float32), np.arange(70_000))
    assert many.density((-1, -1, 1, 1), 1, 1).tolist() == [[70_000]]  # more than are counted at once
    assert cloud.nearest(2.1, 0.75, 0.1, 0.1) == (pytest.approx(math.hypot(1, 0.5), rel=1e-4), 13)
    assert cloud.nearest(2.1, 0.1, 0.1, 0.1, reach=1.5)[1] == 12
    assert cloud.nearest(2.5, 0.5, 0.1, 0.1, reach=4) is None
    assert cloud.nearest(2.5, 0.2, 0.1, 0.1, reach=5.1)[1] in (10, 12)


# --- selection ---


def test_a_filter_by_hand():
    points = points_of(
        image=[1, 2, 3, 4],
        severity_index=[0, 0, 1, 1],
        predicted=[0, 1, 0, 1],
        score=[0.0, 0.5, 0.75, 1.0],
        kind=[CORRECT, WRONG, CLEAN_WRONG, WRONG],
        psnr=[10, np.inf, 20, 30],
    )
    chosen = selection.PointFilter()
    assert (chosen.low, chosen.high, chosen.clean_wrong) == (0.0, 1.0, True)
    assert chosen.select(points).tolist() == [0, 1, 2, 3]
    assert chosen.but(low=0.5).select(points).tolist() == [1, 2, 3]
    assert chosen.but(high=0.75).select(points).tolist() == [0, 1, 2]
    assert chosen.but(clean_wrong=False).select(points).tolist() == [0, 1, 3]
    assert chosen.but(severity_index=0, predicted=0).select(points).tolist() == [0]
    assert chosen.but(image=4).select(points).tolist() == [3]
    shown = selection.Shown.of(points, chosen)
    assert shown.unchanged == 1 and shown.places.tolist() == [0, 1, 2, 3]
    assert {kind: cloud.places.tolist() for kind, cloud in shown.clouds.items()} == {
        CORRECT: [0], CLEAN_WRONG: [2], WRONG: [3],
    }  # fmt: skip
    assert (selection.Shown().unchanged, len(selection.Shown().places)) == (0, 0)


def test_how_many_are_shown_in_words():
    assert selection.shown_of(1234, 56789, 0) == "1,234 of 56,789 shown"
    assert selection.shown_of(12, 13, 4001) == "12 of 13 shown (4,001 unchanged, not drawn)"


def test_rows_within_an_outline_by_hand():
    points = points_of(actual=[0] * 5, predicted=[1, 0, 1, 1, 1], psnr=[1, 2, 3, 4, 9], score=[0.5] * 5)
    outline = np.array([(0.5, 0.0), (4.5, 0.0), (4.5, 1.0), (0.5, 1.0)])
    places = np.array([4, 3, 2, 1, 0])
    values = np.array([5.0, 5.0, 1.0, 7.0, 0.0])
    list_rows = selection.list_rows
    assert list_rows(points, places, outline, False, None, False).tolist() == [3, 2, 0]
    assert list_rows(points, places, outline, True, values, False).tolist() == [2, 1, 0, 3]
    assert list_rows(points, places, outline, True, values, True).tolist() == [3, 1, 0, 2]
    assert list_rows(points, places, None, False, values, True).tolist() == [3, 0, 2, 4]
    whole = np.array([3, 1, 3, 2, 1])
    assert selection.sort_places(places, whole, True).tolist() == [2, 0, 3, 4, 1]
    assert (selection.Order().column, selection.Order().descending) == (None, False)


def test_corners_of_an_outline():
    square = np.array([(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)])
    x, y = np.array([0.0, 1.0, 1.0, 2.0, 2.0, -1.0, 1.0]), np.array([1.0, 0.0, 2.0, 1.0, 3.0, 1.0, 1.0])
    # The even-odd rule takes left and lower edges in, right and upper ones not.
    assert selection.inside_outline(x, y, square).tolist() == [True, True, False, False, False, False, True]
    slanted = np.array([(0.0, 0.0), (4.0, 2.0), (0.0, 4.0)])
    assert selection.inside_outline(np.array([1.9, 2.1]), np.array([1.0, 1.0]), slanted).tolist() == [True, False]


# --- comparison ---


@pytest.fixture(scope="module")
def compared(swept, tmp_path_factory):
    """The sweep, and one of other sigmas by a model that takes every image for a brighter one."""

    def brighter(images):
        return brightness(np.clip(images + 40, 0, 255))

    other = sweep(
        tmp_path_factory.mktemp("values") / "other",
        SweepConfig(sigmas=(30, 5), copies=3, seed=0),
        model=classifier(brighter, "brighter"),
    )
    runs = {"a": swept, "b": other}
    return [comparison.Compared(name, run.class_names, run.measures) for name, run in runs.items()], other


def test_curves_and_headlines_by_hand(swept, compared):
    (own, _), _ = compared
    curve = comparison.curve(own)
    rows = swept.samples().to_pandas()
    right = rows.assign(right=rows.predicted == rows.class_index)
    by_sigma = right.groupby("severity").right.mean()
    assert curve.name == "a" and curve.severities.tolist() == [5, 30, 90]
    np.testing.assert_allclose(curve.accuracy, by_sigma.to_numpy())
    of_right = right[right.image != 8].groupby("severity").right.mean()
    np.testing.assert_allclose(curve.clean_correct, of_right.to_numpy())
    assert curve.ends.shape == (2, 3) and (curve.ends[0] <= curve.accuracy).all()
    headline = comparison.headline(own)
    assert (headline.name, headline.images) == ("a", 9) and headline.values["clean"] == pytest.approx(8 / 9)
    assert headline.values["accuracy"] == pytest.approx(right.right.mean()) and headline.values["severity50"] == np.inf
    calibration = swept.measures.calibration
    bins = zip(calibration.count.sum(0), calibration.correct.sum(0), calibration.score.sum(0), strict=True)
    ece = sum(count / len(rows) * abs(correct / count - score / count) for count, correct, score in bins if count)
    assert headline.values["ece"] == pytest.approx(ece)


def test_rows_of_classes_and_confusions_of_a_severity(swept, compared):
    runs, other = compared
    rows = comparison.class_rows(runs, 90, False)
    assert np.isnan(rows.recall[1]).all() and np.isnan(rows.precision[1]).all()
    np.testing.assert_array_equal(rows.recall[0], swept.class_metrics(90).recall)
    np.testing.assert_array_equal(rows.support, swept.class_metrics(90).support)
    both = comparison.class_rows(runs, 30, True)
    np.testing.assert_array_equal(both.precision[1], other.class_metrics(30, True).precision)
    renamed = comparison.Compared("c", ("x", "y", "z"), other.measures)
    assert np.isnan(comparison.class_rows([runs[0], renamed], None, False).recall[1]).all()
    none = comparison.class_rows([runs[1]], 90, False)
    assert none.support.tolist() == [0, 0, 0]
    own, theirs = confusions(runs, 90, False)
    assert own.counts.sum() == 9 * 6 and theirs.counts.shape == (3, 3) and not theirs.counts.any()
    assert confusions(runs, None, False)[1].counts.sum() == 9 * 3 * 2
    assert confusions(runs, 5, True)[0].counts.sum() == 8 * 6


def test_values_of_images_of_another_run(swept):
    values = np.arange(9.0)
    found = comparison.values_of_images(values, swept.measures, np.array([3, 99, 0]))
    place = {int(image): k for k, image in enumerate(swept.measures.images)}
    np.testing.assert_array_equal(found, [values[place[3]], np.nan, values[place[0]]])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((0.93421, np.array([0.928, 0.9405]), 1, 100.0), "93.4 (92.8–94.0)"),
        ((np.nan, np.array([0, 1]), 1), "–"), ((np.inf, None, 1), "–"), ((12.3456, None, None), "12.3"),
        ((12.3456, np.array([11.0, np.inf]), None), "12.3 (11–∞)"), ((0.5, None, 2), "0.50"),
    ],
)  # fmt: skip
def test_a_value_with_its_interval(arguments, said):
    assert comparison.interval(*arguments) == said


def test_an_image_beyond_the_grey_levels_is_told_and_shown_clipped(swept, tmp_path):
    config = SweepConfig(sigmas=(5, 300), copies=4, clip=False)
    unclipped = sweep(tmp_path / "unclipped", config)
    points = read_points(unclipped, 0)
    place = int(np.flatnonzero(points.severity_index == 1)[0])
    said = triple.triple_of_point(unclipped, points, place)
    low, high = said.degraded.min(), said.degraded.max()
    assert low < 0 and dict(said.facts[1][1])["Grey levels"] == f"{low:.1f} to {high:.1f}, shown clipped"
    np.testing.assert_array_equal(as_shown(said.degraded), np.rint(said.degraded.clip(0, 255))[..., 0])
    np.testing.assert_array_equal(rgb(said.degraded)[..., :1], np.rint(said.degraded.clip(0, 255)))
    least, most = psnr_range(unclipped)
    assert least < points.psnr.min() < 0 and points.psnr.max() < most
    assert matching.same_severities(swept, unclipped).tolist() == [-1, -1, -1]
    assert matching.same_severities(unclipped, unclipped).tolist() == [0, 1]


# --- matching ---


def test_the_same_degraded_images_in_another_sweep(swept, compared, tmp_path):
    _, other = compared
    # Each sigma has its noise by its place, and the places differ: 30 is 2 here and 0 there.
    assert matching.same_severities(swept, other).tolist() == [-1, -1, -1]
    alike = sweep(
        tmp_path / "alike", SweepConfig(sigmas=(5, 60, 30, 7), copies=4), model=classifier(fingerprint="again")
    )
    assert matching.same_severities(swept, alike).tolist() == [0, -1, 2]
    points, theirs = read_points(swept, 1), read_points(alike, 1)
    found = matching.predictions(matching.places_elsewhere(swept, points, alike, theirs), theirs)
    there = (points.severity_index != 1) & (points.copy < 4)
    np.testing.assert_array_equal(found != matching.NOT_THERE, there)
    np.testing.assert_array_equal(found[there], points.predicted[there])  # the same model by another name
    nothing = theirs.take(np.array([], int))
    nowhere = matching.places_elsewhere(swept, points, alike, nothing)
    assert (matching.predictions(nowhere, nothing) == matching.NOT_THERE).all()
    seeded = sweep(tmp_path / "seeded", SweepConfig(sigmas=(5, 90, 30), copies=6, seed=1))
    assert matching.same_severities(swept, seeded).tolist() == [-1, -1, -1]
    common = [
        sweep(tmp_path / f"common{k}", SweepConfig(sigmas=sigmas, copies=2, common_noise=True))
        for k, sigmas in enumerate([(5, 30), (30, 9, 5)])
    ]
    assert matching.same_severities(*common).tolist() == [2, 0]
    changed = dataset()
    images = changed.images.copy()
    images[3, 0, 0] += 1
    altered = sweep(tmp_path / "altered", data=replace(changed, images=images))
    places = matching.places_elsewhere(swept, points, altered, read_points(altered, 1))
    np.testing.assert_array_equal(places == matching.NOT_THERE, points.image == 3)


def test_degradations_that_are_not_drawn_are_alike_at_any_place(jpeg, tmp_path):
    other = sweep(tmp_path / "other", SweepConfig(degradation="jpeg", severities=(1, 60), seed=4))
    assert matching.same_severities(jpeg, other).tolist() == [1, -1, 0]
    assert matching.filter_for(selection.PointFilter(severity_index=2, low=0.1), jpeg, other) == selection.PointFilter(
        severity_index=0, low=0.1
    )
    assert matching.filter_for(selection.PointFilter(severity_index=1), jpeg, other) is None


# --- grids of classes ---


def test_a_grid_counts_what_a_filter_shows(swept):
    chosen = selection.PointFilter(low=0.5)
    points = read_points(swept, 0)
    low, high = psnr_range(swept)
    read = _read(swept, 0, chosen, (low, 0.0, high, 1.0 + 1e-6), 4)
    assert read.grid.total == len(points) == 36
    assert read.grid.shown == (points.score >= 0.5).sum() == sum(c.sum() for c in read.grid.counts.values())
    assert read.grid.wrong == ((points.score >= 0.5) & (points.predicted != 0)).sum()
    assert read.grid.counts[WRONG].shape == (60, 96) and read.grid.unchanged == 0
    assert read.mistakes.image.tolist() == points.image[points.predicted != 0][:4].tolist()
    assert Grid(0, {}, 5, 9, 2, 1).said == "5 of 9 shown (1 unchanged, not drawn)"


def test_a_target_and_a_mask_are_told_about_a_search(tmp_path):
    from tfstab.gui.background import Background
    from tfstab.gui.sessions.search_session import SearchSession

    data = dataset()
    data = data.select(np.flatnonzero(data.labels == 1))
    run = run_search(
        classifier(), data, SearchConfig(max_queries=100), tmp_path / "run", target=0, mask=np.ones((4, 4), bool)
    )
    about = SearchSession(run, Background()).about
    assert about == "brightness on levels (test), 6 images, seed 0, target cat [0], masked"
