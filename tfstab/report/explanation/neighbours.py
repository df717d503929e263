"""The topic `neighbours`: which images a degraded image comes near in the space of the penultimate features."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from tfstab.explanation import ExplanationRun
from tfstab.explanation.neighbours import FeatureSpace, Map, Nearness, Neighbours
from tfstab.explanation.one_image import ImageExplanation
from tfstab.figure import Figure
from tfstab.metrics import Estimate, clopper_pearson_lower
from tfstab.names import drawn
from tfstab.report.page import Picture, Section
from tfstab.report.tables import Table
from tfstab.wording import counted

WEAKEST, SHOWN, SHOWN_ALONE = 4, 3, 5  # images with rows of neighbours, and neighbours of each class in them
ARROWS = 12  # images whose way from clean to degraded the map shows
MARKS = "osD^v<>pPX"  # of the classes; with more of them all images have the same
LABEL = (0.14, 0.055)  # width and height that a class name needs, as shares of the map
TITLE = "Neighbours in feature space"
STATES = {"clean": "clean", "noisy": "one copy with random noise", "degraded": "with its minimum noise"}


def section(run: ExplanationRun) -> Section | None:
    """Return the section on neighbours, or None if the network's features could not be recorded."""
    if not run.has("features"):
        return None
    space = FeatureSpace(run)
    lines, parts, nearness = [], list[Table | Picture](), space.nearness()
    if nearness[0].images:
        lines.append(_finding(nearness))
        parts.append(nearness_table(nearness))
    drawing = space.map()
    if drawing is not None:
        parts.append(Picture("map", _map_caption(drawing), map_figure(run, space, drawing)))
    weakest = _weakest(run, space)
    if weakest:
        caption = (
            "The images with the least minimum noise, and their nearest neighbours. Below each neighbour: its distance "
            "from the degraded image, where 1 is the typical distance between two images of one class."
        )
        parts.append(Picture("neighbours", caption, rows_figure(run, weakest, SHOWN)))
    return Section(TITLE, lines, parts) if parts else None


def of_image(run: ExplanationRun, image: int) -> list[Table | Picture]:
    """Return for one image its nearest images of the true and of the predicted class."""
    ImageExplanation(run, image)  # raises an error for an image that is not explained
    found = FeatureSpace(run).of(image, SHOWN_ALONE) if run.has("features") else None
    if found is None or not (found.own or found.other):
        return []
    caption = (
        "The images that this one is nearest to in feature space with its minimum noise: left of its own class, right "
        "of the class that it is taken for. Below each: its distance, where 1 is the typical distance between two "
        "images of one class."
    )
    return [Picture(f"neighbours-{image}", caption, rows_figure(run, [found], SHOWN_ALONE))]


def nearness_table(nearness: Sequence[Nearness]) -> Table:
    """Return how near images are to their own class and to the one that the minimum noise makes of them."""
    rows = [
        (STATES[one.state], 100 * one.nearer.value, _interval(one.nearer, 100, 0), one.own.value, one.other.value)
        for one in nearness
    ]
    columns = ("image", "nearer to the other class, %", "95 % interval", "distance to its own", "to the other class")
    notes = [
        f"Over {counted(nearness[0].images)} with minimum noise; the other class is the one predicted with this noise. "
        "Distances are medians over images of the mean distance to the five nearest images of the class, where 1 is "
        "the typical distance between two images of one class."
    ]
    return Table("Between the own class and the other", columns, rows, notes, {"nearer to the other class, %": 0})


def map_figure(run: ExplanationRun, space: FeatureSpace, points: Map) -> Figure:
    """Draw the clean images as points with the names of their classes, and arrows to some degraded images."""
    figure = Figure(figsize=(7, 5.2), layout="constrained")
    axes = figure.subplots()
    classes, chosen = np.unique(space.classes), _spread(run, space)
    few = len(classes) <= len(MARKS)
    for place, k in enumerate(classes):
        x, y = points.clean[space.classes == k].T
        colour, mark = (f"C{place}", MARKS[place]) if few else ("0.6", "o")
        axes.scatter(x, y, s=18, color=colour, marker=mark, alpha=0.5, linewidths=0)
    for row in chosen:
        ends = points.degraded[row], points.clean[row]
        line = {"arrowstyle": "-|>", "color": "0.1", "linewidth": 1, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", *ends, arrowprops=line)
    named = classes if few else np.intersect1d(np.append(space.classes[chosen], space.predicted[chosen]), classes)
    middles = np.array([np.median(points.clean[space.classes == k], axis=0) for k in named])
    for k, (x, y) in zip(named, _apart(middles, np.ptp(points.clean, axis=0)), strict=True):
        edge = f"C{np.searchsorted(classes, k)}" if few else "0.5"
        box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "alpha": 0.85, "edgecolor": edge}
        axes.text(x, y, drawn(run.class_names[k], 18), fontsize=8, ha="center", va="center", bbox=box)
    for k, (axis, share) in enumerate(zip((axes.xaxis, axes.yaxis), points.explained, strict=False)):
        axis.set_label_text(f"principal axis {k + 1}: {100 * share:.0f} % of the variance", fontsize=9)
    axes.set(xticks=[], yticks=[])
    axes.set_aspect("equal", "datalim")
    return figure


