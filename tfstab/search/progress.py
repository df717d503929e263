"""What a running search shows to an observer, and what the observer may answer."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import InputError
from tfstab.wording import counted


class Stop(Enum):
    """An observer's answer: end this image's search, or all searches.

    Examples
    --------
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

    Attributes
    ----------
    image : int
        Index in the full split.
    generation : int
        Number of the generation, from 1.
    queries : int
        Degraded images scored so far.
    best, mean : float
        The objective of the best chromosome so far, and the mean of this generation.
    norm : float
        ||r|| of the best chromosome, in the search's norm and its unit.
    flipped : bool
        Whether the best chromosome is misclassified.
    share_misclassified : float
        Share of this generation that is misclassified.
    noise : ndarray
        The best chromosome's noise (H, W, C), float32, in grey levels.

    Examples
    --------
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

    def __str__(self) -> str:
        """Return in one line how far the search of this image is, for those who print progress."""
        told = "misclassified" if self.flipped else "not misclassified"
        queries = counted(self.queries, "query", "queries")
        return f"image {self.image}, generation {self.generation}: {told} at a norm of {self.norm:.4g}, {queries}"


OnGeneration = Callable[[SearchProgress], Stop | None]


class Observer:
    """Shows generations to a function, if there is one, and remembers whether it has stopped all searches."""

    def __init__(self, on_generation: OnGeneration | None = None) -> None:
        self.on_generation = on_generation
        self.stopped = False

    def show(self, progress: SearchProgress) -> bool:
        """Show a generation; return whether this image's search must end.

        Raises
        ------
        InputError
            The function's answer is neither a Stop nor None: a progress bar's update, say, returns a bool.
        """
        assert self.on_generation is not None
        answer = self.on_generation(progress)
        if not (answer is None or isinstance(answer, Stop)):
            raise InputError(f"on_generation answered {answer!r}; expected Stop.IMAGE, Stop.ALL or None.")
        self.stopped = self.stopped or answer is Stop.ALL
        return answer is not None


class Answers:
    """Passes on an observer's answers, and remembers the images whose search alone it has ended.

    Attributes
    ----------
    ended : set of int
        Indices of these images.
    """

    def __init__(self, on_generation: OnGeneration | None) -> None:
        self._on_generation = on_generation
        self.ended: set[int] = set()

    def __call__(self, progress: SearchProgress) -> Stop | None:
        """Return the observer's answer."""
        answer = None if self._on_generation is None else self._on_generation(progress)
        if answer is Stop.IMAGE:
            self.ended.add(progress.image)
        return answer
