"""Rows of pictures of images, their noise, and maps of their pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from tfstab.explanation import ExplanationRun
from tfstab.figure import Figure
from tfstab.names import drawn

MOST_BLOCKS = 64  # along each side of a map: maps of larger images are summed over blocks, which stay visible
NOISE_COLOURS, MAP_COLOURS = "RdBu_r", "PuOr_r"  # diverging, white at 0, told apart by colour-blind readers
SIZE = 1.4  # inches of one picture: five of them are as wide as a page


@dataclass(frozen=True, eq=False)
class Map:
    """A map of pixels or windows, drawn with white at 0.

    Attributes
    ----------
    values : ndarray of float (h, w)
        The values; all NaN for nothing to draw.
    scale : float
        The value of the strongest colours.
    colours : str
        Name of matplotlib's colour map.
    outline : ndarray of bool (h, w), optional
        Pixels to draw a line around.
    signs : bool
        Whether to write the signs of large values.
    """

    values: NDArray[np.floating]
    scale: float
    colours: str = MAP_COLOURS
    outline: NDArray[np.bool_] | None = None
    signs: bool = False


def shown_images(run: ExplanationRun, most: int = 3) -> NDArray[np.intp]:
    """Return places among the explained images: the least minimum noise, the median and the most.

    If no image has minimum noise, they are the first images.
    """
    noise = run.arrays("noise")
    found = np.flatnonzero(noise["found"])
    if not len(found):
        return np.arange(min(most, len(run.rows)))
    ordered = found[np.argsort(noise["l2"][found], kind="stable")]
    places = np.unique(np.linspace(0, len(ordered) - 1, min(most, len(ordered))).round().astype(int))
    return np.asarray(ordered[places])


def place_of(run: ExplanationRun, image: int) -> int | None:
    """Return the place of an image, given by its index in the full split, among the explained ones; None if not."""
    places = np.flatnonzero(run.images == image)
    return int(places[0]) if len(places) else None


def scale_of(*maps: NDArray[np.floating]) -> float:
    """Return a scale for maps that are compared: one value in 200 is beyond it, so that a few do not hide the rest."""
    values = np.abs(np.concatenate([one.astype(np.float64).ravel() for one in maps]))
    values = values[np.isfinite(values)]
    return float(np.quantile(values, 0.995) or values.max() or 1) if len(values) else 1.0


def in_blocks(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return a map (h, w) summed over square blocks, so that it has at most `MOST_BLOCKS` along each side."""
    side = -(-max(values.shape) // MOST_BLOCKS)
    starts = [np.arange(0, size, side) for size in values.shape]
    return np.asarray(np.add.reduceat(np.add.reduceat(values.astype(np.float64), starts[0], 0), starts[1], 1))


def rows_figure(titles: Sequence[str], rows: Sequence[tuple[str, Sequence[NDArray[np.floating] | Map]]]) -> Figure:
    """Draw rows of pictures.

    Parameters
    ----------
    titles : sequence of str
        Headings of the columns.
    rows : sequence of (str, sequence of ndarray or Map)
        Text beside each row, and its pictures: images (H, W, C) in grey levels, or maps.
    """
    figure = Figure(figsize=(SIZE * len(titles), SIZE * len(rows) + 0.45), layout="constrained")
    axes = figure.subplots(len(rows), len(titles), squeeze=False)
    for heading, axis in zip(titles, axes[0], strict=True):
        axis.set_title(heading, fontsize=8)
    for line, (text, pictures) in zip(axes, rows, strict=True):
        line[0].set_ylabel(text, fontsize=7)
        for axis, picture in zip(line, pictures, strict=True):
            axis.set_xticks([])
            axis.set_yticks([])
            _draw(axis, picture)
    return figure


def row_label(*names: str) -> str:
    """Return class names for the side of a row, shortened: "cat", or "cat → dog"."""
    return " →\n".join(drawn(name, 24) for name in names)


def _draw(axis: Axes, picture: NDArray[np.floating] | Map) -> None:
    """Draw one picture."""
    if not isinstance(picture, Map):
        grey_levels = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
        axis.imshow(
            grey_levels[..., :3] if grey_levels.shape[2] >= 3 else grey_levels[..., 0], cmap="gray", vmin=0, vmax=255
        )
        return
    if not np.isfinite(picture.values).any():
        axis.text(0.5, 0.5, "no minimum\nnoise", ha="center", va="center", fontsize=7, transform=axis.transAxes)
        return
    height, width = picture.values.shape
    extent = (0, width, height, 0)
    axis.imshow(picture.values, cmap=picture.colours, vmin=-picture.scale, vmax=picture.scale, extent=extent)
    if picture.outline is not None and picture.outline.any():
        _outline(axis, picture.outline)
    if picture.signs:
        _signs(axis, picture)


def _signs(axis: Axes, picture: Map) -> None:
    """Write the sign of each value that is large enough to be seen."""
    for row, column in zip(*np.nonzero(np.abs(picture.values) > 0.25 * picture.scale), strict=True):
        value = picture.values[row, column]
        colour = "white" if abs(value) > 0.6 * picture.scale else "black"
        sign = "+" if value > 0 else "\N{MINUS SIGN}"
        axis.text(column + 0.5, row + 0.5, sign, ha="center", va="center", fontsize=7, color=colour)


def _outline(axis: Axes, pixels: NDArray[np.bool_]) -> None:
    """Draw lines between pixels that belong to a set and pixels that do not."""
    inside = np.pad(pixels, 1)
    down, across = np.nonzero(inside[1:, 1:-1] != inside[:-1, 1:-1])
    axis.hlines(down, across, across + 1, colors="black", linewidth=0.6)
    down, across = np.nonzero(inside[1:-1, 1:] != inside[1:-1, :-1])
    axis.vlines(across, down, down + 1, colors="black", linewidth=0.6)
