"""The islands: alone with a scripted strategy, and in whole searches their patience, elitism, budget and succession."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from numpy_networks import SHAPE, curved, images_of

from tfstab import Classifier, SearchConfig, Stop, search_minimum_noise
from tfstab.errors import ModelError
from tfstab.search.engines.pygad.islands import Batch, Island
from tfstab.search.engines.pygad.loop import IslandGA
from tfstab.search.engines.pygad.strategy import clip
from tfstab.search.goal import AnyWrongClass
from tfstab.search.objective import Evaluation
from tfstab.search.progress import Observer
from tfstab.search.task import Task
from tfstab.search.trace import StopReason, Trace

PAPER = SearchConfig(preset="paper", population=20, elites=3, max_queries=3000)


class Scripted:
    """A strategy that plays offspring (generations, 3, 2) and keeps what it is asked and told."""

    elites, offspring = 2, 3

    def __init__(self, pixels, *generations):
        self.pixels, self.length = pixels, len(generations)
        self.generations = iter(np.array(generations, np.float32))
        self.asked, self.told = [], []

    def start(self, offspring):
        offspring[:] = next(self.generations)
        clip(offspring, self.pixels)

    def ask(self, population, fitness, offspring):
        self.asked.append((population.tolist(), fitness.tolist()))
        self.start(offspring)

    def tell(self, noise, log_scores, evaluation):
        self.told.append(noise.tolist())


class Session:
    """Gene 0 is the fitness, and flips above 5; a search ends with its script."""

    def __init__(self, *waiting):
        self.waiting, self.scored, self.finished = list(waiting), [], []

    def score(self, batch):
        for k, island in batch.active():
            np.testing.assert_array_equal(batch.images[k], batch.offspring[k] + island.pixels)
        self.scored.append([island and island.trace.task.image for island in batch.islands])
        noises = [batch.offspring[k].copy() for k, _ in batch.active()]
        return lambda: [
            (Evaluation(-noise[:, 0], noise[:, 0] > 5, noise[:, 0], noise[:, 0], noise[:, 0]), noise)
            for noise in noises
        ]

    def stop_reason(self, island, shown):
        return StopReason.QUERIES if len(island.trace.history) == island.strategy.length else None

    def finish(self, island, noise, reason):
        self.finished.append((island.trace.task.image, noise.tolist(), reason))
        return self.waiting.pop(0) if self.waiting else None


def island(image, *generations, clean=(100, 250), start=0.0):
    pixels = np.array(clean, np.uint8).reshape(1, 2, 1)
    task = Task(image, AnyWrongClass(0), pixels, np.zeros(2, np.float32), np.zeros(2))
    return Island(Trace(task, Observer()), Scripted(task.pixels, *generations), 9.0, start)


def test_an_island_keeps_its_elites_clips_its_offspring_and_counts_what_does_not_improve():
    one = island(3, [[3, 9], [7, 0], [3, 1]], [[7, 1], [-200, 300], [2, 2]], [[1, 0], [8, -300], [0, 0]])
    session = Session()
    IslandGA([Batch([one])], session).run()
    script = one.strategy
    assert script.told == [[[3, 5], [7, 0], [3, 1]], [[7, 1], [-100, 5], [2, 2]], [[1, 0], [8, -250], [0, 0]]]
    first, second = script.asked
    # The best row first; of equals, the older elite before the offspring, and offspring in their order.
    assert first == ([[7, 0], [3, 5], [3, 5], [7, 0], [3, 1]], [7, 3, 3, 7, 3])
    assert second == ([[7, 0], [7, 1], [7, 1], [-100, 5], [2, 2]], [7, 7, 7, -100, 2])
    np.testing.assert_allclose(
        one.trace.history,
        [(-7, -13 / 3, 7, 1 / 3), (-7, 91 / 3, 7, 1 / 3), (-8, -3, np.hypot(8, 250), 1 / 3)],
        rtol=1e-6,
    )
    assert (one.trace.queries, one.unchanged, one.best_fitness, one.best_objective, one.found) == (9, 0, 8, -8, True)
    assert session.finished == [(3, [8, -250], "queries")]


def test_an_island_whose_offspring_are_all_worse_stays_at_the_clean_image():
    worse = [[-1, 0], [-2, 0], [-3, 0]]
    one, session = island(0, worse, worse, worse), Session()
    IslandGA([Batch([one])], session).run()
    assert session.finished == [(0, [0, 0], "queries")]
    assert (one.best_fitness, one.best_objective, one.found, one.unchanged) == (0, 9, False, 2)
    assert [(generation.best, generation.norm) for generation in one.trace.history] == [(9, 0)] * 3


def test_an_island_takes_the_next_image_from_a_clean_start_and_is_empty_when_none_is_left():
    better, again = [[6, 0], [4, 0], [5, 0]], [[2, 0], [1, 0], [3, 0]]
    long, short = island(0, again, again, again, again), island(1, better)
    following = island(2, again, better, clean=(255, 0), start=-4.0)
    session = Session(following)
    batch = Batch([long, short])
    IslandGA([batch], session).run()
    assert session.scored == [[0, 1], [0, 2], [0, 2], [0, None]]
    assert session.finished == [(1, [6, 0], "queries"), (2, [0, 0], "queries"), (0, [3, 0], "queries")]
    # Nothing of image 1 is left in the rows of image 2, whose first pixel cannot rise.
    assert following.strategy.told == [[[0, 0]] * 3] * 2
    ((population, fitness),) = following.strategy.asked
    assert population == [[0, 0]] * 5 and fitness == [0] * 5
    assert (short.best_objective, short.found) == (-6, True)  # its first offspring is its best
    assert batch.islands == [None, None] and not list(batch.active()) and not batch.population.any()


def test_two_batches_take_turns_and_one_is_bred_before_the_scores_of_the_other_arrive():
    better, again = [[6, 0], [4, 0], [5, 0]], [[2, 0], [1, 0], [3, 0]]
    first, second, third = island(0, again, better), island(1, again, again, better), island(2, better)
    session = Session(island(3, again))
    IslandGA([Batch([first, second]), Batch([third, None])], session).run()
    # Image 3 takes the place of image 2 after one generation; then both batches run out of images.
    assert session.scored == [[0, 1], [2, None], [0, 1], [3, None], [None, 1]]
    assert session.finished == [
        (2, [6, 0], "queries"),
        (0, [6, 0], "queries"),
        (3, [3, 0], "queries"),
        (1, [6, 0], "queries"),
    ]
    assert [len(one.strategy.told) for one in (first, second, third)] == [2, 3, 1]


@pytest.mark.parametrize("config", [SearchConfig(patience=5), replace(PAPER, patience=5, max_queries=50_000)])
def test_patience_counts_from_the_last_improvement(config):
    network = curved()
    images, labels = images_of(network, 4)
    waited = 0
    for result in search_minimum_noise(network, images, labels, config):
        assert result.stop_reason == "patience"
        best = result.history[:, 0]
        improved = np.flatnonzero(np.diff(best, prepend=np.inf) < 0)
        assert result.generations == improved[-1] + 1 + 5
        waited = max(waited, int(np.sum(np.diff(best) == 0)))
    assert waited > 5  # patience was used up in parts, and began anew


def cliff():
    """Three classes that a bright image is far from: scores are the same all around it."""
    slopes = curved(3).output

    def logits(images):
        dark = images.mean(axis=(1, 2, 3), keepdims=True)[:, 0, 0] < 200
        curved_ones = np.tanh((images.reshape(len(images), -1) / 255 - 0.5) @ HIDDEN) @ slopes
        return np.where(dark, curved_ones, [9.0, 0, 0]).round(9)  # products of another batch differ in their last bits

    return Classifier.from_function(logits, SHAPE, 3, fingerprint="cliff", outputs="logits")


HIDDEN = np.random.default_rng(5).normal(size=(64, 12)) / 2


@pytest.mark.parametrize(
    "config", [SearchConfig(max_queries=400), replace(PAPER, population=60)], ids=["default", "paper"]
)
def test_an_island_is_cleared_for_its_next_image(config):
    network = cliff()
    images, _ = images_of(network, 15)
    images[[1, 4, 9]] = 255  # they cannot be flipped, and hold their islands longest
    labels = network.scores(images).argmax(axis=1)
    ends = {}

    def end_some_early(progress):
        ends[progress.image] = progress.generation
        return Stop.IMAGE if progress.generation == 2 + progress.image % 5 and progress.image not in (1, 4, 9) else None

    together = search_minimum_noise(network, images, labels, config, end_some_early)
    assert [r.image for r in together] == list(range(15))
    assert [r.found for r in together][1] is False and sum(r.found for r in together) > 3
    for k, result in enumerate(together):
        (alone,) = search_minimum_noise(
            network,
            images[k : k + 1],
            labels[k : k + 1],
            config,
            lambda progress, k=k: Stop.IMAGE if progress.generation == ends[k] else None,
        )
        np.testing.assert_array_equal(result.noise, alone.noise)
        np.testing.assert_array_equal(result.history, alone.history)
        assert (result.queries, result.generations, result.found) == (alone.queries, alone.generations, alone.found)
        assert result.generations == ends[k] == len(result.history)


def test_a_search_asks_for_no_generation_that_it_may_not_score():
    network = curved()
    images, labels = images_of(network, 1)
    for queries, generations in {100: 2, 149: 2, 150: 3, 151: 3}.items():
        (result,) = search_minimum_noise(network, images, labels, SearchConfig(max_queries=queries))
        asked = result.queries - result.repair_queries - 1  # the last check
        assert (result.generations, asked, result.stop_reason) == (generations, 50 * generations, "queries")


def test_three_elites_are_kept_and_offspring_fill_the_rest():
    network, asked = curved(), []
    images, labels = images_of(network, 1)
    function = network.function
    network.function = lambda batch: asked.append(len(batch)) or function(batch)
    (result,) = search_minimum_noise(network, images, labels, replace(PAPER, max_queries=170))
    assert result.generations == 10 and result.queries == 10 * 17 + 101
    # The clean image; it and a copy with slight noise; its log-scores; the generations; the result; the repair's.
    assert asked == [1, 2, 1] + 10 * [17] + [1, 100]


def test_islands_without_an_image_are_not_scored():
    network, asked = curved(), []
    images, labels = images_of(network, 6)  # five islands, and one image more
    function = network.function
    network.function = lambda batch: asked.append(len(batch)) or function(batch)
    results = search_minimum_noise(network, images, labels, SearchConfig(max_queries=200))
    assert sum(asked) == sum(result.queries for result in results) + 4 * 6  # clean images: thrice, once changed


def test_a_search_on_two_batches_gives_each_image_what_it_gets_alone():
    network, threads = cliff(), set()
    network.background, function = True, network.function
    network.function = lambda batch: threads.add(threading.current_thread().name) or function(batch)
    images, labels = images_of(network, 7)  # more than the five islands of a batch
    seen, config = [], SearchConfig(max_queries=200)

    def watch(progress):
        assert threading.current_thread() is threading.main_thread()
        seen.append(progress.image)

    together = search_minimum_noise(network, images, labels, config, watch)
    assert seen == 4 * list(range(7)) and len(threads) == 2
    for k in (0, 6):
        (alone,) = search_minimum_noise(network, images[k : k + 1], labels[k : k + 1], config)
        np.testing.assert_array_equal(together[k].noise, alone.noise)
        np.testing.assert_array_equal(together[k].history, alone.history)


def test_what_the_model_raises_in_another_thread_ends_the_search():
    network, calls = cliff(), []
    network.background, function = True, network.function
    images, labels = images_of(network, 7)
    network.function = lambda batch: calls.append(1) or function(batch) + (np.nan if len(calls) > 5 else 0)
    with pytest.raises(ModelError, match="NaN"):
        search_minimum_noise(network, images, labels, SearchConfig(max_queries=300))
