"""Sweeps side by side, as arrays for tables and curves; every function may run in a worker thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.metrics import ClassMetrics, class_metrics, wilson_interval
from tfstab.metrics.shares import rounded
from tfstab.sweep.metrics import METRICS
from tfstab.wording import counted, rounded_to

if TYPE_CHECKING:
    from tfstab.runs import CleanImages
    from tfstab.sweep.measures import SweepMeasures

CLEAN = "clean"  # in place of a severity: all clean images that were scored
Chosen = float | str | None  # a severity, CLEAN, or None for all severities


@dataclass(frozen=True, eq=False)
class Compared:
    """A sweep taking part in a comparison: its name, class names, measures and clean images."""

    name: str
    classes: tuple[str, ...]
    measures: "SweepMeasures"
    clean: "CleanImages | None" = None


@dataclass(frozen=True, eq=False)
class Curve:
    """Accuracy of one run as a function of severity.

    Attributes
    ----------
    name : str
        Name of the run.
    severities : ndarray, shape (S,)
        Severities that have been swept, ascending.
    accuracy, clean_correct : ndarray, shape (S,)
        Accuracy over all images, and over the images that are right when clean; 0 to 1.
    ends : ndarray, shape (2, S)
        Lower and upper end of the 95 % interval of `accuracy`.
    images : ndarray of int64, shape (M,)
        Indices of the images of the run, ascending.
    right : int
        How many of these images are right when clean.
    """

    name: str
    severities: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    ends: NDArray[np.float64]
    clean_correct: NDArray[np.float64]
    images: NDArray[np.int64]
    right: int

    @property
    def key(self) -> str:
        """What the lines are of, in sentences."""
        count = len(self.images)
        text = f"Solid: {counted(count)}, with the 95 % interval; {rounded(self.right / count)} % are right when clean."
        return f"{text} Dashed: only the {self.right:,} that are right when clean." if self.right else text


def of_other_images(curves: Sequence[Curve]) -> bool:
    """Return True if not all curves are of the same images."""
    return any(not np.array_equal(one.images, curves[0].images) for one in curves[1:])


def curve(run: Compared) -> Curve:
    """Return the accuracy curve of a run, over the severities swept so far."""
    m = run.measures
    swept = np.flatnonzero(np.isfinite(m.accuracy))
    order = swept[np.argsort(m.severities[swept])]
    right = np.array([a.accuracy_of_clean_correct for a in m.accuracy_by_severity()])
    ends = m.intervals.accuracy[:, order]
    return Curve(
        run.name, m.severities[order], m.accuracy[order], ends, right[order], m.images, int(m.clean_correct.sum())
    )


@dataclass(frozen=True, eq=False)
class Headline:
    """Headline figures of one run.

    Attributes
    ----------
    name : str
        Name of the run.
    images : int
        Number of images swept.
    values : dict of str to float
        Value of each metric by its name in `tfstab.sweep.metrics.METRICS`.
    ends : dict of str to ndarray of shape (2,)
        95 % interval of each metric that has one.
    mildest : float or None
        The mildest severity swept, if half of the accuracy is lost before it; None if not.
    """

    name: str
    images: int
    values: dict[str, float]
    ends: dict[str, NDArray[np.float64]]
    mildest: float | None = None


def headline(run: Compared) -> Headline:
    """Compute all metrics of a run."""
    m = run.measures
    values = {name: metric.value(m) for name, metric in METRICS.items()}
    ends = {name: metric.interval(m) for name, metric in METRICS.items() if metric.interval is not None}
    before = m.config.before_mildest(values["severity50"])
    return Headline(run.name, len(m), values, ends, float(m.severities[m.config.mildest_first[0]]) if before else None)


@dataclass(frozen=True, eq=False)
class ClassRows:
    """Precision and recall (R, K) of R runs with their 95 % intervals (R, 2, K).

    support (K,): how many copies the first run has of each class, or clean images.
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    precision_ends: NDArray[np.float64]
    recall_ends: NDArray[np.float64]
    support: NDArray[np.int64]


