"""Several degradations of one image, one after the other."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations.base import Degradation
from tfstab.degradations.gaussian import COMMON, NoiseStreams
from tfstab.degradations.registry import get_degradation


def chain(clean: np.ndarray, steps: Sequence[tuple[str | Degradation, float]], seed: int = 0) -> NDArray[np.float32]:
    """Degrade an image by several degradations in turn.

    Parameters
    ----------
    clean : ndarray
        The clean image (H, W, C), in grey levels 0..255.
    steps : sequence of (str or Degradation, float)
        Degradations, or their names, and severities, in the order in which they are applied. A neutral severity leaves
        the image unchanged.
    seed : int
        Seed of random degradations. What a step draws depends on the seed and on the step's place, not on severities,
        so that an image changes gradually with a severity.

    Returns
    -------
    ndarray
        The degraded image, float32 (H, W, C).

    Raises
    ------
    InputError
        A name is unknown, or a severity is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from tfstab.degradations import chain
    >>> grey = np.full((1, 2, 1), 100, np.uint8)
    >>> chain(grey, [("brightness", 50), ("contrast", 0.5), ("fog", 0)]).ravel().tolist()
    [150.0, 150.0]
    """
    streams = NoiseStreams(seed)
    image = np.asarray(clean, np.float32)
    for place, (name, severity) in enumerate(steps):
        family = name if isinstance(name, Degradation) else get_degradation(name)
        if severity != family.neutral:
            image = family(image, severity, streams.at(0, COMMON, place))
    return np.array(image, np.float32)
