"""`NoiseSearch`: the search for minimum noise while an assessment runs, which takes it a few images at a time."""

import math
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.plan import SEARCH_GOAL, Candidate, Pace
from tfstab.assessment.state import NoiseState
from tfstab.datasets import Dataset
from tfstab.errors import ModelError
from tfstab.metrics.median import estimate_median
from tfstab.runs import CleanImages
from tfstab.runs.info import is_run
from tfstab.search import SearchConfig, SearchRun, run_search
from tfstab.search.plateau import only_labels_help
from tfstab.search.summary import Quartiles
from tfstab.search.walks import group_size

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

MOST = 200  # images to search
# Settings from the best down, and the scores that one of their queries costs: a gradient takes three times as long as a
# score. On 12 images of mnist-lenet and of cifar10-quick, 400 queries along the boundary end 2.2 and 0.5 % above the
# least noise that any search finds, and 200 queries 4.9 and 0.6 %. The genetic search needs no gradients and ends 3 and
# 5 % above it with 5,000 queries, and 7 and 20 % with 2,000 (means; tests/benchmarks/boundary_walks.py).
BOUNDARY, BOUNDARY_COST = (400, 200), 2.0
GENETIC, GENETIC_COST = (20_000, 10_000, 5_000, 2_000), 1.2
LABELS = (5_000, 2_000)  # by labels alone, for which remembering the answers takes time, too
GENETIC_GROUP = 5  # images that fill a batch of the genetic search; the walks have their own number
SMALL_BATCH = 16  # of the walks along the boundary; a large network takes long for a batch that is padded
FAST = 0.02  # seconds for an image, below which gradients are tried in the batch for which the walks compile them too
COMPILING = 8  # compiling gradients and scores in the batches of the walks, against compiling the scores once


class NoiseSearch:
    """The search for the minimum noise of images that are right when clean.

    Parameters
    ----------
    classifier : Classifier
        Model under test.
    dataset : Dataset
        Images that are right when clean, the ones to search first in front; each class has its share.
    folder : Path
        The run folder, which may hold what an earlier assessment searched.
    seed : int
        Seed of all random numbers.
    seconds : float
        Time for this part of the assessment.
    pace, compiling : float
        Seconds for a score, and for compiling the scores.
    cluster : optional
        As in `run_search`.

    Attributes
    ----------
    state : NoiseState
        How far it has got.
    run : SearchRun or None
        The run folder, opened; None before it is begun.
    """

    def __init__(
        self,
        classifier: "Classifier",
        dataset: Dataset,
        folder: Path,
        seed: int,
        seconds: float,
        pace: float,
        compiling: float,
        cluster: Any = None,
    ) -> None:
        self.dataset, self.folder, self.cluster = dataset.select(np.arange(min(MOST, len(dataset)))), folder, cluster
        self.state, self.run = NoiseState(), None
        self._pace, self._spent = Pace(), 0.0
        self._pending: NDArray[np.int64] = np.arange(len(self.dataset))
        if is_run(folder):
            self.run = SearchRun(folder)
            self.config = self.run.config
            self._look()
        else:
            scores = seconds / SEARCH_GOAL / pace
            gradients = has_gradients(classifier, dataset, pace)
            by_labels = not gradients and only_labels_help(classifier, self.dataset.images)
            self.config = search_settings(seed, scores, gradients, by_labels)
        walks = self.config.engine == "boundary"
        self.classifier = classifier.with_batch_size(SMALL_BATCH) if walks else classifier
        walked = group_size(math.prod(self.dataset.image_shape))
        self._group, cost = (walked, BOUNDARY_COST) if walks else (GENETIC_GROUP, GENETIC_COST)
        self._compiling = COMPILING * compiling if walks else 0.0
        self._searching = self._group * self.config.max_queries * cost * pace  # a group, as long as none is measured

    @property
    def spent(self) -> float:
        """Seconds spent on it."""
        return self._spent

    def next_step(self) -> Candidate | None:
        """Return what could be done next: the search of a group of images, or None if all have been searched."""
        count = min(self._group, len(self._pending))
        if not count:
            return None
        if self._pace.known:
            return Candidate("search", 0.0, self._pace.predict(count))
        if not self._spent:
            return Candidate("search", 0.0, self._compiling + self._searching)
        return Candidate("search", 0.0, max(self._searching, self._spent - self._compiling))  # as the first group

    def step(self, seconds: float) -> None:
        """Search the next images: a group, or as many groups as can be searched in so many seconds."""
        count = self._group
        if self._pace.known:
            count *= max(1, int(seconds / self._pace.predict(self._group)))
        began, before, compiled = time.perf_counter(), self.state.searched, self._spent > 0
        # The first image, which the run has, shows that the others are of the same data.
        rows = np.union1d([0], self._pending[:count])
        given = self.config, self.folder
        try:  # the inputs were checked on many more images
            run_search(self.classifier, self.dataset.select(rows), *given, cluster=self.cluster, as_is=True)
        finally:  # Ctrl-C keeps the images that are finished
            taken = time.perf_counter() - began
            self._spent += taken
            if is_run(self.folder):
                self.run = SearchRun(self.folder)
                self._look()
        if compiled:
            self._pace.add(self.state.searched - before, taken)

    def _look(self) -> None:
        """Look at the results that are there."""
        assert self.run is not None
        self._pending = np.flatnonzero(~np.isin(self.dataset.indices, self.run.images))
        found = np.array([result.l2 if result.found else np.inf for result in self.run if result.queries])
        if len(found):
            low, _, high = Quartiles.of(found)
            median = estimate_median(found).value
            quartiles, number = (low, high), int(np.isfinite(found).sum())
            self.state = replace(self.state, searched=len(found), found=number, median=median, quartiles=quartiles)


