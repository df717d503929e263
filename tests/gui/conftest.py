"""A real window, off screen, on real run folders."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import forked_workers
import pytest
from describing import told_of
from doubles import Silent
from filelock import FileLock
from frozen import check
from opened_folders import explained, inverted, made, sweep_page, together  # noqa: F401 - fixtures
from PySide6.QtCore import QSettings
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot
from stories import Story

from tfstab.gui.app import create_window
from tfstab.gui.background import Background
from tfstab.gui.jobs import process, queue, scorer
from tfstab.gui.theme import LIGHT, SYSTEM, apply_theme

SETTLE = 8  # ms; longer than the timers that put off drawing (see `no_frame`) and what is done in spare time
FIRST_LOOKS = 10  # every 2 ms
PATIENCE = 120_000  # ms; how long something is waited for before the test fails, however slow the machine is


class PatientBot(QtBot):
    """Waits longer than the five seconds of pytest-qt, which a busy machine may need; only a failing test does.

    At first it looks more often than every ten milliseconds, as what is waited for has mostly happened before then.
    """

    def waitUntil(self, callback, *, timeout=PATIENCE):
        for _ in range(FIRST_LOOKS):
            with contextlib.suppress(AssertionError):
                if callback() in (None, True):
                    return
            self.wait(2)
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal, *, timeout=PATIENCE, **given):
        return super().waitSignal(signal, timeout=timeout, **given)


@pytest.fixture
def qtbot(qapp, request):
    """The robot of pytest-qt, with more patience."""
    return PatientBot(request)


def shared_folder(tmp_path_factory):
    """The folder that all test processes share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """A folder of runs: search, and sweeps: sweep (grey, with mistakes and an image wrong when clean), jpeg, occlusion
    (half of its images unchanged), rain (which is not known here) and rgb.

    Made once for all test processes, each of which gets a copy; TFSTAB_MADE_RUNS: the folder where they are kept.
    """
    kept = Path(os.environ.get("TFSTAB_MADE_RUNS", shared_folder(tmp_path_factory)))
    shared, folder = kept / "made-runs", tmp_path_factory.mktemp("runs")
    with FileLock(kept / "made-runs.lock"):
        if not shared.exists():
            # In a process of its own: the viewer's must do without TensorFlow.
            making = [Path(__file__).with_name("make_runs.py"), folder]
            forked = forked_workers.command(shared_folder(tmp_path_factory)) if hasattr(os, "fork") else []
            subprocess.run([sys.executable, *forked, *making], check=True, timeout=300)
            shutil.copytree(folder, shared)
        else:
            shutil.copytree(shared, folder, dirs_exist_ok=True)
    return folder


