"""The note above a run's page that its model seems to get wrong inputs or classes, or has seen the images before."""

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from tfstab.gui.content.input_warning import images_seen, input_warning
from tfstab.gui.sessions.session import Session
from tfstab.gui.theme import BAD, MIDDLE, SPACE, mixed, tone_colour
from tfstab.gui.widgets.pressable import fill_rounded
from tfstab.gui.widgets.wrapped import WrappedLabel

AGAIN = "Assess again with these settings…"
TINT = 0.2  # share of the tone in the background


class InputNote(QFrame):
    """Says above all tabs of a run why its figures may mislead; hidden if nothing is known to be wrong.

    Either its inputs or classes seem to be wrong, or the images may have been used when the model was made.

    Attributes
    ----------
    again : QPushButton
        To assess the model again with the settings that the note names; hidden if they are not known.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._tone = session, BAD
        self.said = WrappedLabel()
        self.again = QPushButton(AGAIN)
        self.again.setToolTip("Open the form of a new run, filled in like this assessment but with these settings")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(*[SPACE] * 4)
        layout.addWidget(self.said, 1)
        layout.addWidget(self.again)
        session.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        warning, seen = input_warning(self._session.run), images_seen(self._session.run)
        told = [*([] if warning is None else [warning.text]), *seen]
        self._tone = BAD if warning is not None and warning.level == "bad" else MIDDLE
        self.said.setText("\n".join(f"⚠  {text}" for text in told))
        self.again.setVisible(warning is not None and bool(warning.advised))
        self.setVisible(bool(told))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the background in the colour of a warning, with a line at the left as beside a verdict."""
        palette, painter = self.palette(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tone = tone_colour(palette, self._tone)
        fill_rounded(painter, self.rect(), mixed(palette.color(self.backgroundRole()), tone, TINT))
        fill_rounded(painter, self.rect().adjusted(0, 0, 4 - self.width(), 0), tone, 1)
        painter.end()
