"""Degradations that have two directions: what each does to an image, and which of them was measured."""

from collections.abc import Iterable, Sequence

from tfstab.degradations.base import Degradation
from tfstab.wording import listed

# What severities below and above the neutral one make of an image, where the name alone does not say so.
DIRECTIONS = {
    "rotation": ("clockwise", "counter-clockwise"),
    "brightness": ("darker", "brighter"),
    "underexposure": ("more light", "less light"),
    "gamma": ("brighter", "darker"),
    "contrast": ("less contrast", "more contrast"),
    "scaling": ("smaller", "larger"),
}
SAID_BY_NAME = ("underexposure",)  # their names already say the usual direction


def only_direction(family: Degradation, severities: Sequence[float]) -> str:
    """Return the direction in which a family was measured, if it has two and its name does not say which; else "".

    Examples
    --------
    >>> from tfstab.degradations import get_degradation
    >>> from tfstab.degradations.directions import only_direction
    >>> brightness = get_degradation("brightness")
    >>> only_direction(brightness, (20, 40)), only_direction(brightness, (-20, 20))
    ('brighter', '')
    """
    above = {severity > family.neutral for severity in severities}
    if len(above) != 1 or family.name not in DIRECTIONS or family.name in SAID_BY_NAME:
        return ""
    return DIRECTIONS[family.name][above.pop()]


def measured_one_way(measured: Iterable[tuple[Degradation, Sequence[float]]]) -> tuple[str, ...]:
    """Return the families measured in one direction only, each with its direction, such as "brightness (brighter)"."""
    directions = ((family.title, only_direction(family, severities)) for family, severities in measured)
    return tuple(f"{title} ({direction})" for title, direction in directions if direction)


def said_of_one_way(named: Sequence[str]) -> str:
    """Return what `measured_one_way` returned as a sentence; "" for none."""
    return f"Measured in one direction only: {listed(named, most=len(named))}." if named else ""


def one_way_note(measured: Iterable[tuple[Degradation, Sequence[float]]]) -> str:
    """Return which degradations were measured in one of their two directions only, as a sentence; "" if none was.

    Parameters
    ----------
    measured : iterable of (Degradation, sequence of float)
        Families with the severities that were measured.

    Examples
    --------
    >>> from tfstab.degradations import get_degradation
    >>> from tfstab.degradations.directions import one_way_note
    >>> rotation, fog = get_degradation("rotation"), get_degradation("fog")
    >>> one_way_note([(rotation, rotation.severities), (fog, fog.severities)])
    'Measured in one direction only: rotation (counter-clockwise).'
    >>> one_way_note([(rotation, (-20, 20))])
    ''
    """
    return said_of_one_way(measured_one_way(measured))
