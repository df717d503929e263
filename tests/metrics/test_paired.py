"""Paired differences find what is there, and no more; McNemar's test is the exact one."""

import numpy as np
import pytest
from scipy.stats import binomtest

from tfstab.metrics.paired import mcnemar, mean_difference, median_ratio

rng = np.random.default_rng(3)


def test_a_difference_that_is_the_same_for_all_images_is_certain():
    first = rng.random(50)
    d = mean_difference(first, first + 0.25)
    assert (d.value, d.low, d.high) == pytest.approx((0.25, 0.25, 0.25)) and d.sign == 1
    assert mean_difference(first, first - 0.25).sign == -1
    assert d.second - d.first == pytest.approx(d.value)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    covered = 0
    for _ in range(100):
        first = rng.random(60)
        d = mean_difference(first, first + rng.normal(0.1, 0.5, 60))
        covered += d.low <= 0.1 <= d.high
    assert 87 <= covered <= 99


def test_only_the_images_that_count_are_compared():
    first, second = np.zeros(10), np.arange(10.0)
    assert mean_difference(first, second, np.arange(10) < 3).value == 1
    assert np.isnan(mean_difference(first, second, np.zeros(10, bool)).value)


def test_a_median_ratio_does_not_care_for_scale():
    first = rng.uniform(1, 1000, 40)
    d = median_ratio(first, 1.5 * first)
    assert (d.value, d.low, d.high) == pytest.approx((1.5, 1.5, 1.5))
    apart = median_ratio(first, first * rng.lognormal(0.5, 0.2, 40))
    assert 1 < apart.low < apart.value < apart.high and apart.sign == 1
    assert median_ratio(first, 0.5 * first).sign == -1 and median_ratio(first, first).sign == 0
    assert np.isnan(median_ratio(np.empty(0), np.empty(0)).value)


def test_mcnemar_counts_the_images_that_one_alone_gets_right():
    first = np.array([True] * 20 + [False] * 9 + [True] * 5)
    second = np.array([True] * 20 + [True] * 9 + [False] * 5)
    test = mcnemar(first, second)
    assert (test.only_first, test.only_second) == (5, 9)
    assert test.p_value == binomtest(5, 14).pvalue
    assert mcnemar(first, first).p_value == 1
