"""Writes files and folders that are either whole or absent: under a temporary name, fsynced, then renamed."""

import contextlib
import json
import math
import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tfstab.errors import on_disk

_TEMPORARY = re.compile(r"\.(?P<name>.+)\.\d+\.tmp(\.[a-z0-9]+)?")


def temporary_path(path: Path, suffix: str = "") -> Path:
    """Return the path under which this process writes what is renamed to `path`; its name ends in `suffix`."""
    return path.with_name(f".{path.name}.{os.getpid()}.tmp{suffix}")


def remove_temporaries(folder: Path, is_own: Callable[[str], object]) -> None:
    """Remove the temporary files that a killed process has left in a folder, and no other hidden files.

    Parameters
    ----------
    folder : Path
        Where to look.
    is_own : callable
        Says whether the caller writes a file of this name there.
    """
    for path in folder.glob(".*"):
        match = _TEMPORARY.fullmatch(path.name)
        if match and is_own(match["name"]) and (path.is_symlink() or not path.is_dir()):
            path.unlink(missing_ok=True)


def write_atomically(path: Path, write: Callable[[Path], object], suffix: str = "") -> None:
    """Let `write` make a file under a temporary name, then rename it to `path`.

    After an error, nothing is left. What an earlier, killed process has left of the same file is removed.

    Parameters
    ----------
    path : Path
        The file to make or replace.
    write : callable
        Gets the temporary path and writes the file there.
    suffix : str
        Ending of the temporary name, for writers that need one.

    Raises
    ------
    DiskError
        The file cannot be written.
    """
    with on_disk(path):
        remove_temporaries(path.parent, path.name.__eq__)
        write_then_name(temporary_path(path, suffix), write, lambda _: path)


def write_then_name(temporary: Path, write: Callable[[Path], object], name: Callable[[Path], Path]) -> Path:
    """Let `write` make a file under a temporary name, then rename it to the path that `name` returns for it.

    The content is on the disk before the file gets its name, and the name is on the disk when this function returns.
    """
    temporary.unlink(missing_ok=True)  # left by an earlier process with this number; a link would be followed
    try:
        write(temporary)
        with temporary.open("r+b") as file:
            os.fsync(file.fileno())
        path = name(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)
    return path


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON, atomically."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def json_values(value: Any) -> Any:
    """Return a value for JSON: arrays as lists, and None in place of NaN and infinities, which JSON does not have."""
    if isinstance(value, np.ndarray):
        return json_values(value.tolist())
    if isinstance(value, dict):
        return {name: json_values(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [json_values(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8, atomically."""

    def write(temporary: Path) -> None:
        """Write the text to a path."""
        temporary.write_text(text, encoding="utf-8")

    write_atomically(path, write)


def write_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Make a folder with these files: either all of them are on the disk afterwards, or none.

    Raises
    ------
    DiskError
        The folder cannot be made.
    """
    with on_disk(folder):
        _write_folder(folder, contents)


def _write_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Make the folder under a temporary name, then rename it."""
    make_folder(folder.parent)
    for left in folder.parent.glob(".*"):  # left by a killed process
        match = _TEMPORARY.fullmatch(left.name)
        if match and match["name"] == folder.name and left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
    making = temporary_path(folder)
    making.mkdir()
    try:
        for name, content in contents.items():
            with (making / name).open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        sync_folder(making)
        making.rename(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    sync_folder(folder.parent)


def make_folder(folder: Path) -> bool:
    """Make a folder and its parents, on the disk, and return whether it is new.

    Raises
    ------
    DiskError
        The folder cannot be made.
    """
    with on_disk(folder):
        if folder.is_dir():
            return False
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        with contextlib.suppress(PermissionError):  # a folder may be writable but not readable
            sync_folder(folder.parent)
    return True


def sync_folder(folder: Path) -> None:
    """Bring the renames in a folder to the disk; Windows neither has nor needs this."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
