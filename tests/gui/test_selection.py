"""Filtering, picking and sorting points, without a window."""

import numpy as np
import pytest

from tfstab import open_run
from tfstab.gui.content.points import CLEAN_WRONG, SweepPoints, psnr_range, read_points
from tfstab.gui.content.selection import PointFilter, Shown, inside_outline, list_rows, sort_places


@pytest.fixture
def run(runs):
    return open_run(runs / "sweep")


@pytest.fixture
def points(run):
    return SweepPoints.join([read_points(run, k) for k in range(10)])


@pytest.mark.parametrize("changes", [
    {}, {"severity_index": 1}, {"predicted": 3}, {"low": 0.4, "high": 0.8}, {"clean_wrong": False},
    {"severity_index": 2, "predicted": 8, "low": 0.5},
])  # fmt: skip
def test_a_filter_keeps_what_it_says(points, changes):
    chosen = PointFilter(**changes)
    expected = [
        n
        for n in range(len(points))
        if chosen.severity_index in (None, points.severity_index[n])
        and chosen.predicted in (None, points.predicted[n])
        and chosen.low <= points.score[n] <= chosen.high
        and (chosen.clean_wrong or points.kind[n] != CLEAN_WRONG)
    ]
    shown = Shown.of(points, chosen)
    assert shown.places.tolist() == expected
    assert sorted(np.concatenate([c.places for c in shown.clouds.values()]).tolist()) == expected
    for cloud in shown.clouds.values():
        assert (np.diff(cloud.x) >= 0).all() and np.array_equal(points.score[cloud.places], cloud.y)


def test_one_image(points):
    image = int(points.image[500])
    assert set(points.image[PointFilter(image=image).select(points)]) == {image}


def test_rows_are_mistakes_unless_asked(points):
    places = PointFilter().select(points)
    rows = list_rows(points, places, None, False, None, False)
    assert len(rows) and (points.predicted[rows] != points.actual[rows]).all()
    assert len(list_rows(points, places, None, True, None, False)) == len(points)


@pytest.mark.parametrize("name", ["score", "predicted", "image"])
@pytest.mark.parametrize("descending", [False, True])
def test_sorting_keeps_equal_rows_in_their_order(points, name, descending):
    values = getattr(points, name)
    places = np.random.default_rng(0).permutation(len(points))
    expected = sorted(places.tolist(), key=lambda n: -float(values[n]) if descending else float(values[n]))
    assert sort_places(places, values, descending).tolist() == expected


def test_what_is_no_number_is_sorted_last():
    values = np.array([2.0, np.nan, 1.0])
    assert sort_places(np.arange(3), values, False).tolist() == [2, 0, 1]
    assert sort_places(np.arange(3), values, True).tolist() == [0, 2, 1]


def test_a_lasso_may_turn_inwards():
    outline = np.array([(0, 0), (4, 0), (4, 4), (2, 1), (0, 4)])  # a notch from above
    x, y = np.array([1, 2, 2, 3, 5]), np.array([1, 0.5, 3, 2, 1])
    assert inside_outline(x, y, outline).tolist() == [True, True, False, True, False]


def test_every_psnr_is_within_the_range_of_the_multiples(run, points):
    low, high = psnr_range(run)
    assert low < points.psnr.min() and points.psnr.max() < high


def test_first_failure_is_the_least_sigma_that_fails(run, points):
    failing = dict(zip(run.measures.images.tolist(), run.measures.failing_severity().tolist(), strict=True))
    for image in run.measures.images.tolist():
        place = points.first_failure(image, run.config.distances)
        wrong = points.predicted[place] != points.actual[place]
        assert wrong == np.isfinite(failing[image])
        if wrong and failing[image] > 0:
            assert run.severities[points.severity_index[place]] == failing[image]
    assert points.first_failure(10**6, run.config.distances) is None
