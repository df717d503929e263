"""Severities along a slider, from the neutral to the strongest default one. No Qt and no TensorFlow in here."""

import numpy as np

from tfstab.degradations import Degradation

WIDEST = 10_000.0  # severities that are typed in reach no further; some families have no limit


def severity_at(family: Degradation, share: float) -> float:
    """Return the severity at a share (0..1) of the way from the neutral to the strongest default severity."""
    strongest = family.severities[-1]
    return settled(family, strongest if share == 1 else family.neutral + share * (strongest - family.neutral))


def share_at(family: Degradation, severity: float) -> float:
    """Return how far a severity is on the way from the neutral to the strongest default one, within 0..1."""
    return float(np.clip((severity - family.neutral) / (family.severities[-1] - family.neutral), 0, 1))


def settled(family: Degradation, severity: float) -> float:
    """Return the severity nearest to a number that the family allows, which includes the neutral one."""
    if family.whole:
        severity = round(severity)
    low, high = bounds(family)
    severity = float(min(max(severity, low), high))
    if severity != family.neutral and not family.low <= severity <= family.high:  # between neutral and the range
        end = family.low if severity < family.low else family.high
        return float(end if abs(severity - end) < abs(severity - family.neutral) else family.neutral)
    return severity


def bounds(family: Degradation) -> tuple[float, float]:
    """Return the smallest and the largest severity that can be typed, the neutral one among them."""
    return max(-WIDEST, min(family.low, family.neutral)), min(WIDEST, max(family.high, family.neutral))
