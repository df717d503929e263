"""What a search does at its edges, on tiny NumPy networks: patience, islands in turn, repair, refinement, settings."""

import itertools
import json
import time
import warnings
from dataclasses import replace

import numpy as np
import pytest
from numpy_networks import SHAPE, NumpyNetwork, curved, images_of, linear

from tfstab import Classifier, Dataset, SearchConfig, Stop, run_search, search_minimum_noise
from tfstab.errors import InputError
from tfstab.runs import CleanImages
from tfstab.search import refine
from tfstab.search.aim import Aim
from tfstab.search.goal import FLIP_MARGIN, AnyWrongClass, TargetClass
from tfstab.search.norm import L2
from tfstab.search.objective import at_no_noise, evaluate
from tfstab.search.part import problem_of
from tfstab.search.repair import nearest_uint8
from tfstab.search.task import Task

PAPER = SearchConfig(preset="paper", population=20, elites=3, max_queries=3000)


# --- the engine pygad ---


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
            network, images[k : k + 1], labels[k : k + 1], config,
            lambda progress, k=k: Stop.IMAGE if progress.generation == ends[k] else None,
        )  # fmt: skip
        np.testing.assert_array_equal(result.noise, alone.noise)
        np.testing.assert_array_equal(result.history, alone.history)
        assert (result.queries, result.generations, result.found) == (alone.queries, alone.generations, alone.found)
        assert result.generations == ends[k] == len(result.history)


def test_a_search_asks_for_no_generation_that_it_may_not_score():
    network = curved()
    images, labels = images_of(network, 1)
    for queries, generations in {100: 2, 149: 2, 150: 3, 151: 3}.items():
        (result,) = search_minimum_noise(network, images, labels, SearchConfig(max_queries=queries))
        assert (result.generations, result.queries, result.stop_reason) == (generations, 50 * generations, "queries")


def test_three_elites_are_kept_and_offspring_fill_the_rest():
    network, asked = curved(), []
    images, labels = images_of(network, 1)
    function = network.function
    network.function = lambda batch: asked.append(len(batch)) or function(batch)
    (result,) = search_minimum_noise(network, images, labels, replace(PAPER, max_queries=170))
    assert result.generations == 10 and result.queries == 10 * 17
    assert asked.count(17) == 10 + 1 + 1 + 6  # then the result, its scores, and 100 candidates of the repair


def test_how_long_a_search_took():
    network = curved()
    images, labels = images_of(network, 1)
    for config in (
        SearchConfig(max_queries=150), SearchConfig(engine="random", max_queries=300),
        SearchConfig(engine="lbfgs", max_queries=100), SearchConfig(max_queries=150, refine=True),
    ):  # fmt: skip
        started = time.perf_counter()
        (result,) = search_minimum_noise(network, images, labels, config)
        assert 0 < result.seconds <= time.perf_counter() - started


def test_what_an_observer_sees_of_a_generation_is_its_line_in_the_history():
    network = curved()
    images, labels = images_of(network, 2)
    for config in (
        SearchConfig(max_queries=300), SearchConfig(engine="random", max_queries=3000),
        SearchConfig(engine="lbfgs", max_queries=100),
    ):  # fmt: skip
        seen = {0: [], 1: []}
        results = search_minimum_noise(network, images, labels, config, lambda p: seen[p.image].append(p))  # noqa: B023
        for result in results:
            lines = [(p.best, p.mean, p.norm, p.share_misclassified) for p in seen[result.image]]
            np.testing.assert_array_equal(lines, result.history)
            assert [p.generation for p in seen[result.image]] == list(range(1, result.generations + 1))
            last = seen[result.image][-1]
            assert (last.queries, last.flipped) == (result.queries, result.found)
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
            network, images, labels, SearchConfig(engine=engine), lambda _: next(answers, Stop.ALL)  # noqa: B023
        )
        assert len(results) == begun and {r.stop_reason for r in results} == {"observer"}


