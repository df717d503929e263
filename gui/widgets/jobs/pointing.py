"""Which fields of the form of a new run an error is about, and how the eye is led to them."""

from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLineEdit, QScrollArea

from tfstab.gui.jobs.draft import Draft
from tfstab.gui.jobs.field_words import in_fields
from tfstab.gui.widgets.jobs.failure_note import mark
from tfstab.gui.widgets.jobs.subject_form import SubjectForm
from tfstab.gui.widgets.jobs.task_picker import TaskPicker

LAID_OUT = 50  # ms after which a field that was below "More" has its place


def point_out(sentence: str, subject: SubjectForm, kinds: TaskPicker, out: QLineEdit, scrolled: QScrollArea) -> None:
    """Mark the fields that an error is about, scroll to the first of them and give it the focus.

    Parameters
    ----------
    sentence : str
        The error, which names options of the command, or values.
    subject, kinds : SubjectForm, TaskPicker
        Parts of the form.
    out : QLineEdit
        The field of the output folder.
    scrolled : QScrollArea
        What the parts are in.
    """
    names = [name for name in ("model", "data") if subject.lacks(name)][:1]
    given = Draft(subject.model.value, subject.data.value, settings={"train": kinds.training_images}, failed=sentence)
    found = [subject.field(name) or kinds.field(name) for name in names or given.concerned]
    fields = [field for field in found if field is not None]
    if not fields and ("output folder" in sentence or (out.text().strip() and out.text().strip() in sentence)):
        fields = [out]
    for field in fields:
        mark(field, in_fields(sentence))
    if fields:
        kinds.reveal(fields[0])
        fields[0].setFocus()
        QTimer.singleShot(LAID_OUT, fields[0], partial(scrolled.ensureWidgetVisible, fields[0]))
