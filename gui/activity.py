"""Notes what the user does in the window, so that the results of a job do not interrupt it."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QWidget

from tfstab.gui.jobs.job import Job
from tfstab.gui.jobs.queue import JobQueue

DEEDS = (QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress, QEvent.Type.Wheel, QEvent.Type.TouchBegin)
MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta)


class Activity(QObject):
    """Notes clicks, keys and the wheel in a window, and which job had been started last before the latest of them."""

    def __init__(self, jobs: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._window: QWindow | None = None
        self._latest = 0  # number of that job

    def watch(self, window: QWindow) -> None:
        """Note what is done in this window from now on."""
        # Its widgets get these events through the window; a filter for all events of the application would be slow.
        window.installEventFilter(self)
        self._window = window

    @property
    def asking(self) -> bool:
        """Whether a dialog or menu of the window is open."""
        asking = QApplication.activeModalWidget(), QApplication.activePopupWidget()
        return any(widget is not None and _root(widget).windowHandle() == self._window for widget in asking)

    def idle_since(self, job: Job) -> bool:
        """Return whether this job was started last, and the user has done nothing since."""
        return self._latest < job.order.job == self._jobs.latest

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note what the user does; modifiers alone do nothing, and Alt+Tab leaves the window."""
        if event.type() in DEEDS and not (isinstance(event, QKeyEvent) and event.key() in MODIFIERS):
            self._latest = self._jobs.latest
        return False


def _root(widget: QWidget) -> QWidget:
    """Return the topmost parent of a dialog or menu."""
    while (parent := widget.parentWidget()) is not None:
        widget = parent
    return widget
