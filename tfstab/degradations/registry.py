"""The families that there are: built in, of installed packages (entry points `tfstab.degradations`), or registered."""

import math
from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
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
    """Make a family known by its name in this process, and give it back; a second time under one name replaces it.

    A package makes its own known everywhere by an entry point of the group `tfstab.degradations` instead, of the
    family's name. Raises InputError for the name of a built-in family.

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
    """The family with this name. Raises InputError for an unknown one, or one whose package cannot be loaded.

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
    """Those built in, then the others.

    >>> from tfstab.degradations import degradation_names
    >>> degradation_names()[:3]
    ['gaussian_noise', 'salt_and_pepper', 'poisson']
    """
    return [*BUILT_IN, *sorted({*_registered, *_installed()} - {*BUILT_IN})]


def _installed() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


@cache
def _load(point: EntryPoint) -> Degradation:
    where = f"the entry point {point.name} = {point.value}" + (f" of {point.dist.name}" if point.dist else "")
    try:
        family = point.load()
    except Exception as error:  # code of others may raise anything
        raise InputError(f"{where} cannot be loaded ({error}): mend or remove that package.") from error
    if not isinstance(family, Degradation) or family.name != point.name:
        raise InputError(f"{where} is {family!r}; expected a Degradation named '{point.name}'.")
    return family


def recorded(settings: Mapping[str, Any]) -> Degradation:
    """The family that a run was made with, by its settings: `degradation`, and but for Gaussian noise also `family`
    (a `Degradation.identity`), `severities` and `copies`.

    Where it is not here, or is another one by now, what is given has only what the run tells of it, and raises
    RunError when it is to degrade an image. Raises KeyError or TypeError for settings that do not tell it.
    """
    name, told = settings["degradation"], settings.get("family")
    if told is None:
        return get_degradation(name)
    try:
        here = get_degradation(name)
        if here.identity == told:
            return here
        problem = f"is another one here (version {here.version}, not {told['version']}, or made elsewhere)"
    except InputError:
        problem = "is not known here: install its package, or register it"

    def refuse(*_: object) -> NoReturn:
        raise RunError(f"degraded images cannot be made again: the degradation '{name}' {problem}.")

    return Degradation(
        name,
        told["title"],
        "",
        refuse,
        told["parameter"],
        told["unit"],
        tuple(settings["severities"]),
        neutral=told["neutral"],
        low=-math.inf,
        high=math.inf,
        version=told["version"],
        copies=max(2, settings["copies"]),  # it may draw something, even where there is one copy
    )
