"""A pyqtgraph plot that follows the system's palette."""

import pyqtgraph as pg
from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QWidget

from tfstab.gui.widgets.view_keys import obey


class ThemedPlot(pg.PlotWidget):
    """Base class of the viewer's plots; subclasses override `recolour` to redraw their data."""

    def __init__(
        self, name: str, x_label: str, y_label: str, parent: QWidget | None = None, view_box: pg.ViewBox | None = None
    ) -> None:
        super().__init__(parent, background=None, viewBox=view_box, enableMenu=False)
        self.setAccessibleName(name)
        self.hideButtons()
        self.setLabel("bottom", x_label)
        self.setLabel("left", y_label)
        for side in ("bottom", "left"):
            self.getAxis(side).enableAutoSIPrefix(False)
            # Grid lines at labelled ticks only: finer ones would double the time it takes to paint a plot.
            self.getAxis(side).setStyle(maxTickLevel=0)
        self.showGrid(x=True, y=True, alpha=0.15)
        self._paint_axes()

    def recolour(self) -> None:
        """Redraw the data in the colours of the current palette."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let keys zoom and move the plot, and leave all others to the window."""
        if not obey(self.getViewBox(), event):
            event.ignore()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.plotItem is not None:
            self._paint_axes()
            self.recolour()

    def _paint_axes(self) -> None:
        palette = self.palette()
        self.setBackground(palette.color(QPalette.ColorRole.Base))
        for side in ("bottom", "left"):
            axis = self.getAxis(side)
            axis.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            axis.setTextPen(palette.color(QPalette.ColorRole.Text))
