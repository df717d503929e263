"""The course of a search by generation: objective, norm of the noise, and share of trials misclassified."""

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from tfstab.gui.widgets.plot import ThemedPlot
from tfstab.gui.widgets.search.replay_bar import ReplayBar
from tfstab.gui.widgets.theme import series_colours
from tfstab.search.norm import get_norm
from tfstab.search.result import HISTORY

if TYPE_CHECKING:
    from tfstab.search import MinimumNoise

BEST, MEAN = HISTORY.index("best"), HISTORY.index("mean")
NORM, SHARE = HISTORY.index("norm"), HISTORY.index("share_misclassified")
LEAST = 0.01  # smallest value drawn of the objective, which may be 0 or negative and has a logarithmic axis
HEIGHT = 110  # smallest height of a plot, in pixels
WIDE = 260  # pixels from which on there is room for a plot's whole title and legend


class HistoryPlot(QWidget):
    """Three plots side by side, and optionally a slider that moves a cursor along them.

    Parameters
    ----------
    plots : sequence of Curves
        What `make_plots` returns.
    replay : bool
        Show the slider.
    parent : QWidget, optional
    """

    def __init__(self, plots: "Sequence[Curves]", replay: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fitness, self.norm, self.share = plots
        # The objective of eq. 2 is in the millions until the class flips, and a few hundred afterwards.
        self.fitness.setLogMode(y=True)
        self.share.setYRange(0, 100)
        self.share.getViewBox().setMouseEnabled(y=False)
        self.plots = (self.fitness, self.norm, self.share)
        self.replay = ReplayBar()
        self.replay.moved.connect(self.set_cursor)
        self._replays = replay
        self.empty = QLabel("No search was needed: this image is misclassified when clean.")
        self.empty.setContentsMargins(8, 0, 0, 0)
        self._stack = QStackedWidget()
        self._arrange()

    def set_result(self, result: "MinimumNoise") -> None:
        """Show the history of a finished search."""
        self.set_unit(get_norm(result.norm).unit)
        self.set_history(result.history)
        self.fit()

    def set_unit(self, unit: str) -> None:
        """Name the unit of the norm."""
        self.norm.retitle(f"Noise norm ({unit})")

    def set_history(self, history: np.ndarray) -> None:
        """Show a history, shape (generations, 4), with the columns of HISTORY."""
        searched = bool(len(history))
        self._stack.setCurrentIndex(0 if searched or not self._replays else 1)
        for plot in self.plots:
            plot.set_history(history)
        if self._replays:
            self.replay.setVisible(searched)
            self.replay.set_history(history)

    def set_others(self, norms: list[np.ndarray]) -> None:
        """Draw faint curves of the norms, shape (generations,) each, of other images being searched."""
        self.norm.set_others(norms)

    def set_cursor(self, generation: int | None) -> None:
        """Mark a generation, counted from 1, in all plots; None removes the mark."""
        for plot in self.plots:
            plot.set_cursor(generation)

    def fit(self) -> None:
        """Show all generations."""
        for plot in (self.fitness, self.norm):
            plot.autoRange()

    def follow(self) -> None:
        """Keep all generations in view as more arrive."""
        for plot in (self.fitness, self.norm):
            plot.enableAutoRange()

    def _arrange(self) -> None:
        self.curves = QWidget()
        side_by_side = QHBoxLayout(self.curves)
        side_by_side.setContentsMargins(0, 0, 0, 0)
        side_by_side.setSpacing(2)
        for plot in self.plots:
            plot.setMinimumHeight(HEIGHT)
            side_by_side.addWidget(plot, 1)
        for plot in self.plots[1:]:
            plot.box.setXLink(self.fitness.box)
        self._stack.addWidget(self.curves)
        self._stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.replay)
        self.replay.setVisible(self._replays)


def make_plots() -> "Generator[None, None, list[Curves]]":
    """Make the plots of a HistoryPlot in steps, because each takes more than 10 ms."""
    fitness = Curves(
        "Objective by generation", "Objective (eq. 2)", (("best", BEST, 1), ("mean", MEAN, 1)), "Objective"
    )
    yield
    norm = Curves("Noise norm by generation", "Noise norm", (("", NORM, 1),), "Noise norm")
    yield
    name, title = "Share misclassified by generation", "Misclassified trials (%)"
    # The last one in the step that lays them out: its range depends on whether Qt has done so before.
    return [fitness, norm, Curves(name, title, (("", SHARE, 100),), "Misclassified (%)", colour=1)]


