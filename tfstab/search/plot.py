"""Pictures of one result: clean image, noise and degraded image side by side."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tfstab.names import LONGEST_DRAWN, drawn, shortened, shortened_front
from tfstab.search.norm import get_norm
from tfstab.wording import scored

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tfstab.figure import Figure
    from tfstab.search.result import MinimumNoise

LONGEST = 32  # characters of a class name in a title
WIDTH = 23  # characters that fit above a picture when ten results are drawn side by side


def draw_triple(
    axes: Sequence["Axes"],
    result: "MinimumNoise",
    class_names: Sequence[str],
    scale: float | None = None,
    name: str = "",
) -> Any:
    """Draw clean image, noise and degraded image.

    The title of a clean image that is wrong says so, in red, and what is predicted for it. The noise has a diverging
    colour map from blue (darker) through white (0) to red (brighter); of RGB noise, the channels' mean is shown.

    Parameters
    ----------
    axes : sequence of Axes
        The three axes to draw into.
    result : MinimumNoise
        The result to draw.
    class_names : sequence of str
        Names of the classes.
    scale : float, optional
        Grey levels at the ends of the colour map; by default the largest change of a pixel.
    name : str, optional
        File name of the image, shown above its class.

    Returns
    -------
    AxesImage
        The image of the noise, for a colour bar.
    """
    scale = scale or result.linf or 1.0
    for axis in axes:
        axis.set_axis_off()
    actual, clean = class_names[result.class_index], int(result.clean_scores.argmax())
    title, wrong = shortened(actual, LONGEST), clean != result.class_index
    if wrong:
        title = f"true class {title}, wrong when clean: {shortened(class_names[clean], LONGEST)}"
    _show(axes[0], result.clean, title, shortened_front(name, WIDTH), "#d62728" if wrong else "black")
    shown = axes[1].imshow(result.noise.mean(axis=-1), cmap="RdBu_r", vmin=-scale, vmax=scale)
    size = f"{get_norm(result.norm).title} {result.size:.1f}"
    axes[1].set_title(f"{size}  PSNR {result.psnr:.1f}" if result.found else "not found", fontsize=7)
    degraded = np.rint(result.degraded).astype(np.uint8)
    _show(axes[2], degraded, f"→ {shortened(class_names[result.predicted], LONGEST)} ({scored(result.score)})")
    return shown


def triple_figure(result: "MinimumNoise", class_names: Sequence[str], title: str = "") -> "Figure":
    """Return a figure of one result, with a colour bar in grey levels and a title if one is given."""
    from tfstab.figure import Figure

    figure = Figure(figsize=(7, 2.6), layout="constrained")
    axes = figure.subplots(1, 3)
    figure.colorbar(draw_triple(axes, result, class_names), ax=axes[1], shrink=0.8, label="grey levels")
    if title:
        figure.suptitle(drawn(shortened_front(title, LONGEST_DRAWN)), fontsize=8)
    return figure


def _show(axis: "Axes", image: np.ndarray, title: str, above: str = "", colour: str = "black") -> None:
    """Draw an image (H, W, C), in grey levels, with its title and a line above that."""
    axis.imshow(image.squeeze(), cmap="gray", vmin=0, vmax=255)
    lines = [*([above] if above else []), *textwrap.wrap(title, WIDTH)]
    axis.set_title("\n".join(drawn(line) for line in lines), fontsize=7, color=colour)
