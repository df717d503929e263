"""Labelled bars, and the block of a page that lists them."""

import math
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from tfstab.gui.theme import PLAIN, SPACE, block_colour, mixed, tone_colour
from tfstab.gui.widgets.blocks import CENTRE, LEFT, RIGHT, Block, Caption
from tfstab.gui.widgets.pressable import Do, Pressable, fill_rounded
from tfstab.gui.widgets.run_marks import draw_mark

BAR = 8  # pixels, height of a bar
MARK = 4.5  # pixels, half the width of the mark of a compared run
LEAST_BAR = 60  # pixels, smallest width of the longest bar


class BarRow(Pressable):
    """A labelled bar with a number at its right; a click leads to what it stands for.

    Parameters
    ----------
    label, text : str
        What the bar is about, and its value in words.
    share : float
        Length, 0 to 1.
    tone : str
        `GOOD`, `MIDDLE`, `BAD` or `PLAIN` of `tfstab.gui.theme`.
    on_click : callable, optional
    interval : tuple of float, optional
        Ends of an interval around `share`, drawn as a thin line over the bar.
    tip : str
        Tool tip.
    sure : bool
        Whether the bar is filled; else only its outline is drawn.
    mark : float
        A share that is marked by a dotted line; NaN for none.
    others : sequence of float
        Shares of compared runs, each marked by the shape of its run; NaN for none.
    """

    def __init__(
        self,
        label: str,
        share: float,
        text: str,
        tone: str = PLAIN,
        on_click: Do | None = None,
        interval: tuple[float, float] | None = None,
        tip: str = "",
        parent: QWidget | None = None,
        *,
        sure: bool = True,
        mark: float = math.nan,
        others: Sequence[float] = (),
    ) -> None:
        super().__init__(f"{label}: {text}", on_click, tip, parent)
        self.sure, self.mark, self.others = sure, mark, others
        self.label, self.share, self.text_right, self.tone, self.interval = label, share, text, tone, interval
        self.label_width = self.fontMetrics().horizontalAdvance(label) + 2
        self.text_width = self.fontMetrics().horizontalAdvance(text)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def draw(self, painter: QPainter) -> None:
        """Paint label, value and, if there is a figure, what shows it between them."""
        palette, room = self.palette(), self.rect().adjusted(4, 0, -4, 0)
        text = palette.color(QPalette.ColorRole.Text)
        if self.lit:
            fill_rounded(painter, self.rect(), mixed(block_colour(palette), text, 0.06))
        label_width = min(self.label_width, room.width() // 2)
        painter.setPen(text)
        label = painter.fontMetrics().elidedText(self.label, Qt.TextElideMode.ElideMiddle, label_width)
        painter.drawText(QRect(room.left(), room.top(), label_width, room.height()), LEFT | CENTRE, label)
        self.draw_value(painter, room)
        left, right = room.left() + label_width + SPACE, room.right() - self.text_width - SPACE
        if not math.isnan(self.share):
            self.draw_figure(painter, QRectF(left, room.top(), max(right - left, 0), room.height()))

    def draw_value(self, painter: QPainter, room: QRect) -> None:
        """Paint the value at the right, with the painter's pen."""
        painter.drawText(room, RIGHT | CENTRE, self.text_right)

    def draw_figure(self, painter: QPainter, room: QRectF) -> None:
        """Paint bar, interval and marks; a share of 0 is at the left edge of the room, and 1 at its right edge."""
        palette, left, length, middle = self.palette(), room.left(), room.width(), self.rect().center().y() + 0.5
        text, colour = palette.color(QPalette.ColorRole.Text), tone_colour(palette, self.tone)
        bar = QRectF(left, middle - BAR / 2, max(length * min(max(self.share, 0), 1), 2), BAR)
        if self.sure:
            fill_rounded(painter, bar, colour, BAR / 2)
        else:
            painter.setPen(QPen(colour, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(bar.adjusted(1, 1, -1, -1), BAR / 2, BAR / 2)
        if self.interval is not None:
            low, high = (left + length * min(max(end, 0), 1) for end in self.interval)
            fill_rounded(painter, QRectF(low, middle - 1, max(high - low, 1), 2), text, 1)
        if 0 <= self.mark <= 1:
            painter.setPen(QPen(text, 1, Qt.PenStyle.DotLine))
            place = left + length * self.mark
            painter.drawLine(QLineF(place, self.rect().top(), place, self.rect().bottom()))

        for n, other in enumerate(self.others, 1):
            if other >= 0:  # not NaN
                painter.setPen(QPen(palette.color(QPalette.ColorRole.Base), 1))  # an edge, as it may lie on the bar
                painter.setBrush(text)
                draw_mark(painter, QPointF(left + length * min(other, 1), middle), n, MARK)

    def sizeHint(self) -> QSize:
        """Return room for label, value and a short bar."""
        width = min(self.label_width, 160) + self.text_width + LEAST_BAR + 2 * SPACE + 8
        return QSize(width, self.fontMetrics().height() + SPACE // 2)

    def least_in_figure(self) -> QSize:
        """Return room for the whole label, which takes at most half of the width, the value and a short bar."""
        beside = self.label_width + self.text_width + LEAST_BAR + 2 * SPACE
        return QSize(max(2 * self.label_width + 2, beside) + 8, self.sizeHint().height())


def align_bars(rows: Iterable[BarRow]) -> None:
    """Let bars of one block begin and end in the same places."""
    rows = list(rows)
    for row in rows:
        row.label_width = max(other.fontMetrics().horizontalAdvance(other.label) + 2 for other in rows)
        row.text_width = max(other.fontMetrics().horizontalAdvance(other.text_right) for other in rows)
        row.updateGeometry()
        row.update()


def _plain(line: str) -> Caption:
    caption = Caption(line)
    caption.setTextFormat(Qt.TextFormat.PlainText)  # class names may contain HTML tags
    return caption


class BarBlock(Block):
    """A block of bars.

    Attributes
    ----------
    bars : sequence of BarRow
        The bars, from top to bottom.
    """

    bars: Sequence[BarRow] = ()

    def show_bars(self, bars: Sequence[BarRow], *below: str | QWidget) -> None:
        """Show other bars, which begin and end in the same places, and lines or a legend below them; "" for no line."""
        self.clear()
        self.bars = bars
        align_bars(bars)
        for bar in bars:
            self.add(bar)
        for line in below:
            if line:
                self.add(_plain(line) if isinstance(line, str) else line)
        self.body.addStretch(1)

    def filled(self, size: QSize) -> QSize:
        """Return a size of this width and at most this height that has no empty room below the bars and the legend.

        The block is as high as the one beside it in a page, but need not be in a figure.
        """
        layout = self.layout()
        needed = size.height() if layout is None else layout.totalHeightForWidth(size.width())
        return QSize(size.width(), min(size.height(), needed))
