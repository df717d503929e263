"""Flatness and noisy copies of images from arrays made by hand."""

import numpy as np
import pytest
from arrays_by_hand import flat
from scipy.special import ndtr

from made_runs import made_search, made_sweep
from tfstab import SweepConfig
from tfstab.explanation.flatness import CLIPPED, FEW, flatness_of_runs, spearman
from tfstab.explanation.noisy_copies import copies_of_explanation, copies_of_sweep


def test_a_correlation_has_the_interval_of_bonett_and_wright():
    found = spearman(np.arange(8.0), np.array([1.0, 0, 3, 2, 5, 4, 7, 6]))
    rho = 1 - 6 * 8 / (8 * 63)  # each of the eight ranks is 1 beside the other
    width = 1.959964 * np.sqrt((1 + rho**2 / 2) / 5)
    ends = np.tanh(np.arctanh(rho) - width), np.tanh(np.arctanh(rho) + width)
    assert (found.value, found.low, found.high) == pytest.approx((rho, *ends))
    opposite = spearman(np.arange(4.0), -np.arange(4.0))
    assert opposite.value == pytest.approx(-1) and opposite.low == pytest.approx(-1) and -1 < opposite.high < -0.99
    assert 0.99 < spearman(np.arange(4.0), np.arange(4.0)).low < 1


def test_an_implied_distance_comes_from_the_errors_if_three_copies_fail_and_three_do_not():
    found = flat([[2], [3], [10], [17], [18]], np.full(5, 30.0))
    quantile = 1.0364334  # of 0.85
    np.testing.assert_allclose(found.implied[:, 0], [20, 10 * quantile, 0, -10 * quantile, 20], atol=1e-5)
    np.testing.assert_allclose(found.ratio[:, 0], [1.5, 3 / quantile, np.inf, np.inf, 1.5], atol=1e-5)
    figures = found.figures(0)
    tiny = flat([[2], [3], [10], [17], [18]], np.full(5, 0.3), (0.1,), 0.1)
    np.testing.assert_allclose(tiny.ratio, found.ratio)
    assert tiny.figures(0).beyond == 2
    assert (figures.images, figures.beyond, figures.sigma) == (5, 2, 10) and figures.ratio.value == found.ratio[1, 0]


@pytest.mark.parametrize(
    ("other", "known"),
    [({"count": 10}, True), ({"count": 9}, False), ({"saturated": True}, False), ({"deviation": 0.0}, False)],
)
def test_margins_of_few_saturated_or_equal_copies_imply_nothing(other, known):
    found = flat([[0]], [30.0], **other)
    assert np.isfinite(found.by_margin).all() == known == found.comparable().all()
    assert found.flags[FEW].any() == (not known and "saturated" not in other)


def test_images_of_which_more_than_15_percent_is_clipped_are_flagged():
    found = flat([[0], [0]], [30.0, 0], clipped=[[0.15], [0.16]])
    assert found.flags[CLIPPED].tolist() == [[False], [True]]
    assert found.comparable().tolist() == [[True], [False]] and np.isnan(found.minimum[1]), "no noise of length 0"


def test_the_headline_by_hand():
    sigmas = (5.0, 10, 20, 30)
    nothing = np.zeros((4, 4), int)
    assert flat(nothing, [9.0] * 4, sigmas, sigma=14).headline == 1, "10 is nearer to 14 than 20, by the quotient"
    assert flat(nothing, [9.0] * 4, sigmas, sigma=15).headline == 2
    beyond = nothing.copy()
    beyond[0, 1] = 12
    assert flat(beyond, [9.0] * 4, sigmas).headline == 1, "a quarter of the images may be beyond the boundary"
    beyond[1, 1] = 12
    assert flat(beyond, [9.0] * 4, sigmas).headline == 0
    clipped = np.zeros((4, 4))
    clipped[:2, 1] = 1
    assert flat(nothing, [9.0] * 4, sigmas, clipped=clipped).headline == 1, "half of the images are enough"
    clipped[2, 1] = 1
    assert flat(nothing, [9.0] * 4, sigmas, clipped=clipped).headline == 0
    assert flat(nothing, [np.nan] * 4, sigmas).headline == 1
    assert flat(nothing[:, :2], [9.0] * 4, (0.1, 10.0), sigma=0.12).headline == 0
    assert flat(nothing[:2, :2], [9.0] * 2, (10.0, 40.0), clipped=[[0, 0], [1, 0]]).headline == 0, "one of two"


