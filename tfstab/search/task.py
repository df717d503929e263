"""One image to be searched, and what every engine does at the start and the end of it."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.search.config import SearchConfig
from tfstab.search.objective import Evaluation, evaluate


@dataclass(frozen=True, eq=False)
class Task:
    """image: index in the full split. clean: uint8 (H, W, C). clean_scores: float32 (K,); clean_log_scores: float64.

    target: the class that the image shall be taken for, or None for any wrong one. mask: bool (H, W, C), the pixels
    that may change, or None for all.
    """

    image: int
    class_index: int
    clean: NDArray[np.uint8]
    clean_scores: NDArray[np.float32]
    clean_log_scores: NDArray[np.float64]
    target: int | None = None
    mask: NDArray[np.bool_] | None = None

    @property
    def pixels(self) -> NDArray[np.float32]:
        """The clean image as a vector, float32 (G,)."""
        return self.clean.astype(np.float32).reshape(-1)

    @property
    def free(self) -> NDArray[np.bool_]:
        """Which genes may change, bool (G,)."""
        return np.ones(self.clean.size, bool) if self.mask is None else self.mask.reshape(-1)

    def generator(self, seed: int) -> np.random.Generator:
        """A stream of random numbers named by the image's pixels: the same in any order, selection or company."""
        name = int.from_bytes(hashlib.sha256(np.ascontiguousarray(self.clean).data).digest()[:8], "little")
        return np.random.Generator(np.random.Philox(key=[seed, 1], counter=np.array([0, 0, 0, name], np.uint64)))

    def evaluate(self, log_scores: np.ndarray, norm: np.ndarray, config: SearchConfig) -> Evaluation:
        """The objective for scores given as logarithms (B, K) and norms (B,)."""
        return evaluate(
            log_scores, self.class_index, norm, beta=config.beta, lambda_=config.lambda_, target=self.target,
            equation=config.objective,
        )  # fmt: skip
