"""Positions and texts of the report's charts, which templates draw as SVG; positions are in % of the plot."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tfstab.assessment import FamilyFigures
from tfstab.assessment.levels import level_of
from tfstab.assessment.ranking import standings
from tfstab.assessment.recall_findings import falls_clause
from tfstab.metrics import Estimate, shares
from tfstab.search.summary import Quartiles


@dataclass(frozen=True)
class Dot:
    """A value on an axis with its interval: positions in %, a level that gives colour and shape, and texts.

    `sure` tells whether the images decide that it has this level; `chance` is the position of what always answering the
    same class gives, NaN where that is not shown.
    """

    label: str
    at: float
    low: float
    high: float
    level: str
    value: str
    interval: str
    sure: bool = True
    chance: float = math.nan


@dataclass(frozen=True)
class Tick:
    """A label at a position of an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class Strip:
    """A row of points on an axis from 0: each is (position, label); `low`, `middle` and `high` are the quartiles.

    A quartile is None if it is not known, because no noise was found for too many images.
    """

    points: Sequence[tuple[float, str]]
    low: float | None
    middle: float | None
    high: float | None
    ticks: Sequence[Tick]

    @property
    def shaded(self) -> str:
        """What the shading and the median show, as a sentence."""
        if self.high is not None:
            return "The shaded range holds the middle half of the images."
        if self.low is None:
            return "No noise was found for more than three quarters of the images, so there are no quartiles."
        begins = "The shading begins at the lower quartile."
        if self.middle is None:
            missing = "because no noise was found for half of the images or more"
            return f"{begins} It has no end, and there is no median, {missing}."
        return f"{begins} It has no end, because no noise was found for more than a quarter of the images."


def percent(value: float, digits: int = 0) -> str:
    """Return a share as text in %, or a dash."""
    return f"{shares.rounded(value, digits)} %" if math.isfinite(value) else "–"


def interval(estimate: Estimate) -> str:
    """Return the ends of a share's interval in %, as "34–44"; "" if there are none."""
    return shares.interval(estimate) if math.isfinite(estimate.low + estimate.high) else ""


def share_axis(estimates: Sequence[Estimate]) -> tuple[float, list[Tick]]:
    """Return the upper end of an axis of shares, 1 or a little more, and its ticks."""
    ends = [e.high for e in estimates if math.isfinite(e.high)]
    top = max([1.0, *ends])
    return top, [Tick(25 * k / top, f"{25 * k} %") for k in range(5)]


def dot(
    label: str, estimate: Estimate, top: float = 1.0, sure: bool = True, level: str = "", chance: float = math.nan
) -> Dot:
    """Return a share with its interval on an axis from 0 to `top`; chance: what guessing gives."""
    low, high = (x if math.isfinite(x) else estimate.value for x in (estimate.low, estimate.high))
    ends = 100 * max(0.0, low) / top, 100 * min(top, high) / top
    place, level = 100 * estimate.value / top, level or level_of(estimate.value)
    texts = shares.share(estimate), interval(estimate)
    return Dot(label, place, *ends, level, *texts, sure, 100 * chance / top if chance <= top else math.nan)


def family_dots(families: Sequence[FamilyFigures]) -> tuple[list[Dot], list[Tick]]:
    """Return the accuracy kept under each family, in their order, and the ticks of the axis."""
    stand = standings(families)
    top, ticks = share_axis([standing.family.kept for standing in stand])
    dots = [dot(s.family.title, s.family.kept, top, s.sure, s.level, s.family.chance_kept) for s in stand]
    return dots, ticks


def hidden_falls(families: Sequence[FamilyFigures]) -> str:
    """Return which recalls fall where more than 90 % of the accuracy is kept, as a note on the chart; "" if none.

    Its wording leaves room for larger losses of single classes where less of the accuracy is kept.
    """
    there = [s for s in standings(families) if s.falls and level_of(s.family.kept.value) == "good"]
    told = [f"under {s.family.title}, {falls_clause(s.falls)}" for s in there]
    start = "Single classes may lose far more of their recall, even where more than 90 % of the accuracy is kept"
    return f"{start}: {'; '.join(told)}." if told else ""


def noise_strip(sizes: Sequence[float], labels: Sequence[str], quartiles: Quartiles) -> Strip:
    """Return the minimum noise of images, in grey levels, on an axis from 0."""
    step = _step(max(sizes))
    top = step * math.ceil(max(sizes) / step + 1e-9)
    ticks = [Tick(100 * k * step / top, f"{k * step:g}") for k in range(round(top / step) + 1)]
    points = [(100 * value / top, label) for value, label in zip(sizes, labels, strict=True)]
    low, middle, high = (100 * x / top if math.isfinite(x) else None for x in quartiles)
    return Strip(points, low, middle, high, ticks)


def _step(largest: float) -> float:
    """Return a round step that gives an axis of up to this value three to six ticks."""
    power = 10.0 ** math.floor(math.log10(largest)) if largest > 0 else 1.0
    return next(step * power for step in (0.2, 0.5, 1, 2) if largest / (step * power) <= 6)
