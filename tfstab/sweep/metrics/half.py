"""sigma50, or severity50: the severity at which accuracy is half of the clean accuracy."""

import math

from tfstab.metrics.kept import TOO_FEW
from tfstab.sweep.measures import SweepMeasures
from tfstab.sweep.metrics.base import Metric
from tfstab.wording import of_parameter, rounded_to


def _value(measures: SweepMeasures) -> float:
    """Return the severity; infinite if accuracy does not fall so far."""
    return math.inf if measures.severity50 is None else measures.severity50


def _headline(_: Metric, measures: SweepMeasures) -> str | None:
    """Return the headline's line; None if severities lie on both sides of the neutral one."""
    if not measures.config.one_sided:
        return None
    family, strongest = measures.config.degradation, measures.severities[measures.config.distances.argmax()]
    start = f"{family.half_name} (half of the clean accuracy): "
    if not measures.clean_accuracy:
        return f"{start}no image is right when clean"
    if measures.severity50 is None:
        return f"{start}not reached up to {of_parameter(family.parameter, strongest)}"
    if measures.config.before_mildest(measures.severity50):
        mildest = measures.severities[measures.config.distances.argmin()]
        return f"{start}before {of_parameter(family.parameter, mildest)}, the mildest tried"
    low, high = measures.intervals.severity50
    value = rounded_to(measures.severity50, 3)
    if math.isnan(low):
        return f"{start}{f'{value} {family.unit}'.rstrip()}, without an interval, as {TOO_FEW}"
    upper = rounded_to(high, 3) if math.isfinite(high) else f"beyond {strongest:g}"
    return f"{start}{value} ({rounded_to(low, 3)} to {upper}) {family.unit}".rstrip()


SEVERITY50 = Metric(
    name="severity50",
    title="{family.half_name}",
    value=_value,
    meaning="the {family.singular}, interpolated, at which accuracy is half of the clean accuracy",
    interval=lambda measures: measures.intervals.severity50,
    key="{family.half_name}",
    headline=_headline,
    term="severity50",
)
