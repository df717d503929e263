"""The normalised area under the curve of accuracy against severity."""

from tfstab.metrics import Estimate
from tfstab.metrics.shares import percent
from tfstab.sweep.measures import SweepMeasures
from tfstab.sweep.metrics.base import Metric
from tfstab.wording import of_parameter


def _headline(_: Metric, measures: SweepMeasures) -> str | None:
    """Return the headline's line; None if severities lie on both sides of the neutral one."""
    if not measures.config.one_sided:
        return None
    family, strongest = measures.config.degradation, measures.severities[measures.config.distances.argmax()]
    over = of_parameter(family.parameter, f"{family.neutral:g} to {strongest:g}")
    return (
        f"area under the curve (mean accuracy over {over}): "
        f"{percent(Estimate(measures.area, *measures.intervals.area))}"
    )


AREA = Metric(
    name="area",
    title="Area",
    value=lambda measures: measures.area,
    meaning="mean accuracy over {family.singular} from {family.neutral:g} to the strongest",
    interval=lambda measures: measures.intervals.area,
    digits=3,
    key="area_under_curve",
    headline=_headline,
    term="area under the curve",
)
