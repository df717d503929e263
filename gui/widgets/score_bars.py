"""Bars for the scores of the most relevant classes on the clean and the degraded image."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tfstab.gui.content.predictions import ScoreBar
from tfstab.gui.widgets.theme import series_colours
from tfstab.wording import scored

WIDTH, BAR, GAP = 190, 7, 7
MARGIN, TITLE = 8, 32  # pixels around the bars, and above them for the legend


class ScoreBars(QWidget):
    """Two bars per class: hollow for the clean image, filled for the degraded one; scores not recorded have no bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bars: tuple[ScoreBar, ...] = ()
        self._clean = "clean"
        self.setAccessibleName("Scores of the classes")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_bars(self, bars: tuple[ScoreBar, ...], clean: str = "clean") -> None:
        """Show the scores of other classes. clean: what the legend calls the clean image."""
        self.bars, self._clean = bars, clean
        self.setAccessibleDescription("; ".join(_spoken(bar, clean) for bar in bars))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size that the bars need."""
        return QSize(WIDTH, TITLE + max(1, len(self.bars)) * self._step() + MARGIN)

    def minimumSizeHint(self) -> QSize:
        """Return a size in which the bars are narrow but none is cut off."""
        return QSize(WIDTH // 2, self.sizeHint().height())

    def least_in_figure(self) -> QSize:
        """Return room for the whole names beside the scores, and for the legend."""
        font = self.font()
        font.setBold(True)
        bold, plain = QFontMetrics(font), self.fontMetrics()
        names = (bold.horizontalAdvance(_named(bar)) + plain.horizontalAdvance(_numbers(bar)) for bar in self.bars)
        legend = 2 * 33 + plain.horizontalAdvance(self._clean) + plain.horizontalAdvance("degraded")
        return QSize(max(legend, *names, 0) + 2 * MARGIN + 10, self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Show the exact scores of the class under the mouse as a tool tip."""
        if event.type() == QEvent.Type.ToolTip:
            at = int((event.pos().y() - TITLE) // self._step())  # type: ignore[attr-defined]
            if 0 <= at < len(self.bars):
                QToolTip.showText(event.globalPos(), _spoken(self.bars[at], self._clean), self)  # type: ignore[attr-defined]
                return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the legend and the bars."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.bars:
            self._paint_legend(painter)
        for k, bar in enumerate(self.bars):
            room = QRectF(MARGIN, TITLE + k * self._step(), self.width() - 2 * MARGIN, self._step())
            self._paint_bar(painter, bar, room)
        painter.end()

    def _step(self) -> int:
        return self.fontMetrics().height() + 2 * BAR + GAP

    def _paint_legend(self, painter: QPainter) -> None:
        text, metrics, x = self.palette().text().color(), self.fontMetrics(), float(MARGIN)
        for label, filled in ((self._clean, False), ("degraded", True)):
            self._bar(painter, QRectF(x, 13, 14, BAR), filled)
            painter.setPen(text)
            painter.drawText(QRectF(x + 19, 8, 100, 18), Qt.AlignmentFlag.AlignVCenter, label)
            x += 33 + metrics.horizontalAdvance(label)

    def _paint_bar(self, painter: QPainter, bar: ScoreBar, room: QRectF) -> None:
        metrics = self.fontMetrics()
        painter.setPen(self.palette().text().color())
        font = painter.font()
        font.setBold(bar.actual or bar.predicted)
        painter.setFont(font)
        line = room.adjusted(0, 0, 0, metrics.height() - room.height())
        numbers = _numbers(bar)
        left = room.width() - metrics.horizontalAdvance(numbers) - 8
        text = QFontMetrics(font).elidedText(_named(bar), Qt.TextElideMode.ElideMiddle, int(left))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        font.setBold(False)
        painter.setFont(font)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, numbers)
        y = room.top() + metrics.height()
        for score, filled in ((bar.clean, False), (bar.degraded, True)):
            if score is not None:
                box = QRectF(room.left() + 0.5, y + 0.5, max(1.5, score * (room.width() - 1)), BAR - 2)
                self._bar(painter, box, filled)
            y += BAR

    def _bar(self, painter: QPainter, box: QRectF, filled: bool) -> None:
        clean, degraded = (QColor(c) for c in series_colours(self.palette()))
        painter.setPen(QPen(degraded if filled else clean, 1))
        painter.setBrush(QBrush(degraded) if filled else QBrush(Qt.BrushStyle.NoBrush))
        painter.drawRect(box)


def _number(score: float | None) -> str:
    return "?" if score is None else scored(score)


def _numbers(bar: ScoreBar) -> str:
    return f"{_number(bar.clean)} → {_number(bar.degraded)}"


def _named(bar: ScoreBar) -> str:
    return f"{bar.name} (true)" if bar.actual else bar.name


def _spoken(bar: ScoreBar, clean: str) -> str:
    """Describe a class's scores in words, for tool tips and screen readers."""
    degraded = "not recorded" if bar.degraded is None else scored(bar.degraded)
    predicted = ", predicted" if bar.predicted else ""
    return f"{_named(bar)}{predicted}: {clean} {_number(bar.clean)}, degraded {degraded}"
