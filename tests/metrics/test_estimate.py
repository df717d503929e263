"""Estimates of shares and ratios: what intervals must satisfy, and how often they hold the truth."""

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, norm

from tfstab.metrics import interval_of_moments, mean_interval
from tfstab.metrics.differences import difference_interval
from tfstab.metrics.estimate import accuracy_of, mean_of_groups, normal_quantile
from tfstab.metrics.kept import Kept, estimate, estimate_each, estimate_mean, share_of
from tfstab.metrics.median import estimate_median

values = st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), min_size=1, max_size=80).map(np.array)


@given(values, st.floats(0.5, 0.999))
def test_an_interval_holds_its_value_and_widens_with_confidence(shares, confidence):
    e, wider = share_of(shares, confidence), share_of(shares, (1 + confidence) / 2)
    assert 0 <= e.low <= e.value <= e.high <= 1 and e.value == pytest.approx(shares.mean())
    assert e.high - e.low > 0  # even if no failure was seen
    assert wider.low <= e.low + 1e-12 and wider.high >= e.high - 1e-12


@given(values, st.floats(0.5, 0.999))
def test_a_share_has_the_interval_of_a_mean(shares, confidence):
    e = share_of(shares, confidence)
    assert (e.low, e.high) == pytest.approx(tuple(mean_interval(shares, confidence=confidence)))


def test_a_ratio_of_single_trials_is_a_share_of_what_was_there():
    clean = np.arange(100) < 80
    right = np.arange(100) < 60
    e, share = estimate(Kept(np.arange(100), right * 1.0, clean * 1.0)), share_of(right[clean])
    assert (e.value, e.low, e.high) == pytest.approx((share.value, share.low, share.high))


def test_a_mean_of_ratios_knows_which_images_they_share():
    rng = np.random.default_rng(0)
    clean = (rng.random(800) < 0.8) * 1.0
    one = Kept(np.arange(800), clean * rng.random(800), clean)
    other = Kept(np.arange(800) + 800, one.part, one.whole)
    single, same, apart = estimate(one), estimate_mean([one, one]), estimate_mean([one, other])
    assert (same.value, same.low, same.high) == pytest.approx((single.value, single.low, single.high))
    width = (apart.high - apart.low) / (single.high - single.low)
    assert width == pytest.approx(np.sqrt(0.5), abs=0.02)


def test_several_ratios_at_once_are_those_on_their_own():
    rng = np.random.default_rng(3)
    clean, parts = rng.random(40) < 0.8, rng.random((40, 3))
    for column, part in zip(estimate_each(parts, clean, 0.99).T, parts.T, strict=True):
        e = estimate(Kept(np.arange(40), part, clean * 1.0), 0.99)
        assert tuple(column) == pytest.approx((e.value, e.low, e.high))
    assert np.isnan(estimate_each(parts, np.zeros(40, bool))).all()


def test_one_image_that_keeps_all_has_the_interval_of_one_trial():
    part = np.array([[1.0], [0.0]])
    expected = share_of(np.ones(1))
    assert estimate_each(part, part[:, 0])[:, 0] == pytest.approx((1, expected.low, 1)) and expected.low > 0


# Of `there` images that are right when clean, `kept` stay right, and of as many others `gained` become right. By hand:
# the value v = (kept + gained) / there, and the variance (kept (1 - v) ** 2 + (there - kept) v ** 2 + gained) / there.
GAINS = {
    "a share of fewer images, as it varies 1.8 times as much": (100, 30, 20, interval_of_moments(0.5, 0.25, 100 / 1.8)),
    "a share whose high end is that of the normal distribution": (
        400, 340, 20, [interval_of_moments(0.9, 0.09, 200)[0], 0.9 + norm.ppf(0.975) * np.sqrt(0.18 / 400)]
    ),
    "a mean difference on both sides of 1": (100, 97, 3, 1 + difference_interval(0, 0.06, 100)),
    "a mean difference from 1": (300, 300, 100, 1 + difference_interval(1 / 3, 4 / 9, 300, largest=4 / 3)),
}  # fmt: skip


@pytest.mark.parametrize("name", GAINS)
def test_what_is_kept_when_some_images_gain_by_hand(name):
    there, kept, gained, expected = GAINS[name]
    whole = np.repeat([1.0, 0.0], there)
    part = np.repeat([1.0, 0, 1, 0], [kept, there - kept, gained, there - gained])
    value, low, high = estimate_each(part[:, None], whole)[:, 0]
    assert (value, low, high) == pytest.approx(((kept + gained) / there, *expected))
    e, mean = (
        estimate_mean([Kept(np.arange(len(whole)), kept, whole) for kept in parts])
        for parts in ([part], [part, part.clip(0, whole)])
    )
    assert (e.value, e.low, e.high) == pytest.approx((value, low, high))
    assert mean.low < mean.value < mean.high


def test_no_gain_is_needed_to_keep_all():
    """Images that keep exactly what they had do not gain, so the interval is that of a share."""
    whole = np.repeat([1.0, 0.0], [50, 30])
    kept = np.repeat([1.0, 0.0], [49, 31])
    for e in (estimate_each(kept[:, None], whole)[:, 0], astuple(estimate(Kept(np.arange(80), kept, whole)))):
        assert tuple(e) == pytest.approx((0.98, *mean_interval(kept[:50])))


