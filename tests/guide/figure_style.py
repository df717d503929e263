"""How the guide's pictures look, and how they are saved."""

import io
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

FOLDER = Path(__file__).parents[2] / "resources" / "pictures"
# Okabe and Ito's colours, which people with any colour vision can tell apart.
BLUE, ORANGE, GREEN, RED, GREY = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#777777"
DPI, COLOURS = 130, 128

mpl.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 9})


def picture(width, height):
    """Return an empty figure of a width and height in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02)
    return figure


def save(figure, name):
    """Write a figure as a picture of the guide."""
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=DPI)
    with Image.open(drawn) as image:
        save_image(image.convert("RGB"), name)


def save_image(image, name):
    """Write a Pillow image with few colours, as a small PNG."""
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)


def show(axis, image, title=""):
    """Show an image (H, W, C) in grey levels."""
    axis.imshow(np.clip(image, 0, 255).astype(np.uint8).squeeze(), cmap="gray", vmin=0, vmax=255)
    axis.set_title(title, fontsize=8)
    axis.set_axis_off()


def frame(axis, image, right):
    """Show an image in a frame that says whether its prediction is right; a wrong one is crossed out, too."""
    axis.imshow(np.clip(image, 0, 255).astype(np.uint8).squeeze(), cmap="gray", vmin=0, vmax=255)
    axis.set(xticks=[], yticks=[])
    for spine in axis.spines.values():
        spine.set(visible=True, color=BLUE if right else RED, linewidth=2)
    if not right:
        height, width = image.shape[:2]
        axis.plot([-0.5, width - 0.5], [-0.5, height - 0.5], color=RED, linewidth=2)
