"""Figures of matplotlib in words: all that a program draws and that is the same with all fonts."""

import numpy as np
from frozen import number, rows
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation

from tfstab.report.tables import Table

SHOWN = 48  # numbers of an array that are told one by one; a larger one is summed up


def described(figure):
    """Return lines about a figure and all that it draws, without positions, which depend on the fonts."""
    texts = [
        text and (text.get_text(), number(text.get_fontsize()))
        for text in (figure._suptitle, figure._supxlabel, figure._supylabel)
    ]
    lines = [f"figure {rows(figure.get_size_inches())} {type(figure.get_layout_engine()).__name__} {texts}"]
    if figure.get_layout_engine() is None:
        lines.append(
            f"  panels {', '.join(f'{name} {number(share)}' for name, share in vars(figure.subplotpars).items())}"
        )
    for legend in figure.legends:
        lines += _legend(legend, legend._outside_loc)
    return lines + [line for axis in figure.axes for line in _axis(axis)]


def part_in_words(part):
    """Return lines about a table or picture of a report."""
    if isinstance(part, Table):
        rows = [" | ".join(number(v) if isinstance(v, float) else str(v) for v in row) for row in part.rows]
        digits = f" {dict(part.digits)}" if part.digits else ""
        return [
            f"table {part.title!r} {list(part.columns)}{digits}",
            *(f"  {row}" for row in [*rows, *part.notes]),
        ]
    return [f"figure {part.name}: {part.caption!r}", *(f"  {line}" for line in described(part.figure))]


def _axis(axis):
    grid = axis.get_subplotspec() and axis.get_subplotspec().get_gridspec()
    parts = grid and f"{grid.get_geometry()} {grid.get_width_ratios()} {grid.get_height_ratios()}"
    lines = [f"axes {axis.get_title()!r} {number(axis.title.get_fontsize())} of {parts} {axis.get_aspect()}"]
    if axis.get_box_aspect() is not None:
        lines.append(f"  of height {number(axis.get_box_aspect())}")
    if hasattr(axis, "_colorbar_info"):
        lines.append(f"  colour bar {number(axis._colorbar_info['shrink'])} {number(axis._colorbar_info['pad'])}")
    if axis.axison:
        lines += [f"  {_frame(axis)}", f"  x {_scale(axis.xaxis)}", f"  y {_scale(axis.yaxis)}"]
        lines += [f"  second x {_scale(other.xaxis)}" for other in axis.child_axes]
    if axis.get_legend():
        lines += _legend(axis.get_legend(), axis.get_legend()._loc)
    lines += [f"  {_line(line)} x={_numbers(line.get_xdata())} y={_numbers(line.get_ydata())}" for line in axis.lines]
    lines += [f"  {_collection(drawn)}" for drawn in axis.collections]
    lines += [
        f"  picture {p.get_cmap().name} {rows(p.get_clim())} {p.get_interpolation()} {rows(p.get_extent())} "
        f"{p.get_alpha()} {_numbers(p.get_array())}"
        for p in axis.images
    ]
    lines += [f"  {_patch(patch)}" for patch in axis.patches]
    return lines + [f"  {_text(text)}" for text in axis.texts]


def _frame(axis):
    grid = [line.get_visible() and number(line.get_alpha() or 1) for line in axis.get_xgridlines()[:1]]
    shared = len(axis.get_shared_x_axes().get_siblings(axis)), len(axis.get_shared_y_axes().get_siblings(axis))
    hidden = [name for name, spine in axis.spines.items() if not spine.get_visible()]
    return f"grid {grid} {axis.get_axisbelow()} shared {shared} without {hidden}"


def _scale(axis):
    said = f"{axis.get_label_text()!r} {number(axis.label.get_fontsize())} {axis.get_scale()}"
    lower, upper = axis.get_view_interval()
    inside = [tick for tick in axis.get_ticklocs() if min(lower, upper) <= tick <= max(lower, upper)]
    names = axis.get_major_formatter().format_ticks(inside)
    size = axis.get_tick_params().get("labelsize")
    rare = " small ticks named" * any(axis.get_minor_formatter().format_ticks(axis.get_minorticklocs()))
    rare += f" pad {number(axis.labelpad)}" * (axis.labelpad != 4)
    return f"{said} {rows([lower, upper])} ticks {size} {rows(inside)} {' '.join(names)}{rare}"


