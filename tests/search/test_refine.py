"""Refinement, and the searches with gradients, on boundaries whose nearest point is known."""

import time
from dataclasses import replace

import numpy as np
import pytest
from numpy_networks import SHAPE, NumpyNetwork, curved, images_of, linear

from tfstab import SearchConfig, search_minimum_noise
from tfstab.search import refine, starts, walks
from tfstab.search.goal import FLIP_MARGIN, AnyWrongClass, TargetClass
from tfstab.search.task import Task


def test_a_linear_boundary_is_reached_at_its_nearest_point():
    # Class 1 gains 1 log-odds per 255 grey levels of pixel 1 alone: the least noise is all there.
    network = linear(0.2)
    images, labels = np.full((1, *SHAPE), 128, np.uint8), [0]
    for config in (SearchConfig(max_queries=2000), SearchConfig(engine="lbfgs"), SearchConfig(refine=True)):
        (result,) = search_minimum_noise(network, images, labels, config)
        assert result.found and result.predicted == 1
        assert result.l2 == pytest.approx(0.2 * 255, abs=0.35)
        assert result.noise.reshape(-1)[1] == pytest.approx(0.2 * 255, abs=0.35)
        assert result.l2_uint8 == np.ceil(0.2 * 255 + 1e-4 * 255)


def test_refinement_of_a_box_bound_pixel_uses_the_next_one():
    # Pixel 1 can rise by 27 grey levels only; pixel 2 counts twice as much for class 2.
    network = linear(0.2, classes=3)
    images = np.full((1, *SHAPE), 128, np.uint8)
    images[0, 0, 2] = 255  # at the end of its range: class 2 can gain no more, and leads by nothing
    bias = network.bias.copy()
    bias[2] -= 2 * 127 / 255
    network = NumpyNetwork(network.output, bias, name="bound")
    assert network.scores(images).argmax() == 0
    (result,) = search_minimum_noise(network, images, [0], SearchConfig(max_queries=100, refine=True))
    assert result.predicted == 1 and result.l2 == pytest.approx(0.2 * 255, rel=5e-3)


def test_refinement_that_finds_nothing_keeps_what_there_was():
    flat = NumpyNetwork(np.zeros((64, 3)), bias=[1.0, 0, 0])
    images = np.random.default_rng(0).integers(0, 256, (1, *SHAPE), np.uint8)
    plain, refined = (
        search_minimum_noise(flat, images, [0], SearchConfig(max_queries=150, refine=wanted))[0]
        for wanted in (False, True)
    )
    assert not plain.found and not refined.found
    np.testing.assert_array_equal(refined.noise, plain.noise)
    np.testing.assert_array_equal(refined.history, plain.history)
    assert 0.9 * refine.FULL < refined.gradients <= refine.FULL
    assert refined.queries == plain.queries + len(walks.BEYOND) * refined.gradients + 1
    assert np.isnan(refined.l2_uint8) and (refined.stop_reason, refined.generations) == ("queries", 3)
    assert refined.seconds > 0


def test_refinement_flips_what_the_engine_could_not():
    images = np.full((1, *SHAPE), 128, np.uint8)
    config = SearchConfig(engine="random", max_queries=100)
    for gap, found in {1.9: True, 2.1: False}.items():
        # Class 4 gains 4 per 255 grey levels of pixel 4, of which 127 are left: 1.99 in all.
        network = linear(gap, classes=5)
        (plain,) = search_minimum_noise(network, images, [0], config, target=4)
        (refined,) = search_minimum_noise(network, images, [0], replace(config, refine=True), target=4)
        assert not plain.found and refined.found == found
        if found:
            assert refined.predicted == 4 and refined.l2 == pytest.approx(1.9 / 4 * 255, rel=5e-3)


def test_walks_start_from_the_noise_found_from_around_it_and_from_the_clean_image():
    network = curved()
    images, labels = images_of(network, 1)
    (result,) = search_minimum_noise(network, images, labels, SearchConfig(max_queries=150))
    scores, logs = network.scores(images)[0], network.log_scores(images)[0]
    task = Task(0, AnyWrongClass(int(labels[0])), images[0], scores, logs)
    first, *others = starts.first_walks(task, result, 11, 15, task.generator(0))
    towards, shaken = others[:3], others[3:]
    np.testing.assert_array_equal(first.noise, result.noise.ravel())
    assert first.best_norm == pytest.approx(result.l2, rel=1e-6) and not first.fixed
    by_score = [k for k in np.argsort(-result.scores, kind="stable") if k != labels[0]]
    assert {walk.rival for walk in (first, *shaken)} == {by_score[0]}
    lengths = [np.linalg.norm(walk.noise - first.noise) for walk in shaken]
    assert all(result.l2 < length <= starts.FAR * result.l2 * 1.0001 for length in lengths)
    assert len({walk.noise.tobytes() for walk in shaken}) == 7
    for walk in shaken:
        level = task.pixels + walk.noise
        assert walk.best_norm == np.inf and level.min() >= -1e-3 and level.max() <= 255.001
    clean_order = [k for k in np.argsort(-scores, kind="stable") if k != labels[0]]
    assert [walk.rival for walk in towards] == clean_order[:3] and all(walk.fixed for walk in towards)
    assert not any(walk.noise.any() for walk in towards)
    goal = TargetClass(task.class_index, int(clean_order[2]))
    aimed = starts.first_walks(replace(task, goal=goal), replace(result, found=False), 11, 15, task.generator(0))
    assert (
        len(aimed) == 11
        and not aimed[0].noise.any()
        and aimed[1].best_norm == np.inf
        and not any(walk.fixed for walk in aimed)
    )
    np.testing.assert_array_equal(aimed[1].noise, result.noise.ravel())  # after one walk from the clean image
    weights = first.weights()
    assert (weights[labels[0]], weights[by_score[0]], np.abs(weights).sum()) == (1, -1, 2)
    np.testing.assert_array_equal(first.point(), result.degraded)


