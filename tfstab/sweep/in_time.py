"""A sweep with limited time: it takes only as many images as can be scored clean and degraded once in the time."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets import Dataset
from tfstab.execution import Executor
from tfstab.execution.stopping import StopRule
from tfstab.runs.affordable import known_images, rows_in_time, seconds_an_image, too_few
from tfstab.runs.files import find_parts
from tfstab.sweep.plan import block_of
from tfstab.sweep.progress import OnProgress
from tfstab.sweep.sweeping import Sweeping
from tfstab.warning import warn

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

CAUTION = 0.9  # of the time left, as the speed is an estimate
LEAST = 1.0  # seconds: with less time, a run takes the images of so many seconds, to have a first part
Open = Callable[
    [Dataset, NDArray[np.int64]], Sweeping
]  # gets images, and their rows in the order in which to take them


def sweep_in_time(
    open_sweep: Open,
    classifier: "Classifier",
    dataset: Dataset,
    order: NDArray[np.int64],
    run: Path,
    workers: Executor,
    on_progress: OnProgress | None,
    rule: StopRule,
    each: int,
) -> None:
    """Sweep as many images as there is time for, and warn if they are not all.

    If there is time left after one copy of each, further images are added, and further copies once all images have one.

    Parameters
    ----------
    open_sweep : callable
        Gets images, and their rows in the order in which to take them; returns the sweep.
    classifier, dataset : Classifier, Dataset
        Model, and all images.
    order : ndarray of int64 (N,)
        Rows of all images, in the order in which to take them.
    run, workers, on_progress, rule : Path, Executor, callable, StopRule
        The run folder, the executor that scores, what gets the progress, and when to stop.
    each : int
        Degraded images of each image with one copy at each severity.
    """
    pace, slower, work = 0.0, 1.0, 0
    while True:
        known, rows = known_images(run, dataset), order
        if not known.all():
            pace = pace or seconds_an_image(classifier, dataset.images, rule.left)
            every = each * slower  # clean images that could be scored in the time
            waiting = every * max(0, int(known.sum()) - _swept(run))
            rows = rows_in_time(order, known, CAUTION * max(rule.left, LEAST) / pace, every, waiting)
        cut, chosen = len(rows) < len(order), np.sort(rows)
        with open_sweep(dataset.select(chosen) if cut else dataset, np.searchsorted(chosen, rows)) as sweeping:
            first = [block for block in sweeping.left if not block.first_copy]
            blocks = first if cut and (first or work) else sweeping.left
            began = time.perf_counter()
            short = sweeping.score(blocks, workers, on_progress, rule)
            work = each * sum(block.images for block in first)
            done = {block.name for block in blocks}.isdisjoint(block.name for block in sweeping.left)
        if not (cut and done and work and rule.left > 0):
            break
        # The clean images are always scored in this process, while the workers of a cluster may be many.
        slower = (time.perf_counter() - began) / work / pace
        rule = StopRule(rule.left / 60, rule.precision)
    if short:
        warn(short)
    if cut:
        warn(too_few(len(rows), len(order)))


def _swept(run: Path) -> int:
    """Return how many images of a run have a degraded copy."""
    blocks = map(block_of, find_parts(run))
    return sum(block.images for block in blocks if block is not None and not block.first_copy)
