"""The contract of a strategy: ask for offspring, tell it their scores."""

from typing import TYPE_CHECKING, Protocol

import numpy as np

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

    def start(self, offspring: np.ndarray) -> None:
        """Fill in the first offspring (B, G), float32, clipped as by `clip`."""

    def ask(self, population: np.ndarray, fitness: np.ndarray, offspring: np.ndarray) -> None:
        """Fill in the next offspring.

        Parameters
        ----------
        population : ndarray
            The elites and the last offspring (P, G), float32.
        fitness : ndarray
            Their fitness (P,), float64.
        offspring : ndarray
            Where the next offspring (B, G), float32, go, clipped as by `clip`; overwritten.
        """

    def tell(self, noise: np.ndarray, log_scores: np.ndarray, evaluation: "Evaluation") -> None:
        """Take in a scored generation: the noise (B, G), and its log-scores (B, K)."""


def clip(noise: np.ndarray, pixels: np.ndarray) -> None:
    """Reduce noise (..., G), in place, to what remains of it when images with pixels (..., G) are clipped to 0..255."""
    noise += pixels
    noise.clip(0, 255, out=noise)
    noise -= pixels
