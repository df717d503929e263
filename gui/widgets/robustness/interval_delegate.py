"""Paints shares with their intervals as dots on a line from 0 to 100 %."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tfstab.assessment.levels import BREAKS, HARMLESS
from tfstab.gui.theme import SPACE, mixed, tone_colour
from tfstab.gui.widgets.model_index import Index
from tfstab.gui.widgets.run_marks import draw_mark
from tfstab.metrics import Estimate

MARKS = Qt.ItemDataRole.UserRole + 31  # what a model returns for a cell: Dots
LONGEST = "100.0 % (99.9–100.0)"  # share and interval for which there is room
DOT, MARK = 5, 3.5  # pixels, radius of this network's dot and of the marks of others


@dataclass(frozen=True)
class Dots:
    """What a cell shows.

    Attributes
    ----------
    own : Estimate
        The share of this network.
    tone : str
        Its tone.
    sure : bool
        Whether the dot is filled; else it is open.
    others : sequence of Estimate
        The shares of compared networks.
    text : str
        The share of this network in words.
    """

    own: Estimate
    tone: str
    sure: bool
    others: Sequence[Estimate]
    text: str


class IntervalDelegate(QStyledItemDelegate):
    """Paints `Dots`: this network's as a dot, filled or open, those of others as smaller marks below it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return room for line and text."""
        return QSize(300, 2 * option.fontMetrics.height() + 6)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint background, line, dots and text."""
        widget = option.widget
        widget.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, widget)
        dots = index.data(MARKS)
        if not isinstance(dots, Dots):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(option.rect)
        palette: QPalette = option.palette
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        text = palette.color(QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text)
        room = QRectF(option.rect).adjusted(SPACE, 2, -SPACE, -2)
        width = option.fontMetrics.horizontalAdvance(LONGEST) + DOT  # which may be at 100 %
        painter.setPen(text)
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, dots.text)
        room.setRight(room.right() - width - SPACE)
        base = palette.color(QPalette.ColorRole.Highlight if chosen else QPalette.ColorRole.Base)
        _scale(painter, room, mixed(base, text, 0.25))
        step = room.height() / (len(dots.others) + 1)
        colour = text if chosen else tone_colour(palette, dots.tone)
        _dot(painter, room, room.top() + step / 2, dots.own, colour, dots.sure)
        for n, other in enumerate(dots.others, 1):  # their shapes tell them apart; a colour would seem to be a level
            _mark(painter, room, room.top() + step * (n + 0.5), other, text, n)
        painter.restore()


def _scale(painter: QPainter, room: QRectF, colour: QColor) -> None:
    """Draw the ends of the line, and the limits dashed."""
    painter.setPen(QPen(colour, 1))
    for share in (0.0, 1.0):
        x = room.left() + share * room.width()
        painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()))
    painter.setPen(QPen(colour, 1, Qt.PenStyle.DashLine))
    for share in (BREAKS, HARMLESS):
        x = room.left() + share * room.width()
        painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()))


def _dot(painter: QPainter, room: QRectF, y: float, e: Estimate, colour: QColor, filled: bool) -> None:
    if e.value >= 0:  # not NaN
        middle = _interval(painter, room, y, e, colour)
        painter.setBrush(colour if filled else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(middle, DOT, DOT)


def _mark(painter: QPainter, room: QRectF, y: float, e: Estimate, colour: QColor, n: int) -> None:
    if e.value >= 0:
        middle = _interval(painter, room, y, e, colour)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        draw_mark(painter, middle, n, MARK)


def _interval(painter: QPainter, room: QRectF, y: float, e: Estimate, colour: QColor) -> QPointF:
    """Draw the line of an interval, and return where its value is."""
    low, middle, high = (room.left() + min(max(v, 0), 1) * room.width() for v in (e.low, e.value, e.high))
    painter.setPen(QPen(colour, 2))
    painter.drawLine(QPointF(low, y), QPointF(high, y))
    return QPointF(middle, y)
