"""A search run: its images as strip, gallery or table; the selected one's triple and history."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSplitter, QTabWidget, QVBoxLayout, QWidget

from tfstab.gui.content.gallery import gallery_of_search
from tfstab.gui.controller import Controller
from tfstab.gui.sessions.search_session import SearchSession
from tfstab.gui.widgets.gallery_page import GalleryPage
from tfstab.gui.widgets.run_header import RunHeader
from tfstab.gui.widgets.search.history_plot import HistoryPlot
from tfstab.gui.widgets.search.image_strip import ImageStrip
from tfstab.gui.widgets.search.results_table import ResultsTable
from tfstab.gui.widgets.triple_panel import TriplePanel

MOST_HEIGHT = 16_777_215  # Qt's own largest, which means no limit


class SearchPage(QWidget):
    """The widgets of one SearchSession."""

    def __init__(self, controller: Controller, session: SearchSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.header = RunHeader(session)
        self.empty = QLabel("No image is finished yet.")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.strip = ImageStrip(session)
        self.triple = TriplePanel("Select an image above.")
        self.history = HistoryPlot()
        self.gallery = GalleryPage()
        self.results = ResultsTable(session)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Views of the search")
        for view, title in ((self.strip, "&Images"), (self.gallery, "&Gallery"), (self.results, "&Results")):
            self.tabs.addTab(view, title)
        self._lower = QSplitter(Qt.Orientation.Vertical)
        self._lower.addWidget(self.triple)
        self._lower.addWidget(self.history)
        self._lower.setStretchFactor(0, 3)
        self._lower.setStretchFactor(1, 1)
        self._lower.setSizes([420, 170])
        self._whole = QSplitter(Qt.Orientation.Vertical)
        self._whole.setChildrenCollapsible(False)
        self._whole.addWidget(self.tabs)
        self._whole.addWidget(self._lower)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget, stretch in ((self.header, 0), (self._whole, 1), (self.empty, 1)):
            layout.addWidget(widget, stretch)
        for part in (self.triple, self.results):
            part.said.connect(controller.said)
        self.tabs.currentChanged.connect(self._follow_tab)
        self.gallery.chosen.connect(self._select_image)
        session.selected.connect(self._mark_image)
        session.triple_changed.connect(self.triple.set_triple)
        session.result_changed.connect(self.history.set_result)
        session.entries_changed.connect(self._show_entries)
        self.triple.set_triple(session.triple)
        if session.result is not None:
            self.history.set_result(session.result)
        self._show_entries()
        self._follow_tab()
        self.setFocusProxy(self.strip)

    def fit(self) -> None:
        """Undo all zooming."""
        self.triple.fit()
        self.history.norm.autoRange()

    def _show_entries(self) -> None:
        session = self._session
        there = bool(session.entries)
        self._whole.setVisible(there)
        self.empty.setVisible(not there)
        self.gallery.set_gallery(gallery_of_search(session.entries, session.run.class_names))
        self._mark_image()

    def _follow_tab(self) -> None:
        """The strip needs little room; gallery and table get half of the page, and the history makes way for them."""
        strip = self.tabs.currentWidget() is self.strip
        bar = self.tabs.tabBar().sizeHint().height()
        self.tabs.setMaximumHeight(self.strip.height() + bar + 2 if strip else MOST_HEIGHT)
        self.history.setVisible(strip)
        if not strip:
            self._whole.setSizes([1, 1])

    def _select_image(self, image: int) -> None:
        places = [place for place, entry in enumerate(self._session.entries) if entry.image == image]
        if places:
            self._session.select(places[0])

    def _mark_image(self) -> None:
        self.gallery.mark(self._session.image)
