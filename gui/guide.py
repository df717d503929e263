"""The guide's window: made when it is first asked for, and closed with the viewer."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tfstab.gui.commands import Offers
from tfstab.gui.content.guide import GLOSSARY

if TYPE_CHECKING:
    from tfstab.gui.widgets.guide.window import GuideWindow


class Guide:
    """Opens the guide.

    Parameters
    ----------
    here : callable
        Returns the place that explains what is in view.

    Attributes
    ----------
    window : GuideWindow or None
        The window; None until it is first asked for.
    """

    def __init__(self, here: Callable[[], str]) -> None:
        self._here = here
        self.window: GuideWindow | None = None

    def show(self, place: str) -> None:
        """Show "TOPIC" or "TOPIC#ANCHOR"."""
        if self.window is None:
            # Imported here, because the viewer appears sooner without it.
            from tfstab.gui.widgets.guide.window import GuideWindow

            self.window = GuideWindow()
        self.window.show_place(place)

    def offers(self) -> Offers:
        """Return the commands that open the guide."""
        return {"guide": lambda: self.show(self._here()), "glossary": partial(self.show, GLOSSARY)}

    def close(self) -> None:
        """Close the window."""
        if self.window is not None:
            self.window.close()
            self.window.deleteLater()
            self.window = None
