"""Why the job failed from which a form is filled in, and marks on the fields that this concerns."""

from collections.abc import Iterable

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from tfstab.gui.jobs.field_words import in_fields
from tfstab.gui.theme import BAD, mixed, tone_colour
from tfstab.gui.widgets.wrapped import WrappedLabel

TINT = 0.25  # share of red in the colours of a marked field
USE, USED = "Use these settings", "Filled in"
EDITED = ("currentTextChanged", "textChanged", "toggled")  # the signal of a field, by what it is


class FailureNote(QFrame):
    """Says why a job failed, and offers to fill in the settings that would mend it; hidden if no job has failed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.said = WrappedLabel()
        self.said.setAccessibleName("Why the job failed")
        self.use = QPushButton(USE, autoDefault=False)
        self.use.setToolTip("Fill in the marked fields")
        self.use.clicked.connect(self._say_used)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self.said, 1)
        layout.addWidget(self.use)
        self.hide()

    def tell(self, sentence: str, fields: Iterable[QWidget], can_use: bool) -> None:
        """Show why the job failed, and mark the fields to change until they are edited.

        can_use: whether it is known what to fill in.
        """
        self.said.setText(f"⚠  The job failed: {in_fields(sentence)}")
        self.use.setVisible(can_use)
        self.show()
        for field in fields:
            mark(field, in_fields(sentence))

    def note(self, sentences: str) -> None:
        """Show what to know before the start, although no job has failed."""
        self.said.setAccessibleName("Note")
        self.said.setText(sentences)
        self.use.hide()
        self.show()

    def _say_used(self) -> None:
        self.use.setText(USED)
        self.use.setEnabled(False)


def redden(widget: QWidget) -> None:
    """Give a widget a red ground."""
    palette = widget.palette()
    for role in (QPalette.ColorRole.Base, QPalette.ColorRole.Button, QPalette.ColorRole.Window):
        palette.setColor(role, mixed(palette.color(role), tone_colour(palette, BAD), TINT))
    widget.setPalette(palette)
    widget.setAutoFillBackground(True)  # a check box has no background of its own


def mark(field: QWidget, sentence: str) -> None:
    """Mark a field to change until it is edited, and say why to screen readers."""
    if field.accessibleDescription():  # it is marked
        return
    redden(field)
    field.setAccessibleDescription(sentence)
    edited = next(name for name in EDITED if hasattr(field, name))
    getattr(field, edited).connect(lambda _: _unmark(field))


def clear_ground(widget: QWidget) -> None:
    """Give a widget its usual ground again."""
    widget.setPalette(QPalette())
    widget.setAutoFillBackground(False)


def _unmark(field: QWidget) -> None:
    clear_ground(field)
    field.setAccessibleDescription("")
