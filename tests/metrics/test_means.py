"""The interval of a mean of shares: what it equals, what it contains, and how often it covers the truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from tfstab.errors import InputError
from tfstab.metrics import half_width, images_needed, interval_of_moments, least_half_width, mean_interval

SHARES = st.lists(st.integers(0, 12), min_size=1, max_size=60).map(lambda right: np.array(right) / 12)


@given(st.integers(0, 300), st.integers(1, 300), st.floats(0.5, 0.999))
def test_of_right_and_wrong_images_it_is_clopper_and_pearsons(right, total, confidence):
    right = min(right, total)
    expected = binomtest(right, total).proportion_ci(confidence, method="exact")
    given = np.arange(total) < right
    np.testing.assert_allclose(mean_interval(given, confidence=confidence), expected, rtol=1e-6, atol=1e-9)


@given(SHARES)
def test_it_contains_the_mean_and_mirrors_with_the_shares(shares):
    low, high = mean_interval(shares)
    assert 0 <= low <= shares.mean() <= high <= 1 and high - low > 0
    np.testing.assert_allclose(mean_interval(1 - shares), [1 - high, 1 - low], atol=1e-9)
    assert half_width(shares) == pytest.approx(max(high - shares.mean(), shares.mean() - low))


@given(SHARES, st.integers(0, 20))
def test_images_that_agree_more_with_each_other_give_a_narrower_interval(shares, seed):
    """Copies of an image that differ carry more than copies that agree: coins of the same shares are the worst case."""
    coins = (np.random.default_rng(seed).random(len(shares)) < 0.5).astype(float)
    same_mean = interval_of_moments(coins.mean(), coins.var() / 2, len(coins))
    assert np.diff(same_mean) <= np.diff(mean_interval(coins)) + 1e-12
    assert np.diff(mean_interval(np.tile(shares, 4))) < np.diff(mean_interval(shares))


@given(SHARES, st.integers(1, 5))
def test_equal_weights_change_nothing_and_images_without_weight_do_not_count(shares, weight):
    expected = mean_interval(shares)
    np.testing.assert_allclose(mean_interval(shares, np.full(len(shares), weight)), expected)
    more, weights = np.append(shares, np.nan), np.append(np.ones(len(shares)), 0)
    np.testing.assert_allclose(mean_interval(more, weights), expected)
    np.testing.assert_allclose(mean_interval(np.stack([more, 1 - more], axis=1), weights)[:, 0], expected)


@pytest.mark.parametrize(
    ("mean", "variance", "trials"), [(0.5, 0.01, 900), (0.5, 0.25, 100), (0.25, 0.08375, 200), (0.25, 9, 100)]
)
def test_images_whose_shares_lie_close_together_count_as_more(mean, variance, trials):
    """100 images and two unseen ones: if (25 + 2) / (1 + 2) = 9, they are as good as 900 trials."""
    expected = binomtest(int(mean * trials), trials).proportion_ci(0.9, method="exact")
    np.testing.assert_allclose(interval_of_moments(mean, variance, 100, 0.9), expected)


def test_weighted_images_by_hand():
    """Mean (1 + 2 + 1) / 6; squared distances 1/9, 4/9, 1/9 and 1/36, weighted 1, 1, 4, 4; 6 ** 2 / 10 images."""
    found = mean_interval([1, 0, 1, 0.5], [1, 1, 2, 2])
    np.testing.assert_allclose(found, interval_of_moments(2 / 3, 1.11111111111 / 10, 3.6))


def test_no_images_have_no_interval():
    assert np.isnan(mean_interval(np.empty((0, 3)))).all() and mean_interval(np.empty((0, 3))).shape == (2, 3)
    assert np.isnan(mean_interval([0.5], [0])).all() and half_width([]) == np.inf


@given(SHARES, st.floats(0.004, 0.3))
def test_the_images_needed_are_the_fewest_that_give_the_precision(shares, precision):
    needed = images_needed(shares, precision)

    def width(images):
        low, high = interval_of_moments(shares.mean(), shares.var(), images)
        return max(high - shares.mean(), shares.mean() - low)

    assert width(needed) <= precision and (needed == 1 or width(needed - 1) > precision)


@pytest.mark.parametrize("images", [3, 4])
def test_a_half_width_that_is_reached_exactly_is_enough(images):
    shares = np.linspace(0, 1, images)
    assert images_needed(shares, half_width(shares)) == images
    assert images_needed([1], 0.98) == 1


def test_the_chance_part_by_hand():
    """Of 0.25 each, of which 0.25 / (draws - 1) are chance; a share of one draw is 0 or 1, and has no chance part."""
    shares, draws = [0.5, 0.0, 0.5, 1.0], [2, 1, 6, 1]
    variance = 0.125 - (0.25 + 0.05) / 4
    low, _ = interval_of_moments(0.5, variance, 4)
    assert least_half_width(shares, draws) == pytest.approx(0.5 - low)
    low, _ = interval_of_moments(0.5, 0, 3)
    assert least_half_width([0.5] * 3, [2] * 3) == pytest.approx(0.5 - low)


@pytest.mark.parametrize("copies", [12, 24])
def test_more_copies_go_no_further_than_the_images_differ(copies):
    """Estimated from few copies, it is the half width that very many copies of the same images have."""
    rng = np.random.default_rng(0)
    p = rng.beta(1.2, 0.8, 2000)
    expected = half_width(rng.binomial(10_000, p) / 10_000)
    shares = rng.binomial(copies, p) / copies
    assert least_half_width(shares, np.full(2000, copies)) == pytest.approx(expected, rel=0.03)
    assert half_width(shares) > 1.03 * expected


def test_images_that_differ_by_chance_alone_become_as_precise_as_the_unseen_ones_allow():
    shares = np.random.default_rng(1).binomial(12, 0.5, 3000) / 12
    low, _ = interval_of_moments(shares.mean(), 0, 3000)
    assert least_half_width(shares, np.full(3000, 12)) == pytest.approx(shares.mean() - low, rel=0.2)
    assert least_half_width([1, 0], [1, 1]) <= half_width([1, 0]) and least_half_width([], []) == np.inf


def test_a_precision_of_nothing_is_refused():
    with pytest.raises(InputError, match="precision is 0; expected a number above 0"):
        images_needed([1, 0], 0)


@pytest.mark.parametrize(("images", "hard"), [(100, 0.005), (300, 0.005), (200, 0.05), (100, 0.5)])
def test_it_covers_the_truth_where_few_images_are_hard(images, hard):
    """Of 12 copies an easy image has each right with 99 %, a hard one none. The bootstrap covers 40 to 90 % here."""
    rng, times = np.random.default_rng(3), 2000
    right = np.where(rng.random((times, images)) < hard, 0, rng.binomial(12, 0.99, (times, images)))
    low, high = mean_interval((right / 12).T)
    truth = 0.99 * (1 - hard)
    assert ((low <= truth) & (truth <= high)).mean() >= 0.94
