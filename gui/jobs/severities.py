"""Severities along a slider: from the neutral to the strongest default one, in one direction or in two.

No Qt and no TensorFlow in here.
"""

from tfstab.degradations import Degradation
from tfstab.degradations.directions import DIRECTIONS
from tfstab.explanation.tried import opposite

WIDEST = 10_000.0  # severities that are typed in reach no further; some families have no limit


def ends(family: Degradation) -> dict[int, float]:
    """Return the severity at the right end of the slider, as 1, and at its left end, as -1.

    A family with only one direction has its neutral severity at the left end, and no -1. Others, such as brightness,
    have it in the middle.
    """
    strongest = family.severities[-1]
    if not (beyond := opposite(family)):
        return {1: strongest}
    return {-1: min(beyond[-1], strongest), 1: max(beyond[-1], strongest)}


def direction(family: Degradation, side: int) -> str:
    """Return what severities on a side (1, -1) make of an image, such as "brighter"; "" if there is only one side."""
    if len(ends(family)) == 1:
        return ""
    below, above = DIRECTIONS.get(family.name, (f"below {family.neutral:g}", f"above {family.neutral:g}"))
    return above if side > 0 else below


def severity_at(family: Degradation, share: float) -> float:
    """Return the severity at a share of the way from the neutral one to the right end (0..1) or left end (-1..0)."""
    end = ends(family)[1 if share >= 0 else -1]
    return settled(family, end if abs(share) == 1 else family.neutral + abs(share) * (end - family.neutral))


def share_at(family: Degradation, severity: float) -> float:
    """Return how far a severity is on the way from the neutral one to the right end (0..1) or left end (-1..0)."""
    for side, end in ends(family).items():
        share = (severity - family.neutral) / (end - family.neutral)
        if share > 0:
            return side * float(min(share, 1))
    return 0.0


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
