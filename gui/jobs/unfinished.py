"""Unfinished jobs, kept for the next start; each belongs to one window. No Qt in here."""

import contextlib
import uuid
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_data_path

from tfstab.errors import TfstabError
from tfstab.gui.jobs.command_order import CommandOrder
from tfstab.gui.jobs.protocol import RunOrder, decode, encode
from tfstab.limits import JOBS
from tfstab.paths import user_path
from tfstab.reading import read_bytes
from tfstab.runs.atomic import write_atomically

Ordered = RunOrder | CommandOrder


class Unfinished:
    """A file with an order in each line, which belongs to this window and is locked while the window is open.

    So two windows neither list the same job nor overwrite each other's. The jobs of a window that was closed or has
    crashed are taken over by the next one that starts.
    """

    def __init__(self) -> None:
        self._folder = user_data_path("tfstab", appauthor=False) / "jobs"
        self._path = self._folder / f"{uuid.uuid4().hex}.jobs"
        self._lock = FileLock(_lock_of(self._path))

    def take_over(self) -> list[Ordered]:
        """Take over and return the orders of closed windows whose run has begun, or whose folder is free."""
        orders: dict[Path, Ordered] = {}
        with contextlib.ExitStack() as theirs:
            files = []
            for path in sorted(self._folder.glob("*.jobs")):
                if path.is_dir():  # not written by a window
                    continue
                with contextlib.suppress(Timeout, OSError):  # its window is open
                    theirs.enter_context(FileLock(_lock_of(path), timeout=0))
                    files.append(path)
            for order in (order for path in files for order in _read(path)):
                with contextlib.suppress(OSError, RuntimeError, ValueError):  # not a possible name of a folder
                    folder = user_path(order.out)
                    if isinstance(order, CommandOrder) or _free_or_begun(folder):
                        orders[folder] = order
            self.save(list(orders.values()))  # before the old files are removed, so that a crash loses nothing
            for path in files:
                path.unlink(missing_ok=True)
        for path in files:
            _lock_of(path).unlink(missing_ok=True)
        return list(orders.values())

    def save(self, orders: list[Ordered]) -> None:
        """Write the orders of this window; if that fails, the list is lost, but no run."""
        with contextlib.suppress(OSError, Timeout):
            if orders:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._lock.acquire(timeout=0)
                content = b"".join(encode(order) for order in orders)
                write_atomically(self._path, lambda path: path.write_bytes(content))
            else:
                self._path.unlink()

    def release(self) -> None:
        """Leave the file to the next window, because this one closes."""
        self._lock.release(force=True)
        if not self._path.exists():
            _lock_of(self._path).unlink(missing_ok=True)


def _lock_of(path: Path) -> Path:
    return path.with_suffix(".lock")


def _read(path: Path) -> list[Ordered]:
    """Return the orders in a file, except damaged ones and those of another version."""
    orders = []
    with contextlib.suppress(OSError, ValueError):  # another window was faster, or the file was not written by a window
        for line in read_bytes(path, JOBS).splitlines():
            with contextlib.suppress(TfstabError):
                order = decode(line)
                if isinstance(order, RunOrder | CommandOrder):
                    orders.append(order)
    return orders


def _free_or_begun(folder: Path) -> bool:
    """Return True if there is no such folder or it holds a run; one that was stopped early has only run.lock."""
    return not folder.exists() or (folder / "run.json").is_file() or (folder / "run.lock").is_file()