def test_a_schedule_uses_the_gradients_it_is_given():
    for gradients in (refine.LEAST, 32, refine.SEVERAL, 100, refine.MANY, 500, refine.FULL):
        stages = refine.schedule(gradients)
        used = sum(stage.walks * stage.steps for stage in stages)
        assert gradients - 3 < used <= gradients and all(stage.steps > 0 for stage in stages)
        assert stages[0].starts == "first"
    stage = refine.Stage
    assert refine.schedule(63) == [stage("first", 1, 63)]
    assert refine.schedule(64) == [stage("first", 4, 6), stage("best", 1, 40)]
    assert refine.schedule(199) == [stage("first", 4, 19), stage("best", 1, 123)]
    for gradients, steps, last in ((200, 4, 33), (670, 14, 106)):
        others = [stage("first", 11, steps), stage("varied", 7, steps), stage("varied", 7, steps)]
        assert refine.schedule(gradients) == [*others, stage("best", 3, last, 0.8)]


def test_later_walks_start_between_and_around_the_ends_of_earlier_ones():
    network = curved()
    images, labels = images_of(network, 1)
    task = Task(0, AnyWrongClass(int(labels[0])), images[0], network.scores(images)[0], network.log_scores(images)[0])
    task = replace(task, mask=np.arange(64).reshape(SHAPE) > 9)
    rng = np.random.default_rng(0)
    noises = [(np.clip(task.pixels + rng.normal(size=64) * 5, 0, 255) - task.pixels) * task.free for _ in range(4)]
    rival, other = ((labels[0] + k) % 4 for k in (1, 2))
    ends = [walks.Walk(task, noise, int(other if k == 1 else rival), 40.0 + k) for k, noise in enumerate(noises)]
    for known in (ends, ends[:1]):
        varied = starts.varied_walks(known, np.random.default_rng(1))
        assert len(varied) == starts.VARIED and all(walk.best_norm == np.inf for walk in varied)
        for walk in varied:
            level = task.pixels + walk.noise
            assert not walk.noise[~task.free].any() and level.min() >= -1e-3 and level.max() <= 255.001
    first = starts.varied_walks(ends, np.random.default_rng(1))[0]
    np.testing.assert_allclose(first.noise, (noises[0] + noises[2]) / 2, atol=1e-3)  # of one class's ends alone
    both = [np.clip(task.pixels + way, 0, 255) - task.pixels for way in (noises[1], 2 * noises[0] - noises[1])]
    taken = set()
    for seed in range(8):  # of two ends, the last walk adds their difference to the first, with either sign
        *_, around_second, last = starts.varied_walks(ends[:2], np.random.default_rng(seed))
        assert around_second.rival == other and last.rival == rival
        taken.add(tuple(np.allclose(last.noise, way, atol=1e-3) for way in both))
    assert taken == {(True, False), (False, True)}


def test_the_best_of_a_steps_trials_is_kept_and_the_rival_followed():
    network = curved()
    images, labels = images_of(network, 1)
    own = int(labels[0])
    rival, other = (k for k in range(4) if k not in (own,) and k in ((own + 1) % 4, (own + 2) % 4))
    task = Task(0, AnyWrongClass(own), images[0], network.scores(images)[0], network.log_scores(images)[0])
    walk = walks.Walk(task, np.zeros(64), rival)
    walk.gradient = np.ones(64)
    noises = np.zeros((3, 64))
    noises[:, 0] = (9 if images[0, 0, 0, 0] < 128 else -9), *((20, 15) if images[0, 0, 0, 0] < 128 else (-20, -15))
    trials = (task.pixels + noises).astype(np.float32)
    scores = np.full((3, 4), -5.0)
    scores[:, own] = -1
    scores[1:, other] = -0.5  # the first has not flipped
    scores[0, rival] = -2
    walk.take(trials, scores)
    assert walk.best_norm == 15 and np.abs(walk.noise).max() == 9 and walk.rival == rival
    assert walk.gradient is not None
    scores[0, other] = -1.5
    walk.take(trials, scores)
    assert walk.rival == other and walk.gradient is None and walk.best_norm == 15
    kept, elsewhere = walk.best, np.zeros((3, 64))
    elsewhere[:, np.flatnonzero(np.abs(task.pixels - 128) < 60)[1]] = noises[:, 0]
    walk.take((task.pixels + elsewhere).astype(np.float32), scores)
    assert walk.best is kept  # other noise of its length does not take its place
    fixed = walks.Walk(task, np.zeros(64), rival, fixed=True)
    fixed.take(trials, scores)
    assert fixed.rival == rival
    edge = scores.copy()
    edge[:] = -5.0
    edge[:, own], edge[:, other] = -1, -1 + FLIP_MARGIN * 0.99
    beside = walks.Walk(task, np.zeros(64), rival)
    beside.take(trials, edge)
    assert beside.best_norm == np.inf


