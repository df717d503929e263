"""How far steps go, which weights are tried and how often noise is drawn: the course of single engines, by hand."""

import copy
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from numpy_networks import NumpyNetwork, curved, images_of

from tfstab import SearchConfig, search_minimum_noise
from tfstab.runs import CleanImages
from tfstab.search.aim import Aim
from tfstab.search.checks import prefers_no_noise
from tfstab.search.doubts import too_few_queries
from tfstab.search.engines import boundary, lbfgs
from tfstab.search.engines import labels as by_labels
from tfstab.search.group import search_clean

NEVER = NumpyNetwork(np.zeros((64, 3)), bias=[1.0, 0, 0])  # nothing flips it
FOUR = NumpyNetwork(np.zeros((64, 4)), bias=[1.0, 0, 0, 0])
GREY = np.full((1, 8, 8, 1), 128, np.uint8)


@pytest.mark.parametrize("network", [curved(), NEVER])
def test_walks_go_less_far_with_each_step_twice_over(network, monkeypatch):
    """Three walks take steps of 4 queries each until 40 % of 200 are spent, then one goes on alone."""
    steps = []

    def step(walks, share, classifier):
        steps.append((len(walks), share))
        return taken(walks, share, classifier)

    taken = boundary.step
    monkeypatch.setattr(boundary, "step", step)
    images, labels = (GREY, [0]) if network is NEVER else images_of(network, 1)
    config = SearchConfig("boundary", max_queries=200, walks=2)
    (result,) = search_minimum_noise(network, images, labels, config)
    together = [(2, (1 - k / 10) ** 2) for k in range(10)]
    alone = [(1, ((200 - 80 - 4 * k) / 120) ** 2) for k in range(30)]
    np.testing.assert_allclose(steps, together + alone)
    assert (result.gradients, result.queries - result.repair_queries) == (20 + 30, 3 * 50 + 1)


@pytest.mark.parametrize(
    ("most", "weights"),
    [
        (0.05, [1e-3, 1e-2, 0.1, 10**-1.5, 10**-1.25, 10**-1.375]),
        (2e-5, [1e-3, 1e-4, 1e-5, 10**-4.5, 10**-4.75, 10**-4.625]),
    ],
)  # fmt: skip
def test_the_largest_weight_at_which_noise_flips_is_bisected(most, weights, monkeypatch):
    tried = []

    def minimised(self, weight, target, start):
        tried.append((target, weight))
        return start, weight <= most

    monkeypatch.setattr(lbfgs._Search, "_minimise", minimised)
    search_minimum_noise(NEVER, GREY, [0], SearchConfig("lbfgs", targets=2))
    assert [target for target, _ in tried] == [1] * lbfgs.BISECTIONS + [2] * lbfgs.BISECTIONS
    assert [weight for _, weight in tried][: len(weights)] == pytest.approx(weights)


@pytest.mark.parametrize(("most", "minimised"), [(100, 4), (101, 5), (10_000, 36)])
def test_no_minimisation_begins_once_queries_and_gradients_are_used_up(most, minimised, monkeypatch):
    """Each takes 24 gradients and a query, at 12 weights for each of three targets."""
    done = []

    def spent(self, weight, target, start):
        self.trace.gradients, self.trace.queries = self.trace.gradients + 24, self.trace.queries + 1
        done.append(target)
        return start, False

    monkeypatch.setattr(lbfgs._Search, "_minimise", spent)
    (result,) = search_minimum_noise(FOUR, GREY, [0], SearchConfig("lbfgs", max_queries=most))
    assert (len(done), result.gradients, result.queries) == (minimised, 24 * minimised, minimised + 1)
    assert result.stop_reason == ("converged" if most == 10_000 else "queries") and not result.noise.any()


@pytest.mark.parametrize(("queries", "generations"), [(199, 1), (200, 2), (201, 2)])
def test_random_noise_is_drawn_as_often_as_the_queries_allow(queries, generations):
    (result,) = search_minimum_noise(NEVER, GREY, [0], SearchConfig("random", max_queries=queries))
    assert (result.generations, result.queries, result.stop_reason) == (generations, 100 * generations + 1, "queries")
    assert result.history[0, 2] == pytest.approx(8, rel=0.3)  # of 64 values with a sigma of 1


def test_random_noise_that_stayed_small_is_said_to_be_small_where_it_changes_nothing():
    with pytest.warns(
        UserWarning, match=r"For 1 image, no noise was found\. Random noise was tried only up to sigma 1\.2 "
    ):
        (result,) = search_minimum_noise(NEVER, GREY, [0], SearchConfig("random", max_queries=300))
    (said,) = too_few_queries(SearchConfig("random", max_queries=5999), [result])
    assert "sigma 251.6 grey levels; more queries try larger noise, --max-queries 6000 up to sigma 277." in said
    assert not too_few_queries(SearchConfig("random", max_queries=6000), [result])
    assert not too_few_queries(SearchConfig("random", max_queries=300), [replace(result, found=True)])
    (said,) = too_few_queries(SearchConfig(preset="paper", max_queries=2000), [result])
    assert said.endswith("Preset paper had only 2,000 of its usual 50,000 queries for each image.")
    assert not too_few_queries(SearchConfig(max_queries=300), [result])


