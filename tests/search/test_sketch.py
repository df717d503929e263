"""The sketch of the Jacobian: what it learns from moves, and the boundary that it takes for the nearest."""

import numpy as np
import pytest

from tfstab.search.engines.pygad.sketch import BOUNDARY, LARGE, Sketch
from tfstab.search.goal import AnyWrongClass, TargetClass
from tfstab.search.task import Task


def sketch_of(shape=(1, 4, 1), goal=None, mask=None, scores=(0.7, 0.2, 0.1)):
    scores = np.array(scores, np.float32)
    clean = np.full(shape, 100, np.uint8)
    return Sketch(Task(0, goal or AnyWrongClass(0), clean, scores, np.log(scores.astype(np.float64)), mask))


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("length", [3.0, 1e-3])
def test_what_moves_changed_is_explained_and_no_other_direction_is_touched(count, length):
    """More genes than are updated at a time; an exact solution, but for the last digits of float32."""
    rng, genes = np.random.default_rng(count), 2500
    sketch = sketch_of((50, 50, 1))
    moves = rng.normal(size=(count, genes)).astype(np.float32)
    moves *= length / np.linalg.norm(moves, axis=1, keepdims=True)
    changes = rng.normal(size=(count, 3))
    sketch.learn(moves, changes)
    np.testing.assert_allclose(moves @ sketch.jacobian.T, changes, rtol=4e-6 * count, atol=2e-6 * count)
    weights = np.linalg.lstsq(moves.T.astype(np.float64), sketch.jacobian.T, rcond=None)[0]
    np.testing.assert_allclose(sketch.jacobian.T, moves.T @ weights, atol=1e-4 * np.abs(sketch.jacobian).max())


def test_new_values_replace_the_old_ones_in_the_directions_measured():
    sketch = sketch_of()
    right, down = np.array([[2, 0, 0, 0]], np.float32), np.array([[0, 4, 0, 0]], np.float32)
    sketch.learn(right, np.array([[6.0, 2, 0]]))
    sketch.learn(down, np.array([[4.0, 0, 8]]))
    np.testing.assert_allclose(sketch.jacobian, [[3, 1, 0, 0], [1, 0, 0, 0], [0, 2, 0, 0]], rtol=1e-5)
    gradients, slopes = sketch.gradients()  # of the class less its rivals
    np.testing.assert_allclose(gradients, [[2, 1, 0, 0], [3, -1, 0, 0]], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(slopes, np.sqrt([5, 10]), rtol=1e-5)
    sketch.learn(right, np.array([[2.0, 2, 0]]))
    np.testing.assert_allclose(sketch.jacobian[0], [1, 1, 0, 0], rtol=1e-5)
    np.testing.assert_allclose(sketch.gradients()[0][0], [0, 1, 0, 0], rtol=1e-5, atol=1e-5)
    sketch.forget()
    assert not sketch.jacobian.any() and not sketch.gradients()[0].any()


def test_moves_of_no_length_and_equal_moves_are_learnt_as_well():
    sketch = sketch_of()
    moves = np.array([[2, 0, 0, 0], [0, 0, 0, 0], [0, 4, 0, 0], [2, 0, 0, 0]], np.float32)
    sketch.learn(moves, np.array([[6.0, 2, 0], [0, 0, 0], [4, 0, 8], [6, 2, 0]]))
    np.testing.assert_allclose(sketch.jacobian, [[3, 1, 0, 0], [1, 0, 0, 0], [0, 2, 0, 0]], atol=1e-4)
    sketch.learn(moves[1:2], np.ones((1, 3)))
    assert np.isfinite(sketch.jacobian).all()


def test_genes_that_may_not_change_have_no_slope():
    mask = np.array([True, False, True, True]).reshape(1, 4, 1)
    sketch = sketch_of(mask=mask, goal=TargetClass(0, 2))
    sketch.jacobian[:] = [[1, 1, 1, 1], [3, 3, 0, 0], [0, 2, 2, 0]]  # the target first, its rivals by score
    assert sketch.classes.tolist() == [2, 0, 1]
    np.testing.assert_array_equal(sketch.gradients()[0], [[2, 0, -1, -1], [-1, 0, 1, -1]])


def test_the_nearest_boundary_is_the_one_with_the_least_gap_for_its_slope():
    """Gaps of log 3.5 and log 7, slopes of 0.01 and 0.05; the parent's noise has closed 5 of the second gap."""
    for noise, expected in (([0, 0, 0, 0], 1), ([0, 100, 0, 0], 0)):
        sketch = sketch_of()
        sketch.jacobian[0] = [-0.01, 0, 0, 0]
        sketch.jacobian[2] = [-0.01, 0.05, 0, 0]
        sketch.parent[:] = noise
        rival, gradient = sketch.nearest()
        assert rival == expected
        np.testing.assert_allclose(gradient, [[-0.01, 0, 0, 0], [0, -0.05, 0, 0]][rival], atol=1e-9)
    np.testing.assert_allclose(sketch.gaps(sketch.log_scores), np.log([3.5, 7]) + BOUNDARY, rtol=1e-5)


def test_an_image_is_large_from_a_number_of_genes_on():
    assert sketch_of((LARGE // 100, 100, 1)).large and not sketch_of((1, LARGE - 1, 1)).large
