"""A plot with the parts that the viewer needs, and no others."""

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QGraphicsGridLayout, QGraphicsItem, QSizePolicy, QWidget

from tfstab.gui.figure_shapes import wide_lines

OF_BOX = {
    "autoRange", "disableAutoRange", "enableAutoRange", "invertX", "invertY", "setMouseEnabled", "setRange",
    "setXRange", "setYRange", "viewRange",
}  # fmt: skip
IN_FIGURE = 260, 200  # pixels, least width and height in a figure
TITLE = 30  # pixels, height of a title


class SimplePlot(pg.GraphicsView):
    """A view box with an axis below it and one at its left, and a title above if there is one.

    It has those methods of pyqtgraph's PlotWidget that the viewer uses, and those of its view box in `OF_BOX`. A
    PlotWidget takes three times as long to make, because it also has a menu of 30 controls and two hidden axes.

    Parameters
    ----------
    parent : QWidget, optional
    view_box : pyqtgraph.ViewBox, optional
        By default one without a menu.

    Attributes
    ----------
    box : pyqtgraph.ViewBox
        Where the items are.
    contents : list of pyqtgraph.GraphicsItem
        What was added, in this order.

    Signals
    -------
    range_changed
        Another part is in view.
    """

    range_changed = Signal()

    def __init__(self, parent: QWidget | None = None, view_box: pg.ViewBox | None = None) -> None:
        super().__init__(parent, background=None)
        self.enableMouse(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.box = pg.ViewBox(enableMenu=False) if view_box is None else view_box
        self.contents: list[Any] = []
        self._heading: pg.LabelItem | None = None
        self._logarithmic = False
        whole = pg.GraphicsWidget()
        self._grid = grid = QGraphicsGridLayout()
        grid.setContentsMargins(1, 1, 1, 1)
        grid.setSpacing(0)
        whole.setLayout(grid)
        grid.addItem(self.box, 1, 1)
        self._axes = {side: pg.AxisItem(side, parent=whole, linkView=self.box) for side in ("bottom", "left")}
        for axis, row, column in ((self._axes["bottom"], 2, 1), (self._axes["left"], 1, 0)):
            grid.addItem(axis, row, column)
            axis.setZValue(0.5)  # above images, below what is to cover the axes
            axis.setFlag(QGraphicsItem.GraphicsItemFlag.ItemNegativeZStacksBehindParent)
        grid.setRowStretchFactor(1, 100)
        grid.setColumnStretchFactor(1, 100)
        self.setCentralItem(whole)
        for name in OF_BOX:
            setattr(self, name, getattr(self.box, name))
        self.box.sigRangeChanged.connect(self.range_changed)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the plot, with lines as wide on a dense screen as on another one."""
        with wide_lines(self.scene().items(), self.devicePixelRatioF()):
            super().paintEvent(event)

    def least_in_figure(self) -> QSize:
        """Return room for labelled axes and some of the plot."""
        return QSize(*IN_FIGURE)

    def getViewBox(self) -> pg.ViewBox:
        """Return the view box."""
        return self.box

    def getAxis(self, side: str) -> pg.AxisItem:
        """Return the axis at the "bottom" or "left"."""
        return self._axes[side]

    def setLabel(self, side: str, text: str) -> None:
        """Name an axis."""
        self._axes[side].setLabel(text)

    def setTitle(self, title: str, **style: Any) -> None:
        """Show another title; `style` as of pyqtgraph's LabelItem."""
        if self._heading is None:
            self._heading = pg.LabelItem("")
            self._heading.setMaximumHeight(TITLE)
            self._grid.addItem(self._heading, 0, 1)
            self._grid.setRowFixedHeight(0, TITLE)
        self._heading.setText(title, **style)

    def setLogMode(self, y: bool) -> None:
        """Give the left axis a logarithmic scale, or take it away."""
        self._logarithmic = y
        self._axes["left"].setLogMode(y)
        for item in self.contents:
            self._scale(item)
        self.box.enableAutoRange()

    def addItem(self, item: Any, ignoreBounds: bool = False) -> None:
        """Add an item; with `ignoreBounds`, it does not count for automatic ranges."""
        self.contents.append(item)
        self.box.addItem(item, ignoreBounds=ignoreBounds)
        self._scale(item)

    def removeItem(self, item: Any) -> None:
        """Remove an item."""
        self.contents.remove(item)
        self.box.removeItem(item)

    def clear(self) -> None:
        """Remove all items."""
        for item in list(self.contents):
            self.removeItem(item)

    def plot(self, *data: Any, **style: Any) -> pg.PlotDataItem:
        """Add a curve, and return it; data and style as of pyqtgraph's PlotDataItem."""
        curve = pg.PlotDataItem(*data, **style)
        self.addItem(curve)
        return curve

    def _scale(self, item: Any) -> None:
        if hasattr(item, "setLogMode"):
            item.setLogMode(False, self._logarithmic)
