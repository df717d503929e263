"""Bases of the pages of runs: a page, and the views that it shows in tabs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from tfstab.errors import InputError
from tfstab.gui.actions import Actions
from tfstab.gui.commands import Offers
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.controller import Controller
from tfstab.gui.figures import Figure
from tfstab.gui.sessions.session import Session
from tfstab.gui.widgets.copying import copy_offers
from tfstab.gui.widgets.figure_dialog import figure_offers
from tfstab.gui.widgets.marking import mark_of, mark_offers
from tfstab.gui.widgets.page import Page
from tfstab.gui.widgets.triple_panel import TriplePanel
from tfstab.gui.widgets.view_tabs import ViewTabs

if TYPE_CHECKING:
    from tfstab.gui.widgets.search.live_view import LiveView

    Base = QWidget
else:
    Base = object  # Qt cannot join two widgets: a view inherits its widget beside this class


class View(Base):
    """One tab of a run's page: a widget that inherits this class first.

    A new view is such a widget, and a line in its page's call of ViewTabs; what it needs of the page is asked here.

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
        """Return what is in view as a figure to save."""
        raise NotImplementedError

    def viewpoint_state(self) -> dict[str, Any]:
        """Return what is chosen in this view alone, as JSON values under one key, which is the view's own."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Choose what a viewpoint's state says under this view's key, if anything; raise InputError if it cannot."""


class RunPage(Page):
    """Base of the pages of runs; `tfstab.gui.kinds` names one for each kind.

    Attributes
    ----------
    triple : TriplePanel
        The images of the selection.
    tabs : ViewTabs
        The views.
    """

    triple: TriplePanel
    tabs: ViewTabs

    def __init__(self, controller: Controller, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller, self._of_session = controller, session

    @classmethod
    def of_session(cls, controller: Controller, session: Any, commands: Actions, live: "LiveView") -> "RunPage":
        """Make the page of a session.

        Parameters
        ----------
        controller : Controller
        session : Session
            Of this page's kind.
        commands : Actions
            The window's commands, for buttons.
        live : LiveView
            May have made parts of the page beforehand.
        """
        raise NotImplementedError

    @property
    def views(self) -> list[View]:
        """The views, in the order of their tabs."""
        return [self.tabs.widget(n) for n in range(self.tabs.count())]  # type: ignore[misc]

    @property
    def view(self) -> View:
        """The view in sight."""
        return self.views[self.tabs.currentIndex()]

    def first(self) -> QWidget:
        """Return the widget of the current view that gets the focus."""
        return self.view.first()

    def fit(self) -> None:
        """Undo all zooming."""
        self.triple.fit()
        for view in self.views:
            view.fit()

    def offers(self) -> Offers:
        """Return the commands that this page can do at present."""
        said, failed, view = self._controller.said.emit, self._controller.failed.emit, self.view
        offers = {"fit": self.fit, **self.tabs.offers(), **self.triple.offers()}
        offers |= mark_offers(self._of_session, self, said) | copy_offers(self._of_session, self.viewpoint, said)
        if view.has_figure:
            offers |= figure_offers(view.figure, said, failed)
        return {**offers, **view.offers()}

    def viewpoint(self) -> Viewpoint:
        """Return what is in view."""
        state = self._of_session.viewpoint_state() | self.view.viewpoint_state()
        return Viewpoint.at(self._of_session.path, self.tabs.title(), **state)

    def go_to(self, viewpoint: Viewpoint) -> None:
        """Show the tab of a viewpoint, whose session is restored already, and what is chosen in it."""
        if viewpoint.view and not self.tabs.show_view(viewpoint.view):
            known = ", ".join(self.tabs.titles())
            self._controller.failed.emit(f"This run has no view named {viewpoint.view[:80]}; it has {known}.", "")
            return
        try:
            self.view.restore(viewpoint.state)
        except InputError as error:
            self._controller.failed.emit(str(error), "")

    def connect_views(self) -> None:
        """Connect the tabs, the views and the images with the page and the window; called once all are made."""
        controller, marks = self._controller, self._of_session.marks
        self.triple.said.connect(controller.said)
        for view in self.views:
            if view.said is not None:
                view.said.connect(controller.said)
            if view.offers_changed is not None:
                view.offers_changed.connect(self.offers_changed)
        self.triple.failed.connect(controller.failed)
        self.tabs.currentChanged.connect(self.follow_tab)
        marks.changed.connect(self.show_mark)
        marks.undo_stack.indexChanged.connect(self.show_mark)

    def follow_tab(self) -> None:
        """Divide the page as the current view needs it."""
        raise NotImplementedError

    def show_mark(self) -> None:
        """Show the mark and note of the selected image."""
        self.triple.set_mark(mark_of(self._of_session))
        self.offers_changed.emit()
