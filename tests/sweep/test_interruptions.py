"""Killed at any moment, stopped, or out of disk: a sweep resumes to the run that it would have been."""

import multiprocessing
import os
import random
import sys
import time
from pathlib import Path

import numpy as np
import numpy_runs
import pytest

from processes import content, refused, tfstab_here
from tfstab import Dataset, SweepConfig, open_run, run_sweep
from tfstab.errors import DiskError, RunError

CONFIG = SweepConfig(copies=16)
IMAGES = 40  # eight parts


def sweep_again(path: Path) -> None:
    """The whole of a process that is killed, which loads no TensorFlow. Where a new process finds it."""
    numpy_runs.sweep(path, SweepConfig(copies=200), numpy_runs.dataset(60))


@pytest.fixture(scope="module")
def whole(mnist_lenet, digits, tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "run"
    run_sweep(mnist_lenet, digits.take(IMAGES), CONFIG, path)
    return content(path)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_ten_kills_at_random_moments_leave_the_same_run(tmp_path):
    context = multiprocessing.get_context("forkserver")  # imports tfstab once for all ten
    context.set_forkserver_preload(["pytest", "pandas", "scipy.special", "tfstab.search", "tfstab.sweep.running"])
    sweep_again(tmp_path / "whole")
    moments = random.Random(4)
    path, killed = tmp_path / "run", 0
    while killed < 10 and not (path.exists() and open_run(path).complete):
        process = context.Process(target=sweep_again, args=(path,))
        awaited = _lines(path) + moments.randint(1, 2)  # that it was opened, and perhaps a part
        process.start()
        while _lines(path) < awaited and process.is_alive():
            time.sleep(0.002)
        process.join(moments.uniform(0, 0.1))
        process.kill()
        process.join()
        killed += process.exitcode == -9
    assert killed >= 5, "the sweep is too short to be killed"
    assert sum(a.total for a in open_run(path).accuracy_by_severity()) > 0
    sweep_again(path)
    assert content(path) == content(tmp_path / "whole")


def _lines(path: Path) -> int:
    log = path / "log.jsonl"
    return len(log.read_bytes().splitlines()) if log.exists() else 0


def test_a_stopped_sweep_keeps_what_is_finished_and_goes_on(whole, mnist_lenet, digits, tmp_path):
    def stop(progress):
        if progress.done > progress.total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_sweep(mnist_lenet, digits.take(IMAGES), CONFIG, tmp_path, stop)
    stopped = open_run(tmp_path)
    assert 0 < stopped.progress[0] < stopped.progress[1] and not list(tmp_path.glob("parts/.*"))
    finished = len(stopped.samples())
    told = []
    run_sweep(mnist_lenet, digits.take(IMAGES), CONFIG, tmp_path, told.append)
    assert content(tmp_path) == whole
    assert told[0].done == finished and told[-1].done == told[-1].total


def test_a_sweep_that_does_not_fit_on_the_disk_is_refused_before_it_begins(mnist_lenet, digits, tmp_path):
    config = SweepConfig(tuple(range(1, 129)), 32_767)
    many = np.broadcast_to(digits.images[:1], (200_000, 28, 28, 1))  # 13 TB of results
    digits = Dataset.from_arrays("many", "test", many, np.zeros(200_000, int))
    with pytest.raises(RunError, match=r"need about [\d,.]+ GB and .* has [\d,.]+ GB free"):
        run_sweep(mnist_lenet, digits, config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_disk_that_fills_up_is_said_and_costs_a_part_at_most(whole, mnist_lenet, digits, small_disk):
    run, filler = small_disk / "run", small_disk / "filler"

    def fill(progress):
        if progress.done > progress.total / 2 and not filler.exists():
            stat = os.statvfs(small_disk)
            filler.write_bytes(bytes(stat.f_bavail * stat.f_frsize))

    with pytest.raises(DiskError, match=r"the disk is full \(No space left on device\): free some space"):
        run_sweep(mnist_lenet, digits.take(IMAGES), CONFIG, run, fill)
    finished, planned = open_run(run).progress
    assert finished >= planned / 2 - 1
    assert not list(run.glob("parts/.*"))
    sweep = ["sweep", "--limit", IMAGES, "--copies", CONFIG.copies, "--out", run]
    assert "free some space" in refused(tfstab_here(*sweep))  # on the full disk
    filler.unlink()
    assert tfstab_here(*sweep).returncode == 0
    assert content(run) == whole
