"""Dialogs that never stop the window's event loop."""

import sys
import traceback
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

import tfstab
from tfstab.gui.jobs.job import Job

ABOUT = (
    "<h3>tfstab {version}</h3><p>How stable is an image classifier against image degradation? After Aghdam, Heravi "
    "and Puig, <i>Analyzing the Stability of Convolutional Neural Networks against Image Degradation</i>.</p>"
    "<p>Noise, L2 and Linf are in grey levels, 0 to 255.</p>"
)
MOUSE = (
    ("Hold Space", "blink clean and degraded image"),
    ("Wheel, drag", "zoom and move images and plots"),
    ("Double click", "show the whole image or plot again"),
)


def show_error(parent: QWidget | None, sentence: str, details: str = "") -> QMessageBox:
    """Say what went wrong in one sentence, with the details behind a button."""
    box = _box(parent, QMessageBox.Icon.Warning, "tfstab viewer", sentence)
    box.setTextFormat(Qt.TextFormat.PlainText)
    if details:
        box.setDetailedText(details)
    box.open()
    return box


def ask_to_stop(parent: QWidget, job: Job | None, stop: Callable[[], object]) -> QMessageBox:
    """Ask whether to stop what is running and close the window; `stop` is called where the answer is yes."""
    what = f"A {job.order.kind} is running ({job.name})" if job is not None else "Jobs are waiting"
    box = _box(parent, QMessageBox.Icon.Question, "tfstab viewer", f"{what}. Stop it and close the window?")
    box.setInformativeText("What is finished is kept, and you can resume it when the viewer is started again.")
    box.setStandardButtons(QMessageBox.StandardButton.NoButton)
    yes = box.addButton("&Stop and close", QMessageBox.ButtonRole.AcceptRole)
    no = box.addButton("&Keep the window", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(no)
    box.setEscapeButton(no)
    yes.clicked.connect(lambda _checked=False: stop())
    box.open()
    return box


def show_about(parent: QWidget) -> QMessageBox:
    box = _box(parent, QMessageBox.Icon.NoIcon, "About tfstab", ABOUT.format(version=tfstab.__version__))
    box.setIconPixmap(parent.windowIcon().pixmap(64, 64))
    box.open()
    return box


def show_shortcuts(parent: QWidget, actions: list[QAction]) -> QMessageBox:
    """The keys of the actions given, and what the mouse does."""
    keys = [(a.shortcut().toString(), a.text().replace("&", "").rstrip("…")) for a in actions]
    rows = "".join(
        f'<tr><td style="padding-right: 24px"><b>{key}</b></td><td>{what}</td></tr>'
        for key, what in (*keys, *MOUSE)
        if key
    )
    box = _box(parent, QMessageBox.Icon.NoIcon, "Keyboard and mouse", f"<table cellpadding='2'>{rows}</table>")
    box.open()
    return box


def install_exception_hook(window: QWidget) -> None:
    """Let an exception that nobody caught, in a slot too, be printed and shown instead of only printed."""
    shown: list[QMessageBox] = []

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        # One dialog at a time: an error in a paint event comes sixty times a second.
        if QApplication.instance() is not None and not shown:
            details = "".join(traceback.format_exception(kind, error, trace))
            sentence = f"The viewer failed in something ({kind.__name__}); it goes on, and the runs are untouched."
            shown.append(show_error(window, sentence, details))
            shown[0].finished.connect(shown.clear)

    sys.excepthook = hook


def _box(parent: QWidget | None, icon: QMessageBox.Icon, title: str, text: str) -> QMessageBox:
    box = QMessageBox(icon, title, text, QMessageBox.StandardButton.Close, parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box
