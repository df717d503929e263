"""`SweepComparison`: two sweeps of the same images, image by image. No TensorFlow is imported."""

import shlex
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import InputError
from tfstab.experiments.comparison_frames import differences_frame
from tfstab.experiments.comparison_text import sweep_sentences
from tfstab.experiments.possible_loss import PossibleLoss, possible_loss
from tfstab.experiments.recall_changes import Compared, RecallChange, recall_changes
from tfstab.experiments.run_comparison import RunComparison
from tfstab.experiments.same_images import check_clipped_alike, check_degraded_alike
from tfstab.metrics.classification import taken_for
from tfstab.metrics.estimate import CONFIDENCE
from tfstab.metrics.paired import Difference, mean_difference
from tfstab.runs.info import without_classes
from tfstab.sweep import SweepRun
from tfstab.sweep.class_images import ClassImages, rare_sweep

if TYPE_CHECKING:
    import pandas as pd


class SweepComparison(RunComparison[SweepRun]):
    """Comparison of two sweeps of the same images, at the severities that both have.

    Parameters
    ----------
    first, second : SweepRun
        Sweeps of the same degradation. If one clips grey levels and the other does not, of the same network.

    Attributes
    ----------
    severities : tuple of float
        The severities that both have, in the first sweep's order.
    images : ndarray of int64, (N,)
        Indices of the images that both have finished.
    on_clean : CleanComparison
        Both on all clean images that both have, finished or not.
    class_names : tuple of str
        Names of the classes.

    Raises
    ------
    InputError
        The sweeps have different degradations or images, or no severity or image in common, or those of different
        networks are not clipped alike. Also if the version or the code of the degradation differs between them.

    Examples
    --------
    >>> from tfstab.experiments import SweepComparison
    >>> hardened = tfstab.load_classifier("mnist-lenet-hardened")
    >>> other = tfstab.run_sweep(hardened, digits, sweep.config, "runs/hardened")
    >>> both = SweepComparison(sweep, other)
    >>> both.severities, both.accuracy(severity=80).count
    ((10.0, 80.0), 10)
    """

    def __init__(self, first: SweepRun, second: SweepRun) -> None:
        """Find what the sweeps have in common."""
        if first.degradation.name != second.degradation.name:
            raise InputError(_of_two_degradations(first, second))
        if first.info["model"]["fingerprint"] != second.info["model"]["fingerprint"]:
            check_clipped_alike(first, second)
        first, second = first.snapshot(), second.snapshot()
        self.severities = tuple(s for s in first.severities if s in second.severities)
        if not self.severities:
            name = first.degradation.parameter
            raise InputError(f"{first.path} and {second.path} have no {name} in common, so they cannot be compared.")
        super().__init__(first, second, np.intersect1d(first.measures.images, second.measures.images))
        check_degraded_alike(first, second)

    @cached_property
    def right_shares(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Share of each image's copies that are classified correctly at each severity: two float64 arrays (N, S)."""
        shares = []
        for run in (self.first, self.second):
            m = run.measures
            shares.append(1 - m.wrong_share[np.searchsorted(m.images, self.images)][:, self._columns(run)])
        return shares[0], shares[1]

    def _columns(self, run: SweepRun) -> list[int]:
        """Return the places of the common severities in one of the runs."""
        return [run.measures.severity_index(severity) for severity in self.severities]

    def accuracy(self, severity: float | None = None, clean_correct: bool = False) -> Difference:
        """Compare the accuracies at one severity or over all.

        Parameters
        ----------
        severity : float, optional
            One of `severities`; by default all of them count alike.
        clean_correct : bool
            Whether to include only images that both classifiers get right when clean.

        Returns
        -------
        Difference
            The accuracies and their difference.

        Raises
        ------
        InputError
            The severity is not in both runs.
        """
        if severity is not None and severity not in self.severities:
            there = ", ".join(f"{s:g}" for s in self.severities)
            raise InputError(f"{self.first.degradation.parameter} {severity:g} is not in both runs; both have {there}.")
        columns = slice(None) if severity is None else [self.severities.index(severity)]
        a, b = (shares[:, columns].mean(axis=1) for shares in self.right_shares)
        return mean_difference(a, b, self.right_in_both if clean_correct else None)

    @property
    def left_out(self) -> list[str]:
        """What is left out because only one of the sweeps has it, and different numbers of copies, in sentences."""
        lines = super().left_out
        for name, sweep in (("first", self.first), ("second", self.second)):
            others = [f"{s:g}" for s in sweep.severities if s not in self.severities]
            if others:
                lines.append(f"{sweep.degradation.parameter} {', '.join(others)} of the {name} run are left out.")
        first, second = self.first.copies_done, self.second.copies_done
        if first != second:
            copies = "copy" if first == (1, 1) else "copies"
            lines.append(
                f"The first run has {_range(*first)} {copies} of an image at each severity, the second "
                f"{_range(*second)}."
            )
        return lines

    @property
    def possible_loss(self) -> PossibleLoss:
        """How much less accurate the second network is at most, on clean images and at each severity."""
        name = self.first.degradation.at
        found = [(f"at {name(f'{s:g}')}", self.accuracy(s)) for s in self.severities]
        return possible_loss(self.clean, found, f"at each of the {len(found)} severities")

    def summary(self) -> str:
        """Return the comparison in a few sentences, with 95 % intervals."""
        return "\n".join(sweep_sentences(self))

    def to_pandas(self) -> "pd.DataFrame":
        """Return one row for each severity.

        Returns
        -------
        DataFrame
            Indexed by severity. Columns: `images` (count), `first` and `second` (accuracies, 0..1), `difference`
            (second less first), the ends `low` and `high` of its 95 % interval, and `better` ("first", "second" or
            "not decided"), which is decided for all rows at once.
        """
        return differences_frame("severity", self.severities, [self.accuracy(s) for s in self.severities])

    def image_table(self) -> "pd.DataFrame":
        """Return one row for each image, those on which the second network loses most first.

        Returns
        -------
        DataFrame
            `image` (its index, as in `samples`), `file` (its name, "" if it has none), `class` (the name of its true
            class, always a text), `clean_first` and `clean_second` (whether each network is right on the clean image),
            the shares `first` and `second` (0..1) of its degraded copies that each network gets right, averaged over
            the severities, and their `difference` (second less first). Of images with the same difference, the one with
            the lowest index comes first.

        Examples
        --------
        >>> tfstab.compare(sweep, sweep).image_table().shape
        (10, 8)
        """
        import pandas as pd

        first, second = (shares.mean(axis=1) for shares in self.right_shares)
        rows = np.searchsorted(self.on_clean.images, self.images)
        clean = [correct[rows] for correct in self.on_clean.correct]
        table = {
            "image": self.images,
            "file": [self.first.clean.file(int(image)) for image in self.images],
            "class": [self.class_names[k] for k in self.labels],
            "clean_first": clean[0],
            "clean_second": clean[1],
            "first": first,
            "second": second,
            # The means may differ in their last digits although equally many copies are right.
            "difference": (second - first).round(12),
        }
        return pd.DataFrame(table).sort_values("difference", kind="stable", ignore_index=True)

    def recall(self, class_index: int, confidence: float = CONFIDENCE) -> Difference:
        """Compare the recalls of one class over all severities.

        Parameters
        ----------
        class_index : int
            The class.
        confidence : float
            Of the interval of the difference, between 0 and 1.

        Returns
        -------
        Difference
            The recalls and their difference.
        """
        labels, first, second = self.of_classes
        return mean_difference(first, second, labels == class_index, confidence=confidence)

    @cached_property
    def recalls(self) -> list[RecallChange]:
        """The recall of each class that `recall_changes` compares, over all severities; [] without classes."""
        if without_classes(self.first.info):
            return []
        return recall_changes([self.by_class], self.on_clean.name_of)

    @property
    def same_classes(self) -> bool:
        """Whether both networks call their classes by the same names."""
        return self.first.class_names == self.second.class_names

    @property
    def by_class(self) -> Compared:
        """What `recall_changes` compares."""
        return Compared(self.first.degradation.title, *self.of_classes, self._taken)

    @cached_property
    def _taken(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Share of the degraded images of other classes that each network takes for each class, (K,).

        Only images that both runs have count. Averaged over the common severities; None if the classes differ.
        """
        if not self.same_classes:
            return None
        shares = []
        for run in (self.first, self.second):
            m, classes = run.measures, len(self.class_names)
            common = np.isin(m.images, self.images)
            counts = np.zeros((len(self.severities), classes, classes), np.int64)
            for severity, of_severity in zip(self.severities, counts, strict=True):
                rows, predicted, number = m.entries(severity)
                here = common[rows]
                np.add.at(of_severity, (m.labels[rows[here]], predicted[here]), number[here])
            shares.append(taken_for(counts).mean(axis=0))
        return shares[0], shares[1]

    def specificity(self, class_index: int) -> Difference:
        """Compare which share of the degraded images of other classes each network does not take for a class.

        Parameters
        ----------
        class_index : int
            The class. Both runs must have the same classes.

        Returns
        -------
        Difference
            The shares, averaged over the severities, and their difference.
        """
        shares = []
        for run in (self.first, self.second):
            m = run.measures
            taken = m.taken_share(class_index)[np.searchsorted(m.images, self.images)]
            shares.append(1 - taken[:, self._columns(run)].mean(axis=1))
        return mean_difference(shares[0], shares[1], self.labels != class_index)

    @cached_property
    def of_classes(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Class of each of the N images that both sweeps have, and its share of right copies in each, (N,).

        Further images of rare classes are included. The shares are averaged over the severities.
        """
        first, second = self._of_classes
        _, a, b = np.intersect1d(first.images, second.images, assume_unique=True, return_indices=True)
        return first.labels[a], first.share_right[a].mean(axis=1), second.share_right[b].mean(axis=1)

    @cached_property
    def _of_classes(self) -> tuple[ClassImages, ClassImages]:
        """The images of which the recalls of both are compared, at the common severities."""
        found = []
        for run in (self.first, self.second):
            m = run.measures
            own = ClassImages(m.images, m.labels, 1 - m.wrong_share, m.clean_correct, np.ones(len(m.images), bool))
            every = own.with_more(rare_sweep(run))
            found.append(replace(every, share_right=every.share_right[:, self._columns(run)]))
        return found[0], found[1]


def _of_two_degradations(first: SweepRun, second: SweepRun) -> str:
    """Return the message for sweeps of two degradations, with what to do instead."""
    problem = (
        f"{first.path} is of {first.degradation.title} and {second.path} of {second.degradation.title}: compare sweeps "
        "of one degradation"
    )
    if first.info["model"]["fingerprint"] != second.info["model"]["fingerprint"]:
        return f"{problem}, or the folders that hold the sweeps of each network."
    command = shlex.join(["tfstab", "robustness", str(first.path), str(second.path)])
    name = first.degradation.name, second.degradation.name
    return (
        f"{problem}. `{command}` says which of the two degradations costs this network more accuracy (in Python "
        f"compare_degradations{name} of the assessment)."
    )


def _range(fewest: int, most: int) -> str:
    """Return a range of numbers in words."""
    return str(most) if fewest == most else f"{fewest} to {most}"
