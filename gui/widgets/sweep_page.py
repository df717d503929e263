"""A sweep run: the scatter of a class, accuracy by sigma, the selected point's triple."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from tfstab.gui.controller import Controller
from tfstab.gui.sweep_session import SweepSession
from tfstab.gui.widgets.accuracy_plot import AccuracyPlot
from tfstab.gui.widgets.run_header import RunHeader
from tfstab.gui.widgets.scatter_plot import ScatterPlot
from tfstab.gui.widgets.sweep_filters import SweepFilters
from tfstab.gui.widgets.triple_panel import TriplePanel

HINT = "Point at the plot to name a degraded image, click to see it."


class SweepPage(QWidget):
    """The widgets of one SweepSession."""

    def __init__(self, controller: Controller, session: SweepSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._fitted: int | None = None  # the class that the view was fitted to
        self.header = RunHeader(session)
        self.filters = SweepFilters(session)
        self.scatter = ScatterPlot()
        self.accuracy = AccuracyPlot()
        self.nearest = QLabel(HINT)
        self.nearest.setAccessibleName("Nearest point")
        self.nearest.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.nearest.setContentsMargins(8, 0, 8, 0)
        self.triple = TriplePanel("Click a point above to see its clean image, noise and degraded image.")
        self._arrange()
        self._connect(controller)
        self.triple.set_triple(session.triple)
        self.accuracy.set_accuracy(session.accuracy)
        if session.points is not None:
            self._show_points()
        self.setFocusProxy(self.filters.classes)

    def fit(self) -> None:
        """Undo all zooming."""
        self.triple.fit()
        self.scatter.fit()
        self.accuracy.fit()

    def _arrange(self) -> None:
        plots = QSplitter(Qt.Orientation.Horizontal)
        plots.addWidget(self.scatter)
        plots.addWidget(self.accuracy)
        plots.setStretchFactor(0, 2)
        plots.setStretchFactor(1, 1)
        plots.setSizes([560, 280])
        upper = QWidget()
        named = QVBoxLayout(upper)
        named.setContentsMargins(0, 0, 0, 0)
        named.setSpacing(3)
        named.addWidget(plots, 1)
        named.addWidget(self.nearest)
        whole = QSplitter(Qt.Orientation.Vertical)
        whole.addWidget(upper)
        whole.addWidget(self.triple)
        whole.setStretchFactor(0, 1)
        whole.setStretchFactor(1, 1)
        whole.setSizes([340, 320])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget, stretch in ((self.header, 0), (self.filters, 0), (whole, 1)):
            layout.addWidget(widget, stretch)

    def _connect(self, controller: Controller) -> None:
        session = self._session
        self.triple.said.connect(controller.said)
        self.scatter.hovered.connect(self._name_point)
        self.scatter.clicked.connect(session.select_point)
        session.points_changed.connect(self._show_points)
        session.shown_changed.connect(self._show_filtered)
        session.point_selected.connect(self._mark_selected)
        session.triple_changed.connect(self.triple.set_triple)
        session.accuracy_changed.connect(self._show_accuracy)

    def _show_points(self) -> None:
        self.scatter.set_clouds(self._session.clouds)
        points = self._session.points
        if points is not None and len(points) and points.class_index != self._fitted:
            self._fitted = points.class_index
            self.scatter.fit()
        self._mark_selected(self._session.point)

    def _show_filtered(self) -> None:
        self.scatter.set_clouds(self._session.clouds)
        self._mark_selected(self._session.point)

    def _show_accuracy(self) -> None:
        self.accuracy.set_accuracy(self._session.accuracy)

    def _name_point(self, place: int | None) -> None:
        self.scatter.mark_near(self._at(place))
        self.nearest.setText(HINT if place is None else self._session.describe(place))

    def _mark_selected(self, place: int | None) -> None:
        hidden = place is not None and place not in self._session.shown
        self.scatter.mark_selected(None if hidden else self._at(place))

    def _at(self, place: int | None) -> tuple[float, float] | None:
        points = self._session.points
        if place is None or points is None:
            return None
        return float(points.psnr[place]), float(points.score[place])
