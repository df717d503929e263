"""Base of the plots whose points can be pointed at, clicked and picked."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtWidgets import QWidget

from tfstab.gui.widgets.pick_box import PickBox
from tfstab.gui.widgets.plot import ThemedPlot

REACH = 12  # screen pixels within which the mouse finds a point


class PointsPlot(ThemedPlot):
    """A plot with tools to pick points, and rings around the points under the mouse and selected.

    Subclasses find points in `nearest`, show all in `fit`, and add `marks` above what they draw.

    Attributes
    ----------
    marks : tuple of items
        Rings and outline.

    Signals
    -------
    hovered : int or None
        Index of the point nearest to the mouse.
    clicked : int
        Index of the point that was clicked.
    picked : ndarray, shape (P, 2)
        Outline drawn with the mouse, in units of the axes.
    """

    hovered = Signal(object)
    clicked = Signal(int)
    picked = Signal(object)

    def __init__(self, name: str, x_label: str, y_label: str, parent: QWidget | None = None) -> None:
        super().__init__(name, x_label, y_label, parent, PickBox())
        self._outline = pg.PlotCurveItem()
        self._near, self._selected = (pg.ScatterPlotItem(pxMode=True, symbol="o") for _ in range(2))
        self.marks = (self._near, self._selected, self._outline)
        self.disableAutoRange()
        self.scene().sigMouseMoved.connect(self._hover)
        self.scene().sigMouseClicked.connect(self._click)
        self.box.drawing.connect(self.mark_outline)
        self.box.picked.connect(self.picked)

    def fit(self) -> None:
        """Show all points."""
        raise NotImplementedError

    def nearest(self, position: QPointF) -> int | None:
        """Return the index of the point nearest to a scene position; None if there is none within reach."""
        raise NotImplementedError

    def mark_outline(self, outline: np.ndarray | None) -> None:
        """Draw the outline (P, 2) of the picked region; None removes it."""
        closed = np.empty((0, 2)) if outline is None else np.concatenate([outline, outline[:1]])
        self._outline.setData(closed[:, 0], closed[:, 1])

    def recolour(self) -> None:
        """Draw outline and rings in the colour of text."""
        text = self.palette().text().color()
        self._outline.setPen(pg.mkPen(text, width=1.5, style=Qt.PenStyle.DashLine))
        self.ring(self._near, 1, 12)
        self.ring(self._selected, 2.5, 15)

    def ring(self, item: pg.ScatterPlotItem, width: float, size: int) -> None:
        """Let an item draw its points as rings of a width and size, in screen pixels."""
        item.setPen(pg.mkPen(self.palette().text().color(), width=width))
        item.setBrush(None)
        item.setSize(size)

    def leaveEvent(self, event: QEvent) -> None:
        """Announce that no point is under the mouse."""
        super().leaveEvent(event)
        self.hovered.emit(None)

    def _hover(self, position: QPointF) -> None:
        self.hovered.emit(self.nearest(position))

    def _click(self, event: object) -> None:
        if event.button() != Qt.MouseButton.LeftButton:  # type: ignore[attr-defined]
            return
        if event.double():  # type: ignore[attr-defined]
            self.fit()
            return
        place = self.nearest(event.scenePos())  # type: ignore[attr-defined]
        if place is not None:
            self.clicked.emit(place)