def _apart(places: NDArray[np.float64], size: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the places (K, 2) of labels, moved up where they would cover others on a map of this size."""
    moved = places.copy()
    for k, place in enumerate(order := np.argsort(places[:, 1])):
        for other in order[:k]:
            beside = abs(moved[place, 0] - moved[other, 0]) < LABEL[0] * size[0]
            if beside and abs(moved[place, 1] - moved[other, 1]) < LABEL[1] * size[1]:
                moved[place, 1] = moved[other, 1] + LABEL[1] * size[1]
    return moved


def rows_figure(run: ExplanationRun, several: Sequence[Neighbours], shown: int) -> Figure:
    """Draw a row for each image: clean, degraded, and its nearest images of the two classes."""
    columns = 2 + 2 * shown
    figure = Figure(figsize=(7, 0.45 + 8.2 / columns * len(several)), layout="constrained")
    panels = figure.subplots(len(several), columns, squeeze=False)
    noise = run.arrays("noise")["noise"]
    for row, found in zip(panels, several, strict=True):
        clean = run.clean.images[run.clean.row(found.image)]
        degraded = np.clip(clean + noise[np.flatnonzero(run.images == found.image)[0]], 0, 255)
        _show(row[0], clean, drawn(run.class_names[found.class_index], 14))
        _show(row[1], degraded, "→ " + drawn(run.class_names[found.predicted], 12))
        for first, neighbours in ((2, found.own), (2 + shown, found.other)):
            for axes, one in zip(row[first : first + shown], neighbours, strict=False):
                _show(axes, run.clean.images[run.clean.row(one.image)], f"{one.distance:.2f}")
            for axes in row[first + len(neighbours) : first + shown]:
                axes.set_axis_off()
    titles = {0: "clean", 1: "degraded", 2 + shown // 2: "nearest of its own class",
              2 + shown + shown // 2: "nearest of the other class"}  # fmt: skip
    for place, title in titles.items():
        panels[0][place].set_title(title, fontsize=8)
    return figure


def _show(axes: Axes, image: np.ndarray, text: str) -> None:
    """Draw an image (H, W, C), in grey levels, with a text below."""
    axes.imshow(np.rint(image).astype(np.uint8).squeeze(), cmap="gray", vmin=0, vmax=255)
    axes.set_xlabel(text, fontsize=7, labelpad=2)
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)


def _finding(nearness: Sequence[Nearness]) -> str:
    """Return in words where degraded images lie."""
    clean, noisy, degraded = nearness
    nearer = round(degraded.nearer.value * degraded.images)
    # What is shown is Wilson's interval, which claims too much of four or five images; so the exact one decides.
    most, fewest = clopper_pearson_lower([nearer, degraded.images - nearer], degraded.images, 0.975) > 0.5
    share, where = (
        _percent(degraded.nearer),
        "nearer to images of the class that they are then taken for than to images of",
    )
    if most or fewest:
        told = f"{'most images are' if most else 'a minority of the images is'} {where} their own: {share}."
    else:
        told = f"{share} of the images are {where} their own, which leaves open whether most of all images are."
    return (
        f"With their minimum noise, {told} When clean, {_percent(clean.nearer)} are, and with random noise "
        f"{_percent(noisy.nearer)}."
    )


def _map_caption(points: Map) -> str:
    """Return the caption of the map."""
    share = 100 * sum(points.explained)
    return (
        "All images in the two directions of feature space in which they differ most. Points are clean images, "
        "with the name of each class near its middle; arrows lead from some clean images to the same images "
        "with minimum "
        f"noise. The two directions hold {share:.0f} % of the variance, so images that are near each other "
        f"here may be far apart "
        "in other directions."
    )


def _weakest(run: ExplanationRun, space: FeatureSpace) -> list[Neighbours]:
    """Return the neighbours of the images with the least minimum noise."""
    l2 = np.where(space.found, run.arrays("noise")["l2"], np.inf)
    rows = np.argsort(l2, kind="stable")[: min(WEAKEST, int(space.found.sum()))]
    found = (space.of(int(run.images[row]), SHOWN) for row in rows)
    return [one for one in found if one is not None and (one.own or one.other)]


def _spread(run: ExplanationRun, space: FeatureSpace) -> np.ndarray:
    """Return rows of images for the arrows, spread evenly from the least to the most minimum noise."""
    rows = np.flatnonzero(space.found)
    rows = rows[np.argsort(run.arrays("noise")["l2"][rows], kind="stable")]
    return rows[np.unique(np.linspace(0, len(rows) - 1, min(ARROWS, len(rows))).astype(int))] if len(rows) else rows


def _percent(e: Estimate) -> str:
    """Return a share with its interval: "93 % (88–96)"."""
    return f"{100 * e.value:.0f} % ({_interval(e, 100, 0)})"


def _interval(e: Estimate, factor: float, digits: int) -> str:
    """Return the ends of an interval."""
    return f"{factor * e.low:.{digits}f}–{factor * e.high:.{digits}f}"
