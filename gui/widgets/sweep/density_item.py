"""A density painted as a picture in a plot, as fast as Qt can."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget


class DensityItem(pg.GraphicsObject):
    """Fills a rectangle of the plot with an RGBA image, in half the time of pyqtgraph's ImageItem.

    Attributes
    ----------
    shown : ndarray of uint8, shape (H, W, 4), or None
        The image; its first row is the lowest.
    """

    def __init__(self) -> None:
        super().__init__()
        self.shown: np.ndarray | None = None
        self._picture: QImage | None = None
        self._rect = QRectF()

    def show_image(self, image: np.ndarray | None, rect: QRectF) -> None:
        """Show another image, or nothing (None), in this rectangle in units of the axes."""
        self.prepareGeometryChange()
        self.shown, self._rect, self._picture = image, rect, None
        if image is not None:
            # Qt blends premultiplied ARGB without converting it; its first row is the top.
            alpha = image[::-1, :, 3:].astype(np.uint16)
            premultiplied = np.empty_like(image)
            premultiplied[..., :3] = image[::-1, :, 2::-1] * alpha // 255
            premultiplied[..., 3:] = alpha
            height, width = image.shape[:2]
            kind = QImage.Format.Format_ARGB32_Premultiplied
            self._picture = QImage(premultiplied.data, width, height, 4 * width, kind).copy()
        self.update()

    def boundingRect(self) -> QRectF:
        """Return the rectangle that the image fills."""
        return self._rect

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paint the image."""
        if self._picture is not None:
            # Painted in screen pixels: in the plot's coordinates, whose y axis points upwards, Qt would have to flip
            # the image, which takes longer than everything else.
            target = painter.transform().mapRect(self._rect)
            painter.save()
            painter.resetTransform()
            painter.drawImage(target, self._picture)
            painter.restore()
