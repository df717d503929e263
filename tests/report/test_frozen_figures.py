"""The report's figures described artist by artist, as they were last recorded with `make frozen`."""

from pathlib import Path

import numpy as np
import pytest
from frozen import check, number, rows
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.colors import to_hex

from made_runs import made_search, made_sweep
from tfstab import SweepConfig
from tfstab.report import accuracy_figure, class_curves_figure, triples_figure
from tfstab.report.figures import paper_scatter_figures, scatter_figure

FROZEN = Path(__file__).parent / "frozen"
CONFIG = SweepConfig(sigmas=(40, 10, 80), copies=4)
TAKEN = np.array(
    [
        [[0, 0, 1, 2], [0, 0, 0, 0]],
        [[1, 1, 0, 0], [0, 1, 0, 0]],
        [[1, 2, 2, 1], [1, 1, 1, 1]],
        [[1, 1, 1, 1], [2, 1, 1, 1]],
        [[2, 2, 2, 2], [2, 2, 2, 2]],
        [[0, 0, 0, 2], [2, 2, 0, 2]],
    ]
)
TAKEN = np.concatenate([TAKEN, np.tile([0, 1, 2, 2], (6, 1, 1))], axis=1)
LABELS, CLEAN = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 0, 1, 2, 2, 2])


def described(figure):
    """Return lines about a figure and all that it draws, without positions, which depend on the fonts."""
    texts = [
        text and (text.get_text(), number(text.get_fontsize()))
        for text in (figure._suptitle, figure._supxlabel, figure._supylabel)
    ]
    lines = [f"figure {rows(figure.get_size_inches())} {figure.get_layout_engine()} {texts}".split(" object at")[0]]
    lines.append(str(texts))
    for legend in figure.legends:
        size = number(legend.get_texts()[0].get_fontsize())
        lines.append(f"legend {legend._ncols} columns {size} {legend._outside_loc}")
        for line, text in zip(legend.get_lines(), legend.get_texts(), strict=True):
            lines.append(f"  {text.get_text()}: {_line(line)}")
    for axis in figure.axes:
        lines += _axis(axis)
    return lines


def _axis(axis):
    if not axis.axison:
        pictures = [
            f"{p.get_cmap().name} {rows(p.get_clim())} {p.get_interpolation()} {rows(p.get_array())}"
            for p in axis.images
        ]
        return [f"no axes: {axis.get_title()!r} {number(axis.title.get_fontsize())}", *(f"  {p}" for p in pictures)]
    ticks = axis.xaxis.get_tick_params(), axis.yaxis.get_tick_params()
    grid = [line.get_visible() and number(line.get_alpha() or 1) for line in axis.get_xgridlines()[:1]]
    shared = len(axis.get_shared_x_axes().get_siblings(axis)), len(axis.get_shared_y_axes().get_siblings(axis))
    lines = [
        f"axes {axis.get_title()!r} {number(axis.title.get_fontsize())} {axis.get_xlabel()!r} {axis.get_ylabel()!r} "
        f"{number(axis.yaxis.label.get_fontsize())} "
        f"x {rows(axis.get_xlim())} y {rows(axis.get_ylim())} ticks {[t.get('labelsize') for t in ticks]} "
        f"grid {grid} shared {shared}"
    ]
    lines += [f"  {_line(line)} x={rows(line.get_xdata())} y={rows(line.get_ydata())}" for line in axis.lines]
    for drawn in axis.collections:
        style = f"{[to_hex(c, True) for c in drawn.get_facecolor()][:1]} {rows(drawn.get_linewidth())}"
        if isinstance(drawn, PathCollection):
            style += f" {rows(drawn.get_sizes())} {drawn.get_rasterized()}"
            lines.append(f"  points {style} {rows(drawn.get_offsets().data)}")
        elif isinstance(drawn, PolyCollection):
            lines.append(f"  band {style} {rows(drawn.get_paths()[0].vertices)}")
    return lines


def _line(line):
    return (
        f"line {to_hex(line.get_color())} {line.get_linestyle()!r} {number(line.get_linewidth())} "
        f"{line.get_marker()!r} "
        f"{number(line.get_markersize())} {number(line.get_markeredgewidth())} "
        f"{'' if line.get_label().startswith('_') else line.get_label()!r}"
    )


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    psnr = 10 + np.arange(TAKEN.size, dtype=np.float32).reshape(TAKEN.shape)
    psnr[4, 1, 0] = np.inf
    return made_sweep(tmp_path_factory.mktemp("frozen") / "sweep", CONFIG, TAKEN, LABELS, CLEAN, psnr=psnr)


@pytest.fixture(scope="module")
def jpeg(tmp_path_factory):
    config = SweepConfig(degradation="jpeg", severities=(10, 90), copies=1)
    return made_sweep(tmp_path_factory.mktemp("frozen") / "jpeg", config, TAKEN[:, :2, :1], LABELS, CLEAN, name="other")


def test_figures_of_a_sweep(sweep):
    check(FROZEN / "accuracy.txt", described(accuracy_figure([sweep])))
    check(FROZEN / "curves.txt", described(class_curves_figure(sweep)))
    check(FROZEN / "scatter.txt", described(scatter_figure(sweep)))
    check(FROZEN / "paper-scatter.txt", described(paper_scatter_figures(sweep)[0][1]))


def test_figures_of_several_degradations(sweep, jpeg):
    check(FROZEN / "accuracies.txt", described(accuracy_figure([sweep, jpeg, jpeg])))
    check(FROZEN / "falling-curves.txt", described(class_curves_figure(jpeg)))


def test_figures_of_triples(tmp_path):
    run = made_search(tmp_path / "search", np.array([3.0, np.inf, 5.0]))
    check(FROZEN / "triples.txt", described(triples_figure(list(run), run.class_names)))
