"""Random sessions: whatever is clicked, the parts of a page agree, and what is on screen can be shown and run again.

`make viewer-sessions` plays 200 sessions of 50 steps; the suite a few short ones.
"""

import contextlib
import os

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from tfstab.gui.app import create_window
from tfstab.gui.content.scripts import python_of
from tfstab.gui.content.viewpoint import Viewpoint

SESSIONS = int(os.environ.get("TFSTAB_SESSIONS", "3"))
STEPS = int(os.environ.get("TFSTAB_SESSION_STEPS", "8"))
RUNS = ("sweep", "search", "jpeg", "occlusion")
COMMANDS = (
    "next", "previous", "next-class", "previous-class", "mark", "tag-again", "undo", "redo", "show-all", "all-classes",
    "pick-nothing", "fit", "refresh", "back", "forward", "close",
)  # fmt: skip
TABS = ("Scatter", "Misclassifications", "Gallery", "Metrics", "Images", "Results", "Overview")
number = st.integers(0, 10**6)


@pytest.mark.timeout(7200)
def test_random_sessions(qapp, runs, settle, qtbot):
    played = []

    class Hand(RuleBasedStateMachine):
        """A window with runs, and somebody who clicks."""

        def __init__(self):
            super().__init__()
            _, self.window = create_window([str(runs / name) for name in RUNS])
            self.controller = self.window.controller
            self.window.resize(1280, 800)
            self.window.show()
            qtbot.waitExposed(self.window)
            settle(self.window)

        @property
        def session(self):
            return self.controller.current

        @property
        def page(self):
            return self.window.page()

        @property
        def sweep(self):
            return self.session is not None and self.session.kind == "sweep"

        def do(self, act, *arguments):
            with qtbot.capture_exceptions() as errors:
                act(*arguments)
                settle(self.window)
            assert not errors, errors

        @rule(n=number)
        def open_or_select_a_run(self, n):
            self.do(self.controller.open, [runs / RUNS[n % len(RUNS)]])

        @rule(name=st.sampled_from(COMMANDS))
        def choose_a_command(self, name):
            if self.window.commands[name].isEnabled() and not (name == "close" and len(self.controller.sessions) < 2):
                self.do(self.window.commands[name].trigger)

        @precondition(lambda self: self.session is not None)
        @rule(title=st.sampled_from(TABS))
        def click_a_tab(self, title):
            self.do(self.page.tabs.show_view, title)

        @precondition(lambda self: self.session is not None)
        @rule(n=number, name=st.sampled_from(["odd", "blurred"]))
        def tag(self, n, name):
            if self.session.mark_key is not None:
                self.do(self.session.marks.tag, [self.session.mark_key], name)

        @precondition(lambda self: self.sweep)
        @rule(n=number, which=st.sampled_from(["classes", "severities", "predicted"]))
        def choose_in_a_list(self, n, which):
            box = getattr(self.page.filters, which)
            self.do(box.setCurrentIndex, n % box.count())

        @precondition(lambda self: self.sweep)
        @rule(low=st.floats(0, 0.6), high=st.floats(0.4, 1))
        def limit_the_scores(self, low, high):
            self.do(self.page.filters.low.setValue, low)
            self.do(self.page.filters.high.setValue, high)

        @precondition(lambda self: self.sweep)
        @rule(which=st.sampled_from(["correct", "marked", "clean_wrong"]))
        def click_a_box(self, which):
            owner = self.page.filters if which == "clean_wrong" else self.page.points_page
            self.do(getattr(owner, which).click)

        @precondition(lambda self: self.sweep)
        @rule(n=number, order=st.sampled_from(Qt.SortOrder))
        def sort(self, n, order):
            table = self.page.points_page.table
            self.do(table.sortByColumn, n % self.page.points_page.model.columnCount(), order)

        @precondition(lambda self: self.sweep)
        @rule(n=number)
        def group(self, n):
            groups = self.page.points_page.groups
            self.do(groups.setCurrentIndex, n % groups.count())

        @precondition(lambda self: self.session is not None)
        @rule(n=number)
        def select_a_row(self, n):
            table = self.page.points_page.table if self.sweep else self.page.results.table
            if table.model().rowCount():
                self.do(table.selectRow, n % table.model().rowCount())

        @precondition(lambda self: self.sweep and self.session.points is not None)
        @rule(n=number)
        def click_a_point(self, n):
            if len(self.session.shown):
                self.do(self.page.scatter.clicked.emit, int(self.session.shown[n % len(self.session.shown)]))

        @precondition(lambda self: self.sweep)
        @rule(x=st.floats(0, 30), y=st.floats(0, 0.9))
        def draw_a_lasso(self, x, y):
            outline = np.array([[x, y], [x + 20, y], [x + 20, 1.1], [x, 1.1]])
            self.do(self.page.scatter.picked.emit, outline)

        @precondition(lambda self: self.session is not None)
        @rule(n=number)
        def click_a_thumbnail(self, n):
            shown = self.page.gallery.list
            if shown.model().rowCount():
                self.do(shown.setCurrentIndex, shown.model().index(n % shown.model().rowCount(), 0))

        @precondition(lambda self: self.sweep and self.session.measures is not None)
        @rule(a=number, b=number, s=number)
        def click_a_cell_of_the_matrix(self, a, b, s):
            classes, severities = self.session.classes, [None, *range(len(self.session.run.severities))]
            actual, other = classes[a % len(classes)], b % len(self.session.run.class_names)
            self.do(self.page.metrics.rows_asked.emit, actual, other, severities[s % len(severities)])

        @precondition(lambda self: self.session is not None)
        @rule(n=number)
        def compare(self, n):
            choices = list(self.page.compare.choices.values())
            if choices and choices[n % len(choices)].isEnabled():
                self.do(choices[n % len(choices)].trigger)

        @invariant()
        def nothing_failed(self):
            boxes = [box.text() for box in self.window.findChildren(QMessageBox) if box.isVisible()]
            assert not boxes

        @invariant()
        def the_parts_of_the_page_agree(self):
            if self.session is None:
                return
            key, triple = self.session.mark_key, self.session.triple
            assert (key is None) == (triple is None)
            if key is not None:
                _, clean, degraded = self.session.picture(key)
                assert np.array_equal(triple.clean, clean) and np.array_equal(triple.degraded, degraded)
            if self.sweep:
                self.check_the_list(key)

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
                assert page.points_page.table.currentIndex().row() == session.view.row_of(session.point)

        def look(self):
            """What is on screen, as values that can be compared."""
            session, listed = self.session, None
            if self.sweep:
                listed = [session.points.key(int(row)) for row in session.view.rows]
            return self.page.viewpoint(), listed, session.mark_key, session.triple and session.triple.degraded.tolist()

        def teardown(self):
            if self.session is not None:
                self.replay()
            self.window.close()
            self.window.deleteLater()
            played.append(1)

        def replay(self):
            before = self.look()
            there = Viewpoint.from_json(before[0].to_json())
            marked = self.session.marks.keys(there.state.get("listed", {}).get("tag", ""))
            script = python_of(there, self.session.run, marked)
            names = {}
            with contextlib.redirect_stdout(None):
                exec(compile(script, "copied", "exec"), names)
            if "points" in names and "second" not in script and not there.state["listed"].get("group"):
                table = names["points"]
                keys = list(zip(table["image"], table["severity_index"], table["copy"], strict=True))
                assert keys == before[1]
            if "degraded" in names:
                assert names["degraded"].tolist() == before[3]
            for session in list(self.controller.sessions):
                self.controller.close(session)
            self.do(self.controller.visit, there)
            assert self.look() == before

    limits = settings(
        max_examples=SESSIONS,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=SESSIONS < 10,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Hand, settings=limits)
    assert len(played) >= SESSIONS