def class_rows(runs: list[Compared], severity: Chosen, clean_correct: bool) -> ClassRows:
    """Compute precision and recall of each class for several runs.

    Parameters
    ----------
    runs : list of Compared
    severity : float, str or None
        One severity, None for all severities, or CLEAN for the clean images.
    clean_correct : bool
        Use only the images that are right when clean.

    Returns
    -------
    ClassRows
        NaN for a run that has not swept the severity or has other classes than the first run.
    """
    classes = runs[0].classes
    missing, no_ends = np.full(len(classes), np.nan), np.full((2, len(classes)), np.nan)
    precision, recall, ends, support = [], [], [], None
    for run in runs:
        metrics = metrics_of(run, severity, clean_correct) if run.classes == classes else None
        if metrics is None:
            precision.append(missing)
            recall.append(missing)
            ends.append((no_ends, no_ends))
            continue
        ends.append(_ends(run, metrics, severity, clean_correct))
        precision.append(metrics.precision)
        recall.append(metrics.recall)
        support = metrics.support if support is None else support
    none = np.zeros(len(classes), np.int64)
    precision_ends, recall_ends = (np.stack(each) for each in zip(*ends, strict=True))
    copies = none if support is None else support
    return ClassRows(np.stack(precision), np.stack(recall), precision_ends, recall_ends, copies)


def metrics_of(run: Compared, severity: Chosen, clean_correct: bool) -> ClassMetrics | None:
    """Return how a run's images are predicted; None if it has not swept the severity."""
    if isinstance(severity, str):
        if run.clean is None:
            return None
        kept = run.clean.correct if clean_correct else slice(None)
        return class_metrics(run.clean.class_index[kept], run.clean.predicted[kept], len(run.classes))
    if severity is not None and severity not in run.measures.config.severities:
        return None
    return run.measures.class_metrics(severity, clean_correct)


def _ends(run: Compared, metrics: ClassMetrics, severity: Chosen, clean_correct: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % intervals of precision and recall, (2, K) each; those of clean images are Wilson's."""
    if not isinstance(severity, str):
        return run.measures.intervals.class_metrics(severity, clean_correct)
    right = np.diagonal(metrics.counts).tolist()
    precision, recall = (
        np.array([wilson_interval(k, n) if n else (np.nan, np.nan) for k, n in zip(right, of.tolist(), strict=True)]).T
        for of in (metrics.counts.sum(axis=0), metrics.support)
    )
    return precision, recall


def values_of_images(values: np.ndarray, m: "SweepMeasures", images: np.ndarray) -> NDArray[np.float64]:
    """Look up values of one run for the images of another.

    Parameters
    ----------
    values : ndarray, shape (M,)
        A value for each image of the run `m`.
    m : SweepMeasures
        Measures of the run that has the values.
    images : ndarray of int, shape (N,)
        Indices of the images to look up.

    Returns
    -------
    ndarray, shape (N,)
        NaN for images that the run does not have.
    """
    place = {int(image): n for n, image in enumerate(m.images.tolist())}
    return np.array([values[place[i]] if i in place else np.nan for i in images.tolist()], np.float64)


def interval(value: float, ends: np.ndarray | None, digits: int | None, factor: float = 1.0) -> str:
    """Format a value and its interval, if it has one: "93.4 (92.8–94.0)".

    Parameters
    ----------
    value : float
    ends : ndarray of shape (2,), or None
        Lower and upper end of the interval; NaN where it cannot be computed.
    digits : int or None
        Decimals; None for three significant digits, which suits severities of any unit.
    factor : float
        Multiplies the value and both ends, such as 100 for percentages.
    """
    if not np.isfinite(value):
        return "–"
    text = _rounded(factor * value, digits)
    if ends is None or np.isnan(ends).any():
        return text
    low, high = (_rounded(factor * end, digits) if np.isfinite(end) else "∞" for end in ends)
    return f"{text} ({low}–{high})"


def _rounded(value: float, digits: int | None) -> str:
    return rounded_to(value, 3) if digits is None else f"{value:.{digits}f}"