# --- the other engines and refinement ---


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
    assert refined.queries == plain.queries + 11 * 20 * 4 + 3 * 150 * 4
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
    first, *others = refine._walks(task, result, 0)
    shaken, towards = others[:8], others[8:]
    np.testing.assert_array_equal(first.noise, result.noise.ravel())
    assert first.best_norm == pytest.approx(result.l2, rel=1e-6) and not first.fixed
    by_score = [k for k in np.argsort(-result.scores, kind="stable") if k != labels[0]]
    assert {walk.rival for walk in (first, *shaken)} == {by_score[0]}
    lengths = [np.linalg.norm(walk.noise - first.noise) for walk in shaken]
    assert all(0.5 * result.l2 < length <= result.l2 * 1.0001 for length in lengths)
    assert len({walk.noise.tobytes() for walk in shaken}) == 8
    for walk in shaken:
        level = task.pixels + walk.noise
        assert walk.best_norm == np.inf and level.min() >= -1e-3 and level.max() <= 255.001
    clean_order = [k for k in np.argsort(-scores, kind="stable") if k != labels[0]]
    assert [walk.rival for walk in towards] == clean_order[:2] and all(walk.fixed for walk in towards)
    assert not any(walk.noise.any() for walk in towards)
    goal = TargetClass(task.class_index, int(clean_order[2]))
    aimed = refine._walks(replace(task, goal=goal), replace(result, found=False), 0)
    assert len(aimed) == 10 and aimed[0].best_norm == np.inf and not any(walk.fixed for walk in aimed)
    weights = first.weights()
    assert (weights[labels[0]], weights[by_score[0]], np.abs(weights).sum()) == (1, -1, 2)
    np.testing.assert_array_equal(first.point(), result.degraded)


def test_the_best_of_a_steps_trials_is_kept_and_the_rival_followed():
    network = curved()
    images, labels = images_of(network, 1)
    own = int(labels[0])
    rival, other = (k for k in range(4) if k not in (own,) and k in ((own + 1) % 4, (own + 2) % 4))
    task = Task(0, AnyWrongClass(own), images[0], network.scores(images)[0], network.log_scores(images)[0])
    walk = refine._Walk(task, np.zeros(64), rival)
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
    fixed = refine._Walk(task, np.zeros(64), rival, fixed=True)
    fixed.take(trials, scores)
    assert fixed.rival == rival
    edge = scores.copy()
    edge[:] = -5.0
    edge[:, own], edge[:, other] = -1, -1 + FLIP_MARGIN * 0.99
    beside = refine._Walk(task, np.zeros(64), rival)
    beside.take(trials, edge)
    assert beside.best_norm == np.inf


# --- repair to 8 bits ---


def candidates_by_hand(pixel, noise):
    """(scale, threshold) -> the 8-bit value of one pixel."""
    for scale, threshold in itertools.product([1 + 0.005 * 400 ** (k / 24) for k in range(25)], (0.5, 0.35, 0.2, 0.05)):
        size = int(scale * abs(noise) + 1 - threshold)
        yield min(255, max(0, pixel + (size if noise > 0 else -size)))


@pytest.mark.parametrize(
    ("pixel", "noise", "needed"),
    [(0, 2.6, 3), (0, 2.4, 3), (1, -0.7, -1), (2, -2.0, -2), (254, 0.9, 1), (255, -0.3, -1), (253, 2.0, 2),
     (100, 10.2, 11), (100, -10.2, -14), (0, 0.04, 1), (10, 3.0, 9), (10, 3.0, 10), (254, 1.0, 2)],
)  # fmt: skip
def test_the_repair_finds_the_nearest_rounded_image_near_black_and_white_too(pixel, noise, needed):
    """It flips where the pixel has changed by `needed` or more."""

    def scores(images):
        changed = images[:, 3, 3, 0] - pixel
        flipped = changed >= needed if needed > 0 else changed <= needed
        return np.stack([~flipped, flipped], axis=1).astype(float)

    classifier = Classifier.from_function(scores, SHAPE, 2, fingerprint="step")
    clean = np.full(SHAPE, 77, np.uint8)
    clean[3, 3] = pixel
    task = Task(0, AnyWrongClass(0), clean, np.array([1, 0], np.float32), np.array([0.0, -90.0]))
    field = np.zeros(SHAPE, np.float32)
    field[3, 3] = noise
    changes = [value - pixel for value in candidates_by_hand(pixel, noise)]
    flips = [abs(c) for c in changes if (c >= needed if needed > 0 else c <= needed)]
    expected = min(flips, default=np.nan)
    np.testing.assert_equal(nearest_uint8(classifier, task, field), expected)
    targeted = replace(task, goal=TargetClass(0, 1))
    np.testing.assert_equal(nearest_uint8(classifier, targeted, field), expected)
    others = min((abs(c) for c in changes if not (c >= needed if needed > 0 else c <= needed)), default=np.nan)
    np.testing.assert_equal(nearest_uint8(classifier, replace(task, goal=TargetClass(1, 0)), field), others)


