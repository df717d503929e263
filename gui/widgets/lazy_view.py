"""A view that is made when it first comes into sight, so that the page appears sooner."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from tfstab.gui.commands import Offers
from tfstab.gui.figures import Figure
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.view import View

Inner = TypeVar("Inner", bound=View)


class LazyView(View, QWidget, Generic[Inner]):
    """Stands in a tab for a view, and holds it once it is made.

    Parameters
    ----------
    kind : type
        The view's class.
    make : callable
        Makes the view.
    parent : QWidget, optional

    Attributes
    ----------
    made : View or None
        The view, once it is made.

    Signals
    -------
    said, offers_changed
        As the view's.
    """

    said = Signal(str)
    offers_changed = Signal()

    def __init__(self, kind: type[Inner], make: Callable[[], Inner], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self.made: Inner | None = None
        self.uses_filters, self.shows_triple, self.has_figure = kind.uses_filters, kind.shows_triple, kind.has_figure

    @property
    def view(self) -> Inner:
        """The view, which is made now if it has not been."""
        if self.made is None:
            self.made = made = self._make()
            fill_column(self, made)
            for mine, theirs in ((self.said, made.said), (self.offers_changed, made.offers_changed)):
                if theirs is not None:
                    theirs.connect(mine)
        return self.made

    def shown(self) -> None:
        """Make the view, and let it prepare what takes long."""
        if self.made is None:
            self.view.show()
            self.offers_changed.emit()
        self.view.shown()

    def first(self) -> QWidget:
        """Return the widget of the view that gets the focus."""
        return self.view.first()

    def offers(self) -> Offers:
        """Return the commands that the view can do at present."""
        return {} if self.made is None else self.made.offers()

    def fit(self) -> None:
        """Undo all zooming."""
        if self.made is not None:
            self.made.fit()

    def figure(self) -> Figure:
        """Return what is in view as a figure to save."""
        return self.view.figure()

    def viewpoint_state(self) -> dict[str, Any]:
        """Return what is chosen in the view."""
        return {} if self.made is None else self.made.viewpoint_state()

    def restore(self, state: Mapping[str, Any]) -> None:
        """Choose in the view what a viewpoint's state says."""
        self.view.restore(state)
