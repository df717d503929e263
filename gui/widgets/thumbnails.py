"""Thumbnails of images, and the delegate that paints several of them side by side in one cell."""

from collections import OrderedDict
from collections.abc import Callable, Hashable

import numpy as np
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from tfstab.gui.content.colours import as_levels
from tfstab.gui.widgets.model_index import Index

THUMBNAIL = 56
DENSE = 2.0  # pixels of a thumbnail per screen pixel, so that it is sharp on high-resolution screens too
ROOM = 64 << 20  # bytes of pixmaps that a cache keeps
GAP = 4  # screen pixels between two pictures and around them

# What a model returns for PICTURES: (key, image) of each picture, None for one that is not read yet.
PICTURES = Qt.ItemDataRole.UserRole + 21
Pictures = tuple[tuple[Hashable, np.ndarray] | None, ...]


def pixmap(image: np.ndarray, size: int = THUMBNAIL, ratio: float = DENSE) -> QPixmap:
    """Scale an image to fit a square.

    Parameters
    ----------
    image : ndarray, shape (H, W, C)
        Grey levels, with one or three channels; values of degraded images are rounded, and clipped to 0..255.
    size : int
        Side of the square, in screen pixels.
    ratio : float
        The screen's `devicePixelRatioF`.

    Returns
    -------
    QPixmap
        Enlarged pixels stay sharp squares; larger images are averaged.
    """
    levels = np.ascontiguousarray(as_levels(image))
    height, width, channels = levels.shape
    kind = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
    picture = QImage(levels.data, width, height, channels * width, kind)
    side = max(1, round(ratio * size))
    smooth = max(width, height) > side
    how = Qt.TransformationMode.SmoothTransformation if smooth else Qt.TransformationMode.FastTransformation
    scaled = QPixmap.fromImage(picture.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, how))
    scaled.setDevicePixelRatio(ratio)
    return scaled


def centred(made: QPixmap, centre: QPoint) -> QRect:
    """Return where a pixmap lies that has its centre at this point."""
    place = QRect(QPoint(), made.deviceIndependentSize().toSize())
    place.moveCenter(centre)
    return place


def thumbnail(image: np.ndarray) -> QIcon:
    """Return the pixmap of an image as an icon."""
    return as_icon(pixmap(image))


def as_icon(scaled: QPixmap) -> QIcon:
    """Return an icon that Qt does not tint when it is selected."""
    icon = QIcon(scaled)
    icon.addPixmap(scaled, QIcon.Mode.Selected)
    return icon


class Thumbnails:
    """A cache of pixmaps, which forgets those unused for longest.

    Parameters
    ----------
    room : int
        Bytes to keep.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._room, self._used = room, 0
        self._kept: OrderedDict[Hashable, QPixmap] = OrderedDict()

    def get(
        self, key: Hashable, image: np.ndarray | Callable[[], np.ndarray], size: int = THUMBNAIL, ratio: float = DENSE
    ) -> QPixmap:
        """Return the pixmap of an image.

        Parameters
        ----------
        key : hashable
            Identifies the image.
        image : ndarray, shape (H, W, C), or callable
            The image, or a function that returns it, called only if there is no pixmap yet.
        size, ratio
            As for `pixmap`.
        """
        whole = (key, size, ratio)
        kept = self._kept.get(whole)
        if kept is not None:
            self._kept.move_to_end(whole)
            return kept
        made = pixmap(image() if callable(image) else image, size, ratio)
        self._kept[whole] = made
        self._used += _bytes(made)
        while self._used > self._room and len(self._kept) > 1:
            self._used -= _bytes(self._kept.popitem(last=False)[1])
        return made

    def clear(self) -> None:
        """Forget all pixmaps, because keys will mean other images."""
        self._kept.clear()
        self._used = 0


class PicturesDelegate(QStyledItemDelegate):
    """Paints the `PICTURES` of a cell side by side, such as a clean and a degraded image.

    Parameters
    ----------
    size : int
        Side of a picture, in screen pixels.
    parent : QWidget
        The view.
    """

    def __init__(self, size: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.size = size
        self.thumbnails = Thumbnails()

    def room(self, count: int) -> QSize:
        """Return the size that a cell of this many pictures needs."""
        return QSize(count * (self.size + GAP) + GAP, self.size + GAP)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of a cell."""
        return self.room(len(index.data(PICTURES) or ()))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the cell's background and its pictures, with a frame in place of one that is not read yet."""
        option = QStyleOptionViewItem(option)
        self.initStyleOption(option, index)
        widget: QWidget = option.widget
        style = widget.style() if widget is not None else QApplication.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, widget)
        rect: QRect = option.rect
        ratio = painter.device().devicePixelRatioF()
        corner = QPoint(rect.left() + GAP, rect.top() + (rect.height() - self.size) // 2)
        for known in index.data(PICTURES) or ():
            place = QRect(corner, QSize(self.size, self.size))
            if known is None:
                _paint_frame(painter, place, option.palette)
            else:
                made = self.thumbnails.get(known[0], known[1], self.size, ratio)
                painter.drawPixmap(centred(made, place.center()).topLeft(), made)
            corner += QPoint(self.size + GAP, 0)


def _paint_frame(painter: QPainter, place: QRect, palette: QPalette) -> None:
    painter.save()
    painter.setPen(palette.mid().color())
    painter.drawRect(place.adjusted(0, 0, -1, -1))
    painter.restore()


def _bytes(made: QPixmap) -> int:
    return made.width() * made.height() * made.depth() // 8
