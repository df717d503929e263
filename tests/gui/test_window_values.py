"""The window on runs of NumPy classifiers: its commands as they are recorded, and how it follows what happens."""

import json
import os
from pathlib import Path

import pytest
from frozen import RECORD, record
from numpy_runs import search_and_sweep
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMenu, QMessageBox, QPushButton, QToolBar, QToolButton

from tfstab.gui import window as windows
from tfstab.gui.app import create_window
from tfstab.gui.commands import TOOLBAR, Offer, all_commands
from tfstab.gui.jobs import queue, scorer
from tfstab.gui.jobs.job import State
from tfstab.gui.jobs.protocol import Finished, Opened, RunOrder
from tfstab.gui.theme import apply_theme
from tfstab.gui.widgets import asking

END_OF_VIEW = ["Te&xt in the toolbar", "Reset lay&out", "F&ull screen"]
RECORDED = Path(__file__).with_name("commands.json")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return search_and_sweep(tmp_path_factory.mktemp("values"))


@pytest.fixture
def quiet(monkeypatch):
    """No child processes."""
    from doubles import Silent

    for module in (queue, scorer):
        monkeypatch.setattr(module, "WorkerProcess", Silent)


@pytest.fixture
def window(quiet, open_window, folder):
    window = open_window(folder / "search", folder / "sweep")
    yield window
    window._closing = True


@pytest.fixture
def empty(quiet, open_window, tmp_path):
    window = open_window()
    window.controller.settings.remember_runs_folder(tmp_path / "made")
    yield window
    window._closing = True


def offered(window):
    """The names of the commands that are enabled, a star after those that are checked."""
    actions = {c.name: window.commands[c.name] for _, c in all_commands()}
    return [name + "*" * action.isChecked() for name, action in actions.items() if action.isEnabled()]


def boxes(window):
    return [box for box in window.findChildren(QMessageBox) if box.isVisible()]