@pytest.mark.parametrize(("best_norm", "farthest"), [(np.inf, 0.05), (10.25, 0.006), (10.03, 0.003), (5.0, 0.003)])
def test_trials_lie_on_the_linearised_boundary_and_a_little_beyond_it(best_norm, farthest):
    """A gap of 1, and 0.001 beyond it, at 0.1 for each grey level of the first value: 10.01 grey levels away."""
    clean = np.array([100, 100, 250, 0], np.uint8).reshape(2, 2, 1)
    mask = np.array([True, True, True, False]).reshape(2, 2, 1)
    task = Task(0, AnyWrongClass(0), clean, np.ones(2) / 2, np.zeros(2), mask)
    walk = walks.Walk(task, np.zeros(4), 1, best_norm)
    gap, steep = np.array([0.0, -1.0]), np.array([-0.1, 0, 0, -0.7])
    moved = walk.trials(gap, steep, 1.0) - task.pixels
    np.testing.assert_allclose(moved[:, 0], 10.01 * (1 + np.array([0, 0.0005, farthest])), rtol=1e-4)
    assert not moved[:, 1:].any()
    other = walks.Walk(task, np.array([0.0, 0, 9, -9]), 1)  # as an engine may round
    assert other.point().reshape(-1).tolist() == [100, 100, 255, 0]
    assert walks.Walk(task, np.zeros(4), 1).trials(gap, steep[[1, 2, 0, 3]], 1.0)[:, 2].tolist() == [255] * 3
    walk.momentum, walk.noise = 0.75, np.array([6.0, 0, 0, 0])
    moved = walk.trials(gap, np.array([0.1, -0.4, 0, 0]), 1.0) - task.pixels
    np.testing.assert_allclose(walk.gradient, [-0.05, -0.1, 0, 0])  # three quarters of the first and one of the second
    excess = 1.001 + 0.05 * 6  # of the clean image, whose gap the noise has lowered by 0.3
    np.testing.assert_allclose(moved[:2] @ walk.gradient, [-excess, -1.0005 * excess], rtol=1e-5)
    np.testing.assert_allclose(moved[:, 1], 2 * moved[:, 0], rtol=1e-4)


def test_a_refiner_reports_a_full_group_and_what_waits_when_it_is_finished_or_abandoned():
    network, config, reported = curved(), SearchConfig(max_queries=100, refine=refine.LEAST), []
    images, labels = images_of(network, walks.GROUP + 1)
    plain = search_minimum_noise(network, images, labels, replace(config, refine=False))
    refiner = refine.Refiner(network, config, reported.append)

    def add(which):
        for result in which:
            scores, logs = network.scores(result.clean[None])[0], network.log_scores(result.clean[None])[0]
            task = Task(result.image, AnyWrongClass(result.class_index), result.clean, scores, logs)
            refiner.add(task, replace(result, seconds=5.0, course="kept"))

    add(plain[:-2])
    assert not reported
    started = time.perf_counter()
    add(plain[-2:-1])
    took = time.perf_counter() - started
    assert [result.image for result in reported] == list(range(walks.GROUP))
    assert all(result.gradients == refine.LEAST and result.course == "kept" for result in reported)
    assert all(result.seconds >= 5 for result in reported)
    assert sum(result.seconds - 5 for result in reported) <= took
    add(plain[-1:])
    refiner.abandon()
    refiner.finish()
    *_, last = reported
    assert len(reported) == walks.GROUP + 1 and (last.stop_reason, last.gradients) == ("observer", 0)
    add(plain[:1])
    refiner.finish()
    refiner.finish()
    assert len(reported) == walks.GROUP + 2 and reported[-1].gradients == refine.LEAST


def test_large_images_are_refined_in_smaller_groups_so_that_the_walks_fit_into_memory():
    sizes = {28 * 28: walks.GROUP, 32 * 32 * 3: walks.GROUP, 224 * 224 * 3: 6, 512 * 512 * 3: 1, 4000 * 3000 * 3: 1}
    assert {values: walks.group_size(values) for values in sizes} == sizes
