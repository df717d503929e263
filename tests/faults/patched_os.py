"""The faults of preload.c without a C compiler: it replaces the functions of os and io by which Python writes.

What compiled code (Arrow, HDF5, Pillow) writes by itself is not disturbed. It is recorded, as Kind.FOUND,
when the file is next synced, renamed or removed.
"""

import _pyio
import builtins
import io
import os
import signal
import struct
import threading
from collections.abc import Callable
from typing import Any, NoReturn

from fault_library import Action, Kind


class PatchedOs:
    """Counts, fails, kills and records operations on paths below one folder, with the functions of preload.c."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._real_io_open = io.open
        self._real_write = os.write
        self.faults_watch(b"")
        # Python's own _pyio calls the functions of os, where the compiled io calls those of the C library.
        io.open = builtins.open = self._opened  # type: ignore[assignment]
        self._replace("open", self._open)
        self._replace("write", self._write)
        self._replace("ftruncate", self._ftruncate)
        self._replace("close", self._close)
        self._replace("fsync", self._fsync)
        self._replace("fdatasync", self._fsync)
        for name in ("rename", "replace"):
            self._replace(name, self._rename)
        for name, kind in (
            ("mkdir", Kind.MKDIR),
            ("unlink", Kind.UNLINK),
            ("remove", Kind.UNLINK),
            ("rmdir", Kind.RMDIR),
        ):
            self._replace(name, lambda real, *a, kind=kind, **k: self._named(kind, real, *a, **k))

    @staticmethod
    def _replace(name: str, function: Callable[..., Any]) -> None:
        """Replace os.NAME by a function whose first argument is the real one."""
        real = getattr(os, name, None)
        if real is not None:  # macOS has no fdatasync
            setattr(os, name, lambda *arguments, **settings: function(real, *arguments, **settings))

    # --- what the campaign calls ---

    def faults_watch(self, folder: bytes) -> None:
        """Count operations below a folder from 0 again, and disturb none yet; b"" ends the counting."""
        self._root = os.fsdecode(folder)
        self._action, self._armed, self._number, self._seen = Action.NOTHING, 0, 0, 0
        self._journal: int | None = None
        self._paths: dict[int, str] = {}  # of the descriptors that are open
        self._told: dict[str, bytearray] = {}  # the content of each file as recorded

    def faults_arm(self, operation: int, what: int, error: int) -> None:
        """Disturb the operation with this number; error: an errno."""
        self._armed, self._action, self._number = operation, Action(what), error

    def faults_record(self, descriptor: int) -> None:
        """Write a record of each operation to a descriptor."""
        self._journal = descriptor

    # --- the functions in place of the real ones ---

    def _opened(self, file: Any, *arguments: Any, **settings: Any) -> Any:
        watched = isinstance(file, int | str | bytes | os.PathLike) and self._place(file) is not None
        return (_pyio.open if watched else self._real_io_open)(file, *arguments, **settings)

    def _open(self, real: Callable[..., int], path: Any, flags: int, mode: int = 0o777, *, dir_fd: Any = None) -> int:
        place = self._place(path, dir_fd)
        if place is None:
            return real(path, flags, mode, dir_fd=dir_fd)
        is_new = bool(flags & os.O_CREAT) and not os.path.lexists(place)
        self._step(Kind.OPEN, place, is_new)
        how = "made" if is_new else "emptied" if flags & os.O_TRUNC else "opened"
        descriptor = self._done(Kind.OPEN, place, lambda: real(path, flags, mode, dir_fd=dir_fd), how)
        if how != "opened":
            self._told[place] = bytearray()
        self._paths[descriptor] = place
        return descriptor

    def _write(self, real: Callable[..., int], descriptor: int, content: Any) -> int:
        place = self._paths.get(descriptor)
        if place is None:
            return real(descriptor, content)
        now = self._step(Kind.WRITE, place, needs_space=True)
        if now in (Action.SHORT, Action.KILL) and len(content) > 1:
            content = content[: len(content) // 2]
        written = real(descriptor, content)
        if now == Action.KILL:
            _die()
        at, part = os.lseek(descriptor, 0, os.SEEK_CUR) - written, bytes(content[:written])
        self._record(Kind.WRITE, place, offset=at, content=part)
        told = self._told.setdefault(place, bytearray())
        told[at : at + written] = part
        return written

    def _ftruncate(self, real: Callable[..., None], descriptor: int, length: int) -> None:
        place = self._paths.get(descriptor)
        if place is None:
            return real(descriptor, length)
        self._step(Kind.TRUNCATE, place)
        return self._done(Kind.TRUNCATE, place, lambda: real(descriptor, length), offset=length)

    def _close(self, real: Callable[..., None], descriptor: int) -> None:
        self._paths.pop(descriptor, None)
        real(descriptor)

    def _fsync(self, real: Callable[..., None], file: Any) -> None:
        place = self._paths.get(file if isinstance(file, int) else file.fileno())
        if place is None:
            return real(file)
        self._find(place)
        self._step(Kind.FSYNC, place)
        return self._done(Kind.FSYNC, place, lambda: real(file))

    def _rename(self, real: Callable[..., None], old: Any, new: Any, **folders: Any) -> None:
        first, then = self._place(old), self._place(new)
        if first is None or then is None:
            return real(old, new, **folders)
        self._find(first)
        self._step(Kind.RENAME, first)
        self._done(Kind.RENAME, first, lambda: real(old, new, **folders), then)
        if first in self._told:
            self._told[then] = self._told.pop(first)
        return None

    def _named(self, kind: Kind, real: Callable[..., None], path: Any, *mode: int, dir_fd: Any = None) -> None:
        place = self._place(path, dir_fd)
        if place is None:
            return real(path, *mode, dir_fd=dir_fd)
        self._find(place)
        self._step(kind, place, needs_space=kind == Kind.MKDIR)
        return self._done(kind, place, lambda: real(path, *mode, dir_fd=dir_fd))

    # --- what they share ---

    def _place(self, path: Any, folder: int | None = None) -> str | None:
        """Return the absolute path of a call, or None if it is outside the folder."""
        if isinstance(path, int):
            return self._paths.get(path)
        whole = os.fsdecode(path)
        if folder is not None:
            if folder not in self._paths:
                return None
            whole = os.path.join(self._paths[folder], whole)  # noqa: PTH118
        whole = os.path.abspath(whole)  # noqa: PTH100
        return whole if self._root and f"{whole}/".startswith(f"{self._root}/") else None

    def _step(self, kind: Kind, place: str, needs_space: bool = False) -> Action:
        """Count an operation, then fail or die here if it is to; a write gets the action and dies halfway by itself."""
        with self._lock:
            now = Action.NOTHING
            if self._seen == self._armed:
                now = self._action
            elif self._action == Action.FAIL_FROM_HERE_ON and self._seen > self._armed and needs_space:
                now = Action.FAIL_ONCE
            self._seen += 1
        if now in (Action.FAIL_ONCE, Action.FAIL_FROM_HERE_ON):
            raise OSError(self._number, os.strerror(self._number), place)
        if now == Action.KILL and kind != Kind.WRITE:
            _die()
        return now

    def _done(self, kind: Kind, place: str, work: Callable[[], Any], other: str = "", offset: int = 0) -> Any:
        """Do the operation and record it, even if it fails."""
        try:
            result = work()
        except OSError:
            self._record(kind, place, other, offset, failed=True)
            raise
        self._record(kind, place, other, offset)
        return result

    def _find(self, place: str) -> None:
        """Record the content of a file that compiled code has written."""
        if self._journal is not None and os.path.isfile(place):  # noqa: PTH113
            with self._real_io_open(place, "rb") as file:
                content = file.read()
            if self._told.get(place) != content:
                self._told[place] = bytearray(content)
                self._record(Kind.FOUND, place, content=content)

    def _record(
        self, kind: Kind, place: str, other: str = "", offset: int = 0, content: bytes = b"", failed: bool = False
    ) -> None:
        if self._journal is None:
            return
        path, second = os.fsencode(place), os.fsencode(other)
        head = struct.pack("=IIIIQQ", kind, len(path), len(second), failed, offset, len(content))
        with self._lock:
            self._real_write(self._journal, head + path + second + content)


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("it survived")
