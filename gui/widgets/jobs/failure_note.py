"""Why the job failed from which a form is filled in, and a mark on the field that this concerns."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from tfstab.gui.jobs.field_words import in_fields
from tfstab.gui.theme import BAD, mixed, tone_colour

TINT = 0.25  # share of red in the colours of a marked field
EDITED = ("currentTextChanged", "textChanged", "toggled")  # the signal of a field, by what it is


class FailureNote(QLabel):
    """Says why a job failed; hidden if none has."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName("Why the job failed")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setMargin(6)
        self.hide()

    def tell(self, sentence: str, field: QWidget | None) -> None:
        """Show why the job failed, and mark the field to change, if that is known, until it is edited."""
        self.setText(f"⚠  The job failed: {in_fields(sentence)}")
        self.show()
        if field is None:
            return
        palette = field.palette()
        for role in (QPalette.ColorRole.Base, QPalette.ColorRole.Button, QPalette.ColorRole.Window):
            palette.setColor(role, mixed(palette.color(role), tone_colour(palette, BAD), TINT))
        field.setPalette(palette)
        field.setAutoFillBackground(True)  # a check box has no background of its own
        field.setAccessibleDescription(in_fields(sentence))
        edited = next(name for name in EDITED if hasattr(field, name))
        getattr(field, edited).connect(lambda _: _unmark(field))


def _unmark(field: QWidget) -> None:
    field.setPalette(QPalette())
    field.setAutoFillBackground(False)
    field.setAccessibleDescription("")
