"""A density as a picture in a plot, painted as fast as Qt can."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget


class DensityItem(pg.GraphicsObject):
    """Fills a rectangle of the plot with an RGBA image; pyqtgraph's ImageItem takes twice as long.

    shown: the image uint8 (H, W, 4), its first row the lowest, or None.
    """

    def __init__(self) -> None:
        super().__init__()
        self.shown: np.ndarray | None = None
        self._picture: QImage | None = None
        self._rect = QRectF()

    def show_image(self, image: np.ndarray | None, rect: QRectF) -> None:
        """Show another image in this rectangle, in the units of the axes; None for nothing."""
        self.prepareGeometryChange()
        self.shown, self._rect, self._picture = image, rect, None
        if image is not None:
            # The format in which Qt blends without converting, top row first.
            alpha = image[::-1, :, 3:].astype(np.uint16)
            premultiplied = np.empty_like(image)
            premultiplied[..., :3] = image[::-1, :, 2::-1] * alpha // 255
            premultiplied[..., 3:] = alpha
            height, width = image.shape[:2]
            kind = QImage.Format.Format_ARGB32_Premultiplied
            self._picture = QImage(premultiplied.data, width, height, 4 * width, kind).copy()
        self.update()

    def boundingRect(self) -> QRectF:
        return self._rect

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self._picture is not None:
            # In pixels, since a plot's y axis points upwards, and turning an image round costs Qt more than all else.
            target = painter.transform().mapRect(self._rect)
            painter.save()
            painter.resetTransform()
            painter.drawImage(target, self._picture)
            painter.restore()
