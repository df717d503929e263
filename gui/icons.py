"""The viewer's icon."""

from importlib.resources import files

from PySide6.QtGui import QIcon, QPixmap


def app_icon() -> QIcon:
    """As the window, the task bar and the desktop entry show it."""
    picture = QPixmap()
    picture.loadFromData((files("tfstab.resources.icons") / "tfstab.svg").read_bytes(), "SVG")
    return QIcon(picture)
