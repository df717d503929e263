"""The expected calibration error over all severities, and of the clean images."""

import numpy as np

from tfstab.sweep.measures import SweepMeasures
from tfstab.sweep.metrics.base import Metric


def _over_all(measures: SweepMeasures) -> float:
    """Return the ECE of all degraded images as one group."""
    calibration = measures.calibration
    apart = np.abs(calibration.correct.sum(axis=0) - calibration.score.sum(axis=0)).sum()
    return float(apart / max(calibration.count.sum(), 1))


ECE = Metric(
    name="ece",
    title="ECE",
    value=_over_all,
    meaning="expected calibration error over {family.together}",
    unit="%",
    digits=2,
    record=None,
    headline=None,
    term="ECE",
)

CLEAN_ECE = Metric(
    name="clean_ece",
    title="Clean ECE",
    value=lambda measures: float(measures.clean_calibration.error[0]),
    meaning="expected calibration error of the clean images",
    unit="%",
    digits=2,
    record=None,
    headline=None,
    term="ECE",
)
