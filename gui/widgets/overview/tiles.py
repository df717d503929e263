"""Pictures with captions that can be clicked: pairs of classes that are confused, and single images."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPalette
from PySide6.QtWidgets import QToolTip, QWidget

from tfstab.gui.theme import SMALL, block_colour, caption_colour, mixed, scaled
from tfstab.gui.widgets.blocks import Block, Caption
from tfstab.gui.widgets.overview.flow import Flow
from tfstab.gui.widgets.pressable import Do, Pressable, fill_rounded
from tfstab.gui.widgets.thumbnails import centred, pixmap
from tfstab.gui.widgets.tips import plain

SIDE = 64  # screen pixels of a picture
GAP = 4
NARROWEST = 116  # screen pixels of a tile, for its lines


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture of a tile.

    Attributes
    ----------
    image : ndarray of uint8, shape (H, W, C)
        The picture.
    tip : str
        What it is.
    do : callable
        What a click on it does.
    """

    image: np.ndarray
    tip: str
    do: Do


class Tile(Pressable):
    """Pictures side by side with lines below them; a click on a picture and one on the lines do different things.

    The keyboard does what a click on the lines does.

    Parameters
    ----------
    pictures : sequence of Picture
        One or two.
    lines : sequence of str
        A caption, in two lines if it is long, and at the end a fainter one, which is broken into two if it is too long.
    do : callable
        What a click on the lines does.
    tip : str
        What the lines mean.
    parent : QWidget, optional
    """

    def __init__(
        self, pictures: Sequence[Picture], lines: Sequence[str], do: Do, tip: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(", ".join(lines), self._press, parent=parent)
        self.pictures, self.lines, self.tip, self._on_lines = tuple(pictures), tuple(lines), tip, do
        self._hit: Picture | None = None
        self._made = [pixmap(each.image, SIDE, self.devicePixelRatioF()) for each in self.pictures]

    def picture_at(self, position: QPoint) -> Picture | None:
        """Return the picture at this position of the tile, or None."""
        for picture, place in zip(self.pictures, self._places(), strict=True):
            if place.contains(position):
                return picture
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember what is clicked."""
        self._hit = self.picture_at(event.position().toPoint())
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let the keyboard do what the lines do."""
        self._hit = None
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Show the tip of the picture or of the lines."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            picture = self.picture_at(event.pos())
            QToolTip.showText(event.globalPos(), plain(self.tip if picture is None else picture.tip), self)
            return True
        return super().event(event)

    def draw(self, painter: QPainter) -> None:
        """Paint pictures and lines."""
        palette = self.palette()
        text = palette.color(QPalette.ColorRole.Text)
        if self.lit:
            fill_rounded(painter, self.rect(), mixed(block_colour(palette), text, 0.06))
        for made, place in zip(self._made, self._places(), strict=True):
            painter.drawPixmap(centred(made, place.center()), made)
        top = GAP + SIDE + GAP
        *caption, last = self.lines
        for line, faint in [*((line, False) for line in caption), *((line, True) for line in self._halves(last))]:
            painter.setFont(scaled(self.font(), SMALL) if faint else self.font())
            painter.setPen(caption_colour(palette) if faint else text)
            height = painter.fontMetrics().height()
            short = painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideMiddle, self.width() - GAP)
            painter.drawText(QRect(0, top, self.width(), height), Qt.AlignmentFlag.AlignHCenter, short)
            top += height

    def sizeHint(self) -> QSize:
        """Return room for the pictures and the lines."""
        lines = len(self.lines) - 1 + len(self._halves(self.lines[-1]))
        return QSize(_width(len(self.pictures)), SIDE + 3 * GAP + lines * self.fontMetrics().height())

    def _halves(self, line: str) -> list[str]:
        """Return a faint line, in two if it is too long for the tile and can be broken so that both fit."""
        metrics, room = QFontMetrics(scaled(self.font(), SMALL)), _width(len(self.pictures)) - GAP

        def width(text: str) -> int:
            return metrics.horizontalAdvance(text)

        words = line.split(" ")
        halves = [(" ".join(words[:k]), " ".join(words[k:])) for k in range(1, len(words))]
        if width(line) <= room or not halves:
            return [line]
        shortest = min(halves, key=lambda half: max(map(width, half)))
        return [*shortest] if max(map(width, shortest)) <= room else [line]

    def _places(self) -> list[QRect]:
        count = len(self.pictures)
        left = (self.width() - count * SIDE - (count - 1) * GAP) // 2
        return [QRect(left + n * (SIDE + GAP), GAP, SIDE, SIDE) for n in range(count)]

    def _press(self) -> object:
        hit, self._hit = self._hit, None
        return self._on_lines() if hit is None else hit.do()


def broken(arrows: Sequence[str], pictures: int, metrics: QFontMetrics) -> list[list[str]]:
    """Return captions like "cat → dog" as lines: in all two lines if one of them is too long for a tile.

    Parameters
    ----------
    arrows : sequence of str
        The captions.
    pictures : int
        Number of pictures of each tile.
    metrics : QFontMetrics
        Of the tiles' font.
    """
    room = _width(pictures) - GAP
    if all(metrics.horizontalAdvance(arrow) <= room for arrow in arrows):
        return [[arrow] for arrow in arrows]
    return [arrow.replace(" → ", "\n→ ", 1).split("\n") for arrow in arrows]


def _width(pictures: int) -> int:
    """Return the width of a tile."""
    return max(pictures * (SIDE + GAP) + GAP, NARROWEST)


class TileBlock(Block):
    """A block of tiles, with a sentence in their place while there are none.

    Attributes
    ----------
    tiles : list of Tile
        The tiles.
    note : Caption
        A sentence below the tiles.
    """

    def __init__(
        self, title: str, empty: str, link_text: str = "", on_link: Do | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(title, link_text, on_link, parent)
        self.tiles: list[Tile] = []
        self._shown: object = None
        self.empty = Caption(empty)
        self.add(self.empty)
        self._row = QWidget()
        self._flow = Flow(self._row)
        self.add(self._row)
        self.note = Caption()
        self.note.hide()
        self.add(self.note)

    def say(self, sentence: str) -> None:
        """Show a sentence below the tiles."""
        self.note.setText(sentence)
        self.note.setVisible(bool(sentence))

    def set_tiles(self, shown: object, make: Callable[[], list[Tile]]) -> None:
        """Show other tiles, unless `shown`, which is compared by ==, says that they would be the same."""
        if shown == self._shown:
            return
        self._shown = shown
        for old in self.tiles:
            self._flow.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.tiles = make()
        for tile in self.tiles:
            self._flow.addWidget(tile)
        self.empty.setVisible(not self.tiles)
        self._row.setVisible(bool(self.tiles))
