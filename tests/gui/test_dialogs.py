"""Dialogs by themselves: what they say, which button is the default, and what they call."""

import sys

import pytest
from PySide6.QtCore import QObject, QPoint, QRect, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QAction, QIcon, QKeySequence, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLineEdit, QMessageBox, QTextBrowser, QWidget
from shiboken6 import delete

import tfstab
from tfstab.gui import dialogs
from tfstab.gui.closing import CloseQuestion
from tfstab.gui.jobs.job import Job, State
from tfstab.gui.jobs.protocol import RunOrder
from tfstab.gui.placing import FRAME, fitting, place_over

CLOSE = QMessageBox.StandardButton.Close


@pytest.fixture
def parent(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    picture = QPixmap(64, 64)
    picture.fill(Qt.GlobalColor.red)
    widget.setWindowIcon(QIcon(picture))
    widget.show()
    return widget


def deleted_when_closed(dialog):
    return dialog.testAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)


def test_a_dialog_is_over_the_middle_of_its_window_with_its_frame_on_the_screen(parent):
    room = parent.screen().availableGeometry()
    dialog = QDialog(parent)
    dialog.resize(fitting(dialog, QSize(400, 10_000)))
    assert dialog.size() == QSize(400, room.height() - FRAME.height())
    dialog.resize(400, 300)
    for window, placed in (
        (QRect(room.center() - QPoint(100, 50), QSize(200, 100)), None),
        (QRect(room.topLeft(), QSize(200, 100)), room.topLeft()),
        (QRect(room.bottomRight() - QPoint(90, 40), QSize(200, 100)), None),
    ):
        parent.setGeometry(window)
        place_over(dialog, parent)
        framed = QRect(dialog.pos(), dialog.size() + FRAME)
        assert room.contains(framed), window
        assert placed is None or framed.topLeft() == placed
    parent.setGeometry(QRect(room.center() - QPoint(100, 50), QSize(200, 100)))
    place_over(dialog, parent)
    off = QRect(dialog.pos(), dialog.size() + FRAME).center() - parent.geometry().center()
    assert off.manhattanLength() <= 2, "in the middle"
    keys = dialogs.show_keys(parent, [])
    assert room.contains(QRect(keys.pos(), keys.size() + FRAME))


def test_an_error_is_plain_text_that_can_be_copied(parent, qtbot):
    box = dialogs.show_error(parent, "<b>A sentence.</b>", "its details")
    assert box.isVisible() and box.textFormat() == Qt.TextFormat.PlainText and box.icon() == QMessageBox.Icon.Warning
    assert box.detailedText() == "its details" and box.defaultButton() is box.button(CLOSE) and deleted_when_closed(box)
    assert box.textInteractionFlags() == Qt.TextInteractionFlag.TextSelectableByMouse
    copy = next(button for button in box.buttons() if button.text() == "C&opy")
    copy.click()
    assert QApplication.clipboard().text() == "<b>A sentence.</b>\n\nits details" and box.isVisible()
    box.button(CLOSE).click()
    assert not box.isVisible()
    short = dialogs.show_error(parent, "Another.")
    assert short.detailedText() == "" and not [b for b in short.buttons() if "Details" in b.text()]
    next(button for button in short.buttons() if button.text() == "C&opy").click()
    assert QApplication.clipboard().text() == "Another."
    short.close()


