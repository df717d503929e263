"""Clean image, difference and degraded image in small, with the predictions: which image the card is about."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from tfstab.gui.content.colours import diverging, signed_extreme
from tfstab.gui.content.triple import Triple
from tfstab.gui.widgets.card.drawing import Drawing, Spot
from tfstab.gui.widgets.thumbnails import pixmap

LINES, GAP = 5.5, 6  # height in lines of text, and pixels between pictures


class SmallTriple(Drawing):
    """Three pictures side by side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Clean image, difference and degraded image", LINES, parent)
        self._pictures: list[tuple[QPixmap, str]] = []

    def set_triple(self, triple: Triple) -> None:
        """Show another image."""
        plane = signed_extreme(triple.noise)
        coloured = diverging(plane, float(np.abs(plane).max()) or 1.0)
        said = (f"Clean: {triple.clean_says}", triple.noise_is, f"Degraded: {triple.degraded_says}")
        side, ratio = self.sizeHint().height(), self.devicePixelRatioF()
        images: tuple[np.ndarray, ...] = (triple.clean, coloured, triple.degraded)
        self._pictures = [(pixmap(image, side, ratio), text) for image, text in zip(images, said, strict=True)]
        self.describe(list(said))

    def blank(self) -> None:
        """Show nothing."""
        self._pictures = []
        self.describe([])

    def draw(self, painter: QPainter) -> list[Spot]:
        """Paint the pictures, smaller if there is no room."""
        spots: list[Spot] = []
        wide = (self.width() - 2 * GAP) / 3
        for k, (picture, text) in enumerate(self._pictures):
            size = picture.deviceIndependentSize()
            scale = min(1.0, wide / size.width(), self.height() / size.height())
            room = QRectF(QPointF(k * (wide + GAP), 0), size * scale)
            painter.drawPixmap(room, picture, QRectF(picture.rect()))
            spots.append((room, text))
        return spots
