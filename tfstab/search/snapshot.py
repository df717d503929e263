"""What a running search tells its observer, and what the observer may answer."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray


class Stop(Enum):
    """An observer's answer: end this image's search, or all of them.

    >>> def until_flipped(progress):
    ...     return tfstab.Stop.IMAGE if progress.flipped else None
    >>> [result] = tfstab.search_minimum_noise(
    ...     classifier, digits.images[:1], digits.labels[:1], few, on_generation=until_flipped
    ... )
    >>> result.found, result.stop_reason
    (True, 'observer')
    """

    IMAGE = "image"
    ALL = "all"


@dataclass(frozen=True, eq=False)
class SearchProgress:
    """One generation of one image's search.

    image: index in the full split. queries: degraded images scored so far. best, mean: eq. 2's value of the best
    chromosome and the generation's mean. norm: ||r||_2 in grey levels of the best; noise: that r, float32
    (H, W, C). flipped: whether it is misclassified. share_misclassified: of the generation.

    >>> norms = []
    >>> def watch(progress):
    ...     norms.append(progress.norm)
    >>> [result] = tfstab.search_minimum_noise(classifier, digits.images[:1], digits.labels[:1], few, watch)
    >>> len(norms) == result.generations
    True
    """

    image: int
    generation: int
    queries: int
    best: float
    mean: float
    norm: float
    flipped: bool
    share_misclassified: float
    noise: NDArray[np.float32]


OnGeneration = Callable[[SearchProgress], Stop | None]
