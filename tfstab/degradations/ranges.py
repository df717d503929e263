"""Families of degradations with the ranges from which training draws severities."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tfstab.checks import list_of
from tfstab.degradations.base import Degradation
from tfstab.degradations.registry import BUILT_IN, get_degradation
from tfstab.errors import InputError

ALL = "all"  # stands for all built-in families that are not named beside it
Families = str | Degradation | Sequence[str | Degradation] | Mapping[str, tuple[float, float] | None]


@dataclass(frozen=True)
class SeverityRange:
    """A family and the range from which its severities are drawn evenly.

    Parameters
    ----------
    family : Degradation
        The family.
    weakest, strongest : float
        Ends of the range. The weakest may be the neutral severity, which is itself never drawn.

    Raises
    ------
    InputError
        A severity is out of the family's range, or the strongest one is neutral.

    Examples
    --------
    >>> from tfstab.degradations import SeverityRange, get_degradation
    >>> SeverityRange(get_degradation("jpeg"), 100, 10).ends
    (10, 99)
    """

    family: Degradation
    weakest: float
    strongest: float

    def __post_init__(self) -> None:
        """Check the ends."""
        for end in (self.weakest, self.strongest):
            if isinstance(end, bool) or not isinstance(end, int | float) or not math.isfinite(end):
                raise InputError(f"a severity of {self.family.name} is {end!r}; expected a number.")
        neutral = self.family.neutral
        if self.strongest == neutral != self.weakest:
            raise InputError(
                f"the severities of {self.family.name} are ({self.weakest:g}, {neutral:g}), but {neutral:g} changes "
                f"nothing; expected the weakest first, then the strongest: ({neutral:g}, {self.weakest:g})."
            )
        self.family.check((self.strongest,))
        if self.weakest != self.family.neutral:
            self.family.check((self.weakest,))

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest severity that may be drawn."""
        low, high = sorted((self.weakest, self.strongest))
        if self.family.whole:
            return low + (low == self.family.neutral), high - (high == self.family.neutral)
        return max(low, self.family.low), min(high, self.family.high)


def severity_ranges(families: Families | None = None) -> tuple[SeverityRange, ...]:
    """Return families with the ranges of their severities.

    Parameters
    ----------
    families : sequence of str or Degradation, mapping, str or Degradation, optional
        Families, or a mapping from their names to (weakest, strongest) severities or None; by default all built-in
        ones. "all" stands for all built-in families that are not named beside it. The default range is from the neutral
        severity to the family's strongest default severity; for families with two equally common directions, such as
        rotation, it begins at the opposite of the strongest severity.

    Returns
    -------
    tuple of SeverityRange
        The families, in their order.

    Raises
    ------
    InputError
        No family is given, one is unknown, given twice or without clipping, a severity is out of range, or "all" has
        severities.

    Examples
    --------
    >>> from tfstab.degradations import severity_ranges
    >>> {part.family.name: part.ends for part in severity_ranges({"all": None, "jpeg": (50, 10)})}["jpeg"]
    (10, 50)
    >>> [(part.family.name, part.weakest, part.strongest) for part in severity_ranges(["fog", "jpeg"])]
    [('fog', 0, 80.0), ('jpeg', 100, 10.0)]
    >>> severity_ranges({"fog": (20, 120)})
    Traceback (most recent call last):
        ...
    tfstab.errors.InputError: density of fog is [120]; expected one or more numbers above 0 to 100, in %.
    """
    found: dict[str, SeverityRange] = {}
    for family, given in _given(families):
        if not family.clip:
            raise InputError(f"{family.title} is for sweeps; expected a degradation with clipping to train on.")
        if family.name in found:
            raise InputError(f"degradation '{family.name}' is given twice; expected each once.")
        strongest = family.severities[-1]
        weakest = 2 * family.neutral - strongest if family.either_way else family.neutral
        ends = (weakest, strongest) if given is None else given
        if not isinstance(ends, tuple | list) or len(ends) != 2:
            raise InputError(
                f"the severities of {family.name} are {ends!r}; expected the weakest and the strongest, such as "
                f"({family.severities[0]:g}, {family.severities[-1]:g})."
            )
        found[family.name] = SeverityRange(family, *ends)
    if not found:
        raise InputError("no degradation is given; expected one or more families.")
    return tuple(found.values())


def _given(families: Families | None) -> list[tuple[Degradation, Any]]:
    """Return families with what was given as their severities; `ALL` is replaced by those for which it stands."""
    if families is None:
        families = ALL
    if isinstance(families, str | Degradation):
        families = [families]
    pairs = list[tuple[Any, Any]](
        families.items()
        if isinstance(families, Mapping)
        else [(family, None) for family in list_of("against", families, object, "['fog', 'jpeg']")]
    )
    named = {key.name if isinstance(key, Degradation) else key for key, _ in pairs}
    found = list[tuple[Degradation, Any]]()
    for key, given in pairs:
        if key != ALL:
            found.append((key if isinstance(key, Degradation) else get_degradation(key), given))
        elif given is None:
            found += [(family, None) for family in BUILT_IN.values() if family.name not in named]
        else:
            raise InputError(f"'{ALL}' has severities; expected none, as each degradation has a range of its own.")
    return found
