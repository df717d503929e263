"""Two runs of the same images compared, image by image. Needs no TensorFlow."""

from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets.store import slices
from tfstab.errors import InputError
from tfstab.metrics.paired import Difference, McNemar, Ratio, mcnemar, mean_difference, median_ratio
from tfstab.runs import RunFolder
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun

Run = TypeVar("Run", SweepRun, SearchRun)


class _Comparison(Generic[Run]):
    """first, second: runs. images: int64 (N,), indices of the images that both have finished."""

    def __init__(self, first: Run, second: Run, images: np.ndarray) -> None:
        self.first: Run = first
        self.second: Run = second
        self.images = images
        check_same_images(first, second, images)
        self.class_names = first.class_names

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """The actual class of each image, (N,)."""
        return self.first.clean.class_index[_rows(self.first, self.images)]

    @cached_property
    def clean_correct(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which images each classifier gets right when clean, (N,) each."""
        a, b = (run.clean.correct[_rows(run, self.images)] for run in (self.first, self.second))
        return a, b

    @property
    def right_in_both(self) -> NDArray[np.bool_]:
        return self.clean_correct[0] & self.clean_correct[1]

    @property
    def clean(self) -> Difference:
        """Of the clean accuracies."""
        return mean_difference(*self.clean_correct)

    @property
    def mcnemar(self) -> McNemar:
        """On the clean images."""
        return mcnemar(*self.clean_correct)


class SweepComparison(_Comparison[SweepRun]):
    """Two sweeps of the same images, at the severities that both have."""

    def __init__(self, first: SweepRun, second: SweepRun) -> None:
        if first.degradation.name != second.degradation.name:
            raise InputError(
                f"{first.path} is of {first.degradation.title} and {second.path} of {second.degradation.title}: "
                "compare sweeps of one degradation; `tfstab robustness` sums up several."
            )
        self.severities = tuple(s for s in first.severities if s in second.severities)
        if not self.severities:
            name = first.degradation.parameter
            raise InputError(f"{first.path} and {second.path} have no {name} in common, so they cannot be compared.")
        super().__init__(first, second, np.intersect1d(first.measures.images, second.measures.images))

    @cached_property
    def right_shares(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The share of each image's copies that is classified correctly at each severity, (N, S) each."""
        shares = []
        for run in (self.first, self.second):
            m = run.measures
            columns = [m.severity_index(severity) for severity in self.severities]
            shares.append(1 - m.wrong_share[np.searchsorted(m.images, self.images)][:, columns])
        return shares[0], shares[1]

    def accuracy(self, severity: float | None = None, clean_correct: bool = False) -> Difference:
        """Of the accuracies at one severity, or over all. clean_correct: only images that both get right when clean."""
        columns = slice(None) if severity is None else [self.severities.index(severity)]
        a, b = (shares[:, columns].mean(axis=1) for shares in self.right_shares)
        return mean_difference(a, b, self.right_in_both if clean_correct else None)

    def recall(self, class_index: int) -> Difference:
        """Of the recalls of one class over all severities."""
        a, b = (shares.mean(axis=1) for shares in self.right_shares)
        return mean_difference(a, b, self.labels == class_index)


@dataclass(frozen=True)
class NotFound:
    """Images for which one search, or both, found no noise."""

    first: int
    second: int


class SearchComparison(_Comparison[SearchRun]):
    """Two searches of the same images, by the minimum noise of those that both classifiers get right when clean."""

    def __init__(self, first: SearchRun, second: SearchRun) -> None:
        super().__init__(first, second, np.intersect1d(first.images, second.images))

    @cached_property
    def l2(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The L2 of each image's noise, (N,) each, grey levels; infinite where none was found."""
        several = [{r.image: r.l2 if r.found else np.inf for r in run} for run in (self.first, self.second)]
        a, b = (np.array([l2[int(image)] for image in self.images]) for l2 in several)
        return a, b

    @property
    def compared(self) -> NDArray[np.bool_]:
        """The images that are right when clean in both and have noise in both, (N,)."""
        return self.right_in_both & np.isfinite(self.l2[0]) & np.isfinite(self.l2[1])

    @property
    def not_found(self) -> NotFound:
        a, b = (int(np.isinf(l2[self.right_in_both]).sum()) for l2 in self.l2)
        return NotFound(a, b)

    def ratio(self, class_index: int | None = None) -> Ratio:
        """The median over images of the second's L2 over the first's, of all classes or one."""
        keep = self.compared if class_index is None else self.compared & (self.labels == class_index)
        return median_ratio(self.l2[0][keep], self.l2[1][keep])


def compare(first: RunFolder, second: RunFolder) -> SweepComparison | SearchComparison:
    """Compare two sweeps, or two searches, of the same images.

    Raises InputError for runs of different kinds, without images in common, or of different images.
    """
    if isinstance(first, SweepRun) and isinstance(second, SweepRun):
        return SweepComparison(first, second)
    if isinstance(first, SearchRun) and isinstance(second, SearchRun):
        return SearchComparison(first, second)
    raise InputError(
        f"{first.path} is a {first.info['kind']} and {second.path} a {second.info['kind']}: "
        "compare sweeps with sweeps and searches with searches."
    )


def _rows(run: RunFolder, images: np.ndarray) -> list[int]:
    return [run.clean.row(int(image)) for image in images]


def _images(run: RunFolder, images: np.ndarray) -> NDArray[np.uint8]:
    return run.clean.images[_rows(run, images)]


def check_same_images(first: RunFolder, second: RunFolder, images: np.ndarray) -> None:
    """Raise InputError unless two runs have the same pictures of these images, indices (N,), and there are some."""
    if not len(images):
        raise InputError(
            f"{first.path} and {second.path} have no finished image in common: make both with the same --data, "
            "--limit and --images."
        )
    steps = slices(len(images), first.clean.images[:1].nbytes)
    if not all(np.array_equal(_images(first, images[few]), _images(second, images[few])) for few in steps):
        raise InputError(
            f"{first.path} and {second.path} are of different images ({first.info['data']['name']} and "
            f"{second.info['data']['name']}): compare runs of the same data."
        )
