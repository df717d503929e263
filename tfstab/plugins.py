"""Degradations and engines of others: entry points of installed packages, and the files that register them."""

import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from tfstab.errors import InputError
from tfstab.warning import warn

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
    except (Exception, SystemExit) as error:  # code of others may raise anything
        raise InputError(
            f"{where(point)} cannot be loaded ({_in_words(error)}): repair or remove that package."
        ) from error


def _in_words(error: BaseException) -> str:
    """Return what an error says, with its kind unless it is said in a sentence."""
    text = str(error).rstrip(".")
    return text if isinstance(error, InputError | ImportError) else f"{type(error).__name__}: {text}".rstrip(": ")


def usable(names: Iterable[str], get: Callable[[str], Any]) -> list[str]:
    """Return the names for which `get` raises no InputError; warn once in a process of each of the others."""
    found = []
    for name in names:
        try:
            get(name)
        except InputError as error:
            _say_left_out(str(error))
        else:
            found.append(name)
    return found


@cache
def _say_left_out(sentence: str) -> None:
    warn(f"{sentence} tfstab goes on without it.")


def failure(error: BaseException, function: Callable[..., Any]) -> str:
    """Return an error that a function of others has raised, with its line there: "ValueError: no, wet.py, line 7"."""
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    place = f", {Path(str(file)).name}, line {lines[-1]}" if lines else ""
    return f"{type(error).__name__}: {error}".removesuffix(": ") + place


def passes(error: BaseException, *functions: Callable[..., Any]) -> bool:
    """Return whether an error was raised while one of these functions was running."""
    codes = {function.__code__ for function in functions}
    return any(frame.f_code in codes for frame, _ in traceback.walk_tb(error.__traceback__))


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
