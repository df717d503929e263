"""Checks of numbers, lists and settings that a caller gives, which may be of any type."""

import math
from collections.abc import Iterable
from numbers import Integral, Real
from typing import TypeVar

from tfstab.errors import InputError
from tfstab.wording import as_given, with_article

T = TypeVar("T")


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


def of_type(name: str, value: object, kind: type[T], example: str) -> T:
    """Return a value of this type; raise InputError for anything else, such as a name in place of settings.

    example: how such a value is made, for the message.

    Examples
    --------
    >>> from tfstab.checks import of_type
    >>> of_type("config", "fog", tfstab.SweepConfig, "tfstab.SweepConfig(degradation='fog')")
    Traceback (most recent call last):
        ...
    tfstab.errors.InputError: config is a str; expected a SweepConfig, as in tfstab.SweepConfig(degradation='fog').
    """
    if isinstance(value, kind):
        return value
    raise _other_type(name, value, with_article(kind.__name__), example)


def list_of(name: str, values: object, kind: type[T], example: str) -> list[T]:
    """Return values of this type as a list; raise InputError for anything else, such as a single value.

    example: such a list, for the message.

    Examples
    --------
    >>> from tfstab.checks import list_of
    >>> list_of("columns", "psnr", str, "['psnr']")
    Traceback (most recent call last):
        ...
    tfstab.errors.InputError: columns is a str; expected a list, as in ['psnr'].
    """
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise _other_type(name, values, "a list", example)
    found = list(values)
    for one in found:
        if not isinstance(one, kind):
            raise _other_type(f"an entry of {name}", one, with_article(kind.__name__), example)
    return found


def _other_type(name: str, value: object, expected: str, example: str) -> InputError:
    """Return the error for a value of another type than was expected."""
    given = "None" if value is None else with_article(type(value).__name__)
    return InputError(f"{name} is {given}; expected {expected}, as in {example}.")


def _whole(name: str, value: object, least: int, most: float, span: str) -> int:
    if isinstance(value, Integral) and not isinstance(value, bool) and least <= int(value) <= most:
        return int(value)
    raise InputError(f"{name} is {as_given(value)}; expected a whole number{span}.")
