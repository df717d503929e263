"""The settings of a sweep and the plan that follows from them."""

import math
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import InputError

PAPER_SIGMAS = (1.0, 2.0, 4.0, 8.0, 10.0, 14.0, 18.0, 20.0, 25.0, 30.0, 35.0, 40.0)
MOST_COPIES = 32_767  # the copy's number is stored in 16 bits
DEGRADATION = "gaussian_noise"
ROWS_PER_PART = 45_000  # 25 images of the paper's sweep: seconds of work, which is what a kill costs


@dataclass(frozen=True)
class SweepConfig:
    """sigmas: standard deviations of the noise in grey levels; copies: noisy images for each image and sigma.

    common_noise: draw the noise of an image's copy once and scale it to every sigma, instead of anew for each. It is
    faster, and a copy then has a sigma of its own at which it fails; accuracies have the same expectation.
    The defaults are the paper's. Raises InputError for values out of range.
    """

    sigmas: tuple[float, ...] = PAPER_SIGMAS
    copies: int = 150
    seed: int = 0
    common_noise: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "sigmas", tuple(float(s) for s in self.sigmas))
        with np.errstate(over="ignore", under="ignore"):
            stored = np.array(self.sigmas, np.float32).tolist()
        if not stored or not all(math.isfinite(s) and s > 0 for s in stored):
            raise InputError(f"sigmas are {list(self.sigmas)}; expected one or more numbers above 0, in grey levels.")
        if len(set(stored)) != len(stored):
            raise InputError(f"sigmas are {list(self.sigmas)}; expected each only once.")
        if not isinstance(self.copies, Integral) or not 1 <= self.copies <= MOST_COPIES:
            raise InputError(f"copies is {self.copies}; expected 1 to {MOST_COPIES}.")
        if not isinstance(self.seed, Integral) or not 0 <= self.seed < 2**63:
            raise InputError(f"seed is {self.seed}; expected a whole number from 0.")

    @property
    def rows_per_image(self) -> int:
        return len(self.sigmas) * self.copies

    @property
    def settings(self) -> dict[str, Any]:
        """What run.json records of a sweep, the seed apart."""
        common = {"common_noise": True} if self.common_noise else {}  # unknown to runs that were begun before it
        return {"sigmas": self.sigmas, "copies": self.copies, "degradation": DEGRADATION} | common


def plan_parts(class_index: np.ndarray, config: SweepConfig) -> dict[str, NDArray[np.int64]]:
    """What each part holds: rows of the data set, all of one class; the classes take turns.

    So a running sweep shows every class early, and a part is small enough to lose.
    """
    size = max(1, ROWS_PER_PART // config.rows_per_image)
    chunks = []
    for k in np.unique(class_index):
        rows = np.flatnonzero(class_index == k)
        chunks += [(start // size, int(k), rows[start : start + size]) for start in range(0, len(rows), size)]
    chunks.sort(key=lambda chunk: chunk[:2])
    return {f"class-{k:05d}-{turn:05d}": rows for turn, k, rows in chunks}