def _legend(legend, place):
    texts = legend.get_texts()
    lines = [f"legend {legend._ncols} columns {number(texts[0].get_fontsize())} {place}"]
    handles = legend.legend_handles
    for handle, text in zip(handles, texts, strict=True):
        lines.append(
            f"  {text.get_text()}: {_line(handle) if hasattr(handle, 'get_marker') else type(handle).__name__}"
        )
    return lines


def _line(line):
    return (
        f"line {to_hex(line.get_color(), True)} {line.get_alpha()} {line.get_linestyle()!r} "
        f"{number(line.get_linewidth())} {line.get_marker()!r} "
        f"{number(line.get_markersize())} {number(line.get_markeredgewidth())}{_cut(line)} "
        f"{'' if line.get_label().startswith('_') else line.get_label()!r}"
    )


def _collection(drawn):
    faces, edges = (
        [to_hex(c, True) for c in colours][:4] for colours in (drawn.get_facecolor(), drawn.get_edgecolor())
    )
    style = f"{faces} {edges} {rows(drawn.get_linewidth())}{_cut(drawn)}"
    if isinstance(drawn, PathCollection):
        points, values = _numbers(drawn.get_offsets().data), drawn.get_array()
        scale = "" if values is None else f" {drawn.get_cmap().name} {rows(drawn.get_clim())} {_numbers(values)}"
        return f"points {style} {_numbers(drawn.get_sizes())} {drawn.get_rasterized()} {points}{scale}"
    if isinstance(drawn, QuadMesh):
        return f"mesh {style} {_numbers(drawn.get_array())}"
    ends = np.concatenate([np.empty((0, 2)), *(path.vertices for path in drawn.get_paths())])
    return f"{type(drawn).__name__} {style} {_numbers(ends)}"


def _patch(patch):
    style = f"{type(patch).__name__} {to_hex(patch.get_facecolor(), True)} {to_hex(patch.get_edgecolor(), True)}"
    ends = [*patch.get_xy(), patch.get_width(), patch.get_height()] if isinstance(patch, Rectangle) else []
    return f"{style} {number(patch.get_linewidth())} {patch.get_linestyle()} {rows(ends)}"


def _text(text):
    place = [text.xy, text.xyann] if isinstance(text, Annotation) else [text.get_position()]
    style = f"{number(text.get_fontsize())} {to_hex(text.get_color())} {text.get_ha()} {text.get_va()}"
    lines = [f"text {text.get_text()!r} {rows(place)} {style} {number(text.get_rotation())}"]
    if isinstance(text, Annotation):
        lines.append(f"cut off outside: {text.get_annotation_clip()}")
    if box := text.get_bbox_patch():
        lines.append(f"in a {_patch(box)} {box.get_alpha()} {_given(box.get_boxstyle())}")
    if arrow := getattr(text, "arrow_patch", None):
        lines.append(f"arrow {_patch(arrow)} {number(arrow.shrinkA)} {number(arrow.shrinkB)}")
    return ", ".join(lines)


def _cut(drawn):
    """Say that something is drawn beyond the axes too, which is rare."""
    return "" if drawn.get_clip_on() else " not cut off"


def _given(style):
    return {name: number(value) for name, value in sorted(vars(style).items()) if value is not None}


def _numbers(values):
    """Return few numbers as they are; of many, what changes if any of them does, or their order."""
    values = np.asarray(values, np.float64)
    if values.size <= SHOWN:
        return rows(values)
    flat = np.where(np.isfinite(values), values, -1).ravel()
    order = np.arange(1, flat.size + 1)
    return f"{values.shape} {number(flat.sum())} {number((flat**2).sum())} {number((order * flat).sum())}"
