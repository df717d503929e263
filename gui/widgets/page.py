"""What the window shows in its middle."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from tfstab.gui.commands import Offers

if TYPE_CHECKING:
    from tfstab.gui.widgets.triple_panel import TriplePanel


class Page(QWidget):
    """Base of the pages. triple: the images that blink while a key is held, if there are any."""

    offers_changed = Signal()

    triple: "TriplePanel | None" = None

    def first(self) -> QWidget:
        """What has the focus at first. (A focus proxy of the page would make Qt skip what comes before it.)"""
        return self

    def offers(self) -> Offers:
        """The commands that this page does at present."""
        return {}
