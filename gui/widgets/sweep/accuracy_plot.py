"""Accuracy as a function of severity, for one run or several of the same degradation."""

from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QWidget

from tfstab.gui.content.comparison import Curve, of_other_images
from tfstab.gui.widgets.plot import ThemedPlot
from tfstab.gui.widgets.run_marks import SIGNS, SYMBOLS
from tfstab.gui.widgets.theme import run_colours
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.degradations import Degradation

KEY = "<br>— all images (band: 95 % interval) &nbsp; ··· only images right when clean"


class AccuracyPlot(ThemedPlot):
    """Two curves per run: all images (solid, with the interval as a band) and those right when clean (dotted).

    Parameters
    ----------
    family : Degradation
        Degradation of the runs; names the axis.
    parent : QWidget, optional
    """

    def __init__(self, family: "Degradation", parent: QWidget | None = None) -> None:
        axis = family.axis[0].upper() + family.axis[1:]
        super().__init__(f"Accuracy by {family.parameter}", axis, "Accuracy (%)", parent)
        self._neutral, self._at = family.neutral, family.at
        # A label outside the plot: no curve can cross it, and unlike pyqtgraph's titles it wraps.
        self.legend = QLabel()
        self.legend.setWordWrap(True)
        self.curves: list[Curve] = []
        self.lines: list[tuple[pg.PlotDataItem, pg.PlotDataItem]] = []

    def set_curves(self, curves: list[Curve]) -> None:
        """Show these curves."""
        self.curves = curves
        if curves:
            values = curves[0].severities
            # Some severities fall as the degradation grows, such as a quality: mild is always on the left.
            self.invertX(len(values) > 0 and float(values[-1]) < self._neutral)
        self.recolour()
        self.fit()

    def fit(self) -> None:
        """Show all curves."""
        drawn = [c for c in self.curves if len(c.severities)]
        if drawn:
            lowest = min(float(min(c.ends.min(), np.nanmin(c.clean_correct, initial=1))) for c in drawn)
            ends = [end for c in drawn for end in (self._neutral, float(c.severities[0]), float(c.severities[-1]))]
            self.setXRange(min(ends), max(ends), padding=0.04)
            self.setYRange(100 * lowest, 100, padding=0.05)

    def values_at(self, x: float, y: float) -> str:
        """Return the severity nearest to `x`, and each run's accuracy there with its interval."""
        told = []
        for curve, (everything, _) in zip(self.curves, self.lines, strict=True):
            place = self.point_near(everything, x)
            if place is not None:
                low, high = (100 * end[place] for end in curve.ends)
                accuracy, right = 100 * curve.accuracy[place], 100 * curve.clean_correct[place]
                told.append(
                    f"{curve.name}, {self._at(f'{curve.severities[place]:g}')}: {accuracy:.1f} % "
                    f"({low:.1f}–{high:.1f}); {right:.1f} % of images right when clean"
                )
        return "\n".join(told)

    def recolour(self) -> None:
        """Draw curves and legend in the colours of the current palette."""
        self.clear()
        self.lines = []
        colours = run_colours(self.palette())
        for n, curve in enumerate(self.curves):
            self._draw(curve, colours[n % len(colours)], SYMBOLS[n % len(SYMBOLS)])
        parts = [
            f'<span style="color: {colours[n % len(colours)]}">{SIGNS[n % len(SIGNS)]}</span>&nbsp;{escape(curve.name)}'
            for n, curve in enumerate(self.curves)
        ]
        if of_other_images(self.curves):
            parts = [f"{part} ({counted(len(c.images))})" for part, c in zip(parts, self.curves, strict=True)]
            parts[0] = f"Each run on its own images: &nbsp; {parts[0]}"
        self.legend.setText(" &nbsp; ".join(parts) + KEY)

    def _draw(self, curve: Curve, colour: str, symbol: str) -> None:
        faint = QColor(colour)
        faint.setAlpha(50)
        ends = [pg.PlotCurveItem(curve.severities, 100 * end) for end in curve.ends]
        self.addItem(pg.FillBetweenItem(*ends, brush=faint))
        # The two curves often coincide: the second is thinner, so that the first stays visible below it.
        brush = pg.mkBrush(colour)
        everything = self.plot(
            curve.severities,
            100 * curve.accuracy,
            pen=pg.mkPen(colour, width=3),
            symbol=symbol,
            symbolSize=8,
            symbolPen=None,
            symbolBrush=brush,
        )
        right = self.plot(
            curve.severities, 100 * curve.clean_correct, pen=pg.mkPen(colour, width=2, style=Qt.PenStyle.DotLine)
        )
        self.lines.append((everything, right))
