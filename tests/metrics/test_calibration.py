"""The expected calibration error against a loop over bins."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfstab.metrics import Calibration

predictions = st.lists(st.tuples(st.floats(0, 1, width=32), st.booleans()), min_size=1, max_size=80)


@given(predictions)
def test_the_error_is_that_of_a_loop(pairs):
    score, correct = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    expected, edges = 0.0, np.linspace(0, 1, 16)
    for low, high in pairwise(edges):
        inside = (score > low) & (score <= high) | (score == 0) & (low == 0)
        if inside.any():
            expected += inside.mean() * abs(correct[inside].mean() - score[inside].mean())
    assert Calibration.of(score, correct).error[0] == pytest.approx(expected, abs=1e-12)


@given(predictions, predictions)
def test_groups_and_sums_are_the_same_as_all_at_once(one, other):
    score, correct = np.array([p[0] for p in one + other]), np.array([p[1] for p in one + other])
    group = np.repeat([0, 1], [len(one), len(other)])
    both = Calibration.of(score, correct, group, 2)
    parts = [Calibration.of(score[group == g], correct[group == g], g, 2) for g in (0, 1)]
    np.testing.assert_allclose(Calibration.sum(parts, 2).error, both.error, atol=1e-12)
    assert np.array_equal(both.count.sum(axis=1), [len(one), len(other)])


def test_perfect_confident_wrong_and_none():
    assert Calibration.of(np.full(10, 0.7), np.arange(10) < 7).error[0] == pytest.approx(0)
    assert Calibration.of(np.ones(10), np.zeros(10, bool)).error[0] == 1
    assert np.isnan(Calibration.sum([], 2).error).all()
    assert Calibration.of(np.array([0.5]), np.array([True])).count.shape == (1, 15)
