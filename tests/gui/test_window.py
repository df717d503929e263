"""The window as a whole: opening, closing, remembering, saying what is wrong."""

import json
import shutil

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton, QTextBrowser, QWidget

from tfstab import open_run
from tfstab.gui.app import create_window
from tfstab.gui.widgets.run_list import DETAILS
from tfstab.gui.widgets.search.search_page import SearchPage
from tfstab.gui.widgets.sweep.sweep_page import SweepPage


def texts(run_list):
    return [f"{item.text()}\n{item.data(DETAILS)}" for item in run_list.runs()]


def errors(window):
    return [box for box in window.findChildren(QMessageBox) if box.isVisible()]


def median_noise(folder):
    """What the list of runs says of a search; how much noise is found depends on the machine's arithmetic."""
    results = [result for result in open_run(folder) if result.l2 != 0]  # an image that is wrong when clean has 0
    sizes = [result.l2 if result.found else np.inf for result in results]
    return f"search · median L2 {np.median(sizes):.0f}"


def press(qtbot, widget, key, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(widget, key, modifier)


def test_runs_of_the_command_line_are_open(open_window, runs):
    window = open_window(runs / "search", runs / "sweep")
    listed = [f"search\n{median_noise(runs / 'search')}", "sweep\nsweep · 73 % over all noise"]
    assert texts(window.run_list) == listed
    assert isinstance(window.page(), SearchPage) and window.page().isVisible()
    assert window.windowTitle().startswith("search")


def test_clicking_a_run_shows_it(open_window, runs, qtbot, settle):
    window = open_window(runs / "search", runs / "sweep")
    rows = window.run_list.list
    shown = rows.visualItemRect(window.run_list.runs()[1]).center()
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=shown)
    settle(window)
    assert isinstance(window.page(), SweepPage) and window.page().isVisible()


