"""Opening the guide from any widget or dialog of the window."""

from typing import Protocol, runtime_checkable

from PySide6.QtWidgets import QWidget


@runtime_checkable
class ShowsGuide(Protocol):
    """A window that can open the guide."""

    def show_guide(self, place: str) -> object:
        """Open the guide at "TOPIC" or "TOPIC#ANCHOR"."""


def show_guide(widget: QWidget, place: str) -> None:
    """Open the guide at a place, through the window to which a widget or its dialog belongs."""
    above: QWidget | None = widget
    while above is not None and not isinstance(above, ShowsGuide):
        above = above.parentWidget()
    if above is not None:
        above.show_guide(place)
