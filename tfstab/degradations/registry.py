"""Finds families of degradations: built in, from installed packages (entry points), or registered."""

import math
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, NoReturn

from tfstab.degradations import blur, digital, geometry, noise, occlusion, tone
from tfstab.degradations.base import Degradation
from tfstab.degradations.gaussian import GAUSSIAN_NOISE
from tfstab.errors import InputError, RunError, unknown_name

GROUP = "tfstab.degradations"
BUILT_IN = {
    family.name: family
    for family in (
        GAUSSIAN_NOISE, *noise.FAMILIES, *blur.FAMILIES, *digital.FAMILIES, *tone.FAMILIES, *geometry.FAMILIES,
        *occlusion.FAMILIES,
    )
}  # fmt: skip
_registered: dict[str, Degradation] = {}


def register(degradation: Degradation) -> Degradation:
    """Make a family available by its name in this process. Registering a name again replaces the family.

    An installed package can instead make a family available in all processes: with an entry point in the group
    `tfstab.degradations` that has the family's name.

    Parameters
    ----------
    degradation : Degradation
        The family.

    Returns
    -------
    Degradation
        The same family.

    Raises
    ------
    InputError
        A built-in family has the same name.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from tfstab.degradations import get_degradation, register
    >>> register(replace(get_degradation("fog"), name="mist", severities=(10, 20))).range
    'numbers above 0 to 100'
    """
    if degradation.name in BUILT_IN:
        raise InputError(f"'{degradation.name}' is the name of a built-in degradation: choose another.")
    _registered[degradation.name] = degradation
    return degradation


def get_degradation(name: str) -> Degradation:
    """Return the family with this name.

    Parameters
    ----------
    name : str
        Name of a family that is built in, registered or installed.

    Returns
    -------
    Degradation
        The family.

    Raises
    ------
    InputError
        There is none, or its package cannot be loaded.

    Examples
    --------
    >>> from tfstab.degradations import get_degradation
    >>> get_degradation("jpeg").severities
    (90.0, 70.0, 50.0, 30.0, 10.0)
    """
    if name in BUILT_IN or name in _registered:
        return BUILT_IN.get(name) or _registered[name]
    installed = _installed()
    if name not in installed:
        raise unknown_name("degradation", name, degradation_names())
    return _load(installed[name])


def degradation_names() -> list[str]:
    """List the names of all families, built-in ones first.

    Returns
    -------
    list of str
        The names.

    Examples
    --------
    >>> from tfstab.degradations import degradation_names
    >>> degradation_names()[:3]
    ['gaussian_noise', 'salt_and_pepper', 'poisson']
    """
    return [*BUILT_IN, *sorted({*_registered, *_installed()} - {*BUILT_IN})]


def _installed() -> dict[str, EntryPoint]:
    """Return the entry points of installed packages, by name."""
    return _installed_in(tuple((place, _changed(place)) for place in sys.path))


@cache
def _installed_in(places: tuple[tuple[str, int], ...]) -> dict[str, EntryPoint]:
    """Return the same while these folders stay as they are: it takes the files of all packages to be read.

    places: folders and files where Python looks for packages, each with the time when it was last changed.
    """
    return {point.name: point for point in entry_points(group=GROUP)}


def _changed(place: str) -> int:
    """Return when a folder was last changed, in ns since 1970; 0 if it is not there."""
    with suppress(OSError):
        return Path(place).stat().st_mtime_ns
    return 0


@cache
def _load(point: EntryPoint) -> Degradation:
    """Load a family from an entry point."""
    where = f"the entry point {point.name} = {point.value}" + (f" of {point.dist.name}" if point.dist else "")
    try:
        family = point.load()
    except Exception as error:  # code of others may raise anything
        raise InputError(f"{where} cannot be loaded ({error}): mend or remove that package.") from error
    if not isinstance(family, Degradation) or family.name != point.name:
        raise InputError(f"{where} is {family!r}; expected a Degradation named '{point.name}'.")
    return family


def recorded(settings: Mapping[str, Any]) -> Degradation:
    """Return the family that a run's settings record.

    The settings have `degradation` and, except for Gaussian noise, `family` (a `Degradation.identity`), `severities`
    and `copies`; `clip` is False if grey levels are not clipped. If the family is not installed or has changed, a
    placeholder is returned: it has the recorded names and raises RunError instead of degrading an image. Raises
    KeyError or TypeError for incomplete settings, and InputError if the family cannot do without clipping.
    """
    name, told, clip = settings["degradation"], settings.get("family"), settings.get("clip", True)
    if not isinstance(clip, bool):
        raise TypeError(f"clip is {clip!r}; expected true or false")
    if told is None:
        return _find(name, clip)
    try:
        here = get_degradation(name)
        if here.additive or clip:
            here = _find(name, clip)
            if here.identity == told:
                return here
            version = f"version {here.version}, not {told['version']}"
            problem = f"is a different one here ({version}, or from another package)"
        else:
            problem = "always clips here, unlike that of the run"
    except InputError:
        problem = "is not available here: install its package, or register it"

    def refuse(*_: object) -> NoReturn:
        """Raise RunError, in place of degrading an image."""
        raise RunError(f"degraded images cannot be made again: the degradation '{name}' {problem}.")

    return Degradation(
        name=name,
        title=told["title"],
        about="",
        function=refuse,
        parameter=told["parameter"],
        unit=told["unit"],
        severities=tuple(settings["severities"]),
        neutral=told["neutral"],
        low=-math.inf,
        high=math.inf,
        version=told["version"],
        copies=max(2, settings["copies"]),  # it may be random, even if the run has one copy
        additive=not clip,
        clip=clip,
    )


def _find(name: str, clip: bool) -> Degradation:
    """Return the family with this name, with or without clipping."""
    family = get_degradation(name)
    return family if clip else family.without_clipping()
