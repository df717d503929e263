"""Dialogs, none of which blocks the window's event loop."""

import sys
import traceback
from collections.abc import Callable
from functools import partial
from html import escape
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QInputDialog,
    QMessageBox,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

import tfstab
from tfstab.errors import DiskError
from tfstab.gui.content.guide import advice_on
from tfstab.gui.help import show_guide
from tfstab.gui.jobs.field_words import as_sentence
from tfstab.gui.jobs.job import EDIT, Job
from tfstab.gui.placing import fitting, place_over

ABOUT = (
    "<h3>tfstab {version}</h3><p>How stable is an image classifier against image degradation? After Aghdam, Heravi "
    "and Puig, <i>Analyzing the Stability of Convolutional Neural Networks against Image Degradation</i>.</p>"
    "<p>Noise, L2 and Linf are in grey levels, 0 to 255.</p>"
)
HAND = (
    ("Hold Space", "Blink clean and degraded image"),
    ("Wheel, drag", "Zoom and move images and plots"),
    ("+, −, Shift with arrows", "Zoom and move the plot or image that has the focus"),
    ("Right drag", "Stretch a plot"),
    ("Double click", "Show the whole image or plot again"),
    ("Right click", "Copy an image"),
    ("Up, Down", "Go through a table, a gallery or a list"),
    ("Ctrl+Left, Ctrl+Right", "Go to another column of a table"),
    ("Ctrl+Enter", "Sort a table by this column"),
    ("Ctrl+C", "Copy the selected rows of a table"),
    ("F2", "Write a note in the table"),
    ("Tab", "Go to the next control"),
)
KEYS_SIZE = QSize(520, 620)
_saved_in = [""]  # the folder in which something was saved last since the start


def show_error(
    parent: QWidget | None, sentence: str, details: str = "", edit: Callable[[], object] | None = None
) -> QMessageBox:
    """Show an error in one sentence, with details behind a button; `edit` opens the form of a job that failed."""
    advice, sentence = advice_on(sentence), as_sentence(sentence)
    box = _box(parent, QMessageBox.Icon.Warning, "tfstab viewer", sentence)
    box.setTextFormat(Qt.TextFormat.PlainText)
    if details:
        box.setDetailedText(details)
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    copy = box.addButton("C&opy", QMessageBox.ButtonRole.ActionRole)
    copy.setToolTip("Copy the sentence and its details")
    copy.clicked.disconnect()  # from the box, because otherwise it would close
    copy.clicked.connect(lambda _=False: QApplication.clipboard().setText(f"{sentence}\n\n{details}".strip()))
    if advice:
        what = box.addButton("&What to do", QMessageBox.ButtonRole.ActionRole)
        what.setToolTip("Open the guide where it explains this error")
        what.clicked.disconnect()
        what.clicked.connect(lambda _=False: show_guide(box, advice))
    if edit is not None:
        retry = box.addButton(f"&{EDIT}", QMessageBox.ButtonRole.ActionRole)
        retry.setToolTip("Open the form of this job again, with the fields to change marked")
        retry.clicked.connect(lambda _=False: edit())  # once the box is closed, because the form is a dialog, too
    box.setDefaultButton(QMessageBox.StandardButton.Close)
    box.open()
    return box


def show_script(parent: QWidget, sentences: str, script: str) -> QMessageBox:
    """Show what to do in Python, with a script to copy."""
    box = _box(parent, QMessageBox.Icon.Information, "tfstab viewer", escape(sentences))
    box.setTextFormat(Qt.TextFormat.RichText)
    box.setInformativeText(f"<pre>{escape(script.strip())}</pre>")
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    copy = box.addButton("C&opy", QMessageBox.ButtonRole.ActionRole)
    copy.setToolTip("Copy the script")
    copy.clicked.disconnect()  # from the box, because otherwise it would close
    copy.clicked.connect(lambda _=False: QApplication.clipboard().setText(script))
    box.setDefaultButton(QMessageBox.StandardButton.Close)
    box.open()
    return box


