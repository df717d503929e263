"""Searches the minimum noise of the same images with two networks, in a share of the time that is left."""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.noise_search import (
    BOUNDARY_COST,
    COMPILING,
    GENETIC_COST,
    SMALL_BATCH,
    has_gradients,
    search_settings,
)
from tfstab.assessment.plan import SEARCH_SHARE, Clock
from tfstab.datasets import Dataset
from tfstab.runs import CleanImages
from tfstab.runs.info import is_run
from tfstab.search import SearchConfig, SearchRun, run_search
from tfstab.search.plateau import only_labels_help

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

SEARCHED, FEWEST_SEARCHED = 50, 6  # images whose minimum noise is searched, at most, and for an interval

OnMeasured = Callable[[str, int, int], None]  # what is measured, steps done, all steps


class PairedSearch:
    """The searches of two networks at the same images.

    Parameters
    ----------
    classifiers : sequence of Classifier
        The two networks, with the same classes.
    dataset : Dataset
        Test images, with labels that are outputs of the networks.
    order : ndarray of int64 (N,)
        Rows of the images in the order in which to search them.
    folders : sequence of Path
        The run folder of each network; runs that exist are resumed.
    clock : Clock
        Knows how much time is left.
    seed : int
        Seed of all random numbers.
    on_progress : callable
        Called with what is measured, and the numbers of finished and of all steps.
    """

    def __init__(
        self,
        classifiers: "Sequence[Classifier]",
        dataset: Dataset,
        order: NDArray[np.int64],
        folders: Sequence[Path],
        clock: Clock,
        seed: int,
        on_progress: OnMeasured,
    ) -> None:
        self.classifiers, self.dataset, self.order, self.folders = classifiers, dataset, order, folders
        self.clock, self.seed, self._on_progress = clock, seed, on_progress

    def run(self, clean: Sequence[CleanImages], pace: float, compiling: float) -> list[SearchRun]:
        """Search images that both networks classify correctly, and return the runs; [] if there is no time.

        A search that exists keeps its settings and goes on, with more images if there is time for them.

        Parameters
        ----------
        clean : sequence of CleanImages
            Clean images with their scores, by the first and by the second network.
        pace, compiling : float
            Seconds to score a degraded image with both networks, and to compile both.
        """
        if any(classifier.combine == "vote" for classifier in self.classifiers):
            return []
        seconds = SEARCH_SHARE * self.clock.left
        begun = [SearchRun(folder) for folder in self.folders if is_run(folder)]
        gradients = (
            begun[0].config.engine == "boundary"
            if begun
            else all(has_gradients(classifier, self.dataset, pace) for classifier in self.classifiers)
        )
        scores = (seconds - COMPILING * compiling * gradients) / pace  # of both networks
        # Walks have the same number of queries however much time there is, so that two hardenings can be compared.
        of_an_image = 0.0 if gradients else scores / SEARCHED
        config = begun[0].config if begun else self._settings(of_an_image, gradients)
        count = int(scores / (config.max_queries * (BOUNDARY_COST if gradients else GENETIC_COST)))
        if count < FEWEST_SEARCHED and not begun:
            return []
        chosen = self._searchable(clean, begun, count)
        end = self.clock.left - seconds  # seconds that must be left afterwards
        if not len(chosen):
            return []
        first = self._searched(0, chosen, config, end, 2 * len(chosen))
        both = chosen.select(np.flatnonzero(np.isin(chosen.indices, first.images)))  # the others could not be compared
        return [first, *([self._searched(1, both, config, end, 2 * len(chosen))] if len(both) else [])]

    def _settings(self, scores: float, gradients: bool) -> SearchConfig:
        """Return the settings of both searches, which may take the time of so many scores for each image."""
        by_labels = not gradients and any(only_labels_help(one, self.dataset.images) for one in self.classifiers)
        return search_settings(self.seed, scores, gradients, by_labels)

    def _searchable(self, clean: Sequence[CleanImages], begun: list[SearchRun], count: int) -> Dataset:
        """Return the images of the searches that exist, and as many more as there is time for, right in both networks.

        They come in the order in which they are searched. Of two hardenings of a model, the one with less time
        therefore searches the first images of the other one, apart from images that only one of them gets wrong.

        count : how many images there is time to search
        """
        there = functools.reduce(np.union1d, (run.clean.indices for run in begun), np.array([], np.int64))
        finished = min(len(run.images) for run in begun) if len(begun) == 2 else 0
        more = min(SEARCHED, finished + count) - len(there)
        right = clean[0].indices[clean[0].correct & clean[1].correct]
        indices = self.dataset.indices[self.order]
        further = indices[np.isin(indices, np.setdiff1d(right, there))]
        chosen = np.append(there, further[: max(0, more)])
        return self.dataset.select(self.order[np.isin(indices, chosen)])

    def _searched(self, side: int, chosen: Dataset, config: SearchConfig, end: float, total: int) -> SearchRun:
        """Search the minimum noise with one of the networks, in its half of the time until `end` seconds are left.

        total : images to search with both networks
        """
        before = done = side * total // 2
        self._on_progress("minimum noise", done, total)

        def on_result(_: object) -> None:
            nonlocal done
            done += 1
            self._on_progress("minimum noise", done, total)

        classifier, folder = self.classifiers[side], self.folders[side]
        if config.engine == "boundary":
            classifier = classifier.with_batch_size(SMALL_BATCH)
        minutes = max(1.0, (self.clock.left - end) / (2 - side)) / 60
        run = run_search(
            classifier, chosen, config, folder, on_result=on_result, minutes=minutes, as_is=True, in_order=True
        )
        self._on_progress("minimum noise", min(total, before + len(run.images)), total)  # those resumed too
        return run
