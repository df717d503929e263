"""A process that has loaded what tests need, and forks a child for each test file to run: TensorFlow takes 5 s to load.

Run as `python runner.py FOLDER KIND`; reads what to run as lines of JSON, and answers each with another.
"""

import contextlib
import importlib
import json
import os
import runpy
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

LOADED = {
    "gui": ("PySide6.QtWidgets", "pyqtgraph", "pyarrow.parquet", "pandas", "hypothesis"),  # does without TensorFlow
    "other": (
        "tensorflow", "keras", "pyarrow.parquet", "pandas", "matplotlib.figure", "scipy.stats", "sklearn.metrics",
        "skimage.transform", "skimage.metrics", "pygad", "hypothesis", "typer", "PySide6.QtWidgets",
    ),
}  # fmt: skip
HANGS = "a hang"


class Runner:
    """Runs test files of a copy of the repository. Not to be shared between threads."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._processes = folder, {}

    def run(self, test: str, timeout: float, measured: bool = False) -> dict:
        """The outcome: `failed` is what failed, "" if nothing did; `seconds` of the processor, so that a busy machine
        does not count."""
        kind = "gui" if test.startswith("tests/gui/") else "other"
        if kind not in self._processes:
            command = [sys.executable, __file__, self.folder, kind]
            self._processes[kind] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        process = self._processes[kind]
        print(json.dumps([test, timeout, measured]), file=process.stdin, flush=True)
        if not (answer := process.stdout.readline()):
            raise RuntimeError((self.folder / f"{kind}.txt").read_text("utf-8", "replace"))
        return json.loads(answer)

    def close(self) -> None:
        """End the processes."""
        for process in self._processes.values():
            process.stdin.close()
            process.wait()


def main() -> None:
    """Answer until there is nothing more to read."""
    folder, kind = Path(sys.argv[1]), sys.argv[2]
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", "QT_QPA_PLATFORM": "offscreen"}
    os.environ |= {"MPLBACKEND": "agg", "PYTHONPATH": str(folder / "tests/mutation/overlay")}
    answers = os.fdopen(os.dup(1), "w")
    said = os.open(folder / f"{kind}.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(said, 1)  # what libraries print must not be taken for an answer
    os.dup2(said, 2)
    for name in ("pytest", "_pytest.assertion.rewrite", *LOADED[kind]):
        importlib.import_module(name)
    for line in sys.stdin:
        test, timeout, measured = json.loads(line)
        child = os.fork()
        if not child:
            _run_and_exit(folder, test, measured)
        failed, seconds = _wait(child, time.monotonic() + timeout, folder)
        print(json.dumps({"failed": failed, "seconds": seconds}), file=answers, flush=True)


def _wait(child: int, deadline: float, folder: Path) -> tuple[str, float]:
    ended = 0
    while not ended and time.monotonic() < deadline:
        ended, status, used = os.wait4(child, os.WNOHANG)
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # it leads a group: also what the tests have started and left
    if not ended:
        os.waitpid(child, 0)
        return HANGS, deadline
    return _failure(status, folder), used.ru_utime + used.ru_stime


def _failure(status: int, folder: Path) -> str:
    if status == 0:
        return ""
    lines = (folder / "output.txt").read_text("utf-8", "replace").splitlines()
    told = (line for line in lines if line.startswith(("FAILED", "ERROR", "E  ")))
    return next(told, f"exit code {os.waitstatus_to_exitcode(status)}")


def _run_and_exit(folder: Path, test: str, measured: bool) -> None:
    code = 70
    try:
        os.setsid()
        os.chdir(folder)
        output = os.open("output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream, place in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (output, 2)):
            os.dup2(stream, place)
        temporary = folder.with_name(f"temporary-{folder.name}")  # not within the folder in which tests run
        shutil.rmtree(temporary, ignore_errors=True)
        runpy.run_path("tests/mutation/overlay/sitecustomize.py")
        with _coverage(folder) if measured else contextlib.nullcontext():
            import pytest

            code = pytest.main(["-x", "-p", "no:cacheprovider", f"--basetemp={temporary}", test])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0 if code == 5 else code)  # 5: there was nothing to run


@contextlib.contextmanager
def _coverage(folder: Path):
    """Measure which lines this process and those started by it run; Qt's threads have to be told to be measured."""
    from coverage import Coverage

    settings = folder / "coverage.ini"
    settings.write_text(
        f"[run]\nparallel = true\nsigterm = true\ndata_file = {folder}/reached\n"
        f"include = {folder}/tfstab/*,{folder}/gui/*\ndisable_warnings = no-data-collected,module-not-measured\n"
    )
    os.environ["COVERAGE_PROCESS_START"] = str(settings)
    if "PySide6.QtCore" in sys.modules:
        from PySide6.QtCore import QThreadPool

        start = QThreadPool.start

        def start_traced(pool, work, *rest):
            traced = (lambda: (sys.settrace(threading.gettrace()), work())) if callable(work) else work
            return start(pool, traced, *rest)

        QThreadPool.start = start_traced
    coverage = Coverage(config_file=str(settings))
    coverage.start()
    try:
        yield
    finally:
        coverage.stop()
        coverage.save()


if __name__ == "__main__":
    main()