def show_job_error(window: QWidget, job: Job, edit: Callable[[], object]) -> None:
    """Show the error of a job, with a button for `edit`; wait while another dialog is open."""
    open_dialog = QApplication.activeModalWidget()
    if isinstance(open_dialog, QDialog) and not _is_error(open_dialog):
        show = partial(show_job_error, window, job, edit)
        open_dialog.finished.connect(lambda _: QTimer.singleShot(0, window, show))
    else:
        show_new_error(window, job.sentence, job.details, edit)


def show_new_error(
    window: QWidget, sentence: str, details: str = "", edit: Callable[[], object] | None = None
) -> QMessageBox | None:
    """Show an error like `show_error` and return its dialog; None if it is shown already."""
    if any(box.isVisible() and box.text() == as_sentence(sentence) for box in window.findChildren(QMessageBox)):
        return None  # a damaged file may be read twice
    return show_error(window, sentence, details, edit)


def ask_to_trust(parent: QWidget, path: str, load: Callable[[], object]) -> QMessageBox:
    """Ask whether to load a model file that may run code, and call `load` if the answer is yes."""
    told = f"{path} can run any code when it is loaded. Load it only if you trust its author."
    box = _box(parent, QMessageBox.Icon.Question, "tfstab viewer", told)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setStandardButtons(QMessageBox.StandardButton.Cancel)
    yes = box.addButton("&Load it", QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(QMessageBox.StandardButton.Cancel)
    yes.clicked.connect(lambda _checked=False: load())
    box.open()
    return box


def show_about(parent: QWidget) -> QMessageBox:
    """Show the version and what tfstab is."""
    box = _box(parent, QMessageBox.Icon.NoIcon, "About tfstab", ABOUT.format(version=tfstab.__version__))
    box.setIconPixmap(parent.windowIcon().pixmap(64, 64))
    box.open()
    return box


def show_keys(parent: QWidget, listed: list[tuple[str, QAction]]) -> QDialog:
    """Show the shortcuts of the listed (menu, action) pairs, and what mouse and other keys do."""
    native = QKeySequence.SequenceFormat.NativeText
    groups: dict[str, list[tuple[str, str]]] = {}
    for menu, action in listed:
        keys = ", ".join(key.toString(native) for key in action.shortcuts())
        if keys:
            groups.setdefault(menu, []).append((keys, action.text().replace("&", "").rstrip("…")))
    rows = []
    for title, pairs in (*groups.items(), ("Mouse and keyboard", list(HAND))):
        rows.append(f"<tr><td colspan='2'><h4>{escape(title)}</h4></td></tr>")
        rows += [f"<tr><td width='170'><b>{escape(key)}</b></td><td>{escape(what)}</td></tr>" for key, what in pairs]
    dialog = QDialog(parent)
    dialog.setWindowTitle("Keyboard and mouse")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    text = QTextBrowser()
    text.setAccessibleName("Keys")
    text.setHtml(f"<table cellpadding='2'>{''.join(rows)}</table>")
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    layout = QVBoxLayout(dialog)
    layout.addWidget(text, 1)
    layout.addWidget(buttons)
    dialog.resize(fitting(dialog, KEYS_SIZE))
    place_over(dialog, parent)
    dialog.open()
    return dialog


def ask_for_note(parent: QWidget, of: str, note: str, write: Callable[[str], object]) -> QInputDialog:
    """Ask for a note about `of` and call `write(note)`."""
    dialog = QInputDialog(parent)
    dialog.setWindowTitle("Note")
    dialog.setLabelText(f"Note on {of}:")
    dialog.setTextValue(note)
    dialog.resize(420, dialog.sizeHint().height())
    dialog.textValueSelected.connect(write)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog


def ask_for_tag(parent: QWidget, of: str, tags: list[str], give: Callable[[str], object]) -> QInputDialog:
    """Ask for a tag of an image, which can be one of the known `tags` or a new one."""
    dialog = QInputDialog(parent)
    dialog.setWindowTitle("Tag")
    dialog.setLabelText(f"Tag for {of} (a tag that it has already is removed):")
    dialog.setComboBoxItems(["", *tags])
    dialog.setComboBoxEditable(True)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.textValueSelected.connect(give)
    dialog.open()
    return dialog


def ask_for_file(parent: QWidget, title: str, name: str, filters: str, save: Callable[[str], None]) -> QFileDialog:
    """Ask where to save, proposing `name` in the folder in which something was saved last, and call `save(path)`."""
    dialog = QFileDialog(parent, title, str(Path(_saved_in[0]) / name), filters)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)

    def complete(kind: str) -> None:
        """Take the suffix of a file type, such as "Saved views (*.views.json)", if none is typed."""
        dialog.setDefaultSuffix(kind.partition("(*.")[2].rstrip(")"))

    complete(dialog.selectedNameFilter())

    def keep(path: str) -> None:
        _saved_in[0] = str(Path(path).parent)
        save(path)

    dialog.filterSelected.connect(complete)
    return _opened(dialog, keep)


