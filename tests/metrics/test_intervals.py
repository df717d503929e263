"""Bounds of shares against SciPy; the bootstrap against what it stands for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from tfstab.metrics import clopper_pearson_lower, percentile_interval, ratio, resample, resampled_sums


@given(st.integers(1, 400), st.floats(0, 1), st.floats(0.5, 0.99999))
def test_the_lower_bound_is_clopper_and_pearsons(trials, share, confidence):
    successes = round(share * trials)
    expected = binomtest(successes, trials, alternative="greater").proportion_ci(confidence, method="exact").low
    assert float(clopper_pearson_lower(successes, trials, confidence)) == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_bounds_of_many_counts_at_once():
    counts = np.arange(151).reshape(151, 1)
    bounds = clopper_pearson_lower(counts, 150, np.array([0.95, 0.999]))
    assert bounds.shape == (151, 2)
    assert (np.diff(bounds, axis=0) > 0).all() and (bounds[1:, 1] < bounds[1:, 0]).all()
    assert (bounds < counts / 150).sum() == 300 and not bounds[0].any()


@given(st.integers(1, 60), st.integers(1, 30), st.integers(0, 9))
def test_each_resample_draws_as_many_as_there_are(units, resamples, seed):
    weights = resample(units, resamples, seed)
    assert weights.shape == (resamples, units) and (weights.sum(axis=1) == units).all()
    assert np.array_equal(weights, resample(units, resamples, seed))


def test_sums_over_resamples_are_those_of_the_whole_product():
    weights, values = resample(30, 250, 1), np.random.default_rng(0).integers(0, 9, (30, 4))
    np.testing.assert_array_equal(resampled_sums(weights, values), weights.astype(np.int64) @ values)
    np.testing.assert_array_equal(resampled_sums(weights, values[:, 0]), weights.astype(np.int64) @ values[:, 0])


@given(st.lists(st.integers(0, 20), min_size=1, max_size=60), st.integers(0, 5))
def test_an_interval_contains_the_estimate(correct, seed):
    correct = np.array(correct)
    replicates = ratio(resample(len(correct), 400, seed) @ correct, np.full(400, 20 * len(correct)))
    low, high = percentile_interval(replicates)
    assert 0 <= low <= correct.sum() / (20 * len(correct)) <= high <= 1


def test_the_interval_covers_the_truth_where_copies_depend_on_each_other():
    """Images that fail with all of their copies or none: 95 % of the intervals should hold the true share, 0.8.

    Counting copies as independent would give intervals sqrt(20) times too narrow.
    """
    rng, held = np.random.default_rng(1), 0
    for seed in range(200):
        correct = 20 * (rng.random(100) < 0.8)
        low, high = percentile_interval((resample(100, 400, seed) @ correct) / 2000)
        held += low <= 0.8 <= high
    assert 0.89 <= held / 200 <= 0.99


def test_infinite_and_missing_replicates():
    some = np.array([[1.0, np.nan, np.nan], [2.0, 5.0, np.nan], [np.inf, 6.0, np.nan]])
    np.testing.assert_array_equal(percentile_interval(some), [[1, 5, np.nan], [np.inf, 6, np.nan]])
