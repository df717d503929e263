"""Base of the pages of runs, which show views in tabs."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from tfstab.errors import InputError
from tfstab.gui.actions import Actions
from tfstab.gui.commands import Offers
from tfstab.gui.content.atlas import ImageState, Mapped
from tfstab.gui.content.guide import tab_place
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.controller import Controller
from tfstab.gui.sessions.session import Session
from tfstab.gui.widgets.atlas.atlas_page import AtlasPage
from tfstab.gui.widgets.compare_button import CompareButton
from tfstab.gui.widgets.copying import copy_offers
from tfstab.gui.widgets.explorer.explorer_page import ExplorerPage
from tfstab.gui.widgets.figure_dialog import figure_offers
from tfstab.gui.widgets.help_button import HelpButton
from tfstab.gui.widgets.lazy_view import LazyView
from tfstab.gui.widgets.marking import mark_of, mark_offers
from tfstab.gui.widgets.page import Page
from tfstab.gui.widgets.run_header import RunHeader
from tfstab.gui.widgets.triple_panel import TriplePanel
from tfstab.gui.widgets.view import View
from tfstab.gui.widgets.view_tabs import ViewTabs

if TYPE_CHECKING:
    from tfstab.gui.widgets.search.live_view import LiveView


class RunPage(Page):
    """Base of the pages of runs; `tfstab.gui.kinds` names one for each kind.

    Attributes
    ----------
    triple : TriplePanel
        The images of the selection.
    tabs : ViewTabs
        The views.
    header : RunHeader
        The line above, with the choice of the runs that this one is compared with.
    explorer, atlas : LazyView
        Views that all kinds of runs have.
    """

    triple: TriplePanel
    tabs: ViewTabs

    atlas: LazyView[AtlasPage]

    def __init__(
        self, controller: Controller, session: Session, commands: Actions, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._controller, self._of_session, self._commands = controller, session, commands
        self.header = RunHeader(session, commands)
        if session.comparison is not None:
            self.compare = CompareButton(controller, session, session.comparison)
            self.header.add(self.compare)
        self.help = HelpButton()
        self.header.add(self.help)
        self.explorer = LazyView(ExplorerPage, lambda: ExplorerPage(controller, session))

    def make_atlas(
        self, source: Callable[[], Mapped | None], select: Callable[[int, ImageState | None, int], object]
    ) -> LazyView[AtlasPage]:
        """Return the atlas; `source` and `select` as of an AtlasPage."""
        controller, session, commands = self._controller, self._of_session, self._commands
        return LazyView(AtlasPage, lambda: AtlasPage(controller, session, commands, source, select))

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
        return cls(controller, session, commands)

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

    def guide_place(self) -> str:
        """Return the section of the guide about the tab in sight."""
        return tab_place(self.tabs.title())

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
        self.tabs.currentChanged.connect(self._follow_help)
        self._follow_help()
        marks.changed.connect(self.show_mark)
        marks.undo_stack.indexChanged.connect(self.show_mark)

    def _follow_help(self) -> None:
        self.help.explain(self.guide_place(), "this tab", "Open the guide where it explains this tab (F1)")

    def follow_tab(self) -> None:
        """Divide the page as the current view needs it."""
        raise NotImplementedError

    def show_mark(self) -> None:
        """Show the mark and note of the selected image."""
        self.triple.set_mark(mark_of(self._of_session))
        self.offers_changed.emit()
