"""Two images that are compared."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from tfstab.gui.widgets.image_pane import ImagePane


class ImagePair(QWidget):
    """Two images side by side, or one above the other where that makes them larger."""

    def __init__(self, *panes: ImagePane) -> None:
        super().__init__()
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(12)
        for pane in panes:
            self._layout.addWidget(pane, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the images for the new size."""
        super().resizeEvent(event)
        high = self.height() > self.width()
        self._layout.setDirection(QBoxLayout.Direction.TopToBottom if high else QBoxLayout.Direction.LeftToRight)
