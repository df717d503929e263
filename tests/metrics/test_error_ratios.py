"""Intervals of corruption errors: Fieller's, wide enough where few images differ, and without an end if need be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfstab.metrics.error_ratios import error_ratio, mean_error_ratio

Z2 = 1.959963984540054**2


def test_the_interval_of_one_ratio_by_its_definition():
    """It has all r for which the mean of part - r * whole is not significantly different from 0, by brute force."""
    rng = np.random.default_rng(0)
    part, whole = rng.random(50) < 0.3, rng.random(50) < 0.4
    e = error_ratio(part * 1.0, whole * 1.0)
    r = np.linspace(0, 5, 50_001)
    rest = part[:, None] - r * whole[:, None]
    largest = np.maximum(1, r)
    inside = rest.mean(axis=0) ** 2 <= Z2 / 50 * (rest.var(axis=0) + Z2 / 50 * largest**2)
    assert e.value == part.sum() / whole.sum()
    assert (e.low, e.high) == pytest.approx((r[inside].min(), r[inside].max()), abs=2e-4)


@pytest.mark.parametrize("images", [60, 400])
def test_two_equal_networks_are_not_known_to_be_equal(images):
    wrong = (np.arange(images) % 2 == 0).astype(float)
    e = error_ratio(wrong, wrong)
    assert e.value == 1 and e.high - e.low > 4 / images
    assert e.low == pytest.approx(1 / e.high)  # which of the two is the baseline changes nothing


def test_six_images_set_no_upper_end():
    wrong = np.array([1.0, 1, 0, 0, 0, 0])
    e = error_ratio(wrong, wrong)
    assert (e.value, e.low, e.high) == (1, 0, np.inf)


def test_a_network_without_errors_has_a_ratio_of_zero():
    whole = np.array([0.5, 0.5, 0.5, 0] * 100)
    e = error_ratio(0 * whole, whole)
    assert e.value == e.low == 0 and 0.02 < e.high < 0.03  # 3.84 / 400 of a mean of 3 / 8


def test_a_baseline_without_errors_gives_no_interval():
    e, nothing = error_ratio(np.ones(9), np.zeros(9)), error_ratio(np.zeros(9), np.zeros(9))
    assert e.value == np.inf and np.isnan([e.low, e.high, nothing.value, nothing.low]).all()
    assert np.isnan(mean_error_ratio(np.ones((9, 2)), np.zeros((9, 2))).value)


def test_the_mean_is_over_the_cases_in_which_the_baseline_errs():
    first = np.array([[1, 0.5, 0.5], [0, 1, 1], [0, 0, 1]])
    second = np.array([[1, 0, 1], [1, 0, 0], [0, 0, 0.0]])
    assert mean_error_ratio(first, second).value == pytest.approx((1 / 2 + 2.5) / 2)
    alike = mean_error_ratio(np.repeat(first[:, :1], 4, axis=1), np.repeat(second[:, :1], 4, axis=1))
    assert vars(alike) == pytest.approx(vars(error_ratio(first[:, 0], second[:, 0])))


@given(st.integers(1, 40), st.integers(1, 4), st.integers(0, 999))
def test_the_value_lies_within_its_interval(images, cases, seed):
    rng = np.random.default_rng(seed)
    scale = rng.choice([1.0, 0.1, 0.0], cases)
    first, second = scale * rng.random((images, cases)), np.rint(rng.random((images, cases)))
    for e in (
        mean_error_ratio(first, second),
        mean_error_ratio(first - second, second - rng.random((images, 1)), least=-np.inf),
    ):
        assert np.isnan(e.value) or e.low <= e.value <= e.high


@pytest.mark.parametrize("images", [6, 60, 400])
@pytest.mark.parametrize(("apart", "harder"), [(0.01, 0.0), (0.5, -0.8), (0.5, 0.8)])
def test_the_interval_contains_the_truth(images, apart, harder):
    """Of networks that differ on 1 % of the images, or strongly: in 95 % of the samples, by four standard errors."""

    def errors(rng, shape):
        hardness, other = rng.standard_normal((2, *shape, 1)) + 0.5 * rng.standard_normal((2, *shape, 3))
        mine = np.where(rng.random((*shape, 1)) < apart, other, hardness) + harder
        return (mine > [0.3, 0.6, 1]).astype(float), (hardness > [0.3, 0.6, 1]).astype(float)

    first, second = errors(np.random.default_rng(1), (200_000,))
    truth = (first.mean(axis=0) / second.mean(axis=0)).mean()
    found = [mean_error_ratio(*pair) for pair in zip(*errors(np.random.default_rng(2), (400, images)), strict=True)]
    held = [e.low <= truth <= e.high for e in found if np.isfinite(e.value)]
    assert len(held) > 200 and np.mean(held) > 0.95 - 4 * np.sqrt(0.95 * 0.05 / len(held))
