"""Labels that wrap their text, and where a line may not end: between a number and its unit."""

import math
import re

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QTextDocument, QTextOption
from PySide6.QtWidgets import QLabel, QWidget

LEAST = 8  # letters a line
NO_BREAK = "\N{NO-BREAK SPACE}"
UNITS = "%", "dB", "nats", "points", "grey levels", "degrees", "pixels", "s", "min", "h", "kB", "MB", "GB"
_BEFORE_UNIT = re.compile(rf"(?<=[0-9∞]) (?=(?:{'|'.join(UNITS)})(?!\w))")


def unbroken(text: str) -> str:
    """Return a text with a no-break space between each number and its unit."""
    return _BEFORE_UNIT.sub(NO_BREAK, text)


class SentenceLabel(QLabel):
    """Shows sentences in lines; a number stays on the line of its unit."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent, wordWrap=True)
        self._given = ""
        self.setText(text)

    def text(self) -> str:
        """Return the text as it was given."""
        return self._given

    def setText(self, text: str) -> None:
        """Show another text."""
        self._given = text
        super().setText(unbroken(text))


class WrappedLabel(SentenceLabel):
    """Shows plain text in lines of any width; words that fill more than one line, such as paths, are broken.

    Qt's own label is never narrower than its longest word.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._wrap = QTextOption(self.alignment())
        self._wrap.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)

    def minimumSizeHint(self) -> QSize:
        """Return the size of a line of a few letters."""
        metrics = self.fontMetrics()
        return QSize(metrics.averageCharWidth() * LEAST, metrics.height())

    def heightForWidth(self, width: int) -> int:
        """Return the height of all lines."""
        document = QTextDocument(unbroken(self.text()), defaultFont=self.font(), documentMargin=0)
        document.setDefaultTextOption(self._wrap)
        document.setTextWidth(width)
        return math.ceil(document.size().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the lines."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(QRectF(self.contentsRect()), unbroken(self.text()), self._wrap)
        painter.end()
