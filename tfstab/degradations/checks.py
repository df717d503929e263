"""Checks of the arguments with which a `Degradation` is declared, and of severities."""

import math
import re
from collections.abc import Collection, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

import numpy as np

from tfstab import limits
from tfstab.checks import as_float, whole_number
from tfstab.errors import InputError
from tfstab.names import shortened
from tfstab.wording import as_given, unit_of_numbers

if TYPE_CHECKING:
    from tfstab.degradations.base import Degradation

LONGEST_NAME = 60  # characters; names of folders and files have it with more words, and may have 255
LONGEST_WORDS = 300  # characters of any other text
MOST_DIGITS = 15  # that a float has
# Words that stand where a degradation's name can stand on the command line, names of other runs of an assessment, and
# names that Windows gives no file.
RESERVED = {"all", "clean", "mean", "recall", "search", "explanation", "con", "prn", "aux", "nul"}


def check_declaration(family: "Degradation") -> None:
    """Raise InputError unless the arguments of a degradation are valid; `Degradation.check` checks its severities."""
    _check_name(family.name)
    _check_words(family)
    _check_numbers(family)
    if not callable(family.function):
        raise InputError(f"the function of degradation '{family.name}' cannot be called.")
    if not family.clip and not family.additive:
        raise InputError(
            f"{family.name} is always clipped to 0..255; expected a degradation that adds to the image, such as "
            "gaussian_noise, to leave clipping out."
        )


def _check_name(name: Any) -> None:
    """Raise InputError unless this can be a degradation's name."""
    if not isinstance(name, str) or not re.fullmatch(f"(?=.*[a-z0-9])[a-z0-9_]{{1,{LONGEST_NAME}}}", name):
        raise InputError(
            f"{shortened(as_given(name), 100)} is no degradation's name; expected at most {LONGEST_NAME} small letters "
            "from a to z, digits and underscores."
        )
    if name in RESERVED:
        raise InputError(f"'{name}' cannot be a degradation's name, as it means something else: choose another.")


def _check_words(family: "Degradation") -> None:
    """Raise InputError for a text that is no text, or that a run, an axis, a table or a file name could not show."""
    for name in ("title", "about", "parameter", "unit", "together", "difference", "noun", "version", "batched"):
        text = getattr(family, name)
        if not isinstance(text, str):
            given = shortened(as_given(text), 100)
            raise InputError(f"{name} of degradation '{family.name}' is {given}; expected a text, in quotes.")
        # A run may be anybody's, and axes take HTML; what is not printable is shown and compared differently.
        if not text.isprintable() or len(text) > LONGEST_WORDS or set(text) & set("<>&"):
            raise InputError(
                f"degradation '{family.name}' has {shortened(as_given(text), 100)} among its texts; expected plain "
                f"words in one line, without < > &, of at most {LONGEST_WORDS} characters."
            )
    for name in ("title", "parameter", "version"):
        if not getattr(family, name).strip():
            raise InputError(f"degradation '{family.name}' has no {name}: give it one.")
    if not (family.singular.isidentifier() and family.plural.isidentifier()):  # they name files
        raise InputError(
            f"severities of degradation '{family.name}' are called '{family.singular}' and '{family.plural}'; expected "
            "letters, digits and underscores."
        )


def _check_numbers(family: "Degradation") -> None:
    """Raise InputError unless the numbers of a degradation, and the names of its packages, are valid."""
    whole_number(f"the number of copies of degradation '{family.name}'", family.copies, 1, limits.MOST_COPIES)
    whole_number(f"the number of digits of degradation '{family.name}'", family.digits, 0, MOST_DIGITS)
    if not isinstance(family.packages, tuple) or not all(isinstance(one, str) for one in family.packages):
        raise InputError(
            f"packages of degradation '{family.name}' are {as_given(family.packages)}; expected a tuple of names."
        )
    ends = [as_float(end) for end in (family.neutral, family.low, family.high)]
    if None in ends or any(map(math.isnan, ends)) or not math.isfinite(ends[0]):  # type: ignore[arg-type]
        raise InputError(
            f"degradation '{family.name}' has neutral {as_given(family.neutral)}, low {as_given(family.low)} and high "
            f"{as_given(family.high)}; expected three numbers, of which neutral is finite."
        )


def checked_severities(family: "Degradation", severities: Sequence[float]) -> tuple[float, ...]:
    """Return severities as numbers, or raise InputError; see `Degradation.check`."""
    what = f"{family.parameter} of {family.name}"
    wanted = f"expected one or more {family.range}" + (f", {unit_of_numbers(family.unit)}." if family.unit else ".")
    numbers = _numbers(severities)
    if numbers is None:
        raise InputError(f"{what} is {shortened(as_given(severities), 200)}; {wanted}")
    if len(numbers) > limits.MOST_SEVERITIES:
        raise InputError(f"{what} has {len(numbers):,} values; expected at most {limits.MOST_SEVERITIES:,}.")
    with np.errstate(over="ignore", under="ignore"):
        stored = np.array(numbers, np.float32).tolist()  # as a run keeps them
    if not stored or not all(_fits(family, *pair) for pair in zip(numbers, stored, strict=True)):
        raise InputError(f"{what} is {_list(numbers)}; {wanted}")
    if len(set(stored)) != len(stored):
        raise InputError(f"{what} is {_list(numbers)}; expected each only once.")
    return numbers


def _fits(family: "Degradation", severity: float, stored: float) -> bool:
    """Return whether a severity, and the float32 that stores it, can be used."""
    if not math.isfinite(stored) or stored == family.neutral or not family.low <= severity <= family.high:
        return False
    return not family.whole or severity == int(severity)


def _numbers(values: Any) -> tuple[float, ...] | None:
    """Return real numbers in an order, as in a list, an array or a column of pandas, as floats; None for others."""
    if not isinstance(values, Collection) or isinstance(values, Set | Mapping) or not np.iterable(values):
        return None
    numbers = tuple(number for number in map(as_float, values) if number is not None)
    return numbers if len(numbers) == len(values) else None


def _list(numbers: Sequence[float]) -> str:
    """Write numbers as a list, shortened."""
    return "[" + shortened(", ".join(f"{n:g}" for n in numbers), 200) + "]"
