"""sigma50 and the area on curves whose values are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfstab.metrics import area_under_curve, sigma50

SIGMAS = np.array([10.0, 20.0, 40.0])


def test_known_curves():
    assert sigma50(SIGMAS, np.array([1.0, 0.5, 0.1]), 1.0) == 20  # a swept sigma
    assert sigma50(SIGMAS, np.array([0.9, 0.7, 0.3]), 1.0) == pytest.approx(30)  # between two
    assert sigma50(SIGMAS, np.array([0.2, 0.1, 0.1]), 0.8) == pytest.approx(10 * 2 / 3)  # below the first
    assert sigma50(SIGMAS, np.array([0.4, 0.8, 0.3]), 0.8) == 10  # the first crossing counts
    assert sigma50(SIGMAS, np.array([0.8, 0.8, 0.41]), 0.8) == np.inf
    assert sigma50(SIGMAS, np.array([0.8, 0.4, 0.1]), 0.8, lost=0.1) == pytest.approx(12)
    assert sigma50(SIGMAS, np.array([0.9, 0.5, 0.5]), 1.0) == 20  # it need not fall below the half
    assert sigma50(SIGMAS, np.zeros(3), 1.0) == 5  # all is lost at the first sigma
    assert np.isnan(sigma50(SIGMAS, np.array([0.4, np.nan, 0.1]), 1.0))  # even if the crossing is known
    assert np.isnan(sigma50(SIGMAS, np.zeros(3), 0.0)) and np.isnan(sigma50(SIGMAS, np.array([1, np.nan, 0]), 1.0))
    assert area_under_curve(SIGMAS, np.ones(3), 1.0) == 1
    assert area_under_curve(SIGMAS, 1 - SIGMAS / 40, 1.0) == pytest.approx(0.5)


@given(st.floats(0.1, 1), st.floats(1, 39), st.permutations(range(40)))
def test_a_straight_line_crosses_where_it_should_in_any_order(clean, crossing, order):
    sigmas = np.arange(1.0, 41)[order]
    accuracy = clean * (1 - sigmas / (2 * crossing))
    assert sigma50(sigmas, accuracy, clean) == pytest.approx(crossing)
    assert area_under_curve(sigmas, accuracy, clean) == pytest.approx(clean * (1 - 10 / crossing))


def test_many_curves_at_once():
    accuracy = np.array([[0.9, 0.7, 0.3], [1.0, 1.0, 1.0], [1.0, 0.5, 0.1]])
    np.testing.assert_allclose(sigma50(SIGMAS, accuracy, np.ones(3)), [30, np.inf, 20])
    assert area_under_curve(SIGMAS, accuracy, np.ones(3)).shape == (3,)
