"""The figures of a reproduction as plain numbers, to be stored with tfstab or compared with the stored ones.

No TensorFlow is imported.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.experiments.claim import compared_with
from tfstab.experiments.margins import MEASURES, WHOLE, Margins, margins_of, paired_ratio
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.scales import FEWEST
from tfstab.experiments.search_comparison import SearchComparison
from tfstab.metrics import mean_interval, wilson_interval
from tfstab.metrics.median import estimate_median
from tfstab.metrics.paired import Ratio

if TYPE_CHECKING:
    from tfstab.search import SearchRun
    from tfstab.sweep import SweepRun

# Measures that are shares, 0..1, which are compared by their difference; all others are compared by their ratio.
SHARES = {"accuracy": "accuracy", "kept": "accuracy, images right when clean"}
NOISE = {"l2": "minimum noise, genetic search"}
TITLES = SHARES | NOISE | {name: measure.title for name, measure in MEASURES.items()}


@dataclass(frozen=True)
class Figure:
    """A number of a reproduction with its 95 % interval.

    Attributes
    ----------
    network : str
        Kind of the network, such as "single", or "ensemble, member 1"; "augmented / single" for the median, over
        images, of the ratio of the two networks' values.
    test : str
        "clean", "noisy", "unclipped" (noise without clipping), "layers" and "noise" (explanations), or "search".
    sigma : float or None
        Standard deviation of the noise in grey levels; None for all sigmas together, or without noise.
    measure : str
        One of `TITLES`. "kept" is the accuracy of images that are right when clean.
    value, low, high : float
        The number and the ends of its interval, which are NaN or infinite where there are too few images. Shares are
        0..1, norms in grey levels.
    images, copies : int
        Number of images, and of noisy copies of each at each sigma; 0 where there are none.
    """

    network: str
    test: str
    sigma: float | None
    measure: str
    value: float
    low: float
    high: float
    images: int
    copies: int = 0

    @property
    def key(self) -> tuple[str, str, float | None, str]:
        """Network, test, sigma and measure, which identify the figure."""
        return self.network, self.test, self.sigma, self.measure

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of its networks: two for a ratio."""
        return tuple(name.partition(",")[0] for name in self.network.split(" / "))


@dataclass(frozen=True, eq=False)
class ClassFigures:
    """Precision and recall of each of K classes, as in the paper's Tables 1 to 6.

    Attributes
    ----------
    network, test : str
        As in `Figure`; over all sigmas.
    precision, recall : ndarray
        float64 (3, K), 0..1: the value and the ends of its 95 % interval; NaN where there is no value.
    images, copies : int
        As in `Figure`.
    """

    network: str
    test: str
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    images: int
    copies: int = 0


def figures_of(r: Reproduction) -> tuple[Figure, ...]:
    """Return the figures of a reproduction, finished or not, in a fixed order.

    Parameters
    ----------
    r : Reproduction
        The reproduction of one data set.

    Returns
    -------
    tuple of Figure
        Accuracies of each network, then minimum noise, margins and gain, then the ratios between networks. Figures
        that cannot be computed are left out.
    """
    found = (figure for part in (_accuracies, _searches, _margins) for figure in part(r))
    return tuple(figure for figure in found if math.isfinite(figure.value))


def class_figures_of(r: Reproduction) -> tuple[ClassFigures, ...]:
    """Return precision and recall of each network's classes, clean and noisy, in a fixed order."""
    found = []
    for kind in r.kinds:
        if kind in r.clean:
            m = r.clean[kind]
            precision, recall = (_shares(np.diag(m.confusion), m.confusion.sum(axis=axis)) for axis in (0, 1))
            found.append(ClassFigures(kind, "clean", precision, recall, m.total))
        for test, runs in _swept(r).items():
            if kind in runs:
                s = runs[kind].measures
                metrics, ends = s.class_metrics(), s.intervals.class_metrics()
                precision, recall = (
                    np.vstack([value, both])
                    for value, both in ((metrics.precision, ends.precision), (metrics.recall, ends.recall))
                )
                found.append(ClassFigures(kind, test, precision, recall, len(s), runs[kind].copies_done[1]))
    return tuple(found)


