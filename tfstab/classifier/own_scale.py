"""Forms of preprocessing with a mean and a standard deviation that the user states: [FORM/]mean=M/std=S.

The same images get the same inputs as from `transforms.Normalize(M, S)` of PyTorch or a Normalization layer of Keras.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from tfstab.errors import InputError

# What mean and std can be of: grey levels, or values 0..1; and both in the order blue, green, red.
BASES = ("none", "bgr", "unit", "unit-bgr")
# Of a standard deviation in grey levels. No images have more than 127.5, but some networks get grey levels divided by
# 255 or 256.
LEAST, MOST = 1, 256
NOTATION = "mean=M/std=S in grey levels 0..255, or unit/mean=M/std=S of values 0..1"
EXAMPLE = "such as mean=125.3,123,113.9/std=63,62.1,66.7"
_WRITTEN = re.compile(r"(?:([\w-]*)/)?mean=([^/=]*)/std=([^/=]*)")
KEPT = 256  # texts that need not be read again


@dataclass(frozen=True)
class OwnScale:
    """A mean and a standard deviation, and the form of the values that they are of.

    Attributes
    ----------
    base : str
        One of `BASES`.
    mean, deviation : tuple of float
        One number for all channels, or one for each of three in the order in which the model takes them.
    """

    base: str
    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    @property
    def text(self) -> str:
        """The form as it is recorded, the same however its numbers were written."""
        return f"{self._front}mean={_listed(self.mean, ',')}/std={_listed(self.deviation, ',')}"

    @property
    def channels(self) -> int:
        """Number of channels for which it has numbers of their own; 1 if they are the same for all."""
        return max(len(self.mean), len(self.deviation))

    @property
    def reversed(self) -> "OwnScale":
        """The same scale of each colour for a model that takes the colours in the reverse order."""
        base = {"none": "bgr", "bgr": "none", "unit": "unit-bgr", "unit-bgr": "unit"}[self.base]
        return OwnScale(base, self.mean[::-1], self.deviation[::-1])

    @property
    def words(self) -> str:
        """What is done to the values, as the end of a phrase that names them."""
        return f"less mean {_listed(self.mean)}, divided by standard deviation {_listed(self.deviation)}"

    def scaled(self, values: Any) -> Any:
        """Return values of the base form less the mean, divided by the standard deviation."""
        return (values - np.array(self.mean, np.float32)) / np.array(self.deviation, np.float32)

    def unscaled(self, inputs: Any) -> Any:
        """Return the values of the base form that become these inputs."""
        return inputs * np.array(self.deviation, np.float32) + np.array(self.mean, np.float32)

    @property
    def _front(self) -> str:
        return "" if self.base == "none" else f"{self.base}/"


def is_own_scale(text: str) -> bool:
    """Return whether a text is meant as such a form, even if it is not written as one."""
    return "=" in text or any(word in text.lower() for word in ("mean", "std"))


@lru_cache(KEPT)
def own_scale(text: str) -> OwnScale:
    """Return the form that a text states.

    Raises
    ------
    InputError
        It cannot be read, or its numbers cannot be a mean and a standard deviation of images in this unit.

    Examples
    --------
    >>> from tfstab.classifier.own_scale import own_scale
    >>> own_scale("mean=125.30, 123.0, 113.9 / std=63").text
    'mean=125.3,123,113.9/std=63'
    """
    written = _WRITTEN.fullmatch("".join(text.split()).lower())
    if written is None:
        raise _refusal(text, f"expected {NOTATION}, {EXAMPLE}")
    base = written[1] or "none"
    if base not in BASES:
        raise _refusal(text, f"only {', '.join(BASES[1:-1])} or {BASES[-1]} can stand before mean")
    scale = OwnScale(base, _numbers(text, "mean", written[2]), _numbers(text, "std", written[3]))
    _check(text, scale)
    return scale


def _numbers(text: str, name: str, values: str) -> tuple[float, ...]:
    """Return the numbers that a text has for mean or std; raise InputError if they are none, or too many or few."""
    try:
        numbers = tuple(map(float, values.split(",")))
    except ValueError:
        numbers = (math.nan,)
    if not all(map(math.isfinite, numbers)):
        raise _refusal(text, f"{name} is '{values}', but numbers with commas between them were expected")
    if len(numbers) not in (1, 3):
        raise _refusal(text, f"{name} has {len(numbers)} numbers; expected 1, or 3 for red, green and blue")
    return numbers


def _check(text: str, scale: OwnScale) -> None:
    """Raise InputError if images in the unit of a scale cannot have such a mean and standard deviation."""
    of_unit = scale.base.startswith("unit")
    mean, deviation = scale.mean, scale.deviation
    if min(deviation) <= 0:
        raise _refusal(text, f"std is {_listed(deviation)}; expected numbers above 0")
    if min(mean) < 0:
        raise _refusal(text, f"mean is {_listed(mean)}; the mean of images is 0 or more")
    most = max(*mean, *deviation)
    if of_unit and most > 1:
        raise _refusal(text, "after unit/, mean and std are of values 0..1; for grey levels 0..255, leave out unit/")
    if not of_unit and most <= 1:
        unit = OwnScale({"none": "unit", "bgr": "unit-bgr"}[scale.base], mean, deviation).text
        raise _refusal(text, f"mean and std are in grey levels 0..255; if these are of values 0..1, write {unit}")
    levels = 255 if of_unit else 1
    if max(mean) * levels > 255 or not LEAST <= levels * min(deviation) <= levels * max(deviation) <= MOST:
        raise _refusal(text, "expected a mean from 0 to 255 and a standard deviation from 1 to 256 grey levels")


def _refusal(text: str, problem: str) -> InputError:
    return InputError(f"preprocess is '{text}': {problem}.")


def _listed(numbers: tuple[float, ...], between: str = ", ") -> str:
    """Return numbers as text from which the same numbers are read."""
    return between.join(repr(number).removesuffix(".0") for number in numbers)
