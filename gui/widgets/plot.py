"""A pyqtgraph plot that follows the system's palette."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QToolTip, QWidget

from tfstab.gui.widgets.simple_plot import SimplePlot
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.view_keys import obey

NEAR = 0.05  # share of the plot's width within which a curve's point is told
FAINT = 38  # opacity of grid lines, 0 to 255


class ThemedPlot(SimplePlot):
    """Base class of the viewer's plots, which tell the values under the mouse in a tool tip.

    Subclasses override `recolour` to redraw their data, and `values_at` to tell values.
    """

    def __init__(
        self, name: str, x_label: str, y_label: str, parent: QWidget | None = None, view_box: pg.ViewBox | None = None
    ) -> None:
        super().__init__(parent, view_box)
        self.setAccessibleName(name)
        self.setLabel("bottom", x_label)
        self.setLabel("left", y_label)
        for side in ("bottom", "left"):
            self.getAxis(side).enableAutoSIPrefix(False)
            # Grid lines at labelled ticks only: finer ones would double the time it takes to paint a plot.
            self.getAxis(side).setStyle(maxTickLevel=0)
            self.getAxis(side).setGrid(FAINT)
        self._paint_axes()
        self.scene().sigMouseMoved.connect(self._tell_values)

    def values_at(self, x: float, y: float) -> str:
        """Return in words what is drawn near a place in data coordinates, or ""."""
        return ""

    def point_near(self, line: pg.PlotDataItem, x: float) -> int | None:
        """Return which point of a line is nearest to `x`, or None if none is near."""
        xs = line.xData
        if xs is None or not len(xs):
            return None
        place = int(np.abs(xs - x).argmin())
        left, right = self.viewRange()[0]
        return place if abs(xs[place] - x) <= NEAR * (right - left) else None

    def recolour(self) -> None:
        """Redraw the data in the colours of the current palette."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let keys zoom and move the plot, and leave all others to the window."""
        if not obey(self.getViewBox(), event):
            event.ignore()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_axes"):  # Qt calls this before they are made
            self._paint_axes()
            self.recolour()

    def _tell_values(self, position: QPointF) -> None:
        """Show the values under the mouse, given in pixels of the scene."""
        box = self.getViewBox()
        text = ""
        if box.sceneBoundingRect().contains(position):
            place = box.mapSceneToView(position)
            text = self.values_at(place.x(), place.y())
        if text:
            QToolTip.showText(self.mapToGlobal(self.mapFromScene(position)), plain(text), self)
        elif QToolTip.isVisible():
            QToolTip.hideText()

    def _paint_axes(self) -> None:
        palette = self.palette()
        self.setBackground(palette.color(QPalette.ColorRole.Base))
        for side in ("bottom", "left"):
            axis = self.getAxis(side)
            axis.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            axis.setTextPen(palette.color(QPalette.ColorRole.Text))