def images_to_search(clean: CleanImages, folder: Path, dataset: Dataset) -> Dataset:
    """Return up to MOST images that are right when clean, in the order in which they are swept.

    Images of a search that is continued come first.

    Parameters
    ----------
    clean : CleanImages
        Clean images of a sweep. Without an order, no image is returned.
    folder : Path
        The run folder of the search, which may exist.
    dataset : Dataset
        All images.
    """
    order = clean.order if clean.order is not None else np.zeros(0, np.int64)
    right = clean.indices[order[clean.correct[order]]]
    if is_run(folder):
        begun = SearchRun(folder).clean
        begun_right = begun.indices[begun.correct & np.isin(begun.indices, dataset.indices)]
        right = np.append(begun_right, right[~np.isin(right, begun.indices)]) if len(begun_right) else begun_right
    right = right[np.isin(right, dataset.indices)][:MOST]
    places = np.argsort(dataset.indices)
    return dataset.select(places[np.searchsorted(dataset.indices, right, sorter=places)])


def search_settings(seed: int, scores: float, gradients: bool, by_labels: bool = False) -> SearchConfig:
    """Return the settings of a search that may take the time of so many scores for each image.

    by_labels: whether it should use labels alone if there are no gradients (`only_labels_help`).
    """
    if gradients:
        queries = next((n for n in BOUNDARY if n * BOUNDARY_COST <= scores), BOUNDARY[-1])
        return SearchConfig(engine="boundary", max_queries=queries, seed=seed)
    numbers = LABELS if by_labels else GENETIC
    queries = next((n for n in numbers if n * GENETIC_COST <= scores), numbers[-1])
    return SearchConfig("labels" if by_labels else "pygad", max_queries=queries, seed=seed)


def search_seconds(images: int, values: int, gradients: bool, pace: float, compiling: float) -> float:
    """Return how long the shortest search of so many images takes, roughly.

    values: of an image; a group of large ones does not fill the batches. pace, compiling: as in `NoiseSearch`.
    """
    if not gradients:
        return images * GENETIC[-1] * GENETIC_COST * pace
    filled = math.ceil(images / group_size(values)) * group_size(1)
    return COMPILING * compiling + filled * BOUNDARY[-1] * BOUNDARY_COST * pace


def has_gradients(classifier: "Classifier", dataset: Dataset, pace: float) -> bool:
    """Return whether the model has gradients; a SavedModel may have operations without. pace: as in `NoiseSearch`."""
    if not classifier.differentiable:
        return False
    size = SMALL_BATCH if pace < FAST else 2
    try:
        weights = np.ones((1, classifier.num_classes))
        classifier.with_batch_size(size).gradients(np.asarray(dataset.images[:1]), weights)
    except ModelError:
        return False
    return True
