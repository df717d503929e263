"""Two images that are compared."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from tfstab.gui.widgets.image_pane import ImagePane


class ImagePair(QWidget):
    """Two images side by side, or one above the other where that makes them larger."""

    def __init__(self, *panes: ImagePane) -> None:
        super().__init__()
        self._panes = panes
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(12)
        for pane in panes:
            self._layout.addWidget(pane, 1)

    def filled(self, room: QSize) -> QSize:
        """Return the largest size within a room that the images fill, without bands beside or above them."""
        pane, gap = self._panes[0], self._layout.spacing()
        if pane.shown is None:
            return room
        height, width = pane.shown.shape[:2]
        above = pane.height() - pane.graphics.height()  # title
        columns, rows = (1, 2) if room.height() > room.width() else (2, 1)
        scale = min(
            (room.width() - gap * (columns - 1)) / columns / width,
            ((room.height() - gap * (rows - 1)) / rows - above) / height,
        )
        size = QSize(
            round(columns * scale * width) + gap * (columns - 1),
            round(rows * (scale * height + above)) + gap * (rows - 1),
        )
        # This size must not change whether the images are beside or above each other.
        return size if scale > 0 and (size.height() > size.width()) == (rows > 1) else room

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the images for the new size."""
        super().resizeEvent(event)
        high = self.height() > self.width()
        self._layout.setDirection(QBoxLayout.Direction.TopToBottom if high else QBoxLayout.Direction.LeftToRight)
