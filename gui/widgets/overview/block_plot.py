"""Plots on the blocks of a page: they are not moved or zoomed, and the wheel scrolls the page."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtGui import QHelpEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip

from tfstab.gui.theme import block_colour
from tfstab.gui.widgets.plot import ThemedPlot
from tfstab.gui.widgets.tips import plain

if TYPE_CHECKING:
    Base = ThemedPlot
else:
    Base = object  # Qt cannot join two widgets: a plot inherits its own base beside this class

WIDTH, HEIGHT = 200, 250  # pixels


class OnBlock(Base):
    """What a plot inherits first that stands on a block; `tip_at` says what is under the mouse."""

    def settle(self) -> None:
        """Take away moving and zooming; called once the plot is made."""
        self.setMouseEnabled(x=False, y=False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(WIDTH)
        self.setFixedHeight(HEIGHT)

    def tip_at(self, x: float, y: float) -> str:
        """Return what is at a place, in units of the axes; "" for nothing."""
        return ""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()

    def viewportEvent(self, event: QEvent) -> bool:
        """Show what is under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self.getViewBox().mapSceneToView(self.mapToScene(event.pos()))
            QToolTip.showText(event.globalPos(), plain(self.tip_at(place.x(), place.y())), self)
            return True
        return bool(super().viewportEvent(event))

    def _paint_axes(self) -> None:
        super()._paint_axes()
        self.setBackground(block_colour(self.palette()))
