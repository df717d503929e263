"""Numbers, sizes of noise and severities in words."""

import math
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from tfstab.degradations import Degradation
from tfstab.names import printed, quoted, shortened
from tfstab.search.norm import Norm, sized
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.assessment.family_figures import FamilyFigures
    from tfstab.metrics import Estimate

LONGEST = 60  # characters of a class's or an image's name


def number(value: float) -> str:
    """Return a measured number with two significant digits, or all digits before the point."""
    return f"{value:,.{_decimals(value)}f}"


def severity_range(e: "Estimate") -> str:
    """Return the ends of a severity's interval: "28–37", "-45 to -28", or "28 or stronger" where one is not reached."""
    ends = sorted(end for end in (e.low, e.high) if math.isfinite(end))
    joined = (" to " if ends and ends[0] < 0 else "–").join(map(number, ends))
    return joined + (" or stronger" if len(ends) == 1 else "")


def size(norm: Norm, value: float) -> str:
    """Return a size of noise with two significant digits; a whole number of changed values (L0) has no decimals."""
    return sized(norm, value, f",.{_decimals(value)}f")


def at_least(value: float) -> str:
    """Return the same, rounded down."""
    digits = _decimals(value)
    return f"{math.floor(value * 10**digits) / 10**digits:,.{digits}f}"


def _decimals(value: float) -> int:
    """Return how many digits after the point two significant digits are."""
    return 0 if value == 0 else max(0, 1 - math.floor(math.log10(abs(value))))


def severity(family: Degradation, value: float, measured: bool = False) -> str:
    """Return a severity in words: "sigma 20", "density 55 %". measured: it is interpolated, so digits are cut."""
    return family.at(number(value) if measured else f"{value:g}")


def name(text: str) -> str:
    """Return a name, which may come from a stranger's file, so that it fits into a sentence."""
    return shortened(printed(text), LONGEST)


def over(families: Sequence["FamilyFigures"]) -> str:
    """Return under which degradations something was measured: "under fog", or "over all degradations"."""
    return f"under {families[0].title}" if len(families) == 1 else "over all degradations"


def on_images(counts: Collection[int]) -> str:
    """Return on how many images degradations were measured, which may differ much; "" for no degradation.

    Examples
    --------
    >>> from tfstab.assessment.words import on_images
    >>> on_images([1088, 2176]), on_images([40, 40]), on_images([40])
    ('on 1,088 to 2,176 images each', 'on 40 images each', 'on 40 images')
    """
    if not counts:
        return ""
    least, most = min(counts), max(counts)
    of = counted(most) if least == most else f"{least:,} to {counted(most)}"
    return f"on {of}{' each' if len(counts) > 1 else ''}"


def most_taken_for(index: int | None, classes: Sequence[str]) -> str:
    """Return what a class is taken for most often, as a part of a sentence; "" if there is no choice.

    index: the other class; None if no image is taken for one.
    """
    if len(classes) < 3 or index is None:
        return ""
    return f"most often taken for {quoted(name(classes[index]))}"
