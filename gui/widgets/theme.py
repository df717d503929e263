"""Colours that depend on whether the system's palette is light or dark."""

from PySide6.QtGui import QPalette

from tfstab.gui.content.colours import DARK_POINTS, LIGHT_POINTS, Colour
from tfstab.gui.theme import is_dark


def point_colours(palette: QPalette) -> dict[int, Colour]:
    """Return the colour of each kind of point."""
    return DARK_POINTS if is_dark(palette) else LIGHT_POINTS


def series_colours(palette: QPalette) -> tuple[str, str]:
    """Return two line colours that are readable on the palette's background, including by colour-blind people."""
    return ("#6cb4ff", "#ffb454") if is_dark(palette) else ("#1f5fa8", "#b85c00")


def run_colours(palette: QPalette) -> tuple[str, ...]:
    """Return line colours for compared runs, after Okabe and Ito, which colour-blind people can tell apart."""
    if is_dark(palette):
        return "#6cb4ff", "#ffb454", "#3fd0a0", "#e39bd3", "#f5e663", "#ff8a70"
    return "#1f5fa8", "#b85c00", "#007a5a", "#a83f80", "#7a6a00", "#b3261e"
