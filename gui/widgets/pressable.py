"""What can be clicked without looking like a button, and rounded areas; both follow the theme."""

from collections.abc import Callable

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QPushButton, QSizePolicy, QToolButton, QWidget

from tfstab.gui.theme import ROUND, block_colour

Do = Callable[[], object]


class Pressable(QPushButton):
    """Base of what can be clicked without looking like a button; plain and without focus if there is nothing to do.

    Subclasses paint themselves in `draw` and state their `sizeHint`.
    """

    def __init__(self, name: str, do: Do | None, tip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFlat(True)
        self.setToolTip(tip)
        self.set_action(name, do)
        self.clicked.connect(lambda _checked=False: self._do and self._do())

    def set_action(self, name: str, do: Do | None) -> None:
        """Change what screen readers say, and what a click does; None for nothing."""
        self.setAccessibleName(name)
        self._do = do
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if do else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if do else Qt.CursorShape.ArrowCursor)

    @property
    def lit(self) -> bool:
        """Whether the mouse is over it or the keyboard on it, so that it shows that it can be clicked."""
        return self._do is not None and (self.underMouse() or self.hasFocus())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the content, and a frame if the keyboard is on it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw(painter)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), ROUND, ROUND)
        painter.end()

    def draw(self, painter: QPainter) -> None:
        """Paint the content."""
        raise NotImplementedError

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size."""
        return self.sizeHint()


class LinkButton(Pressable):
    """A word or two in the colour of links."""

    only_on_screen = True

    def __init__(self, text: str, do: Do | None, parent: QWidget | None = None) -> None:
        super().__init__(text, do, parent=parent)
        self.setText(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def draw(self, painter: QPainter) -> None:
        """Paint the text, underlined while the mouse is over it."""
        font = self.font()
        font.setUnderline(self.lit)
        painter.setFont(font)
        painter.setPen(self.palette().color(QPalette.ColorRole.Link))
        painter.drawText(
            self.rect().adjusted(4, 2, -4, -2), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.text()
        )

    def sizeHint(self) -> QSize:
        """Return the size of the text."""
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 8, self.fontMetrics().height() + 4)


def arrow_button(arrow: Qt.ArrowType, tip: str) -> QToolButton:
    """Return a small button that shows an arrow."""
    button = QToolButton()
    button.setArrowType(arrow)
    button.setAutoRaise(True)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button


class Rounded(QFrame):
    """A rounded area in the colour of blocks."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the background."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill_rounded(painter, self.rect(), block_colour(self.palette()))
        painter.end()


def fill_rounded(painter: QPainter, area: QRect | QRectF, colour: QColor, radius: float = ROUND) -> None:
    """Fill an area with rounded corners."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(QRectF(area), radius, radius)
