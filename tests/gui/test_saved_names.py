"""Saved tables and figures say in their names, columns and captions which severity, class and images they show."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from made_runs import made_sweep
from tfstab import SweepConfig

LABELS = np.array([0, 0, 0, 1, 1, 1, 2, 2])
SEVERITIES = (-40, 40)


@pytest.fixture
def window(open_window, tmp_path, settle):
    """A sweep of two severities, of which one is below 0, with mistakes at each and one when clean."""
    predicted = np.stack([LABELS, LABELS], axis=1)
    predicted[[0, 3], 0], predicted[[1, 4, 6], 1] = 2, 0
    clean = np.where(np.arange(len(LABELS)) == 0, 1, LABELS)
    config = SweepConfig(degradation="brightness", severities=SEVERITIES, copies=1)
    made_sweep(tmp_path / "light", config, predicted[..., None], LABELS, clean, classes=3)
    window = open_window(tmp_path / "light")
    settle(window)
    return window


def choose(qtbot, box, text, window, settle):
    """Choose an entry of a box with the keys."""
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Home)
    for _ in range(box.findText(text)):
        qtbot.keyClick(box, Qt.Key.Key_Down)
    assert box.currentText() == text
    settle(window)


def saved(qtbot, window, folder, settle):
    """Save the table in view under the name that is proposed, and return the name and the rows."""
    window.commands["save-table"].trigger()
    (dialog,) = (each for each in window.findChildren(QFileDialog) if each.isVisible())
    path = folder / Path(dialog.selectedFiles()[0]).name
    dialog.fileSelected.emit(str(path))
    dialog.close()
    settle(window)
    with path.open(newline="") as file:
        return path.name, list(csv.DictReader(file))


def test_tables_of_metrics_name_severity_and_images(window, qtbot, settle, tmp_path):
    window.page().tabs.show_view("Metrics")
    settle(window)
    page, found = window.page().metrics, {}
    for table in ("Classes", "Confusion", "Weakest images"):
        page.tabs.show_view(table)
        for text in ("all severities", "clean", "-40", "40"):
            choose(qtbot, page.severities, text, window, settle)
            name, rows = saved(qtbot, window, tmp_path, settle)
            right = next(title for title in rows[0] if "right when clean" in title)
            found[name] = {(row.get("Shift", row.get("shift")), row[right]) for row in rows}
    qtbot.mouseClick(page.clean_correct, Qt.MouseButton.LeftButton)
    settle(window)
    name, rows = saved(qtbot, window, tmp_path, settle)
    assert name == "light-weakest-images-only-images-right-when-clean.csv"
    assert {row["Only images right when clean"] for row in rows} == {"yes"} and len(rows) == len(LABELS) - 1
    page.tabs.show_view("Classes")
    name, rows = saved(qtbot, window, tmp_path, settle)
    assert name == "light-classes-shift-40-only-images-right-when-clean.csv" and rows[0]["Shift"] == "40"
    words = {"": "all", "-clean": "clean", "-shift-minus-40": "-40", "-shift-40": "40"}
    tables = {f"light-{t}{w}.csv": {(v, "no")} for t in ("classes", "confusion") for w, v in words.items()}
    assert found == tables | {"light-weakest-images.csv": {(None, "no")}}


def test_lists_and_scatter_plots_name_their_filters(window, qtbot, settle, tmp_path):
    page = window.page()
    page.tabs.show_view("Misclassifications")
    settle(window)
    choose(qtbot, page.filters.classes, "all classes", window, settle)
    assert saved(qtbot, window, tmp_path, settle)[0] == "light.csv"
    choose(qtbot, page.filters.classes, "1", window, settle)
    choose(qtbot, page.filters.severities, "-40", window, settle)
    name, rows = saved(qtbot, window, tmp_path, settle)
    assert name == "light-class-1-shift-minus-40.csv" and [row["shift"] for row in rows] == ["-40.0"]
    choose(qtbot, page.filters.severities, "40", window, settle)
    choose(qtbot, page.filters.predicted, "0", window, settle)
    qtbot.mouseClick(page.filters.clean_wrong, Qt.MouseButton.LeftButton)
    page.tabs.show_view("Scatter")
    settle(window)
    figure = page.scatter_page.figure()
    assert figure.name == "light-class-1-shift-40-predicted-0-only-images-right-when-clean"
    assert "; class 1, shift 40, predicted 0, only images right when clean; 1 of " in figure.caption


def test_images_at_severities_that_differ_in_their_sign_have_different_names(window, qtbot, settle):
    names, session = [], window.controller.current
    for place in range(len(SEVERITIES)):
        session.select((0, place, 0))
        settle(window)
        window.commands["save-images"].trigger()
        (dialog,) = (each for each in window.findChildren(QFileDialog) if each.isVisible())
        names.append(Path(dialog.selectedFiles()[0]).name)
        dialog.close()
    assert names == ["image-0-shift-minus-40.png", "image-0-shift-40.png"]
