"""Positions and texts of the report's charts, which templates draw as SVG; positions are in % of the plot."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfstab.assessment import FamilyFigures, words
from tfstab.assessment.ranking import BREAKS, HARMLESS, standings
from tfstab.metrics import Estimate
from tfstab.sweep import SweepRun

LEVELS = {
    "bad": f"keeps less than {100 * BREAKS:g} %",
    "mid": f"{100 * BREAKS:g} to {100 * HARMLESS:g} %",
    "good": f"more than {100 * HARMLESS:g} %",
}


@dataclass(frozen=True)
class Dot:
    """A value on an axis with its interval: positions in %, a level that gives colour and shape, and texts.

    `sure` tells whether the images decide that it has this level.
    """

    label: str
    at: float
    low: float
    high: float
    level: str
    value: str
    interval: str
    sure: bool = True


@dataclass(frozen=True)
class Tick:
    """A label at a position of an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class Panel:
    """Accuracy against severity of one sweep; x and y are 0..100, y downwards as in SVG.

    `line` and `right` are points of polylines for all images and for those right when clean, `band` of a polygon,
    `dots` are (x, y), `clean` is the y of the clean accuracy, `half` the (x, y) where half of it is left, and `text`
    tells the numbers to those who cannot see the panel.
    """

    title: str
    axis: str
    line: str
    right: str
    band: str
    dots: Sequence[tuple[float, float]]
    clean: float
    half: tuple[float, float] | None
    ticks: Sequence[Tick]
    text: str


@dataclass(frozen=True)
class Strip:
    """A row of points on an axis from 0: each is (position, label); `low`, `middle` and `high` are the quartiles."""

    points: Sequence[tuple[float, str]]
    low: float
    middle: float
    high: float
    ticks: Sequence[Tick]


def level_of(kept: float) -> str:
    """Return the level of an accuracy kept: "bad", "mid" or "good"."""
    return "bad" if kept < BREAKS else "mid" if kept <= HARMLESS else "good"


def percent(value: float, digits: int = 0) -> str:
    """Return a share as text in %, or a dash."""
    return f"{words.rounded(value, digits)} %" if math.isfinite(value) else "–"


def interval(estimate: Estimate) -> str:
    """Return the ends of a share's interval in %, as "34–44"; "" if there are none."""
    return words.interval(estimate) if math.isfinite(estimate.low + estimate.high) else ""


def share_axis(estimates: Sequence[Estimate]) -> tuple[float, list[Tick]]:
    """Return the upper end of an axis of shares, 1 or a little more, and its ticks."""
    ends = [e.high for e in estimates if math.isfinite(e.high)]
    top = max([1.0, *ends])
    return top, [Tick(25 * k / top, f"{25 * k} %") for k in range(5)]


def dot(label: str, estimate: Estimate, top: float = 1.0, sure: bool = True, level: str = "") -> Dot:
    """Return a share with its interval on an axis from 0 to `top`."""
    low, high = (x if math.isfinite(x) else estimate.value for x in (estimate.low, estimate.high))
    ends = 100 * max(0.0, low) / top, 100 * min(top, high) / top
    place, level = 100 * estimate.value / top, level or level_of(estimate.value)
    return Dot(label, place, *ends, level, percent(estimate.value), interval(estimate), sure)


def family_dots(families: Sequence[FamilyFigures]) -> tuple[list[Dot], list[Tick]]:
    """Return the accuracy kept under each family, in their order, and the ticks of the axis."""
    stand = standings(families)
    top, ticks = share_axis([standing.family.kept for standing in stand])
    return [dot(s.family.title, s.family.kept, top, s.doubtful is None) for s in stand], ticks


def curve_panel(run: SweepRun) -> Panel:
    """Return accuracy against severity of a sweep, from mild (left) to strong (right)."""
    m, family, config = run.measures, run.degradation, run.config
    severities = m.severities
    ends = np.append(severities, family.neutral) if config.one_sided else severities
    low, high = float(ends.min()), float(ends.max())
    falling = config.one_sided and severities[0] < family.neutral

    def across(severity: float) -> float:
        place = 100 * (severity - low) / ((high - low) or 1)
        return 100 - place if falling else place

    order = np.argsort([across(s) for s in severities], kind="stable")
    clean = m.clean_accuracy
    right = np.array([a.accuracy_of_clean_correct for a in m.accuracy_by_severity()])
    xs, ys = [across(float(severities[s])) for s in order], [100 * (1 - float(m.accuracy[s])) for s in order]
    lower, upper = m.intervals.accuracy[:, order]
    start = [(across(family.neutral), 100 * (1 - clean))] if config.one_sided else []
    first = [(across(family.neutral), 0.0)] if config.one_sided else []
    outline = [(x, 100 * (1 - float(y))) for x, y in zip(xs, upper, strict=True)]
    outline += [(x, 100 * (1 - float(y))) for x, y in zip(xs[::-1], lower[::-1], strict=True)]
    half = (across(m.severity50), 100 * (1 - clean / 2)) if m.severity50 is not None else None
    told = "; ".join(
        f"{percent(a.accuracy, 1)} at {family.parameter} {a.severity:g}" for a in m.accuracy_by_severity() if a.total
    )
    return Panel(
        title=family.title,
        axis=family.axis,
        line=_points([*start, *zip(xs, ys, strict=True)]),
        right=_points([*first, *((x, 100 * (1 - float(right[s]))) for x, s in zip(xs, order, strict=True))]),
        band=_points(outline),
        dots=list(zip(xs, ys, strict=True)),
        clean=100 * (1 - clean),
        half=half,
        ticks=_apart([Tick(across(float(s)), f"{s:g}") for s in severities[order]]),
        text=f"Accuracy under {family.title}: {percent(clean, 1)} when clean; {told}.",
    )


def noise_strip(l2: Sequence[float], labels: Sequence[str]) -> Strip:
    """Return the minimum noise of images, in grey levels, on an axis from 0."""
    step = _step(max(l2))
    top = step * math.ceil(max(l2) / step + 1e-9)
    ticks = [Tick(100 * k * step / top, f"{k * step:g}") for k in range(round(top / step) + 1)]
    points = [(100 * value / top, label) for value, label in zip(l2, labels, strict=True)]
    low, middle, high = (100 * float(x) / top for x in np.quantile(l2, (0.25, 0.5, 0.75)))
    return Strip(points, low, middle, high, ticks)


def _step(largest: float) -> float:
    """Return a round step that gives an axis of up to this value three to six ticks."""
    power = 10.0 ** math.floor(math.log10(largest)) if largest > 0 else 1.0
    return next(step * power for step in (0.2, 0.5, 1, 2) if largest / (step * power) <= 6)


def _points(points: Sequence[tuple[float, float]]) -> str:
    """Return points as SVG has them; those without a value are left out."""
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in points if math.isfinite(x) and math.isfinite(y))


def _apart(ticks: Sequence[Tick], least: float = 15) -> list[Tick]:
    """Return the ticks that are at least this far from each other; the last, for the strongest severity, is kept."""
    kept: list[Tick] = []
    for tick in reversed(ticks):
        if not kept or kept[-1].at - tick.at >= least:
            kept.append(tick)
    return kept[::-1]
