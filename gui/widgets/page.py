"""Base class of the pages in the middle of the window."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from tfstab.gui.commands import Offers
from tfstab.gui.content.guide import VIEWER
from tfstab.gui.content.viewpoint import Viewpoint

if TYPE_CHECKING:
    from tfstab.gui.widgets.triple_panel import TriplePanel


class Page(QWidget):
    """A page, such as that of a search or a sweep.

    Signals
    -------
    offers_changed
        `offers` would return something else than before.
    left : Viewpoint
        Another view of the page has come into sight; what was in view before.
    """

    offers_changed = Signal()
    left = Signal(object)

    def first(self) -> QWidget:
        """Return the widget that gets the focus first.

        A focus proxy of the page is not used because Qt would then skip the widgets before it.
        """
        return self

    def images(self) -> "TriplePanel | None":
        """Return the images that blink while Space is held, if there are any."""
        return None

    def guide_place(self) -> str:
        """Return the place of the guide that explains what is in view, as "TOPIC" or "TOPIC#ANCHOR"."""
        return VIEWER

    def offers(self) -> Offers:
        """Return the commands that this page can do at present."""
        return {}

    def explore(self, picture: Path) -> bool:
        """Show a picture of the user's own, given by its file; return whether this page can."""
        return False

    def explain(self, image: int) -> None:
        """Show why an image of the run is misclassified, if this page can."""

    def viewpoint(self) -> Viewpoint | None:
        """Return what is in view, or None if that cannot be visited again."""
        return None

    def go_to(self, viewpoint: Viewpoint) -> None:
        """Show the tab of a viewpoint, whose session is restored already."""
