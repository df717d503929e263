"""Results of commands: reports in the browser, and printed tables in a window."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFontDatabase
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from tfstab.gui.jobs.field_words import printed_in_fields
from tfstab.gui.jobs.job import Job
from tfstab.gui.jobs.tasks import TASKS
from tfstab.gui.placing import fitting, place_over

SIZE = QSize(960, 600)


def open_report(path: Path) -> str:
    """Open a report in the browser, and return what the status bar says about it."""
    if QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.resolve()))):
        return f"Opened {path} in the browser."
    return f"No browser was found; the report is {path}."


def show_results(job: Job, parent: QWidget) -> str:
    """Show what a finished command has made, if the window does not show it by itself: its report, or its tables.

    Returns what the status bar says about it, which is nothing for tables.
    """
    task = TASKS.get(job.order.title)
    if task is None or job.made_of("run"):
        return ""
    reports = job.made_of("report")
    if reports and task.opens_report:
        return open_report(reports[-1])
    if job.printed and not reports:
        show_printed(job, parent)
    return ""


def show_printed(job: Job, parent: QWidget) -> QDialog:
    """Show the tables and sentences that a command has printed, in the words of the form."""
    dialog = QDialog(parent)
    dialog.setWindowTitle(f"Results of {job.name}")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    text = QPlainTextEdit(printed_in_fields(job.printed.strip("\n")), readOnly=True)
    text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    text.setAccessibleName("Results")
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    copy = buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
    copy.clicked.connect(lambda _=False: QApplication.clipboard().setText(text.toPlainText()))
    buttons.rejected.connect(dialog.reject)
    layout = QVBoxLayout(dialog)
    layout.addWidget(text, 1)
    layout.addWidget(buttons)
    dialog.resize(fitting(dialog, SIZE))
    place_over(dialog, parent)
    dialog.show()
    return dialog
