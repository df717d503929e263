"""Accuracy over all severities, and of the clean images."""

from tfstab.metrics import Estimate
from tfstab.metrics.shares import percent
from tfstab.sweep.measures import SweepMeasures
from tfstab.sweep.metrics.base import Metric, flat
from tfstab.wording import counted


def _headline(_: Metric, measures: SweepMeasures) -> str:
    """Return the headline's line, with the number of degraded images."""
    accuracy = Estimate(measures.class_metrics().accuracy, *measures.intervals.overall)
    return (
        f"accuracy (top-1) over {measures.config.degradation.together}: {percent(accuracy)} of "
        f"{counted(int(measures.total.sum()), 'degraded image')}"
    )


CLEAN_ACCURACY = Metric(
    name="clean",
    title="Clean",
    value=lambda measures: measures.clean_accuracy,
    meaning="accuracy of the clean images",
    unit="%",
    digits=2,
    record=None,
    headline=None,
    term="clean accuracy",
)

ACCURACY = Metric(
    name="accuracy",
    title="{family.together}",
    value=lambda measures: measures.class_metrics().accuracy,
    meaning="accuracy over {family.together}, with its 95 % interval",
    interval=lambda measures: measures.intervals.overall,
    unit="%",
    digits=1,
    record=flat,
    headline=_headline,
    term="accuracy",
)
