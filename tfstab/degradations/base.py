"""What a family of degradations is: one function of an image, a severity and a random generator, and its names."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab import limits
from tfstab.errors import InputError, TfstabError
from tfstab.names import shortened

COPIES = 30  # of families that draw something, a fifth of the paper's: intervals come from images, not from copies
Function = Callable[[NDArray[np.float32], float, np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Degradation:
    """A family of degradations, such as JPEG compression, with one severity. Call it to degrade an image.

    name: by which it is chosen and stored. title: what it is called within a sentence. about: what it does.
    function: gives the degraded image, of any float type, of a clean one, float32 (H, W, C) in grey levels 0..255 that
    it may change, a severity and a `numpy.random.Generator`. What it gives depends on nothing else and has the same
    shape; it is clipped to 0..255 afterwards.
    severities: the default ones, mild to strong. neutral: the severity that leaves an image as it is, itself never
    swept; low, high: the ends of the range, both allowed. whole: only whole numbers.
    copies: how many degraded images an image has by default at each severity; 1 where nothing is drawn, so that
    there is no other copy. version: to be changed whenever the same arguments come to give another image.
    packages: whose versions the images depend on, besides NumPy's.

    Raises InputError where these do not fit each other.

    >>> from tfstab.degradations import Degradation
    >>> invert = Degradation(
    ...     "invert", "inversion", "blends with the negative", lambda x, share, rng: x + share * (255 - 2 * x),
    ...     parameter="share", unit="", severities=(0.1, 0.3), neutral=0.0, low=0.0, high=1.0, version="1",
    ... )
    >>> invert(np.full((1, 1, 1), 100.0), 0.1).tolist()
    [[[105.5]]]
    """

    name: str
    title: str
    about: str
    function: Function = field(repr=False)
    parameter: str
    unit: str
    severities: tuple[float, ...]
    neutral: float
    low: float
    high: float
    version: str
    copies: int = 1
    whole: bool = False
    packages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name or not self.name.replace("_", "").isalnum() or self.name != self.name.lower():
            raise InputError(f"'{self.name}' is no degradation's name; expected small letters, digits and underscores.")
        for text in (self.title, self.parameter, self.unit):
            if not isinstance(text, str) or set(text) & set("<>&"):  # a run may be anybody's, and axes take HTML
                raise InputError(f"'{text}' is a name of degradation '{self.name}'; expected plain words.")
        if not (self.title and self.parameter and math.isfinite(self.neutral)):
            raise InputError(f"degradation '{self.name}' has no title, parameter or neutral severity.")
        if not callable(self.function):
            raise InputError(f"the function of degradation '{self.name}' cannot be called.")
        object.__setattr__(self, "severities", self.check(self.severities))

    def __call__(
        self, clean: np.ndarray, severity: float, rng: np.random.Generator | None = None
    ) -> NDArray[np.float32]:
        """The degraded image, float32 (H, W, C), 0..255, of a clean one (H, W, C) in grey levels.

        rng: where something is drawn; by default a new one of seed 0. Raises InputError for a severity out of range.
        """
        self.check([severity])
        return self.degrade(clean, severity, rng if rng is not None else np.random.default_rng(0))

    def degrade(self, clean: np.ndarray, severity: float, rng: np.random.Generator) -> NDArray[np.float32]:
        """The same for a severity that is known to be in range.

        Raises InputError where the function fails, or gives no image of the same shape.
        """
        x = np.array(clean, np.float32)  # a copy: the function cannot spoil its caller's image
        try:
            y = np.asarray(self.function(x, severity, rng), np.float32)
        except TfstabError:
            raise
        except Exception as error:  # code of others may raise anything
            raise InputError(
                f"degradation '{self.name}' fails at {self.parameter} {severity:g} ({type(error).__name__}: {error}): "
                "mend its function."
            ) from error
        if y.shape != clean.shape:
            raise InputError(f"degradation '{self.name}' made an image {y.shape} of one {clean.shape}.")
        if np.isnan(y).any():
            raise InputError(f"degradation '{self.name}' made an image with NaN at {self.parameter} {severity:g}.")
        return np.clip(y, 0, 255)

    @property
    def random(self) -> bool:
        """Whether copies differ."""
        return self.copies > 1

    @property
    def axis(self) -> str:
        """What the severity is, with its unit: "quality", "sigma (grey levels)"."""
        return f"{self.parameter} ({self.unit})" if self.unit else self.parameter

    @property
    def range(self) -> str:
        """The severities that there are, in words."""
        kind, first = "whole numbers" if self.whole else "numbers", "above" if self.low == self.neutral else "from"
        last = f" to {self.high:g}" if math.isfinite(self.high) else ""
        without = f", without {self.neutral:g}" if self.low < self.neutral < self.high else ""
        return f"{kind} {first} {self.low:g}{last}{without}"

    @cached_property
    def identity(self) -> dict[str, Any]:
        """What a run records of it: what tells it from another one of its name, and what tables and axes need."""
        module = self.function.__module__
        own = module.startswith("tfstab.degradations.")
        name = getattr(self.function, "__qualname__", type(self.function).__name__)
        return {
            "version": self.version, "function": "tfstab" if own else f"{module}:{name}", "title": self.title,
            "parameter": self.parameter, "unit": self.unit, "neutral": float(self.neutral),
        }  # fmt: skip

    @property
    def package_versions(self) -> dict[str, str]:
        """Of `packages`, those that are here. Raises InputError where one is missing."""
        try:
            return {name: version(name) for name in self.packages}
        except PackageNotFoundError as error:
            raise InputError(f"degradation '{self.name}' needs the package {error.name}: install it.") from error

    def check(self, severities: Sequence[float]) -> tuple[float, ...]:
        """These severities as numbers, in their order. Raises InputError where one cannot be used or is there twice."""
        if len(severities) > limits.MOST_SEVERITIES:
            raise InputError(
                f"{self.parameter} of {self.name} has {len(severities):,} values; expected at most "
                f"{limits.MOST_SEVERITIES:,}."
            )
        numbers = tuple(float(s) for s in severities)
        with np.errstate(over="ignore", under="ignore"):
            stored = np.array(numbers, np.float32).tolist()  # as a run keeps them
        if not stored or not all(map(self._fits, numbers, stored)):
            raise InputError(
                f"{self.parameter} of {self.name} is {_list(numbers)}; expected one or more {self.range}"
                + (f", in {self.unit}." if self.unit else ".")
            )
        if len(set(stored)) != len(stored):
            raise InputError(f"{self.parameter} of {self.name} is {_list(numbers)}; expected each only once.")
        return numbers

    def _fits(self, severity: float, stored: float) -> bool:
        return (
            math.isfinite(stored) and self.low <= severity <= self.high and stored != self.neutral
            and (not self.whole or severity == int(severity))
        )  # fmt: skip


def _list(numbers: Sequence[float]) -> str:
    return "[" + shortened(", ".join(f"{n:g}" for n in numbers), 200) + "]"
