"""Says of small images that a severity in pixels may leave little of them for any model."""

from collections.abc import Sequence

from tfstab.assessment.finding import Finding
from tfstab.assessment.ranking import Standing
from tfstab.assessment.words import severity
from tfstab.wording import listed

PIXELS = "pixels"  # the unit of blurs and of pixelation
LARGE_SHARE = 0.5  # of the shorter side of an image: pixelation by such blocks leaves at most four of them


def small_finding(standings: Sequence[Standing]) -> Finding | None:
    """Return which severities are at least half as long as a side of the images; None if none is.

    Families that do little harm are left out.
    """
    found = [(s, value) for s in standings if not s.harmless and (value := _mildest_large(s)) is not None]
    if not found:
        return None
    height, width = found[0][0].family.run.clean.images.shape[1:3]
    named = [f"{s.family.title} from {severity(s.family.run.degradation, value)} on" for s, value in found]
    text = (
        f"The images are only {width} x {height} pixels, and severities of half their side or more may leave too "
        f"little of them for any model: {listed(named, most=len(named))}. Accuracy that is lost there may say little "
        "about this model."
    )
    return Finding("small", "mid", text, tuple(s.family.name for s, _ in found))


def _mildest_large(standing: Standing) -> float | None:
    """Return the smallest severity of a family that is a large share of the images; None if there is none."""
    run = standing.family.run
    side = min(run.clean.images.shape[1:3])
    large = [value for value in run.severities if value >= LARGE_SHARE * side]
    return min(large) if large and run.degradation.unit == PIXELS else None
