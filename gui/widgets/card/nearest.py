"""The clean images that are nearest to a degraded one, of its own class and of its rival."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tfstab.gui.theme import SPACE
from tfstab.gui.widgets.blocks import Caption
from tfstab.gui.widgets.pressable import Pressable
from tfstab.gui.widgets.thumbnails import pixmap

SIDE = 40  # pixels of a picture


class Picture(Pressable):
    """A small picture that can be clicked."""

    def __init__(self, image: np.ndarray, name: str, on_click: Callable[[], object], parent: QWidget | None = None):
        super().__init__(name, on_click, name, parent)
        self._pixmap = pixmap(image, SIDE)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def draw(self, painter: QPainter) -> None:
        """Paint the picture."""
        inner = QRect(QPoint(0, 0), self._pixmap.deviceIndependentSize().toSize())
        inner.moveCenter(self.rect().center())
        painter.setOpacity(0.75 if self.lit else 1.0)
        painter.drawPixmap(inner, self._pixmap)

    def sizeHint(self) -> QSize:
        """Return the size of a picture."""
        return QSize(SIDE, SIDE)


class NearestImages(QWidget):
    """Two rows of pictures: images of the actual class, and of the rival."""

    def __init__(
        self,
        rows: Sequence[tuple[str, Sequence[tuple[int, str, np.ndarray]]]],
        about: str,
        select: Callable[[int], object],
        parent: QWidget | None = None,
    ) -> None:
        """Show images.

        Parameters
        ----------
        rows : sequence of (str, sequence of (int, str, ndarray))
            A heading, and the index, name and pixels of each image.
        about : str
            A line below them.
        select : callable
            Gets the index of an image that is clicked.
        """
        super().__init__(parent)
        self.pictures: dict[int, Picture] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        for heading, images in rows:
            column.addWidget(Caption(heading))
            shelf = QWidget()
            shelf.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # a narrow panel shows fewer
            row = QHBoxLayout(shelf)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(SPACE // 2)
            for index, name, image in images:
                picture = Picture(image, name, partial(select, index))
                self.pictures[index] = picture
                row.addWidget(picture)
            row.addStretch(1)
            column.addWidget(shelf)
        column.addWidget(Caption(about))
        column.setAlignment(Qt.AlignmentFlag.AlignTop)
