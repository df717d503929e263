"""Base of the card's small drawings, which say their values under the mouse and to screen readers."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tfstab.gui.theme import SMALL, caption_colour, scaled

Spot = tuple[QRectF, str]  # a place, and what is to be said of it


class Drawing(QWidget):
    """A drawing of a fixed height; subclasses paint it in `draw`, which returns its spots."""

    def __init__(self, name: str, lines: float, parent: QWidget | None = None) -> None:
        """Take a name for screen readers, and the height in lines of text."""
        super().__init__(parent)
        self.lines = lines
        self._spots: list[Spot] = []
        self.setAccessibleName(name)
        self.setFont(scaled(self.font(), SMALL))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def draw(self, painter: QPainter) -> list[Spot]:
        """Paint the content and return its spots."""
        raise NotImplementedError

    def set_lines(self, lines: float) -> None:
        """Change the height, in lines of text."""
        if lines != self.lines:
            self.lines = lines
            self.updateGeometry()

    def blank(self) -> None:
        """Show nothing until there are values again."""
        raise NotImplementedError

    def describe(self, values: list[str]) -> None:
        """Redraw, and let screen readers say these values."""
        self.setAccessibleDescription("; ".join(values))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height of its lines."""
        return QSize(120, round(self.lines * self.fontMetrics().height()))

    def minimumSizeHint(self) -> QSize:
        """Return the same, as nothing may be cut off."""
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        """Say the values of what is under the mouse."""
        if event.type() == QEvent.Type.ToolTip:
            where = event.pos()  # type: ignore[attr-defined]
            said = next((text for place, text in self._spots if place.contains(where)), "")
            QToolTip.showText(event.globalPos(), said, self)  # type: ignore[attr-defined]
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the content."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._spots = self.draw(painter)
        painter.end()

    @property
    def faint(self) -> QColor:
        """The colour of axes and captions."""
        return caption_colour(self.palette())

    @property
    def strong(self) -> QColor:
        """The colour of text."""
        return self.palette().color(QPalette.ColorRole.Text)


def write(painter: QPainter, room: QRectF, text: str, colour: QColor, where: Qt.AlignmentFlag) -> None:
    """Write one line of text, shortened in its middle if there is no room, as names may begin alike."""
    painter.setPen(colour)
    text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, int(room.width()) + 1)
    painter.drawText(room, where | Qt.AlignmentFlag.AlignVCenter, text)
