"""Numbers, sizes of noise and severities in words."""

import math

from tfstab.degradations import Degradation
from tfstab.names import printed, shortened
from tfstab.search.norm import Norm, sized

LONGEST = 60  # characters of a class's or an image's name


def number(value: float) -> str:
    """Return a measured number with two significant digits, or all digits before the point."""
    return f"{value:,.{_decimals(value)}f}"


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
