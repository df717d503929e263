"""Checks of models' files by forks of a process that has imported what they need, instead of by new processes.

A new Python takes a fifth of a second to import HDF5, and the tests load hundreds of models. What a fork runs is the
same: `main` of the child's module, within the limits that it sets itself. `python -P warm_child.py` is that process.
Tests that start commands in processes of their own, such as those of bombs, check with new processes as users do.
"""

import atexit
import contextlib
import functools
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tfstab.models import child, onnx_file, weights

COMMAND = [sys.executable, "-P", __file__]
_lock = threading.Lock()


@functools.cache
def _forks() -> subprocess.Popen[str]:
    """The process, started when it is first needed; it ends with this one."""
    forks = subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | dict.fromkeys(child.THREADS, "1"),
    )
    atexit.register(_end, forks, os.getpid())
    return forks


def _end(forks: subprocess.Popen[str], owner: int) -> None:
    if os.getpid() == owner:
        forks.stdin.close()
        forks.wait()


@functools.wraps(child.answer_of_child)
def answer_of_fork(module: str, arguments: Sequence[str], seconds: float, path: Path) -> dict[str, Any]:
    """As `answer_of_child`."""
    if sys.executable != COMMAND[0]:  # a test of a process that cannot be started
        return child.answer_of_child(module, arguments, seconds, path)
    with _lock:
        forks = _forks()
        order = {"module": module, "arguments": arguments, "folder": str(Path.cwd()), "seconds": seconds}
        print(json.dumps(order), file=forks.stdin, flush=True)
        ended, printed = json.loads(forks.stdout.readline())
    if not ended:
        raise subprocess.TimeoutExpired(module, seconds)
    with contextlib.suppress(ValueError):
        answer = json.loads(printed)
        return answer if isinstance(answer, dict) else {}
    return {}


def _fork(module: str, arguments: list[str], folder: str, seconds: float) -> tuple[bool, str]:
    """Whether a fork ended in time, and what it printed."""
    work = importlib.import_module(module).main
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        os.dup2(writing, 1)
        os.chdir(folder)
        sys.argv = [module, *arguments]
        with contextlib.suppress(BaseException):
            work()
            sys.stdout.flush()
        os._exit(0)
    os.close(writing)
    printed, until, late = b"", time.monotonic() + seconds, False
    with open(reading, "rb", buffering=0) as pipe:  # noqa: PTH123
        while True:
            late = not select.select([pipe], [], [], max(0, until - time.monotonic()))[0]
            more = b"" if late else pipe.read(1 << 16)
            if not more:
                break
            printed += more
    if late:
        os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return not late, printed.decode("utf-8", "replace")


def main() -> None:
    for line in sys.stdin:
        sys.stdout.write(f"{json.dumps(_fork(**json.loads(line)))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
elif hasattr(os, "fork"):
    weights.answer_of_child = onnx_file.answer_of_child = answer_of_fork
