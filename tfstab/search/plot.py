"""One result as a picture: clean image, noise, degraded image."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tfstab.names import drawn, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tfstab.search.result import MinimumNoise

LONGEST = 32  # letters of a class's name


def draw_triple(
    axes: Sequence["Axes"], result: "MinimumNoise", class_names: Sequence[str], scale: float | None = None
) -> Any:
    """Draw into three axes; gives the noise's image, for a colour bar.

    The noise is shown on a diverging map from blue (darker) over white (0) to red (brighter), from -scale to scale
    grey levels, by default its own largest. Of RGB noise the mean over the channels is shown.
    """
    scale = scale or result.linf or 1.0
    for axis in axes:
        axis.set_axis_off()
    _show(axes[0], result.clean, shortened(class_names[result.class_index], LONGEST))
    shown = axes[1].imshow(result.noise.mean(axis=-1), cmap="RdBu_r", vmin=-scale, vmax=scale)
    axes[1].set_title(f"L2 {result.l2:.0f}  PSNR {result.psnr:.1f}" if result.found else "not found", fontsize=7)
    degraded = np.rint(result.degraded).astype(np.uint8)
    _show(axes[2], degraded, f"→ {shortened(class_names[result.predicted], LONGEST)} ({result.score:.2f})")
    return shown


def triple_figure(result: "MinimumNoise", class_names: Sequence[str]) -> "Figure":
    """A figure of one result, with a colour bar in grey levels."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 2.6), layout="constrained")
    axes = figure.subplots(1, 3)
    figure.colorbar(draw_triple(axes, result, class_names), ax=axes[1], shrink=0.8, label="grey levels")
    return figure


def _show(axis: "Axes", image: np.ndarray, title: str) -> None:
    axis.imshow(image.squeeze(), cmap="gray", vmin=0, vmax=255)
    # A title as wide as the picture below it, where ten stand side by side.
    axis.set_title("\n".join(drawn(line) for line in textwrap.wrap(title, 23)), fontsize=7)
