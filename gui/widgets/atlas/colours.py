"""Colours of the atlas's groups."""

import pyqtgraph as pg
from PySide6.QtGui import QColor, QPalette

from tfstab.gui.content.atlas import SEVERITY, VERDICT
from tfstab.gui.content.points import CORRECT, WRONG
from tfstab.gui.theme import is_dark
from tfstab.gui.widgets.theme import point_colours

# Ten hues of two lightnesses, after Tol's and Okabe and Ito's. Ten more classes get darker shades of them: any two of
# the 20 differ by at least 9 (CIEDE2000). After that, colours repeat.
LIGHT = (
    "#1f5fa8", "#b85c00", "#007a5a", "#a83f80", "#7a6a00", "#b3261e", "#4a4ac0", "#5c7d12", "#0f7f92", "#6f5048",
)  # fmt: skip
DARK = (
    "#6cb4ff", "#ffb454", "#3fd0a0", "#e39bd3", "#f5e663", "#ff8a70", "#a6a1ff", "#b5d95b", "#56d4e8", "#c9a89b",
)  # fmt: skip
DARKER = 150  # as of `QColor.darker`
DIFFERENT = 2 * len(LIGHT)


def group_colour(palette: QPalette, by: str, number: int, count: int) -> QColor:
    """Return the colour of a group.

    Parameters
    ----------
    palette : QPalette
        Of the plot.
    by : str
        What colours stand for, one of `tfstab.gui.content.atlas.COLOURINGS`.
    number, count : int
        Number of the group, and how many there are.
    """
    if by == VERDICT:
        return QColor(*point_colours(palette)[WRONG if number else CORRECT])
    if by == SEVERITY:
        if number == 0:  # clean
            return QColor(*point_colours(palette)[CORRECT])
        low, high = (0.25, 1.0) if is_dark(palette) else (0.0, 0.8)  # the ends that are seen on the background
        share = number / max(1, count - 1)
        return QColor(pg.colormap.get("plasma").mapToQColor(low + share * (high - low)))
    colours = DARK if is_dark(palette) else LIGHT
    second, hue = divmod(number % DIFFERENT, len(colours))
    return QColor(colours[hue]).darker(DARKER) if second else QColor(colours[hue])
