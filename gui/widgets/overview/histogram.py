"""Histogram of minimum noise, with the median and its interval."""

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from tfstab.assessment.words import number
from tfstab.gui.content.search_overview import Histogram
from tfstab.gui.widgets.overview.block_plot import OnBlock
from tfstab.gui.widgets.plot import ThemedPlot
from tfstab.gui.widgets.theme import run_colours
from tfstab.wording import counted


class HistogramPlot(OnBlock, ThemedPlot):
    """Numbers of images by their minimum noise: bars for this search, outlines for the compared ones.

    Signals
    -------
    range_asked : float, float
        The ends of the bin that was clicked, in grey levels.
    """

    range_asked = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Histogram of minimum noise", "", "Images", parent)
        self.settle()
        self.histogram: Histogram | None = None
        self.bars: pg.BarGraphItem | None = None
        self.scene().sigMouseClicked.connect(self._click)

    def set_histogram(self, histogram: Histogram) -> None:
        """Show another histogram."""
        self.histogram = histogram
        self.setLabel("bottom", f"{histogram.norm} of the minimum noise, {histogram.unit}")
        self.recolour()
        self.fit()

    def fit(self) -> None:
        """Show all bins."""
        shown = self.histogram
        if shown is not None and len(shown.edges):
            self.setXRange(0, float(shown.edges[-1]), padding=0.02)
            self.setYRange(0, max(int(counts.max()) for counts in shown.counts), padding=0.05)

    def recolour(self) -> None:
        """Draw bars, outlines and medians."""
        self.clear()
        self.bars, shown = None, self.histogram
        if shown is None or not len(shown.edges):
            return
        colours = run_colours(self.palette())
        low, high = shown.edges[:-1], shown.edges[1:]
        faint = QColor(colours[0])
        faint.setAlpha(150)
        self.bars = pg.BarGraphItem(x0=low, x1=high, height=shown.counts[0], brush=faint, pen=pg.mkPen(None))
        self.addItem(self.bars)
        for counts, colour in zip(shown.counts[1:], colours[1:], strict=False):
            self.plot(shown.edges, counts, stepMode="center", pen=pg.mkPen(colour, width=2))
        for median, colour in zip(shown.medians, colours, strict=False):
            if median is not None and math.isfinite(median.value):
                self._mark(median.value, median.low, median.high, colour)

    def values_at(self, x: float, y: float) -> str:
        """Return how many images the bin at a place has."""
        place = self._bin(x)
        if place is None or self.histogram is None:
            return ""
        shown = self.histogram
        ends = f"{shown.norm} {number(shown.edges[place])} to {number(shown.edges[place + 1])}"
        counts = [int(counts[place]) for counts in shown.counts]
        if len(counts) == 1:
            return f"{ends}: {counted(counts[0])}"
        each = "; ".join(f"{count} in {name}" for name, count in zip(shown.names, counts, strict=True))
        return f"{ends}: {each}"

    def _mark(self, value: float, low: float, high: float, colour: str) -> None:
        """Mark a median by a line, and its interval by a band."""
        band = QColor(colour)
        band.setAlpha(40)
        end = high if math.isfinite(high) else float(self.histogram.edges[-1])  # type: ignore[union-attr]
        if low > 0:
            self.addItem(pg.LinearRegionItem((low, end), movable=False, brush=band, pen=pg.mkPen(None)))
        self.addItem(pg.InfiniteLine(value, pen=pg.mkPen(colour, width=2, style=Qt.PenStyle.DashLine)))

    def _bin(self, x: float) -> int | None:
        edges = np.empty(0) if self.histogram is None else self.histogram.edges
        place = int(np.searchsorted(edges, x, side="right")) - 1
        return place if len(edges) and 0 <= place < len(edges) - 1 else None

    def _click(self, event: Any) -> None:
        place = self._bin(self.getViewBox().mapSceneToView(event.scenePos()).x())
        if event.button() == Qt.MouseButton.LeftButton and place is not None and self.histogram is not None:
            self.range_asked.emit(*map(float, self.histogram.edges[place : place + 2]))
