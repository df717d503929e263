"""What follows from the system's light or dark palette."""

from PySide6.QtGui import QPalette

from tfstab.gui.colours import DARK_POINTS, LIGHT_POINTS, Colour


def is_dark(palette: QPalette) -> bool:
    return palette.color(QPalette.ColorRole.Window).lightness() < 128


def point_colours(palette: QPalette) -> dict[int, Colour]:
    """The colour of each kind of point."""
    return DARK_POINTS if is_dark(palette) else LIGHT_POINTS


def series_colours(palette: QPalette) -> tuple[str, str]:
    """Two line colours that are readable on the palette's background, also to the colour-blind."""
    return ("#6cb4ff", "#ffb454") if is_dark(palette) else ("#1f5fa8", "#b85c00")
