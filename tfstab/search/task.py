"""One image to be searched."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.search.goal import Goal
from tfstab.search.norm import L2, Norm
from tfstab.search.objective import Evaluation, evaluate

if TYPE_CHECKING:
    from tfstab.search.config import SearchConfig


@dataclass(frozen=True, eq=False)
class Task:
    """One image to be searched, what it must be classified as, and which norm counts.

    Attributes
    ----------
    image : int
        Index in the full split.
    goal : Goal
        Any wrong class, or a target.
    clean : ndarray
        The clean image (H, W, C), uint8.
    clean_scores, clean_log_scores : ndarray
        Its scores (K,), float32, and their logarithms (K,), float64.
    mask : ndarray or None
        The pixels that may change, (H, W, C), bool; None for all.
    norm : Norm
        How noise is measured.
    """

    image: int
    goal: Goal
    clean: NDArray[np.uint8]
    clean_scores: NDArray[np.float32]
    clean_log_scores: NDArray[np.float64]
    mask: NDArray[np.bool_] | None = None
    norm: Norm = L2()  # noqa: RUF009 - it has no state

    @property
    def class_index(self) -> int:
        """The true class."""
        return self.goal.class_index

    @property
    def pixels(self) -> NDArray[np.float32]:
        """The clean image as a vector (G,), float32."""
        return self.clean.astype(np.float32).reshape(-1)

    @property
    def free(self) -> NDArray[np.bool_]:
        """Which genes (G,) may change."""
        return np.ones(self.clean.size, bool) if self.mask is None else self.mask.reshape(-1)

    def generator(self, seed: int) -> np.random.Generator:
        """Return a stream of random numbers named by the image's pixels, so that it is the same in any selection."""
        name = int.from_bytes(hashlib.sha256(np.ascontiguousarray(self.clean).data).digest()[:8], "little")
        return np.random.Generator(np.random.Philox(key=[seed, 1], counter=np.array([0, 0, 0, name], np.uint64)))

    def evaluate(self, log_scores: np.ndarray, norm: np.ndarray, config: "SearchConfig") -> Evaluation:
        """Return the objective for log-scores (B, K) and norms (B,)."""
        return evaluate(
            log_scores, self.goal, norm, beta=config.beta, lambda_=config.lambda_, equation=config.objective
        )
