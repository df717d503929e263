"""The engine `labels`: what a belief learns, against its whole covariance, and the prior that follows the slope."""

import numpy as np
import pytest
from scipy.stats import norm as normal

from tfstab.search.basis import Basis
from tfstab.search.engines.labels.belief import OUTLIERS, Belief
from tfstab.search.engines.labels.spread import LEAST, STRENGTH, refined


class Dense:
    """A Gaussian belief about gradient and offset that holds its whole covariance, updated as textbooks say."""

    def __init__(self, scale):
        self.mean, self.covariance = np.zeros(len(scale) + 1), np.diag(np.append(scale, 0.0) ** 2)

    def _along(self, move, noise):
        seen = np.append(move, 1.0)
        return self.covariance @ seen, seen @ self.covariance @ seen + noise**2, seen @ self.mean

    def label(self, move, beyond, noise):
        along, variance, expected = self._along(move, noise)
        sign, share = (-1 if beyond else 1), 1 - 2 * OUTLIERS
        sure = sign * expected / np.sqrt(variance)
        pull = share * normal.pdf(sure) / (OUTLIERS + share * normal.cdf(sure))
        self.mean += sign * pull / np.sqrt(variance) * along
        self.covariance -= pull * (pull + sure) / variance * np.outer(along, along)

    def reach(self, move, noise):
        along, variance, expected = self._along(move, noise)
        self.mean -= expected / variance * along
        self.covariance -= np.outer(along, along) / variance

    def agrees(self, belief, scale, moves):
        np.testing.assert_allclose(belief.gradient, self.mean[:-1], atol=1e-4)
        np.testing.assert_allclose(belief.gaps(moves), moves @ self.mean[:-1] + self.mean[-1], atol=1e-4)
        np.testing.assert_allclose(belief.learnt, 1 - np.diag(self.covariance)[:-1] / scale**2, atol=1e-4)


def test_a_belief_is_that_of_the_whole_covariance():
    rng, scale = np.random.default_rng(0), np.array([0.7, 0.1, 0.4, 0.2, 0.5])
    belief, dense = Belief(scale, 50), Dense(scale)
    tried = rng.normal(size=(4, 5)).astype(np.float32)
    for offset, forget in ((0.3, 0.4), (0.1, 0.0), (0.2, 0.25)):
        moves, beyond, noise = rng.normal(size=(3, 5)).astype(np.float32), rng.random(3) < 0.5, rng.uniform(0.1, 0.6, 3)
        belief.label(moves, beyond, noise)
        for one in zip(moves, beyond, noise, strict=True):
            dense.label(*one)
        dense.agrees(belief, scale, tried)
        belief.reach(moves[0] / 2, 0.3)
        dense.reach(moves[0] / 2, 0.3)
        dense.agrees(belief, scale, tried)
        wider = scale * rng.uniform(0.5, 2, 5)
        belief.rescale(wider)
        ratio = np.append(wider / scale, 1)
        dense.covariance *= ratio[:, None] * ratio
        scale = wider
        dense.agrees(belief, scale, tried)
        np.testing.assert_allclose(belief.scale, scale, rtol=1e-6)
        belief.move(offset, forget)
        dense.covariance = (1 - forget) * dense.covariance + forget * np.diag(np.append(scale, 0) ** 2)
        dense.covariance[-1] = dense.covariance[:, -1] = dense.mean[-1] = 0
        dense.covariance[-1, -1] = offset**2
        dense.agrees(belief, scale, tried)


def test_the_oldest_of_too_many_observations_is_forgotten_and_a_move_of_no_length_says_nothing():
    belief, moves = Belief(np.ones(4), 2), np.eye(4, dtype=np.float32)
    for move in moves[:3]:
        belief.reach(move, 0.5)
    np.testing.assert_allclose(belief.learnt, [0, 0.8, 0.8, 0], rtol=1e-6)  # of 1, 0.25 / (1 + 0.25) remains
    belief.reach(0 * moves[0], 0.0)
    belief.label(0 * moves[:1], np.array([True]), np.zeros(1))
    assert not belief.gradient.any() and np.isfinite(belief.learnt).all()


@pytest.mark.parametrize("axis", ["place", "band", "colour"])
def test_a_group_whose_slopes_are_twice_as_steep_is_expected_to_be_as_far_as_it_is_known(axis):
    """Its sum of squares counts, and besides as many coefficients as `STRENGTH` says for the prior."""
    basis = Basis((32, 32, 3))
    before, count = basis.prior / basis.prior.sum(), len(basis.prior)
    groups = {
        "place": basis.place, "band": np.floor(2 * np.log2(1 + 2 * basis.frequency)).astype(int), "colour": basis.colour
    }[axis]  # fmt: skip
    squares = before * np.where(groups == 2, 4.0, 1.0)
    total = squares.sum()
    found, usual = (np.bincount(groups, values) + STRENGTH * total / count for values in (squares, before * total))
    expected = before * (found / usual)[groups]
    np.testing.assert_allclose(
        refined(before, basis, np.sqrt(squares), np.ones(count)), expected / expected.sum(), rtol=0.02
    )
    half = refined(before, basis, np.sqrt(squares), np.full(count, 0.5))
    np.testing.assert_allclose(half, refined(before, basis, np.sqrt(squares), np.ones(count)), rtol=0.2)
    little = refined(before, basis, np.append(np.sqrt(squares)[:-1], 0), np.full(count, 1e-9))
    np.testing.assert_allclose(little, before, rtol=0.15)


def test_no_variance_falls_below_the_least():
    basis = Basis((8, 8, 1))
    before = np.append(np.ones(63), 1e-9)
    found = refined(before / before.sum(), basis, np.sqrt(before), np.ones(64))
    assert found.sum() == pytest.approx(1) and found.min() * 64 == pytest.approx(LEAST, rel=0.01)
