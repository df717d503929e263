"""Sweeps side by side, as arrays for tables and curves. All of it may run in a worker."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tfstab.sweep.measures import SweepMeasures


@dataclass(frozen=True, eq=False)
class Compared:
    """A run that is compared: its name, class names and measures."""

    name: str
    classes: tuple[str, ...]
    measures: "SweepMeasures"


@dataclass(frozen=True, eq=False)
class Curve:
    """Accuracy (S,) by severity, ascending, with 95 % bootstrap ends (2, S), and that of images right when clean."""

    name: str
    severities: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    ends: NDArray[np.float64]
    clean_correct: NDArray[np.float64]


def curve(run: Compared) -> Curve:
    """The accuracy curve of a run, of the severities that are swept."""
    m = run.measures
    there = np.flatnonzero(np.isfinite(m.accuracy))
    order = there[np.argsort(m.severities[there])]
    right = np.array([a.accuracy_of_clean_correct for a in m.accuracy_by_severity()])
    return Curve(run.name, m.severities[order], m.accuracy[order], m.intervals.accuracy[:, order], right[order])


@dataclass(frozen=True, eq=False)
class Headline:
    """What a run comes to; each interval (2,)."""

    name: str
    images: int
    clean: float
    accuracy: float
    accuracy_ends: NDArray[np.float64]
    severity50: float
    severity50_ends: NDArray[np.float64]
    area: float
    area_ends: NDArray[np.float64]
    ece: float
    clean_ece: float


def headline(run: Compared) -> Headline:
    """severity50 is infinite where it is not reached; the ECE is over all severities."""
    m = run.measures
    ends, calibration = m.intervals, m.calibration
    apart = np.abs(calibration.correct.sum(axis=0) - calibration.score.sum(axis=0)).sum()
    return Headline(
        run.name, len(m), m.clean_accuracy, m.class_metrics().accuracy, ends.overall,
        np.inf if m.severity50 is None else m.severity50, ends.severity50, m.area, ends.area,
        float(apart / max(calibration.count.sum(), 1)), float(m.clean_calibration.error[0]),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class ClassRows:
    """Precision and recall (R, K) of R runs, and the first one's number of images (K,)."""

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    support: NDArray[np.int64]


def class_rows(runs: list[Compared], severity: float | None, clean_correct: bool) -> ClassRows:
    """Of all severities or one; a run that has not swept it, or that knows other classes, gives NaN."""
    classes = runs[0].classes
    nothing = np.full(len(classes), np.nan)
    precision, recall, support = [], [], None
    for run in runs:
        m = run.measures
        if (severity is not None and severity not in m.config.severities) or run.classes != classes:
            precision.append(nothing)
            recall.append(nothing)
            continue
        metrics = m.class_metrics(severity, clean_correct)
        precision.append(metrics.precision)
        recall.append(metrics.recall)
        support = metrics.support if support is None else support
    none = np.zeros(len(classes), np.int64)
    return ClassRows(np.stack(precision), np.stack(recall), none if support is None else support)


@dataclass(frozen=True, eq=False)
class Confusion:
    """counts: int64 (K, K), actual class by predicted class; of nothing where the run has not swept the severity."""

    name: str
    classes: tuple[str, ...]
    counts: NDArray[np.int64]


def confusions(runs: list[Compared], severity: float | None, clean_correct: bool) -> list[Confusion]:
    """Of each run, of all severities or one."""
    found = []
    for run in runs:
        there = severity is None or severity in run.measures.config.severities
        none = np.zeros((len(run.classes), len(run.classes)), np.int64)
        counts = run.measures.class_metrics(severity, clean_correct).confusion if there else none
        found.append(Confusion(run.name, run.classes, counts))
    return found


def values_of_images(values: np.ndarray, m: "SweepMeasures", images: np.ndarray) -> NDArray[np.float64]:
    """Values (M,) of a run's images, for the images of another (N,); NaN where it has not the image."""
    place = {int(image): n for n, image in enumerate(m.images.tolist())}
    return np.array([values[place[i]] if i in place else np.nan for i in images.tolist()], np.float64)


def interval(value: float, ends: np.ndarray | None, digits: int | None, factor: float = 1.0) -> str:
    """A value with its interval, if it has one, as text: "93.4 (92.8–94.0)".

    digits: decimals; None for three digits, which suits a severity that may be a quality or a share.
    """
    if not np.isfinite(value):
        return "–"
    form = ".3g" if digits is None else f".{digits}f"
    text = format(factor * value, form)
    if ends is None:
        return text
    low, high = (format(factor * end, form) if np.isfinite(end) else "∞" for end in ends)
    return f"{text} ({low}–{high})"
