"""Differences at the confidence that each of many comparisons needs: decided more often, wrong no more often."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom, multinomial

from tfstab.metrics.bounded_mean import mean_ends, mean_p_value, two_sided_p_value
from tfstab.metrics.differences import difference_interval, difference_p_value
from tfstab.metrics.multiple import decided
from tfstab.metrics.paired import mean_difference

ONE_OF_152 = 1 - 0.05 / 152
# Of 93 images, 53 are better by a fifth to three fifths, 5 worse by a fifth, and 35 equal: on average +15.3 points.
CHANGES = np.repeat([0.6, 0.4, 0.2, -0.2, 0.0], [6, 12, 35, 5, 35])
# By how much each of 97 images is worse: 39 by a fifth to three fifths, 58 not at all; 11.7 points on average.
CHANGES_OF_SIGNS = np.repeat([0.6, 0.4, 0.2, 0.0], [4, 10, 25, 58])
differences = st.lists(st.sampled_from([-1.0, -0.25, 0, 0, 0.1, 0.25, 0.5, 1]), min_size=1, max_size=120).map(np.array)


def test_a_clear_difference_is_decided_among_152():
    d = mean_difference(np.zeros(93), CHANGES)
    unchanged = [mean_difference(np.zeros(93), np.zeros(93))] * 151
    assert decided([d, *unchanged]) == [1, *[0] * 151]
    without = difference_interval(d.value, d.variance, 93, ONE_OF_152)
    low, high = (getattr(mean_difference(np.zeros(93), CHANGES, confidence=ONE_OF_152), end) for end in ("low", "high"))
    assert without[0] < 0 < low < d.low and d.high < high <= without[1]
    assert (d.low, d.high) == tuple(difference_interval(d.value, d.variance, 93)), "at 95 %, nothing is different"
    assert d.p_value < float(difference_p_value(d.value, d.variance, 93))


@given(differences, st.sampled_from([0.9, 0.95, 0.9975, ONE_OF_152]))
def test_an_interval_agrees_with_the_p_value_both_ways_round_and_widens_with_the_confidence(d, confidence):
    none = np.zeros(len(d))
    one, back = mean_difference(none, d, confidence=confidence), mean_difference(d, none, confidence=confidence)
    assert (one.low, one.high, one.p_value) == pytest.approx((-back.high, -back.low, back.p_value))
    assert -1 <= one.low <= one.value <= one.high <= 1
    assert (one.p_value < 1 - confidence) == (one.sign != 0)
    wider = mean_difference(none, d, confidence=1 - (1 - confidence) / 3)
    assert wider.low <= one.low and one.high <= wider.high
    percent = mean_difference(none, 100 * d, confidence=confidence, largest=100)
    assert (percent.low, percent.high, percent.p_value) == pytest.approx((100 * one.low, 100 * one.high, one.p_value))


@pytest.mark.parametrize("images", [12, 60])
@pytest.mark.parametrize("lost", [0.02, 0.1, 0.2, 0.4])
def test_equal_networks_are_hardly_ever_told_apart_if_one_rarely_loses_all(images, lost):
    """All that is gained on most images is lost on a few: the exact probability of a decision, among 20 and 152."""
    gain = lost / (1 - lost)
    losses = np.arange(images + 1)
    p = [mean_difference(np.zeros(images), np.where(np.arange(images) < k, -1, gain)).p_value for k in losses]
    for level in (0.05 / 20, 0.05 / 152):
        assert binom.pmf(losses, images, lost)[np.array(p) < level].sum() <= level


@pytest.mark.parametrize("shares", [(0.3, 0.3, 0.4), (0.1, 0.2, 0.7), (0.02, 0.04, 0.94)])
def test_the_bound_of_the_p_value_holds_for_fewer_images_too(shares):
    """Differences of +1, -0.5 and 0, by the exact probability of each sample of 15 images, with the mean taken off."""
    values, images = np.array([1, -0.5, 0]), 15
    counts = np.array([(a, b, images - a - b) for a in range(images + 1) for b in range(images + 1 - a)])
    centred = (values - values @ shares) / (1 + abs(values @ shares))  # within -1..1, and 0 on average
    p = np.array([two_sided_p_value(np.repeat(centred, count)) for count in counts])
    for level in (0.05, 0.05 / 20, 0.05 / 152):
        assert multinomial.pmf(counts, images, shares)[p < level].sum() <= level


def test_two_networks_that_are_right_on_different_images_are_compared_on_100_000():
    """Each is right on about half of the images and wrong where the other one is right."""
    first = np.arange(100_000) < 49_600
    d = mean_difference(first, ~first)
    assert d.value == pytest.approx(0.008) and 0.01 < d.p_value <= d.p_bound < 0.012


def test_a_fall_that_no_image_contradicts_is_decided_among_228():
    """Of 97 images, 39 lose 0.29 of their copies on average and none gains any, as road signs under pixelation did."""
    fall = mean_difference(CHANGES_OF_SIGNS, np.zeros(97))
    unchanged = [mean_difference(np.zeros(97), np.zeros(97))] * 227
    assert decided([fall, *unchanged]) == [-1, *[0] * 227]
    assert mean_difference(CHANGES_OF_SIGNS, np.zeros(97), confidence=1 - 0.05 / 228).high < 0
    rare = CHANGES_OF_SIGNS.copy()
    rare[-3:] = -1  # three images are won completely
    assert decided([mean_difference(rare, np.zeros(97)), *unchanged]) == [0] * 228


def test_with_two_values_the_test_and_the_interval_are_exact():
    for n, k in ((20, 15), (5, 0), (10, 10), (300, 170), (1000, 900)):
        values = np.repeat([1.0, -1.0], [k, n - k])
        assert mean_p_value(values) == pytest.approx(binom.sf(k - 1, n, 0.5), rel=1e-5)
    ends = mean_ends(np.repeat([1.0, -1.0], [70, 30]), 0.99, np.array([-1.0, 1.0]), np.array([0.4, 0.4]))
    assert (1 + ends) / 2 == pytest.approx([beta.ppf(0.005, 70, 31), beta.ppf(0.995, 71, 30)])


@given(differences)
def test_the_p_value_is_the_probability_of_a_mean_with_random_weights(d):
    random = np.random.default_rng(0)
    weights = random.exponential(size=(4000, len(d) + 1))
    weighted = weights @ np.append(d, -1.0)
    assert mean_p_value(d) == pytest.approx((weighted <= 0).mean(), abs=0.04)