# --- operators, objective, projection, goal ---


def test_the_objective_of_no_noise():
    scores = np.array([0.7, 0.2, 0.1])
    assert at_no_noise(scores, AnyWrongClass(0), beta=100) == pytest.approx(70)
    assert at_no_noise(scores, AnyWrongClass(0), beta=100, equation="eq1") == pytest.approx(0.7)
    assert at_no_noise(scores, TargetClass(0, 1), beta=100) == pytest.approx(80)
    assert at_no_noise(scores, TargetClass(0, 1), beta=100, equation="eq1") == pytest.approx(0.8)


def test_a_lead_of_the_flip_margin_is_no_flip_yet():
    logs = np.array([[-0.7, FLIP_MARGIN * 0.999 - 0.7]])
    assert not evaluate(logs, AnyWrongClass(0), np.zeros(1), beta=1, lambda_=1).flipped[0]
    logs = np.array([[-0.7, FLIP_MARGIN * 1.001 - 0.7]])
    assert evaluate(logs, AnyWrongClass(0), np.zeros(1), beta=1, lambda_=1).flipped[0]


def test_all_that_an_evaluation_says_of_a_target():
    scores = np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]])
    said = evaluate(np.log(scores), TargetClass(0, 1), np.array([2.0, 3.0]), beta=10, lambda_=4)
    np.testing.assert_allclose(said.margin, [0.2, -0.5])
    np.testing.assert_allclose(said.log_odds, np.log([0.5 / 0.5, 0.9 / 0.1]), atol=1e-12)
    np.testing.assert_allclose(said.objective, [0.2 + 8, 10 * 0.9 + 12])
    np.testing.assert_allclose(said.fitness, [-8.2 / 4, -1e9 - np.log(9)], rtol=1e-15)
    said = evaluate(np.log(scores), AnyWrongClass(0), np.array([2.0, 3.0]), beta=10, lambda_=0.5)
    np.testing.assert_allclose(said.margin, [0.3, -0.3])
    np.testing.assert_allclose(said.log_odds, np.log([0.2 / 0.8, 0.6 / 0.4]))
    np.testing.assert_allclose(said.objective, [0.3 + 1, 10 * 0.6 + 1.5])
    np.testing.assert_allclose(said.fitness, [-1.3, -1e9 - np.log(1.5)], rtol=1e-15)


def test_a_projection_by_hand():
    pixels, gradient = np.array([250.0, 100, 100, 0]), np.array([-3.0, -4, 0, 1])
    # 20 = 3 a + 4 b: nearest is in proportion, with a below 5.
    np.testing.assert_allclose(L2().project(pixels, gradient, 20.0), [2.4, 3.2, 0, 0], rtol=1e-6)
    np.testing.assert_allclose(L2().project(pixels, gradient, 55.0), [5, 10, 0, 0], rtol=1e-6)
    np.testing.assert_allclose(L2().project(pixels, gradient, 1e6), [5, 155, 0, 0])  # as near as it gets
    assert not L2().project(pixels, gradient, 0.0).any()
    assert L2().project(pixels.astype(np.float32), gradient, 20.0).dtype == np.float32


