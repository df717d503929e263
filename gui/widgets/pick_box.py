"""A plot's view in which dragging moves the view, or draws a rectangle or a lasso."""

from enum import Enum

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal

MOST_CORNERS = 160  # most corners of a lasso: each costs a pass over the points


class Tool(Enum):
    """What dragging with the left mouse button does."""

    MOVE = "move"
    RECTANGLE = "rectangle"
    LASSO = "lasso"


class PickBox(pg.ViewBox):
    """A view box with tools to pick points.

    Signals
    -------
    drawing : ndarray, shape (P, 2)
        The outline drawn so far, in units of the axes.
    picked : ndarray, shape (P, 2)
        The finished outline.
    """

    drawing = Signal(object)
    picked = Signal(object)

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.tool = Tool.MOVE
        self._corners: list[tuple[float, float]] = []

    def mouseDragEvent(self, event: object, axis: int | None = None) -> None:
        """Move the view or draw an outline, depending on the tool."""
        if self.tool is Tool.MOVE or event.button() != Qt.MouseButton.LeftButton:  # type: ignore[attr-defined]
            super().mouseDragEvent(event, axis)
            return
        event.accept()  # type: ignore[attr-defined]
        here = self._at(event.pos())  # type: ignore[attr-defined]
        if event.isStart():  # type: ignore[attr-defined]
            self._corners = [self._at(event.buttonDownPos())]  # type: ignore[attr-defined]
        if self.tool is Tool.LASSO:
            self._corners.append(here)
            outline = np.array(self._corners)
        else:
            (x, y), (u, v) = self._corners[0], here
            outline = np.array([(x, y), (u, y), (u, v), (x, v)])
        self.drawing.emit(outline)
        if event.isFinish():  # type: ignore[attr-defined]
            self.picked.emit(outline[:: 1 + len(outline) // MOST_CORNERS])

    def _at(self, position: QPointF) -> tuple[float, float]:
        point = self.mapToView(position)
        return point.x(), point.y()
