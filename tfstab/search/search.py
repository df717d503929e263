"""`search_minimum_noise`: from images to their minimum noise, in memory or into a run folder."""

import contextlib
import importlib
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from tfstab.classifier import Classifier
from tfstab.classifier.classifier import check_classifier
from tfstab.datasets import Dataset
from tfstab.datasets.lazy import pick
from tfstab.errors import InputError
from tfstab.execution import executor
from tfstab.runs import CleanImages, RunWriter
from tfstab.runs.clean import fit
from tfstab.runs.files import check_room
from tfstab.runs.writer import describe
from tfstab.search.config import SearchConfig
from tfstab.search.goal import Goal
from tfstab.search.objective import at_no_noise
from tfstab.search.refine import Refiner
from tfstab.search.result import HISTORY, MinimumNoise
from tfstab.search.run import SearchRun, part_name
from tfstab.search.snapshot import OnGeneration, SearchProgress, Stop
from tfstab.search.task import Task

LARGEST_GROUP = 16  # images that a worker of a cluster searches at a time; some more than it has islands for


def search_minimum_noise(
    classifier: Classifier, images: np.ndarray, labels: Sequence[int] | np.ndarray,
    config: SearchConfig | None = None, on_generation: OnGeneration | None = None, *,
    target: int | None = None, mask: np.ndarray | None = None,
) -> list[MinimumNoise]:
    """The minimum noise of each image, in the order given.

    images: uint8 (N, H, W, C), grey levels. labels: (N,) actual classes. on_generation: gets a SearchProgress
    after each generation of each image and may answer Stop.IMAGE or Stop.ALL. target: the class that the images shall
    be taken for, instead of any wrong one. mask: bool (H, W) or (H, W, C), the pixels that may change. An image that
    is misclassified when clean (as the target, where there is one) gives zero noise; one that was not begun when the
    observer stopped all gives no result. What the engine cannot flip, as where all classes are always tied, is not
    `found`. Warns where lambda and beta make the objective least at r = 0. Raises InputError where images, target or
    mask and model do not fit, ModelError for NaN scores.

    >>> [result] = tfstab.search_minimum_noise(classifier, digits.images[:1], digits.labels[:1], few)
    >>> result.found, 0 < result.l2 < 2000
    (True, True)
    >>> upper = np.zeros((28, 28), bool)
    >>> upper[:14] = True
    >>> [result] = tfstab.search_minimum_noise(classifier, digits.images[:1], digits.labels[:1], few, mask=upper)
    >>> bool(result.noise[14:].any())
    False
    """
    config = config or SearchConfig()
    _check_model(classifier, config)
    names = tuple(classifier.class_names)
    dataset = fit(classifier, Dataset.from_arrays("images", "given", images, np.asarray(labels), names))
    classifier = classifier.for_images(dataset.image_shape)
    goal = Goal.checked(classifier, dataset.labels, target, mask)
    clean = CleanImages.score(classifier, dataset)
    results: list[MinimumNoise] = []
    _search(classifier, clean, config, goal, results.append, on_generation)
    _warn_of_collapse(sum(_prefers_no_noise(r, config, goal) for r in results), len(results))
    return sorted(results, key=lambda result: result.image)


def run_search(
    classifier: Classifier, dataset: Dataset, config: SearchConfig | None = None, out: str | Path = "runs/search",
    on_generation: OnGeneration | None = None, on_result: Callable[[MinimumNoise], None] | None = None,
    cluster: Any = None, *, target: int | None = None, mask: np.ndarray | None = None,
) -> SearchRun:
    """Search all images of a data set into a run folder; resume it where it was stopped.

    cluster: the address of a Dask scheduler ("tcp://HOST:8786") or a distributed.Client, to search on its workers, out
    of an observer's sight; the run is written here, and is the same. target, mask: as for `search_minimum_noise`.
    Returns the run, opened: finished, unless the observer stopped it. Raises as `search_minimum_noise`, and RunError
    where `out` holds another run or the cluster cannot do it.

    >>> run = tfstab.run_search(classifier, digits.take(2), few, "runs/two")
    >>> run.complete, len(run.images)
    (True, 2)
    >>> tfstab.run_search(classifier, digits.take(2), few, "runs/two").complete  # nothing is searched twice
    True
    """
    if cluster is not None and on_generation is not None:
        raise InputError("on_generation was given with a cluster, whose searches cannot be observed: leave one out.")
    check_room(Path(out).expanduser())
    config = config or SearchConfig()
    _check_model(classifier, config)
    dataset, classifier = fit(classifier, dataset), classifier.for_images(dataset.image_shape)
    goal = Goal.checked(classifier, dataset.labels, target, mask)
    settings = {key: value for key, value in asdict(config).items() if key != "seed"} | goal.settings
    parts = [part_name(image) for image in dataset.indices]
    with executor(classifier, cluster) as there:
        clean = CleanImages.score(classifier, dataset)
        with RunWriter(out, describe("search", config.seed, settings, classifier, dataset, parts), clean) as run:
            started, collapsed, left = time.perf_counter(), 0, np.flatnonzero([name not in run.done for name in parts])

            def write(result: MinimumNoise) -> None:
                nonlocal collapsed
                collapsed += _prefers_no_noise(result, config, goal)
                figures = {
                    "queries": result.queries, "search_seconds": round(result.seconds, 3),
                    "seconds": round(time.perf_counter() - started, 3),
                }  # fmt: skip
                if result.stop_reason != "observer":  # a search that was cut short is made again on resuming
                    run.write(part_name(result.image), "npz", result.save, **figures)
                if on_result is not None:
                    on_result(result)

            if cluster is None:
                _search(classifier, _some(clean, left), config, goal, write, on_generation)
            else:
                with contextlib.closing(there.run(search_group, _groups(clean, left, config, goal))) as groups:
                    for _, results in groups:
                        for result in results:
                            write(result)
            _warn_of_collapse(collapsed, len(left))
            run.log("finished" if len(run.done) == len(parts) else "stopped")
    return SearchRun(out)