def test_a_goal_says_what_a_run_records_of_it():
    network = curved()
    mask = np.arange(64).reshape(8, 8) > 9
    assert Aim.checked(network, np.array([0, 1]), None, None).settings == {}
    whole = Aim.checked(network, np.array([0, 1]), 3, mask)
    assert whole.settings["target"] == 3 and len(whole.settings["mask"]) == 64
    assert whole.mask.shape == SHAPE
    np.testing.assert_array_equal(whole.mask[..., 0], mask)
    assert Aim.checked(network, np.array([0]), None, mask[..., None]).settings == {"mask": whole.settings["mask"]}
    assert Aim.checked(network, np.array([1]), 0, None).target == 0
    with pytest.raises(InputError, match=r"target is 4; expected a class from 0 to 3"):
        Aim.checked(network, np.array([0]), 4, None)
    with pytest.raises(InputError, match="target is -1"):
        Aim.checked(network, np.array([0]), -1, None)
    with pytest.raises(InputError, match="mask"):
        Aim.checked(network, np.array([0]), None, np.ones((8, 8, 3), bool))


def test_images_that_are_the_target_already_need_no_noise():
    network = curved()
    images, labels = images_of(network, 6)
    target = int(labels[0])
    wrong = (labels + 1) % 4
    wrong[wrong == target] = (target + 1) % 4
    results = search_minimum_noise(network, images, wrong, SearchConfig(max_queries=100), target=target)
    for result, predicted in zip(results, labels, strict=True):
        needless = predicted == target
        assert (result.stop_reason == "misclassified when clean") == needless
        if needless:
            assert result.found and result.predicted == target and result.queries == result.generations == 0
            assert result.objective == result.margin and result.l2 == result.l2_uint8 == result.seconds == 0


# --- settings ---


@pytest.mark.parametrize(
    "edge",
    [
        {"preset": "paper", "population": 4, "elites": 2}, {"max_queries": 100}, {"patience": 1},
        {"preset": "paper", "tournament_size": 1}, {"engine": "lbfgs", "targets": 1}, {"preset": "paper", "elites": 50},
        {"preset": "paper", "mutation_rate": 1}, {"preset": "paper", "mutation_rate": 1e-9}, {"seed": 2**63 - 1},
        {"preset": "paper", "population": 101, "max_queries": 100}, {"seed": np.int64(3)}, {"beta": 1e-300},
        {"lambda_": 5}, {"preset": "paper", "objective": "eq1"}, {"engine": "random", "max_queries": 1000},
    ],
)  # fmt: skip
def test_settings_at_the_edge_of_their_range_are_taken(edge):
    config = SearchConfig(**edge)
    recorded = config.settings | {"seed": config.seed}
    assert all(recorded[name] == value for name, value in edge.items())


@pytest.mark.parametrize(
    ("beyond", "said"),
    [
        ({"preset": "paper", "population": 3}, "population is 3; expected 4 or more"),
        ({"max_queries": 99}, "max_queries is 99; expected 100 or more"),
        ({"patience": 0}, "patience is 0; expected 1"),
        ({"preset": "paper", "tournament_size": 0}, "tournament_size is 0; expected 1"),
        ({"preset": "paper", "elites": 0}, "elites is 0; expected 1"),
        ({"preset": "paper", "elites": 51}, "at most half of the population of 100"),
        ({"engine": "lbfgs", "targets": 0}, "targets is 0; expected 1"),
        ({"preset": "paper", "mutation_rate": 1.0001},
         "mutation_rate is 1.0001; expected a number above 0 and at most 1"),
        ({"preset": "paper", "mutation_range": 0}, "mutation_range is 0; expected a number above 0"),
        ({"preset": "paper", "start_range": -1.0}, "start_range is -1.0; expected a number above 0"),
        ({"seed": 2**63}, "expected a whole number from 0"),
        ({"preset": "paper", "population": 102, "max_queries": 100}, "expected at least a population of 102"),
        ({"preset": "paper", "engine": "random"},
         "preset is paper with engine 'random', which has no such setting; expected engine 'pygad'"),
        ({"patience": 99, "engine": "lbfgs"},
         "patience is 99 with engine 'lbfgs', which has no such setting; expected engine 'pygad'"),
        ({"targets": 2}, "targets is 2 with engine 'pygad', which has no such setting; expected engine 'lbfgs'"),
        ({"start_range": 9.0},
         "start_range is 9.0 with preset 'default', which has no such setting; expected preset 'paper'"),
    ],
)  # fmt: skip
def test_settings_just_beyond_their_range_are_refused(beyond, said):
    with pytest.raises(InputError, match=said):
        SearchConfig(**beyond)


