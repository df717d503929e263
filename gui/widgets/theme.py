"""What follows from the system's light or dark palette."""

from PySide6.QtGui import QPalette

from tfstab.gui.content.colours import DARK_POINTS, LIGHT_POINTS, Colour


def is_dark(palette: QPalette) -> bool:
    return palette.color(QPalette.ColorRole.Window).lightness() < 128


def point_colours(palette: QPalette) -> dict[int, Colour]:
    """The colour of each kind of point."""
    return DARK_POINTS if is_dark(palette) else LIGHT_POINTS


def series_colours(palette: QPalette) -> tuple[str, str]:
    """Two line colours that are readable on the palette's background, also to the colour-blind."""
    return ("#6cb4ff", "#ffb454") if is_dark(palette) else ("#1f5fa8", "#b85c00")


def run_colours(palette: QPalette) -> tuple[str, ...]:
    """Line colours of runs that are compared (Okabe and Ito's, told apart by the colour-blind)."""
    if is_dark(palette):
        return "#6cb4ff", "#ffb454", "#3fd0a0", "#e39bd3", "#f5e663", "#ff8a70"
    return "#1f5fa8", "#b85c00", "#007a5a", "#a83f80", "#7a6a00", "#b3261e"
