"""Paired differences and ratios: intervals that cover, p-values that agree, and how many pairs would decide."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from tfstab.errors import InputError
from tfstab.metrics.differences import difference_interval
from tfstab.metrics.equivalence import equivalence
from tfstab.metrics.independent import independent_difference
from tfstab.metrics.intervals import percentile_interval
from tfstab.metrics.kept import Kept
from tfstab.metrics.paired import kept_difference, mcnemar, mean_difference, median_ratio

rng = np.random.default_rng(3)
shares = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=300).map(np.array)


@given(shares, st.integers(0, 9))
def test_a_differences_p_value_agrees_with_its_interval_both_ways_round(first, seed):
    second = np.random.default_rng(seed).choice([first, np.minimum(first + 0.1, 1), first[::-1]])
    d, back = mean_difference(first, second), mean_difference(second, first)
    assert (d.value, d.low, d.high, d.p_value) == pytest.approx((-back.value, -back.high, -back.low, back.p_value))
    assert (d.p_value < 0.05) == (d.sign != 0) and -1 <= d.low <= d.value <= d.high <= 1 and d.low < d.high
    assert d.second - d.first == pytest.approx(d.value) and d.count == len(first)


# A network is worse on a few images only, by as much as can be; on the others both are equal, or it is slightly better.
POPULATIONS = {
    "0.5 % hard images": ([-1, 0], [0.005, 0.995]),
    "0.5 % hard images, others better": ([-1, 0.01], [0.005, 0.995]),
    "0.3 % hard images, others better, equal on average": ([-1, 0.003 / 0.997], [0.003, 0.997]),
    "most pairs equal": ([1, -1, 0], [0.03, 0.01, 0.96]),
    "all differ": ([1, 0, -1], [0.5, 0.3, 0.2]),
}


@pytest.mark.parametrize("name", POPULATIONS)
@pytest.mark.parametrize("images", [50, 200, 1000])
def test_intervals_of_differences_hold_the_truth(name, images):
    values, shares = (np.array(x, float) for x in POPULATIONS[name])
    draws = np.random.default_rng(0).multinomial(images, shares, 5000)
    mean = draws @ values / images
    low, high = difference_interval(mean, draws @ values**2 / images - mean**2, images)
    truth = values @ shares
    assert (low > truth).mean() <= 0.034 and (high < truth).mean() <= 0.034  # 2.5 % each, four standard deviations


def test_the_percentile_bootstrap_would_not():
    values, shares = (np.array(x, float) for x in POPULATIONS["0.5 % hard images"])
    draws = np.random.default_rng(0).multinomial(200, shares, 300)
    covered = 0
    for drawn in draws:
        low, high = percentile_interval(np.random.default_rng(1).multinomial(200, drawn / 200, 300) @ values / 200)
        covered += low <= values @ shares <= high
    assert covered / 300 < 0.75


def test_only_the_images_that_count_are_compared():
    first, second = np.zeros(10), np.arange(10) / 10
    assert mean_difference(first, second, np.arange(10) < 3).value == pytest.approx(0.1)
    nothing = mean_difference(first, second, np.zeros(10, bool))
    assert np.isnan([nothing.value, nothing.p_value, nothing.needed()]).all() and nothing.sign == nothing.count == 0


def test_nothing_differs_where_no_difference_is_possible():
    d = mean_difference(np.ones(4), np.ones(4), largest=0)
    assert d.low == d.value == d.high == 0


def test_percentages_are_shares_on_another_scale():
    first, second = rng.random(60), rng.random(60)
    share, percent = mean_difference(first, second), mean_difference(100 * first, 100 * second, largest=100)
    assert (percent.low, percent.high) == pytest.approx((100 * share.low, 100 * share.high))
    assert (percent.p_value, percent.needed()) == pytest.approx((share.p_value, share.needed()))
    with pytest.raises(InputError, match=r"a difference is 1\.5, but `largest` is 1"):
        mean_difference(np.zeros(3), np.array([0, -1.5, 1]))


def test_accuracy_kept_with_all_images_right_is_a_share():
    images, whole = np.arange(80), np.ones(80)
    parts = rng.random((2, 80))
    d, kept = mean_difference(*parts), kept_difference(*(Kept(images, part, whole) for part in parts))
    assert (kept.value, kept.low, kept.high, kept.p_value) == pytest.approx((d.value, d.low, d.high, d.p_value))
    nothing = kept_difference(Kept(images, 0 * whole, 0 * whole), Kept(images, parts[0], whole))
    assert np.isnan([nothing.value, nothing.p_value, nothing.needed()]).all()


def test_a_difference_of_what_is_kept_by_hand():
    """2/3 and 3/4; influences (4, -8, 4, 0) / 9 and (1, -1, 0, 0) / 2; the smaller mean of the wholes is 1/2."""
    first = Kept(np.arange(4), np.array([1.0, 0, 1, 0]), np.array([1.0, 1, 1, 0]))
    second = Kept(np.arange(4), np.array([1.0, 0.5, 0, 0]), np.array([1.0, 1, 0, 0]))
    d, back = kept_difference(first, second), kept_difference(second, first)
    assert (d.value, d.variance, d.largest) == pytest.approx((1 / 12, 114 / 18**2 / 4, 2))
    assert (back.value, back.variance, back.largest) == pytest.approx((-d.value, d.variance, 2))


def test_differences_of_two_data_sets_vary_as_both_together():
    """The squared half widths of independent samples add up; a difference of differences is at most the sum of both."""
    one = mean_difference(np.zeros(50), np.arange(50) < 5)
    other = mean_difference(np.zeros(200), np.arange(200) % 4 * 0.5, largest=2)
    d = independent_difference(one, other)
    half = np.hypot(one.high - one.value, other.high - other.value)
    assert (d.first, d.second, d.count) == (one.value, other.value, 250)
    assert (d.value, d.low, d.high) == pytest.approx((0.65, 0.65 - half, 0.65 + half))
    least = mean_difference(np.zeros(2), np.array([-2, -1]), largest=2)
    assert independent_difference(mean_difference(np.zeros(1), np.ones(1)), least).low == -3
    equal = independent_difference(one, mean_difference(np.zeros(400), np.arange(400) < 44))
    assert equal.low < 0 < equal.high and equal.p_value > 0.05 > d.p_value
    nothing = independent_difference(one, mean_difference(np.zeros(0), np.zeros(0)))
    assert np.isnan([nothing.value, nothing.low, nothing.p_value]).all() and nothing.count == 50


def test_images_without_a_whole_do_not_narrow_the_interval_of_what_is_kept():
    whole = np.arange(1000) < 50  # right when clean: only these can keep anything
    all_kept = Kept(np.arange(1000), whole.astype(float), whole.astype(float))
    d, right = kept_difference(all_kept, all_kept), mean_difference(np.ones(50), np.ones(50))
    assert (d.low, d.high) == pytest.approx((right.low, right.high))


def test_a_ratio_that_is_not_a_number_is_refused():
    known, unknown = np.ones(7), np.array([2, 2, 2, 2, 2, 2, np.nan])
    for compared in (median_ratio, equivalence):
        with pytest.raises(InputError, match="pair 6 is not a number"):
            compared(known, unknown)


def test_as_many_pairs_as_are_needed_decide_four_times_in_five():
    values, shares = np.array([1, -1, 0]), np.array([0.06, 0.04, 0.9])
    first, second = np.repeat([0, 1, 0], [60, 40, 900]), np.repeat([1, 0, 0], [60, 40, 900])
    needed = mean_difference(first, second).needed()
    draws = np.random.default_rng(0).multinomial(int(needed), shares, 4000)
    mean = draws @ values / needed
    low, _ = difference_interval(mean, draws @ values**2 / needed - mean**2, needed)
    assert (low > 0).mean() == pytest.approx(0.8, abs=0.03)
    assert np.isinf(mean_difference(first, first).needed())
    larger = 0
    ratios = np.where(np.arange(100) < 62, 1.2, 0.8)
    needed = median_ratio(np.ones(100), ratios).needed()
    for _ in range(300):
        larger += median_ratio(np.ones(int(needed)), rng.choice(ratios, int(needed))).sign == 1
    assert larger / 300 == pytest.approx(0.8, abs=0.07) and np.isinf(median_ratio(ratios, ratios).needed())


@given(st.lists(st.sampled_from([0.5, 0.8, 0.95, 1.0, 1.02, 1.3, np.inf]), min_size=1, max_size=60).map(np.array))
def test_p_values_of_ratios_agree_with_their_intervals(ratios):
    r, e = median_ratio(np.ones(len(ratios)), ratios), equivalence(np.ones(len(ratios)), ratios)
    assert (r.p_value < 0.05) == (r.sign != 0) and r.low <= r.value <= r.high
    assert (e.p_value < 0.05) == e.unchanged and r.low <= e.low <= e.high <= r.high
    assert (e.p_not_larger < 0.05) == (e.high < e.bound) and (e.p_not_smaller < 0.05) == (e.low > 1 / e.bound)


def test_a_median_ratio_does_not_care_for_scale():
    first = rng.uniform(1, 1000, 40)
    d = median_ratio(first, 1.5 * first)
    assert (d.value, d.low, d.high) == pytest.approx((1.5, 1.5, 1.5))
    apart = median_ratio(first, first * rng.lognormal(0.5, 0.2, 40))
    assert 1 < apart.low < apart.value < apart.high and apart.sign == 1
    assert median_ratio(first, 0.5 * first).sign == -1 and median_ratio(first, first).p_value == 1
    assert np.isnan(
        [median_ratio(np.empty(0), np.empty(0)).value, median_ratio(np.empty(0), np.empty(0)).p_value]
    ).all()


@pytest.mark.parametrize("pairs", [6, 10, 30])
def test_intervals_of_median_ratios_hold_the_truth(pairs):
    missed = 0
    for _ in range(600):
        r = median_ratio(np.ones(pairs), rng.lognormal(0.1, 0.5, pairs))
        missed += not r.low <= np.exp(0.1) <= r.high
    assert missed / 600 <= 0.075  # 5 %, and three standard deviations


def test_only_enough_images_show_that_nothing_changed():
    ratios = np.tile([0.93, 0.98, 1.02, 1.03, 1.15], 20)
    few, many = (equivalence(np.ones(n), ratios[:n]) for n in (5, 100))
    assert not few.unchanged and many.unchanged and many.count == 100
    assert few.count < few.needed() <= many.count
    wide, off = equivalence(np.ones(100), ratios, bound=1.01), equivalence(np.ones(100), 1.2 * ratios)
    assert not wide.unchanged and not off.unchanged and off.p_not_smaller < 0.001 and np.isinf(off.needed())
    nothing = equivalence(np.empty(0), np.empty(0))
    assert np.isnan([nothing.value, nothing.p_value, nothing.needed()]).all() and not nothing.unchanged
    with pytest.raises(InputError, match="above 1"):
        equivalence(ratios, ratios, bound=0.9)


def test_ratios_at_a_bound_are_beyond_it_and_how_many_pairs_would_decide_by_hand():
    """The numbers of pairs are those of `sign_pairs`, for two tails and a power of 80 %, or one and 90 %."""
    at_bounds = equivalence(np.ones(4), np.array([1.1, 1.1, 1 / 1.1, 1.0]))
    assert (at_bounds.above, at_bounds.below, at_bounds.count) == (2, 1, 4)
    for at in (1.1, 1 / 1.1):
        assert not equivalence(np.ones(20), np.full(20, at)).unchanged
    for above, unchanged in ((3, True), (4, False)):  # so few of 15 happen in 1.8 and 5.9 of 100 cases
        assert equivalence(np.ones(15), np.repeat([1.2, 1], [above, 15 - above])).unchanged == unchanged
    with pytest.raises(InputError, match="the bound is 1; expected a ratio above 1"):
        equivalence(np.ones(4), np.ones(4), bound=1)
    ratio = median_ratio(np.ones(10), np.repeat([2, 0.5, 1], [6, 3, 1]))
    assert (ratio.needed(), ratio.first, ratio.second) == (194, 1, 2)
    assert equivalence(np.ones(10), np.repeat([2, 1, 0.5], [2, 7, 1])).needed() == 20


def test_mcnemar_counts_the_images_that_one_alone_gets_right():
    first = np.array([True] * 20 + [False] * 9 + [True] * 5)
    second = np.array([True] * 20 + [True] * 9 + [False] * 5)
    test = mcnemar(first, second)
    assert (test.only_first, test.only_second) == (5, 9)
    assert test.p_value == binomtest(5, 14).pvalue
    assert mcnemar(first, first).p_value == 1


def test_an_end_of_a_ratio_shows_on_which_side_of_1_it_lies():
    ratios = np.r_[np.full(20, 0.88), np.full(20, 0.9964), 0.9999]
    found = median_ratio(np.ones(41), ratios)
    assert found.sign == -1 and found.high < 1, "less is enough"
    assert found.ends(2) == "0.88 to 0.996"
    assert median_ratio(np.ones(9), np.ones(9)).ends(2) == "1.00 to 1.00"