@pytest.fixture(autouse=True)
def settings(tmp_path, monkeypatch):
    """Settings, marks, notes, jobs and maps of the test's own and its child processes, in place of the user's."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    # The card of a selected image would begin while a test looks at something else.
    monkeypatch.setattr("tfstab.gui.sessions.failure_card.PATIENCE", 10**6)
    monkeypatch.setattr("tfstab.gui.sessions.atlas_cache.user_cache_path", lambda *_, **__: tmp_path / "cache")
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))


@pytest.fixture(autouse=True)
def no_frame(monkeypatch):
    """Points are drawn at once when the view has moved, not a frame later: this is waited for a thousand times.

    A file that records how often timers time out has a fixture of this name that does nothing.
    """
    monkeypatch.setattr("tfstab.gui.widgets.sweep.scatter_plot.FRAME", 1)


@pytest.fixture(autouse=True)
def no_child(monkeypatch):
    """A child process that never answers in the place of the real one, whose start takes seconds.

    A file whose tests need the real one has a fixture of this name that does nothing.
    """
    for module in (queue, scorer):
        monkeypatch.setattr(module, "WorkerProcess", Silent)


@pytest.fixture
def forked_child(monkeypatch, tmp_path_factory):
    """Child processes begin with TensorFlow imported, where processes can fork."""
    if hasattr(os, "fork"):
        monkeypatch.setattr(process, "CHILD", forked_workers.command(shared_folder(tmp_path_factory)))


@pytest.fixture
def open_window(qtbot):
    """open_window(*run folders) -> the window, shown, everything read; closed at the end.

    The view after the overview is in sight (scatter plot, or strip of images), and the overview has not been made,
    which takes half of the time; or, if asked for, the overview or the tab titled `view` is in sight. `first` is the
    place of the run in view; the widgets of the other runs have not been made either.
    """
    windows = []

    def open_(*paths, overview=False, first=0, view=None):
        _, window = create_window([str(path) for path in paths])
        windows.append(window)
        window.resize(1280, 800)
        if not overview:
            wait_while_busy(qtbot, window)
            if first:
                window.controller.select(window.controller.sessions[first])
                wait_while_busy(qtbot, window)
            if view:
                assert window.page().tabs.show_view(view)
            elif window.page() is not None:
                window.page().tabs.setCurrentIndex(1)
        window.show()
        qtbot.waitExposed(window)
        wait_until_read(qtbot, window)
        return window

    yield open_
    for window in windows:
        window.close()
        window.deleteLater()


@pytest.fixture
def window_with_jobs(open_window, tmp_path):
    """A window whose runs go below tmp_path; its jobs end with it, without asking."""
    window = open_window()
    window.controller.settings.remember_runs_folder(tmp_path / "made")
    yield window
    window.controller.jobs.shut_down()
    window._closing = True


def wait_until_read(qtbot, window):
    """Wait until nothing is being read any more, and the window has drawn what was read."""
    wait_while_busy(qtbot, window)
    qtbot.wait(SETTLE)
    QApplication.processEvents()


def wait_while_busy(qtbot, window):
    """Wait until nothing is being read any more, and no image is being degraded in an explorer."""
    end = time.monotonic() + PATIENCE / 1000
    while (busy := next((each for each in window.findChildren(Background) if each.busy), None)) is not None:
        assert time.monotonic() < end, "something is still being read"
        # Not waitUntil, which looks only every 10 ms: this is waited for a thousand times. The one of a run that has
        # been closed may be deleted meanwhile, and then sends no signal.
        with qtbot.waitSignal(busy.busy_changed, timeout=1000, raising=False):
            pass


@pytest.fixture
def show(qtbot):
    """show(widget, width, height) -> the widget, shown by itself, in pixels."""

    def show_(widget, width=400, height=300):
        qtbot.addWidget(widget)
        widget.resize(width, height)
        widget.show()
        return widget

    return show_


@pytest.fixture
def mouse_away(qapp):
    """The mouse is in a corner of the screen, as what is under it would be drawn lit."""
    mouse = QCursor.pos()
    QCursor.setPos(790, 790)
    yield
    QCursor.setPos(mouse)


@pytest.fixture
def light(qapp):
    """The light theme, whichever the system's is."""
    apply_theme(qapp, LIGHT)
    yield
    apply_theme(qapp, SYSTEM)


@pytest.fixture
def no_pause(monkeypatch):
    """What a slow machine has in view for a while does not become part of the history."""
    monkeypatch.setattr("tfstab.gui.visits.PAUSE", 10**6)


@pytest.fixture
def settle(qtbot):
    """settle(window) waits until everything asked for is read and drawn."""
    return lambda window: wait_until_read(qtbot, window)


@pytest.fixture
def every_tab(settle):
    """every_tab(window) brings each tab of each run into view, and yields after each."""

    def visited(window):
        for session in window.controller.sessions:
            window.controller.select(session)
            settle(window)
            for tab in range(window.page().tabs.count()):
                window.page().tabs.setCurrentIndex(tab)
                settle(window)
                yield

    return visited


@pytest.fixture
def window(open_window, runs, settle):
    """A search and, in view, the scatter plot of a sweep with a point selected."""
    window = open_window(runs / "search", runs / "sweep", first=1)
    window.page().tabs.show_view("Scatter")
    window.controller.current.select_point(3)
    settle(window)
    return window


@pytest.fixture(scope="session")
def without_places(tmp_path_factory):
    """without_places(lines): the same without the folders of the test and the user."""
    places = {rf"{tmp_path_factory.getbasetemp()}/[^/\s'\"]+": "HERE", re.escape(str(Path.home())): "HOME"}

    def without(lines):
        for place, said in places.items():
            lines = [re.sub(place, said, line) for line in lines]
        return lines

    return without


@pytest.fixture
def story_of(settle, without_places, no_pause, monkeypatch):
    """story_of(window) begins a story in a window; or, with more arguments as of Story, in a dialog."""

    def begin(window, *more):
        story = Story(window, settle, without_places, *more)
        # A tool tip hides by itself some time after it was shown.
        monkeypatch.setattr(QToolTip, "showText", lambda _at, text, *_: story.say(f"tip {text!r}"))
        monkeypatch.setattr(QToolTip, "isVisible", lambda: True)
        monkeypatch.setattr(QToolTip, "hideText", lambda: story.say("no tip"))
        return story

    return begin


@pytest.fixture
def frozen(light, without_places):
    """frozen(name, *parts) compares widgets, sessions and lines with what was recorded under this name."""

    def frozen_(name, *parts):
        lines = [line for part in parts for line in (part if isinstance(part, list) else told_of(part))]
        check(Path(__file__).parent / "frozen" / f"{name}.txt", without_places(lines))

    return frozen_
