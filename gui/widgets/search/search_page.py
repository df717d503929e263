"""A search run: its images as strip, gallery or table, and triple and history of the selected one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from tfstab.gui.actions import Actions
from tfstab.gui.commands import Offers
from tfstab.gui.content.atlas import map_search
from tfstab.gui.content.gallery import gallery_of_search
from tfstab.gui.content.triple import Triple
from tfstab.gui.controller import Controller
from tfstab.gui.figures import Figure
from tfstab.gui.sessions.lazy_pictures import LazyPictures
from tfstab.gui.sessions.search_session import SearchSession, read_result
from tfstab.gui.widgets.figure_dialog import figure_offers
from tfstab.gui.widgets.gallery_page import GalleryPage
from tfstab.gui.widgets.layouts import NO_LIMIT
from tfstab.gui.widgets.overview.search_overview import SearchOverviewPage
from tfstab.gui.widgets.run_page import RunPage
from tfstab.gui.widgets.search.history_plot import Curves, HistoryPlot
from tfstab.gui.widgets.search.image_strip import ImageStrip
from tfstab.gui.widgets.search.live_view import LiveView
from tfstab.gui.widgets.search.results_table import ResultsTable
from tfstab.gui.widgets.triple_panel import TriplePanel
from tfstab.gui.widgets.view_tabs import ViewTabs

if TYPE_CHECKING:
    from tfstab.search import MinimumNoise


class SearchPage(RunPage):
    """The page of one SearchSession.

    Parameters
    ----------
    controller : Controller
    session : SearchSession
    commands : Actions
    plots : sequence of Curves, optional
        Plots made beforehand for the history.
    parent : QWidget, optional
    """

    def __init__(
        self,
        controller: Controller,
        session: SearchSession,
        commands: Actions,
        plots: Sequence[Curves] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(controller, session, commands, parent)
        self._session = session
        self.empty = QLabel("No image is finished yet.")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.strip = ImageStrip(session)
        self.triple = TriplePanel("Select an image above.")
        self.history = HistoryPlot(plots=plots)
        degraded = LazyPictures(session.background, lambda key: read_result(session.run, key[0]).degraded, self)
        self.gallery = GalleryPage(degraded)
        self.atlas = self.make_atlas(
            lambda: map_search(session.run, session.entries), lambda image, *_: session.select_image(image)
        )
        self.results = ResultsTable(session, commands, session.compared)
        self.overview = SearchOverviewPage(session)
        views = {
            "Overview": self.overview,
            "Images": self.strip,
            "Gallery": self.gallery,
            "Results": self.results,
            "Atlas": self.atlas,
            "Explorer": self.explorer,
        }
        self.tabs = ViewTabs("Views of the search", views)
        self._lower = QSplitter(Qt.Orientation.Vertical)
        self._lower.addWidget(self.triple)
        self._lower.addWidget(self.history)
        self._lower.setStretchFactor(0, 3)
        self._lower.setStretchFactor(1, 1)
        self._lower.setSizes([350, 200])
        self._whole = QSplitter(Qt.Orientation.Vertical)
        self._whole.setChildrenCollapsible(False)
        self._whole.addWidget(self.tabs)
        self._whole.addWidget(self._lower)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget, stretch in ((self.header, 0), (self._whole, 1), (self.empty, 1)):
            layout.addWidget(widget, stretch)
        self.connect_views()
        self.overview.visit_asked.connect(controller.visit)
        self.gallery.chosen.connect(session.select_image)
        session.selected.connect(self._mark_image)
        session.triple_changed.connect(self._show_triple)
        session.result_changed.connect(self._show_history)
        self.history.replay.moved.connect(session.replay)
        session.entries_changed.connect(self._show_entries)
        self.triple.set_triple(session.triple)
        if session.result is not None:
            self._show_history(session.result)
        self._show_entries()
        self.follow_tab()

    @classmethod
    def of_session(cls, controller: Controller, session: Any, commands: Actions, live: LiveView) -> "SearchPage":
        """Make the page of a session, with the plots that may have been made beforehand."""
        return cls(controller, session, commands, live.take_plots())

    def fit(self) -> None:
        """Undo all zooming."""
        super().fit()
        self.history.fit()

    def offers(self) -> Offers:
        """Return the commands that this page can do at present."""
        offers = super().offers()
        if self.view is self.strip and self._session.result is not None:
            offers |= figure_offers(self.figure, self._controller.said.emit, self._controller.failed.emit)
        return offers

    def figure(self) -> Figure:
        """Return the curves of the selected image as a figure to save."""
        name, image = self._session.name, self._session.image
        return Figure(self.history.curves, f"{name}-image-{image}", f"{name}: {self._session.about}; image {image}")

    def _show_entries(self) -> None:
        session = self._session
        finished = bool(session.entries)
        self._whole.setVisible(finished)
        self.empty.setVisible(not finished)
        self.gallery.set_gallery(gallery_of_search(session.entries, session.run.class_names, session.run.clean.title))
        self._mark_image()

    def follow_tab(self) -> None:
        """Divide the page: the strip is low, gallery and table get half of the page and replace the history."""
        strip = self.view is self.strip
        bar = self.tabs.tabBar().sizeHint().height()
        self.tabs.setMaximumHeight(self.strip.height() + bar + 2 if strip else NO_LIMIT)
        self.history.setVisible(strip)
        self._lower.setVisible(self.view.shows_triple)
        if not strip:
            self._whole.setSizes([1, 1])
        self.offers_changed.emit()

    def _show_triple(self, triple: Triple | None) -> None:
        self.triple.set_triple(triple)
        self.show_mark()

    def _show_history(self, result: "MinimumNoise") -> None:
        self.history.set_result(result)
        self.history.replay.explain(None if self._session.course is None else len(self._session.course.generations))

    def _mark_image(self) -> None:
        self.gallery.mark(self._session.image)
