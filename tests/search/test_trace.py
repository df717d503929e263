"""The record of a search: its time, and what an observer sees and stops."""

import time

import numpy as np
import pytest
from numpy_networks import SHAPE, curved, images_of

from tfstab import SearchConfig, Stop, search_minimum_noise


def test_how_long_a_search_took():
    network = curved()
    images, labels = images_of(network, 1)
    for config in (
        SearchConfig(max_queries=150),
        SearchConfig(engine="random", max_queries=300),
        SearchConfig(engine="lbfgs", max_queries=100),
        SearchConfig(max_queries=150, refine=True),
    ):
        started = time.perf_counter()
        (result,) = search_minimum_noise(network, images, labels, config)
        assert 0 < result.seconds <= time.perf_counter() - started


def test_what_an_observer_sees_of_a_generation_is_its_line_in_the_history():
    network = curved()
    images, labels = images_of(network, 2)
    for config in (
        SearchConfig(max_queries=300),
        SearchConfig(engine="random", max_queries=3000),
        SearchConfig(engine="lbfgs", max_queries=100),
    ):
        seen = {0: [], 1: []}
        results = search_minimum_noise(network, images, labels, config, lambda p: seen[p.image].append(p))  # noqa: B023
        for result in results:
            lines = [(p.best, p.mean, p.norm, p.share_misclassified) for p in seen[result.image]]
            np.testing.assert_array_equal(lines, result.history)
            assert [p.generation for p in seen[result.image]] == list(range(1, result.generations + 1))
            last = seen[result.image][-1]
            assert (last.queries + 1, last.flipped) == (result.queries - result.repair_queries, result.found)
            assert last.noise.shape == SHAPE and last.noise.dtype == np.float32
            np.testing.assert_array_equal(last.noise, result.noise)
            for p in seen[result.image]:
                flips = network.scores((images[p.image] + p.noise)[None]).argmax() != labels[p.image]
                assert p.flipped == flips
                assert p.norm == pytest.approx(np.linalg.norm(p.noise) if p.flipped or config.engine != "lbfgs" else 0)


def test_a_search_that_is_stopped_altogether_leaves_the_images_to_come():
    network = curved()
    images, labels = images_of(network, 12)
    for engine, begun in {"pygad": 5, "lbfgs": 2, "random": 2}.items():
        answers = iter([None, None, Stop.IMAGE, Stop.ALL] if engine != "pygad" else [Stop.ALL])
        results = search_minimum_noise(
            network,
            images,
            labels,
            SearchConfig(engine=engine),
            lambda _: next(answers, Stop.ALL),  # noqa: B023
        )
        assert len(results) == begun and {r.stop_reason for r in results} == {"observer"}