def test_the_error_of_a_job_waits_while_another_dialog_has_the_keyboard(parent, qtbot):
    dialog = dialogs.ask_for_note(parent, "image 3", "", lambda note: None)
    field = dialog.findChild(QLineEdit)
    order = RunOrder(1, "sweep", "mnist-lenet", "mnist-5k", "runs/made")
    failed, other = (Job(order, state=State.FAILED, sentence=said) for said in ("The job failed.", "Another."))
    for _ in range(2):
        dialogs.show_job_error(parent, failed, lambda: None)
    qtbot.keyClicks(field, "a note")
    assert parent.findChildren(QMessageBox) == [] and field.text() == "a note"
    dialog.reject()
    qtbot.waitUntil(lambda: bool(parent.findChildren(QMessageBox)))
    (box,) = parent.findChildren(QMessageBox)
    assert box.isVisible() and box.text() == "The job failed."
    dialogs.show_job_error(parent, other, lambda: None)  # over an error, as nothing is typed there
    assert len(parent.findChildren(QMessageBox)) == 2
    for each in parent.findChildren(QMessageBox):
        each.close()


class Jobs(QObject):
    """What the question before closing follows."""

    jobs_changed = Signal()
    job_changed = Signal(object)

    def __init__(self, job, busy=True):
        super().__init__()
        self.active, self.busy = job, busy

    def change(self, job, busy):
        self.active, self.busy = job, busy
        self.job_changed.emit(job)


@pytest.mark.parametrize("answer", ["yes", "no", "escape"])
def test_jobs_are_stopped_only_if_that_is_the_answer(parent, qtbot, answer):
    stopped = []
    jobs = Jobs(Job(RunOrder(1, "search", "m", "d", "/runs/here")))
    box = CloseQuestion(parent, jobs, lambda: stopped.append(True))
    box.open()
    assert box.isVisible() and box.text() == "A search is running (here). Stop it and close the window?"
    assert "resumed" in box.informativeText() and deleted_when_closed(box)
    yes, no = (next(b for b in box.buttons() if word in b.text()) for word in ("Stop and close", "Keep"))
    assert len(box.buttons()) == 2 and box.defaultButton() is no and box.escapeButton() is no
    if answer == "escape":
        qtbot.keyClick(box, Qt.Key.Key_Escape)
    else:
        {"yes": yes, "no": no}[answer].click()
    assert stopped == [True] * (answer == "yes") and not box.isVisible()


def test_the_question_before_closing_follows_the_jobs(parent):
    stopped, jobs = [], Jobs(Job(RunOrder(1, "search", "m", "d", "/runs/here")))
    box = CloseQuestion(parent, jobs, lambda: stopped.append(True))
    box.open()
    jobs.change(None, True)
    assert box.text() == "Jobs are waiting. Close the window all the same?" and box.icon() == QMessageBox.Icon.Question
    jobs.change(Job(RunOrder(2, "sweep", "m", "d", "/runs/next")), True)
    assert box.text() == "A sweep is running (next). Stop it and close the window?"
    jobs.change(None, False)
    assert box.text() == "All jobs have ended. Close the window?" and box.informativeText() == ""
    yes = next(button for button in box.buttons() if button.text() == "&Close")
    yes.click()
    assert stopped == [True] and not box.isVisible()
    jobs.change(None, False)  # which it no longer follows


def test_about_names_the_version(parent):
    box = dialogs.show_about(parent)
    assert box.isVisible() and f"<h3>tfstab {tfstab.__version__}</h3>" in box.text()
    assert box.iconPixmap().deviceIndependentSize().toSize() == QSize(64, 64)
    assert box.windowTitle() == "About tfstab" and deleted_when_closed(box)
    box.close()


def test_the_keys_are_listed_by_menu(parent, qtbot):
    actions = []
    for text, keys in (("&Open run…", ["Ctrl+O", "F3"]), ("A < B", ["F4"]), ("without", []), ("&Undo", ["Ctrl+Z"])):
        action = QAction(text, parent)
        action.setShortcuts([QKeySequence(key) for key in keys])
        actions.append(action)
    dialog = dialogs.show_keys(parent, list(zip(("File", "File", "File", "Edit"), actions, strict=True)))
    lines = [line for line in dialog.findChild(QTextBrowser).toPlainText().splitlines() if line.strip()]
    assert lines[:8] == ["File", "Ctrl+O, F3", "Open run", "F4", "A < B", "Edit", "Ctrl+Z", "Undo"]
    assert lines[8] == "Mouse and keyboard" and len(lines) == 9 + 2 * len(dialogs.HAND)
    assert dialog.isVisible() and deleted_when_closed(dialog) and dialog.windowTitle() == "Keyboard and mouse"
    dialog.findChild(dialogs.QDialogButtonBox).button(dialogs.QDialogButtonBox.StandardButton.Close).click()
    assert not dialog.isVisible()


