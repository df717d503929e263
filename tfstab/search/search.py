"""`search_minimum_noise`: from images to their minimum noise, in memory or into a run folder."""

import importlib
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tfstab.datasets import Dataset
from tfstab.runs import CleanImages, RunWriter
from tfstab.runs.writer import describe
from tfstab.search.config import SearchConfig
from tfstab.search.result import HISTORY, MinimumNoise
from tfstab.search.run import SearchRun, part_name
from tfstab.search.snapshot import OnGeneration
from tfstab.search.task import Task

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

def search_minimum_noise(
    classifier: "Classifier", images: np.ndarray, labels: Sequence[int] | np.ndarray,
    config: SearchConfig | None = None, on_generation: OnGeneration | None = None,
) -> list[MinimumNoise]:
    """The minimum noise of each image, in the order given.

    images: uint8 (N, H, W, C), grey levels. labels: (N,) actual classes. on_generation: gets a SearchProgress
    after each generation of each image and may answer Stop.IMAGE or Stop.ALL. An image that is misclassified when
    clean gives zero noise. Raises InputError where images and model do not fit, ModelError for NaN scores.
    """
    names = tuple(classifier.class_names)
    dataset = Dataset.from_arrays("images", "given", images, np.asarray(labels), names)
    results: dict[int, MinimumNoise] = {}

    def keep(result: MinimumNoise) -> None:
        results[result.image] = result

    clean = CleanImages.score(classifier, dataset)
    _search(classifier, dataset, clean, config or SearchConfig(), keep, on_generation)
    return [results[image] for image in sorted(results)]


def run_search(
    classifier: "Classifier", dataset: Dataset, config: SearchConfig | None = None, out: str | Path = "runs/search",
    on_generation: OnGeneration | None = None, on_result: Callable[[MinimumNoise], None] | None = None,
) -> SearchRun:
    """Search all images of a data set into a run folder; resume it where it was stopped.

    Returns the run, opened: finished, unless the observer stopped it. Raises as `search_minimum_noise`, and
    RunError where `out` holds another run.
    """
    config = config or SearchConfig()
    clean = CleanImages.score(classifier, dataset)
    settings = {key: value for key, value in asdict(config).items() if key != "seed"}
    parts = [part_name(image) for image in dataset.indices]
    with RunWriter(out, describe("search", config.seed, settings, classifier, dataset, parts), clean) as run:
        started = time.perf_counter()

        def write(result: MinimumNoise) -> None:
            seconds = round(time.perf_counter() - started, 3)
            if result.stop_reason != "observer":  # a search that was cut short is made again on resuming
                run.write(part_name(result.image), "npz", result.save, queries=result.queries, seconds=seconds)
            if on_result is not None:
                on_result(result)

        left = np.flatnonzero([name not in run.done for name in parts])
        _search(classifier, dataset, clean, config, write, on_generation, left)
        run.log("finished" if len(run.done) == len(parts) else "stopped")
    return SearchRun(out)


def _search(
    classifier: "Classifier", dataset: Dataset, clean: CleanImages, config: SearchConfig,
    on_result: Callable[[MinimumNoise], None], on_generation: OnGeneration | None, rows: np.ndarray | None = None,
) -> None:
    rows = np.arange(len(dataset)) if rows is None else rows
    for row in rows[~clean.correct[rows]]:
        on_result(_misclassified_when_clean(clean, int(row)))
    rows = rows[clean.correct[rows]]
    log_scores = classifier.log_scores(clean.images[rows])
    tasks = [
        Task(int(clean.indices[r]), int(clean.class_index[r]), clean.images[r], clean.scores[r], logs)
        for r, logs in zip(rows, log_scores, strict=True)
    ]
    engine = importlib.import_module(f"tfstab.search.engines.{config.engine}")  # a run is opened without its engine
    engine.search(classifier, tasks, config, on_result, on_generation)


def _misclassified_when_clean(clean: CleanImages, row: int) -> MinimumNoise:
    """No noise is needed: r = 0, without a search."""
    scores, class_index = clean.scores[row], int(clean.class_index[row])
    margin = float(scores.max() - scores[class_index])
    noise = np.zeros(clean.images.shape[1:], np.float32)
    return MinimumNoise(
        int(clean.indices[row]), class_index, True, clean.images[row], noise, scores, scores, 0.0, margin, 0, 0,
        "misclassified when clean", np.empty((0, len(HISTORY))),
    )  # fmt: skip
