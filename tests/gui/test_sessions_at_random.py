"""Random sessions: whatever is clicked, the parts of a page agree, and what is on screen can be shown and run again.

The suite plays a few short sessions without a child process. `make viewer-sessions` plays 200 long ones with it, for
explorer, atlas and card (play_sessions.py).
"""

import json
import os
import shutil
from pathlib import Path

import pytest
from doubles import Silent
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from PySide6.QtCore import QSettings
from PySide6.QtGui import QDesktopServices
from random_session import Session
from random_stage import Failed, Stage

from tfstab.gui.app import create_window
from tfstab.gui.jobs import queue, scorer

SEED = os.environ.get("TFSTAB_SESSION_SEED")  # of long sessions
REPORT = os.environ.get("TFSTAB_SESSION_REPORT")  # file to which their counts are written
LONG = SEED is not None
SESSIONS, STEPS = (10, 50) if LONG else (1, 8)
PATIENCE = 100  # ms before the child is asked about a selected image
NAMES = ("search", "sweep", "jpeg", "occlusion")


@pytest.fixture
def no_child(monkeypatch):
    """In long sessions the child process is the real one."""
    if not LONG:
        for module in (queue, scorer):
            monkeypatch.setattr(module, "WorkerProcess", Silent)


@pytest.fixture
def stage(qapp, runs, qtbot, tmp_path, monkeypatch):
    """Runs, among them an assessment in long sessions, and windows of which none knows of the others."""
    if LONG:
        monkeypatch.setattr("tfstab.gui.sessions.failure_card.PATIENCE", PATIENCE)
        for name in NAMES:
            shutil.copytree(runs / name, runs / "together" / name, dirs_exist_ok=True)
    for scheme in ("file", "https"):
        QDesktopServices.setUrlHandler(scheme, qapp, "beep")  # no browser
    made = []

    def new_window():
        home = tmp_path / f"home-{len(made)}"
        monkeypatch.setenv("XDG_DATA_HOME", str(home))
        monkeypatch.setattr("tfstab.gui.sessions.atlas_cache.user_cache_path", lambda *_, **__: home / "cache")
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(home))
        _, window = create_window([])
        made.append(window)
        window.resize(1280, 800)
        window.show()
        qtbot.waitExposed(window)
        return window

    names = (*NAMES, "together") if LONG else NAMES
    return Stage(runs, names, new_window, qtbot.capture_exceptions, child=LONG, patience=300 if LONG else 20)


@pytest.mark.timeout(7200)
def test_random_sessions(stage):
    machine = type("Session", (Session,), {"stage": stage})
    limits = settings(
        max_examples=1 + SESSIONS,  # the first is Hypothesis' simplest, all of whose steps are the same
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=not LONG,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    failure = ""
    try:
        run_state_machine_as_test(seed(int(SEED))(machine) if LONG else machine, settings=limits)
    except Failed as error:
        failure = str(error)
    played = stage.played[1:]
    if REPORT:
        report = {
            "sessions": len(played),
            "actions": sum(actions for actions, _ in played),
            "scripts": sum(scripts for _, scripts in played),
            "stalls": sorted(stage.heart.stalls, reverse=True)[:12],
            "failure": failure,
        }
        Path(REPORT).write_text(json.dumps(report, indent=1))
    assert not failure, failure
    assert len(played) >= SESSIONS
