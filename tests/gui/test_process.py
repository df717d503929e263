"""The viewer as a program: what it imports, how it starts and refuses."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOOK_AT_EVERYTHING = """
import sys, time
from tfstab.gui.app import create_window
app, window = create_window([])
window.show()
app.processEvents()
heavy = {"tensorflow", "keras", "pygad", "sklearn", "matplotlib"}
early = heavy | {"pyqtgraph", "pandas", "scipy", "pyarrow"}
assert not early & set(sys.modules), "the empty window waits for " + str(early & set(sys.modules))
controller = window.controller
controller.open(sys.argv[1:])
def settle():
    limit = time.monotonic() + 200
    while controller.busy and time.monotonic() < limit:
        app.processEvents()
        time.sleep(0.005)
settle()
search, sweep = controller.sessions
search.step(1)
controller.select(sweep)
settle()
sweep.select_point(3)
settle()
assert search.triple is not None and sweep.triple is not None and sweep.accuracy
assert not heavy & set(sys.modules), heavy & set(sys.modules)
window.close()
"""


def python(*arguments, cwd=None, **environment):
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", **environment}
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=env, cwd=cwd, check=False, timeout=280)


def test_tensorflow_never_enters_the_viewer(runs, tmp_path):
    own = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_DATA_HOME"), str(tmp_path))
    result = python("-c", LOOK_AT_EVERYTHING, runs / "search", runs / "sweep", **own)
    assert result.returncode == 0, result.stderr


def test_help_and_unknown_options():
    shown = python("-m", "tfstab.gui", "--help")
    assert shown.returncode == 0 and "RUN" in shown.stdout
    refused = python("-m", "tfstab.gui", "--colour", "blue")
    assert refused.returncode == 2 and "--colour" in refused.stderr and "Traceback" not in refused.stderr


def test_without_a_display_one_sentence(tmp_path):
    if not sys.platform.startswith("linux"):
        return
    result = python("-m", "tfstab.gui", QT_QPA_PLATFORM="", DISPLAY="", WAYLAND_DISPLAY="")
    assert result.returncode == 2 and "display" in result.stderr and len(result.stderr.splitlines()) == 1


def test_a_library_that_qt_lacks_is_named(tmp_path):
    (tmp_path / "PySide6").mkdir()
    lacking = "libEGL.so.1: cannot open shared object file: No such file or directory"
    (tmp_path / "PySide6" / "__init__.py").write_text(f"raise ImportError({lacking!r})")
    result = python("-m", "tfstab.gui", PYTHONPATH=str(tmp_path))
    assert result.returncode == 2 and "Qt needs libEGL.so.1, which" in result.stderr
    assert "tfstab guide install" in result.stderr and "Traceback" not in result.stderr


def test_a_second_copy_cannot_be_imported():
    result = python("-c", "import gui", cwd=ROOT)
    assert result.returncode == 1 and "ImportError" in result.stderr and "tfstab.gui" in result.stderr


def test_a_failing_slot_says_so_and_the_window_goes_on(tmp_path):
    script = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMessageBox
from tfstab.gui.app import create_window
from tfstab.gui.dialogs import install_exception_hook
app, window = create_window([])
install_exception_hook(window)
window.show()
def fail():
    raise KeyError("surprise")
def look():
    boxes = window.findChildren(QMessageBox)
    assert len(boxes) == 1, boxes
    assert "KeyError" in boxes[0].text() and "surprise" in boxes[0].detailedText()
    app.exit(7 if window.isVisible() else 1)
QTimer.singleShot(0, fail)
QTimer.singleShot(50, fail)
QTimer.singleShot(300, look)
QTimer.singleShot(9000, app.quit)
raise SystemExit(app.exec())
"""
    result = python("-c", script, XDG_CONFIG_HOME=str(tmp_path), XDG_DATA_HOME=str(tmp_path))
    assert result.returncode == 7, result.stderr


def test_the_child_takes_no_package_from_the_current_folder(qapp, qtbot, tmp_path, monkeypatch):
    from tfstab.gui.jobs.process import WorkerProcess
    from tfstab.gui.jobs.protocol import Quit

    (tmp_path / "numpy.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    process = WorkerProcess()
    with qtbot.waitSignal(process.ended) as ended:
        process.send(Quit())
    assert "code 0" in ended.args[0], ended.args


def test_a_window_that_closes_leaves_no_child_behind(qapp, tmp_path, monkeypatch):
    import numpy as np

    from tfstab.gui.jobs import scorer as scorers
    from tfstab.gui.jobs.process import WorkerProcess
    from tfstab.gui.jobs.protocol import Quit

    if os.name == "nt":
        return
    child = tmp_path / "child"
    child.write_text("#!/bin/sh\nexec sleep 60\n")
    child.chmod(0o755)
    monkeypatch.setattr("tfstab.gui.jobs.process.python", lambda: str(child))
    process, started = WorkerProcess(), []
    for let_go in (process.quit, process.kill, lambda: process.kill(wait=True)):
        process.send(Quit())
        started.append(process.pid)
        let_go()
    monkeypatch.setattr(scorers, "WorkerProcess", WorkerProcess)
    scorer = scorers.Scorer()
    scorer.score({"name": "mnist-lenet", "fingerprint": "f"}, np.zeros((1, 28, 28, 1)), print)
    started.append(scorer.process.pid)
    scorer.shut_down()
    for pid in started:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
