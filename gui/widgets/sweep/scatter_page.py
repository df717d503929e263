"""The scatter plot of one class, or small ones of all classes, and the tools to pick points."""

from functools import partial

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from tfstab.gui.actions import Actions
from tfstab.gui.commands import Offer, Offers
from tfstab.gui.content.saved_names import filter_words, in_file_name
from tfstab.gui.figures import Figure
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.widgets.elided import ElidedLabel
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.pick_box import Tool
from tfstab.gui.widgets.sweep.beside_plots import BesidePlots
from tfstab.gui.widgets.sweep.class_multiples import ClassMultiples
from tfstab.gui.widgets.sweep.scatter_plot import ScatterPlot
from tfstab.gui.widgets.view import View

HINT = "Point at a degraded image to identify it; click to see it."
PICKING = "Draw around points to list them under Misclassifications."
MULTIPLES = "Click a class to enlarge it."


class ScatterPage(View, QWidget):
    """Shows the session's points.

    Signals
    -------
    picked
        Points were picked with the mouse.
    other_asked : SweepSession, Key
        A point of a compared run was clicked.
    offers_changed
        `offers` would return something else than before.
    """

    picked = Signal()
    other_asked = Signal(object, object)
    offers_changed = Signal()

    uses_filters = beside_triple = True
    has_figure = True

    def __init__(self, session: SweepSession, commands: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._fitted: int | None = None  # the class whose points the range was last fitted to
        self.scatter = ScatterPlot()
        self.beside = BesidePlots(session, self.scatter)
        self.multiples = ClassMultiples(session)
        self.nearest = ElidedLabel(HINT)
        self.nearest.setAccessibleName("Nearest point")
        self.nearest.setTextFormat(Qt.TextFormat.PlainText)  # class names may contain HTML tags
        self.tools = {tool: commands.button(tool.value) for tool in Tool}
        self.clear = commands.button("pick-nothing")
        self._arrange()
        self._connect()
        self._follow_class()
        if session.points is not None:
            self._show_points()
        self._follow_pick()

    def first(self) -> QWidget:
        """Return the plot in view."""
        return self.scatter if self.stack.currentWidget() is self.beside else self.multiples

    def fit(self) -> None:
        """Undo all zooming."""
        self.scatter.fit()

    def offers(self) -> Offers:
        """Return the commands that can be done with the plot."""
        session = self._session
        offers: Offers = {}
        if session.class_index is not None:
            offers |= {t.value: Offer(partial(self._use, t), self.scatter.box.tool is t) for t in Tool}
            offers["all-classes"] = partial(session.select_class, None)
        if session.view.asked.picked is not None:
            offers["pick-nothing"] = partial(session.pick, None)
        return offers

    def figure(self) -> Figure:
        """Return the plots in view as a figure to save."""
        session = self._session
        words = filter_words(session.run, session.class_index, session.filter)
        widget: QWidget = self.beside
        needs = None
        if session.class_index is None:
            words, widget, needs = ["all classes", *words], self.multiples, self.multiples.needs
        caption = f"{session.name}: {session.about}; {', '.join(words)}; {session.said}"
        return Figure(widget, f"{session.name}-{in_file_name(*words)}", caption, needs)

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(8, 4, 8, 0)
        for button in (*self.tools.values(), self.clear):
            top.addWidget(button)
        top.addSpacing(8)
        top.addWidget(self.nearest, 1)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.beside)
        self.stack.addWidget(self.multiples)
        fill_column(self, top, self.stack, spacing=3)

    def _connect(self) -> None:
        session = self._session
        self.scatter.hovered.connect(self._name_point)
        self.scatter.clicked.connect(session.select_point)
        self.scatter.picked.connect(self._pick)
        self.multiples.chosen.connect(session.select_class)
        self.beside.chosen.connect(self.other_asked)
        self.beside.named.connect(lambda text: self.nearest.setText(text or self._hint()))
        session.points_changed.connect(self._show_points)
        session.shown_changed.connect(self._show_points)
        session.view.rows_changed.connect(self._follow_pick)
        session.point_selected.connect(self._mark_selected)
        session.filter_changed.connect(self._follow_class)

    def _use(self, tool: Tool) -> None:
        self.scatter.box.tool = tool
        self.nearest.setText(self._hint())
        self.offers_changed.emit()

    def _hint(self) -> str:
        if self._session.class_index is None:
            return MULTIPLES
        return HINT if self.scatter.box.tool is Tool.MOVE else PICKING

    def _follow_class(self) -> None:
        everything = self._session.class_index is None
        self.stack.setCurrentWidget(self.multiples if everything else self.beside)
        self.nearest.setText(self._hint())

    def _show_points(self) -> None:
        session, points = self._session, self._session.points
        if session.class_index is None:
            return
        self.scatter.set_clouds(session.clouds)
        if points is not None and len(points) and points.class_index != self._fitted:
            self._fitted = points.class_index
            self.scatter.fit()
        self._mark_selected(session.point)

    def _follow_pick(self) -> None:
        picked = self._session.view.asked.picked
        self.scatter.mark_outline(picked)
        self.offers_changed.emit()

    def _pick(self, outline: np.ndarray) -> None:
        self._session.pick(outline)
        self.picked.emit()

    def _name_point(self, place: int | None) -> None:
        self.scatter.mark_near(self._at(place))
        self.nearest.setText(self._hint() if place is None else self._session.describe(place))

    def _mark_selected(self, place: int | None) -> None:
        hidden = place is not None and place not in self._session.shown
        self.scatter.mark_selected(None if hidden else self._at(place))

    def _at(self, place: int | None) -> tuple[float, float] | None:
        """Return (PSNR, score) of a point; None if it cannot be drawn."""
        points = self._session.points
        if place is None or points is None or not np.isfinite(points.psnr[place]):
            return None
        return float(points.psnr[place]), float(points.score[place])
