"""The viewer's icons."""

from functools import cache
from importlib.resources import files

from PySide6.QtGui import QIcon, QPalette, QPixmap, QPixmapCache

SIZE = 96  # pixels, enough for dense screens
DRAWINGS = files("tfstab.resources.icons")


def app_icon() -> QIcon:
    """Return the icon of the window, as in the task bar and the desktop entry."""
    return QIcon(_picture(_read("tfstab")))


def themed_icon(name: str, palette: QPalette) -> QIcon:
    """Return a line drawing in the palette's colour of text."""
    drawing = _read(name).replace('width="24" height="24"', f'width="{SIZE}" height="{SIZE}"')
    icon = QIcon()
    for mode, group in ((QIcon.Mode.Normal, QPalette.ColorGroup.Active), (QIcon.Mode.Disabled, _DISABLED)):
        colour = palette.color(group, QPalette.ColorRole.ButtonText).name()
        icon.addPixmap(_picture(drawing.replace('stroke="#000"', f'stroke="{colour}"')), mode)
    return icon


_DISABLED = QPalette.ColorGroup.Disabled


@cache
def _read(name: str) -> str:
    """Return the SVG text of an icon."""
    return (DRAWINGS / f"{name}.svg").read_text("utf-8")


def _picture(drawing: str) -> QPixmap:
    """Draw an SVG text, once for all windows."""
    picture = QPixmap()
    if not QPixmapCache.find(drawing, picture):
        picture.loadFromData(drawing.encode(), "SVG")
        QPixmapCache.insert(drawing, picture)
    return picture