def ask_to_save(
    parent: QWidget,
    what: str,
    name: str,
    filters: str,
    write: Callable[[str], object],
    said: Callable[[str], object],
    failed: Callable[[str, str], object],
) -> QFileDialog:
    """Ask where to save `what`, proposing `name`, call `write(path)`, and say that this was done, or why it failed."""

    def save(path: str) -> None:
        try:
            write(path)
        except DiskError as error:
            failed(str(error), "")
        else:
            said(f"Saved {what} as {path}.")

    return ask_for_file(parent, f"Save {what}", name, filters, save)


def ask_to_open(parent: QWidget, title: str, filters: str, take: Callable[[str], None], start: str = "") -> QFileDialog:
    """Ask for an existing file, beginning in the folder `start`, and call `take(path)`."""
    dialog = QFileDialog(parent, title, start, filters)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return _opened(dialog, take)


def ask_for_folder(parent: QWidget, title: str, take: Callable[[str], None], start: str = "") -> QFileDialog:
    """Ask for a folder, beginning in `start`, and call `take(folder)`."""
    dialog = QFileDialog(parent, title, start)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return _opened(dialog, take)


def ask_for_folder_to_save(parent: QWidget, title: str, save: Callable[[str], None]) -> QFileDialog:
    """Ask for a folder, beginning in the one in which something was saved last, and call `save(folder)`."""

    def keep(folder: str) -> None:
        _saved_in[0] = folder
        save(folder)

    return ask_for_folder(parent, title, keep, _saved_in[0])


def install_exception_hook(window: QWidget) -> None:
    """Show uncaught exceptions of any thread, including those in slots, in a dialog besides printing them."""
    dialog = _ErrorDialog(window)

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
        elif QApplication.instance() is not None and isValid(dialog):
            dialog.wanted.emit(kind.__name__, "".join(traceback.format_exception(kind, error, trace)))

    sys.excepthook = hook


class _ErrorDialog(QObject):
    """Tells of internal errors: in the thread of the window, as only there a dialog can be shown."""

    wanted = Signal(str, str)  # name of the error, traceback

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window, self._shown = window, False
        self.wanted.connect(self._show)

    def _show(self, kind: str, details: str) -> None:
        """Show an error, unless one is shown: an error in a paint event occurs sixty times a second."""
        if self._shown:
            return
        sentence = f"The viewer had an internal error ({kind}); it continues, and the runs are not affected."
        self._shown = True
        show_error(self._window, sentence, details).finished.connect(self._closed)

    def _closed(self) -> None:
        self._shown = False


def _opened(dialog: QFileDialog, save: Callable[[str], None]) -> QFileDialog:
    """Open a dialog that calls `save(path)`, and return it."""
    dialog.fileSelected.connect(save)
    dialog.resize(fitting(dialog, dialog.sizeHint()))
    place_over(dialog, dialog.parentWidget())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog


def _is_error(dialog: QDialog) -> bool:
    """Return True if a dialog is one that `show_error` shows."""
    return isinstance(dialog, QMessageBox) and dialog.icon() == QMessageBox.Icon.Warning


def _box(parent: QWidget | None, icon: QMessageBox.Icon, title: str, text: str) -> QMessageBox:
    """Return a message box with a button to close it, not opened yet."""
    box = QMessageBox(icon, title, text, QMessageBox.StandardButton.Close, parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box
