"""Base of the views of a run: what its page shows in tabs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from tfstab.gui.commands import Offers
from tfstab.gui.figures import Figure

if TYPE_CHECKING:
    Base = QWidget
else:
    Base = object  # Qt cannot join two widgets: a view inherits its widget beside this class


class View(Base):
    """One tab of a run's page: a widget that inherits this class first.

    A new view is such a widget, and a line among the `views` of its page's `_arrange`. With `self.lazy`, the page
    makes it only when it is first shown, so that pages open quickly. A view that takes no time to make may be given
    without `self.lazy`.

    Attributes
    ----------
    said, offers_changed : Signal or None
        Messages for the status bar, and news about `offers`, if the view has any.
    uses_filters : bool
        Whether the page's filters are shown above it.
    shows_triple : bool
        Whether the images of the selection are shown below it.
    beside_triple : bool
        Whether these images may be beside it, if the page is wide, instead of below it.
    has_figure : bool
        Whether `figure` can be saved.
    """

    said: Any = None
    offers_changed: Any = None
    uses_filters = False
    shows_triple = True
    beside_triple = False
    has_figure = False

    def first(self) -> QWidget:
        """Return the widget that gets the focus when the page is shown."""
        return self

    def shown(self) -> None:
        """Prepare what takes long; called each time the view comes into sight."""

    def offers(self) -> Offers:
        """Return the commands that this view can do at present."""
        return {}

    def fit(self) -> None:
        """Undo all zooming."""

    def figure(self) -> Figure:
        """Return what is in view as a figure to save; raise InputError if it is not complete yet."""
        raise NotImplementedError

    def viewpoint_state(self) -> dict[str, Any]:
        """Return what is chosen in this view alone, as JSON values under one key, which is the view's own."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Choose what a viewpoint's state says under this view's key, if anything; raise InputError if it cannot."""
