"""`search_minimum_noise`: from images to their minimum noise, in memory or into a run folder."""

import contextlib
import importlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets import Dataset
from tfstab.errors import InputError
from tfstab.execution import executor
from tfstab.runs import CleanImages, RunWriter
from tfstab.runs.clean import fit
from tfstab.runs.writer import describe
from tfstab.search.config import SearchConfig
from tfstab.search.refine import WALKS, refine
from tfstab.search.result import HISTORY, MinimumNoise
from tfstab.search.run import SearchRun, part_name
from tfstab.search.snapshot import OnGeneration
from tfstab.search.task import Task

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

LARGEST_GROUP = 16  # images that a worker of a cluster searches at a time; some more than it has islands for


def search_minimum_noise(
    classifier: "Classifier", images: np.ndarray, labels: Sequence[int] | np.ndarray,
    config: SearchConfig | None = None, on_generation: OnGeneration | None = None, *,
    target: int | None = None, mask: np.ndarray | None = None,
) -> list[MinimumNoise]:
    """The minimum noise of each image, in the order given.

    images: uint8 (N, H, W, C), grey levels. labels: (N,) actual classes. on_generation: gets a SearchProgress
    after each generation of each image and may answer Stop.IMAGE or Stop.ALL. target: the class that the images shall
    be taken for, instead of any wrong one. mask: bool (H, W) or (H, W, C), the pixels that may change. An image that
    is misclassified when clean (as the target, where there is one) gives zero noise; one that was not begun when the
    observer stopped all gives no result. Raises InputError where images,
    target or mask and model do not fit, ModelError for NaN scores.
    """
    config = config or SearchConfig()
    _check_slope(classifier)
    goal = _Goal(target, _checked_mask(mask, classifier.input_shape))
    if target is not None and not 0 <= target < classifier.num_classes:
        raise InputError(f"target is {target}; expected a class from 0 to {classifier.num_classes - 1}.")
    if target is not None and (np.asarray(labels) == target).any():
        raise InputError(f"target is {target}, and there are images of this class; expected images of other classes.")
    names = tuple(classifier.class_names)
    dataset = Dataset.from_arrays("images", "given", images, np.asarray(labels), names)
    results: dict[int, MinimumNoise] = {}

    def keep(result: MinimumNoise) -> None:
        results[result.image] = result

    dataset = fit(classifier, dataset)
    clean = CleanImages.score(classifier, dataset)
    _search(classifier, clean, config, keep, on_generation, goal=goal)
    return [results[image] for image in sorted(results)]


def run_search(
    classifier: "Classifier", dataset: Dataset, config: SearchConfig | None = None, out: str | Path = "runs/search",
    on_generation: OnGeneration | None = None, on_result: Callable[[MinimumNoise], None] | None = None,
    cluster: Any = None,
) -> SearchRun:
    """Search all images of a data set into a run folder; resume it where it was stopped.

    cluster: the address of a Dask scheduler ("tcp://HOST:8786") or a distributed.Client, to search on its workers, out
    of an observer's sight; the run is written here, and is the same. Returns the run, opened: finished, unless the
    observer stopped it. Raises as `search_minimum_noise`, and RunError where `out` holds another run or the cluster
    cannot do it.
    """
    if cluster is not None and on_generation is not None:
        raise InputError("on_generation was given with a cluster, whose searches cannot be observed: leave one out.")
    config = config or SearchConfig()
    _check_slope(classifier)
    dataset = fit(classifier, dataset)
    settings = {key: value for key, value in asdict(config).items() if key != "seed"}
    parts = [part_name(image) for image in dataset.indices]
    with executor(classifier, cluster) as there:
        clean = CleanImages.score(classifier, dataset)
        with RunWriter(out, describe("search", config.seed, settings, classifier, dataset, parts), clean) as run:
            started = time.perf_counter()

            def write(result: MinimumNoise) -> None:
                seconds = round(time.perf_counter() - started, 3)
                if result.stop_reason != "observer":  # a search that was cut short is made again on resuming
                    run.write(part_name(result.image), "npz", result.save, queries=result.queries, seconds=seconds)
                if on_result is not None:
                    on_result(result)

            left = np.flatnonzero([name not in run.done for name in parts])
            if cluster is None:
                _search(classifier, clean, config, write, on_generation, left)
            else:
                with contextlib.closing(there.run(search_group, _groups(clean, left, config))) as groups:
                    for _, results in groups:
                        for result in results:
                            write(result)
            run.log("finished" if len(run.done) == len(parts) else "stopped")
    return SearchRun(out)


