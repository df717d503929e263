"""A pyqtgraph plot in the colours of the system's palette."""

import pyqtgraph as pg
from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QWidget

from tfstab.gui.widgets.view_keys import obey


class ThemedPlot(pg.PlotWidget):
    """Base of the viewer's plots. Subclasses draw their data anew in `recolour`."""

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
            # Lines at numbers only: the finer ones take half of the time that a plot takes to paint.
            self.getAxis(side).setStyle(maxTickLevel=0)
        self.showGrid(x=True, y=True, alpha=0.15)
        self._paint_axes()

    def recolour(self) -> None:
        """Draw in the colours of the present palette."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not obey(self.getViewBox(), event):
            event.ignore()  # the window's keys

    def changeEvent(self, event: QEvent) -> None:
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
