"""Comparison of two runs of the same images, image by image. No TensorFlow is imported."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import InputError
from tfstab.experiments.alike_searches import is_near, why_unlike
from tfstab.experiments.clean_comparison import CleanComparison
from tfstab.experiments.comparison_frames import differences_frame, ratios_frame
from tfstab.experiments.comparison_text import search_sentences, sweep_sentences
from tfstab.experiments.same_images import check_clipped_alike, check_degraded_alike, check_finished, rows_of
from tfstab.metrics.paired import Difference, McNemar, Ratio, mean_difference, median_ratio
from tfstab.names import html_summary
from tfstab.runs import RunFolder
from tfstab.search import SearchRun
from tfstab.search.norm import get_norm
from tfstab.sweep import SweepRun
from tfstab.sweep.class_images import ClassImages, rare_sweep

if TYPE_CHECKING:
    import pandas as pd

Run = TypeVar("Run", SweepRun, SearchRun)


class _Comparison(ABC, Generic[Run]):
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

    @abstractmethod
    def summary(self) -> str:
        """Return the comparison in a few sentences, with 95 % intervals."""

    @abstractmethod
    def to_pandas(self) -> "pd.DataFrame":
        """Return the comparison as a table."""

    def __str__(self) -> str:
        """Return the summary."""
        return self.summary()

    def _repr_html_(self) -> str:
        """Return summary and table as HTML, for a notebook."""
        return html_summary(self.summary(), self.to_pandas())

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


class SweepComparison(_Comparison[SweepRun]):
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
            raise InputError(
                f"{first.path} is of {first.degradation.title} and {second.path} of {second.degradation.title}: "
                "compare sweeps of one degradation; `tfstab robustness` summarises several."
            )
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
            columns = [m.severity_index(severity) for severity in self.severities]
            shares.append(1 - m.wrong_share[np.searchsorted(m.images, self.images)][:, columns])
        return shares[0], shares[1]

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
        """
        columns = slice(None) if severity is None else [self.severities.index(severity)]
        a, b = (shares[:, columns].mean(axis=1) for shares in self.right_shares)
        return mean_difference(a, b, self.right_in_both if clean_correct else None)

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

    def recall(self, class_index: int) -> Difference:
        """Compare the recalls of one class over all severities.

        Parameters
        ----------
        class_index : int
            The class.

        Returns
        -------
        Difference
            The recalls and their difference.
        """
        labels, first, second = self.of_classes
        return mean_difference(first, second, labels == class_index)

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
            columns = [m.severity_index(severity) for severity in self.severities]
            found.append(replace(every, share_right=every.share_right[:, columns]))
        return found[0], found[1]


@dataclass(frozen=True)
class NotFound:
    """Number of images for which each search found no noise.

    Attributes
    ----------
    first, second : int
        Number of images for each search.
    """

    first: int
    second: int


class SearchComparison(_Comparison[SearchRun]):
    """Comparison of two searches of the same images, by the minimum noise of images right when clean in both.

    Parameters
    ----------
    first, second : SearchRun
        The searches.

    Attributes
    ----------
    images : ndarray of int64, (N,)
        Indices of the images that both have finished.
    on_clean : CleanComparison
        Both on all clean images that both have, finished or not.
    class_names : tuple of str
        Names of the classes.

    Raises
    ------
    InputError
        The searches have different norms, or no image in common, or different ones. Of two networks, also if one
        search uses gradients, or is refined, and the other is not, if unrefined searches have different settings, or
        if the scores of a model change in steps: the noise found would then say more of the searches.

    Examples
    --------
    >>> from tfstab.experiments import SearchComparison
    >>> SearchComparison(search, search).ratio().value  # of a search with itself
    1.0
    """

    def __init__(self, first: SearchRun, second: SearchRun) -> None:
        """Find the images that the searches have in common."""
        if first.config.norm != second.config.norm:
            norms = [get_norm(run.config.norm).title for run in (first, second)]
            raise InputError(
                f"{first.path} minimises {norms[0]} and {second.path} {norms[1]}: compare searches of the same norm."
            )
        first, second = first.snapshot(), second.snapshot()
        super().__init__(first, second, np.intersect1d(first.images, second.images))
        if why := why_unlike(first, second):
            raise InputError(f"the noise found in {first.path} and {second.path} cannot be compared: {why}")

    @property
    def decides(self) -> bool:
        """Whether both searches end near the minimum, so that the ratio is of the networks and not of the searches.

        So they do if they are refined or are walks along the boundary (engine "boundary"). Searches without gradients
        end above it by a factor that differs from network to network.
        """
        return is_near(self.first) and is_near(self.second)

    @cached_property
    def size(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Norm of each image's noise in grey levels: two float64 arrays (N,); infinite if none was found."""
        several = [{r.image: r.size if r.found else np.inf for r in run} for run in (self.first, self.second)]
        a, b = (np.array([size[int(image)] for image in self.images]) for size in several)
        return a, b

    @property
    def compared(self) -> NDArray[np.bool_]:
        """Whether an image is right when clean in both and has noise in both: bool (N,)."""
        return self.right_in_both & np.isfinite(self.size[0]) & np.isfinite(self.size[1])

    @property
    def not_found(self) -> NotFound:
        """Number of images, of those right when clean in both, for which each search found no noise."""
        a, b = (int(np.isinf(size[self.right_in_both]).sum()) for size in self.size)
        return NotFound(a, b)

    def ratio(self, class_index: int | None = None) -> Ratio:
        """Compare the norms that were found by the median, over images, of the second's divided by the first's.

        Parameters
        ----------
        class_index : int, optional
            True class of the images to include; by default all.

        Returns
        -------
        Ratio
            The median norms and the median ratio.
        """
        keep = self.compared if class_index is None else self.compared & (self.labels == class_index)
        return median_ratio(self.size[0][keep], self.size[1][keep])

    def summary(self) -> str:
        """Return the comparison in a few sentences, with 95 % intervals."""
        return "\n".join(search_sentences(self))

    def to_pandas(self) -> "pd.DataFrame":
        """Return one row for each class, and one for all.

        Returns
        -------
        DataFrame
            Indexed by the name of the class. Columns: `images` (count), `first` and `second` (median norms of the
            noise), `ratio` (the median of the images' ratios, second over first), and the ends `low` and `high` of its
            95 % interval.
        """
        present = [int(k) for k in np.unique(self.labels)]
        labels = [*(self.class_names[k] for k in present), "all"]
        return ratios_frame("class", labels, [self.ratio(k) for k in (*present, None)])


def compare(first: RunFolder, second: RunFolder) -> SweepComparison | SearchComparison:
    """Compare two sweeps, or two searches, of the same images.

    Parameters
    ----------
    first, second : SweepRun or SearchRun
        Runs of the same kind.

    Returns
    -------
    SweepComparison or SearchComparison
        The comparison.

    Raises
    ------
    InputError
        The runs are of different kinds, have different images, or have no image in common.
    """
    if isinstance(first, SweepRun) and isinstance(second, SweepRun):
        return SweepComparison(first, second)
    if isinstance(first, SearchRun) and isinstance(second, SearchRun):
        return SearchComparison(first, second)
    raise InputError(
        f"{first.path} ({first.info['kind']}) and {second.path} ({second.info['kind']}) cannot be compared: compare "
        "sweeps with sweeps and searches with searches."
    )