def search_group(classifier: "Classifier", group: tuple[CleanImages, SearchConfig]) -> list[MinimumNoise]:
    """The minimum noise of some images, the same whatever images are searched together: a cluster's shard of work."""
    results: list[MinimumNoise] = []
    _search(classifier, *group, results.append)
    return results


def _groups(
    clean: CleanImages, rows: np.ndarray, config: SearchConfig
) -> Iterator[tuple[str, tuple[CleanImages, SearchConfig]]]:
    """The images of these rows in groups, small enough that a few workers have one each."""
    size = min(LARGEST_GROUP, max(1, len(rows) // LARGEST_GROUP))
    for start in range(0, len(rows), size):
        group = rows[start : start + size]
        some = CleanImages(clean.images[group], clean.class_index[group], clean.indices[group], clean.scores[group])
        yield part_name(some.indices[0]), (some, config)


def _search(
    classifier: "Classifier", clean: CleanImages, config: SearchConfig, on_result: Callable[[MinimumNoise], None],
    on_generation: OnGeneration | None = None, rows: np.ndarray | None = None, goal: "_Goal | None" = None,
) -> None:
    goal = goal or _Goal()
    rows = np.arange(len(clean.indices)) if rows is None else rows
    reached = ~clean.correct if goal.target is None else clean.predicted == goal.target
    for row in rows[reached[rows]]:
        on_result(_misclassified_when_clean(clean, int(row)))
    rows = rows[~reached[rows]]
    log_scores = classifier.log_scores(clean.images[rows])
    tasks = [
        Task(
            int(clean.indices[r]), int(clean.class_index[r]), clean.images[r], clean.scores[r], logs,
            goal.target, goal.mask,
        )
        for r, logs in zip(rows, log_scores, strict=True)
    ]
    engine = importlib.import_module(f"tfstab.search.engines.{config.engine}")  # a run is opened without its engine
    if config.refine:
        by_image, small = {task.image: task for task in tasks}, classifier.with_batch_size(WALKS)

        def refined(result: MinimumNoise) -> None:
            on_result(refine(small, by_image[result.image], result, config))

        engine.search(classifier, tasks, config, refined, on_generation)
    else:
        engine.search(classifier, tasks, config, on_result, on_generation)


def _check_slope(classifier: "Classifier") -> None:
    if classifier.combine == "vote":
        raise InputError(
            f"{classifier.name} is an ensemble that votes, whose scores are steps without a slope to search along: "
            "make it anew with combine='mean' or 'geometric'."
        )


@dataclass(frozen=True)
class _Goal:
    """What a search is to reach and may change: see `Task`."""

    target: int | None = None
    mask: NDArray[np.bool_] | None = None


def _checked_mask(mask: np.ndarray | None, shape: tuple[int, int, int]) -> NDArray[np.bool_] | None:
    if mask is None:
        return None
    mask = np.asarray(mask)
    if mask.dtype != np.bool_ or mask.shape not in (shape, shape[:2]) or not mask.any():
        raise InputError(
            f"mask is {mask.dtype} of shape {mask.shape}; expected bool of shape {shape[:2]} or {shape}, not all False."
        )
    return np.broadcast_to(mask if mask.ndim == 3 else mask[..., None], shape)


def _misclassified_when_clean(clean: CleanImages, row: int) -> MinimumNoise:
    """No noise is needed: r = 0, without a search."""
    scores, class_index = clean.scores[row], int(clean.class_index[row])
    margin = float(scores.max() - scores[class_index])
    noise = np.zeros(clean.images.shape[1:], np.float32)
    return MinimumNoise(
        int(clean.indices[row]), class_index, True, clean.images[row], noise, scores, scores, 0.0, margin, 0, 0,
        "misclassified when clean", np.empty((0, len(HISTORY))),
    )  # fmt: skip
