"""Scatter plot of PSNR against score, one point per degraded image, as in the paper's Figures 3 to 7."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QTimer
from PySide6.QtWidgets import QWidget

from tfstab.gui.content.colours import HATCHES, density_image
from tfstab.gui.content.points import CLEAN_WRONG, CORRECT, WRONG, Cloud
from tfstab.gui.widgets.points_plot import REACH, PointsPlot
from tfstab.gui.widgets.sweep.density_item import DensityItem
from tfstab.gui.widgets.theme import point_colours

SINGLE = 5_000  # fewer points in view are drawn one by one, more of them as a density
CELL = 3  # screen pixels of a density's cell, large enough for a single point to be visible
SYMBOLS = {CORRECT: "o", CLEAN_WRONG: "o", WRONG: "x"}  # like the hatches, these tell kinds apart without colour
HIGHEST_BOTTOM = 0.45  # highest lower end of the y axis, so that a class whose scores are all near 1 looks stable
FRAME = 15  # ms between two frames while the view moves
SIZES = {CORRECT: 5, CLEAN_WRONG: 7, WRONG: 7}
ORDER = (CORRECT, CLEAN_WRONG, WRONG)  # drawing order: later ones cover earlier ones


class ScatterPlot(PointsPlot):
    """Draws clouds of millions of points; what is in view is binned again whenever the view changes.

    Attributes
    ----------
    clouds : dict of int to Cloud
        Points by kind.
    drawn_single : dict of int to int
        How many points of each kind are currently drawn point by point.
    selected : (float, float) or None
        Where the thick ring around the selected point is.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("PSNR and score of each degraded image", "PSNR (dB)", "Score of predicted class", parent)
        self.clouds: dict[int, Cloud] = {}
        self.drawn_single: dict[int, int] = {}
        self.selected: tuple[float, float] | None = None
        self._image = DensityItem()
        self.addItem(self._image, ignoreBounds=True)
        self._single = {kind: pg.ScatterPlotItem(pxMode=True, symbol=SYMBOLS[kind]) for kind in ORDER}
        for item in (*self._single.values(), *self.marks):
            self.addItem(item, ignoreBounds=True)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(FRAME)
        self._later.timeout.connect(self.draw)
        self.range_changed.connect(self._draw_later)
        self.recolour()

    def set_clouds(self, clouds: dict[int, Cloud]) -> None:
        """Draw other points without changing the range in view."""
        self.clouds = clouds
        self.mark_near(None)
        self.draw()

    def fit(self) -> None:
        """Show all points."""
        drawn = [cloud for cloud in self.clouds.values() if len(cloud)]
        if not drawn:
            return
        left, right = min(float(c.x.min()) for c in drawn), max(float(c.x.max()) for c in drawn)
        bottom = min(HIGHEST_BOTTOM, *(float(c.y.min()) - 0.04 for c in drawn))
        pad = max(0.03 * (right - left), 0.5)
        self.setRange(QRectF(left - pad, bottom, right - left + 2 * pad, 1.04 - bottom), padding=0)

    def mark_near(self, point: tuple[float, float] | None) -> None:
        """Put a thin ring around the point under the mouse; None removes it."""
        self._near.setData(*([], []) if point is None else ([point[0]], [point[1]]))

    def mark_selected(self, point: tuple[float, float] | None) -> None:
        """Put a thick ring around the selected point; None removes it."""
        self.selected = point
        self._selected.setData(*([], []) if point is None else ([point[0]], [point[1]]))

    def draw(self) -> None:
        """Draw the points in view."""
        (left, right), (bottom, top) = self.viewRange()
        view, size = (left, bottom, right, top), self.getViewBox().size()
        width, height = max(1, int(size.width()) // CELL), max(1, int(size.height()) // CELL)
        clouds = {kind: self.clouds.get(kind, Cloud()) for kind in ORDER}
        counts = {kind: cloud.density(view, width, height) for kind, cloud in clouds.items()}
        # All kinds in the same way: the symbols of a few mistakes would cover a density of many correct points.
        dense = sum(int(c.sum()) for c in counts.values()) >= SINGLE
        for kind, cloud in clouds.items():
            single = np.empty(0, np.intp) if dense else cloud.inside(view)
            if len(single) or self.drawn_single.get(kind, 0):  # setting even an empty list takes a millisecond
                self._single[kind].setData(cloud.x[single], cloud.y[single])
            self.drawn_single[kind] = len(single)
        colours = point_colours(self.palette())
        layers = [(counts[kind], colours[kind], HATCHES[kind]) for kind in ORDER] if dense else []
        image = density_image(layers, (height, width)) if layers else None
        self._image.show_image(image, QRectF(left, bottom, right - left, top - bottom))

    def recolour(self) -> None:
        """Draw everything in the colours of the current palette."""
        super().recolour()
        colours = point_colours(self.palette())
        for kind, item in self._single.items():
            item.setSize(SIZES[kind])
            item.setPen(pg.mkPen(colours[kind], width=1.5) if kind == CLEAN_WRONG else None)
            item.setBrush(None if kind == CLEAN_WRONG else pg.mkBrush(*colours[kind], 190))
        self.draw()

    def _draw_later(self) -> None:
        if not self._later.isActive():
            self._later.start()

    def nearest(self, position: QPointF) -> int | None:
        """Return the index of the point nearest to a scene position; None if there is none within reach."""
        box = self.getViewBox()
        if not box.sceneBoundingRect().contains(position):
            return None
        at, (x_unit, y_unit) = box.mapSceneToView(position), box.viewPixelSize()
        found = [cloud.nearest(at.x(), at.y(), x_unit, y_unit, REACH) for cloud in self.clouds.values()]
        distance, place = min((f for f in found if f is not None), default=(np.inf, -1))
        return place if distance <= REACH else None
