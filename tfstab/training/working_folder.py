"""What the folders of trainings and of hardenings have in common: a lock, an identity, and checkpoints."""

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from tfstab.errors import RunError, on_disk
from tfstab.runs.atomic import make_folder
from tfstab.runs.files import check_own_file

WORDS = {"data": "training images", "validation": "validation images"}  # for parts of an identity


@contextlib.contextmanager
def locked(folder: Path, lock: str, work: str) -> Iterator[None]:
    """Create a folder, and prevent other processes from working in it within this context.

    Parameters
    ----------
    folder : Path
        The folder.
    lock : str
        Name of the file in it that is locked.
    work : str
        What is done there: "training" or "hardening".

    Raises
    ------
    RunError
        Another process is working in it.
    """
    make_folder(folder)
    check_own_file(folder / lock)
    held = FileLock(folder / lock)
    with on_disk(folder):
        try:
            held.acquire(timeout=0)
        except Timeout:
            raise RunError(
                f"another process is {work} in {folder}: wait until it ends, or choose another folder."
            ) from None
    try:
        yield
    finally:
        held.release()


def check_identity(state: dict[str, Any], identity: dict[str, Any], folder: Path, work: str) -> None:
    """Check that the work that was begun in a folder is the one that is asked for.

    Parameters
    ----------
    state : dict
        What was recorded, with the entry "identity".
    identity : dict
        Settings, and fingerprints of network and images, of what is asked for.
    folder : Path
        The folder.
    work : str
        "training" or "hardening".

    Raises
    ------
    RunError
        It is another one.
    """
    wanted = json.loads(json.dumps(identity))
    if state["identity"] != wanted:
        differing = [WORDS.get(key, key) for key in wanted if state["identity"].get(key) != wanted[key]]
        raise RunError(
            f"{folder} holds a {work} that differs in its {' and '.join(differing)}: repeat what it was made with to "
            "resume it, or choose another folder with --out."
        )


def discard(folder: Path, names: re.Pattern[str]) -> None:
    """Delete the files and links in a folder whose whole names match."""
    with on_disk(folder):
        for path in list(folder.iterdir()):
            if names.fullmatch(path.name) and (path.is_symlink() or not path.is_dir()):
                path.unlink()
