"""Comparison of two folders of runs, such as assessments: degradation by degradation, image by image."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import InputError
from tfstab.experiments.comparison_frames import differences_frame, recalls_frame
from tfstab.experiments.comparison_text import folder_sentences, run_names
from tfstab.experiments.in_short import in_short
from tfstab.experiments.judged import Judged
from tfstab.experiments.possible_loss import PossibleLoss, possible_loss
from tfstab.experiments.recall_changes import RecallChange, recall_changes
from tfstab.experiments.search_comparison import SearchComparison
from tfstab.experiments.sweep_comparison import SweepComparison
from tfstab.metrics.paired import Difference, mean_difference
from tfstab.runs import RunFolder
from tfstab.runs.info import runs_in, without_classes
from tfstab.runs.opening import open_run
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun

if TYPE_CHECKING:
    import pandas as pd

    from tfstab.figure import Figure


@dataclass(frozen=True)
class Folder:
    """A folder of runs of one network.

    Attributes
    ----------
    path : Path
        The folder.
    sweeps : dict of str to SweepRun
        A sweep of each degradation, by its name.
    search : SearchRun or None
        The search, if there is one.
    damaged : dict of str to str
        A sentence on each run that is left out because it is damaged, by the name of its folder; that of a sweep is
        the name of its degradation.
    """

    path: Path
    sweeps: dict[str, SweepRun]
    search: SearchRun | None = None
    damaged: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path) -> "Folder":
        """Open the runs in a folder."""
        return cls.of(path, [open_run(folder) for folder in runs_in(path)])

    @classmethod
    def of(cls, path: Path, runs: Sequence[RunFolder], damaged: Mapping[str, str] | None = None) -> "Folder":
        """Return a folder of which some runs are open; damaged: see the attribute."""
        sweeps = {run.degradation.name: run for run in reversed(runs) if isinstance(run, SweepRun)}
        search = next((run for run in runs if isinstance(run, SearchRun)), None)
        return cls(path, dict(reversed(sweeps.items())), search, damaged or {})

    @property
    def model(self) -> str:
        """Name of the model, "" without runs."""
        return next((run.model for run in (*self.sweeps.values(), self.search) if run is not None), "")


class FolderComparison(Judged):
    """Comparison of two folders of runs, under the degradations and severities and on the images that both have.

    Parameters
    ----------
    first, second : Folder
        The folders.

    Attributes
    ----------
    pairs : list of SweepComparison
        One for each degradation that can be compared.
    searches : SearchComparison or None
        The searches, if both folders have one and they can be compared.
    left_out : list of str
        Degradations that cannot be compared, and damaged results, with the reason, in sentences.
    no_noise : str
        Why the minimum noise is not compared although both have searched for it, in a sentence; "" otherwise.

    Raises
    ------
    InputError
        The folders share nothing.

    Examples
    --------
    >>> from tfstab.experiments import FolderComparison
    >>> from tfstab.experiments.folders_compared import Folder
    >>> one = Folder.of(Path("runs"), [sweep, search])
    >>> FolderComparison(one, one).overall.value  # of a folder with itself
    0.0
    """

    def __init__(self, first: Folder, second: Folder) -> None:
        """Compare what both have."""
        self.first, self.second = first, second
        self.pairs: list[SweepComparison] = []
        self.left_out: list[str] = [*first.damaged.values(), *second.damaged.values()]
        for name, pair in compare_sweeps(first.sweeps, second.sweeps).items():
            if isinstance(pair, InputError):
                self.left_out.append(f"{first.sweeps[name].degradation.title}: {pair}")
            else:
                self.pairs.append(pair)
        for one, other, one_name in zip((first, second), (second, first), run_names([first, second]), strict=True):
            there = {*other.sweeps, *other.damaged}
            only = [sweep.degradation.title for name, sweep in one.sweeps.items() if name not in there]
            if only:
                self.left_out.append(f"Only {one_name} has {', '.join(only)}.")
        if not self.pairs:
            why = self.left_out[0] if self.left_out else "They have no sweeps."
            raise InputError(
                f"{first.path} and {second.path} have no degradation that can be compared: expected measurements of "
                f"the same images under the same degradation and severities. {why}"
            )
        self.searches, self.no_noise = self._searches()

    def _searches(self) -> tuple[SearchComparison | None, str]:
        """Return the comparison of both searches, or why there is none; neither if one has not searched."""
        if self.first.search is None or self.second.search is None:
            return None, ""
        try:
            return SearchComparison(self.first.search, self.second.search), ""
        except InputError as error:
            return None, f"Minimum noise: {error}"

    @property
    def largest(self) -> SweepComparison:
        """The comparison with the most clean images, which says how the networks differ on them."""
        return largest(self.pairs)

    @property
    def same_network(self) -> bool:
        """Whether both are of one network, with the same predictions of the clean images that both have."""
        return self.largest.same_network

    @property
    def overall(self) -> Difference | None:
        """Mean accuracy over all degradations compared, on the images that all have; None without any."""
        return overall(self.pairs)

    @property
    def possible_loss(self) -> PossibleLoss:
        """How much less accurate the second network is at most, on clean images and under each degradation."""
        return loss_under_each(self.pairs)

    @cached_property
    def recalls(self) -> list[RecallChange]:
        """The recall of each class under each degradation, decided for all at once; the second's lowest first."""
        return recalls_of(self.pairs)

    def summary(self) -> str:
        """Return the comparison in a few sentences, with 95 % intervals."""
        return "\n".join([*in_short(self), *folder_sentences(self)])

    def to_pandas(self) -> "pd.DataFrame":
        """Return one row for each degradation, the largest loss first.

        Returns
        -------
        DataFrame
            Indexed by the degradation's name. Columns: `images` (count), `first` and `second` (accuracies, 0..1, the
            mean over the severities), `difference` (second less first), the ends `low` and `high` of its 95 % interval,
            and `better` ("first", "second" or "not decided"), which is decided for all rows at once.
        """
        names = [pair.first.degradation.name for pair in self.pairs]
        frame = differences_frame("degradation", names, [pair.accuracy() for pair in self.pairs])
        return frame.sort_values("difference", kind="stable")

    def recall_table(self) -> "pd.DataFrame":
        """Return one row for each class and degradation, the second network's lowest recall first.

        Returns
        -------
        DataFrame
            `class` (its name, always a text: "4" for the class of label 4 if classes have no names of their own),
            `degradation` (its name, as in `to_pandas`), and the columns of `to_pandas`, for recalls. Also `taken_first`
            and `taken_second`, the shares of the degraded images of other classes that each network takes for the
            class (NaN if not known), and `says_little`: whether the network with the higher recall takes far more of
            them, so that its higher recall says little.

        Examples
        --------
        >>> from tfstab.experiments import FolderComparison
        >>> from tfstab.experiments.folders_compared import Folder
        >>> one = Folder.of(Path("runs"), [sweep])
        >>> FolderComparison(one, one).recall_table().columns[:3].tolist()
        ['class', 'degradation', 'images']
        """
        frame = recalls_frame(self.recalls)
        names = {pair.first.degradation.title: pair.first.degradation.name for pair in self.pairs}
        return frame.assign(degradation=frame["degradation"].map(names))

    def plot(self) -> "Figure":
        """Draw the accuracies of both networks on clean images and under each degradation, as on the report's page.

        They are means over the severities, on the images that both have, each with its 95 % interval, the lowest first.
        These intervals do not show which network is better: that is decided from the differences on each image, in
        `to_pandas`.

        Returns
        -------
        matplotlib.figure.Figure
            The figure.

        Raises
        ------
        InputError
            They have no image in common.

        Examples
        --------
        >>> from tfstab.experiments import FolderComparison
        >>> from tfstab.experiments.folders_compared import Folder
        >>> one = Folder.of(Path("runs"), [sweep])
        >>> [label.get_text() for label in FolderComparison(one, one).plot().axes[0].get_yticklabels()]
        ['clean images', 'Gaussian noise']
        """
        from tfstab.experiments.plot import comparison_figure

        figure = comparison_figure([self])
        if figure is None:
            raise InputError(f"{self.first.path} and {self.second.path} have no image in common: nothing can be drawn.")
        return figure

    def __repr__(self) -> str:
        """Return the class and the two folders."""
        return f"{type(self).__name__}({str(self.first.path)!r}, {str(self.second.path)!r})"


