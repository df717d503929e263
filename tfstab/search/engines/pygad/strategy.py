"""The contract of a strategy: ask for offspring, tell it their scores."""

from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tfstab.search.config import SearchConfig
    from tfstab.search.objective import Evaluation
    from tfstab.search.task import Task


class Strategy(Protocol):
    """One image's search: B offspring in each generation, noise of G genes in grey levels, float32."""

    offspring: int
    """B, the offspring of a generation."""

    elites: int
    """How many of the best chromosomes survive unchanged."""

    from_clean: bool
    """Whether the first population contains the clean image, as an elite."""

    def __init__(self, task: "Task", config: "SearchConfig") -> None:
        """Begin the search of one image."""

    def start(self) -> NDArray[np.float32]:
        """Return the first offspring (B, G)."""

    def ask(self, population: np.ndarray, fitness: np.ndarray, offspring: np.ndarray) -> None:
        """Fill in the next offspring.

        Parameters
        ----------
        population : ndarray
            The elites and the last offspring (P, G), float32.
        fitness : ndarray
            Their fitness (P,), float64.
        offspring : ndarray
            Where the next offspring (B, G), float32, go; overwritten.
        """

    def tell(self, noise: np.ndarray, log_scores: np.ndarray, evaluation: "Evaluation") -> None:
        """Take in a scored generation: the noise (B, G) that remained after clipping, and its log-scores (B, K)."""
