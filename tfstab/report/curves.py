"""Curves of accuracy against severity for the report, as points that templates draw as SVG."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tfstab.report.charts import Tick, percent
from tfstab.sweep import SweepRun
from tfstab.wording import of_parameter

Point = tuple[float, float]


@dataclass(frozen=True)
class Panel:
    """Accuracy against severity under one degradation; x and y are 0..100, y downwards as in SVG.

    Attributes
    ----------
    title, axis : str
        The degradation, and the name of its severity.
    lines : sequence of str
        Points of a polyline for each network.
    ticks : sequence of Tick
        Severities on the x axis.
    text : str
        The numbers, for those who cannot see the panel.
    right : str
        Points of a polyline for the images that are right when clean.
    band : str
        Points of a polygon: the 95 % intervals.
    dots : sequence of (x, y)
        The severities that were tried.
    clean : float or None
        y of the clean accuracy.
    half : (x, y) or None
        Where half of the clean accuracy is left.
    chance : float or None
        y of the accuracy of always answering the same class.
    """

    title: str
    axis: str
    lines: Sequence[str]
    ticks: Sequence[Tick]
    text: str
    right: str = ""
    band: str = ""
    dots: Sequence[Point] = ()
    clean: float | None = None
    half: Point | None = None
    chance: float | None = None


def curve_panel(run: SweepRun, chance: float | None = None) -> Panel:
    """Return accuracy against severity of a sweep, from mild (left) to strong (right); chance: what guessing gives."""
    m, family, across = run.measures, run.degradation, _scale([run])
    order = _left_to_right(run, across)
    xs, clean = [across(s) for s in m.severities[order]], m.clean_accuracy
    lower, upper = m.intervals.accuracy[:, order]
    right = [a.accuracy_of_clean_correct for a in m.accuracy_by_severity()]
    first = [(across(family.neutral), 0.0)] if run.config.one_sided else []
    return Panel(
        title=family.title,
        axis=family.axis,
        lines=[_line(run, across)],
        ticks=_apart([Tick(across(s), f"{s:g}") for s in m.severities[order]]),
        text=f"Accuracy under {family.title}: {_told(run)}."
        + (f" Always answering the same class: {percent(chance, 1)}." if chance is not None else ""),
        right=_points([*first, *((x, _down(right[s])) for x, s in zip(xs, order, strict=True))]),
        band=_points([*zip(xs, map(_down, upper), strict=True), *zip(xs[::-1], map(_down, lower[::-1]), strict=True)]),
        dots=[(x, _down(m.accuracy[s])) for x, s in zip(xs, order, strict=True)],
        clean=_down(clean),
        half=(across(m.severity50), _down(clean / 2)) if m.severity50 is not None else None,
        chance=None if chance is None else _down(chance),
    )


def networks_panel(runs: Sequence[SweepRun | None]) -> Panel:
    """Return the curves of several networks under one degradation; None for a network without a sweep of it."""
    there = [run for run in runs if run is not None]
    family, across = there[0].degradation, _scale(there)
    severities = sorted({s for run in there for s in run.severities}, key=across)
    told = [f"{run.info['model']['name']}: {_told(run)}" for run in there]
    return Panel(
        title=family.title,
        axis=family.axis,
        lines=["" if run is None else _line(run, across) for run in runs],
        ticks=_apart([Tick(across(s), f"{s:g}") for s in severities]),
        text=f"Accuracy under {family.title}. {'. '.join(told)}.",
    )


def _scale(runs: Sequence[SweepRun]) -> Callable[[float], float]:
    """Return the function from a severity to its place on the x axis, which begins at the neutral severity."""
    neutral, one_sided = runs[0].degradation.neutral, all(run.config.one_sided for run in runs)
    every = [s for run in runs for s in run.severities] + ([neutral] if one_sided else [])
    low, high = min(every), max(every)
    falling = one_sided and low < neutral

    def across(severity: float) -> float:
        place = 100 * (float(severity) - low) / ((high - low) or 1)
        return 100 - place if falling else place

    return across


def _left_to_right(run: SweepRun, across: Callable[[float], float]) -> np.ndarray:
    """Return the indices of a run's severities from left to right."""
    return np.argsort([across(s) for s in run.severities], kind="stable")


def _line(run: SweepRun, across: Callable[[float], float]) -> str:
    """Return the curve of a run, from the clean accuracy on if its severities lie on one side."""
    m = run.measures
    start = [(across(run.degradation.neutral), _down(m.clean_accuracy))] if run.config.one_sided else []
    order = _left_to_right(run, across)
    return _points([*start, *((across(m.severities[s]), _down(m.accuracy[s])) for s in order)])


def _told(run: SweepRun) -> str:
    """Return the accuracies of a run in words."""
    m, name = run.measures, run.degradation.parameter
    at_each = zip(run.severities, m.accuracy, strict=True)
    told = (f"{percent(float(a), 1)} at {of_parameter(name, s)}" for s, a in at_each if math.isfinite(a))
    return "; ".join([f"{percent(m.clean_accuracy, 1)} when clean", *told])


def _down(share: float) -> float:
    """Return the y of a share, downwards from 100 %."""
    return 100 * (1 - float(share))


def _points(points: Sequence[Point]) -> str:
    """Return points as SVG has them; those without a value are left out."""
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in points if math.isfinite(x) and math.isfinite(y))


def _apart(ticks: Sequence[Tick], least: float = 15) -> list[Tick]:
    """Return the ticks that are at least this far from each other; the last, for the strongest severity, is kept."""
    kept: list[Tick] = []
    for tick in reversed(ticks):
        if not kept or kept[-1].at - tick.at >= least:
            kept.append(tick)
    return kept[::-1]
