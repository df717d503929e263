"""Paths that are given by a person, a table or a file: refused in one sentence where no file can have the name."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from tfstab import limits
from tfstab.errors import DataError, TfstabError
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


def on_disk_names(root: Path, files: Iterable[str]) -> list[Path]:
    """Return the paths of files, relative to root, with their names on the disk, which may be composed or decomposed.

    A file that is not there keeps the name that was given. Raises DataError for what no file can be called.
    """
    listed: dict[Path, dict[str, str]] = {}

    def entries(folder: Path) -> dict[str, str]:
        """Return {composed name: name} of what is in a folder, which is listed once; nothing if it cannot be."""
        if folder not in listed:
            with contextlib.suppress(OSError):
                listed[folder] = {composed(path.name): path.name for path in folder.iterdir()}
        return listed.setdefault(folder, {})

    def found(path: Path) -> Path:
        """Return a path with the names on the disk of all its parts."""
        if str(path).isascii() or path.exists():
            return path
        folder = found(path.parent)
        return folder / entries(folder).get(composed(path.name), path.name)

    paths = [root / file for file in files]
    for path in paths:
        check_path(path)
    return list(map(found, paths))
