"""The viewer's icons."""

from importlib.resources import files

from PySide6.QtGui import QIcon, QPalette, QPixmap

SIZE = 96  # pixels: sharp on dense screens too


def app_icon() -> QIcon:
    """As the window, the task bar and the desktop entry show it."""
    return QIcon(_picture(_read("tfstab")))


def themed_icon(name: str, palette: QPalette) -> QIcon:
    """A line drawing in the colour of the palette's text."""
    drawing = _read(name).replace('width="24" height="24"', f'width="{SIZE}" height="{SIZE}"')
    icon = QIcon()
    for mode, group in ((QIcon.Mode.Normal, QPalette.ColorGroup.Active), (QIcon.Mode.Disabled, _DISABLED)):
        colour = palette.color(group, QPalette.ColorRole.ButtonText).name()
        icon.addPixmap(_picture(drawing.replace('stroke="#000"', f'stroke="{colour}"')), mode)
    return icon


_DISABLED = QPalette.ColorGroup.Disabled


def _read(name: str) -> str:
    return (files("tfstab.resources.icons") / f"{name}.svg").read_text("utf-8")


def _picture(drawing: str) -> QPixmap:
    picture = QPixmap()
    picture.loadFromData(drawing.encode(), "SVG")
    return picture
