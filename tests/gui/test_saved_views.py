"""Views are saved, opened, renamed, deleted and exchanged as files."""

import json
import shutil

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox

from tfstab.errors import DataError
from tfstab.gui.content.saved_views import read_views
from tfstab.gui.widgets import asking
from tfstab.gui.widgets.views_dialog import ViewsDialog

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def seen(window, kind):
    (dialog,) = [d for d in window.findChildren(kind) if d.isVisible()]
    return dialog


def press(qtbot, dialog, text):
    qtbot.mouseClick(dialog.buttons[text], Qt.MouseButton.LeftButton)


def choose(dialog, path):
    files = seen(dialog, QFileDialog)
    files.fileSelected.emit(str(path))
    files.close()


def test_a_view_is_saved_shared_and_opened_where_its_run_is(open_window, runs, qtbot, settle, tmp_path):
    shutil.copytree(runs / "sweep", tmp_path / "mine")
    window = open_window(tmp_path / "mine")
    session, page = window.controller.current, window.page()
    session.select_class(5)
    session.set_filter(severity_index=2)
    page.tabs.setCurrentWidget(page.points_page.parentWidget())
    settle(window)
    session.select_point(int(session.view.rows[1]))
    there = page.viewpoint()
    qtbot.keyClick(window, Qt.Key.Key_D, CONTROL)
    dialog = seen(window, QInputDialog)
    dialog.setTextValue("worst fives")
    dialog.accept()
    qtbot.keyClick(window, Qt.Key.Key_D, CONTROL | SHIFT)
    dialog = seen(window, ViewsDialog)
    press(qtbot, dialog, "&Rename…")
    name = seen(dialog, QInputDialog)
    name.setTextValue("fives")
    name.accept()
    press(qtbot, dialog, "E&xport…")
    choose(dialog, tmp_path / "shared.views.json")
    press(qtbot, dialog, "&Delete")
    assert dialog.list.count() == 0 and dialog.empty.isVisible() and not dialog.buttons["&Open"].isEnabled()
    # The run is elsewhere for the one who gets the file.
    window.controller.close(session)
    shutil.rmtree(tmp_path / "mine")
    press(qtbot, dialog, "&Import…")
    choose(dialog, tmp_path / "shared.views.json")
    press(qtbot, dialog, "&Open")
    box = seen(window, QMessageBox)
    assert "fives" in box.text() and "open its folder" in box.text()
    box.close()
    window.controller.open([runs / "sweep"])
    settle(window)
    asking.show_views(window, window.controller)
    press(qtbot, seen(window, ViewsDialog), "&Open")
    settle(window)
    again = window.page().viewpoint()
    assert (again.view, again.state) == (there.view, there.state) and again.run == str((runs / "sweep").resolve())
    # The folder in which the view was saved holds another run.
    shutil.copytree(runs / "jpeg", tmp_path / "mine")
    asking.show_views(window, window.controller)
    press(qtbot, seen(window, ViewsDialog), "&Open")
    settle(window)
    box = seen(window, QMessageBox)
    assert box.text().startswith(f"{tmp_path / 'mine'} holds another run than when the view fives was saved")
    box.close()


VIEW = {"name": "a", "fingerprint": "", "run": "/a", "view": "", "state": {}}


@pytest.mark.parametrize(
    "content",
    [
        [], {"format": 1}, {"format": 2, "views": []}, {"format": 1, "views": ["a"]}, {"format": 1, "views": [{}]},
        {"format": 1, "views": [VIEW | {"run": "a"}]}, {"format": 1, "views": [VIEW | {"fingerprint": "../a"}]},
        {"format": 1, "views": [VIEW | {"extra": 1}]},
    ],
    ids=range(8),
)  # fmt: skip
def test_a_file_that_holds_no_views_is_refused(tmp_path, content):
    (tmp_path / "a.json").write_text(json.dumps(content))
    with pytest.raises(DataError, match="holds no saved views"):
        read_views(tmp_path / "a.json")


def test_a_damaged_list_of_views_is_said_and_kept(window, qtbot, tmp_path):
    path = tmp_path / "data" / "tfstab" / "views.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[")
    window.controller.visits.save("mine")
    box = seen(window, QMessageBox)
    assert "views.json" in box.text() and path.read_text() == "["
    box.close()
