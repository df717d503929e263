"""Thumbnails of images."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QImage, QPixmap

THUMBNAIL = 56
DENSE = 2  # pixels of a thumbnail per screen pixel, so that it is sharp on high-resolution screens too


def thumbnail(image: np.ndarray) -> QIcon:
    """Scale an image, uint8 (H, W, C), to the size of a thumbnail; Qt does not tint it when it is selected."""
    image = np.ascontiguousarray(np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image)
    height, width = image.shape[:2]
    picture = QImage(image.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    pixmap = QPixmap.fromImage(picture).scaled(DENSE * THUMBNAIL, DENSE * THUMBNAIL, Qt.AspectRatioMode.KeepAspectRatio)
    pixmap.setDevicePixelRatio(DENSE)
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon
