"""The clean images that are nearest to a degraded one, of its own class and of its rival."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tfstab.gui.theme import SPACE
from tfstab.gui.widgets.blocks import Caption
from tfstab.gui.widgets.pressable import Pressable
from tfstab.gui.widgets.thumbnails import centred, pixmap

SIDE = 40  # pixels of a picture
COUNT = 5  # pictures in a row, as many as `tfstab.explanation.neighbours` returns

Found = tuple[int, str, np.ndarray]  # index, name and pixels of an image


class Picture(Pressable):
    """A small picture that can be clicked; without an image, an empty place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", None, parent=parent)
        self._pixmap = QPixmap()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_image(self, found: Found | None, select: Callable[[int], object] | None = None) -> None:
        """Show an image, or nothing; `select` gets its index when it is clicked."""
        name = "" if found is None else found[1]
        self._pixmap = QPixmap() if found is None else pixmap(found[2], SIDE, self.devicePixelRatioF())
        self.set_action(name, None if found is None or select is None else partial(select, found[0]))
        self.setToolTip(name)
        self.update()

    def draw(self, painter: QPainter) -> None:
        """Paint the picture."""
        painter.setOpacity(0.75 if self.lit else 1.0)
        painter.drawPixmap(centred(self._pixmap, self.rect().center()), self._pixmap)

    def sizeHint(self) -> QSize:
        """Return the size of a picture."""
        return QSize(SIDE, SIDE)


class NearestImages(QWidget):
    """Two rows of pictures: images of the true class, and of the rival.

    Attributes
    ----------
    headings : tuple of Caption
        The names of the two classes.
    pictures : tuple of tuple of Picture
        The pictures below each of them.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.headings = Caption(), Caption()
        self.pictures = tuple(tuple(Picture() for _ in range(COUNT)) for _ in self.headings)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        for heading, pictures in zip(self.headings, self.pictures, strict=True):
            heading.setTextFormat(Qt.TextFormat.PlainText)
            column.addWidget(heading)
            shelf = QWidget()
            shelf.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # a narrow panel shows fewer
            row = QHBoxLayout(shelf)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(SPACE // 2)
            for picture in pictures:
                row.addWidget(picture)
            row.addStretch(1)
            column.addWidget(shelf)

    def set_images(self, rows: Sequence[tuple[str, Sequence[Found]]], select: Callable[[int], object]) -> None:
        """Show two classes with their nearest images; `select` gets the index of an image that is clicked."""
        for heading, pictures, (name, images) in zip(self.headings, self.pictures, rows, strict=True):
            heading.setText(name if images else f"{name}: no other image")
            for picture, image in zip(pictures, [*images, *[None] * COUNT], strict=False):
                picture.set_image(image, select)

    def blank(self) -> None:
        """Show empty places until there are images again."""
        for pictures in self.pictures:
            for picture in pictures:
                picture.set_image(None)