def test_runs_are_grouped_by_network_and_data_and_found_by_words(open_window, runs, qtbot, settle):
    window = open_window(*(runs / name for name in ("search", "sweep", "rgb", "jpeg")))
    rows, filtering = window.run_list.list, window.run_list.filter
    whole = [rows.item(row).text() for row in range(rows.count())]
    headings = [text for text in whole if " on " in text]
    assert len(headings) == len(set(headings)) > 0 and not rows.item(0).flags()
    assert sorted(set(whole) - set(headings)) == ["jpeg", "rgb", "search", "sweep"]
    current = window.controller.current
    current.headline = "65.6 % over all noise"
    current.changed.emit()
    assert texts(window.run_list)[0] == "search\nsearch · 65.6 % over all noise"
    qtbot.keyClicks(filtering, "65.6 over")
    assert [item.text() for item in window.run_list.runs()] == ["search"] and window.controller.current is current
    filtering.clear()
    qtbot.keyClicks(filtering, "nowhere")
    assert window.run_list.runs() == [] and "No open run" in rows.item(0).text()
    qtbot.keyClick(filtering, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(filtering, Qt.Key.Key_Backspace)
    rows.setFocus()
    seen = {window.controller.current.name}
    for key in (*[Qt.Key.Key_Up] * 4, *[Qt.Key.Key_Down] * 4):  # past the headings
        qtbot.keyClick(rows, key)
        seen.add(window.controller.current.name)
    assert seen == {"jpeg", "rgb", "search", "sweep"}
    settle(window)


def test_the_same_run_is_open_once(open_window, runs, settle):
    window = open_window(runs / "search")
    window.controller.open([runs / "sweep" / ".." / "search"])
    settle(window)
    assert len(window.controller.sessions) == 1


@pytest.mark.parametrize("kind", ["missing", "empty", "damaged", "unknown"])
def test_a_bad_path_is_said_and_the_window_stays_usable(open_window, runs, qtbot, settle, tmp_path, kind):
    bad = tmp_path / "bad"
    if kind != "missing":
        bad.mkdir()
    if kind == "damaged":
        (bad / "run.json").write_text("{")
    if kind == "unknown":
        shutil.copytree(runs / "search", bad, dirs_exist_ok=True)
        (bad / "run.json").write_text((bad / "run.json").read_text().replace('"kind": "search"', '"kind": "dance"'))
    window = open_window(bad)
    (box,) = errors(window)
    assert str(bad) in box.text() and "Traceback" not in box.text() and not box.detailedText()
    qtbot.mouseClick(box.findChildren(QPushButton)[0], Qt.MouseButton.LeftButton)
    assert not errors(window) and window.welcome.open_button.isVisible()
    window.controller.open([runs / "search"])
    settle(window)
    assert isinstance(window.page(), SearchPage)


def test_a_good_path_opens_beside_a_bad_one(open_window, runs, tmp_path):
    window = open_window(tmp_path / "nothing", runs / "sweep")
    assert len(errors(window)) == 1 and isinstance(window.page(), SweepPage)


def test_an_application_that_is_there_is_used(qtbot, qapp):
    app, window = create_window()
    qtbot.addWidget(window)
    assert app is qapp is QApplication.instance()


def drop(window, *paths):
    """What the system sends for a drag on the window; whether it was taken."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPoint(300, 300), *buttons)
    enter.ignore()
    QApplication.sendEvent(window, enter)
    if enter.isAccepted():
        QApplication.sendEvent(window, QDropEvent(QPointF(300, 300), *buttons))
    return enter.isAccepted()


def test_a_dropped_folder_is_opened(open_window, runs, settle):
    window = open_window()
    assert drop(window, runs / "sweep")
    settle(window)
    assert isinstance(window.page(), SweepPage)


def test_a_dropped_file_is_not_taken(open_window, runs):
    window = open_window()
    assert not drop(window, runs / "sweep" / "run.json")


def test_open_run_asks_for_a_folder(open_window, runs, qtbot, settle):
    window = open_window()
    qtbot.mouseClick(window.welcome.open_button, Qt.MouseButton.LeftButton)
    dialog = window.findChild(QWidget, "QFileDialog")
    assert dialog is not None and dialog.isVisible()
    dialog.setDirectory(str(runs))
    dialog.selectFile(str(runs / "search"))
    dialog.accept()
    settle(window)
    assert isinstance(window.page(), SearchPage)


def test_recent_runs_are_offered_again(open_window, runs, qtbot, settle):
    open_window(runs / "search", runs / "sweep").close()
    window = open_window()
    assert [button.text() for button in window.welcome.findChildren(QPushButton)][4:] == [
        str(runs / "sweep"), str(runs / "search"),
    ]  # fmt: skip
    window.recent_menu.aboutToShow.emit()
    assert window.recent_menu.actions()[0].text() == str(runs / "sweep")
    button = next(b for b in window.welcome.findChildren(QPushButton) if b.text() == str(runs / "search"))
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    settle(window)
    assert isinstance(window.page(), SearchPage)


def test_closing_runs_leads_back_to_the_welcome_page(open_window, runs, qtbot):
    window = open_window(runs / "search", runs / "sweep")
    press(qtbot, window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert isinstance(window.page(), SweepPage) and len(window.run_list.runs()) == 1
    press(qtbot, window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert window.welcome.isVisible() and not window.panels.runs.isVisible()
    assert not window.commands["close"].isEnabled()


def test_a_run_still_growing_says_how_far_it_is(open_window, runs, qtbot, settle, tmp_path):
    growing = tmp_path / "growing"
    shutil.copytree(runs / "search", growing)
    parts = sorted((growing / "parts").iterdir())
    kept = [part.rename(tmp_path / part.name) for part in parts[1:3]]
    window = open_window(growing)
    page = window.page()
    assert page.strip.model().rowCount() == 2 and page.header.bar.isVisible()
    assert page.header.state.text() == "2 of 4 images"
    for part in kept:
        part.rename(growing / "parts" / part.name)
    press(qtbot, window, Qt.Key.Key_F5)
    settle(window)
    assert page.strip.model().rowCount() == 4 and page.header.state.text() == "4 of 4 images"
    assert not page.header.bar.isVisible() and texts(window.run_list) == [f"growing\n{median_noise(growing)}"]
    images = [entry.image for entry in window.controller.current.entries]
    assert images == [int(i) for i in open_run(growing).images]


def test_a_damaged_result_is_said_and_the_others_are_shown(open_window, runs, tmp_path):
    damaged = tmp_path / "damaged"
    shutil.copytree(runs / "search", damaged)
    next((damaged / "parts").iterdir()).write_bytes(b"no archive")
    window = open_window(damaged)
    assert window.page().strip.model().rowCount() == 3
    assert "is damaged" in errors(window)[0].text()


def test_a_damaged_class_is_said_and_the_others_are_shown(open_window, runs, settle, tmp_path):
    damaged = tmp_path / "damaged"
    shutil.copytree(runs / "sweep", damaged)
    first = next(name for name in open_run(damaged).parts if name.startswith("block-0000000"))  # of the lower classes
    next((damaged / "parts").glob(f"{first}-*")).write_bytes(b"no table")
    window = open_window(damaged)
    page, session = window.page(), window.controller.current
    assert len(errors(window)) == 1 and "is damaged" in errors(window)[0].text()
    assert page.filters.count.text() == "cannot be read"
    session.select_class(session.classes[-1])
    settle(window)
    assert page.filters.count.text().endswith("shown") and len(session.points) > 0


def test_the_layout_is_remembered(open_window, runs):
    window = open_window(runs / "search")
    window.panels.facts.toggleViewAction().trigger()
    window.resize(1100, 700)
    window.close()
    again = open_window(runs / "sweep")
    assert not again.panels.facts.isVisible() and again.panels.runs.isVisible()


def test_the_jobs_panel_stays_closed(open_window, runs, settle):
    window = open_window(runs / "search", runs / "sweep")
    panels = window.panels
    panels.want_jobs(True)
    assert panels.jobs.isVisible() and panels.jobs.close()
    while window.controller.current is not None:
        window.controller.close(window.controller.current)
    assert not panels.jobs.isVisible()
    window.controller.jobs.jobs_changed.emit()  # one was removed
    assert not panels.jobs.isVisible()


def test_help_names_the_keys(open_window, runs, qtbot):
    window = open_window(runs / "search")
    press(qtbot, window, "?")
    shown = window.findChild(QTextBrowser).toPlainText()
    for key in ("Ctrl+O", "F5", "Left", "Right", "Hold Space"):
        assert key in shown


def test_controls_have_accessible_names(open_window, runs, settle):
    window = open_window(runs / "search", runs / "rgb", overview=True)
    from PySide6.QtWidgets import QAbstractItemView, QComboBox, QProgressBar

    window.page().tabs.show_view("Images")
    window.controller.select(window.controller.sessions[1])
    settle(window)
    controls = [
        w
        for kind in (QComboBox, QProgressBar, QAbstractItemView)
        for w in window.findChildren(kind)
        if not isinstance(w.parent().parent() if w.parent() else None, QComboBox)
    ]
    assert len(controls) >= 7
    assert [(w, w.parent()) for w in controls if not w.accessibleName()] == []


def test_runs_of_one_network_with_other_inputs_can_be_told_apart(open_window, runs, tmp_path):
    for name in ("first", "corrected"):
        shutil.copytree(runs / "sweep", tmp_path / name)
    info = json.loads((tmp_path / "corrected" / "run.json").read_text())
    info["model"]["preprocess"] = "unit"
    (tmp_path / "corrected" / "run.json").write_text(json.dumps(info))
    window = open_window(tmp_path / "first", tmp_path / "corrected")
    listed = {item.text(): item for item in window.run_list.runs()}
    assert listed["first"].data(DETAILS).startswith("sweep · inputs 0..255 · ")
    assert listed["corrected"].data(DETAILS).startswith("sweep · inputs 0..1 · ")
    window.controller.select(window.controller.sessions[1])
    assert ", inputs 0..1, " in window.page().header.text.text()
    window.controller.close(window.controller.sessions[1])
    (item,) = window.run_list.runs()
    assert "inputs" not in item.data(DETAILS) and "inputs" not in window.page().header.text.text()
