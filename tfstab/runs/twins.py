"""Keeps equal files of the runs beside each other once: the sweeps of an assessment have the same clean images.

Without this, 2,370 images of 64 x 64 pixels in colour took 400 MB, and compressing them took a fifth of the time of a
short assessment.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tfstab.runs.atomic import write_atomically


class _Written(NamedTuple):
    key: str
    path: Path
    state: tuple[int, int, int]


_last: dict[str, _Written] = {}  # by file name, what this process wrote last


def write_or_link(path: Path, key: str, write: Callable[[Path], object], link: bool = True) -> None:
    """Write a file atomically, or make it a hard link to an equal file of a run beside this one.

    Runs stay independent of each other, as their files are replaced and never changed: one may be moved or deleted. The
    file is written where it cannot be linked, as on some network drives.

    Parameters
    ----------
    path : Path
        The file, in the folder of a run.
    key : str
        Equal for files of equal content.
    write : callable
        Gets a path and writes the file there.
    link : bool
        Whether it may be a link.

    Raises
    ------
    DiskError
        The file cannot be written.
    """
    last = _last.get(path.name)
    twin = last.path if link and last is not None and last.key == key and last.state == _state(last.path) else None
    if twin is None or twin.parent.parent != path.parent.parent or not _linked(path, twin):
        write_atomically(path, write)
    _last[path.name] = _Written(key, path, _state(path))


def _linked(path: Path, twin: Path) -> bool:
    """Make a path another name of a file; return False if that is not possible."""
    try:
        write_atomically(path, lambda temporary: os.link(twin, temporary))
    except OSError:
        return False
    return True


def _state(path: Path) -> tuple[int, int, int]:
    """Return what differs after a file was replaced or changed; zeros if it is not there."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0, 0
    return found.st_ino, found.st_size, found.st_mtime_ns
