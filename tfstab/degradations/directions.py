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
    named = []
    for family, severities in measured:
        above = {severity > family.neutral for severity in severities}
        if len(above) == 1 and family.name in DIRECTIONS and family.name not in SAID_BY_NAME:
            named.append(f"{family.title} ({DIRECTIONS[family.name][above.pop()]})")
    return f"Measured in one direction only: {listed(named, most=len(named))}." if named else ""
