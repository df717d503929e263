"""Steps in large images are as long as predictions hold; in small ones the sketch is trusted."""

from dataclasses import fields

import numpy as np
import pytest

from tfstab.search.config import SearchConfig
from tfstab.search.engines.pygad.default import DefaultStrategy
from tfstab.search.engines.pygad.sketch import BOUNDARY, LARGE, Sketch
from tfstab.search.engines.pygad.steps import LEAST, OVERDUE_STEPS, RESTART, TRIALS, Steps
from tfstab.search.goal import AnyWrongClass
from tfstab.search.objective import Evaluation
from tfstab.search.task import Task

SIDE = int(np.ceil(np.sqrt(LARGE)))


def steps_of(side):
    """Steps and sketch of a grey image (side, side, 1), with a made slope of the gap to the only rival."""
    scores = np.array([0.9, 0.1], np.float32)
    clean = np.full((side, side, 1), 128, np.uint8)
    sketch = Sketch(Task(0, AnyWrongClass(0), clean, scores, np.log(scores.astype(np.float64))))
    sketch.jacobian[0] = -0.005 / side
    steps = Steps(sketch, np.random.default_rng(0))
    steps.tell(np.empty((0, side**2), np.float32), np.empty((0, 2)), False)  # the first generation has no trials
    return steps, sketch


def trials_of(steps):
    """The next trials and their distances from the parent."""
    trials = np.empty((TRIALS, len(steps.sketch.parent)), np.float32)
    steps.cross(trials)
    return trials, np.linalg.norm(trials - steps.sketch.parent, axis=1)


def told(steps, trials, share):
    """Tell scores of trials that changed by a share of what was predicted, and select."""
    sketch = steps.sketch
    predicted = (trials - sketch.parent) @ sketch.jacobian.T
    steps.tell(trials, sketch.log_scores + share * predicted, False)
    steps.select()


def test_the_parent_of_a_large_image_is_kept_and_steps_are_shorter_where_predictions_fail():
    steps, sketch = steps_of(SIDE)
    trials, first = trials_of(steps)
    told(steps, trials, 0.05)
    assert not sketch.parent.any()
    trials, second = trials_of(steps)
    assert second.max() <= first.min() * 1.001 and second.min() < first.min() / 4
    told(steps, trials, 0.8)
    assert np.linalg.norm(sketch.parent) == pytest.approx(second.max(), rel=0.01)
    _, third = trials_of(steps)
    assert third.max() > second.max()


def test_steps_that_succeed_are_limited_only_after_one_has_failed():
    steps, sketch = steps_of(SIDE)
    told(steps, trials_of(steps)[0], 0.8)
    assert sketch.parent.any() and not steps.limited
    told(steps, trials_of(steps)[0], 0)
    assert steps.limited
    before = sketch.parent.copy()
    told(steps, trials_of(steps)[0], 0.8)
    assert steps.limited and steps.radius == pytest.approx(np.linalg.norm(sketch.parent - before), rel=1e-5)


def test_the_parent_of_a_small_image_moves_to_the_best_trial():
    steps, sketch = steps_of(8)
    trials, lengths = trials_of(steps)
    told(steps, trials, 0.05)
    assert np.linalg.norm(sketch.parent) == pytest.approx(lengths[np.linalg.norm(trials, axis=1).argmin()])


def test_the_probes_of_a_large_image_tell_its_slopes_even_where_all_change_the_scores_by_their_curvature():
    shape = (SIDE, SIDE, 1)
    scores = np.array([0.9, 0.1], np.float32)
    task = Task(0, AnyWrongClass(0), np.full(shape, 128, np.uint8), scores, np.log(scores.astype(np.float64)))
    strategy = DefaultStrategy(task, SearchConfig())
    noise = np.empty((strategy.offspring, SIDE * SIDE), np.float32)
    strategy.start(noise)
    np.testing.assert_allclose(np.linalg.norm(noise, axis=1), 0.4 * SIDE, rtol=1e-3)
    slopes = noise[:5].sum(axis=0) / (0.4 * SIDE) ** 2
    changes = np.stack((noise @ slopes, np.zeros(len(noise))), axis=1)
    evaluation = Evaluation(*(np.zeros(len(noise), bool) for _ in fields(Evaluation)))
    strategy.tell(noise, task.clean_log_scores + changes - 3, evaluation)
    learnt = strategy.sketch.jacobian[0]
    assert learnt @ slopes > 0.9 * np.linalg.norm(learnt) * np.linalg.norm(slopes)


