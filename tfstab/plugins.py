"""Degradations and engines of others: entry points of installed packages, and the files that register them."""

import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from tfstab.errors import InputError

_registering: set[str] = set()  # names of modules


def installed(group: str) -> dict[str, EntryPoint]:
    """Return the entry points of installed packages in a group, by name."""
    return _installed_in(group, tuple((place, _changed(place)) for place in sys.path))


@cache
def _installed_in(group: str, places: tuple[tuple[str, int], ...]) -> dict[str, EntryPoint]:
    """Return the same while these folders stay as they are: it takes the files of all packages to be read.

    places: folders and files where Python looks for packages, each with the time when it was last changed.
    """
    return {point.name: point for point in entry_points(group=group)}


def _changed(place: str) -> int:
    """Return when a folder was last changed, in ns since 1970; 0 if it is not there."""
    with suppress(OSError):
        return Path(place).stat().st_mtime_ns
    return 0


def where(point: EntryPoint) -> str:
    """Return an entry point in words, with its package."""
    return f"the entry point {point.name} = {point.value}" + (f" of {point.dist.name}" if point.dist else "")


@cache
def loaded(point: EntryPoint) -> Any:
    """Load what an entry point names; raise InputError if that fails."""
    try:
        return point.load()
    except Exception as error:  # code of others may raise anything
        raise InputError(f"{where(point)} cannot be loaded ({error}): repair or remove that package.") from error


def registering(module: Mapping[str, Any]) -> str:
    """Note that a module, given by its globals, registers something; return its `file_of`."""
    file = file_of(module)
    if file:
        _registering.add(str(module["__name__"]))
    return file


def registering_modules() -> list[ModuleType]:
    """Return the modules outside packages that have registered something in this process."""
    return [sys.modules[name] for name in sorted(_registering) if name in sys.modules]


def file_of(module: Mapping[str, Any]) -> str:
    """Return the .py file of a module, given its globals, if importing the file alone runs it again; otherwise ""."""
    alone = module.get("__name__") != "__main__" and not module.get("__package__")
    file = str(module.get("__file__") or "") if alone else ""
    return file if file.endswith(".py") else ""
