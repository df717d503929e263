"""The main figure of an explanation: relative gain and relative margin of each layer."""

import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from tfstab.explanation.gain import LayerFigures
from tfstab.figure import Figure
from tfstab.metrics import Estimate
from tfstab.names import drawn

MOST_NAMED = 40  # layers whose names fit beside a figure
TICKS = ((0.8, (1, 1.5, 2, 3, 5, 7)), (2, (1, 2, 5)), (3, (1, 3)))  # up to how many decades, and in each of them
NARROW = 0.36  # decades; a narrower range may hold fewer than two of these numbers
MARKS = "osD^v<>p*hX"  # of the members of an ensemble, in their order


def layers_figure(figures: list[LayerFigures]) -> Figure:
    """Draw relative gain and relative margin of each layer, from the input at the top to the logits below."""
    networks = sorted({one.network for one in figures})
    depth = max(sum(one.network == network for one in figures) for network in networks)
    figure = Figure(figsize=(7, 1.4 + 0.24 * min(depth, MOST_NAMED)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for network in networks:
        layers = [one for one in figures if one.network == network]
        label = f"member {network + 1}" if len(networks) > 1 else ""
        mark, bars = MARKS[network % len(MARKS)], len(networks) == 1
        _draw(left, [one.gain for one in layers], mark, label, bars)
        _draw(right, [one.margin for one in layers], mark, label, bars)
    left.axvline(1, color="0.4", linewidth=0.9, linestyle="--")
    for axes in (left, right):
        log_scale(axes)
    names = [one.name for one in figures if one.network == networks[0]]
    every = -(-len(names) // MOST_NAMED)
    shown = range(0, len(names), every)
    left.set_yticks(list(shown), [textwrap.shorten(drawn(names[k]), 24) for k in shown], fontsize=8)
    left.invert_yaxis()
    left.set_xlabel("relative gain for noise", fontsize=9)
    right.set_xlabel("relative margin", fontsize=9)
    if len(networks) > 1:
        right.legend(fontsize=7, loc="best")
    return figure


def _draw(axes: Axes, estimates: list[Estimate], mark: str, label: str, bars: bool) -> None:
    """Draw one network's estimates, one layer below the other."""
    places = np.arange(len(estimates))
    value, low, high = (np.array([getattr(e, end) for e in estimates]) for end in ("value", "low", "high"))
    shown = np.isfinite(value) & (value > 0)
    if not shown.any():
        return
    axes.plot(value[shown], places[shown], marker=mark, markersize=4.5, linewidth=1, color=None if label else "#1f5f8b",
              label=label or None)  # fmt: skip
    if bars:
        ends = np.where(np.isfinite(high) & (low > 0), high, value), np.where(low > 0, low, value)
        axes.hlines(places[shown], ends[1][shown], ends[0][shown], color="#1f5f8b", linewidth=3, alpha=0.35)


def log_scale(axes: Axes) -> None:
    """Give axes with data a logarithmic scale of few enough numbers that they do not overlap."""
    axes.set_xscale("log")
    decades = np.ptp(np.log10(axes.get_xlim()))
    subs = next((subs for most, subs in TICKS if decades <= most), (1,))
    axes.xaxis.set_major_locator(MaxNLocator(3, steps=(1, 2, 5, 10)) if decades < NARROW else LogLocator(subs=subs))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.tick_params(axis="x", labelsize=8)
    axes.grid(axis="x", color="0.92", linewidth=0.6)
    axes.set_axisbelow(True)
