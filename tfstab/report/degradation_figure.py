"""A figure of one image under several degradations."""

from collections.abc import Sequence

import numpy as np

from tfstab.degradations import Degradation
from tfstab.figure import Figure

SHOWN = 5  # severities drawn of each family
BLOCKS = 2  # families side by side


def degradation_figure(image: np.ndarray, families: Sequence[Degradation]) -> Figure:
    """Draw an image clean and at several severities of each family, from mild to strong, one row for each family.

    Parameters
    ----------
    image : ndarray
        The clean image (H, W, C), grey levels 0..255.
    families : sequence of Degradation
        The degradations.
    """
    rows, columns = -(-len(families) // BLOCKS), SHOWN + 2  # two more for the clean image and a gap
    figure = Figure(figsize=(BLOCKS * columns * 0.95, rows * 1.22))
    # Laid out by hand: with so many panels, a layout engine takes many times as long as drawing.
    edge = 0.25 / (rows * 1.22)
    figure.subplots_adjust(left=0.03, right=0.99, top=1 - edge, bottom=edge, hspace=0.55)
    panels = figure.subplots(rows, BLOCKS * columns, squeeze=False)
    for axis in panels.flat:
        axis.set_axis_off()
    for k, family in enumerate(families):
        block, row = divmod(k, rows)
        axes = panels[row, block * columns :]
        chosen = np.linspace(0, len(family.severities) - 1, min(SHOWN, len(family.severities))).round().astype(int)
        pictures = [(family.name, image)]
        for place in chosen:
            severity = family.severities[place]
            pictures.append((f"{severity:g}", family(image, severity, np.random.default_rng(int(place)))))
        for axis, (title, picture) in zip(axes, pictures, strict=False):
            axis.imshow(np.rint(picture).clip(0, 255).astype(np.uint8).squeeze(), cmap="gray", vmin=0, vmax=255)
            axis.set_title(title, fontsize=7)
        axes[0].text(0.5, -0.06, family.axis, transform=axes[0].transAxes, ha="center", va="top", fontsize=6)
    return figure
