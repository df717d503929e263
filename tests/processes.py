"""Running the command line: here, where TensorFlow is loaded already, or in processes of its own."""

import contextlib
import functools
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import typer.main
import typer.testing

from tfstab import Classifier
from tfstab.cli import main, sweep
from tfstab.models import bundled_names, load_classifier
from tfstab.orders import loaded, model
from tfstab.sweep import running
from tfstab.sweep.score import in_large_batches

# Typer builds the command line for each command; a process that runs hundreds of them builds it once.
typer.main.get_command = typer.testing._get_command = functools.cache(typer.main.get_command)


@functools.wraps(load_classifier)
def load_bundled_once(name: str, **options: object) -> Classifier:
    """Load the model of a command. Bundled networks are loaded once, as TensorFlow traces every copy again.

    They have small batches: most tests score a few images, and the rest of a batch would be padding.
    """
    plain = name in bundled_names() and all(value in ("none", None, False, ()) for value in options.values())
    return _bundled(name) if plain else load_classifier(name, **options)


@functools.cache
def _bundled(name: str) -> Classifier:
    return load_classifier(name).with_batch_size(64)


model.load_classifier = loaded.load_classifier = load_bundled_once

FEW = 128  # degraded images


@functools.wraps(in_large_batches)
def in_smaller_batches(classifier: Classifier, rows: int | None = None) -> Classifier:
    """Let a sweep score fewer images at once: most sweeps of the tests would leave seven eighths of 1024 empty.

    Batches of both sizes give the same scores to the bit, as a test of `Classifier` says.
    """
    large = in_large_batches(classifier, rows)
    return large if large is classifier else large.with_batch_size(min(FEW, large.batch_size))


running.in_large_batches = sweep.in_large_batches = in_smaller_batches


def tfstab(*arguments: object, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m tfstab` to its end."""
    command = [sys.executable, "-m", "tfstab", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env=os.environ | environment, check=False, timeout=300
    )


def tfstab_here(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The same in this process, seconds faster. An exception that would be a traceback is raised."""
    command = ["tfstab", *map(str, arguments)]
    said, told = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", command),
        contextlib.chdir(cwd or Path.cwd()),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(told),
    ):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    return subprocess.CompletedProcess(command, int(code or 0), said.getvalue(), told.getvalue())


def refused(result: subprocess.CompletedProcess[str]) -> str:
    """The one sentence of a command that ended with exit code 2; fails where there is a traceback or more."""
    assert result.returncode == 2, result.stdout + result.stderr
    lines = [line for line in result.stderr.splitlines() if line.startswith("tfstab: ")]
    assert len(lines) == 1 and "Traceback" not in result.stderr, result.stderr
    return lines[0]


def kill_when_parts(run: Path, parts: int, *arguments: object) -> None:
    """Start `python ARGUMENTS`, which may import modules of this folder; SIGKILL it once the run has so many parts."""
    command = [sys.executable, *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    deadline = time.monotonic() + 200
    while len(list(run.glob("parts/[a-z]*"))) < parts:
        assert process.poll() is None, "the command ended before it could be killed"
        assert time.monotonic() < deadline, "the command wrote no parts"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()


def content(run: Path) -> dict[str, bytes]:
    """Every file of a run but the log of times and the lock."""
    skipped = {"log.jsonl", "run.lock"}
    return {str(p.relative_to(run)): p.read_bytes() for p in run.rglob("*") if p.is_file() and p.name not in skipped}


KILLED = 9  # the exit code by which work in a forked process says that it ended as if killed


def end_in_child(work: Callable[[], object]) -> None:
    """Do work in a forked process, which must end in the middle of it by os._exit(KILLED), as if it were killed."""
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED
