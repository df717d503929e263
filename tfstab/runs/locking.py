"""Keeps two processes from working in one folder. The system releases a lock when its process ends, however it ends."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from tfstab.errors import RunError, on_disk
from tfstab.runs.atomic import make_folder
from tfstab.runs.files import RUN_LOCK, check_own_file, check_room


class InUseError(RunError):
    """Another process is working in the folder."""


@contextlib.contextmanager
def locked(folder: Path, lock: str, work: str) -> Iterator[None]:
    """Create a folder, and prevent other processes from working in it within this context.

    A new folder in which nothing has been written is removed at the end, and so are new folders around it.

    Parameters
    ----------
    folder : Path
        The folder.
    lock : str
        Name of the file in it that is locked.
    work : str
        What is done there, such as "training" or "hardening".

    Raises
    ------
    InUseError
        Another process is working in it.
    """
    new = [path for path in (folder, *folder.parents) if not path.exists()]
    make_folder(folder)
    check_own_file(folder / lock)
    held = FileLock(folder / lock)
    with on_disk(folder):
        try:
            held.acquire(timeout=0)
        except Timeout:
            raise InUseError(
                f"another process is {work} in {folder}: wait until it ends, or choose another folder."
            ) from None
    try:
        yield
    finally:
        if folder in new:
            _remove_unused(new, lock)
        held.release()


def _remove_unused(new: list[Path], lock: str) -> None:
    """Remove new folders, the innermost first, if that has only this lock, which is held."""
    folder = new[0]
    with contextlib.suppress(OSError):  # another process may have begun to use the folder
        if [path.name for path in folder.iterdir()] == [lock]:
            (folder / lock).unlink()
            for path in new:
                path.rmdir()


def check_unlocked(folder: Path, lock: str, work: str) -> None:
    """Raise InUseError if another process is working in a folder, which need not exist; see `locked`."""
    if (folder / lock).is_file():
        with locked(folder, lock, work):
            pass


def check_free(run: Path) -> None:
    """Raise RunError if a folder cannot take a run (see `check_room`), InUseError if one is being written there."""
    check_room(run)
    if not (run / RUN_LOCK).is_file():
        return
    check_own_file(run / RUN_LOCK)
    with on_disk(run):
        held = FileLock(run / RUN_LOCK)
        try:
            held.acquire(timeout=0)
        except Timeout:
            raise being_written(run) from None
        held.release()


def being_written(run: Path) -> InUseError:
    """Return the error for a run that another process is writing."""
    return InUseError(f"{run} is being written by another process: wait for it, or choose another folder.")