def test_an_objective_asks_for_no_noise_only_where_noise_was_needed_and_found():
    network = curved()
    images, labels = images_of(network, 2)
    config = SearchConfig(max_queries=300, lambda_=10, beta=1)
    with pytest.warns(UserWarning, match="for 1 of 2 images the objective is smallest without any noise"):
        needed, needless = search_minimum_noise(network, images, [labels[0], (labels[1] + 1) % 4], config)
    assert needless.l2 == 0 and not prefers_no_noise(needless, config, Aim())
    assert needed.found and prefers_no_noise(needed, config, Aim())
    (unfound,) = search_minimum_noise(NEVER, GREY, [0], (random := SearchConfig("random", max_queries=100)))
    assert not unfound.found and unfound.l2 > 0 and not prefers_no_noise(unfound, random, Aim())


class Told(NumpyNetwork):
    """Nothing flips it; it keeps how many images it was asked for, in batches of which size."""

    asked: ClassVar[list[tuple[int, int]]] = []
    steep: ClassVar[list[int]] = []  # how many gradients it was asked for
    size = 0

    def with_batch_size(self, batch_size):
        other = copy.copy(self)
        other.size = batch_size
        return other

    def log_scores(self, images):
        self.asked.append((self.size, len(images)))
        return super().log_scores(images)

    def gradients(self, images, weights):
        self.steep.append(len(images))
        return super().gradients(images, weights)


@pytest.mark.parametrize(
    ("images", "device", "background", "expected"),
    [
        (1, "CPU", False, [(56, 50)]), (3, "CPU", False, [(152, 150)]), (5, "GPU", True, [(256, 250)]),
        (6, "CPU", False, [(256, 250), (56, 50)]), (7, "CPU", False, [(256, 250), (104, 100)]),
        (8, "CPU", False, [(256, 250), (152, 150)]), (9, "CPU", False, [(256, 250), (256, 200)]),
        (7, "GPU", False, [(256, 250), (256, 100)]), (7, "CPU", True, [(200, 200), (200, 150)]),
        (10, "CPU", True, [(256, 250), (256, 250)]), (12, "CPU", True, [(256, 250), (256, 250), (104, 100)]),
    ],
)  # fmt: skip
def test_images_are_searched_beside_each_other_in_batches_that_are_halved_on_a_cpu(
    images, device, background, expected
):
    """Each of five images at most, or in the background of ten in two batches, has 50 noises in two generations.

    The batches are filled up to a multiple of eight.
    """
    network = Told(NEVER.output, NEVER.bias)
    network.device, network.background = device, background
    network.asked.clear()
    many = np.linspace(0, 255, images).astype(np.uint8)[:, None, None, None] + np.zeros((8, 8, 1), np.uint8)
    results = search_minimum_noise(network, many, [0] * images, SearchConfig(max_queries=100))
    assert all(result.queries == 101 for result in results) and len(results) == images
    searched = [(size, count) for size, count in network.asked if size and count and count % 50 == 0]
    assert sorted(searched) == sorted(2 * expected)


@pytest.mark.parametrize(("images", "beside"), [(3, 3), (10, 8)])
def test_eight_images_at_most_are_labelled_beside_each_other(images, beside):
    """Each is painted over in 25 ways, which are labelled at once."""
    network = Told(NEVER.output, NEVER.bias)
    network.asked.clear()
    many = np.linspace(10, 250, images).astype(np.uint8)[:, None, None, None] + np.zeros((8, 8, 1), np.uint8)
    results = search_minimum_noise(network, many, [0] * images, SearchConfig("labels", max_queries=100))
    assert all(90 < result.queries <= 101 for result in results) and len(results) == images
    assert max(count for size, count in network.asked if size == by_labels.BATCH) == 25 * beside


@pytest.mark.parametrize(("most", "asked"), [(106, 99), (107, 107)])
def test_no_labels_are_asked_for_beyond_the_queries(most, asked):
    """Two noises that invert the image and make it grey, 25 that paint it over, and random noise eight at a time."""
    (result,) = search_minimum_noise(NEVER, GREY - 28, [0], SearchConfig("labels", max_queries=most))
    assert (result.queries, result.stop_reason) == (asked + 1, "queries")
    assert result.history[0, 2] == 28 * 8  # of the last of the noises asked about: while none flips, it is shown


@pytest.mark.parametrize(
    "config",
    [
        SearchConfig(max_queries=200), SearchConfig(preset="paper", population=20, max_queries=200),
        SearchConfig("random", max_queries=300), SearchConfig("lbfgs", max_queries=100),
        SearchConfig("boundary", max_queries=150), SearchConfig("boundary", norm="l0", max_queries=150),
        SearchConfig("labels", max_queries=200), SearchConfig(max_queries=100, refine=40),
        SearchConfig("boundary", max_queries=100, refine=70, norm="linf"),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("network", [curved(), NEVER], ids=["flips", "does not"])
def test_queries_and_gradients_are_what_the_model_was_asked_for(network, config):
    told = Told(network.output, network.bias, network.hidden)
    images, labels = images_of(told, 1)
    clean, results = CleanImages(images, labels, np.arange(1), told.scores(images)), []
    told.gradients(images.astype(np.float32), np.eye(told.num_classes)[:1])  # the first time, a function is checked
    told.asked.clear()
    told.steep.clear()
    search_clean(told, clean, config, Aim(), results.append)
    (result,) = results
    assert sum(told.steep) == result.gradients
    # The clean image once; a function's gradients come with log-scores.
    assert sum(count for _, count in told.asked) == 1 + result.queries + result.gradients
