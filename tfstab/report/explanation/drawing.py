"""Figures as a page embeds them."""

import base64
import io
from dataclasses import dataclass

from matplotlib import rc_context
from matplotlib.figure import Figure
from PIL import Image

from tfstab.report.page import Picture

DPI = 130


@dataclass(frozen=True)
class Drawing:
    """A figure as the page embeds it.

    Attributes
    ----------
    uri : str
        The picture as a data URI.
    width, height : int
        Its size in CSS pixels.
    lead, rest : str
        The first sentence of its caption, which is also its description for those who cannot see it, and the others.
    """

    uri: str
    width: int
    height: int
    lead: str
    rest: str


def drawing(picture: Picture) -> Drawing:
    """Return a figure as an SVG, or as a PNG of 255 colours where that is smaller."""
    width, height = (round(96 * inches) for inches in picture.figure.get_size_inches())
    lead, dot, rest = picture.caption.partition(". ")
    png, svg = _png(picture.figure), _svg(picture.figure)
    kind, content = ("svg+xml", svg) if len(svg) <= len(png) else ("png", png)
    uri = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    return Drawing(uri, width, height, lead + dot.rstrip(), rest)


def _png(figure: Figure) -> bytes:
    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI)
    figure.set_layout_engine("none")  # it has its layout now; repeating that takes longer than drawing
    Image.open(drawn).convert("RGB").quantize(255).save(small, format="png", optimize=True)
    return small.getvalue()


def _svg(figure: Figure) -> bytes:
    drawn = io.BytesIO()
    with rc_context({"svg.hashsalt": "tfstab"}):  # the same names inside the file each time
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    return drawn.getvalue()
