"""A search run: its images, the selected one's triple and history."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from tfstab.gui.controller import Controller
from tfstab.gui.search_session import SearchSession
from tfstab.gui.widgets.history_plot import HistoryPlot
from tfstab.gui.widgets.image_strip import ImageStrip
from tfstab.gui.widgets.run_header import RunHeader
from tfstab.gui.widgets.triple_panel import TriplePanel


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
        self._lower = QSplitter(Qt.Orientation.Vertical)
        self._lower.addWidget(self.triple)
        self._lower.addWidget(self.history)
        self._lower.setStretchFactor(0, 3)
        self._lower.setStretchFactor(1, 1)
        self._lower.setSizes([420, 170])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget, stretch in ((self.header, 0), (self.strip, 0), (self._lower, 1), (self.empty, 1)):
            layout.addWidget(widget, stretch)
        self.triple.said.connect(controller.said)
        session.triple_changed.connect(self.triple.set_triple)
        session.result_changed.connect(self.history.set_result)
        session.entries_changed.connect(self._show_entries)
        self.triple.set_triple(session.triple)
        if session.result is not None:
            self.history.set_result(session.result)
        self._show_entries()
        self.setFocusProxy(self.strip)

    def fit(self) -> None:
        """Undo all zooming."""
        self.triple.fit()
        self.history.norm.autoRange()

    def _show_entries(self) -> None:
        there = bool(self._session.entries)
        self.strip.setVisible(there)
        self._lower.setVisible(there)
        self.empty.setVisible(not there)
