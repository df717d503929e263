"""What is in files that may run code: a checksum, and a state that shows later changes without reading them again."""

import functools
import hashlib
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

MOST_KEPT = 32  # files and folders whose content is kept in memory, as a model may have gigabytes
TICK = 0.02  # s; file systems set times by a clock that ticks every 1 to 10 ms
MOST_TICKS = 5  # waited for, if a file is changed all the time


class Content(NamedTuple):
    """What was in files when they were read.

    Attributes
    ----------
    checksum : str
        SHA-256 of names and content; "" if nothing was read. Of `joint_content`, several with blanks between.
    state : str
        The same of names, sizes, times and inodes. As long as `state_of` is the same, so is the content.
    """

    checksum: str = ""
    state: str = ""


def content_of(path: Path) -> Content:
    """Return the content of a file, or of all files in a folder, which is read once per process and state.

    Nothing is returned, which is never trusted, if a file cannot be read, or was changed meanwhile.
    """
    try:
        return _read(str(path), state_of(path))
    except (OSError, ValueError):  # ValueError: a null character in the name
        return Content()


def state_of(path: Path) -> str:
    """Return the state of a file, or of all files in a folder, without reading them; "" if one cannot be reached."""
    try:
        return _digest(_entry(file, file.stat()) for file in _files(path))
    except (OSError, ValueError):
        return ""


def joint_content(contents: Sequence[Content]) -> Content:
    """Return the content of several files or folders together; nothing if that of one is not known."""
    return Content(joint([one.checksum for one in contents]), joint([one.state for one in contents]))


def joint(digests: Sequence[str]) -> str:
    """Return several checksums or states in one text, with blanks between; "" if one is ""."""
    return " ".join(digests) if all(digests) else ""


@functools.lru_cache(MOST_KEPT)
def _read(path: str, _state: str) -> Content:
    """Read the content. Its state is that of the open files, since a path may lead elsewhere a moment later."""
    start, entries, checksums = Path(path), [], []
    for file in _files(start):
        with file.open("rb") as opened:
            before = _settled(opened.fileno())
            checksum = hashlib.file_digest(opened, "sha256").hexdigest()
            if _entry(file, os.fstat(opened.fileno())) != _entry(file, before):
                raise OSError(f"{file} was changed while it was read")
        entries.append(_entry(file, before))
        checksums.append(f"{checksum} {file.relative_to(start).as_posix()}")
    return Content(_digest(checksums), _digest(entries))


def _settled(descriptor: int) -> os.stat_result:
    """Return what is known of an open file, once another change would give it another time."""
    for _ in range(MOST_TICKS):
        found = os.fstat(descriptor)
        if not 0 <= time.time() - found.st_ctime < TICK:  # the clock of a network drive may be ahead
            break
        time.sleep(TICK)
    return found


def _entry(file: Path, found: os.stat_result) -> str:
    """Return a file's name, inode, size and times in a line."""
    # The time of the last change of the entry (ctime) cannot be set back, unlike that of the content. The inode tells
    # files apart that were made in the same tick, if their folders are exchanged.
    return f"{file} {found.st_dev} {found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"


def _files(path: Path) -> list[Path]:
    """Return a file, or all files in a folder; raise OSError if there are none."""
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    if not files:
        raise FileNotFoundError(path)
    return files


def _digest(lines: Iterable[str]) -> str:
    """Return the SHA-256 of lines of text."""
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode("utf-8", "replace")).hexdigest()
