"""Views are saved, opened, renamed, deleted and exchanged as files."""

import json
import shutil
from dataclasses import replace

import numpy as np
import numpy_runs
import pytest
from assessment_runs import first_of, sweep_of
from child_answers import answer_asked
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox

from made_runs import made_explanation
from tfstab import SweepConfig
from tfstab.errors import DataError, DiskError
from tfstab.gui.content.saved_views import read_views, write_views
from tfstab.gui.widgets import asking
from tfstab.gui.widgets.views_dialog import ViewsDialog

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def seen(window, kind):
    (dialog,) = [d for d in window.findChildren(kind) if d.isVisible()]
    return dialog


def press(qtbot, dialog, text):
    qtbot.mouseClick(dialog.buttons[text], Qt.MouseButton.LeftButton)


def open_saved(qtbot, window):
    """Open the first saved view from the list."""
    asking.show_views(window, window.controller)
    press(qtbot, seen(window, ViewsDialog), "&Open")


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
    open_saved(qtbot, window)
    settle(window)
    again = window.page().viewpoint()
    assert (again.view, again.state) == (there.view, there.state) and again.run == str((runs / "sweep").resolve())
    # The folder in which the view was saved holds another run.
    shutil.copytree(runs / "jpeg", tmp_path / "mine")
    open_saved(qtbot, window)
    settle(window)
    box = seen(window, QMessageBox)
    assert box.text().startswith(f"{tmp_path / 'mine'} holds another run than when the view fives was saved")
    box.close()


def test_a_view_of_an_assessment_opens_after_more_was_measured_and_explained(open_window, qtbot, settle, tmp_path):
    """A sweep of more images has become the largest run, and an explanation is beside it."""
    sweep_of(tmp_path / "assessed", "fog", first_of((0.5,), 12), severities=(20,), name="net")
    (tmp_path / "assessed" / "assessment.json").write_text("{}")
    window = open_window(tmp_path / "assessed", view="Robustness")
    settle(window)
    there = window.page().viewpoint()
    window.controller.visits.save("worst")
    sweep_of(tmp_path / "assessed", "jpeg", first_of((0.5,), 30), severities=(20,), name="net")
    made_explanation(tmp_path / "assessed" / "explanation", np.linspace(0.02, 0.1, 8), name="net")
    again = open_window(tmp_path / "assessed", overview=True)
    open_saved(qtbot, again)
    settle(again)
    assert not [box for box in again.findChildren(QMessageBox) if box.isVisible()]
    assert again.page().viewpoint().view == there.view == "Robustness"
    shutil.rmtree(tmp_path / "assessed")
    sweep_of(tmp_path / "assessed", "fog", first_of((0.5,), 12), severities=(20,), name="another")
    (tmp_path / "assessed" / "assessment.json").write_text("{}")
    window = open_window(tmp_path / "assessed", overview=True)
    open_saved(qtbot, window)
    settle(window)
    assert "holds another run than when the view worst was saved" in seen(window, QMessageBox).text()


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


