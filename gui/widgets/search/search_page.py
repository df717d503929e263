"""A search run: its images as strip, gallery or table, and triple and history of the selected one."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from tfstab.gui.actions import Actions
from tfstab.gui.commands import Offers
from tfstab.gui.content.atlas import map_search
from tfstab.gui.content.gallery import gallery_of_search
from tfstab.gui.controller import Controller
from tfstab.gui.figures import Figure
from tfstab.gui.sessions.lazy_pictures import LazyPictures
from tfstab.gui.sessions.search_session import SearchSession, read_result
from tfstab.gui.widgets.figure_dialog import figure_offers
from tfstab.gui.widgets.gallery_page import GalleryPage
from tfstab.gui.widgets.layouts import NO_LIMIT
from tfstab.gui.widgets.lazy import Lazy, Making
from tfstab.gui.widgets.overview.search_overview import SearchOverviewPage
from tfstab.gui.widgets.run_page import RunPage
from tfstab.gui.widgets.search.history_plot import HistoryPlot, make_plots
from tfstab.gui.widgets.search.image_strip import ImageStrip
from tfstab.gui.widgets.search.results_table import ResultsTable
from tfstab.gui.widgets.view_tabs import ViewTabs


class SearchPage(RunPage):
    """The page of one SearchSession.

    Parameters
    ----------
    controller : Controller
    session : SearchSession
    commands : Actions
    parent : QWidget, optional
    """

    hint = "Select an image above."

    def __init__(
        self, controller: Controller, session: SearchSession, commands: Actions, parent: QWidget | None = None
    ) -> None:
        super().__init__(controller, session, commands, parent)
        self._session = session
        self.empty = QLabel("No image is finished yet.")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._overview = self.make_overview(SearchOverviewPage, controller.visit)
        self._strip = self.lazy(ImageStrip, lambda: ImageStrip(session))
        self._gallery = self.lazy(GalleryPage, self._make_gallery)
        self._results = self.lazy(ResultsTable, lambda: ResultsTable(session, commands, session.compared))
        self._history = Lazy(self._make_history, session.background)
        self.beside.append(self._history)
        self.atlas = self.make_atlas(
            lambda: map_search(session.run, session.entries), lambda image, *_: session.select_image(image)
        )
        views: dict[str, QWidget] = {
            "Overview": self._overview,
            "Images": self._strip,
            "Gallery": self._gallery,
            "Results": self._results,
            "Atlas": self.atlas,
            "Explorer": self.explorer,
        }
        self.tabs = ViewTabs("Views of the search", views)
        self._lower = QSplitter(Qt.Orientation.Vertical)
        self._lower.addWidget(self._images)
        self._lower.addWidget(self._history)
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
        for widget, stretch in ((self.header, 0), (self.input_note, 0), (self._whole, 1), (self.empty, 1)):
            layout.addWidget(widget, stretch)
        self.connect_views()
        session.selected.connect(self._mark_image)
        session.triple_changed.connect(self.show_mark)
        session.result_changed.connect(self._show_history)
        session.entries_changed.connect(self._show_entries)
        self._gallery.came.connect(self._show_entries)
        self._history.came.connect(self._show_history)
        self._show_entries()
        self.follow_tab()

    # The views, made at once if they have not been.

    @property
    def overview(self) -> SearchOverviewPage:
        """The overview."""
        return self._overview.view

    @property
    def strip(self) -> ImageStrip:
        """The images side by side."""
        return self._strip.view

    @property
    def gallery(self) -> GalleryPage:
        """The images."""
        return self._gallery.view

    @property
    def results(self) -> ResultsTable:
        """The table of results."""
        return self._results.view

    @property
    def history(self) -> HistoryPlot:
        """The course of the search of the selected image."""
        return self._history.view

    def _make_gallery(self) -> GalleryPage:
        session = self._session
        gallery = GalleryPage(
            LazyPictures(session.background, lambda key: read_result(session.run, key[0]).degraded, self)
        )
        gallery.chosen.connect(session.select_image)
        return gallery

    def _make_history(self) -> Making[HistoryPlot]:
        plots = yield from make_plots()
        history = HistoryPlot(plots)
        history.replay.moved.connect(self._session.replay)
        return history

    def fit(self) -> None:
        """Undo all zooming."""
        super().fit()
        if self._history.made is not None:
            self._history.made.fit()

    def offers(self) -> Offers:
        """Return the commands that this page can do at present."""
        offers = super().offers()
        if self.view is self._strip and self._session.result is not None:
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
        if self._gallery.made is not None:
            shown = gallery_of_search(session.entries, session.run.class_names, session.run.clean.title)
            self._gallery.made.set_gallery(shown)
        self._mark_image()

    def follow_tab(self) -> None:
        """Divide the page: the strip is low, gallery and table get half of the page and replace the history."""
        strip = self.view is self._strip
        bar = self.tabs.tabBar().sizeHint().height()
        self.tabs.setMaximumHeight(self.strip.height() + bar + 2 if strip else NO_LIMIT)
        self._history.setVisible(strip)
        self._lower.setVisible(self.view.shows_triple)
        if not strip:
            self._whole.setSizes([1, 1])
        self.offers_changed.emit()

    def _show_history(self) -> None:
        result, course, history = self._session.result, self._session.course, self._history.made
        if result is not None and history is not None:
            history.set_result(result)
            history.replay.explain(None if course is None else len(course.generations))

    def _mark_image(self) -> None:
        if self._gallery.made is not None:
            self._gallery.made.mark(self._session.image)
