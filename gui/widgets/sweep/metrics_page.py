"""Metrics of a sweep and of those it is compared with: headline, accuracy, classes, confusion, weakest images."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from tfstab.gui.actions import Actions
from tfstab.gui.commands import Offers
from tfstab.gui.content.comparison import CLEAN, Compared, class_rows, curve, headline
from tfstab.gui.content.confusion import confusions
from tfstab.gui.content.pair_sentences import sentence
from tfstab.gui.content.pairing import Pairing, pair_of_sweeps
from tfstab.gui.content.saved_names import RIGHT_ONLY, in_file_name, severity_column, severity_words
from tfstab.gui.content.taken_too import HOW_MANY
from tfstab.gui.content.viewpoint import State
from tfstab.gui.dialogs import ask_to_save
from tfstab.gui.exporting import save_confusions, save_pairings, save_table
from tfstab.gui.figures import Figure
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.widgets.array_model import ArrayModel
from tfstab.gui.widgets.array_table import ArrayTable
from tfstab.gui.widgets.help_button import HelpButton
from tfstab.gui.widgets.layouts import FlowLayout, labelled
from tfstab.gui.widgets.robustness.pair_table import PairTable
from tfstab.gui.widgets.sweep.accuracy_plot import AccuracyPlot
from tfstab.gui.widgets.sweep.confusion_view import Confusions
from tfstab.gui.widgets.sweep.metrics_tables import class_columns, headline_columns, loss_columns, weakest_columns
from tfstab.gui.widgets.view import View
from tfstab.gui.widgets.view_tabs import ViewTabs
from tfstab.gui.widgets.wrapped import SentenceLabel

MATRIX = "Rows: true class. Columns: predicted class. Numbers: % of the true class, each image counting equally; "
HINTS = {
    1: MATRIX + "click one to list its images.",
    2: "Click an image to see where it fails.",
    3: "Choose another sweep with “Compare with…” to see paired differences.",
}
OF_CLEAN = MATRIX + "click a mistake to see its images in the gallery."
TERMS = ("precision", "recall"), ("confusion matrix",), ("severity", "certified radius"), ("95 % interval",)  # by table


class MetricsPage(View, QWidget):
    """Metrics of one sweep or several, computed in a worker thread when the page is shown.

    Signals
    -------
    rows_asked : int, int, int or None
        List the images of this true class, predicted class and severity index.
    clean_asked : int, int
        Show the clean images of this true class that are misclassified as this class.
    image_asked : int
        Show the image with this index.
    offers_changed
        `offers` would return something else than before.
    said : str
        A message for the status bar.
    """

    rows_asked = Signal(int, int, object)
    clean_asked = Signal(int, int)
    image_asked = Signal(int)
    offers_changed = Signal()
    said = Signal(str)

    shows_triple = False
    has_figure = True

    def __init__(self, session: SweepSession, commands: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._stale = True
        self._turn = self._tables_turn = 0
        self._pairings: list[Pairing] = []
        self._filled: tuple[int | str | None, bool] = None, False  # severity and images of the tables shown
        self.headline = ArrayTable(ArrayModel(self), "Headline figures of the compared sweeps", own_sorting=True)
        self.accuracy = AccuracyPlot(session.run.degradation)
        self.classes = ArrayTable(ArrayModel(self), "Precision and recall of each class", own_sorting=True)
        self.confusion = Confusions()
        self.pairs = PairTable()
        self.weakest = ArrayTable(ArrayModel(self), "Images, weakest first", own_sorting=True)
        self.severities = QComboBox()
        self._parameter = session.run.degradation.parameter
        self.severities.setAccessibleName(f"{self._parameter.capitalize()} of the tables")
        self.severities.addItem(session.run.degradation.together, None)
        self.severities.addItem(CLEAN, CLEAN)
        for s in session.run.config.mildest_first.tolist():
            self.severities.addItem(f"{session.run.severities[s]:g}", s)
        self.clean_correct = QCheckBox(RIGHT_ONLY)
        self.state = SentenceLabel()
        for table in (self.headline, self.classes, self.weakest):
            table.verticalHeader().hide()
        self.save = commands.button("save-table")
        self.help = HelpButton()
        self._arrange()
        self._connect()

    def first(self) -> QWidget:
        """Return the choice of severities."""
        return self.severities

    def fit(self) -> None:
        """Undo all zooming."""
        self.accuracy.fit()

    def offers(self) -> Offers:
        """Return the commands that can be done with the tables."""
        return {"save-table": self._save_table, "save-headline": self._save_headline}

    def figure(self) -> Figure:
        """Return the curves and their legend as a figure to save."""
        names = ", ".join(curve.name for curve in self.accuracy.curves)
        return Figure(self._chart, f"{self._session.name}-accuracy", f"Accuracy by {self._parameter}: {names}")

    def viewpoint_state(self) -> dict[str, Any]:
        """Return the severity index (None for all, CLEAN for the clean images), which images count, and the table."""
        return {
            "metrics": {
                "severity_index": self.severities.currentData(),
                "right_when_clean": self.clean_correct.isChecked(),
                "table": self.tabs.title(),
            }
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Choose the same again; what is absent stays."""
        chosen, tables = State(state).inner("metrics"), self.tabs.titles()
        choices = [self.severities.itemData(n) for n in range(self.severities.count())]
        severity = chosen.one_of("severity_index", choices, self.severities.currentData())
        table = chosen.one_of("table", tables, self.tabs.title())
        self.clean_correct.setChecked(chosen.flag("right_when_clean", self.clean_correct.isChecked()))
        self.severities.setCurrentIndex(choices.index(severity))
        self.tabs.show_view(table)

    def showEvent(self, event: QShowEvent) -> None:
        """Compute the metrics if they are out of date."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def _arrange(self) -> None:
        tables = {
            "Classes": self.classes,
            "Confusion": self.confusion,
            "Weakest images": self.weakest,
            "Comparison": self.pairs,
        }
        self.tabs = ViewTabs("Tables of the sweep", tables)
        controls = QWidget()
        flow = FlowLayout(controls)
        flow.setContentsMargins(0, 0, 0, 0)
        severities = labelled(f"{self._parameter.capitalize()}:", self.severities)
        for control in (severities, self.clean_correct, self.save, self.help):
            flow.addWidget(control)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 8, 4)
        column.addWidget(controls)
        column.addWidget(self.tabs, 1)
        column.addWidget(self.state)
        self._chart = QWidget()
        chart = QVBoxLayout(self._chart)
        chart.setContentsMargins(8, 4, 0, 4)
        chart.addWidget(self.accuracy.legend)
        chart.addWidget(self.accuracy, 1)
        self._middle = QSplitter(Qt.Orientation.Horizontal)
        self._middle.addWidget(self._chart)
        self._middle.addWidget(right)
        self._middle.setSizes([310, 490])
        whole = QSplitter(Qt.Orientation.Vertical)
        whole.addWidget(self.headline)
        whole.addWidget(self._middle)
        whole.setStretchFactor(1, 1)
        whole.setSizes([90, 530])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(whole)

    def _connect(self) -> None:
        self._session.measures_changed.connect(self._refresh_later)
        self._session.compared_changed.connect(self._refresh_later)
        self.severities.currentIndexChanged.connect(self._show_tables)
        self.clean_correct.toggled.connect(self._show_tables)
        self.confusion.chosen.connect(self._ask_cell)
        self.weakest.clicked.connect(self._ask_image)
        self.weakest.activated.connect(self._ask_image)
        self.tabs.currentChanged.connect(self._explain)
        self._explain()

    def _refresh_later(self) -> None:
        """Compute the metrics again, at once if the page is in view."""
        self._stale = True
        if self.isVisible():
            self.refresh()

    def _compared(self) -> list[Compared]:
        """Return the measures of this run and of those it is compared with, as far as they have been read."""
        sessions, names = [self._session, *self._session.beside.runs], self._session.beside.names
        return [
            Compared(name, s.run.class_names, s.measures, s.run.clean)
            for s, name in zip(sessions, names, strict=True)
            if s.measures is not None
        ]

    def refresh(self) -> None:
        """Compute everything for the compared runs."""
        runs = self._compared()
        if self._session.measures is None or not runs or not len(runs[0].measures):
            return
        self._stale = False
        runs = [run for run in runs if len(run.measures)]

        def compute() -> tuple[Any, ...]:
            lines = [headline(run) for run in runs]
            return [curve(run) for run in runs], headline_columns(lines, runs[0].measures.config)

        def show(outcome: tuple[Any, ...]) -> None:
            if turn == self._turn:  # an older worker may end after a newer one
                self._show(*outcome)

        self._turn += 1
        turn = self._turn
        self._session.background.run(compute, show, owner=self)
        self._show_tables()

    def _show(self, curves: list[Any], lines: list[Any]) -> None:
        self.accuracy.set_curves(curves)
        self.headline.array.set_columns(lines)
        self.headline.fit_columns()

    def _show_tables(self) -> None:
        runs = [run for run in self._compared() if len(run.measures)]
        own, beside = self._session.measured, self._session.beside
        if own is None or not runs or runs[0].measures is not self._session.measures:
            return
        place, right = self.severities.currentData(), self.clean_correct.isChecked()
        others = [(s.measured, beside.name_of(s)) for s in beside.runs if s.measured is not None]

        def compute() -> tuple[Any, ...]:
            m = runs[0].measures
            severity = m.config.severities[place] if isinstance(place, int) else place
            columns = class_columns(runs, class_rows(runs, severity, right), severity == CLEAN)
            columns += loss_columns(m)
            pairs = [pair_of_sweeps(own, other, name, right) for other, name in others if len(other.measures)]
            return columns, confusions(runs, severity, right), weakest_columns(runs), m.weakest_images(right), pairs

        def show(outcome: tuple[Any, ...]) -> None:
            if turn == self._tables_turn:
                self._filled = place, right
                self._fill_tables(place == CLEAN, *outcome)

        self._tables_turn += 1
        turn = self._tables_turn
        self._session.background.run(compute, show, owner=self)

    def _fill_tables(
        self, clean: bool, classes: Any, confusion: Any, weakest: Any, order: Any, pairs: list[Pairing]
    ) -> None:
        self._pairings = pairs
        self.pairs.set_pairings(self._session.beside.names[0], pairs)
        self._explain()
        self.classes.array.set_columns(classes)
        self.confusion.set_runs(confusion, clean)
        self.weakest.array.set_columns(weakest, order)
        for table in (self.classes, self.weakest):
            table.fit_columns()

    def _explain(self) -> None:
        """Show the hint for the current table."""
        self.offers_changed.emit()
        self.help.explain_terms(*TERMS[self.tabs.currentIndex()])
        own = self._session.beside.names[0]
        said = [sentence(pairing, own) for pairing in self._pairings]
        said += [HOW_MANY] * any(row.says_little for pairing in self._pairings for row in pairing.rows)
        shown = self.tabs.currentWidget() is self.pairs and bool(said)
        hints = HINTS | ({1: OF_CLEAN} if self.severities.currentData() == CLEAN else {})
        self.state.setText("\n".join(said) if shown else hints.get(self.tabs.currentIndex(), ""))

    def _ask_cell(self, actual: int, predicted: int) -> None:
        """Ask for the images of a cell of the confusion matrix."""
        if (chosen := self.severities.currentData()) == CLEAN:
            self.clean_asked.emit(actual, predicted)
        else:
            self.rows_asked.emit(actual, predicted, chosen)

    def _ask_image(self, index: Any) -> None:
        self.image_asked.emit(int(self.weakest.array.columns[0].values[self.weakest.array.rows[index.row()]]))

    def _save_table(self) -> None:
        """Save the table in view; file name and columns say of which severity and images it is, if it depends on it."""
        table, run, (place, right) = self.tabs.currentWidget(), self._session.run, self._filled
        words, fixed = [RIGHT_ONLY] * right, {RIGHT_ONLY: "yes" if right else "no"}
        if table in (self.classes, self.confusion):
            words, fixed = [*severity_words(run, place), *words], severity_column(run, place) | fixed
        what = in_file_name(self.tabs.title(), *words)
        if isinstance(table, ArrayTable):
            self._save(what, lambda path: save_table(path, table.array, fixed=fixed))
        elif isinstance(table, PairTable):
            self._save(what, lambda path: save_pairings(path, *table.shown, fixed))
        else:
            self._save(what, lambda path: save_confusions(path, self.confusion.shown, fixed))

    def _save_headline(self) -> None:
        self._save("headline", lambda path: save_table(path, self.headline.array))

    def _save(self, what: str, write: Callable[[str], None]) -> None:
        name, failed = f"{self._session.name}-{what}.csv", self._session.background.failed.emit
        ask_to_save(self, "the table", name, "CSV (*.csv)", write, self.said.emit, failed)
