"""Random sessions: whatever is clicked, the parts of a page agree, and what is on screen can be shown and run again.

`make viewer-sessions` plays 200 sessions of 50 steps, with a child process for explorer, atlas and card; the suite a
few short ones without it.
"""

import contextlib
import functools
import os
import shutil
import traceback
from pathlib import Path

import numpy as np
import pytest
from doubles import Silent
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox
from random_hand import Heart, about, choose, click_item, dialogs, press, use, within_reach

from tfstab.gui.app import create_window
from tfstab.gui.content.scripts import python_of
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.jobs import queue, scorer

SESSIONS = int(os.environ.get("TFSTAB_SESSIONS", "2"))
STEPS = int(os.environ.get("TFSTAB_SESSION_STEPS", "8"))
SEED = os.environ.get("TFSTAB_SESSION_SEED")
REPORT = os.environ.get("TFSTAB_SESSION_REPORT")  # a file to which sessions, steps and longest stalls are written
LONG = SESSIONS > 10 or SEED is not None
PATIENCE = 100  # ms before the child is asked about a selected image
RUNS = ("sweep", "search", "jpeg", "occlusion", *(("together",) if LONG else ()))
COMMANDS = (
    "next", "previous", "next-class", "previous-class", "mark", "tag-again", "undo", "redo", "show-all", "all-classes",
    "pick-nothing", "fit", "refresh", "back", "forward", "close", "move", "rectangle", "lasso", "theme-dark",
    "theme-light", "copy-python", "copy-command", "copy-figure", "copy-images",
)  # fmt: skip
NEEDS_CHILD = ("Explorer", "Atlas")
number = st.integers(0, 10**6)


@pytest.fixture
def no_child(monkeypatch):
    """In long sessions the child process is the real one."""
    if not LONG:
        for module in (queue, scorer):
            monkeypatch.setattr(module, "WorkerProcess", Silent)


