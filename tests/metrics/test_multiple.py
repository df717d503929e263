"""Holm's correction: the closed test that it is, and what it promises."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tfstab.metrics.multiple import holm


@given(st.lists(st.floats(0, 1), max_size=12))
def test_the_smallest_p_values_are_corrected_most(p):
    adjusted = holm(p)
    for k, own in enumerate(
        p
    ):  # rejected at its adjusted p-value, but at no smaller level, step by step from the smallest
        ordered = np.sort(p)
        steps = [(len(p) - j) * value for j, value in enumerate(ordered) if value <= own]
        assert adjusted[k] == min(1, max(steps))


def test_tests_that_could_not_be_made_do_not_count():
    nan = float("nan")
    assert np.allclose(holm([nan, 0.02, nan, 0.03]), [nan, 0.04, nan, 0.04], equal_nan=True)
    assert np.isnan(holm([nan])).all() and holm([]).shape == (0,)
