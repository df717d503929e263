"""One image to be searched."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Task:
    """image: index in the full split. clean: uint8 (H, W, C). clean_scores: float32 (K,); clean_log_scores: float64."""

    image: int
    class_index: int
    clean: NDArray[np.uint8]
    clean_scores: NDArray[np.float32]
    clean_log_scores: NDArray[np.float64]