@pytest.mark.timeout(7200)
def test_random_sessions(qapp, runs, settle, qtbot, monkeypatch):
    if LONG:
        monkeypatch.setattr("tfstab.gui.sessions.failure_card.PATIENCE", PATIENCE)
        for name in ("search", "sweep", "jpeg", "occlusion"):
            shutil.copytree(runs / name, runs / "together" / name, dirs_exist_ok=True)
    for scheme in ("file", "https"):
        QDesktopServices.setUrlHandler(scheme, qapp, "beep")  # no browser
    _, window = create_window([])
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    heart, played, failures = Heart(), [], []

    def told(act):
        """Keep what a failure says: Hypothesis plays it again, and if it does not fail then, tells only of that."""

        @functools.wraps(act)
        def acted(self, *arguments, **settings):
            try:
                return act(self, *arguments, **settings)
            except Exception:
                failures.append(traceback.format_exc())
                raise

        return acted

    class Session(RuleBasedStateMachine):
        """A window with runs, and somebody who clicks.

        Rules without a sense at present return at once. They have no preconditions, which Hypothesis expects to be the
        same whenever it tries the same choices again: the window has a past, in which sessions before took part.
        """

        def __init__(self):
            super().__init__()
            self.window, self.controller = window, window.controller
            self.did = []
            self.do(self.controller.open, [runs / name for name in RUNS])

        @property
        def session(self):
            return self.controller.current

        @property
        def page(self):
            return self.window.page()

        @property
        def sweep(self):
            return self.session is not None and self.session.kind == "sweep"

        @property
        def replayed(self):
            """The noise of the generation to which a search's history has been moved back; None at its end."""
            if self.session.kind != "search" or self.session.result is None:
                return None
            slider, result = self.page.history.replay.slider, self.session.result
            at_end = slider.value() == slider.maximum()
            return None if at_end else self.session.run.course(result).at(slider.value())[1]

        @told
        def do(self, act, *arguments, what=""):
            self.did.append(what or f"{act.__name__} {arguments}")
            heart.begin()
            with qtbot.capture_exceptions() as errors:
                act(*arguments)
                settle(self.window)
            heart.end(what or act.__name__)
            said = [box.text() for box in self.window.findChildren(QMessageBox) if box.isVisible()]
            for dialog in dialogs(self.window):
                dialog.close()
            assert not errors and not said, (errors, said, self.did[-12:])

        @rule(n=number)
        def open_or_select_a_run(self, n):
            self.do(self.controller.open, [runs / RUNS[n % len(RUNS)]])

        @rule(name=st.sampled_from(COMMANDS))
        def choose_a_command(self, name):
            action = self.window.commands[name]
            if action.isEnabled() and not (name == "close" and len(self.controller.sessions) < 2):
                self.do(press, self.window, action, what=f"command {name}")

        @rule(n=number)
        def click_a_tab(self, n):
            bar = self.page.tabs.tabBar()
            title = bar.tabText(n % bar.count())
            if LONG or title not in NEEDS_CHILD:
                self.do(use, bar, n, what=f"tab {title}")

        @rule(which=number, n=number)
        def use_something_in_sight(self, which, n):
            self.use_any(which, n)

        @rule(which=number, n=number)
        def use_something_else_in_sight(self, which, n):
            self.use_any(which, n)

        def use_any(self, which, n):
            bars = () if LONG else (self.page.tabs.tabBar(),)  # the explorer would start a child process
            found = [widget for widget in within_reach(self.window) if widget not in bars]
            widget = found[which % len(found)]
            what = f"{about(widget)} in {self.page.tabs.title()}"
            self.do(use, widget, n, what=what)

        @rule(n=number, name=st.sampled_from(["odd", "blurred"]))
        def tag(self, n, name):
            if self.session.mark_key is not None:
                self.do(self.session.marks.tag, [self.session.mark_key], name)

        @rule()
        def save_what_is_on_screen(self):
            self.do(self.controller.visits.save, "kept")

        @rule()
        def show_what_was_saved(self):
            kept = [view for view in self.controller.visits.saved.views() if view.name == "kept"]
            if kept:
                self.do(self.controller.visits.visit_saved, kept[0])

        @rule(n=number, which=st.sampled_from(["classes", "severities", "predicted"]))
        def choose_in_a_list(self, n, which):
            if not self.sweep:
                return
            self.show("Scatter")
            self.do(choose, getattr(self.page.filters, which), n, what=f"choose in {which}")

        @rule(n=number)
        def select_a_row(self, n):
            if not self.sweep:
                return
            self.show("Misclassifications")
            self.do(click_item, self.page.points_page.table, n, what="select a row")

        @rule(n=number)
        def group(self, n):
            if not self.sweep:
                return
            self.show("Misclassifications")
            self.do(choose, self.page.points_page.groups, n, what="group")

        @rule(n=number)
        def compare(self, n):
            choices = list(self.page.compare.choices.values())
            if choices and choices[n % len(choices)].isEnabled():
                self.do(choices[n % len(choices)].trigger)

        def show(self, title):
            if self.page.tabs.title() != title:
                self.do(self.page.tabs.show_view, title)

        @invariant()
        @told
        def the_parts_of_the_page_agree(self):
            if self.session is None:
                return
            key, triple = self.session.mark_key, self.session.triple
            if self.session.kind != "assessment":
                assert (key is None) == (triple is None), self.did[-12:]
            if key is not None:
                _, clean, degraded = self.session.picture(key)
                assert np.array_equal(triple.clean, clean), self.did[-12:]
                if self.replayed is None:
                    assert np.array_equal(triple.degraded, degraded), self.did[-12:]
                else:
                    assert np.allclose(triple.noise, self.replayed, atol=0.5), self.did[-12:]
                assert self.session.selected_image == key[0]
            assert self.page.triple.triple is triple or not self.page.triple.isVisible()
            if self.sweep:
                self.check_the_list(key)
                self.check_the_plot()

        def check_the_list(self, key):
            session, page = self.session, self.page
            filters, points, rows = page.filters, session.points, session.view.rows
            assert filters.classes.currentData() == session.class_index
            assert filters.severities.currentData() == session.filter.severity_index
            assert filters.predicted.currentData() == session.filter.predicted
            assert points.class_index == session.class_index
            assert page.points_page.correct.isChecked() == session.view.asked.correct_too
            if session.filter.predicted is not None:
                assert (points.predicted[rows] == session.filter.predicted).all()
            if key is not None and session.view.row_of(session.point) is not None and session.view.groups is None:
                assert page.points_page.table.currentIndex().row() == session.view.row_of(session.point), self.did[-12:]

        def check_the_plot(self):
            session, points = self.session, self.session.points
            if session.class_index is None:
                return
            drawn = session.point is not None and session.point in session.shown
            drawn = drawn and np.isfinite(points.psnr[session.point])
            at = (float(points.psnr[session.point]), float(points.score[session.point])) if drawn else None
            assert self.page.scatter.selected == at, (self.page.scatter.selected, at, self.did[-12:])

        def look(self):
            """What is on screen, as values that can be compared."""
            session, listed = self.session, None
            if self.sweep:
                listed = [session.points.key(int(row)) for row in session.view.rows]
            shown = None
            if session.mark_key is not None and session.kind != "assessment":
                shown = session.picture(session.mark_key)[2].tolist()  # the triple has been compared with it
            return self.page.viewpoint(), listed, session.mark_key, shown

        def teardown(self):
            if self.session is not None:
                self.replay()
            self.leave()
            played.append(len(self.did))

        def leave(self):
            for session in list(self.controller.sessions):
                self.controller.close(session)
            settle(self.window)

        @told
        def replay(self):
            before = self.look()
            there = Viewpoint.from_json(before[0].to_json())
            marked = self.session.marks.keys(there.state.get("listed", {}).get("tag", ""))
            script = python_of(there, self.session.run, marked)
            names = {}
            with contextlib.redirect_stdout(None):
                exec(compile(script, "copied", "exec"), names)
            if "points" in names:
                table = names["points"]
                keys = list(zip(table["image"], table["severity_index"], table["copy"], strict=True))
                assert keys == before[1], (there, self.did[-12:])
            if there.view == "Explorer" and "explorer" in there.state:
                explored = self.page.explorer.view.explorer
                qtbot.waitUntil(lambda: np.array_equal(np.rint(explored.degraded), np.rint(names["degraded"])))
            elif "degraded" in names:
                assert names["degraded"].tolist() == before[3], (there, self.did[-12:])
            self.leave()
            self.do(self.controller.visit, there, what="show what was on screen again")
            assert self.look() == before, (self.look()[0], before[0], self.did[-12:])

    limits = settings(
        max_examples=SESSIONS,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=not LONG,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(seed(int(SEED))(Session) if SEED else Session, settings=limits)
        assert len(played) >= SESSIONS
    except Exception as error:
        error.add_note(f"The first failure: {failures[0] if failures else 'none'}")
        raise
    finally:
        if REPORT:
            worst = [f"  {ms:6.1f} ms  {what}" for ms, what in sorted(heart.stalls, reverse=True)[:12]]
            line = f"seed {SEED}: {len(played)} sessions, {sum(played)} actions, {len(heart.stalls)} measured"
            with Path(REPORT).open("a") as file:
                print(line, *worst, sep="\n", file=file)
        window.close()
        window.deleteLater()
