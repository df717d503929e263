"""The accuracies of several networks as points in one chart: on clean images, and under each degradation."""

from collections.abc import Sequence

from tfstab.experiments.comparison_text import run_names
from tfstab.experiments.folders_compared import FolderComparison
from tfstab.experiments.ranked import SideBySide, side_by_side
from tfstab.figure import LABEL_PAD, PERCENT, Figure
from tfstab.names import drawn

MARKS = "oDs^vP*X"  # of the networks, the first four as on the pages of reports; with more networks, they repeat


def comparison_figure(pairs: Sequence[FolderComparison]) -> Figure | None:
    """Draw the accuracies of the first network, and of all that were compared with it.

    Parameters
    ----------
    pairs : sequence of FolderComparison
        Comparisons of the same first folder with others.

    Returns
    -------
    matplotlib.figure.Figure or None
        The figure; None if there are no comparisons, or if all networks have nothing in common.
    """
    if not pairs or not (rows := side_by_side(pairs)):
        return None
    runs = [pairs[0].first, *(pair.second for pair in pairs)]
    models = [run.model for run in runs]
    return _networks_figure(rows, models if len(set(models)) == len(models) else run_names(runs))


def _networks_figure(rows: Sequence[SideBySide], names: Sequence[str]) -> Figure:
    """Draw the accuracies of networks with their 95 % intervals, in a line for each row.

    Parameters
    ----------
    rows : sequence of SideBySide
        What they are accuracies of; at least one.
    names : sequence of str
        Names of the networks.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    count = len(names)
    figure = Figure(figsize=(7, 1 + len(rows) * (0.2 + 0.09 * count) + 0.2 * count))
    figure.set_layout_engine("constrained", w_pad=LABEL_PAD)
    axis = figure.subplots()
    for k, name in enumerate(names):
        apart = 0.6 * ((k + 0.5) / count - 0.5)  # so that marks of equal networks do not hide each other
        estimates = [row.networks[k] for row in rows]
        values = [e.value for e in estimates]
        below = [max(0.0, e.value - e.low) for e in estimates]  # rounding or NaN must not make it negative
        above = [max(0.0, e.high - e.value) for e in estimates]
        axis.errorbar(
            values,
            [place + apart for place in range(len(rows))],
            xerr=[below, above],
            fmt=MARKS[k % len(MARKS)],
            color=f"C{k}",
            ms=4.5,
            lw=1,
            label=drawn(name, 80),
        )
    axis.set_yticks(range(len(rows)), [drawn(row.title) for row in rows], fontsize=8)
    axis.set_ylim(len(rows) - 0.5, -0.5)  # the first row at the top
    axis.set_xlim(0, 1.02)
    axis.xaxis.set_major_formatter(PERCENT)
    axis.set_xlabel("accuracy, with its 95 % interval")
    axis.grid(axis="x", alpha=0.3)
    for place in range(1, len(rows)):
        axis.axhline(place - 0.5, color="0.9", lw=0.6)
    figure.legend(loc="outside lower center", ncols=1, fontsize=8)
    return figure
