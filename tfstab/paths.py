"""Paths that are given by a person, a table or a file: refused in one sentence where no file can have the name."""

import contextlib
import errno
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from tfstab import limits
from tfstab.errors import DataError, InputError, TfstabError, on_disk
from tfstab.names import composed, encodable, shortened


def check_path(path: Path, error: type[TfstabError] = DataError, *, recorded: bool = False) -> None:
    """Raise `error` where the operating system would refuse the name, which otherwise raises ValueError or OSError.

    recorded: whether the path is also written to files, which are UTF-8. Without it, a name that is not UTF-8 passes.
    """
    text = str(path)
    problem = None
    if "\0" in text:
        problem = "it holds a null character"
    elif len(text) > limits.LONGEST_PATH:
        problem = f"it has {len(text):,} characters; expected at most {limits.LONGEST_PATH:,}"
    elif (longest := max((len(os.fsencode(part)) for part in path.parts), default=0)) > limits.LONGEST_FILE_NAME:
        problem = f"a name in it has {longest:,} bytes; expected at most {limits.LONGEST_FILE_NAME}"
    elif recorded and not encodable(text):
        problem = "it is not UTF-8, and runs record it"
    if problem:
        # Control characters and lone surrogates can be in it, which not everything that shows the sentence can write.
        shown = shortened(text, 80).encode("utf-8", "backslashreplace").decode()
        raise error(f"{shown} cannot be used as a path ({problem}): choose another name.")


def check_inside(path: Path, root: Path) -> None:
    """Raise DataError unless a path lies inside root once links are followed."""
    try:
        inside = path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError) as error:  # links that form a circle
        raise DataError(f"{path} cannot be followed ({error}): remove it.") from error
    if not inside:
        raise DataError(f"{path} leads out of {root}: put the file itself there, or remove the link or name.")


def check_writable(folder: Path) -> None:
    """Raise DiskError if nothing can be written into a folder or, if it is not there yet, into the one around it.

    Nothing is written, as the folder may turn out not to be one that tfstab may write to.
    """
    with on_disk(folder):
        there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        problem = 0
        if not there.is_dir():
            problem = errno.ENOTDIR
        elif not os.access(there, os.W_OK | os.X_OK):
            problem = (
                errno.EROFS if hasattr(os, "statvfs") and os.statvfs(there).f_flag & os.ST_RDONLY else errno.EACCES
            )
        else:
            disk = shutil.disk_usage(there)
            if disk.total and not disk.free:  # some network drives do not tell their size, and both are 0
                problem = errno.ENOSPC
        if problem:
            raise OSError(problem, os.strerror(problem))


def user_path(given: str | Path) -> Path:
    """Return a path that a person gives, with `~` replaced, and with the names on the disk of what is there.

    A name with accents may be composed where it is typed and decomposed on the disk, or the reverse; see `composed`.
    """
    if not isinstance(given, str | os.PathLike):
        raise InputError(
            f"an object of type {type(given).__name__} was given; expected the path of a file or folder, as a str or "
            "a Path."
        )
    path = Path(given).expanduser()
    if str(path).isascii():
        return path
    try:
        return _Disk().found(path)
    except (OSError, ValueError):  # no file can have this name, which is said where it is opened
        return path


def on_disk_names(root: Path, files: Iterable[str]) -> list[Path]:
    """Return the paths of files, relative to root, with their names on the disk, which may be composed or decomposed.

    A file that is not there keeps the name that was given. Raises DataError for what no file can be called.
    """
    paths = [root / file for file in files]
    for path in paths:
        check_path(path)
    disk = _Disk()
    return [path if str(path).isascii() else disk.found(path) for path in paths]


class _Disk:
    """Finds names on the disk; each folder is listed once."""

    def __init__(self) -> None:
        self._listed: dict[Path, dict[str, str]] = {}
        self._folders: dict[Path, Path] = {}

    def found(self, path: Path) -> Path:
        """Return a path with the names on the disk of all its parts."""
        if path.exists() or path.parent == path:
            return path
        if path.parent not in self._folders:
            self._folders[path.parent] = self.found(path.parent)
        folder = self._folders[path.parent]
        return folder / self._entries(folder).get(composed(path.name), path.name)

    def _entries(self, folder: Path) -> dict[str, str]:
        """Return {composed name: name} of what is in a folder; nothing if it cannot be listed."""
        if folder not in self._listed:
            with contextlib.suppress(OSError):
                self._listed[folder] = {composed(path.name): path.name for path in folder.iterdir()}
        return self._listed.setdefault(folder, {})
