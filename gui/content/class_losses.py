"""At which severity of a sweep classes lose a tenth and half of their clean recall; runs in a worker thread."""

import math
from typing import TYPE_CHECKING

import numpy as np

from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE

if TYPE_CHECKING:
    from tfstab.sweep import SweepConfig
    from tfstab.sweep.measures import SweepMeasures

TENTH, HALF = 0.1, 0.5  # shares of the clean recall
NOT_LOST = "not reached"


def severities_of_loss(m: "SweepMeasures", lost: float) -> list[Estimate]:
    """Return the severity at which each class, (K,), loses a share of its clean recall.

    It is NaN if severities lie on both sides of the neutral one, or if too few images of the class are right when
    clean; infinite if as much is never lost.
    """
    from tfstab.sweep.intervals import severity_of_loss

    found, shares, right = [NO_ESTIMATE] * m.classes, 1 - m.wrong_share, m.clean_correct
    for k in np.unique(m.labels).tolist():
        mine = m.labels == k
        found[k] = severity_of_loss(m.config, shares[mine], right[mine], lost)
    return found


def in_short(config: "SweepConfig", e: Estimate) -> str:
    """Return a severity of loss with its interval for a table: "32 (29–36)", "before 20" or "not reached"."""
    from tfstab.assessment.words import number

    if math.isnan(e.value):
        return "–"
    if math.isinf(e.value):
        return NOT_LOST
    mildest = f"{config.severities[config.mildest_first[0]]:g}"
    if config.before_mildest(e.value):
        return f"before {mildest}"
    value, late, early = number(e.value), math.isinf(e.high), config.before_mildest(e.low)
    if early:  # then the milder end is only interpolated from the clean recall
        return value if late else f"{value} (at the latest at {number(e.high)})"
    if late:
        return f"{value} (not before {number(e.low)})"
    return f"{value} ({'–'.join(map(number, sorted((e.low, e.high))))})"


def in_words(config: "SweepConfig", tenth: Estimate, half: Estimate) -> str:
    """Return where a class loses a tenth and half of its recall, as a part of a sentence; "" if it is not known.

    "of its recall, a tenth is lost at density 12 (10–15), and half at 32 (29–36)"
    """
    if math.isnan(half.value):
        return ""
    first, second = in_short(config, tenth), in_short(config, half)
    if first == NOT_LOST:
        return "less than a tenth of its recall is lost at any severity measured"
    parameter = config.degradation.parameter
    where = first.replace("before ", f"before {parameter} ") if "before " in first[:7] else f"at {parameter} {first}"
    then = "none of the severities measured" if second == NOT_LOST else second
    return f"of its recall, a tenth is lost {where}, and half {'' if then.startswith('before') else 'at '}{then}"
