"""Searches for the fewest values, compared with all choices of fewer values."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from numpy_networks import SHAPE, curved, images_of

from tfstab import SearchConfig, search_minimum_noise
from tfstab.search.goal import FLIP_MARGIN, AnyWrongClass
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


# What each of 24 values adds to the log-odds if it is moved to 255. The last four have less room, and steeper slopes.
LEVELS = np.array([127] * 20 + [191] * 4, np.float64)
GAINS = np.arange(24, 0, -1) / 64
SLOPES = -GAINS / (255 - LEVELS)
GAP, FLIPPED = np.array([0.0, -1.0]), np.array([-1.0, 0.0])  # log-scores of the class and of its only rival


def walk_with(places, best_norm=np.inf, mask=None):
    """A walk whose noise has these values at their limit."""
    clean = LEVELS.astype(np.uint8).reshape(4, 6, 1)
    task = Task(0, AnyWrongClass(0), clean, np.ones(2) / 2, np.zeros(2), mask, norm=L0())
    return SparseWalk(task, noise_of(places), 1, best_norm)


def noise_of(places):
    noise = np.zeros(24)
    noise[list(places)] = 255 - LEVELS[list(places)]
    return noise


def tried(walk, log_scores, slopes=SLOPES):
    """The places that differ from the clean image in each trial; what differs is at its limit."""
    trials = walk.trials(log_scores, slopes, 0.5)
    assert trials.shape == (16, 24) and np.isin(trials, [255, *LEVELS]).all()
    return [set(np.flatnonzero(trial != LEVELS).tolist()) for trial in trials]


def test_values_are_added_by_what_they_contribute_and_several_at_once_if_many_are_needed():
    assert tried(walk_with([]), GAP * 0.1) == [{k} for k in range(16)]
    # 15 values close a gap of 255 / 64, and 16 one of 264 / 64: an eighth of them are 1 and 2 values.
    assert tried(walk_with([]), GAP * 255 / 64) == [{k} for k in range(16)]
    assert tried(walk_with([]), GAP * 264 / 64) == [{0, k} for k in range(1, 17)]
    assert tried(walk_with([23], best_norm=4), GAP * 299 / 64) == [{0, k, 23} for k in range(1, 17)]
    assert tried(walk_with([23], best_norm=3), GAP * 299 / 64) == [{k, 23} for k in range(16)]
    free = np.isin(np.arange(24), [3, 7, 23]).reshape(4, 6, 1)
    few = tried(walk_with([23], mask=free), GAP * 0.1)  # the last cannot be moved on
    assert few == [{3, 23}, {7, 23}] * 8
    assert tried(walk_with([]), np.array([0.0, FLIP_MARGIN])) == [{k} for k in range(16)]  # no flip yet


def test_a_value_is_exchanged_for_another_where_one_more_would_be_as_much_as_the_least_noise():
    expected = [{2, k} for k in (0, 1, *range(3, 17))]  # the weaker of the two goes first
    assert tried(walk_with([2, 23], best_norm=3), GAP) == expected[:16]
    assert tried(walk_with([23], best_norm=2), GAP) == [{k} for k in range(16)]
    walk = walk_with([2], best_norm=3)
    walk.take(np.float32(LEVELS + noise_of([2, 20]))[None], GAP[None])  # the last value has just been added
    assert tried(walk, GAP) == [{20, k} for k in (0, 1, *range(3, 17))]


def test_the_least_useful_values_are_taken_back_and_several_at_once_if_the_image_flips():
    changed = list(range(1, 24, 2))[::-1]  # twelve, the least useful ones first
    singles = [set(changed) - {k} for k in changed]
    assert tried(walk_with(changed), FLIPPED) == [
        *(set(changed[count:]) for count in (2, 3, 5, 8)), *singles
    ]  # fmt: skip
    assert tried(walk_with(changed, best_norm=12), GAP) == [*singles, *singles[:4]]
    assert tried(walk_with([5, 7], best_norm=2), GAP) == [{5}, {7}] * 8
    assert tried(walk_with([5]), FLIPPED) == [set()] * 16
    walk = walk_with([5, 7])
    walk.take(np.float32(LEVELS + noise_of([5, 7, 23]))[None], FLIPPED[None])  # the last value has just been added
    assert tried(walk, FLIPPED) == [{5, 23}, {7, 23}] * 8
    walk.take(np.float32(LEVELS + noise_of([5, 7, 23]))[None], FLIPPED[None])
    assert tried(walk, FLIPPED)[:2] == [{5, 23}, {7, 23}]


def test_noise_whose_lead_is_the_margin_does_not_flip():
    walk = walk_with([])
    for lead, flips in ((FLIP_MARGIN, False), (FLIP_MARGIN * 1.01, True)):
        walk.take(np.float32(LEVELS + noise_of([3]))[None], np.array([[0.0, lead]]))
        assert np.isfinite(walk.best_norm) == flips
    beyond = SparseWalk(walk.task, noise_of([3]) * 1.5, 1, best_norm=2.0)  # of an engine that rounds
    assert beyond.trials(GAP, SLOPES, 0.5).max() == 255
    assert SparseWalk.can_start(3, 3) and not SparseWalk.can_start(4, 3)


def test_a_shaken_noise_keeps_each_value_with_the_same_probability():
    drawn = SimpleNamespace(random=lambda count: np.linspace(0, 1, count))
    kept = L0().shaken(np.arange(1.0, 6), np.ones(5, bool), 1.0, drawn)
    assert kept.tolist() == [1, 2, 0, 0, 0]  # of 0, 0.25, 0.5, 0.75 and 1, those below 1 / 2
    noise = np.random.default_rng(1).normal(size=4000)
    shaken = L0().shaken(noise, np.ones(4000, bool), 3.0, np.random.default_rng(0))
    assert set(shaken[shaken != noise]) == {0} and np.mean(shaken == noise) == pytest.approx(0.25, abs=0.03)