def test_a_picture_of_ones_own_is_in_view_again_after_a_restart(open_window, qtbot, settle, tmp_path):
    run = numpy_runs.sweep(tmp_path / "run", SweepConfig(degradation="jpeg", severities=(80,), copies=1))
    path = tmp_path / "dark.png"
    Image.fromarray(np.full((4, 4), 60, np.uint8)).save(path)

    info = json.loads((run.path / "run.json").read_text())
    info["model"]["name"], info["environment"]["device"] = "mnist-lenet", "CPU"  # it is known
    (run.path / "run.json").write_text(json.dumps(info))

    def answered(window, view):
        answer_asked(window.controller.scorer.process)
        return view.explorer.followed

    def visit(window):
        qtbot.keyClick(window, Qt.Key.Key_D, CONTROL | SHIFT)
        press(qtbot, seen(window, ViewsDialog), "&Open")

    def by_hand(window, view):
        window.commands["open-image"].trigger()
        choose(view, path)
        qtbot.waitUntil(lambda: answered(window, view) and view.explorer.state.own is not None)

    window = open_window(run.path, view="Explorer")
    view = window.page().explorer.view
    why = "Only images of the run can be marked"
    assert why not in window.commands["mark"].toolTip()
    by_hand(window, view)
    for _ in range(2):
        qtbot.keyClick(view.own.true_class, Qt.Key.Key_Down)
    for name in ("mark", "tag", "note"):
        assert why in window.commands[name].toolTip() and not window.commands[name].isEnabled()
    view.next.click()
    assert view.explorer.state.own is None and why not in window.commands["mark"].toolTip()
    by_hand(window, view)
    assert view.own.true_class.currentText() == "dog [1]", "as the user has said before"
    view.explorer.add("brightness")
    view.explorer.set_severity(0, 30)
    qtbot.waitUntil(lambda: answered(window, view))
    window.controller.visits.save("dark dog")
    there = window.page().viewpoint()
    window.close()

    window = open_window()
    said = window.statusBar().currentMessage
    visit(window)
    qtbot.waitUntil(lambda: said() == "Reading and scoring dark.png…")
    view = window.page().explorer.view
    qtbot.waitUntil(lambda: answered(window, view) and view.explorer.state.own is not None)
    assert window.page().viewpoint() == there and view.title.text() == "Own image dark.png"
    assert view.own.true_class.currentText() == "dog [1]" and said() == ""
    # A view from elsewhere makes the viewer read no file.
    asking.show_views(window, window.controller)
    dialog = seen(window, ViewsDialog)
    press(qtbot, dialog, "E&xport…")
    choose(dialog, tmp_path / "shared.views.json")
    press(qtbot, dialog, "&Delete")
    window.close()
    window = open_window()
    said = window.statusBar().currentMessage
    asking.show_views(window, window.controller)
    dialog = seen(window, ViewsDialog)
    press(qtbot, dialog, "&Import…")
    choose(dialog, tmp_path / "shared.views.json")
    press(qtbot, dialog, "&Open")
    settle(window)
    view = window.page().explorer.view
    assert said().startswith("This view was imported, so its picture dark.png is not opened")
    assert view.explorer.state.own is None and view.explorer.state.steps
    assert view.title.text().endswith(" (in place of dark.png)")
    # The user opens it, here from another folder; then the view is as it was saved.
    path = path.rename(tmp_path / "sent.png")
    by_hand(window, view)
    assert not view.explorer.state.steps
    open_saved(qtbot, window)
    qtbot.waitUntil(lambda: answered(window, view))
    assert view.title.text() == "Own image sent.png" and view.own.true_class.currentText() == "dog [1]"
    assert view.explorer.state.steps[0].severity == 30
    window.close()


@pytest.mark.parametrize(
    ("write", "says", "named"),
    [
        (lambda path: path.unlink(), "does not exist any more, so this view shows an image of the run instead.", ""),
        (lambda path: path.write_bytes(b"no picture"), "cannot be opened any more, so this view shows an image", ""),
        (lambda path: Image.fromarray(np.full((4, 4), 230, np.uint8)).save(path),
         "another.png has changed since this view was saved: check its true class.", "unknown"),
    ],
    ids=["gone", "damaged", "another"],
)  # fmt: skip
def test_it_is_said_if_the_picture_of_a_view_is_not_the_one_that_was_saved(
    open_window, qtbot, tmp_path, write, says, named
):
    run = numpy_runs.sweep(tmp_path / "run", SweepConfig(degradation="jpeg", severities=(80,), copies=1))
    path = tmp_path / "another.png"
    Image.fromarray(np.full((4, 4), 60, np.uint8)).save(path)
    window = open_window(run.path, view="Explorer")
    session, view, said = window.controller.current, window.page().explorer.view, window.statusBar().currentMessage
    session.run.info["model"]["name"], session.run.info["environment"]["device"] = "mnist-lenet", "CPU"  # it is known
    saved = {"file": str(path), "resize": None, "class": 1, "checksum": "0badcafe"}
    there = window.page().viewpoint()
    state = there.state | {"explorer": there.state["explorer"] | {"picture": saved}}
    write(path)
    window.controller.visit(replace(there, state=state))

    def answered():
        answer_asked(window.controller.scorer.process)
        return says in said()

    qtbot.waitUntil(answered)
    own = view.explorer.state.own
    assert (own is not None) == bool(named) and view.own.true_class.isVisible() == bool(named)
    assert not named or view.own.true_class.currentText() == named


def test_views_that_cannot_be_read_or_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DiskError, match="cannot be written"):
        write_views(tmp_path / "file" / "views.json", [])
    (tmp_path / "views.json").mkdir()
    with pytest.raises((DataError, DiskError), match="cannot be read"):
        read_views(tmp_path / "views.json")