def test_a_note_is_written_if_it_is_accepted(parent):
    written = []
    dialog = dialogs.ask_for_note(parent, "image 3", "before", written.append)
    assert (dialog.windowTitle(), dialog.labelText(), dialog.textValue()) == ("Note", "Note on image 3:", "before")
    assert dialog.isVisible() and deleted_when_closed(dialog)
    dialog.setTextValue("after")
    dialog.accept()
    assert written == ["after"]
    refused = dialogs.ask_for_note(parent, "image 3", "x", written.append)
    refused.reject()
    assert written == ["after"]


def test_a_tag_is_one_of_the_known_or_a_new_one(parent):
    given = []
    dialog = dialogs.ask_for_tag(parent, "2 images", ["odd", "blurred"], given.append)
    assert (dialog.windowTitle(), dialog.comboBoxItems()) == ("Tag", ["", "odd", "blurred"])
    assert dialog.labelText().startswith("Tag for 2 images (") and dialog.isComboBoxEditable()
    assert dialog.isVisible() and deleted_when_closed(dialog)
    dialog.setTextValue("new")
    dialog.accept()
    dialogs.ask_for_tag(parent, "2 images", [], given.append).reject()
    assert given == ["new"]


def test_a_script_is_shown_to_be_copied(parent):
    box = dialogs.show_script(parent, "Use <this>:", "a < b\n")
    assert box.isVisible() and box.text() == "Use &lt;this&gt;:" and box.informativeText() == "<pre>a &lt; b</pre>"
    assert box.textFormat() == Qt.TextFormat.RichText and box.defaultButton() is box.button(CLOSE)
    assert box.textInteractionFlags() == Qt.TextInteractionFlag.TextSelectableByMouse and deleted_when_closed(box)
    next(button for button in box.buttons() if button.text() == "C&opy").click()
    assert QApplication.clipboard().text() == "a < b\n" and box.isVisible()
    box.close()


@pytest.mark.parametrize("trusted", [True, False])
def test_a_model_that_may_run_code_is_loaded_only_if_it_is_trusted(parent, qtbot, trusted):
    loaded = []
    box = dialogs.ask_to_trust(parent, "<a>.keras", lambda: loaded.append(True))
    assert (
        box.isVisible() and box.textFormat() == Qt.TextFormat.PlainText and box.text().startswith("<a>.keras can run")
    )
    cancel = box.button(QMessageBox.StandardButton.Cancel)
    assert box.defaultButton() is cancel and len(box.buttons()) == 2
    (next(button for button in box.buttons() if "Load" in button.text()) if trusted else cancel).click()
    assert loaded == [True] * trusted and not box.isVisible()


