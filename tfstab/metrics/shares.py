"""Shares in percent with their intervals, in words."""

import math

from tfstab.metrics.estimate import Estimate

FINER = 3  # digits that are added at most, so that a small difference is not rounded to 0
_WIDTHS = (0.02, 0.002)  # a narrower interval is rounded to tenths, and a still narrower one to hundredths of a percent


def share(e: Estimate, digits: int | None = None) -> str:
    """Return a share, a dash if there is none: "39 %". digits: by default 1 or 2 if its interval is narrow."""
    return f"{rounded(e.value, _digits(e) if digits is None else digits)} %" if math.isfinite(e.value) else "–"


def percent(e: Estimate, digits: int | None = None) -> str:
    """Return a share with its interval, rounded outwards: "39 % (34–44)". digits: as of `share`."""
    return f"{share(e, digits)} ({interval(e, digits)})"


def inside(e: Estimate) -> str:
    """Return the same for use within brackets: "39 %, 34–44"."""
    return percent(e).replace(" (", ", ").removesuffix(")")


def interval(e: Estimate, digits: int | None = None) -> str:
    """Return the interval of a share in percent, rounded outwards: "34–44"; "34–∞" without an upper end."""
    digits = _digits(e) if digits is None else digits
    factor = 10**digits
    # A little slack, so that 0.9 as a binary number does not become 89.
    low = math.floor(e.low * 100 * factor + 1e-9) / factor
    if math.isinf(e.high):
        return f"{low:.{digits}f}–∞"
    high = math.ceil(e.high * 100 * factor - 1e-9) / factor
    return f"{low:.{digits}f}–{high:.{digits}f}"


def _digits(e: Estimate) -> int:
    """Return how many digits after the point a share in percent has."""
    return sum(e.high - e.low < width for width in _WIDTHS)


def signed(share: float, digits: int = 1) -> str:
    """Return a difference of two shares in points, with more digits if it would be rounded to 0 and lose its sign.

    Examples
    --------
    >>> from tfstab.metrics.shares import signed
    >>> signed(0.0139), signed(-0.0004), signed(0.0)
    ('+1.4', '-0.04', '+0.0')
    """
    texts = (f"{100 * share:+.{finer}f}" for finer in range(digits, digits + FINER + 1))
    return next((text for text in texts if float(text)), f"{0:+.{digits}f}")


def signed_ends(low: float, high: float, digits: int = 1) -> str:
    """Return the interval of a difference of two shares in points: "-0.04 to +2.9"."""
    return f"{signed(low, digits)} to {signed(high, digits)}"


def rounded(share: float, digits: int = 0) -> str:
    """Return a share in percent; 100 and 0 only if nothing or everything is lost, as in "99.7" and "0.1"."""
    text = f"{round(100 * share, 9):.{digits}f}"  # the same for 0.195 as for a mean that is 0.195 but for its last bits
    finer = max(digits, 1)
    if float(text) == 100 and share < 1:
        return f"{min(100 * share, 100 - 10**-finer):.{finer}f}"
    return f"{max(100 * share, 10**-finer):.{finer}f}" if float(text) == 0 and share > 0 else text