@pytest.mark.parametrize("moves", [1, 2, 3])
def test_the_sketch_explains_the_latest_changes_and_keeps_what_other_directions_say(moves):
    _, sketch = steps_of(40)  # more genes than are updated at a time
    basis = np.linalg.qr(np.random.default_rng(0).normal(size=(sketch.clean.size, 4)))[0].T.astype(np.float32)
    before, changes = sketch.jacobian.copy(), np.arange(2.0 * moves).reshape(moves, 2)
    sketch.learn(3 * basis[:moves], changes)
    np.testing.assert_allclose(3 * basis[:moves] @ sketch.jacobian.T, changes, atol=1e-4)
    np.testing.assert_allclose(sketch.jacobian @ basis[3], before @ basis[3], atol=1e-6)


@pytest.mark.parametrize(("best", "strides"), [(TRIALS - 1, [0.8, 0.64]), (0, [1.0, 1.0])])
def test_steps_shrink_where_the_best_one_goes_no_way(best, strides):
    steps, _ = steps_of(8)
    for stride in strides:
        trials, _ = trials_of(steps)
        log_scores = np.tile([0.0, -900.0], (TRIALS, 1))
        log_scores[best] = [-5.0, 0.0]
        steps.tell(trials, log_scores, True)
        steps.select()
        assert steps.stride == pytest.approx(stride)


def test_limited_steps_are_multiples_of_the_radius_towards_the_boundary_and_down_the_gradient():
    """The boundary is log(9) / 0.005 = 440 grey levels away; a quarter of that is the radius once a step has failed."""
    steps, sketch = steps_of(SIDE)
    away = (np.log(9) + BOUNDARY) / 0.005
    slopes = sketch.jacobian[0].copy()

    def fail():
        told(steps, trials_of(steps)[0], 0)
        assert not sketch.parent.any()
        sketch.forget()
        sketch.jacobian[0] = slopes  # what it knew before

    fail()
    assert steps.radius == pytest.approx(away / 4, rel=1e-3)
    trials, lengths = trials_of(steps)
    np.testing.assert_allclose(lengths, np.array([4, 1, 0.25, 2, 0.5]) * away / 4, rtol=1e-3)
    changes = np.zeros((TRIALS, 2))
    changes[lengths.argmin()] = 0.01  # the others have not changed anything
    steps.tell(trials, sketch.log_scores + changes, False)
    steps.select()  # the shortest says best how steep it is around the parent
    np.testing.assert_allclose(sketch.jacobian @ trials[lengths.argmin()], 0.01, rtol=1e-3)
    assert not sketch.parent.any() and steps.radius == pytest.approx(away / 64, rel=1e-3)
    for _ in range(4):
        fail()
    assert steps.radius == LEAST and steps.limited
    steps.tell(trials_of(steps)[0], np.tile(sketch.log_scores, (TRIALS, 1)), True)
    assert not steps.limited


@pytest.mark.parametrize(("side", "patience"), [(8, 5), (SIDE, 10)])
def test_trials_go_beyond_the_boundary_where_a_flip_is_overdue(side, patience):
    steps, _ = steps_of(side)  # which has been told of one generation
    for first in (1, 0):  # and again after a flip
        for without in range(first, patience + 2):
            trials, _ = trials_of(steps)
            assert (steps.shares is OVERDUE_STEPS) == (without > patience)
            steps.tell(trials, np.empty((TRIALS, 2)), False)
        steps.tell(trials, np.empty((TRIALS, 2)), True)


def test_after_twenty_generations_without_a_flip_the_search_begins_anew_from_random_noise():
    steps, sketch = steps_of(SIDE)
    for generation in range(1, RESTART + 1):
        trials, _ = trials_of(steps)
        assert steps.restarting == (generation == RESTART)
        if not steps.restarting:
            told(steps, trials, 0)
    assert np.std(trials[0]) == pytest.approx(8, rel=0.05) and np.isfinite(steps.radius)
    sketch.jacobian[0] = -1e-4
    told(steps, trials, 0)
    assert np.array_equal(sketch.parent, trials[0]) and not sketch.jacobian.any() and steps.radius == np.inf


def test_probes_and_steps_of_a_large_image_stay_on_its_free_pixels():
    scores, mask = np.array([0.9, 0.1], np.float32), np.arange(SIDE**2).reshape(SIDE, SIDE, 1) % 3 > 0
    clean = np.full(mask.shape, 128, np.uint8)
    task = Task(0, AnyWrongClass(0), clean, scores, np.log(scores.astype(np.float64)), mask)
    strategy = DefaultStrategy(task, SearchConfig())
    noise = np.empty((strategy.offspring, SIDE**2), np.float32)
    strategy.start(noise)
    assert not noise[:, ~task.free].any() and (np.linalg.norm(noise, axis=1) > 0.2 * SIDE).all()
    evaluation = Evaluation(*(np.zeros(len(noise), bool) for _ in fields(Evaluation)))
    strategy.tell(noise, task.clean_log_scores + np.outer(noise.sum(axis=1), [-1e-4, 1e-4]), evaluation)
    strategy.ask(noise, np.zeros(len(noise)), noise)
    assert not noise[:, ~task.free].any() and (np.linalg.norm(noise, axis=1) > 1).all()
