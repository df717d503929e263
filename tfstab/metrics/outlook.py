"""How many images would decide a question that the measured ones leave open, where that can be said at all."""

import math

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