Columns = tuple[tuple[str, int, float], ...]


class Curves(ThemedPlot):
    """Columns of a history plotted over the generations.

    Parameters
    ----------
    name : str
        Accessible name.
    title : str
        Shown above the plot, because there is no room for it beside the axis.
    columns : tuple of (str, int, float)
        Name in the legend, column of the history, and factor to multiply it by.
    short : str
        Title in a narrow plot, without a legend.
    colour : int
        Number of the first curve's colour.
    """

    def __init__(self, name: str, title: str, columns: Columns, short: str, colour: int = 0) -> None:
        super().__init__(name, "Generation", "")
        self._title, self._short, self._legend = title, short, ""
        self.getAxis("left").setWidth(46)  # the same for all three plots, which keeps them aligned
        self._columns, self._colour = columns, colour
        self._others = pg.PlotCurveItem()
        self.addItem(self._others)
        self.lines = [self.plot([], []) for _ in columns]
        self.cursor = pg.InfiniteLine(angle=90, movable=False)
        self.cursor.hide()
        self.addItem(self.cursor, ignoreBounds=True)
        self.recolour()

    @property
    def line(self) -> pg.PlotDataItem:
        """First curve."""
        return self.lines[0]

    def set_history(self, history: np.ndarray) -> None:
        """Show a history, shape (generations, columns)."""
        generations = np.arange(1, len(history) + 1)
        for line, (_, column, factor) in zip(self.lines, self._columns, strict=True):
            values = factor * history[:, column]
            line.setData(generations, np.maximum(values, LEAST) if column in (BEST, MEAN) else values)

    def set_others(self, curves: list[np.ndarray]) -> None:
        """Draw faint curves of other images, as one item because many items would take too long to paint."""
        gap = np.full(1, np.nan)
        x = np.concatenate([gap, *(np.append(np.arange(1.0, len(curve) + 1), gap) for curve in curves)])
        y = np.concatenate([gap, *(np.append(curve, gap) for curve in curves)])
        self._others.setData(x, y, connect="finite")

    def set_cursor(self, generation: int | None) -> None:
        """Mark a generation, counted from 1; None removes the mark."""
        self.cursor.setVisible(generation is not None)
        if generation is not None:
            self.cursor.setValue(generation)

    def values_at(self, x: float, y: float) -> str:
        """Return the generation nearest to `x` and the values there."""
        place = self.point_near(self.line, x)
        if place is None:
            return ""
        values = [f"{name} {line.yData[place]:.4g}".strip() for line, (name, _, _) in self._drawn()]
        return f"generation {place + 1}: {', '.join(values)}"

    def _drawn(self) -> list[tuple[pg.PlotDataItem, tuple[str, int, float]]]:
        return list(zip(self.lines, self._columns, strict=True))

    def recolour(self) -> None:
        """Draw curves, cursor and legend in the colours of the current palette."""
        colours = [series_colours(self.palette())[(self._colour + k) % 2] for k in range(len(self.lines))]
        styles = (Qt.PenStyle.SolidLine, Qt.PenStyle.DotLine)
        for line, colour, style in zip(self.lines, colours, styles, strict=False):
            line.setPen(pg.mkPen(colour, width=2, style=style))
        text = self.palette().text().color()
        self._others.setPen(pg.mkPen((128, 128, 128, 130), width=1))
        self.cursor.setPen(pg.mkPen(text, width=1, style=Qt.PenStyle.DashLine))
        signs = zip(colours, ("━", "┅"), self._columns, strict=False)
        entries = (f'&nbsp; <span style="color: {c}">{s}</span> {name}' for c, s, (name, _, _) in signs if name)
        self._legend = "".join(entries)
        self._entitle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten the title in a narrow plot."""
        super().resizeEvent(event)
        if hasattr(self, "_legend"):  # Qt calls this before the end of __init__
            self._entitle()

    def retitle(self, title: str) -> None:
        """Show another title above the plot."""
        self._title = title
        self._entitle()

    def _entitle(self) -> None:
        wide = self.width() >= WIDE
        title = f"{self._title}{self._legend}" if wide else self._short
        self.setTitle(title, size="8.5pt", color=self.palette().text().color())
