"""The certificate of randomised smoothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from tfstab.metrics import certified_radius, largest_radius
from tfstab.metrics.certificate import fewest_copies


@given(st.integers(1, 300), st.floats(0, 1), st.floats(0.1, 100), st.integers(1, 20))
def test_it_is_cohens_with_the_error_divided(copies, share, sigma, comparisons):
    votes = round(share * copies)
    test = binomtest(votes, copies, alternative="greater")
    p = test.proportion_ci(1 - 0.001 / comparisons, method="exact").low
    expected = sigma * norm.ppf(p) if p > 0.5 else 0
    radius = float(certified_radius(votes, copies, sigma, 0.999, comparisons))
    assert radius == pytest.approx(expected, rel=1e-5, abs=1e-6 * sigma)


@given(st.integers(2, 300), st.floats(0.6, 0.9999), st.integers(1, 20))
def test_more_votes_never_certify_less(copies, confidence, comparisons):
    radii = certified_radius(np.arange(copies + 1), copies, 1.0, confidence, comparisons)
    assert (np.diff(radii) >= 0).all() and (radii[: copies // 2 + 1] == 0).all()
    assert radii[-1] == largest_radius(copies, confidence, comparisons)
    assert (certified_radius(np.arange(copies + 1), copies, 1.0, confidence, comparisons + 1) <= radii).all()


def test_the_cap_of_the_papers_150_copies():
    assert largest_radius(150) == pytest.approx(norm.ppf(0.001 ** (1 / 150))) == pytest.approx(1.695, abs=1e-3)
    assert largest_radius(150, comparisons=12) == pytest.approx(1.549, abs=1e-3)
    assert certified_radius(150, 150, 40, comparisons=12) == pytest.approx(40 * 1.549, abs=0.02)


def test_the_fewest_copies_are_those_whose_unanimous_votes_reach_more_than_one_half():
    for comparisons in (1, 5):
        fewest = fewest_copies(comparisons=comparisons)
        assert (
            largest_radius(fewest, comparisons=comparisons) > 0 == largest_radius(fewest - 1, comparisons=comparisons)
        )
    assert fewest_copies() == 10  # 2 ** 10 is above 1 / 0.001


def test_a_linear_classifiers_radius_is_not_exceeded():
    """For w.x > 0 the smoothed classifier is the classifier, and its true radius the distance to the plane."""
    rng, sigma, distance = np.random.default_rng(0), 2.0, 1.5
    votes = (distance + sigma * rng.standard_normal((2000, 150)) > 0).sum(axis=1)
    radii = certified_radius(votes, 150, sigma, confidence=0.95)
    assert 0.5 < np.median(radii) < distance
    assert (radii > distance).mean() <= 0.06
