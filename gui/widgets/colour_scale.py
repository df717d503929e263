"""The colour scale below an image, which relates colours to grey levels."""

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tfstab.gui.figures import as_image

BAR = 10  # pixels of height


class ColourScale(QWidget):
    """A bar of colours, uint8 (N, 3), with three labels: left end, middle and right end."""

    def __init__(self, colours: np.ndarray, labels: tuple[str, str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = as_image(colours[None].astype(np.uint8))
        self.labels = labels
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(BAR + 4 + self.fontMetrics().height())
        self.set_labels(labels)

    def set_labels(self, labels: tuple[str, str, str]) -> None:
        """Show other grey levels at the left end, middle and right end."""
        self.labels = labels
        self.setAccessibleName(f"Colour scale from {labels[0]} to {labels[2]} grey levels")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bar and its labels."""
        painter = QPainter(self)
        bar = QRect(0, 0, self.width() - 1, BAR)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(bar, self._image)
        painter.setPen(self.palette().mid().color())
        painter.drawRect(bar)
        painter.setPen(self.palette().text().color())
        text = self.rect().adjusted(0, BAR + 2, 0, 0)
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
        for side, label in zip(sides, self.labels, strict=True):
            painter.drawText(text, side | Qt.AlignmentFlag.AlignTop, label)
        painter.end()