def lines_of(tables):
    """JSON with one line for each entry of each table."""
    written = []
    for title, table in tables.items():
        lines = [f'  "{name}": {json.dumps(value, ensure_ascii=False)}' for name, value in table.items()]
        written.append(f' "{title}": {{\n' + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(written) + "\n}\n"


@pytest.mark.usefixtures("no_pause")
def test_the_commands_are_as_recorded(window, settle, tmp_path):
    controller, found = window.controller, {}
    for menu, command in all_commands():
        action = window.commands[command.name]
        found[command.name] = {
            "menu": menu, "text": action.text(), "keys": [key.toString() for key in action.shortcuts()],
            "tip": action.toolTip(), "icon text": action.iconText(), "icon": not action.icon().isNull(),
            "toolbar": any(command.name in group for group in TOOLBAR),
        }  # fmt: skip
    when = {}
    for session in controller.sessions:
        controller.select(session)
        settle(window)
        tabs = window.page().tabs
        for tab in range(tabs.count()):
            tabs.setCurrentIndex(tab)
            settle(window)
            when[f"{session.kind}: {tabs.tabText(tab)}"] = offered(window)
        session.step(1)
        session.marks.mark([session.mark_key])
        tabs.setCurrentIndex(1)
        settle(window)
        when[f"{session.kind}, an image selected and marked"] = offered(window)
        session.marks.undo_stack.undo()
    for session in list(controller.sessions):
        controller.close(session)
    when["welcome"] = offered(window)
    made = tmp_path / "commands.json"
    made.write_text(lines_of({"commands": found, "offered": when}), "utf-8")
    if RECORD in os.environ:
        record(RECORDED, made.read_text("utf-8"))
    expected = json.loads(RECORDED.read_text("utf-8"))
    assert {"commands": found, "offered": when} == expected, "if the change is meant, `make frozen` records it"


def test_menus_toolbar_and_buttons_are_made_of_the_commands(window):
    menus = {action.menu().title(): action.menu() for action in window.menuBar().actions()}
    assert list(menus) == ["&File", "&Edit", "&View", "&Go", "&Points", "&Job", "&Help"]

    def entries(menu):
        return ["" if a.isSeparator() else a.text() for a in menu.actions()]

    assert entries(menus["&Help"]) == [
        "&Guide", "Gl&ossary", "", "&Find a command…", "&Keyboard and mouse…", "", "&About tfstab…"
    ]  # fmt: skip
    recent = window.recent_menu.title()
    opening = ["&Open run…", "&New run…", recent, "Run the &example", "Open &image…"]
    opening += ["Measure mo&re…", "Make a re&port…", ""]
    assert entries(menus["&File"])[:8] == opening
    assert entries(menus["&View"])[-7:] == ["Runs", "Jobs", "Image", "Toolbar", *END_OF_VIEW]
    (bar,) = window.findChildren(QToolBar, "toolbar")
    lines = [action.isSeparator() for action in bar.actions()]
    lines = lines[:-2]  # without the room before the field that finds a command
    assert lines.count(True) == len(TOOLBAR) - 1 and not lines[0] and not lines[-1]
    listed = window.commands.listed()
    assert ("View", menus["&View"].actions()[-1]) in listed and not any(a.isSeparator() for _, a in listed)
    window.recent_menu.fill()
    assert any(title.startswith("File: ") for title, _ in window.commands.listed())
    note, close = window.commands.button("note"), window.commands.button("close")
    assert isinstance(note, QToolButton) and note.defaultAction() is window.commands["note"]
    assert note.accessibleName() == "Write a note…" and close.accessibleName() == ""
    assert note.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextOnly


def test_an_offer_decides_whether_its_action_is_checked(window):
    actions, done = window.commands, []
    actions.serve({"mark": Offer(lambda: done.append("mark"), True, "&Other"), "note": lambda: done.append("note")})
    mark, note = actions["mark"], actions["note"]
    assert mark.isCheckable() and mark.isChecked() and mark.text() == "&Other" and not note.isCheckable()
    mark.trigger()
    note.trigger()
    actions._do("undo")
    assert done == ["mark", "note"] and mark.isChecked() and not actions["undo"].isEnabled()
    actions.serve({"mark": Offer(lambda: actions.serve({}), False)})
    assert not mark.isChecked() and mark.text() == "&Mark"
    mark.trigger()
    assert not mark.isEnabled() and not mark.isChecked() and not mark.isCheckable()


def test_the_window_says_what_the_controller_says(window, settle):
    controller = window.controller
    first, second = controller.sessions
    assert window.windowTitle() == "search – tfstab viewer" and not window.busy.isVisible()
    controller.said.emit("A line.")
    assert window.statusBar().currentMessage() == "A line."
    controller.busy_changed.emit(True)
    assert window.busy.isVisible()
    controller.busy_changed.emit(False)
    assert not window.busy.isVisible()
    for _ in range(2):
        controller.failed.emit("A sentence.", "details")
    controller.failed.emit("Another.", "")
    assert sorted(box.text() for box in boxes(window)) == ["A sentence.", "Another."]
    for box in boxes(window):
        box.close()
    assert window.facts.label.text() != ""
    page = window.page()
    controller.select(second)
    settle(window)
    assert window.windowTitle() == "sweep – tfstab viewer" and window.page() is not page
    assert window.focusWidget() is window.page().first() and window.stack.currentWidget() is window.page()
    controller.select(first)
    assert window.page() is page, "a page is made once"
    count = window.stack.count()
    controller.close(second)
    assert window.stack.count() == count - 1 and second not in window.pages and window.pages == {first: page}
    controller.close(first)
    assert window.windowTitle() == "tfstab viewer" and window.page() is None and window.welcome.isVisible()
    assert not window.panels.facts.isVisible()


def test_space_blinks_until_it_is_released_or_another_window_is_active(window, qtbot, settle):
    triple = window.page().triple
    other = QDialog(window)
    for end in (
        lambda: qtbot.keyRelease(window, Qt.Key.Key_Space),
        lambda: window.controller.select(window.controller.sessions[1]),
    ):
        qtbot.keyPress(window, Qt.Key.Key_Space)
        assert triple._blink.isActive()
        qtbot.keyPress(window, Qt.Key.Key_A)
        qtbot.keyRelease(window, Qt.Key.Key_A)
        assert triple._blink.isActive()
        end()
        assert not triple._blink.isActive()
    other.deleteLater()


def test_the_window_fills_the_screen_and_back(window):
    command = window.commands["full-screen"]
    assert not window.isFullScreen()
    command.trigger()
    assert window.isFullScreen()
    window._serve()
    assert command.isChecked()
    command.trigger()
    assert not window.isFullScreen()


def test_a_theme_is_used_and_kept(window, qapp):
    try:
        window.commands["theme-dark"].trigger()
        assert window.controller.settings.theme() == "dark" and window.commands["theme-dark"].isChecked()
        assert not window.commands["theme-system"].isChecked()
        assert qapp.palette().color(qapp.palette().ColorRole.Window).lightness() < 128
    finally:
        apply_theme(qapp, "system")


def test_what_is_dropped_is_opened_made_into_a_run_or_said(empty, folder, tmp_path, qtbot, settle):
    (tmp_path / "m.keras").touch()
    (tmp_path / "none").mkdir()
    mime = QMimeData()
    paths = [folder / "sweep", tmp_path / "m.keras"]
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths] + [QUrl("http://here/x.keras")])
    buttons = Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(300, 300), *buttons)
    enter.ignore()
    QApplication.sendEvent(empty, enter)
    event = QDropEvent(QPointF(300, 300), *buttons)
    event.ignore()
    QApplication.sendEvent(empty, event)
    assert enter.isAccepted() and event.isAccepted()
    settle(empty)
    settle(empty)
    (dialog,) = [d for d in empty.findChildren(QDialog) if type(d).__name__ == "NewRunDialog"]
    assert dialog.isVisible() and empty.controller.current.name == "sweep" and not boxes(empty)
    dialog.close()
    assert "x.keras cannot be used: drop a run's folder, a model" in empty.statusBar().currentMessage()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "none"))])
    QApplication.sendEvent(empty, QDragEnterEvent(QPoint(300, 300), *buttons))
    QApplication.sendEvent(empty, QDropEvent(QPointF(300, 300), *buttons))
    qtbot.waitUntil(lambda: bool(boxes(empty)))
    (box,) = boxes(empty)
    assert "holds neither a run nor images" in box.text()
    box.close()


def test_the_welcome_page_opens_makes_and_runs(empty):
    welcome, jobs = empty.welcome, empty.controller.jobs
    welcome.open_asked.emit()
    (dialog,) = [d for d in empty.findChildren(QFileDialog) if d.isVisible()]
    assert dialog.fileMode() == QFileDialog.FileMode.Directory and dialog.directory().path() == str(Path.cwd())
    assert dialog.testOption(QFileDialog.Option.ShowDirsOnly)
    assert dialog.testAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.close()
    welcome.new_asked.emit()
    (dialog,) = [d for d in empty.findChildren(QDialog) if type(d).__name__ == "NewRunDialog" and d.isVisible()]
    ordered = RunOrder(0, "search", "mnist-lenet", "mnist-5k", str(jobs.settings.runs_folder() / "x"))
    dialog.ordered.emit(ordered)
    assert [job.name for job in jobs.jobs] == ["x"] and empty.panels.jobs.isVisible()
    dialog.close()
    empty.panels.jobs.close()
    welcome.example_asked.emit()
    assert [job.order.kind for job in jobs.jobs[1:]] == ["search", "sweep"] and empty.panels.jobs.isVisible()
    assert all(job.out.parent == jobs.settings.runs_folder() for job in jobs.jobs[1:])
    empty.panels.jobs.close()
    jobs.cancel(jobs.jobs[1])
    jobs.remove(jobs.jobs[1])
    assert not empty.panels.jobs.isVisible(), "none was added"


def test_the_welcome_page_lists_the_latest_four_runs(empty, folder, tmp_path, settle):
    settings, page = empty.controller.settings, empty.welcome

    def made_up(path):
        path.mkdir(exist_ok=True)
        (path / "run.json").touch()

    def listed():
        page._update(None)
        QApplication.processEvents()
        return [b for b in page.findChildren(QPushButton) if b.accessibleName().startswith("Open /") and b.isVisible()]

    assert listed() == []
    paths = [folder / "search", *(tmp_path / f"older-{k}" for k in range(4))]
    for count, path in enumerate(reversed(paths), 1):
        made_up(path)
        settings.add_recent(path)
        assert [button.text() for button in listed()] == [str(path) for path in paths[-count:]][:4]
    listed()[0].click()
    settle(empty)
    assert empty.controller.current.run.path == folder / "search"


def test_rows_of_results_select_images_and_follow_the_session(window, settle):
    session = window.controller.sessions[0]
    window.controller.select(session)
    settle(window)
    page = window.page()
    page.tabs.setCurrentWidget(page.results.parentWidget())
    table, told = page.results.table, []
    session.selected.connect(told.append)
    session.select(2)
    row = next(r for r in range(table.model().rowCount()) if page.results.model.rows[r] == 2)
    assert table.currentIndex().row() == row and told == [2], "following tells nothing"
    session.marks.toggle([(int(session.entries[0].image),)])
    assert table.currentIndex().row() == row and told == [2]
    other = (row + 1) % table.model().rowCount()
    table.selectRow(other)
    assert told == [2, int(page.results.model.rows[other])] and session.place == told[-1]
    window.commands["undo"].trigger()
    assert window.commands["redo"].isEnabled() and window.commands["redo"].text() == "&Redo mark 1 image"
    window.commands["redo"].trigger()
    assert len(session.marks) == 1 and window.commands["undo"].text() == "&Undo mark 1 image"
    window.commands["undo"].trigger()


def test_the_commands_of_a_job_follow_it(empty):
    jobs, commands = empty.controller.jobs, empty.commands
    pause, cancel = commands["pause"], commands["cancel"]

    def state():
        return pause.isEnabled(), pause.text(), cancel.isEnabled()

    job = jobs.add(RunOrder(0, "search", "mnist-lenet", "mnist-5k", "/nowhere/x"))
    assert state() == (False, "&Pause", False), "it only starts"
    jobs.process.message.emit(Opened(1, "/nowhere/x"))
    assert state() == (True, "&Pause", True)
    pause.trigger()
    assert job.state is State.PAUSED and state() == (True, "C&ontinue", True)
    pause.trigger()
    assert job.state is State.RUNNING and state() == (True, "&Pause", True)
    pause.trigger()
    cancel.trigger()
    assert job.state is State.STOPPING and state() == (False, "&Pause", False)
    jobs.process.message.emit(Finished(1, False, 0, 0.0))
    jobs.resume(job)
    jobs.process.message.emit(Opened(2, "/nowhere/x"))
    cancel.trigger()
    assert job.state is State.STOPPING


def test_closing_asks_only_where_a_job_would_be_stopped(empty):
    jobs = empty.controller.jobs
    jobs.add(RunOrder(0, "search", "mnist-lenet", "mnist-5k", "/nowhere/x"))
    empty.close()
    (box,) = boxes(empty)
    assert empty.isVisible() and "A search is running (x)" in box.text() and not empty._closing
    empty.close()
    assert boxes(empty) == [box], "it is asked once"
    next(button for button in box.buttons() if "Stop" in button.text()).click()
    assert not empty.isVisible() and not jobs.process.there


def test_what_is_saved_holds_the_window_once(empty):
    background = empty.controller.background
    background._saving = 1
    empty.close()
    assert empty.isVisible() and "close it again to discard" in empty.statusBar().currentMessage()
    background._saving = 0
    background.saved.emit()
    assert not empty.isVisible()


def test_the_last_run_that_is_closed_leaves_the_welcome_page(window, settle):
    sessions = list(window.controller.sessions)
    window.controller.select(sessions[1])
    settle(window)
    assert window.stack.currentWidget() is window.page() and window.windowTitle().startswith("sweep")
    window.controller.close(sessions[1])
    settle(window)
    assert window.stack.currentWidget() is window.page() and window.controller.current is sessions[0]
    window.controller.close(sessions[0])
    assert window.stack.currentWidget() is window.welcome and window.page() is None
    assert window.windowTitle() == windows.TITLE


def test_recent_runs_say_where_the_next_is_looked_for(window, folder):
    dialog = asking.ask_for_run(window, window.controller)
    assert dialog.directory().path() == str(folder)
    dialog.close()


def test_the_panels_and_their_places_are_kept(window, folder):
    panels = window.panels
    assert window.dockWidgetArea(panels.facts) == Qt.DockWidgetArea.RightDockWidgetArea
    assert [window.dockWidgetArea(dock) for dock in panels.all[:2]] == [Qt.DockWidgetArea.LeftDockWidgetArea] * 2
    panels.jobs.toggleViewAction().trigger()
    assert panels.jobs.isVisible() and panels._jobs_wanted
    panels.jobs.toggleViewAction().trigger()
    assert not panels.jobs.isVisible() and not panels._jobs_wanted
    panels.facts.hide()
    for session in list(window.controller.sessions):
        window.controller.close(session)
    window.controller.open([folder / "search"])
    window.resize(1000, 700)
    window.showFullScreen()
    panels.reset()
    assert not window.isFullScreen() and window.size() == panels.first_size()
    window.move(10, 30)
    window.resize(780, 500)
    window.close()
    settings = window.controller.settings
    assert settings.geometry() is not None and settings.layout() is not None
    _, second = create_window([])
    assert (second.width(), second.height()) == (780, 500)
    assert abs(second.x() - 10) <= 5 and abs(second.y() - 30) <= 5, "up to the width of a frame"
    second.close()
    second.deleteLater()


def test_every_action_of_the_window_has_a_menu(window):
    menus = [menu for menu in window.findChildren(QMenu) if menu.title()]
    held = {id(action) for menu in menus for action in menu.actions()}
    assert all(id(window.commands[command.name]) in held for _, command in all_commands())
    assert {id(a) for a in window.actions()} >= {id(window.commands[c.name]) for _, c in all_commands()}
    assert window.acceptDrops() and not window.windowIcon().isNull()
