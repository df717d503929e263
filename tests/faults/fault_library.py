"""What fails, kills and records file operations: a preloaded library, or patched_os.py where there is no C compiler."""

import contextlib
import ctypes
import enum
import errno
import functools
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("preload.c")
COMPILER = shutil.which("gcc") or shutil.which("cc")
BUILDS = sys.platform == "linux" and COMPILER is not None  # whether the library can be built here
LIBRARY = "TFSTAB_FAULTS"  # the variable that names the library that is preloaded


class Kind(enum.IntEnum):
    """The operations, as preload.c numbers them; FOUND: content that patched_os.py found in a file, no operation."""

    OPEN, WRITE, FSYNC, RENAME, MKDIR, UNLINK, RMDIR, TRUNCATE, FOUND = range(9)


class Action(enum.IntEnum):
    """What preload.c can do to an operation."""

    NOTHING, FAIL_ONCE, FAIL_FROM_HERE_ON, SHORT, KILL = range(5)


@dataclass(frozen=True)
class Fault:
    """Something that happens to an operation. A disk that is full stays full; other errors happen once."""

    name: str
    action: Action
    number: int = 0

    def fits(self, kind: Kind) -> bool:
        if self.action == Action.SHORT:
            return kind == Kind.WRITE
        # Removing needs no space and fails on broken disks only; a kill may come at any time.
        return self.action == Action.KILL or kind in (Kind.OPEN, Kind.WRITE, Kind.FSYNC, Kind.RENAME, Kind.MKDIR)


FAULTS = (
    Fault("ENOSPC", Action.FAIL_FROM_HERE_ON, errno.ENOSPC), Fault("EDQUOT", Action.FAIL_FROM_HERE_ON, errno.EDQUOT),
    Fault("EIO", Action.FAIL_ONCE, errno.EIO), Fault("short", Action.SHORT), Fault("kill", Action.KILL),
)  # fmt: skip


@dataclass(frozen=True)
class Operation:
    """A record of the journal. other: the new name, or whether a file was "made" or "emptied" when it was opened."""

    kind: Kind
    path: Path
    other: str
    offset: int
    content: bytes
    failed: bool  # as where a file was opened that is not there


def build(folder: Path) -> Path:
    """Compile the library into a folder."""
    library = folder / "libtfstabfaults.so"
    assert COMPILER is not None
    command = [COMPILER, "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, SOURCE, "-ldl"]
    subprocess.run(command, check=True)
    return library


def environment(library: Path | None) -> dict[str, str]:
    """The environment of a process in which the library is preloaded, or, for None, functions of os are replaced."""
    # One thread each: a fork has none of the threads that its parent had.
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "KERAS_BACKEND": "tensorflow"}
    tests = str(Path(__file__).parents[1])
    path = os.pathsep.join(filter(None, (tests, os.environ.get("PYTHONPATH"))))
    loaded = {} if library is None else {"LD_PRELOAD": str(library), LIBRARY: str(library)}
    return {**os.environ, **single, **quiet, "PYTHONPATH": path, **loaded}


@functools.cache
def _library() -> Any:
    if LIBRARY not in os.environ:
        from patched_os import PatchedOs

        return PatchedOs()
    library = ctypes.CDLL(os.environ[LIBRARY])
    library.faults_arm.argtypes = (ctypes.c_long, ctypes.c_int, ctypes.c_int)
    return library


@contextlib.contextmanager
def fault_at(folder: Path, operation: int, fault: Fault) -> Iterator[None]:
    """Within it, the operation with this number on paths below the folder meets the fault."""
    _library().faults_watch(os.fsencode(folder))
    _library().faults_arm(operation, int(fault.action), fault.number)
    try:
        yield
    finally:
        _library().faults_watch(b"")


@contextlib.contextmanager
def recorded(folder: Path, journal: Path) -> Iterator[None]:
    """Within it, operations on paths below the folder are written to the journal, which must lie elsewhere."""
    with journal.open("wb") as file:
        _library().faults_watch(os.fsencode(folder))
        _library().faults_record(file.fileno())
        try:
            yield
        finally:
            _library().faults_watch(b"")


def read_journal(journal: Path) -> list[Operation]:
    """What was recorded, in order."""
    head, content, at = struct.Struct("=IIIIQQ"), journal.read_bytes(), 0
    operations = []
    while at < len(content):
        kind, path, other, failed, offset, count = head.unpack_from(content, at)
        at += head.size
        texts = []
        for length in (path, other, count):
            texts.append(content[at : at + length])
            at += length
        operations.append(
            Operation(Kind(kind), Path(os.fsdecode(texts[0])), os.fsdecode(texts[1]), offset, texts[2], bool(failed))
        )
    return operations