def test_a_file_to_save_gets_the_suffix_of_its_kind(parent, tmp_path):
    saved = []
    dialog = dialogs.ask_for_file(parent, "Save", "plot.png", "PNG (*.png);;SVG (*.svg)", saved.append)
    assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave and dialog.defaultSuffix() == "png"
    assert dialog.isVisible() and deleted_when_closed(dialog) and dialog.windowTitle() == "Save"
    dialog.filterSelected.emit("SVG (*.svg)")
    assert dialog.defaultSuffix() == "svg"
    dialog.setDirectory(str(tmp_path))
    dialog.selectFile("here")
    dialog.accept()
    assert saved == [str(tmp_path / "here.svg")]
    again = dialogs.ask_for_file(parent, "Save", "table.csv", "CSV (*.csv)", saved.append)
    assert again.directory().path() == str(tmp_path), "where something was saved last"
    (tmp_path / "other").mkdir()
    again.selectFile(str(tmp_path / "other" / "table.csv"))
    again.accept()
    folder = dialogs.ask_for_folder_to_save(parent, "Folder", saved.append)
    assert folder.directory().path() == str(tmp_path / "other")
    folder.setDirectory(str(tmp_path))
    folder.selectFile(str(tmp_path))
    folder.accept()
    assert saved[1:] == [str(tmp_path / "other" / "table.csv"), str(tmp_path)]
    views = dialogs.ask_for_file(parent, "Export", "a.views.json", "Saved views (*.views.json)", saved.append)
    assert views.directory().path() == str(tmp_path)
    assert views.defaultSuffix() == "views.json"  # or the dialog that imports would not list the file
    views.reject()


def test_a_file_or_a_folder_to_open_exists(parent, tmp_path):
    taken = []
    (tmp_path / "a.keras").touch()
    dialog = dialogs.ask_to_open(parent, "Model", "Models (*.keras)", taken.append)
    assert dialog.fileMode() == QFileDialog.FileMode.ExistingFile and dialog.nameFilters() == ["Models (*.keras)"]
    assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptOpen and dialog.isVisible()
    dialog.setDirectory(str(tmp_path))
    dialog.selectFile(str(tmp_path / "a.keras"))
    dialog.accept()
    folder = dialogs.ask_for_folder(parent, "Folder", taken.append)
    assert folder.fileMode() == QFileDialog.FileMode.Directory and folder.testOption(QFileDialog.Option.ShowDirsOnly)
    assert deleted_when_closed(folder) and folder.windowTitle() == "Folder" and folder.isVisible()
    folder.setDirectory(str(tmp_path.parent))
    folder.selectFile(str(tmp_path))
    folder.accept()
    assert taken == [str(tmp_path / "a.keras"), str(tmp_path)]


def test_one_dialog_at_a_time_tells_of_errors_in_slots(parent, qtbot, monkeypatch, capsys):
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    left = []
    monkeypatch.setattr(dialogs.QApplication, "quit", lambda: left.append(True))
    dialogs.install_exception_hook(parent)
    error = KeyError("surprise")

    def boxes():
        return [box for box in parent.findChildren(QMessageBox) if box.isVisible()]

    sys.excepthook(KeyError, error, None)
    sys.excepthook(KeyError, error, None)
    (box,) = boxes()
    assert "(KeyError)" in box.text() and "KeyError: 'surprise'" in box.detailedText()
    assert capsys.readouterr().err.count("surprise") == 2
    box.button(CLOSE).click()
    assert boxes() == []
    sys.excepthook(KeyError, error, None)
    assert len(boxes()) == 1 and left == []
    boxes()[0].button(CLOSE).click()
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert left == [True] and boxes() == []


def test_an_error_in_a_thread_is_told_in_that_of_the_window(parent, qtbot, monkeypatch, capsys):
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    dialogs.install_exception_hook(parent)
    pool = QThreadPool(parent)
    pool.start(lambda: int("surprise"))
    assert pool.waitForDone(5000) and parent.findChildren(QMessageBox) == []
    qtbot.waitUntil(lambda: len(parent.findChildren(QMessageBox)) == 1)
    (box,) = parent.findChildren(QMessageBox)
    assert box.thread() is parent.thread() and "(ValueError)" in box.text()
    assert "ValueError: invalid literal" in capsys.readouterr().err
    box.button(CLOSE).click()


def test_an_error_after_the_window_is_gone_is_only_printed(qapp, monkeypatch, capsys):
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    window = QWidget()
    dialogs.install_exception_hook(window)
    delete(window)
    sys.excepthook(KeyError, KeyError("late"), None)
    assert capsys.readouterr().err == "KeyError: 'late'\n"
