"""Degradations that have two directions: what each does to an image, and which of them was measured."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

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
QUARTER_TURN = 90  # degrees; photographs often lie on their side, so if no image was turned this far, it is said


def only_direction(family: Degradation, severities: Sequence[float]) -> str:
    """Return the direction in which a family was measured, if it has two; else "".

    Of a family of one's own it is not known what each direction does, so the severities are named: "dose above 0".

    Examples
    --------
    >>> from tfstab.degradations import get_degradation
    >>> from tfstab.degradations.directions import only_direction
    >>> brightness = get_degradation("brightness")
    >>> only_direction(brightness, (20, 40)), only_direction(brightness, (-20, 20))
    ('brighter', '')
    """
    sides = {severity > family.neutral for severity in severities}
    if len(sides) != 1 or not family.two_sided:
        return ""
    (above,) = sides
    if family.name in DIRECTIONS:
        return DIRECTIONS[family.name][above]
    if not family.about:  # of a family that is not available here, the range is not known
        return ""
    return f"{family.parameter} {'above' if above else 'below'} {family.neutral:g}"


def with_direction(title: str, direction: str) -> str:
    """Return a family's title with a direction, which `in_direction` may have given it already; "" for no direction."""
    return f"{title} ({direction})" if direction and not title.endswith(f" ({direction})") else title


def in_direction(family: Degradation, severities: Sequence[float]) -> Degradation:
    """Return a family with its title saying the direction of these severities, if it is not that of the default ones.

    Examples
    --------
    >>> from tfstab.degradations import get_degradation
    >>> from tfstab.degradations.directions import in_direction
    >>> exposure = get_degradation("underexposure")
    >>> in_direction(exposure, (-1, -2)).title, in_direction(exposure, (1, 2)).title
    ('underexposure (more light)', 'underexposure')
    """
    direction = only_direction(family, severities)
    if direction in ("", only_direction(family, family.severities)):
        return family
    return replace(family, title=with_direction(family.title, direction))


def named_one_way(title: str, direction: str, severities: Iterable[float]) -> str:
    """Return a family's title with the only direction that was measured, and how far images were rotated.

    Examples
    --------
    >>> from tfstab.degradations.directions import named_one_way
    >>> named_one_way("brightness", "brighter", (20, 40)), named_one_way("rotation", "clockwise", (-20, -45))
    ('brightness (brighter)', 'rotation (clockwise, up to 45 degrees)')
    """
    if direction in DIRECTIONS["rotation"] and (furthest := max(map(abs, severities))) < QUARTER_TURN:
        return f"{title.removesuffix(f' ({direction})')} ({direction}, up to {furthest:g} degrees)"
    return with_direction(title, direction)


def measured_one_way(measured: Iterable[tuple[Degradation, Sequence[float]]]) -> tuple[str, ...]:
    """Return the families measured in one direction only, each with its direction, such as "brightness (brighter)"."""
    found = ((family.title, only_direction(family, severities), severities) for family, severities in measured)
    return tuple(named_one_way(*one) for one in found if one[1])


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
    'Measured in one direction only: rotation (counter-clockwise, up to 45 degrees).'
    >>> one_way_note([(rotation, (-20, 20))])
    ''
    """
    return said_of_one_way(measured_one_way(measured))
