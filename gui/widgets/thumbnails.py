"""Pictures of images, small."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QImage, QPixmap

THUMBNAIL = 56
DENSE = 2  # pixels for one of those on a usual screen: sharp on dense ones too


def thumbnail(image: np.ndarray) -> QIcon:
    """An image uint8 (H, W, C), enlarged or reduced to the size of a thumbnail, not tinted where it is selected."""
    image = np.ascontiguousarray(np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image)
    height, width = image.shape[:2]
    picture = QImage(image.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    pixmap = QPixmap.fromImage(picture).scaled(DENSE * THUMBNAIL, DENSE * THUMBNAIL, Qt.AspectRatioMode.KeepAspectRatio)
    pixmap.setDevicePixelRatio(DENSE)
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon
