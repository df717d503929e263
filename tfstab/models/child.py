"""Child processes that read files of unknown origin within limits: what parent and child have in common."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tfstab.errors import ModelError, TfstabError

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")


def answer_of_child(module: str, arguments: Sequence[str], seconds: float, path: Path) -> dict[str, Any]:
    """Run a module in a child process and return the JSON object that it prints; {} if it prints none, or crashes.

    Parameters
    ----------
    module : str
        The module's name.
    arguments : sequence of str
        Its arguments.
    seconds : float
        Elapsed time after which it is ended.
    path : Path
        The file that it reads, for the message.

    Raises
    ------
    ModelError
        No process can be started.
    TimeoutExpired
        The child took too long (of `subprocess`).
    """
    # -P prevents modules in the current folder from replacing packages. One thread is enough and takes less memory.
    command = [sys.executable, "-P", "-m", module, *arguments]
    environment = os.environ | dict.fromkeys(THREADS, "1")
    try:
        child = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=seconds,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise ModelError(f"{path} was not loaded: no process could be started to check it ({error}).") from error
    try:
        answer = json.loads(child.stdout)
    except ValueError:  # the child exceeded a limit or crashed
        return {}
    return answer if isinstance(answer, dict) else {}


def tell(work: Callable[[], Any]) -> None:
    """Do a child's work and print {"fine": true}, or tfstab's error: {"error": its text, "kind": its class}."""
    answer: dict[str, Any] = {"fine": True}
    try:
        work()
    except TfstabError as error:
        answer = {"error": str(error), "kind": type(error).__name__}
    sys.stdout.write(json.dumps(answer))


def limit(seconds: int, memory: int) -> None:
    """Limit this process's CPU time, and the memory it may use beyond what it has now, if the system supports it."""
    try:
        import resource
    except ImportError:  # Windows, which has only the parent's deadline and the limits above
        return

    def lower(kind: int, value: int) -> None:
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS defines limits that it cannot set
            resource.setrlimit(kind, (value, value))

    lower(resource.RLIMIT_CPU, seconds)
    lower(resource.RLIMIT_CORE, 0)
    with contextlib.suppress(OSError):  # only Linux tells the memory in use
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        lower(resource.RLIMIT_AS, pages * resource.getpagesize() + memory)
