"""Corrections for several tests: Holm's, which is a closed test, and the decisions of tables; what they promise."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tfstab.metrics.multiple import decided, holm
from tfstab.metrics.paired import mean_difference, median_ratio


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


def test_between_equal_networks_hardly_ever_is_one_called_better():
    """Two networks that are right under 18 degradations equally often, but not on the same images."""
    rng, trials, alone, together = np.random.default_rng(0), 300, 0, 0
    for _ in range(trials):
        ease = rng.normal(size=(1, 300)) + rng.normal(size=(2, 1, 300))  # an image may suit one of the networks
        right = ease + rng.normal(size=(2, 18, 300)) > np.linspace(-2, 2, 18)[:, None]
        pairs = [mean_difference(right[0, k], right[1, k]) for k in range(18)]
        alone += any(pair.sign for pair in pairs)
        together += any(decided(pairs))
    assert together / trials < 0.05 and alone / trials > 0.2


def test_a_decision_is_that_of_the_wider_interval():
    rng = np.random.default_rng(1)
    pairs = [(rng.random((2, 80)) < [[0.6], [share]]) for share in np.linspace(0.1, 1, 12)]
    wider = [mean_difference(a, b, confidence=1 - 0.05 / 12).sign for a, b in pairs]
    nothing = mean_difference(np.zeros(0), np.zeros(0))
    assert decided([nothing, *(mean_difference(a, b) for a, b in pairs)]) == [0, *wider]
    assert {-1, 0, 1} == set(wider) and decided([]) == []
    sizes = np.arange(1.0, 21)
    assert decided([median_ratio(sizes, sizes / 2), median_ratio(sizes, sizes)]) == [-1, 0]