def search_group(classifier: Classifier, group: tuple[CleanImages, SearchConfig, Goal]) -> list[MinimumNoise]:
    """The minimum noise of some images, the same whatever images are searched together: a cluster's shard of work."""
    results: list[MinimumNoise] = []
    _search(classifier, *group, results.append)
    return results


def _groups(
    clean: CleanImages, rows: np.ndarray, config: SearchConfig, goal: Goal
) -> Iterator[tuple[str, tuple[CleanImages, SearchConfig, Goal]]]:
    """The images of these rows in groups, small enough that a few workers have one each."""
    size = min(LARGEST_GROUP, max(1, len(rows) // LARGEST_GROUP))
    for start in range(0, len(rows), size):
        some = _some(clean, rows[start : start + size])
        yield part_name(some.indices[0]), (some, config, goal)


def _some(clean: CleanImages, rows: np.ndarray) -> CleanImages:
    return CleanImages(pick(clean.images, rows), clean.class_index[rows], clean.indices[rows], clean.scores[rows])


def _search(
    classifier: Classifier, clean: CleanImages, config: SearchConfig, goal: Goal,
    on_result: Callable[[MinimumNoise], None], on_generation: OnGeneration | None = None,
) -> None:
    reached = goal.reached(clean)
    for row in np.flatnonzero(reached):
        on_result(_misclassified_when_clean(clean, int(row)))
    clean = _some(clean, np.flatnonzero(~reached))
    tasks = [
        Task(int(image), int(label), pixels, scores, logs, goal.target, goal.mask)
        for image, label, pixels, scores, logs in zip(
            clean.indices, clean.class_index, clean.images, clean.scores, classifier.log_scores(clean.images),
            strict=True,
        )
    ]  # fmt: skip
    watch = on_generation and _checked(on_generation)
    engine = importlib.import_module(f"tfstab.search.engines.{config.engine}")  # a run is opened without its engine
    if config.refine:
        by_image, refiner = {task.image: task for task in tasks}, Refiner(classifier)

        def refined(result: MinimumNoise) -> None:
            stopped = result.stop_reason == "observer"  # who stops a search does not want to wait for more
            on_result(result if stopped else refiner.refine(by_image[result.image], result, config))

        engine.search(classifier, tasks, config, refined, watch)
    else:
        engine.search(classifier, tasks, config, on_result, watch)


def _checked(on_generation: OnGeneration) -> OnGeneration:
    """The observer, whose answer raises InputError where it is none: a progress bar's update, say, returns a bool."""

    def watch(progress: SearchProgress) -> Stop | None:
        answer = on_generation(progress)
        if not (answer is None or isinstance(answer, Stop)):
            raise InputError(f"on_generation answered {answer!r}; expected Stop.IMAGE, Stop.ALL or None.")
        return answer

    return watch


def _prefers_no_noise(result: MinimumNoise, config: SearchConfig, goal: Goal) -> bool:
    """Whether the objective is less for the clean image than for what was found."""
    return result.found and result.l2 > 0 and result.objective >= at_no_noise(
        result.clean_scores, result.class_index, beta=config.beta, target=goal.target, equation=config.objective
    )  # fmt: skip


def _check_model(classifier: Classifier, config: SearchConfig) -> None:
    """Raise InputError unless this is a classifier that the engine can search."""
    check_classifier(classifier)
    if not classifier.differentiable and (config.refine or config.engine == "lbfgs"):
        wanted = "refine" if config.refine else "engine 'lbfgs'"
        raise InputError(
            f"{wanted} follows gradients, which {classifier.name}, a predict function, does not have; expected engine "
            "'pygad' or 'random', without refine."
        )
    if classifier.combine == "vote":
        raise InputError(
            f"{classifier.name} is an ensemble that votes, whose scores are steps without a slope to search along: "
            "make it anew with combine='mean' or 'geometric'."
        )


def _warn_of_collapse(count: int, total: int) -> None:
    if count:
        warnings.warn(
            f"for {count} of {total} images the objective is least without any noise, so that lambda and beta do not "
            "ask for a flip; the noise given is the best that flips: lower lambda or raise beta.", stacklevel=3,
        )  # fmt: skip


def _misclassified_when_clean(clean: CleanImages, row: int) -> MinimumNoise:
    """No noise is needed: r = 0, without a search."""
    scores, class_index = clean.scores[row], int(clean.class_index[row])
    margin = float(scores.max() - scores[class_index])
    noise = np.zeros(clean.images.shape[1:], np.float32)
    return MinimumNoise(
        int(clean.indices[row]), class_index, True, clean.images[row], noise, scores, scores, 0.0, margin, 0, 0,
        "misclassified when clean", np.empty((0, len(HISTORY))), 0.0,
    )  # fmt: skip
