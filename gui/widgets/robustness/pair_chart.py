"""Networks on the same images as a chart, which can be saved: their accuracies with intervals, and the difference."""

import math

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tfstab.gui.content.pairing import NOISE, Pairing, PairRow
from tfstab.gui.theme import BAD, GOOD, PLAIN, SMALL, SPACE, block_colour, caption_colour, mixed, scaled, tone_colour
from tfstab.gui.widgets.bars import BarBlock, BarRow
from tfstab.gui.widgets.blocks import BlockRow
from tfstab.gui.widgets.legend import Legend
from tfstab.gui.widgets.pressable import fill_rounded
from tfstab.gui.widgets.run_marks import SIGNS, draw_mark
from tfstab.gui.widgets.tips import plain
from tfstab.metrics.shares import percent, signed
from tfstab.wording import counted

HIGHER = 5  # pixels that a row is higher than one with a bar
APART = 4.5  # pixels between the middle of a row and the mark of a network
SIZE = 4  # pixels, half the width of a mark
GRID = (0.0, 0.25, 0.5, 0.75, 1.0)  # accuracies with a vertical line
NUMBERS = 160  # pixels that the accuracies below the lines need beyond a short bar
TITLE = "Accuracy on the images that both have"
LEAD = 2  # rows before those of the degradations
NOT_COMPARED = "not compared"
BELOW = (
    "{images}; lines: 95 % intervals. At the right: {second} minus {first}, in points; "
    "green or red where it is decided which is better."
)


class PairBar(BarRow):
    """The accuracies of two networks above each other, and their difference at the right.

    Parameters
    ----------
    row : PairRow
        Has the accuracies, or says why there are none.
    own, other : str
        Names of the network in view, and of the other one.
    hardened : bool
        Whether the other network is the second one of the row.
    n : int
        Place of the other network among the compared ones, from 1; it has the mark of this place.
    """

    def __init__(self, row: PairRow, own: str, other: str, hardened: bool, n: int) -> None:
        d, each = row.accuracy, row.each
        if d is None or each is None:
            super().__init__(row.title, math.nan, NOT_COMPARED, tip=plain(row.problem))
            return
        self.row, self.n = row, n
        self.own, self.other = each if hardened else each[::-1]
        shown = [f"{name} {percent(e, 1)}" for name, e in ((own, self.own), (other, self.other))]
        tip = f"{row.title}, {counted(d.count)}: {'; '.join(shown)}; {row.texts[2]} points"
        super().__init__(row.title, self.own.value, signed(d.value), tip=plain(tip))
        self.setAccessibleName(tip)

    @property
    def value_tone(self) -> str:
        """The tone of the difference: good or bad where it is decided which network is better."""
        sign = 0 if math.isnan(self.share) else self.row.sign
        return PLAIN if sign == 0 else GOOD if sign > 0 else BAD

    def draw_value(self, painter: QPainter, room: QRect) -> None:
        """Paint the difference in its colour."""
        if self.value_tone:
            painter.setPen(tone_colour(self.palette(), self.value_tone))
        super().draw_value(painter, room)

    def draw_figure(self, painter: QPainter, room: QRectF) -> None:
        """Paint the network in view above the other one."""
        palette, middle = self.palette(), self.rect().center().y() + 0.5
        painter.setPen(QPen(_faint(palette), 1))
        for share in GRID:
            place = room.left() + room.width() * share
            painter.drawLine(QLineF(place, self.rect().top(), place, self.rect().bottom() + 1))
        colours = tone_colour(palette, PLAIN), palette.color(QPalette.ColorRole.Text)
        for n, (estimate, colour) in enumerate(zip((self.own, self.other), colours, strict=True)):
            height = middle + (APART if n else -APART)
            at, low, high = (room.left() + room.width() * e for e in (estimate.value, estimate.low, estimate.high))
            fill_rounded(painter, QRectF(low, height - 1, max(high - low, 1), 2), colour, 0)
            if n:
                draw_mark(painter, QPointF(at, height), self.n, SIZE)
            else:
                painter.drawEllipse(QPointF(at, height), SIZE, SIZE)

    def least_in_figure(self) -> QSize:
        """Return room for the numbers below the vertical lines, too."""
        return super().least_in_figure() + QSize(NUMBERS, 0)

    def sizeHint(self) -> QSize:
        """Return room for both marks, apart from those of the next row."""
        return super().sizeHint() + QSize(0, HIGHER)


class Scale(BarRow):
    """The numbers below the vertical lines."""

    def __init__(self) -> None:
        super().__init__("", 0, "")
        self.setFont(scaled(self.font(), SMALL))

    def draw_figure(self, painter: QPainter, room: QRectF) -> None:
        """Paint the numbers."""
        painter.setPen(caption_colour(self.palette()))
        for share in GRID:
            place = QRectF(room.left() + room.width() * share - 30, room.top(), 60, room.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{100 * share:.0f} %")


class PairChart(QWidget):
    """A block for each compared network, on the images that it has in common with the network in view.

    Attributes
    ----------
    blocks : list of BarBlock
        The blocks.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.blocks: list[BarBlock] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(SPACE, SPACE, SPACE, SPACE)

    def set_pairings(self, own: str, pairings: list[Pairing]) -> None:
        """Show the accuracies of a network and of others."""
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.blocks = [_block(own, pairing, n) for n, pairing in enumerate(pairings, 1) if charted(pairing)]
        if self.blocks:
            self._column.addWidget(BlockRow(*self.blocks))


def charted(pairing: Pairing) -> bool:
    """Return True if there is something to draw."""
    return any(row.each is not None for row in pairing.rows)


def _block(own: str, pairing: Pairing, n: int) -> BarBlock:
    block, (first, second) = BarBlock(TITLE), pairing.names(own)
    block.body.setSpacing(0)  # so that the vertical lines are whole
    rows = _ordered(pairing)
    counts = {row.accuracy.count for row in rows if row.accuracy is not None}
    images = counted(max(counts)) if len(counts) == 1 else f"{min(counts):,} to {counted(max(counts))}"
    bars = [PairBar(row, own, pairing.model, pairing.hardened, n) for row in rows]
    block.show_bars([*bars, Scale()], BELOW.format(images=images, first=first, second=second))
    block.body.insertWidget(0, Legend([(SIGNS[0], PLAIN, own), (SIGNS[n % len(SIGNS)], None, pairing.model)]))
    return block


def _ordered(pairing: Pairing) -> list[PairRow]:
    """Return the mean and clean images, then the degradations from the largest gain to the largest loss, as reports."""
    rows = [row for row in pairing.rows if row.title != NOISE]
    lead = 0 if pairing.overall is None else LEAD
    gains = {id(row): math.inf if row.accuracy is None else -row.accuracy.value for row in rows}
    return rows[:lead] + sorted(rows[lead:], key=lambda row: gains[id(row)])


def _faint(palette: QPalette) -> QColor:
    return mixed(block_colour(palette), palette.color(QPalette.ColorRole.Text), 0.15)
