"""The projection is the least noise that reaches the linearised boundary within grey levels."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, minimize

from tfstab.search.norm import L2

project = L2().project


@given(st.integers(0, 2**32), st.floats(0.01, 0.9))
def test_it_agrees_with_a_general_solver(seed, share):
    rng = np.random.default_rng(seed)
    pixels = rng.choice([0.0, 255.0, 13.0, 120.0, 250.0], 6)
    gradient = rng.normal(size=6)
    reachable = -gradient @ np.where(gradient > 0, -pixels, 255 - pixels)
    assume(reachable > 1)
    excess = share * reachable
    found = project(pixels, gradient, excess)
    assert gradient @ found <= -excess * (1 - 1e-5)
    assert (pixels + found >= -1e-9).all() and (pixels + found <= 255 + 1e-9).all()
    solved = minimize(
        lambda r: r @ r,
        np.zeros(6),
        jac=lambda r: 2 * r,
        method="trust-constr",
        bounds=Bounds(-pixels, 255 - pixels),
        constraints=LinearConstraint(gradient, -np.inf, -excess),
        options={"gtol": 1e-10, "maxiter": 2000},
    )
    assert np.linalg.norm(found) <= np.linalg.norm(solved.x) * 1.01 + 1e-3


def test_a_boundary_that_is_behind_needs_no_noise():
    assert not project(np.full(4, 100.0), np.ones(4), -1.0).any()


def test_a_projection_by_hand():
    pixels, gradient = np.array([250.0, 100, 100, 0]), np.array([-3.0, -4, 0, 1])
    # 20 = 3 a + 4 b: nearest is in proportion, with a below 5.
    np.testing.assert_allclose(L2().project(pixels, gradient, 20.0), [2.4, 3.2, 0, 0], rtol=1e-6)
    np.testing.assert_allclose(L2().project(pixels, gradient, 55.0), [5, 10, 0, 0], rtol=1e-6)
    np.testing.assert_allclose(L2().project(pixels, gradient, 1e6), [5, 155, 0, 0])  # as near as it gets
    assert not L2().project(pixels, gradient, 0.0).any()
    assert L2().project(pixels.astype(np.float32), gradient, 20.0).dtype == np.float32
