"""Base of the pages of runs, which show views in tabs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

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
from tfstab.gui.widgets.input_note import InputNote
from tfstab.gui.widgets.lazy import Lazy, Making
from tfstab.gui.widgets.lazy_view import Inner, LazyView
from tfstab.gui.widgets.marked_dialog import MarkedDialog
from tfstab.gui.widgets.marking import mark_of, mark_offers
from tfstab.gui.widgets.overview.overview_page import OverviewPage
from tfstab.gui.widgets.page import Page
from tfstab.gui.widgets.run_header import RunHeader
from tfstab.gui.widgets.triple_panel import TriplePanel
from tfstab.gui.widgets.view import View
from tfstab.gui.widgets.view_tabs import ViewTabs

Overview = TypeVar("Overview", bound=OverviewPage)


class RunPage(Page):
    """Base of the pages of runs; `tfstab.gui.kinds` names one for each kind.

    Attributes
    ----------
    hint : str
        What is in the place of the images while none is selected.
    tabs : ViewTabs
        The views.
    beside : list of Lazy
        What some views have beside them: the images of the selection, and more.
    header : RunHeader
        The line above, with the choice of the runs that this one is compared with.
    input_note : InputNote
        The warning below this line if the model seems to get wrong inputs or classes, or has seen the images before;
        it is seen in all tabs.
    explorer, atlas : LazyView
        Views that all kinds of runs have.
    """

    hint: str
    tabs: ViewTabs

    atlas: LazyView[AtlasPage]

    def __init__(
        self, controller: Controller, session: Session, commands: Actions, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._controller, self._of_session, self._commands = controller, session, commands
        self.header = RunHeader(session, commands, self)
        self.input_note = InputNote(session, self)  # with its parent: shown without one, it would be a window
        if session.comparison is not None:
            self.compare = CompareButton(controller, session, session.comparison)
            self.header.add(self.compare)
        self.help = HelpButton()
        self.header.add(self.help)
        self._images = Lazy(self._make_triple, session.background)
        self.beside: list[Lazy[Any]] = [self._images]
        self.explorer = self.lazy(ExplorerPage, lambda: ExplorerPage(controller, session))

    @property
    def triple(self) -> TriplePanel:
        """The images of the selection."""
        return self._images.view

    def images(self) -> TriplePanel | None:
        """Return the images of the selection, if they have been made."""
        return self._images.made

    def _make_triple(self) -> Making[TriplePanel]:
        session, controller = self._of_session, self._controller
        triple = TriplePanel(self.hint)
        triple.said.connect(controller.said)
        triple.failed.connect(controller.failed)
        triple.offers_changed.connect(self.offers_changed)
        yield
        triple.set_triple(session.triple)
        triple.set_mark(mark_of(session))
        session.triple_changed.connect(triple.set_triple)
        return triple

    def lazy(self, kind: type[Inner], make: Callable[[], Inner | Making[Inner]]) -> LazyView[Inner]:
        """Return a view of this kind, which is made when it first comes into sight."""
        return LazyView(kind, make, self._of_session.background)

    def make_overview(self, kind: type[Overview], visit: Callable[[Viewpoint], object]) -> LazyView[Overview]:
        """Return the overview, a view of this kind; `visit` is called with the target of a link that is clicked."""

        def make() -> Making[Overview]:
            overview = kind(self._of_session)
            yield
            yield from overview.build()
            overview.visit_asked.connect(visit)
            return overview

        return self.lazy(kind, make)

    def make_atlas(
        self, source: Callable[[], Mapped | None], select: Callable[[int, ImageState | None, int], object]
    ) -> LazyView[AtlasPage]:
        """Return the atlas; `source` and `select` as of an AtlasPage."""
        controller, session, commands = self._controller, self._of_session, self._commands

        def make() -> AtlasPage:
            atlas = AtlasPage(controller, session, commands, source, select)
            atlas.atlas.changed.connect(self.follow_tab)  # without points, there is nothing to click
            return atlas

        return self.lazy(AtlasPage, make)

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
        triple = self.images()
        if triple is not None:
            triple.fit()
        for view in self.views:
            view.fit()

    def offers(self) -> Offers:
        """Return the commands that this page can do at present."""
        said, failed, view = self._controller.said.emit, self._controller.failed.emit, self.view
        triple = self.images()
        offers: Offers = {
            "fit": self.fit,
            "open-image": self.open_image,
            **self.tabs.offers(),
            **(triple.offers() if triple is not None else {}),
        }
        offers["marked"] = lambda: MarkedDialog(self._of_session, self._controller.visit, self.window()).open()
        offers |= mark_offers(self._of_session, self, said) | copy_offers(self._of_session, self.viewpoint, said)
        if view.has_figure:
            offers |= figure_offers(view.figure, said, failed)
        return {**offers, **view.offers()}

    def open_image(self) -> None:
        """Ask for a picture, and show it in the explorer."""
        self.tabs.setCurrentWidget(self.explorer)
        self.explorer.view.own.ask()

    def explore(self, picture: Path) -> bool:
        """Show a picture of the user's own in the explorer."""
        self.tabs.setCurrentWidget(self.explorer)
        self.explorer.view.own.open(picture)
        return True

    def explain(self, image: int) -> None:
        """Show in the explorer why an image of the run is misclassified, as for a picture of the user's own."""
        self.tabs.setCurrentWidget(self.explorer)
        self.explorer.view.own.open_image(image)
        self._enter()  # the link that was pressed is gone

    def viewpoint(self) -> Viewpoint:
        """Return what is in view."""
        return self._viewpoint_of(self.tabs.currentIndex())

    def _viewpoint_of(self, place: int) -> Viewpoint:
        state = self._of_session.viewpoint_state() | self.views[place].viewpoint_state()
        return Viewpoint.at(self._of_session.path, self.tabs.tabText(place), **state)

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
        for view in self.views:
            for signal, heard in ((view.said, controller.said), (view.offers_changed, self.offers_changed)):
                if signal is not None:
                    signal.connect(heard)
            if isinstance(view, LazyView):
                view.came.connect(self.follow_tab)
                view.came.connect(self._prepare)
        self._images.came.connect(self.offers_changed)  # they can be saved now
        self._in_sight = self.tabs.currentIndex()
        self.tabs.currentChanged.connect(self._leave)
        self.tabs.currentChanged.connect(self.follow_tab)
        self.tabs.currentChanged.connect(self._follow_help)
        self.tabs.chosen.connect(self._enter)
        self._follow_help()
        marks.changed.connect(self.show_mark)
        marks.undo_stack.indexChanged.connect(self.show_mark)

    def _leave(self, place: int) -> None:
        """Tell what was in view until now."""
        before, self._in_sight = self._in_sight, place
        self.left.emit(self._viewpoint_of(before))

    def _prepare(self) -> None:
        """Make what will be needed next, now that there is a view to look at."""
        for part in self.beside:
            part.begin(spare=True)

    def _enter(self) -> None:
        """Move the keyboard into the view in sight, so that its keys work."""
        self.first().setFocus()

    def _follow_help(self) -> None:
        self.help.explain(self.guide_place(), "this tab", "Open the guide where it explains this tab (F1)")

    def follow_tab(self) -> None:
        """Divide the page as the current view needs it."""
        raise NotImplementedError

    def show_mark(self) -> None:
        """Show the mark and note of the selected image."""
        triple = self.images()
        if triple is not None:
            triple.set_mark(mark_of(self._of_session))
        self.offers_changed.emit()
