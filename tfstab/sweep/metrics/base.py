"""What a metric of a whole sweep declares, and how it is written by default."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.wording import rounded_to

if TYPE_CHECKING:
    from tfstab.degradations import Degradation
    from tfstab.sweep.measures import SweepMeasures


def described(metric: Metric, measures: SweepMeasures) -> dict[str, Any]:
    """Return a metric for JSON as one entry: value, interval and meaning."""
    entry: dict[str, Any] = {"value": metric.value(measures)}
    if metric.interval is not None:
        entry["interval_95"] = metric.interval(measures)
    family = measures.config.degradation
    return {metric.text(metric.key or metric.name, family): entry | {"meaning": metric.text(metric.meaning, family)}}


def flat(metric: Metric, measures: SweepMeasures) -> dict[str, Any]:
    """Return a metric for JSON as two entries: value and interval."""
    entries: dict[str, Any] = {metric.name: metric.value(measures)}
    if metric.interval is not None:
        entries[f"{metric.name}_interval_95"] = metric.interval(measures)
    return entries


def line(metric: Metric, measures: SweepMeasures) -> str:
    """Return a metric as a line of the headline: title, value, interval and unit."""
    return f"{metric.text(metric.title, measures.config.degradation)}: {metric.shown(measures)}"


@dataclass(frozen=True, eq=False)
class Metric:
    """One number that describes a whole sweep.

    The headline of `tfstab sweep` and of reports, JSON, and the table of runs on the viewer's metrics page show all
    entries of `tfstab.sweep.metrics.METRICS`. Texts are format strings, in which {family} is the run's Degradation:
    "{family.half_name}".

    Attributes
    ----------
    name : str
        Name of the metric, the same for all degradations.
    title : str
        Title of its column.
    value : callable
        Computes the number from a SweepMeasures; NaN if it is undefined, infinite if it is not reached.
    meaning : str
        One line of explanation, from a small letter on, without a full stop.
    interval : callable, optional
        Computes the 95 % interval, float64 (2,), from a SweepMeasures.
    unit : str
        Unit behind the number; "%" shows shares as percentages.
    digits : int, optional
        Decimals shown; by default three significant digits.
    key : str
        Name of the entry in JSON, by default `name`.
    record : callable, optional
        Returns the metric's entries in JSON; None to leave it out.
    headline : callable, optional
        Returns the metric's line in the headline, or None where it says nothing about the run; None to leave it out.
    term : str
        The term of the guide's glossary that the viewer explains at the title of its column; "" for none.
    """

    name: str
    title: str
    value: Callable[[SweepMeasures], float]
    meaning: str
    interval: Callable[[SweepMeasures], NDArray[np.float64]] | None = None
    unit: str = ""
    digits: int | None = None
    key: str = ""
    record: Callable[[Metric, SweepMeasures], dict[str, Any]] | None = described
    headline: Callable[[Metric, SweepMeasures], str | None] | None = line
    term: str = ""

    def text(self, template: str, family: Degradation) -> str:
        """Return one of the metric's texts for a family of degradations."""
        return template.format(family=family)

    def shown(self, measures: SweepMeasures) -> str:
        """Return the value with its interval and unit: "93.4 (92.8 to 94.0) %"."""
        text = self.number(self.value(measures))
        if self.interval is not None:
            text += " ({} to {})".format(*map(self.number, self.interval(measures)))
        return f"{text} {self.unit}".rstrip()

    def number(self, value: float) -> str:
        """Return a value as text, "–" for NaN."""
        if not math.isfinite(value):
            return "–" if math.isnan(value) else "∞"
        scaled = 100 * value if self.unit == "%" else value
        return rounded_to(scaled, 3) if self.digits is None else f"{scaled:.{self.digits}f}"
