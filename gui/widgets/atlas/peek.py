"""The picture of the point under the mouse."""

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QLabel

from tfstab.gui.background import Background
from tfstab.gui.sessions.atlas import Atlas
from tfstab.gui.widgets.atlas.atlas_plot import AtlasPlot
from tfstab.gui.widgets.thumbnails import pixmap

SIDE, AWAY = 96, 18  # pixels: of the picture, and its distance from the mouse


class Peek(QLabel):
    """Floats over the plot, beside the mouse; its image is made again in a worker, only for the latest point."""

    def __init__(self, atlas: Atlas, background: Background, plot: AtlasPlot) -> None:
        super().__init__(plot)
        self._atlas, self._background, self._plot = atlas, background, plot
        self._wanted: int | None = None
        self._busy = False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFrameShape(QLabel.Shape.Box)
        self.hide()

    def show_point(self, place: int | None) -> None:
        """Show the image of another point; None hides it."""
        if place is None:
            self._wanted = None
            self.hide()
        elif place != self._wanted:
            self._wanted = place
            self._read()

    def _read(self) -> None:
        place = self._wanted
        if place is not None and not self._busy:
            self._busy = True
            self._background.run(
                lambda: self._atlas.image(place), lambda image: self._show(place, image), self._end, owner=self
            )

    def _show(self, place: int, image: np.ndarray) -> None:
        self._busy = False
        if place != self._wanted:
            self._read()
            return
        self.setPixmap(pixmap(image, SIDE, self.devicePixelRatioF()))
        self.adjustSize()
        plot = self._plot
        at = plot.mapFromGlobal(QCursor.pos()) + QPoint(AWAY, AWAY)
        self.move(min(at.x(), plot.width() - self.width()), min(at.y(), plot.height() - self.height()))
        self.show()

    def _end(self) -> None:
        self._busy = False