def test_what_the_presets_stand_for():
    ours, paper = SearchConfig(), SearchConfig(preset="paper")
    assert (ours.max_queries, ours.options.patience) == (20_000, 100)
    assert (paper.max_queries, paper.options.patience) == (50_000, 50)
    few = SearchConfig(max_queries=500, patience=7)
    assert (few.max_queries, few.options.patience) == (500, 7)
    own = paper.options
    assert (own.population, own.tournament_size, own.mutation_rate, own.mutation_range) == (100, 5, 0.02, 10.0)
    assert (own.elites, own.start_range, own.crossover, own.objective) == (1, 10.0, "mixed", "eq2")
    assert (paper.beta, paper.lambda_, SearchConfig(engine="lbfgs").options.targets) == (1e8, 1.0, 3)
    assert (paper.engine, paper.objective, paper.refine, paper.seed) == ("pygad", "eq2", False, 0)


@pytest.mark.parametrize(
    ("images", "sizes"), [(3, [1] * 3), (31, [1] * 31), (33, [2] * 16 + [1]), (400, [16] * 25), (7, [1] * 7)]
)
def test_images_go_to_a_clusters_workers_in_groups(images, sizes):
    from tfstab.execution.executor import pieces
    from tfstab.search.running import LARGEST_GROUP, _groups, search_group

    network = curved()
    pixels, labels = images_of(network, images)
    clean = CleanImages(pixels, labels, np.arange(images) + 5, network.scores(pixels))
    config, aim = SearchConfig(max_queries=100), Aim()
    rows = [np.arange(images)[piece] for piece in pieces(images, LARGEST_GROUP)]
    groups, results = list(_groups(clean, rows, config, aim)), []
    assert [len(some.indices) for _, (some, _, _) in groups] == sizes
    assert np.concatenate([some.indices for _, (some, _, _) in groups]).tolist() == list(range(5, 5 + images))
    assert [name for name, _ in groups][:2] == ["image-000000005", f"image-{5 + sizes[0]:09d}"]
    if images == 3:
        search_group(network, groups[1][1], results.append)
        (result,) = results
        (alone,) = search_minimum_noise(network, pixels[1:2], labels[1:2], config)
        assert result.image == 6
        np.testing.assert_array_equal(result.noise, alone.noise)


# --- pictures ---


def test_a_result_is_drawn_as_clean_noise_and_degraded():
    from matplotlib.figure import Figure

    from tfstab.search.plot import draw_triple

    network = linear(0.2)
    (result,) = search_minimum_noise(network, np.full((1, *SHAPE), 128, np.uint8), [0], SearchConfig(max_queries=300))
    lost = replace(result, found=False)
    for shown, scale, limit in ((result, None, result.linf), (result, 80.0, 80.0), (lost, 1, 1)):
        axes = Figure().subplots(1, 3)
        noise = draw_triple(axes, shown, ("a$b", "second"), scale)
        assert noise.get_clim() == (-limit, limit) and noise.get_cmap().name == "RdBu_r"
        np.testing.assert_array_equal(noise.get_array(), result.noise[..., 0])
        clean, degraded = (axes[k].images[0] for k in (0, 2))
        np.testing.assert_array_equal(clean.get_array(), result.clean[..., 0])
        np.testing.assert_array_equal(degraded.get_array(), np.rint(result.degraded[..., 0]))
        assert clean.get_clim() == degraded.get_clim() == (0, 255) and not any(axis.axison for axis in axes)
        titles = [axis.get_title() for axis in axes]
        said = f"L2 {result.l2:.0f}  PSNR {result.psnr:.1f}" if shown.found else "not found"
        assert titles == [r"a\$b", said, f"→ second ({result.score:.2f})"]
    assert draw_triple(Figure().subplots(1, 3), replace(result, noise=0 * result.noise), "ab").get_clim() == (-1, 1)


