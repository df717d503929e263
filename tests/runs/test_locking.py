"""What is checked before the work: that no other process works in a folder, and that it can be written."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from numpy_runs import classifier, dataset
from typer.testing import CliRunner

from tfstab import assess, run_search, run_sweep
from tfstab.cli.app import app
from tfstab.errors import DiskError, RunError
from tfstab.explanation import run_explanation
from tfstab.report import harden_folder
from tfstab.report.assess_folder import LOCK
from tfstab.runs.files import RUN_LOCK
from tfstab.runs.locking import check_unlocked, locked

HOLD = """
import sys, time
from pathlib import Path
from tfstab.runs.locking import locked
with locked(Path(sys.argv[1]), "l", "working"):
    print("held", flush=True)
    time.sleep(60)
"""


class UsedError(Exception):
    """The model has been used."""


@pytest.fixture
def unused():
    """A classifier that must not be used."""

    def scores(images):
        raise UsedError

    model = classifier()
    model.scores = model.log_scores = scores
    return model


def test_a_lock_ends_with_its_process_and_an_unused_folder_is_removed(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE)
    child.stdout.readline()
    said = f"^another process is working in {tmp_path}: wait until it ends, or choose another folder.$"
    with pytest.raises(RunError, match=said), locked(tmp_path, "l", "working"):
        pass
    with pytest.raises(RunError, match=said):
        check_unlocked(tmp_path, "l", "working")
    child.kill()
    child.communicate()
    check_unlocked(tmp_path, "l", "working")
    with locked(tmp_path, "l", "working"), locked(tmp_path / "new", "l", "working"):
        pass
    with locked(tmp_path / "used", "l", "working"):
        (tmp_path / "used" / "file").touch()
    assert tmp_path.exists() and not (tmp_path / "new").exists() and (tmp_path / "used").exists()


def test_what_another_process_works_on_is_refused_before_anything_is_scored(unused, tmp_path):
    images = dataset()
    held = []  # a lock is released when its object is gone
    for folder, lock in (("assessment", LOCK), ("run", RUN_LOCK), ("hardened", harden_folder.LOCK)):
        (tmp_path / folder).mkdir()
        held.append(FileLock(tmp_path / folder / lock))
        held[-1].acquire()
    with pytest.raises(RunError, match=r"^another process is assessing in .*assessment: wait until it ends"):
        assess(unused, images, out=tmp_path / "assessment")
    with pytest.raises(RunError, match=r"^another process is hardening in .*hardened: wait until it ends"):
        harden_folder.check_folder(tmp_path / "hardened")
    for make in (run_sweep, run_search, run_explanation):
        with pytest.raises(RunError, match="run is being written by another process: wait for it"):
            make(unused, images, out=tmp_path / "run")


@pytest.fixture
def sealed(tmp_path):
    """A folder in which nothing can be written; root can write wherever the disk is not mounted read-only."""
    folder = tmp_path / "sealed"
    folder.mkdir(0o500)
    found = next((path for path in (folder, Path("/sys"), Path("/proc/sys")) if not os.access(path, os.W_OK)), None)
    if found is None:
        pytest.skip("root can write everywhere here")
    return found


def test_a_folder_that_cannot_be_written_is_refused_before_the_model_is_loaded(sealed, unused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for make in (assess, run_sweep, run_search, run_explanation):
        with pytest.raises(DiskError, match=f"^{sealed}/new cannot be (read or )?written"):
            make(unused, dataset(), out=sealed / "new")
    Path("broken.keras").write_text("no model")
    np.savez("few.npz", images=dataset().images, labels=dataset().labels)
    for name, *options in (
        ("evaluate",), ("sweep",), ("search",), ("harden", "--train", "few.npz"),
    ):  # fmt: skip
        said = CliRunner().invoke(app, [name, "broken.keras", "few.npz", *options, "--out", f"{sealed}/new"])
        assert said.exit_code != 0 and f"{sealed}/new" in str(said.exception), name
    for command in (
        ("train", "--model", "mnist-lenet", "--data", "no.npz"), ("compare", "no", "no"),
        ("report", "no"), ("reproduce", "paper"),
    ):  # fmt: skip
        said = CliRunner().invoke(app, [*command, "--out", f"{sealed}/new"])
        assert said.exit_code != 0 and f"{sealed}/new" in str(said.exception), command
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.keras", "few.npz", "sealed"]
