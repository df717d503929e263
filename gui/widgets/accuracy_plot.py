"""Accuracy against sigma, of one run or of several."""

from html import escape

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from tfstab.gui.comparison import Curve
from tfstab.gui.widgets.plot import ThemedPlot
from tfstab.gui.widgets.theme import run_colours

SYMBOLS = ("o", "s", "t", "d", "+", "x")
SIGNS = ("●", "■", "▼", "◆", "✚", "✖")


class AccuracyPlot(ThemedPlot):
    """For each run two curves: all images (solid, with the interval as a band) and those right when clean (dotted)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Accuracy by sigma", "Sigma (grey levels)", "Accuracy (%)", parent)
        self.setMinimumWidth(270)  # what the legend needs; pyqtgraph would cut the plot off instead
        self.curves: list[Curve] = []
        self.lines: list[tuple[pg.PlotDataItem, pg.PlotDataItem]] = []

    def set_curves(self, curves: list[Curve]) -> None:
        self.curves = curves
        self.recolour()
        self.fit()

    def fit(self) -> None:
        """Show all curves."""
        self.autoRange(padding=0.06)

    def recolour(self) -> None:
        self.clear()
        self.lines = []
        colours = run_colours(self.palette())
        for n, curve in enumerate(self.curves):
            self._draw(curve, colours[n % len(colours)], SYMBOLS[n % len(SYMBOLS)])
        # The legend stands above the plot, where no curve can run into it.
        parts = [
            f'<span style="color: {colours[n % len(colours)]}">{SIGNS[n % len(SIGNS)]}</span> {escape(curve.name)}'
            for n, curve in enumerate(self.curves)
        ]
        text = "&nbsp; ".join([*parts, "— all images", "··· correct when clean"])
        self.setTitle(text, size="8.5pt", color=self.palette().text().color())

    def _draw(self, curve: Curve, colour: str, symbol: str) -> None:
        faint = QColor(colour)
        faint.setAlpha(50)
        ends = [pg.PlotDataItem(curve.sigmas, 100 * end, pen=None) for end in curve.ends]
        self.addItem(pg.FillBetweenItem(*ends, brush=faint))
        # The two often coincide: the second is thinner, so that the first is seen below it.
        brush = pg.mkBrush(colour)
        everything = self.plot(
            curve.sigmas, 100 * curve.accuracy, pen=pg.mkPen(colour, width=3), symbol=symbol, symbolSize=8,
            symbolPen=None, symbolBrush=brush,
        )  # fmt: skip
        right = self.plot(
            curve.sigmas, 100 * curve.clean_correct, pen=pg.mkPen(colour, width=2, style=Qt.PenStyle.DotLine)
        )
        self.lines.append((everything, right))