def test_one_ratio_that_gains_lets_their_mean_exceed_one():
    """A ratio of 1 with nothing gained, and one of 4 / 3: their mean is 7 / 6, its squared influences those of half."""
    whole, image = np.repeat([1.0, 0.0], [300, 100]), np.arange(400)
    e = estimate_mean([Kept(image, whole, whole), Kept(image, np.ones(400), whole)])
    expected = 1 + difference_interval(1 / 6, 1 / 9, 300, largest=7 / 6)
    assert astuple(e) == pytest.approx((7 / 6, *expected))


@pytest.mark.parametrize(("right", "wrong"), [(0.9, 0.08), (0.9, 0.1), (0.7, 0.4)])
def test_intervals_hold_when_degradation_makes_wrong_images_right(right, wrong):
    """Half of the images are right when clean; `right` and `wrong`: how often these and the others are right then."""
    rng, images, trials = np.random.default_rng(7), 300, 400
    clean = (rng.random((trials, images)) < 0.5) * 1.0
    parts = (rng.random((trials, images)) < np.where(clean > 0, right, wrong)) * 1.0
    truth, place = right + wrong, np.arange(images)
    several = [estimate(Kept(place, part, whole)) for part, whole in zip(parts, clean, strict=True)]
    below, above = (np.mean([e.low > truth for e in several]), np.mean([e.high < truth for e in several]))
    assert below <= 0.045 and above <= 0.045
    assert estimate_each(parts[:1].T, clean[0])[:, 0].tolist() == [several[0].value, several[0].low, several[0].high]


@pytest.mark.parametrize("nothing", [[], [Kept(np.arange(3), np.zeros(3), np.zeros(3))]])
def test_nothing_to_keep_has_no_estimate(nothing):
    assert np.isnan([estimate_mean(nothing).value, estimate_mean(nothing).low]).all()


def test_a_mean_over_families_with_fewer_images_is_as_certain_as_the_fewest_allow():
    """A family that was tested on the first 100 of 400 images, each right or wrong for both alike."""
    right = (np.arange(400) % 4 > 0) * 1.0
    many, few = (Kept(np.arange(n), right[:n], np.ones(n)) for n in (400, 100))
    e = estimate_mean([many, few])
    # The first 100 images count 1/400 + 1/100 each, divided by 2; the others 1/800.
    spread = 0.75 * 0.25 * (100 * (1 / 800 + 1 / 200) ** 2 + 300 * (1 / 800) ** 2)
    assert (e.value, e.low, e.high) == pytest.approx((0.75, *interval_of_moments(0.75, 100 * spread, 100)))
    alone = estimate(few)
    assert alone.low < e.low < e.value < e.high < alone.high


def test_the_share_of_right_images_has_wilsons_interval():
    e = accuracy_of(np.arange(50) < 45)
    expected = binomtest(45, 50).proportion_ci(method="wilson")
    assert (e.value, e.low, e.high) == pytest.approx((0.9, expected.low, expected.high))
    assert normal_quantile(0.95) == pytest.approx(norm.ppf(0.975))


@pytest.mark.parametrize("n", [1, 5, 6, 20, 31])
def test_the_medians_interval_covers_by_counting(n):
    e = estimate_median(np.arange(1.0, n + 1))
    assert e.value == (n + 1) / 2
    if n < 6:  # all values may lie on one side of the median more often than in 5 of 100 samples
        assert (e.low, e.high) == (0, np.inf)
    else:
        assert 1 - 2 * binom.cdf(e.low - 1, n, 0.5) >= 0.95 > 1 - 2 * binom.cdf(e.low, n, 0.5)
        assert e.high == n + 1 - e.low


def test_values_known_only_to_be_large_leave_a_median():
    e = estimate_median(np.array([*range(1, 15), np.inf, np.inf, np.inf]))
    assert e.value == 9 and e.high == 13
    assert estimate_median(np.array([1.0, np.inf])).value == 1
    assert estimate_median(np.array([1.0, np.inf, np.inf])).value == np.inf
    assert estimate_median(np.array([1.0, 2.0]), 0.5).high == np.inf  # one of two is not rarer than the level
    assert np.isnan(estimate_median(np.empty(0)).value)


@pytest.mark.parametrize("kind", ["rare failures", "graded", "one copy"])
def test_intervals_hold_the_truth(kind):
    rng, below, above = np.random.default_rng(2), 0, 0
    for _ in range(600):
        clean = (rng.random(60) < 0.9) * 1.0
        kept = {
            "rare failures": (rng.random(60) > 0.03) * 1.0,
            "graded": rng.beta(2, 1, 60),
            "one copy": (rng.random(60) < 0.6) * 1.0,
        }[kind]
        e = estimate(Kept(np.arange(60), clean * kept, clean))
        truth = {"rare failures": 0.97, "graded": 2 / 3, "one copy": 0.6}[kind]
        below, above = below + (e.low > truth), above + (e.high < truth)
    assert below / 600 <= 0.045 and above / 600 <= 0.045  # 2.5 % each, and three standard deviations of 600 trials


@pytest.mark.parametrize(
    ("images", "recalls"),
    [([5, *[300] * 9], [0.8, *[0.98] * 9]), ([1, *[200] * 9], [0.5, *[0.99] * 9]), ([40] * 10, [0.99] * 10)],
)
def test_the_interval_of_a_mean_recall_holds_even_if_all_images_of_a_small_class_are_right(images, recalls):
    rng, truth, missed = np.random.default_rng(2), np.mean(recalls), np.zeros(2)
    for _ in range(300):
        e = mean_of_groups([rng.random(n) < recall for n, recall in zip(images, recalls, strict=True)])
        missed += truth < e.low, truth > e.high
    assert (missed / 300 < 0.025 + 3 * np.sqrt(0.025 * 0.975 / 300)).all()
