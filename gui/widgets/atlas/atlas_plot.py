"""The plot of the atlas: a point for each image, coloured by group."""

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from tfstab.gui.widgets.points_plot import REACH, PointsPlot

SYMBOLS = ("o", "t1", "x")  # clean, degraded and right, degraded and wrong: told apart without colour
SIZES = (5, 7, 7)
OPAQUE = 190


@dataclass(frozen=True, eq=False)
class Spots:
    """Points of one colour and one symbol."""

    places: NDArray[np.intp]
    colour: QColor
    symbol: int


class AtlasPlot(PointsPlot):
    """Draws points, finds the one under the mouse, and draws outlines.

    Attributes
    ----------
    shown : ndarray of int
        The points that are drawn.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Map of the images", "", "", parent)
        self.box.setAspectLocked(True)
        for side in ("bottom", "left"):
            self.getAxis(side).hide()  # distances say something, places do not
        self._points = np.empty((0, 2), np.float32)
        self.shown: NDArray[np.intp] = np.empty(0, np.intp)
        self._spots: list[pg.ScatterPlotItem] = []
        self._path, self._others = pg.PlotCurveItem(), pg.ScatterPlotItem(pxMode=True, symbol="o")
        for item in (self._path, self._others, *self.marks):
            item.setZValue(1)
            self.addItem(item, ignoreBounds=True)
        self.hovered.connect(self.mark_near)
        self.recolour()

    def set_spots(self, points: NDArray[np.float32], spots: list[Spots]) -> None:
        """Draw other points, (N, 2), of which those in `spots` are shown."""
        self._points = points
        self.shown = np.concatenate([s.places for s in spots]) if spots else np.empty(0, np.intp)
        for item in self._spots:
            self.removeItem(item)
        self._spots = []
        for some in spots:
            colour = QColor(some.colour)
            colour.setAlpha(OPAQUE)
            symbol, size = SYMBOLS[some.symbol], SIZES[some.symbol]
            # All at once: each setter would look up the symbols of all points again.
            item = pg.ScatterPlotItem(
                *points[some.places].T,
                pxMode=True,
                symbol=symbol,
                size=size,
                pen=pg.mkPen(colour) if symbol == "x" else pg.mkPen(None),
                brush=pg.mkBrush(colour),
            )
            self.addItem(item, ignoreBounds=True)
            self._spots.append(item)
        self.mark_near(None)

    def fit(self) -> None:
        """Show all points."""
        if len(self._points):
            (left, bottom), (right, top) = self._points.min(axis=0).tolist(), self._points.max(axis=0).tolist()
            self.setRange(QRectF(left, bottom, max(right - left, 1e-6), max(top - bottom, 1e-6)), padding=0.04)

    def mark_near(self, place: int | None) -> None:
        """Put a thin ring around the point under the mouse; None removes it."""
        self._near.setData(*([], []) if place is None else self._points[[place]].T)

    def mark_selected(self, places: NDArray[np.intp], selected: int | None, ordered: bool) -> None:
        """Connect the points of the selected image by lines, and put a thick ring around the selected one.

        Parameters
        ----------
        places : ndarray of int
            Points of the image, the clean one first.
        selected : int or None
            The selected one of them.
        ordered : bool
            Whether one line leads from each point to the next; if not, lines lead from the first one to all others.
        """
        path = places if ordered else np.stack([np.broadcast_to(places[:1], len(places)), places], axis=1).ravel()
        self._path.setData(*self._points[path].T, connect="all" if ordered else "pairs")
        self._others.setData(*self._points[places].T)
        self._selected.setData(*([], []) if selected is None else self._points[[selected]].T)

    def ringed(self) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
        """Return where the selected image's points, and the selected point itself, are ringed."""
        others, selected = (list(zip(*item.getData(), strict=True)) for item in (self._others, self._selected))
        return others, selected

    def recolour(self) -> None:
        """Draw rings and lines in the colour of text."""
        super().recolour()
        self.ring(self._others, 1, 9)
        self._path.setPen(pg.mkPen(self.palette().text().color(), width=1))

    def nearest(self, position: QPointF) -> int | None:
        """Return the point shown nearest to a scene position; None if there is none within reach."""
        if not self.box.sceneBoundingRect().contains(position) or not len(self.shown):
            return None
        at, (x_unit, y_unit) = self.box.mapSceneToView(position), self.box.viewPixelSize()
        apart = (self._points[self.shown] - np.array([at.x(), at.y()])) / np.array([x_unit, y_unit])
        distance = (apart**2).sum(axis=1)
        best = int(distance.argmin())
        return int(self.shown[best]) if distance[best] <= REACH**2 else None
