"""How many images would decide a question that the measured ones leave open, where that can be said at all."""

import math

from tfstab.metrics.estimate import Estimate

MOST = 100  # times the images: more is not advised
LEAST = 6  # images: fewer say too little of how images differ, and have no interval of a median
SOME = 20  # images: of fewer, a value that is near a limit by chance does not show that very many are needed


def images_advised(needed: float, measured: int) -> float:
    """Return a number of images that is worth naming.

    Parameters
    ----------
    needed : float
        Number of images that would decide the question, if the values stay as measured.
    measured : int
        Number of images measured so far.

    Returns
    -------
    float
        The number; infinite if it is more than 100 times what was measured. NaN if fewer than 6 images were measured,
        or fewer than 20 and the number would be infinite: so few do not tell.

    Examples
    --------
    >>> from tfstab.metrics.outlook import images_advised
    >>> images_advised(830, 400), images_advised(110_447, 400), images_advised(6, 1), images_advised(9000, 7)
    (830, inf, nan, nan)
    """
    if needed <= MOST * measured:
        return needed if measured >= LEAST else math.nan
    return math.inf if measured >= SOME else math.nan


def images_needed(half: float, distance: float, measured: int) -> float:
    """Return how many images shrink half an interval to a distance, as far as `images_advised` names a number."""
    return images_advised(measured * (half / distance) ** 2 if distance > 0 else math.inf, measured)


def images_deciding(e: Estimate, limit: float, measured: int) -> float:
    """Return how many images would decide on which side of a limit a value is, if it stays as measured.

    The end of the interval on the side of the limit must come as near as the limit. The width is taken to shrink with
    the square root of the number of images. Of values near 0 or 1 fewer images are enough, as the width shrinks faster.

    Parameters
    ----------
    e : Estimate
        The value with its interval, which contains the limit.
    limit : float
        The limit.
    measured : int
        Number of images measured so far.

    Returns
    -------
    float
        The number, infinite or NaN as `images_advised` returns it.

    Examples
    --------
    >>> from tfstab.metrics import Estimate
    >>> from tfstab.metrics.outlook import images_deciding
    >>> images_deciding(Estimate(0.5625, low=0.4375, high=0.75), 0.5, 60)
    240.0
    """
    half = e.value - e.low if e.value > limit else e.high - e.value
    return images_needed(half, abs(e.value - limit), measured)


def round_up(count: float) -> int:
    """Return a number of images, rounded up to two significant digits.

    Examples
    --------
    >>> from tfstab.metrics.outlook import round_up
    >>> round_up(94), round_up(101), round_up(110_447)
    (94, 110, 120000)
    """
    step: int = 10 ** max(0, math.floor(math.log10(max(count, 1))) - 1)
    return math.ceil(count / step - 1e-9) * step