def test_a_result_says_what_it_is():
    network = curved()
    images, labels = images_of(network, 1)
    (result,) = search_minimum_noise(network, images, labels, SearchConfig(max_queries=300))
    np.testing.assert_array_equal(result.degraded, np.clip(images[0] + result.noise, 0, 255))
    assert result.predicted == network.scores(result.degraded[None]).argmax()
    others = np.delete(result.scores, labels[0])
    assert result.margin == pytest.approx(float(others.max() - result.scores[labels[0]]))
    assert (result.score, result.true_score) == (result.scores.max(), result.scores[labels[0]])
    assert result.linf == np.abs(result.noise).max() and result.l2_unit == result.l2 / 255
    assert result.psnr == pytest.approx(20 * np.log10(255 * 8 / result.l2))
    assert f"found, predicted={result.predicted}, l2={result.l2:.1f}, queries=300)" in repr(result)
    assert "not found, queries=300)" in repr(replace(result, found=False))
    figures = result.figures()
    assert list(figures) == [
        "image", "class_index", "found", "predicted", "score", "true_score", "margin", "objective", "l2", "l2_unit",
        "l2_uint8", "linf", "psnr", "queries", "generations", "seconds", "stop_reason",
    ]  # fmt: skip
    assert all(figures[name] == getattr(result, name) for name in figures)
    clean = CleanImages(images, labels, np.arange(1), network.scores(images))
    assert problem_of(result, clean, 0, None) is None
    for other in (
        replace(result, clean=result.clean[:4]), replace(result, clean_scores=result.clean_scores[:3]),
        replace(result, class_index=(result.class_index + 1) % 4), replace(result, history=result.history[:, :3]),
    ):  # fmt: skip
        assert problem_of(other, clean, 0, None)


# --- runs ---


def test_a_run_tells_each_result_once_and_logs_it(tmp_path):
    network = curved()
    images, labels = images_of(network, 7)
    labels[3] = (labels[3] + 1) % 4
    dataset = Dataset.from_arrays("few", "test", images, labels, ("a", "b", "c", "d"))
    told = []
    run = run_search(network, dataset, SearchConfig(max_queries=100), tmp_path / "run", on_result=told.append)
    assert sorted(r.image for r in told) == list(range(7)) and run.complete and len(run) == 7
    log = [json.loads(line) for line in (run.path / "log.jsonl").read_text().splitlines()]
    assert [entry["event"] for entry in log] == ["opened", *["part"] * 7, "finished"]
    by_part = {entry["part"]: entry for entry in log if entry["event"] == "part"}
    for result in told:
        entry = by_part[f"image-{result.image:09d}"]
        assert entry["queries"] == result.queries
        assert entry["search_seconds"] == pytest.approx(result.seconds, abs=6e-4)
        assert 0 <= entry["seconds"] < 60 and entry["seconds"] >= entry["search_seconds"] - 1e-3
        assert run.result(result.image).seconds == entry["search_seconds"]
    again = []
    run_search(network, dataset, SearchConfig(max_queries=100), tmp_path / "run", on_result=again.append)
    assert again == []
    stopped = run_search(
        network, dataset, SearchConfig(max_queries=100), tmp_path / "cut", on_generation=lambda _: Stop.ALL
    )
    last = json.loads((stopped.path / "log.jsonl").read_text().splitlines()[-1])
    assert last["event"] == "stopped" and list(stopped.images) == [3]
    assert stopped.progress == (1, 7) and repr(stopped).endswith("1 of 7 parts)")


def test_how_often_the_objective_asks_for_no_noise_is_counted():
    network = linear(0.2)
    images = np.full((3, *SHAPE), 128, np.uint8)
    images[1, 0, 0], images[2, 0, 0] = 127, 129
    for lambda_, warned in ((1e-9, False), (1e-1, True)):
        config = SearchConfig(max_queries=500, beta=1.0, lambda_=lambda_)
        if warned:
            with pytest.warns(UserWarning, match="for 3 of 3 images the objective is smallest without any noise"):
                search_minimum_noise(network, images, [0, 0, 0], config)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                search_minimum_noise(network, images, [0, 0, 0], config)