def compare_sweeps(
    first: Mapping[str, SweepRun], second: Mapping[str, SweepRun]
) -> dict[str, SweepComparison | InputError]:
    """Compare the sweeps of two networks under each degradation that both have, or return why that is impossible.

    Parameters
    ----------
    first, second : dict of str to SweepRun
        The sweeps, by the names of their degradations.
    """
    compared: dict[str, SweepComparison | InputError] = {}
    for name in (name for name in first if name in second):
        try:
            compared[name] = SweepComparison(first[name], second[name])
        except InputError as error:
            compared[name] = error
    return compared


def largest(pairs: Iterable[SweepComparison]) -> SweepComparison:
    """Return the comparison with the most clean images, which says how the networks differ on them."""
    return max(pairs, key=lambda pair: len(pair.on_clean.images))


def common_images(pairs: Iterable[SweepComparison]) -> NDArray[np.int64]:
    """Return the indices of the images that both networks have under every degradation.

    Means over several degradations are of these images, so that no degradation has others than the next one. What is
    of a single degradation is of all images that both have under it.
    """
    return reduce(np.intersect1d, [pair.images for pair in pairs])


def shares_right(pairs: Iterable[SweepComparison], images: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of each image's degraded copies that each network gets right: float64 (2, degradations, N)."""
    rows = [(pair, np.searchsorted(pair.images, images)) for pair in pairs]
    return np.array([[pair.right_shares[side][own].mean(axis=1) for pair, own in rows] for side in (0, 1)])


def overall(pairs: Iterable[SweepComparison]) -> Difference | None:
    """Return the mean accuracy over several degradations, on the images that all have; None without any."""
    pairs = list(pairs)
    images = common_images(pairs)
    return mean_difference(*shares_right(pairs, images).mean(axis=1)) if len(images) else None


def loss_under_each(pairs: Sequence[SweepComparison]) -> PossibleLoss:
    """Return how much less accurate the second network is at most; see `FolderComparison`. pairs: at least one."""
    under = [(f"under {pair.first.degradation.title}", pair.accuracy()) for pair in pairs]
    everywhere = f"under each of the {len(pairs)} degradations, averaged over its severities"
    return possible_loss(largest(pairs).clean, under, everywhere)


def recalls_of(pairs: Sequence[SweepComparison]) -> list[RecallChange]:
    """Return the recall of each class under each degradation; see `FolderComparison.recalls`. pairs: at least one."""
    compared = [pair.by_class for pair in pairs if not without_classes(pair.first.info)]
    return recall_changes(compared, largest(pairs).on_clean.name_of)
