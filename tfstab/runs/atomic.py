"""Files and folders that are whole or not there: written to a temporary name, fsynced, renamed."""

import contextlib
import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tfstab.errors import on_disk

_TEMPORARY = re.compile(r"\.(?P<name>.+)\.\d+\.tmp(\.[a-z0-9]+)?")


def temporary_path(path: Path, suffix: str = "") -> Path:
    """Where this process writes what will be renamed to `path`. suffix: what the name must end in."""
    return path.with_name(f".{path.name}.{os.getpid()}.tmp{suffix}")


def remove_temporaries(folder: Path, is_own: Callable[[str], object]) -> None:
    """Remove the temporary files that a killed process has left in a folder, and no other hidden files.

    is_own: whether the caller writes a file of this name there.
    """
    for path in folder.glob(".*"):
        match = _TEMPORARY.fullmatch(path.name)
        if match and is_own(match["name"]) and (path.is_symlink() or not path.is_dir()):
            path.unlink(missing_ok=True)


def write_atomically(path: Path, write: Callable[[Path], object], suffix: str = "") -> None:
    """Let `write(temporary path)` make the file, then move it to `path` in one step.

    suffix: what the temporary name must end in, for writers that look at it. After an error nothing is left, and what
    a kill has left of the same file is removed. Raises DiskError where the file cannot be written.
    """
    with on_disk(path):
        remove_temporaries(path.parent, path.name.__eq__)
        write_then_name(temporary_path(path, suffix), write, lambda _: path)


def write_then_name(temporary: Path, write: Callable[[Path], object], name: Callable[[Path], Path]) -> Path:
    """Let `write(temporary)` make a file, then rename it to what `name(temporary)` says, in the same folder.

    The content is on the disk before the name is, and the name before this returns.
    """
    temporary.unlink(missing_ok=True)  # of an earlier process with this number; a link would be written through
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
    """Write JSON, indented, atomically."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write text, UTF-8, atomically."""

    def write(temporary: Path) -> None:
        temporary.write_text(text, encoding="utf-8")

    write_atomically(path, write)


def write_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Make a folder of files, by name: all of them, on the disk, or none. Raises DiskError where it cannot be made."""
    with on_disk(folder):
        _write_folder(folder, contents)


def _write_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    make_folder(folder.parent)
    for left in folder.parent.glob(".*"):  # by a kill
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
    """Make a folder, and those above it, such that they last through a power cut. Returns whether it is new.

    Raises DiskError where it cannot be made.
    """
    with on_disk(folder):
        if folder.is_dir():
            return False
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        with contextlib.suppress(PermissionError):  # a folder may be writable and not readable
            sync_folder(folder.parent)
    return True


def sync_folder(folder: Path) -> None:
    """Make renames in it last through a power cut; Windows neither has nor needs this."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
