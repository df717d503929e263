"""The settings of a sweep and the plan that follows from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab import limits
from tfstab.degradations import GAUSSIAN_NOISE, PAPER_SIGMAS, Degradation, get_degradation
from tfstab.degradations.registry import recorded
from tfstab.errors import InputError, RunError

__all__ = ["PAPER_SIGMAS", "SweepConfig", "plan_parts"]

ROWS_PER_PART = 45_000  # 25 images of the paper's sweep: seconds of work, which is what a kill costs


@dataclass(frozen=True, init=False)
class SweepConfig:
    """degradation: a family or its name. severities: of it, in the order in which they are told of; sigmas is what
    they are called for Gaussian noise. copies: degraded images for each image and severity; 1 for a family that draws
    nothing. By default severities and copies are the family's, of Gaussian noise those of the paper.
    common_noise: draw the noise of an image's copy once and scale it to every sigma, instead of anew for each. It is
    faster, and a copy then has a sigma of its own at which it fails; accuracies have the same expectation.

    Raises InputError for values out of range.

    >>> tfstab.SweepConfig(sigmas=(10, 20)).copies
    150
    >>> tfstab.SweepConfig(degradation="jpeg").severities
    (90.0, 70.0, 50.0, 30.0, 10.0)
    """

    severities: tuple[float, ...]
    copies: int
    seed: int
    common_noise: bool
    degradation: Degradation

    def __init__(
        self, sigmas: Sequence[float] | None = None, copies: int | None = None, seed: int = 0,
        common_noise: bool = False, *, degradation: str | Degradation = GAUSSIAN_NOISE,
        severities: Sequence[float] | None = None,
    ) -> None:
        family = get_degradation(degradation) if isinstance(degradation, str) else degradation
        if sigmas is not None:
            if family is not GAUSSIAN_NOISE:
                raise InputError(f"sigmas are of Gaussian noise; expected the severities of {family.name}.")
            if severities is not None:
                raise InputError("sigmas and severities were given, which are one thing; expected either.")
            severities = sigmas
        values = {
            "severities": family.severities if severities is None else family.check(severities),
            "copies": family.copies if copies is None else copies, "seed": seed, "common_noise": common_noise,
            "degradation": family,
        }  # fmt: skip
        for name, value in values.items():
            object.__setattr__(self, name, value)
        self._check()

    def _check(self) -> None:
        if not isinstance(self.copies, Integral) or not 1 <= self.copies <= limits.MOST_COPIES:
            raise InputError(f"copies is {self.copies}; expected 1 to {limits.MOST_COPIES}.")
        if self.rows_per_image > limits.MOST_ROWS_PER_IMAGE:
            raise InputError(
                f"{len(self.severities)} severities and {self.copies} copies make {self.rows_per_image:,} degraded "
                f"images of each; expected at most {limits.MOST_ROWS_PER_IMAGE:,}."
            )
        if self.copies > 1 and not self.degradation.random:
            name = self.degradation.name
            raise InputError(f"copies is {self.copies}; expected 1, as {name} draws nothing and all copies are alike.")
        if not isinstance(self.seed, Integral) or not 0 <= self.seed < 2**63:
            raise InputError(f"seed is {self.seed}; expected a whole number from 0.")
        if self.common_noise and not self.gaussian:
            raise InputError(f"common noise is Gaussian noise scaled to each sigma; {self.degradation.name} has none.")

    @property
    def gaussian(self) -> bool:
        """Whether it is the paper's noise, which alone has sigmas and certifies a radius."""
        return self.degradation.name == GAUSSIAN_NOISE.name

    @property
    def sigmas(self) -> tuple[float, ...]:
        """The severities of Gaussian noise, in grey levels. Raises InputError for another degradation."""
        if not self.gaussian:
            raise InputError(
                f"a sweep of {self.degradation.name} has no sigmas; ask for severities, as in accuracy_by_severity()."
            )
        return self.severities

    @property
    def distances(self) -> NDArray[np.float64]:
        """How far each severity is from leaving the image as it is, (S,): what is called mild or strong."""
        return np.abs(np.array(self.severities) - self.degradation.neutral)

    @property
    def mildest_first(self) -> NDArray[np.int64]:
        """The places of the severities, (S,), by their distances."""
        return np.argsort(self.distances, kind="stable")

    def at_distance(self, distances: np.ndarray | float) -> NDArray[np.float64]:
        """The severities so far on the way that these severities go; infinite stays so. NaN where they go two ways."""
        if not self.one_sided:
            return np.full_like(distances, np.nan, np.float64)
        neutral, way = self.degradation.neutral, 1 if self.severities[0] > self.degradation.neutral else -1
        return np.where(np.isinf(distances), np.inf, neutral + way * np.asarray(distances, np.float64))

    @property
    def one_sided(self) -> bool:
        """Whether all severities lie on one side of the neutral one, so that they are a way from clean to strong."""
        above = np.array(self.severities) > self.degradation.neutral
        return bool(above.all() or not above.any())

    @property
    def most_scored(self) -> int:
        """Degraded images scored for one image."""
        return self.rows_per_image

    @property
    def rows_per_image(self) -> int:
        return len(self.severities) * self.copies

    @property
    def settings(self) -> dict[str, Any]:
        """What run.json records of a sweep, the seed apart."""
        if not self.gaussian:
            return {
                "severities": self.severities, "copies": self.copies, "degradation": self.degradation.name,
                "family": self.degradation.identity,
            }  # fmt: skip
        common = {"common_noise": True} if self.common_noise else {}  # unknown to runs that were begun before it
        return {"sigmas": self.severities, "copies": self.copies, "degradation": self.degradation.name} | common

    @classmethod
    def of_settings(cls, settings: dict[str, Any], seed: int) -> "SweepConfig":
        """What `settings` gave. A family that is not here, or is another one by now, is named but cannot degrade.

        Raises RunError for what no sweep has recorded.
        """
        names = ("sigmas", "severities", "copies", "common_noise")
        try:
            known = {name: settings[name] for name in names if name in settings}
            return cls(**known, seed=seed, degradation=recorded(settings))
        except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
            raise RunError(f"run.json is damaged (settings: {error}): restore it, or make the run anew.") from error


def most_rows(config: SweepConfig) -> int:
    """How many rows a part has at most: those of one image at least."""
    return max(1, ROWS_PER_PART // config.rows_per_image) * config.rows_per_image


def plan_parts(class_index: np.ndarray, config: SweepConfig) -> dict[str, NDArray[np.int64]]:
    """What each part holds: rows of the data set, all of one class; the classes take turns.

    So a running sweep shows every class early, and a part is small enough to lose.
    """
    size = most_rows(config) // config.rows_per_image
    chunks = []
    for k in np.unique(class_index):
        rows = np.flatnonzero(class_index == k)
        chunks += [(start // size, int(k), rows[start : start + size]) for start in range(0, len(rows), size)]
    chunks.sort(key=lambda chunk: chunk[:2])
    return {f"class-{k:05d}-{turn:05d}": rows for turn, k, rows in chunks}
