"""Searches for the fewest values, compared with all choices of fewer values."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from numpy_networks import SHAPE, curved, images_of

from tfstab import SearchConfig, search_minimum_noise
from tfstab.search.goal import AnyWrongClass
from tfstab.search.norm import L0
from tfstab.search.sparse import ADDED, TAKEN, SparseWalk
from tfstab.search.task import Task

network = curved()


@pytest.fixture(scope="module")
def images():
    """The images with the largest margins of many, so that one value is not enough."""
    images, labels = images_of(network, 1000)
    second, first = np.sort(network.log_scores(images), axis=1)[:, -2:].T
    rows = (second - first).argsort()[:8]
    return images[rows], labels[rows]


def flips(image, label, count):
    """Whether any choice of so many values flips the image if each is moved to 0 or 255."""
    places = np.array(list(itertools.combinations(range(64), count)))
    for levels in itertools.product((0, 255), repeat=count):
        tried = np.repeat(image.reshape(1, -1).astype(np.float32), len(places), axis=0)
        np.put_along_axis(tried, places, np.array([levels], np.float32), axis=1)
        if (network.scores(tried.reshape(-1, *SHAPE)).argmax(axis=1) != label).any():
            return True
    return False


def test_no_choice_of_fewer_values_flips(images):
    results = search_minimum_noise(network, *images, SearchConfig(engine="boundary", norm="l0"))
    assert {r.size for r in results} == {2, 3}
    for r, image, label in zip(results, *images, strict=True):
        assert r.found and r.size == r.size_uint8 == np.count_nonzero(r.degraded != image)
        assert not any(flips(image, label, count) for count in range(1, int(r.size)))


def test_a_refinement_takes_back_the_values_that_are_not_needed(images):
    image, label = images[0][:1], images[1][:1]
    (plain,) = search_minimum_noise(network, image, label, SearchConfig(max_queries=100, norm="l0"))
    (refined,) = search_minimum_noise(network, image, label, SearchConfig(max_queries=100, norm="l0", refine=30))
    assert plain.size > refined.size == 3 and refined.gradients == 30


def test_the_first_of_several_noises_of_one_size_is_kept_until_one_is_smaller():
    task = Task(0, AnyWrongClass(0), np.full((2, 2, 1), 100, np.uint8), np.ones(2) / 2, np.zeros(2), norm=L0())
    walk = SparseWalk(task, np.zeros(4), 1)
    for moved, flips, best, size in (
        ([155, 155, 0, 0], False, [0, 0, 0, 0], np.inf), ([155, 0, 155, 0], True, [155, 0, 155, 0], 2),
        ([0, 155, 155, 0], True, [155, 0, 155, 0], 2), ([0, 0, 0, 155], True, [0, 0, 0, 155], 1),
        ([155, 155, 155, 0], True, [0, 0, 0, 155], 1),
    ):  # fmt: skip
        walk.take(100 + np.array([moved], np.float32), np.array([[-5.0, 0.0] if flips else [0.0, -5.0]]))
        assert walk.noise.tolist() == moved and (walk.best.tolist(), walk.best_norm) == (best, size)


def test_values_that_were_just_added_or_taken_back_are_left_alone_for_some_steps():
    task = Task(0, AnyWrongClass(0), np.full((2, 2, 1), 100, np.uint8), np.ones(2) / 2, np.zeros(2), norm=L0())
    walk, far = SparseWalk(task, np.zeros(4), 1), np.array([0.0, -5.0])
    for moved, place, steps in (([155, 0, 0, 0], 0, ADDED), ([0, 0, 0, 0], 0, TAKEN)):
        walk.take(100 + np.array([moved], np.float32), far[None])
        free = []
        for _ in range(steps + 1):
            walk.trials(far, -np.ones(4), 0.5)
            free.append(bool(walk._free()[place]))
        assert free == [*[False] * steps, True]


def test_a_shaken_noise_keeps_each_value_with_the_same_probability():
    drawn = SimpleNamespace(random=lambda count: np.linspace(0, 1, count))
    kept = L0().shaken(np.arange(1.0, 6), np.ones(5, bool), 1.0, drawn)
    assert kept.tolist() == [1, 2, 0, 0, 0]  # of 0, 0.25, 0.5, 0.75 and 1, those below 1 / 2
    noise = np.random.default_rng(1).normal(size=4000)
    shaken = L0().shaken(noise, np.ones(4000, bool), 3.0, np.random.default_rng(0))
    assert set(shaken[shaken != noise]) == {0} and np.mean(shaken == noise) == pytest.approx(0.25, abs=0.03)
