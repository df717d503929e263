"""Labels that wrap their text to any width."""

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QTextDocument, QTextOption
from PySide6.QtWidgets import QLabel, QWidget

LEAST = 8  # letters a line


class WrappedLabel(QLabel):
    """Shows plain text in lines of any width; words that fill more than one line, such as paths, are broken.

    Qt's own label is never narrower than its longest word.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._wrap = QTextOption(self.alignment())
        self._wrap.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)

    def minimumSizeHint(self) -> QSize:
        """Return the size of a line of a few letters."""
        metrics = self.fontMetrics()
        return QSize(metrics.averageCharWidth() * LEAST, metrics.height())

    def heightForWidth(self, width: int) -> int:
        """Return the height of all lines."""
        document = QTextDocument(self.text(), defaultFont=self.font(), documentMargin=0)
        document.setDefaultTextOption(self._wrap)
        document.setTextWidth(width)
        return math.ceil(document.size().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the lines."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(QRectF(self.contentsRect()), self.text(), self._wrap)
        painter.end()
