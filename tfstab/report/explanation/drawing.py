"""Figures as a page embeds them: as an SVG that follows the reader's light or dark colours, or as a PNG."""

import base64
import colorsys
import io
import re
from dataclasses import dataclass

from matplotlib import rc_context
from matplotlib.figure import Figure
from PIL import Image

from tfstab.fonts import use_fonts
from tfstab.report.layout import keep_layout
from tfstab.report.page import Picture

DPI = 130
# An SVG is sharp at any size and can be dark, which a PNG cannot; so it may be the larger one, up to so many bytes.
LARGEST_SVG = 120_000
DARK, LIGHT = (0x16, 0x19, 0x1D), (0xE6, 0xE9, 0xEC)  # the page's background and text on a dark screen
FEW = 16  # colours that are no grey; more are a colour scale, whose order would be lost if some were made lighter
LIGHTNESS = 0.64  # of colours on a dark background, at least
_NUMBER = re.compile(r"(\d\.\d\d)\d+")
_PLACES = re.compile(r' (?:d|x|y)="[^"]*"')


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
    has_dark : bool
        Whether it has dark colours too; if not, it keeps its white background.
    """

    uri: str
    width: int
    height: int
    lead: str
    rest: str
    has_dark: bool


def drawing(picture: Picture) -> Drawing:
    """Return a figure as an SVG, or as a PNG of 255 colours where that is much smaller."""
    width, height = (round(96 * inches) for inches in picture.figure.get_size_inches())
    lead, stop, rest = picture.caption.partition(". ")
    kind, content = "svg+xml", _svg(picture.figure)
    if len(content) > LARGEST_SVG:
        kind, content = min(("png", _png(picture.figure)), (kind, content), key=lambda one: len(one[1]))
    uri = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    return Drawing(uri, width, height, lead + stop.rstrip(), rest, b"prefers-color-scheme" in content)


def _png(figure: Figure) -> bytes:
    """Return a figure as a PNG."""
    drawn, small = io.BytesIO(), io.BytesIO()
    use_fonts(figure)
    figure.savefig(drawn, format="png", dpi=DPI)
    Image.open(drawn).convert("RGB").quantize(255).save(small, format="png", optimize=True)
    return small.getvalue()


def _svg(figure: Figure) -> bytes:
    """Return a figure as an SVG, without what makes it longer than it needs to be, and with dark colours added."""
    drawn = io.StringIO()
    use_fonts(figure)
    with rc_context({"svg.hashsalt": "tfstab"}):  # the same names inside the file each time
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    keep_layout(figure)
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", drawn.getvalue(), flags=re.DOTALL)
    text = _PLACES.sub(lambda match: _NUMBER.sub(r"\1", match[0].replace("\n", "")), text)
    text = re.sub(r"\n\s*", "\n", text)
    return text.replace("</style>", f"{dark_style(text)}</style>", 1).encode()


def dark_style(svg: str) -> str:
    """Return the style with which an SVG of matplotlib is drawn on a dark screen: its greys inverted.

    "" for a picture of an image or of a colour scale, on which what is black or white must stay so.
    """
    colours = sorted(set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", svg)))
    coloured = [colour for colour in colours if len(set(_levels(colour))) > 1]
    if "<image" in svg or len(coloured) > FEW:
        return ""
    rules = [f"svg{{fill:{_hex(LIGHT)}}}"]
    for colour in colours:
        for what in ("fill", "stroke"):
            rules.append(f'[style*="{what}: {colour}"]{{{what}:{on_dark(colour)}!important}}')
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"


def on_dark(colour: str) -> str:
    """Return a colour for a dark background: greys are inverted, other colours made light enough to be seen.

    Examples
    --------
    >>> from tfstab.report.explanation.drawing import on_dark
    >>> on_dark("#ffffff"), on_dark("#000000"), on_dark("#1f5f8b")
    ('#16191d', '#e6e9ec', '#69aede')
    """
    levels = _levels(colour)
    if len(set(levels)) == 1:
        share = levels[0] / 255
        return _hex([round(light + share * (dark - light)) for dark, light in zip(DARK, LIGHT, strict=True)])
    hue, lightness, saturation = colorsys.rgb_to_hls(*(level / 255 for level in levels))
    return _hex([round(255 * x) for x in colorsys.hls_to_rgb(hue, max(lightness, LIGHTNESS), saturation)])


def _levels(colour: str) -> list[int]:
    """Return the levels of "#rrggbb"."""
    return [int(colour[k : k + 2], 16) for k in (1, 3, 5)]


def _hex(levels: "list[int] | tuple[int, ...]") -> str:
    """Return "#rrggbb" of three levels."""
    return "#" + "".join(f"{level:02x}" for level in levels)
