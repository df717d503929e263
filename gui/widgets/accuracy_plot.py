"""Accuracy against sigma."""

from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from tfstab.gui.widgets.plot import ThemedPlot
from tfstab.gui.widgets.theme import series_colours

if TYPE_CHECKING:
    from tfstab.sweep.results import SigmaAccuracy


class AccuracyPlot(ThemedPlot):
    """Two curves: all images (solid) and those that are correct when clean (dotted)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Accuracy by sigma", "Sigma (grey levels)", "Accuracy (%)", parent)
        self.setMinimumWidth(270)  # what the legend needs; pyqtgraph would cut the plot off instead
        self.all = self.plot([], [])
        self.clean_correct = self.plot([], [])
        self.recolour()

    def set_accuracy(self, accuracy: "list[SigmaAccuracy]") -> None:
        there = sorted((a for a in accuracy if a.total), key=lambda a: a.sigma)
        sigmas = [a.sigma for a in there]
        self.all.setData(sigmas, [100 * a.accuracy for a in there])
        self.clean_correct.setData(sigmas, [100 * a.accuracy_of_clean_correct for a in there])
        self.fit()

    def fit(self) -> None:
        """Show both curves."""
        self.autoRange(padding=0.06)

    def recolour(self) -> None:
        styles = (Qt.PenStyle.SolidLine, Qt.PenStyle.DotLine)
        curves = (self.all, self.clean_correct)
        # The two often coincide: the second is thinner, so that the first is seen below it.
        for curve, colour, style, width in zip(curves, series_colours(self.palette()), styles, (4, 2), strict=True):
            curve.setPen(pg.mkPen(colour, width=width, style=style))
            curve.setSymbol("o")
            curve.setSymbolSize(width + 3)
            curve.setSymbolPen(None)
            curve.setSymbolBrush(pg.mkBrush(colour))
        # The legend stands above the plot, where no curve can run into it.
        parts = zip(series_colours(self.palette()), ("all images", "correct when clean"), strict=True)
        self.setTitle("&nbsp; ".join(f'<span style="color: {c}">●</span> {text}' for c, text in parts), size="8.5pt",
                      color=self.palette().text().color())  # fmt: skip
