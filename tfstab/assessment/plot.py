"""The main figure of an assessment: the accuracy kept under each degradation."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MultipleLocator, PercentFormatter

from tfstab.assessment.figures import Figures
from tfstab.assessment.levels import LEVELS
from tfstab.assessment.ranking import Standing, standings
from tfstab.figure import LABEL_PAD, Figure
from tfstab.names import drawn

COLOURS = {"bad": "#b3372a", "mid": "#8f5d06", "good": "#27714f"}  # by level, as in the report
MARKS = {"bad": "s", "mid": "D", "good": "o"}
OPEN = "open mark: the measured images do not show which level applies"
GUESSING = "what always answering the same class would keep"


def kept_figure(figures: Figures) -> Figure:
    """Draw the accuracy kept under each degradation as a mark on a bar, its 95 % interval.

    Each row has a dotted line where always answering the same class would be, unless that is beyond the axis. Without
    any finished sweep, there are no rows.
    """
    rows = standings(figures.families)
    levels = [level for level in LEVELS if any(row.level == level for row in rows)]
    figure = Figure(figsize=(7, 2 + 0.27 * len(rows)))
    figure.set_layout_engine("constrained", w_pad=LABEL_PAD)
    axes, ends = figure.subplots(), [row.family.kept.high for row in rows]
    top = max([1.0, *filter(np.isfinite, ends)])
    for place, row in enumerate(rows):
        _draw(axes, place, row, top)
    axes.set_yticks(range(len(rows)), [drawn(row.family.title) for row in rows], fontsize=8)
    axes.set_ylim(len(rows) - 0.4, -0.6)  # the first row at the top
    _draw_axis(axes, top)
    axes.set_title(drawn(f"{figures.label} on {figures.data}"), fontsize=9)
    if rows:
        figure.legend(handles=_legend(levels, rows, top), loc="outside lower center", fontsize=8)
    return figure


def _legend(levels: Sequence[str], rows: Sequence[Standing], top: float) -> list[Line2D]:
    """Return the legend entries for the marks of these rows."""
    marks = ((MARKS[level], COLOURS[level], COLOURS[level], LEVELS[level]) for level in levels)
    entries = [Line2D([], [], ls="", marker=mark, mec=edge, mfc=face, label=text) for mark, edge, face, text in marks]
    if not all(row.sure for row in rows):
        entries.append(Line2D([], [], ls="", marker="D", mec="0.4", mfc="none", label=OPEN))
    if any(row.family.chance_kept <= top for row in rows):
        entries.append(Line2D([], [], ls=":", lw=1, color="0.4", label=GUESSING))
    return entries


def _draw(axes: Axes, place: int, row: Standing, top: float) -> None:
    """Draw one degradation."""
    kept, colour = row.family.kept, COLOURS[row.level]
    low, high = (end if np.isfinite(end) else kept.value for end in (kept.low, kept.high))
    axes.hlines(place, low, high, color=colour, linewidth=5, alpha=0.35)
    axes.plot(kept.value, place, MARKS[row.level], color=colour, markersize=6, mfc=colour if row.sure else "white")
    if row.family.chance_kept <= top:
        axes.vlines(row.family.chance_kept, place - 0.36, place + 0.36, color="0.4", linewidth=1, linestyle=":")


def _draw_axis(axes: Axes, top: float) -> None:
    """Draw an axis from 0 to `top`: 100 %, or a little more where an interval ends above that."""
    axes.set_xlim(0, top + 0.02)
    axes.xaxis.set_major_locator(MultipleLocator(0.25))
    axes.xaxis.set_major_formatter(PercentFormatter(1, 0, " %"))
    axes.tick_params(axis="x", labelsize=8)
    axes.set_xlabel("accuracy kept, mean over the severities, with its 95 % interval", fontsize=9)
    axes.grid(alpha=0.3)
