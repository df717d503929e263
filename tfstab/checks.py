"""Checks of numbers that a caller gives, which may be of any type."""

import math
from numbers import Integral, Real

from tfstab.errors import InputError
from tfstab.wording import as_given


def whole_number(name: str, value: object, least: int, most: int | None = None) -> int:
    """Return a setting as an int; raise InputError unless it is a whole number in this range."""
    if most is None:
        return _whole(name, value, least, math.inf, f", {least} or more")
    return _whole(name, value, least, most, f" from {least} to {most:,}")


def checked_seed(seed: object, bits: int = 63) -> int:
    """Return a seed as an int; raise InputError unless it is a whole number of so many bits."""
    return _whole("seed", seed, 0, 2**bits - 1, f" from 0 to 2^{bits} - 1")


def as_float(value: object) -> float | None:
    """Return a real number as a float, which is infinite if the number is too large for one; None for anything else."""
    if not isinstance(value, Real) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError:
        return -math.inf if value < 0 else math.inf


def number_from(name: str, value: object, least: float) -> float:
    """Return a setting as a float; raise InputError unless it is a finite number, `least` or more."""
    number = as_float(value)
    if number is None or not least <= number < math.inf:
        raise InputError(f"{name} is {as_given(value)}; expected a number, {least:g} or more.")
    return number


def share_between(name: str, value: object) -> float:
    """Return a setting as a float; raise InputError unless it is a share between 0 and 1, both excluded."""
    number = as_float(value)
    if number is None or not 0 < number < 1:
        raise InputError(f"{name} is {as_given(value)}; expected a share between 0 and 1.")
    return number


def _whole(name: str, value: object, least: int, most: float, span: str) -> int:
    if isinstance(value, Integral) and not isinstance(value, bool) and least <= int(value) <= most:
        return int(value)
    raise InputError(f"{name} is {as_given(value)}; expected a whole number{span}.")