def test_the_copies_of_an_explanation_by_hand():
    margins = np.array([[[1.0, -1, 3], [0, -2, -4]]])
    found = copies_of_explanation({"margins": margins, "clipped": np.array([[0.1, 0.2]])})
    assert found.count.tolist() == [[3, 3]] and found.failed.tolist() == [[1, 2]] and not found.saturated.any()
    np.testing.assert_allclose(found.mean, [[1, -2]])
    np.testing.assert_allclose(found.deviation, [[2, 2]])


def test_the_copies_of_a_sweep_by_hand(tmp_path):
    """Predicted classes have a score of 0.7, the true class of a wrong copy 0.1, rivals of clean images 0.15."""
    predicted = np.zeros((3, 2, 4), int)
    predicted[0, 1, :2] = 1
    predicted[1] = 1
    predicted[2] = 2
    sweep = made_sweep(tmp_path / "sweep", SweepConfig(sigmas=(10, 40), copies=4), predicted, labels=[0, 1, 0])
    found = copies_of_sweep(sweep, np.array([2, 0, 1]))
    assert found.count.tolist() == [[4, 4]] * 3 and found.failed.tolist() == [[4, 4], [0, 2], [0, 0]]
    right, wrong = np.log(0.7 / 0.3) + np.log(2), np.log(0.1 / 0.7)
    np.testing.assert_allclose(found.mean, [[wrong] * 2, [right, (right + wrong) / 2], [right] * 2], atol=1e-5)
    apart = (right - wrong) / 2 * np.sqrt(4 / 3)
    np.testing.assert_allclose(found.deviation, [[0, 0], [0, apart], [0, 0]], atol=1e-5)
    levels = 102, 100, 101
    clipped = [[ndtr(-level / s) + ndtr((level - 255) / s) for s in (10, 40)] for level in levels]
    np.testing.assert_allclose(found.clipped, clipped, atol=1e-12)
    for image, row in ((0, 1), (2, 0)):
        alone = copies_of_sweep(sweep, np.array([image]))  # which does not look at the other image of the class
        assert alone.count.tolist() == [[4, 4]] and alone.failed[0].tolist() == found.failed[row].tolist()
        np.testing.assert_allclose(alone.mean[0], found.mean[row])
    whole = made_sweep(tmp_path / "whole", SweepConfig(sigmas=(40,), copies=1, clip=False), np.zeros((1, 1, 1), int))
    one = copies_of_sweep(whole, np.array([0]))
    assert not one.clipped.any() and np.isnan(one.deviation).all() and one.mean == pytest.approx(right, abs=1e-5)


@pytest.mark.parametrize(("surely", "saturated"), [(2, False), (3, True)])
def test_margins_are_not_known_if_more_than_a_tenth_of_the_scores_are_1(surely, saturated, tmp_path, monkeypatch):
    monkeypatch.setattr("made_runs.SURE", 1.0)
    predicted = np.where(np.arange(20) < surely, 0, 1)[None, None]
    sweep = made_sweep(tmp_path / "sweep", SweepConfig(sigmas=(10,), copies=20), predicted)
    assert copies_of_sweep(sweep, np.array([0])).saturated.all() == saturated
    found = flatness_of_runs(sweep, made_search(tmp_path / "search", [9.0]))
    assert found.minimum == 9 and found.sigma == 10
