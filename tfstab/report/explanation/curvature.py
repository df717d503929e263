"""The topic `curvature`: whether the network bends between an image and its decision boundary."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from tfstab.explanation import ExplanationRun
from tfstab.explanation.analysis import Arrays
from tfstab.explanation.bends import CurvatureFigures, curvature_figures
from tfstab.figure import Figure
from tfstab.metrics import Estimate
from tfstab.names import drawn
from tfstab.report.explanation.maps import place_of, shown_images
from tfstab.report.page import Picture, Section
from tfstab.report.tables import Table
from tfstab.wording import counted, rounded_to

STRAIGHT = 0.5  # curvature below which a line is called nearly straight: half-way it is off by 1/16 of the margin
LINES = (  # of the arrays: name, label, colour, dashes
    ("noise", "minimum noise", "#d95f02", "-"),
    ("random", "random, same length", "#7570b3", "--"),
    ("copies", "noisy copies", "#1b9e77", ":"),
)


def section(run: ExplanationRun) -> Section | None:
    """Return the section on curvature, or None if the run has no results for it."""
    if not run.has("curvature"):
        return None
    figures = curvature_figures(run)
    if figures is None:
        return Section(
            "Curvature on the way to the boundary",
            ["No image has minimum noise, along which curvature could be measured."],
        )
    parts: list[Table | Picture] = [
        Picture("curvature_lines", _lines_caption(run), lines_figure(run, np.flatnonzero(_measured(run)))),
        Picture("curvature_planes", _plane_caption(run), planes_figure(run, shown_images(run))),
        curvature_table(run, figures),
    ]
    return Section("Curvature on the way to the boundary", _lines(run, figures), parts)


def of_image(run: ExplanationRun, image: int) -> list[Table | Picture]:
    """Return the margins of one image along lines and on its plane."""
    place = place_of(run, image)
    if place is None or not run.has("curvature") or not _measured(run)[place]:
        return []
    places = np.array([place])
    return [
        Picture("curvature_lines", _lines_caption(run, one=True), lines_figure(run, places)),
        Picture("curvature_planes", _plane_caption(run, one=True), planes_figure(run, places)),
    ]


def _measured(run: ExplanationRun) -> NDArray[np.bool_]:
    """Return which of the explained images have been measured: those with minimum noise."""
    return np.asarray(np.isfinite(run.arrays("curvature")["bends"]).all(axis=1))


def _lines(run: ExplanationRun, figures: CurvatureFigures) -> list[str]:
    """Return the findings in words."""
    way = "follows a slightly or moderately bent line"
    if figures.size.high < STRAIGHT:
        way = "follows a nearly straight line"
    elif figures.size.low > STRAIGHT:
        way = "follows a bent line"
    falls = "For some images, the margin falls faster near the boundary; for others, more slowly."
    if figures.noise.high < 0:
        falls = "The margin falls slowly at first and faster near the boundary."
    elif figures.noise.low > 0:
        falls = "The margin falls fast at first and more slowly near the boundary."
    more = "about as much as"
    if figures.more.low > 0:
        more = "more than"
    elif figures.more.high < 0:
        more = "less than"
    d = run.clean.images[0].size
    return [
        f"Along the minimum noise, the margin {way}: the absolute curvature is {_words(figures.size)}, where 0 is "
        "a straight line and 2 a parabola that just touches the boundary. This is "
        f"{more} along random directions of the same length. {falls}",
        "Random noise of the same length is too short to reach the boundary if the boundary is flat: it would have to "
        f"be about √d = {d**0.5:.0f} times as long (d: number of values in an image). Noisy copies at sigma "
        f"{run.config.sigma:g} are {rounded_to(figures.longer.value, 3)} times as long as the minimum noise. Along "
        f"them, the curvature is {_words(figures.copies)}; at ±1, the margin half-way would differ from a straight "
        "line by an eighth of the clean margin.",
    ]


def _words(e: Estimate) -> str:
    """Return a figure with its interval: "0.41 (0.27 to 0.56)"."""
    ends = _ends(e)
    return (f"{e.value:.2f} ({ends})" if ends else f"{e.value:.2f}").replace("-", "\N{MINUS SIGN}")


def _ends(e: Estimate) -> str:
    """Return the ends of an interval, "0.27 to 0.56"; "" if there are too few images for one."""
    return f"{e.low:.2f} to {e.high:.2f}" if np.isfinite([e.low, e.high]).all() else ""


def curvature_table(run: ExplanationRun, figures: CurvatureFigures) -> Table:
    """Return the curvature along each kind of line."""
    named = (
        ("minimum noise", figures.noise),
        ("random directions of the same length", figures.random),
        (f"noisy copies, sigma {run.config.sigma:g}", figures.copies),
    )
    notes = [
        f"Medians over {counted(figures.images)}. Second difference of the margin over the whole length, in units of "
        "the clean margin: 0 for a straight line. Negative: the margin falls slowly at first, then faster."
    ]
    rows = [(name, round(one.value, 3) + 0.0, _ends(one)) for name, one in named]
    return Table("Curvature", ("along", "curvature", "95 % interval"), rows, notes, {"curvature": 3})


def _lines_caption(run: ExplanationRun, one: bool = False) -> str:
    """Return how to read the picture of lines."""
    drawn_as = "Each random direction has a line." if one else "Medians over images; bands from quartile to quartile."
    return (
        "How noise changes the margin of the true class over the class to which the minimum noise leads. "
        "At 0 no noise is added; at 1 the whole of it: the minimum noise, random noise of the same length, or "
        "the noise "
        f"of a noisy copy of sigma {run.config.sigma:g}. Margins are divided by the clean one; below 0, the image is "
        f"lost. The thin grey line is straight, for comparison. {drawn_as}"
    )


def lines_figure(run: ExplanationRun, places: NDArray[np.intp]) -> Figure:
    """Draw the margins along lines, in units of the clean margin: of one image, or medians and quartiles of several."""
    arrays = run.arrays("curvature")
    t, clean = arrays["t"], np.maximum(np.abs(arrays["noise"][places, 0]), 1e-9)
    figure = Figure(figsize=(6, 3.2), layout="constrained")
    axis = figure.subplots()
    axis.axhline(0, color="0.3", linewidth=0.9)
    axis.plot([0, 2], [1, -1], color="0.5", linewidth=0.8)
    ends, lowest, highest = [], 0.0, 1.2
    for name, label, colour, dashes in LINES:
        values = arrays[name][places].reshape(len(places), -1, len(t)) / clean[:, None, None]
        if len(places) == 1:
            axis.plot(t, values[0].T, dashes, color=colour, linewidth=1.3)
            middle = np.median(values[0], axis=0)
        else:
            quarter, middle, last = np.quantile(values.reshape(-1, len(t)), (0.25, 0.5, 0.75), axis=0)
            axis.fill_between(t, quarter, last, color=colour, alpha=0.18, linewidth=0)
            axis.plot(t, middle, dashes, color=colour, linewidth=1.8)
            lowest, highest = min(lowest, quarter.min()), max(highest, last.max())
        lowest, highest = min(lowest, middle.min()), max(highest, middle.max())
        ends.append((middle[-1], label, colour))
    bottom, top = max(lowest, -4.0) - 0.3, min(highest, 4.0) + 0.1
    axis.set_ylim(bottom, top)
    _label_ends(axis, ends, bottom, top)
    axis.set_xlim(0, t[-1])
    axis.set_xlabel("share of the noise that is added", fontsize=9)
    axis.set_ylabel("margin / clean margin", fontsize=9)
    axis.tick_params(labelsize=8)
    axis.spines[["top", "right"]].set_visible(False)
    return figure


def _label_ends(axis: Axes, ends: list[tuple[float, str, str]], bottom: float, top: float) -> None:
    """Write the labels of lines at their right ends, apart from each other."""
    gap, place = 0.09 * (top - bottom), bottom - 1.0
    for end, label, colour in sorted(ends):
        place = max(min(max(end, bottom), top), place + gap)
        axis.annotate(f" {label}", (2, place), fontsize=8, color=colour, va="center", annotation_clip=False)


def _plane_caption(run: ExplanationRun, one: bool = False) -> str:
    """Return how to read the picture of planes."""
    images = "" if one else ", for images with the least, a median and the most noise"
    return (
        f"The plane through the image that its minimum noise and one noisy copy span{images}. To the right, the "
        f"minimum noise is added; upwards, random noise of sigma {run.config.sigma:g}; 1 is the whole of it. The black "
        "line is the decision boundary; darker colours are farther from it in margin. Circle: the clean "
        "image; cross: with its "
        "minimum noise."
    )


def planes_figure(run: ExplanationRun, places: NDArray[np.intp]) -> Figure:
    """Draw the decision margins of images on their planes, with the boundary."""
    arrays = run.arrays("curvature")
    places = places[_measured(run)[places]]
    figure = Figure(figsize=(2.35 * max(len(places), 1.6), 2.7), layout="constrained")
    panels = figure.subplots(1, len(places), squeeze=False, sharey=True)[0]
    for axis, place in zip(panels, places, strict=True):
        _draw_plane(axis, arrays, int(place))
        row = run.rows[place]
        axis.set_title(drawn(run.class_names[run.clean.class_index[row]], 30), fontsize=8)
        axis.set_xlabel("minimum noise", fontsize=8)
    panels[0].set_ylabel("noisy copy", fontsize=8)
    return figure


def _draw_plane(axis: Axes, arrays: Arrays, place: int) -> None:
    """Draw one plane."""
    along, across, plane = arrays["along"], arrays["across"], arrays["plane"][place].T
    scale = float(np.abs(plane).max()) or 1.0
    levels = np.linspace(-scale, scale, 21)
    axis.contourf(along, across, plane, levels, cmap="PuOr_r")
    if plane.min() < 0 < plane.max():
        axis.contour(along, across, plane, [0], colors="black", linewidths=1.6)
    for text, point in (("right", plane.argmax()), ("wrong", plane.argmin())):
        if (plane.flat[point] > 0) == (text == "right"):
            row, column = np.unravel_index(point, plane.shape)
            at = float(np.clip(along[column], -0.2, 1.7)), float(np.clip(across[row], -1.75, 1.75))
            if np.hypot(*at) < 0.5:  # not on the mark of the clean image
                at = (at[0], 0.5)
            axis.text(*at, text, ha="center", va="center", fontsize=8, bbox={"fc": "white", "ec": "none", "pad": 1})
    for x, marker, size in ((0, "o", 6), (1, "X", 7)):
        axis.plot(x, 0, marker, ms=size, color="black", markeredgecolor="white", clip_on=False)
    axis.tick_params(labelsize=7)
