"""While a stranger's file is opened: no new process, no connection, nothing written or removed outside the output.

    with nothing_outside(tmp_path / "out"):
        load_dataset(hostile)

Python reports such actions to audit hooks before it carries them out. The guard stops a forbidden one with `Forbidden`
and remembers it, so that the test fails even where the code under test has handled the exception. What C code does by
itself (TensorFlow, HDF5, Qt) raises no audit events; tests of it compare folders before and after.
"""

import os
import socket
import sys
import sysconfig
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Modules of tfstab that it runs in a child process of its own, to read what would be dangerous to read itself.
OWN_CHILDREN = ("tfstab.models.hdf5_child", "tfstab.models.onnx_child", "tfstab.models.tflite_child")


class Forbidden(BaseException):
    """What the opened file has made the program do. Not an Exception: code under test handles those."""


class _Guard:
    """outputs: folders and files, links followed, in which anything may be written."""

    def __init__(self, outputs: tuple[Path, ...]) -> None:
        self.outputs = tuple(os.path.realpath(path) for path in (*outputs, os.devnull))
        self.offences: list[str] = []

    def writes(self, path: str) -> bool:
        """Whether the path may be written."""
        return any(path == output or path.startswith(output + os.sep) for output in self.outputs)


_active: list[_Guard] = []  # the innermost last; of the whole process, as libraries have threads
_inside = threading.local()  # the hook must not answer to its own look-ups


@contextmanager
def nothing_outside(*outputs: Path | str) -> Iterator[None]:
    """Fail where what runs within starts a process, connects, loads code or changes files but in `outputs`.

    Temporary files go to a folder made for the purpose, which must be empty at the end.
    """
    with tempfile.TemporaryDirectory(prefix="guarded-") as scratch:
        guard = _Guard((*map(Path, outputs), Path(scratch)))
        before = tempfile.tempdir, sys.dont_write_bytecode
        tempfile.tempdir, sys.dont_write_bytecode = scratch, True
        _active.append(guard)
        try:
            yield
        finally:
            _active.pop()
            tempfile.tempdir, sys.dont_write_bytecode = before
            # TensorFlow's own, which it removes when the process ends.
            names = [path.name for path in Path(scratch).iterdir() if not path.name.startswith("__autograph_generated")]
        assert not guard.offences, f"opening it did what it must not: {'; '.join(guard.offences)}"
        assert not names, f"temporary files were left: {', '.join(names)}"


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _active or getattr(_inside, "hook", False):
        return
    judge = JUDGES.get(event)
    if judge is None:
        return
    _inside.hook = True
    try:
        offence = judge(_active[-1], *arguments)
    finally:
        _inside.hook = False
    if offence:
        _active[-1].offences.append(f"{event}: {offence}"[:500])
        raise Forbidden(f"{event}: {offence}"[:500])


# --- what is judged: each returns the offence in words, or "" ---

Judge = Callable[..., str]


def _opened(guard: _Guard, path: Any, mode: Any, flags: int) -> str:
    if isinstance(path, int) or not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND):
        return ""
    real = os.path.realpath(os.fsdecode(path))
    return "" if guard.writes(real) else f"writes {real}"


def _entry(guard: _Guard, path: Any, folder: Any = -1) -> str:
    """Of an entry of a folder that is made, changed or removed itself, be it a link."""
    if isinstance(path, int):
        return ""
    entry = Path(os.fsdecode(path))
    if isinstance(folder, int) and folder >= 0 and not entry.is_absolute():
        entry = Path(f"/proc/self/fd/{folder}").readlink() / entry
    real = os.path.realpath(entry.parent) + os.sep + entry.name
    return "" if guard.writes(real) else f"changes {real}"


def _first(guard: _Guard, path: Any, *_: Any) -> str:
    return _entry(guard, path)


def _last_is_folder(guard: _Guard, path: Any, *more: Any) -> str:
    return _entry(guard, path, more[-1])


