"""A view that is made when it first comes into sight, so that the page appears sooner."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from tfstab.errors import InputError
from tfstab.gui.background import Background
from tfstab.gui.commands import Offers
from tfstab.gui.figures import Figure
from tfstab.gui.widgets.lazy import Lazy, Making
from tfstab.gui.widgets.view import View

Inner = TypeVar("Inner", bound=View)


class LazyView(View, Lazy[Inner]):
    """Stands in a tab for a view, and holds it once it is made.

    Parameters
    ----------
    kind : type
        The view's class.
    make, background
        As of Lazy.
    parent : QWidget, optional

    Signals
    -------
    said, offers_changed
        As the view's.
    """

    said = Signal(str)
    offers_changed = Signal()

    def __init__(
        self,
        kind: type[Inner],
        make: Callable[[], Inner | Making[Inner]],
        background: Background,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(make, background, parent)
        self._kind = kind
        self._asked: Mapping[str, Any] = {}  # a state to restore once the view is made
        self.came.connect(self._hand_over)
        self.uses_filters, self.has_figure, self.beside_triple = kind.uses_filters, kind.has_figure, kind.beside_triple

    @property
    def shows_triple(self) -> bool:  # type: ignore[override]
        """Whether the images of the selection are shown below it, which may change with what the view shows."""
        if self.made is None:
            return self._kind.shows_triple is True  # a kind with a property, which depends on what is shown, shows none
        return self.made.shows_triple

    def shown(self) -> None:
        """Let the view prepare what takes long, once it is made."""
        if self.made is not None:
            self.made.shown()

    def first(self) -> QWidget:
        """Return the widget that gets the focus, and passes it on once the view is made."""
        return self if self.made is None else self.made.first()

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
        """Return what is chosen in the view, or will be."""
        return dict(self._asked) if self.made is None else self.made.viewpoint_state()

    def restore(self, state: Mapping[str, Any]) -> None:
        """Choose in the view what a viewpoint's state says, once it is made."""
        if self.made is None:
            self._asked = state
        else:
            self.made.restore(state)

    def _hand_over(self) -> None:
        """Give the view, which has been made, what was meant for it."""
        made = self.view
        for mine, theirs in ((self.said, made.said), (self.offers_changed, made.offers_changed)):
            if theirs is not None:
                theirs.connect(mine)
        if self.isVisible():
            made.shown()
        try:
            made.restore(self._asked)
        except InputError as error:
            self._background.failed.emit(str(error), "")
        QTimer.singleShot(0, self, self._pass_focus)  # Qt shows later what was laid out last
        self.offers_changed.emit()

    def _pass_focus(self) -> None:
        """Give the focus to the part that gets it first or, if that is not in sight, to the first one that takes it."""
        if self.window().focusWidget() is not self:  # hasFocus is False while the window is not active
            return
        for part in (self.first(), *self.findChildren(QWidget)):
            if part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.isVisibleTo(self):
                part.setFocus()
                break
