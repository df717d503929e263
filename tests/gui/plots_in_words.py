"""Plots in words: axes, curves, bars, bands and what they look like."""

import functools

import pyqtgraph as pg
from frozen import number, rows
from painting_in_words import told

from tfstab.gui.widgets.overview.block_plot import OnBlock
from tfstab.gui.widgets.simple_plot import SimplePlot
from tfstab.gui.widgets.sweep.accuracy_plot import AccuracyPlot
from tfstab.gui.widgets.sweep.scatter_plot import ScatterPlot


def plotted(plot: SimplePlot) -> list[str]:
    """Return what a plot draws."""
    box, axes = plot.getViewBox(), [plot.getAxis(side) for side in ("bottom", "left")]
    labels = {axis.orientation: axis.labelText for axis in axes}
    grid = " ".join(str(axis.isVisible() and bool(axis.grid)) for axis in axes)
    parts = [
        f"axes {labels} grid {grid} log {axes[1].logMode} menu {box.menuEnabled()} "
        f"mouse {box.state['mouseEnabled']} inverted {box.xInverted()} {box.yInverted()} auto {box.autoRangeEnabled()} "
        f"linked {box.linkedView(0) is not None}"
    ]
    if isinstance(plot, OnBlock | AccuracyPlot | ScatterPlot):  # others leave more room the smaller they are
        ranges = zip(axes, box.state["targetRange"], box.autoRangeEnabled(), strict=True)
        parts += [f"{axis.orientation} shows {low:.3g} to {high:.3g}" for axis, (low, high), auto in ranges if not auto]
    parts += [f"{axis.orientation} ticks {axis._tickLevels}" for axis in axes if axis._tickLevels is not None]
    return parts + [_drawn(one) for one in plot.contents]


@functools.singledispatch
def _drawn(item: object) -> str:
    return type(item).__name__


@_drawn.register
def _(item: pg.PlotDataItem) -> str:
    keys = ("pen", "symbol", "symbolSize", "symbolPen", "symbolBrush", "connect", "stepMode")
    style = " ".join(f"{key}={told(item.opts.get(key))}" for key in keys)
    return f"curve {style} {_data(item.getOriginalDataset())}"


@_drawn.register
def _(item: pg.ScatterPlotItem) -> str:
    style = " ".join(f"{key}={told(item.opts[key])}" for key in ("pen", "brush", "symbol", "size", "pxMode"))
    return f"points {style} {_data(item.getData())}"


@_drawn.register
def _(item: pg.InfiniteLine) -> str:
    at, shown = number(item.value()), item.isVisible()
    return f"line {item.angle} {told(item.pen)} at {at} movable {item.movable} {shown}"


@_drawn.register
def _(item: pg.PlotCurveItem) -> str:
    return f"outline {told(item.opts['pen'])} {_data(item.getData())}"


@_drawn.register
def _(item: pg.FillBetweenItem) -> str:
    return f"filled {told(item.brush())} from {' to '.join(_data(curve.getData()) for curve in item.curves)}"


@_drawn.register
def _(item: pg.BarGraphItem) -> str:
    style = " ".join(f"{key}={told(item.opts[key])}" for key in ("pen", "brush"))
    return f"bars {style} " + " ".join(f"{key}={rows(item.opts[key])}" for key in ("x0", "x1", "y", "height"))


@_drawn.register
def _(item: pg.LinearRegionItem) -> str:
    return f"band {told(item.brush)} from {rows(item.getRegion())} movable {item.movable}"


def _data(data: tuple[object, object]) -> str:
    x, y = ([] if values is None else values for values in data)
    return f"x={rows(x)} y={rows(y)}"