def _made(guard: _Guard, path: Any, mode: Any, folder: Any = -1) -> str:
    return "" if Path(path).is_dir() else _entry(guard, path, folder)  # it fails where there is one already


def _moved(guard: _Guard, source: Any, target: Any, source_folder: Any = -1, target_folder: Any = -1) -> str:
    return _entry(guard, source, source_folder) or _entry(guard, target, target_folder)


def _linked(guard: _Guard, source: Any, target: Any, *folders: Any) -> str:
    return _entry(guard, target, folders[-1] if folders else -1)


def _started(guard: _Guard, executable: Any, arguments: Any, *_: Any) -> str:
    command = [os.fsdecode(word) for word in ([arguments] if isinstance(arguments, str | bytes) else arguments)]
    own = command[:3] == [sys.executable, "-P", "-m"] and command[3] in OWN_CHILDREN
    warm = command == [sys.executable, "-P", str(Path(__file__).with_name("warm_child.py"))]  # runs their functions
    return "" if own or warm else f"starts {' '.join(command)[:200]}"


def _any_process(guard: _Guard, *arguments: Any) -> str:
    return f"starts a process {arguments!r}"


def _connected(guard: _Guard, *arguments: Any) -> str:
    sock = arguments[0]
    if isinstance(sock, socket.socket) and sock.family == getattr(socket, "AF_UNIX", None):
        return ""
    return f"talks to {arguments[1:] or arguments!r}"


_SITE = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
_FOLDERS = (*map(sysconfig.get_path, ("stdlib", "platstdlib")), sys.prefix, sys.base_prefix, *_SITE)
_TRUSTED = tuple(os.path.realpath(folder) + os.sep for folder in (*_FOLDERS, "/lib", "/usr/lib"))


def _loaded(guard: _Guard, name: Any, *_: Any) -> str:
    """Of shared libraries: Python's own, and the system's, which are named without a folder."""
    if not isinstance(name, str | bytes) or os.sep not in os.fsdecode(name):
        return ""
    real = os.path.realpath(os.fsdecode(name))
    return "" if real.startswith(_TRUSTED) else f"loads {real}"


def _imported(guard: _Guard, module: Any, filename: Any, *_: Any) -> str:
    return _loaded(guard, filename) if filename else ""


def _unmarshalled(guard: _Guard, *_: Any) -> str:
    """Code from bytes, but for Python's own imports."""
    frame = sys._getframe(2)
    name = frame.f_globals.get("__name__", "")
    return "" if name.startswith(("importlib.", "zipimport", "_frozen_importlib")) else f"unpacks code in {name}"


def _unpickled(guard: _Guard, module: str, name: str) -> str:
    """Of functions from pickles, but for NumPy's and for what Dask pickles itself to compare functions."""
    caller = sys._getframe(2).f_globals.get("__name__", "")
    harmless = module.partition(".")[0] in ("numpy", "_codecs", "copyreg") or caller.startswith(
        ("dask.", "distributed.")
    )
    return "" if harmless else f"unpickles {module}.{name}"


JUDGES: dict[str, Judge] = {
    "open": _opened,
    **dict.fromkeys(("os.remove", "os.rmdir", "os.chmod", "os.chown", "os.utime"), _last_is_folder),
    "os.mkdir": _made,
    "os.rename": _moved,
    **dict.fromkeys(("os.link", "os.symlink"), _linked),
    **dict.fromkeys(
        ("os.truncate", "os.lchown", "os.chflags", "os.setxattr", "os.removexattr", "shutil.rmtree"), _first,
    ),
    "subprocess.Popen": _started,
    **dict.fromkeys(
        ("os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "pty.spawn",
         "_winapi.CreateProcess", "webbrowser.open"), _any_process,
    ),
    **dict.fromkeys(("socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.Request"), _connected),
    "ctypes.dlopen": _loaded,
    "import": _imported,
    "marshal.loads": _unmarshalled,
    "pickle.find_class": _unpickled,
}  # fmt: skip

sys.addaudithook(_hook)
