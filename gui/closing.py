"""Asks whether to close the window while jobs run or wait, and follows these jobs until it is answered."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from tfstab.gui.jobs.protocol import RunOrder
from tfstab.gui.jobs.queue import JobQueue

KEPT = "Finished parts are kept. What is not finished can be resumed at the viewer's next start."


class CloseQuestion(QMessageBox):
    """A dialog that asks whether to stop the jobs and close the window, or only the latter once all have ended.

    Parameters
    ----------
    parent : QWidget
        The window.
    jobs : JobQueue
        Its jobs.
    close : callable
        Called if the answer is yes.
    """

    def __init__(self, parent: QWidget, jobs: JobQueue, close: Callable[[], object]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setIcon(QMessageBox.Icon.Question)
        self.setWindowTitle("tfstab viewer")
        self._jobs, self._yes = jobs, self.addButton("", QMessageBox.ButtonRole.AcceptRole)
        no = self.addButton("&Keep the window", QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(no)
        self.setEscapeButton(no)
        self._yes.clicked.connect(lambda _checked=False: close())
        for signal in (jobs.jobs_changed, jobs.job_changed):
            signal.connect(self._follow)
        self._follow()

    def _follow(self, _job: object = None) -> None:
        """Say what would be stopped now."""
        busy, job = self._jobs.busy, self._jobs.active
        if job is not None:
            what = f"A {job.order.title}" if isinstance(job.order, RunOrder) else f"The command {job.order.title}"
            self.setText(f"{what} is running ({job.name}). Stop it and close the window?")
        elif busy:
            self.setText("Jobs are waiting. Close the window all the same?")
        else:
            self.setText("All jobs have ended. Close the window?")
        self.setInformativeText(KEPT if busy else "")
        self._yes.setText("&Stop and close" if busy else "&Close")
