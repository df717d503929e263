"""The projection is the least noise that reaches the linearised boundary within grey levels."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linprog, minimize

from tfstab.errors import InputError
from tfstab.search.norm import L0, L1, L2, Linf, get_norm, in_words, sized

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


NORMS = {"linf": Linf(), "l1": L1()}


@given(st.integers(0, 2**32), st.floats(0.01, 0.999), st.sampled_from(["linf", "l1"]))
def test_linf_and_l1_agree_with_linear_programming(seed, share, name):
    rng, norm = np.random.default_rng(seed), NORMS[name]
    pixels = rng.choice([0.0, 255.0, 13.0, 120.0, 250.0], 6)
    gradient = rng.normal(size=6) * rng.integers(0, 2, 6)
    reachable = -gradient @ np.where(gradient > 0, -pixels, 255 - pixels)
    assume(reachable > 1)
    excess = share * reachable
    found = norm.project(pixels, gradient, excess)
    assert gradient @ found == pytest.approx(-excess, rel=1e-9)
    assert (pixels + found >= -1e-9).all() and (pixels + found <= 255 + 1e-9).all()
    # The variables are r (6,) and a bound of each |r|: one for all values (linf), or one for each (l1).
    bounds = np.ones((6, 1)) if name == "linf" else np.eye(6)
    count = bounds.shape[1]
    solved = linprog(
        np.concatenate((np.zeros(6), np.ones(count))),
        A_ub=np.block([[np.eye(6), -bounds], [-np.eye(6), -bounds], [gradient, np.zeros(count)]]),
        b_ub=np.concatenate((np.zeros(12), [-excess])),
        bounds=[*zip(-pixels, 255 - pixels, strict=True), *[(0, None)] * count],
    )
    assert norm.length(found) == pytest.approx(solved.fun, rel=1e-6, abs=1e-6)


def test_projections_by_hand_in_linf_and_l1():
    pixels, gradient = np.array([250.0, 100, 100, 0]), np.array([-3.0, -4, 0, 1])
    # In linf all move alike: 21 = (3 + 4) * 3, and beyond 5 the first has reached its limit. In l1 the largest slope
    # goes first: 155 * 4 = 620 is what it can give.
    for norm, excess, expected in (
        (Linf(), 21.0, [3, 3, 0, 0]),
        (Linf(), 55.0, [5, 10, 0, 0]),
        (L1(), 20.0, [0, 5, 0, 0]),
        (L1(), 626.0, [2, 155, 0, 0]),
        *((norm, 1e6, [5, 155, 0, 0]) for norm in NORMS.values()),  # as near as it gets
        *((norm, 0.0, [0, 0, 0, 0]) for norm in NORMS.values()),
    ):
        np.testing.assert_allclose(norm.project(pixels, gradient, excess), expected)
    assert Linf().project(pixels.astype(np.float32), gradient, 20.0).dtype == np.float32


@given(st.integers(0, 2**32), st.sampled_from(["l2", "linf", "l1"]))
def test_the_slope_is_the_dual_norm(seed, name):
    norm, (gradient, noise) = get_norm(name), np.random.default_rng(seed).normal(size=(2, 3, 5))
    np.testing.assert_array_less(np.abs((gradient * noise).sum(-1)), norm.slope(gradient) * norm.length(noise) + 1e-9)
    grey = np.full(5, 127.0)  # far from its limits, where the projection reaches what the slope promises
    np.testing.assert_allclose([norm.slope(g) * norm.length(norm.project(grey, g, 1.0)) for g in gradient], 1.0)
    np.testing.assert_allclose(norm.quick_length(noise), norm.length(noise))


def test_l0_moves_the_values_that_contribute_most_to_their_limits():
    pixels, gradient = np.array([250.0, 100, 100, 0]), np.array([-3.0, -4, 0, 1])
    # The second can contribute 4 * 155 = 620, the first 3 * 5 = 15; the last is at its limit already.
    both = [5, 155, 0, 0]  # also where that is too little
    for excess, expected in ((0.0, [0, 0, 0, 0]), (620.0, [0, 155, 0, 0]), (626.0, both), (1e6, both)):
        found = L0().project(pixels, gradient, excess)
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(L0().approach(pixels, found, gradient, np.array([excess]), 0.5), [expected])
    assert L0().length(found) == L0().length(1e-9 * found) == 2
    assert L0().slope(gradient) == 255 * 4
    assert (in_words(L0(), 2.0), in_words(L2(), 2.0)) == ("L0 2 values", "L2 2.0 grey levels")


def test_an_unknown_norm_is_refused():
    with pytest.raises(InputError, match="unknown norm 'l3'"):
        get_norm("l3")


@given(st.integers(0, 2**32), st.floats(0.01, 0.9), st.floats(0, 1), st.sampled_from(["l2", "linf", "l1"]))
def test_approaching_the_shortest_noise_stays_on_the_boundary_within_grey_levels(seed, reached, share, name):
    rng, norm = np.random.default_rng(seed), get_norm(name)
    pixels, gradient = rng.choice([0.0, 255.0, 13.0, 120.0, 250.0], 6), rng.normal(size=6)
    noise = np.clip(pixels + rng.normal(0, 20, 6), 0, 255) - pixels
    reachable = -gradient @ np.where(gradient > 0, -pixels, 255 - pixels)
    assume(reachable > 1)
    falls = reached * reachable * np.array([1, 1.05])
    places = norm.approach(pixels, noise, gradient, falls, share)
    shortest = [norm.project(pixels, gradient, fall) for fall in falls]
    whole = norm.approach(pixels, noise, gradient, falls, 1.0)
    if name == "l2":  # whose points may leave the grey levels
        np.testing.assert_allclose(places @ gradient, -falls, rtol=1e-5)
        np.testing.assert_allclose(whole[0], shortest[0], atol=1e-6)
        return
    assert (places @ gradient <= -falls * (1 - 1e-6)).all()
    assert (pixels + places >= -1e-9).all() and (pixels + places <= 255 + 1e-9).all()
    np.testing.assert_allclose(norm.length(whole), [norm.length(r) for r in shortest], rtol=1e-6)


def test_approaches_by_hand():
    pixels, gradient, noise = np.full(3, 100.0), np.array([-1.0, -1, 0]), np.array([10.0, 2, -4])
    # In linf: of 10, with 6 the least on the boundary, half of 4 remains; the others keep what they have.
    np.testing.assert_allclose(Linf().approach(pixels, noise, gradient, np.array([12.0]), 0.25), [[8, 4, -4]])
    for norm in (Linf(), L1()):  # what no noise can reach: all go to their limits
        steep = np.array([-1.0, -2, 4])
        np.testing.assert_allclose(norm.approach(pixels, noise, steep, np.array([1e6]), 0.1), [[155, 155, -100]])
    # In l1 all lose a tenth of 10, then the first two get back what the boundary needs.
    np.testing.assert_allclose(L1().approach(pixels, noise, gradient, np.array([12.0]), 0.1), [[10, 2, -3]])


@pytest.mark.parametrize("scale", [1.0, 1e-6])
def test_projections_and_approaches_do_not_depend_on_the_unit_of_the_gap(scale):
    pixels, gradient = np.array([250.0, 100, 100, 50]), scale * np.array([-3.0, -4, 0, 1])
    for norm, excess, expected in (
        (L2(), 20.8, [2.4, 3.2, 0, -0.8]), (Linf(), 24.0, [3, 3, 0, -3]), (L1(), 20.0, [0, 5, 0, 0]),
        (L0(), 621.0, [0, 155, 0, -50]), (L0(), 671.0, [5, 155, 0, -50]),
    ):  # fmt: skip
        np.testing.assert_allclose(norm.project(pixels, gradient, scale * excess), expected, rtol=1e-6)
    noise, gradient = np.array([10.0, 2, -8, 100]), scale * np.array([-1.0, -1, 0, 0])
    pixels = np.array([100.0, 100, 250, 5])
    # In linf: of 100, with 6 the least on the boundary, a tenth of 94 remains. In l1 all lose 10, then the first two
    # move on by 10.
    for norm, share, expected in ((Linf(), 0.45, [10, 2, -8, 15.4]), (L1(), 0.1, [10, 2, 0, 90])):
        found = norm.approach(pixels, noise, gradient, scale * np.array([12.0]), share)
        np.testing.assert_allclose(found, [expected], rtol=1e-6)
    # In L2 a quarter of the way from the noise, which is on the boundary, to (6, 6, 0, 0); another boundary 2 beyond.
    found = L2().approach(pixels, noise, gradient, scale * np.array([12.0, 14.0]), 0.25)
    np.testing.assert_allclose(found, [[9, 3, -6, 75], [10, 4, -6, 75]], rtol=1e-6)


def test_noise_that_points_away_from_the_boundary_passes_through_zero():
    """All lose 1, a tenth of the largest; the first two then get back alike what the boundary needs: 15, or all."""
    pixels, noise, gradient = np.array([100.0, 100, 250, 5]), np.array([10.0, -5, -8, 9]), np.array([-1.0, -1, 0, 0])
    falls = np.array([12.0, 20.0, 1e6])
    expected = [[12.5, -0.5, -7, 8], [17.5, 2.5, -7, 8], [155, 155, -7, 8]]
    np.testing.assert_allclose(L1().approach(pixels, noise, gradient, falls, 0.1), expected)
    np.testing.assert_allclose(L1().approach(pixels, noise, gradient, np.array([12.0]), 0.8)[0, 2:], [0, 1])
    # In linf the first may keep 8, and the second comes to meet it.
    expected = [[8, 4, -8, 8], [10, 10, -8, 9], [155, 155, -8, 9]]
    np.testing.assert_allclose(Linf().approach(pixels, noise, gradient, falls, 0.25), expected)


def test_noise_on_the_boundary_or_beyond_it_is_not_moved_on():
    pixels, gradient, fall = np.full(3, 100.0), np.array([-1.0, -1, 0]), np.array([12.0])
    for norm, noise, expected in (
        (Linf(), [6, 6, -1], [6, 6, -1]), (Linf(), [8, 8, -1], [7, 7, -1]), (Linf(), [1, 0.5, -1], [6, 6, -1]),
        (L1(), [10, 10, 0.5], [9, 9, 0]), (L1(), [10, 5, 0.5], [9, 4, 0]), (L1(), [0, 0, 0], [6, 6, 0]),
    ):  # fmt: skip
        share = 0.25 if norm.name == "linf" else 0.1
        found = norm.approach(pixels, np.array(noise, float), gradient, fall, share)
        if not any(noise):  # any noise of length 12 is the shortest
            assert norm.length(found) == 12
        else:
            np.testing.assert_allclose(found, [expected], atol=1e-6)


def test_where_nothing_slopes_noise_only_shrinks():
    pixels, noise, flat = np.full(2, 100.0), np.array([8.0, -2]), np.zeros(2)
    np.testing.assert_allclose(Linf().approach(pixels, noise, flat, np.array([12.0]), 0.25), [[4, -2]])
    np.testing.assert_allclose(L1().approach(pixels, noise, flat, np.array([12.0]), 0.25), [[6, 0]])
    for norm in (L2(), Linf(), L1(), L0()):
        assert not norm.project(pixels, flat, 0.0).any()
    assert (sized(L0(), 3.0), sized(L0(), 3.5), sized(L1(), 3.0, ".2f")) == ("3", "3.5", "3.00")
