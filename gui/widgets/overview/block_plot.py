"""Plots on the blocks of a page: they are not moved or zoomed, and the wheel scrolls the page."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QSizePolicy

from tfstab.gui.theme import block_colour
from tfstab.gui.widgets.plot import ThemedPlot

if TYPE_CHECKING:
    Base = ThemedPlot
else:
    Base = object  # Qt cannot join two widgets: a plot inherits its own base beside this class

WIDTH, HEIGHT = 200, 250  # pixels


class OnBlock(Base):
    """What a plot inherits first that stands on a block."""

    def settle(self) -> None:
        """Take away moving and zooming; called once the plot is made."""
        self.setMouseEnabled(x=False, y=False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(WIDTH)
        self.setFixedHeight(HEIGHT)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()

    def _paint_axes(self) -> None:
        super()._paint_axes()
        self.setBackground(block_colour(self.palette()))