def _shares(right: np.ndarray, total: np.ndarray) -> NDArray[np.float64]:
    """Return shares and their Wilson intervals, (3, K); NaN where the total is 0."""
    each = [(k / n, *wilson_interval(k, n)) if n else (np.nan,) * 3 for k, n in zip(right, total, strict=True)]
    return np.array(each).T


def _swept(r: Reproduction) -> "dict[str, dict[str, SweepRun]]":
    """Return the noise sweeps by kind for each noisy test."""
    return {"noisy": r.sweeps, "unclipped": r.unclipped}


def _accuracies(r: Reproduction) -> Iterator[Figure]:
    """Yield the accuracies of each network: clean, over all noise, and at each sigma."""
    for kind in r.kinds:
        if kind in r.clean:
            m = r.clean[kind]
            yield Figure(kind, "clean", None, "accuracy", m.accuracy, *wilson_interval(m.correct, m.total), m.total)
        for test, runs in _swept(r).items():
            if kind in runs:
                yield from _of_sweep(kind, test, runs[kind])


def _of_sweep(kind: str, test: str, run: "SweepRun") -> Iterator[Figure]:
    """Yield the accuracies of a sweep: of all images, and of the images that are right when clean."""
    m, copies = run.measures, run.copies_done[1]
    groups = {"accuracy": np.ones(len(m), bool), "kept": m.clean_correct}
    for measure, group in groups.items():
        right, known = 1 - m.wrong_share[group], m.total[group] > 0
        if not known.any():
            continue
        everywhere = right.mean(axis=1)
        first, last = mean_interval(everywhere).tolist()
        yield Figure(kind, test, None, measure, float(everywhere.mean()), first, last, len(right), copies)
        low, high = mean_interval(right, known)
        values = np.where(known, right, 0).sum(axis=0) / known.sum(axis=0)
        for column, sigma in enumerate(run.severities):
            one = float(values[column]), float(low[column]), float(high[column])
            yield Figure(kind, test, float(sigma), measure, *one, int(known[:, column].sum()), copies)


def _searches(r: Reproduction) -> Iterator[Figure]:
    """Yield the median minimum noise that each genetic search found, then the ratios of two networks."""
    for kind, run in r.searches.items():
        l2 = _needed(run)
        median = estimate_median(l2)
        yield Figure(kind, "search", None, "l2", median.value, median.low, median.high, len(l2))
    for kind, one in _compared(r, tuple(r.searches)):
        pair = SearchComparison(r.searches[one], r.searches[kind])
        yield from _ratio(f"{kind} / {one}", "search", "l2", pair.ratio())


def _needed(run: "SearchRun") -> NDArray[np.float64]:
    """Return the norm of the noise of each image that is right when clean; infinite if none was found."""
    return np.array([result.l2 if result.found else np.inf for result in run if result.needed_noise])


def _margins(r: Reproduction) -> Iterator[Figure]:
    """Yield the medians of margins, gain and minimum noise of each network, then the ratios of two networks."""
    measured = {kind: margins_of(*runs) for kind, runs in r.explanations.items()}
    for kind, several in measured.items():
        for one in several:
            name = kind if one.part in ("", WHOLE) else f"{kind}, {one.part}"
            for measure, values in one.values.items():
                median, count = values.median, int(values.counted.sum())
                yield Figure(name, _explained(measure), None, measure, median.value, median.low, median.high, count)
    wholes: dict[str, Margins] = {kind: several[0] for kind, several in measured.items()}
    for kind, other in _compared(r, tuple(wholes)):
        for measure in MEASURES:
            ratio = paired_ratio(wholes[other], wholes[kind], measure)
            yield from _ratio(f"{kind} / {other}", _explained(measure), measure, ratio)


def _explained(measure: str) -> str:
    """Return the name of the explanation that has a measure."""
    return "noise" if measure in ("noise", "flatness") else "layers"


def _compared(r: Reproduction, kinds: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield pairs of a kind and the kind that it is compared with, if both are among these."""
    for kind in kinds:
        one = compared_with(r, kind)
        if kind not in (one, "single", "member") and one in kinds:
            yield kind, one


def _ratio(network: str, test: str, measure: str, ratio: Ratio) -> Iterator[Figure]:
    """Yield a ratio, if enough images could be compared."""
    if ratio.count >= FEWEST:
        yield Figure(network, test, None, measure, ratio.value, ratio.low, ratio.high, ratio.count)
