"""The jobs that are not finished, kept for the next start. Each belongs to one window. No Qt in here."""

import contextlib
import uuid
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_data_path

from tfstab.errors import TfstabError
from tfstab.gui.jobs.protocol import RunOrder, decode, encode
from tfstab.limits import JOBS
from tfstab.reading import read_bytes
from tfstab.runs.atomic import write_atomically


class Unfinished:
    """A file of this window's own, an order a line, locked for as long as the window is there.

    So two windows do not offer the same job, nor overwrite what the other one has. The jobs of a window that was
    closed, or has crashed, belong to the next one that starts.
    """

    def __init__(self) -> None:
        self._folder = user_data_path("tfstab", appauthor=False) / "jobs"
        self._path = self._folder / f"{uuid.uuid4().hex}.jobs"
        self._lock = FileLock(_lock_of(self._path))

    def take_over(self) -> list[RunOrder]:
        """The orders of windows that are gone, each once: those whose run is begun, or whose folder is free."""
        orders: dict[Path, RunOrder] = {}
        with contextlib.ExitStack() as theirs:
            files = []
            for path in sorted(self._folder.glob("*.jobs")):
                if path.is_dir():  # none of a window's
                    continue
                with contextlib.suppress(Timeout, OSError):  # its window is there
                    theirs.enter_context(FileLock(_lock_of(path), timeout=0))
                    files.append(path)
            for order in (order for path in files for order in _read(path)):
                with contextlib.suppress(OSError, RuntimeError, ValueError):  # no folder can have such a name
                    folder = Path(order.out).expanduser()
                    if _free_or_begun(folder):
                        orders[folder] = order
            self.save(list(orders.values()))  # before theirs are removed, so that a crash loses none
            for path in files:
                path.unlink(missing_ok=True)
        for path in files:
            _lock_of(path).unlink(missing_ok=True)
        return list(orders.values())

    def save(self, orders: list[RunOrder]) -> None:
        """Keep these, and no others of this window. Where it cannot be written, only this list is lost, and no run."""
        with contextlib.suppress(OSError, Timeout):
            if orders:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._lock.acquire(timeout=0)
                content = b"".join(encode(order) for order in orders)
                write_atomically(self._path, lambda path: path.write_bytes(content))
            else:
                self._path.unlink(missing_ok=True)

    def release(self) -> None:
        """The window closes: what is kept is for the next one."""
        self._lock.release(force=True)
        if not self._path.exists():
            _lock_of(self._path).unlink(missing_ok=True)


def _lock_of(path: Path) -> Path:
    return path.with_suffix(".lock")


def _read(path: Path) -> list[RunOrder]:
    """The orders of a file; what is damaged or of another version is left out."""
    orders = []
    with contextlib.suppress(OSError, ValueError):  # another window was quicker, or it is no file of a window's
        for line in read_bytes(path, JOBS).splitlines():
            with contextlib.suppress(TfstabError):
                order = decode(line)
                if isinstance(order, RunOrder):
                    orders.append(order)
    return orders


def _free_or_begun(folder: Path) -> bool:
    """run.lock: all that there is of a run that was stopped while it started."""
    return not folder.exists() or (folder / "run.json").is_file() or (folder / "run.lock").is_file()
