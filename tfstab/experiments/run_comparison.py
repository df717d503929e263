"""`RunComparison`: what comparisons of two sweeps and of two searches of the same images have in common."""

from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from tfstab.experiments.clean_comparison import CleanComparison
from tfstab.experiments.judged import Judged
from tfstab.experiments.same_images import check_finished
from tfstab.metrics.paired import Difference, McNemar
from tfstab.runs.pixels import rows_of
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun
from tfstab.wording import counted

if TYPE_CHECKING:
    import pandas as pd

Run = TypeVar("Run", SweepRun, SearchRun)


class RunComparison(Judged, ABC, Generic[Run]):
    """Comparison of two runs; the base of those of sweeps and of searches.

    Parameters
    ----------
    first, second : SweepRun or SearchRun
        The runs.
    images : ndarray of int64, (N,)
        Indices of the images that both have finished.
    """

    def __init__(self, first: Run, second: Run, images: np.ndarray) -> None:
        """Check that both runs have the same images."""
        self.first: Run = first
        self.second: Run = second
        self.images = images
        check_finished(first, second, images)
        self.on_clean = CleanComparison(first, second)
        self.class_names = first.class_names

    @property
    def same_network(self) -> bool:
        """Whether both runs are of one network, so that it explains no difference between them.

        Its predictions of the clean images are equal, too: it may have been given its images in another way.
        """
        one, other = (run.info["model"]["fingerprint"] for run in (self.first, self.second))
        return bool(one == other and np.array_equal(*self.on_clean.predicted))

    @abstractmethod
    def summary(self) -> str:
        """Return the comparison in a few sentences, with 95 % intervals."""

    @abstractmethod
    def to_pandas(self) -> "pd.DataFrame":
        """Return the comparison as a table."""

    @property
    def left_out(self) -> list[str]:
        """What is left out because only one of the runs has it, in sentences."""
        lines = []
        for name, run, other in (("first", self.first, self.second), ("second", self.second, self.first)):
            more = len(np.setdiff1d(run.clean.indices, other.clean.indices))
            if more:
                verb = "is" if more == 1 else "are"
                lines.append(f"{counted(more)} of the {name} run {verb} not in the other run and {verb} left out.")
        return lines

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """True class of each image: int64 (N,)."""
        return self.first.clean.class_index[rows_of(self.first, self.images)]

    @cached_property
    def clean_correct(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether each classifier is right on each of `images` when clean: two bool arrays (N,)."""
        a, b = (run.clean.correct[rows_of(run, self.images)] for run in (self.first, self.second))
        return a, b

    @property
    def right_in_both(self) -> NDArray[np.bool_]:
        """Whether both classifiers are right on each of `images` when clean: bool (N,)."""
        return self.clean_correct[0] & self.clean_correct[1]

    @property
    def clean(self) -> Difference:
        """Difference of the clean accuracies, with its interval and p-value, on all clean images that both have."""
        return self.on_clean.accuracy

    @property
    def mcnemar(self) -> McNemar:
        """McNemar's exact test on the same clean images: `only_first`, `only_second` (counts) and `p_value`."""
        return self.on_clean.mcnemar
