"""What is on screen, copied as a Python script or as a command, gives the same numbers when it is run."""

import json
import shlex

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from typer.testing import CliRunner

from tfstab.cli.app import app
from tfstab.gui.content.viewpoint import Viewpoint

CONTROL_ALT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def copied(window, qtbot, key):
    """What the window copies when this key is pressed."""
    QApplication.clipboard().clear()
    qtbot.keyClick(window, key, CONTROL_ALT)
    return QApplication.clipboard().text()


def run_script(text):
    names = {}
    exec(compile(text, "copied", "exec"), names)
    return names


LISTS = [
    {"class": 3},
    {"class": None, "filter": {"clean_wrong": False}, "listed": {"sort": ["score", True]}},
    {"class": 1, "filter": {"severity_index": 2, "low": 0.3}, "listed": {"correct_too": True, "sort": ["psnr", False]}},
    {"class": 1, "filter": {"high": 0.9}, "listed": {"picked": [[0, 0], [12, 0], [12, 0.8], [0, 0.9]], "sort": None}},
    {"class": 2, "filter": {}, "listed": {"marked_only": True, "sort": ["image", True]}},
    {"class": 2, "filter": {}, "listed": {"tag": "odd"}},
]


def test_a_script_lists_the_same_rows(window, qtbot, settle):
    session, run = window.controller.current, str(window.controller.current.path.resolve())
    session.select_class(2)
    settle(window)
    session.marks.mark([session.points.key(k) for k in (3, 20, 40)])
    session.marks.tag([session.points.key(k) for k in (20, 41)], "odd")
    for state in LISTS:
        window.controller.visit(Viewpoint(run, "Misclassifications", state))
        settle(window)
        points, rows = session.points.take(session.view.rows), len(session.view.rows)
        found = run_script(copied(window, qtbot, Qt.Key.Key_P))["points"]
        keys = list(zip(found["image"], found["severity_index"], found["copy"], strict=True))
        assert rows > 1 and [points.key(k) for k in range(rows)] == keys, state
        assert np.array_equal(points.score, found["score"])


def test_a_script_has_the_selected_image_and_the_metrics_in_view(window, qtbot, settle):
    session, page = window.controller.current, window.page()
    names = run_script(copied(window, qtbot, Qt.Key.Key_P))
    assert np.array_equal(names["degraded"], session.triple.degraded)
    page.tabs.show_view("Metrics")
    page.metrics.severities.setCurrentIndex(2)
    page.metrics.clean_correct.click()
    page.metrics.tabs.setCurrentIndex(1)
    settle(window)
    names = run_script(copied(window, qtbot, Qt.Key.Key_P))
    assert np.array_equal(names["metrics"].counts, page.metrics.confusion.shown[0].counts)
    for right in (True, False):
        page.metrics.clean_correct.setChecked(right)
        page.metrics.severities.setCurrentIndex(page.metrics.severities.findText("clean"))
        settle(window)
        clean = run_script(copied(window, qtbot, Qt.Key.Key_P))["metrics"]
        assert np.array_equal(clean.counts, page.metrics.confusion.shown[0].counts)
    window.controller.select(window.controller.sessions[0])
    settle(window)
    result = window.controller.current.result
    names = run_script(copied(window, qtbot, Qt.Key.Key_P))
    assert names["result"].l2 == result.l2 and len(names["results"]) == len(window.controller.current.entries)


def test_a_command_prints_the_numbers_of_the_selected_image(window, qtbot, settle):
    session = window.controller.current
    words = shlex.split(copied(window, qtbot, Qt.Key.Key_M))
    assert words[:2] == ["tfstab", "inspect"]
    printed = CliRunner().invoke(app, [*words[1:], "--json"])
    assert f"Image {session.mark_key[0]}" in json.loads(printed.stdout), printed.output
    window.page().tabs.show_view("Metrics")
    assert shlex.split(copied(window, qtbot, Qt.Key.Key_M)) == words[:3]
