"""Pictures of images, small."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QImage, QPixmap

THUMBNAIL = 56


def thumbnail(image: np.ndarray) -> QIcon:
    """An image uint8 (H, W, C), enlarged or reduced to the size of a thumbnail, not tinted where it is selected."""
    image = np.ascontiguousarray(np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image)
    height, width = image.shape[:2]
    picture = QImage(image.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    pixmap = QPixmap.fromImage(picture).scaled(THUMBNAIL, THUMBNAIL, Qt.AspectRatioMode.KeepAspectRatio)
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon
