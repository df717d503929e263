"""Robustness: families and severities, one image under all of them, other networks, and recalls by class."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from tfstab.gui.choice import ChoiceButton
from tfstab.gui.commands import Offers
from tfstab.gui.content.false_alarms import FALSE_ALARMS, FalseAlarms
from tfstab.gui.content.robustness import (
    CLASSES,
    ONE_IMAGE,
    OTHER_NETWORKS,
    Cell,
    FamilyRow,
    applied_note,
    compared,
    keeping,
)
from tfstab.gui.content.viewpoint import State, Viewpoint
from tfstab.gui.dialogs import ask_to_save
from tfstab.gui.exporting import save_pairings
from tfstab.gui.exporting_robustness import save_class_recalls, save_false_alarms, save_robustness
from tfstab.gui.sessions.assessment_session import AssessmentSession
from tfstab.gui.widgets.blocks import Caption
from tfstab.gui.widgets.figure_dialog import figure_offers
from tfstab.gui.widgets.help_button import HelpButton
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.levels_legend import LevelsLegend
from tfstab.gui.widgets.robustness.class_view import ClassView
from tfstab.gui.widgets.robustness.heat_map import HeatMap
from tfstab.gui.widgets.robustness.image_view import ImageView
from tfstab.gui.widgets.robustness.pair_view import PairView
from tfstab.gui.widgets.view import View

READING = "The runs are being read…"
KEPT_SAID = "Accuracy kept, of the images' clean accuracy; dashed lines: 50 and 90 %. A click lists the images."
COMPARE_TWO = "To compare two degradations, Ctrl+click their names."
SHARES_RIGHT = (
    "No image is right when clean, so there is no accuracy to keep: these are the shares of images that are right"
)
NONE_RIGHT = f"{SHARES_RIGHT}. A click lists the misclassified images."
FAMILIES, IMAGE, NETWORKS = "Degradations and severities", ONE_IMAGE, OTHER_NETWORKS
PARTS = FAMILIES, IMAGE, NETWORKS, CLASSES
SAVED = {FAMILIES: "robustness", NETWORKS: "differences", CLASSES: "recalls"}  # parts with a table, in names of files


class RobustnessPage(View, QWidget):
    """Four parts, of which one is in view.

    Signals
    -------
    visit_asked : Viewpoint
        A link was clicked.
    offers_changed
        `offers` would return something else than before.
    said : str
        A message for the status bar.
    """

    visit_asked = Signal(object)
    offers_changed = Signal()
    said = Signal(str)

    shows_triple = False  # the images are shown below one image under all families

    def __init__(self, session: AssessmentSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.heat_map = HeatMap()
        self.image_view = ImageView(session)
        self.pair_view = PairView(session)
        self.class_view = ClassView(session)
        self.waiting, self.help, self.legend = Caption(READING), HelpButton("accuracy kept"), LevelsLegend()
        self.applied = Caption()
        self.applied.setContentsMargins(8, 2, 8, 4)
        self.applied.hide()
        self.stack = QStackedWidget()
        self.buttons = QButtonGroup(self)
        self._arrange()
        self.buttons.idClicked.connect(self.show_part)
        self.heat_map.cell_asked.connect(self._list_cell)
        self.heat_map.itemSelectionChanged.connect(self._show_words)
        self.heat_map.family_asked.connect(lambda row: self.visit_asked.emit(Viewpoint.at(row.path)))
        self.image_view.family_asked.connect(lambda path: self.visit_asked.emit(Viewpoint.at(path)))
        self.image_view.said.connect(self.said)
        self.pair_view.form_changed.connect(self.offers_changed)
        self.class_view.visit_asked.connect(self.visit_asked)
        self.class_view.recalls_changed.connect(self._show_forms)
        self.class_view.recalls_changed.connect(self.offers_changed)
        session.compared.changed.connect(self._show)
        self._show()

    @property
    def part(self) -> int:
        """Number of the part in view: 0 families, 1 one image, 2 other networks, 3 classes."""
        return self.stack.currentIndex()

    def first(self) -> QWidget:
        """Return what is in view."""
        return (self.heat_map, self.image_view.table, self.pair_view.first(), self.class_view.table)[self.part]

    def show_part(self, part: int) -> None:
        """Bring a part into view."""
        self.shows_triple = PARTS[part] == IMAGE  # set first, because changing the part makes the page read it
        self.stack.setCurrentIndex(part)
        self.buttons.button(part).setChecked(True)
        for each in (self.waiting, self.help):
            each.setVisible(part == 0)
        self._show_forms()
        self._show_legend()
        self._show_applied()
        self._session.want_grid(self.shows_triple)
        self.offers_changed.emit()

    def offers(self) -> Offers:
        """Return the commands that save the table in view, and the chart of other networks."""
        tables = {
            FAMILIES: bool(self.heat_map.rows),
            NETWORKS: self.pair_view.table.rowCount() > 0,
            CLASSES: bool(self.class_view.recalls.columns),
        }
        offers: Offers = {"save-table": self._save} if tables.get(PARTS[self.part]) else {}
        if PARTS[self.part] == NETWORKS and self.pair_view.has_chart:
            failed = self._session.background.failed.emit
            offers |= figure_offers(self.pair_view.figure, self.said.emit, failed)
        return offers

    def _save(self) -> None:
        """Ask for a file, and save the table in view as CSV."""
        part, alarms = PARTS[self.part], self.class_view.recalls.alarms
        saved = "false-alarms" if part == CLASSES and self.class_view.content is alarms else SAVED[part]
        name, failed = f"{self._session.name}-{saved}.csv", self._session.background.failed.emit
        ask_to_save(self, "the table", name, "CSV (*.csv)", self._write, self.said.emit, failed)

    def _write(self, path: str) -> None:
        if PARTS[self.part] == FAMILIES:
            save_robustness(path, self.heat_map.rows)
        elif PARTS[self.part] == CLASSES:
            content = self.class_view.content
            save_false_alarms(path, content) if isinstance(content, FalseAlarms) else save_class_recalls(path, content)
        else:
            save_pairings(path, *self.pair_view.shown)

    def viewpoint_state(self) -> dict[str, Any]:
        """Return the title of the part in view, and in which form other networks or classes are shown."""
        part, form = PARTS[self.part], {}
        if part == NETWORKS:
            form = {"chart": self.pair_view.form == 1}
        elif part == CLASSES:
            form = {FALSE_ALARMS: self.class_view.form == 1}
        return {"robustness": {"part": part, **form}}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Bring the same part into view again; without one, all stays."""
        inner = State(state).inner("robustness")
        part, form = inner.one_of("part", PARTS, PARTS[self.part]), int(inner.flag("chart", self.pair_view.form == 1))
        if form != self.pair_view.form:
            self.pair_view.show_form(form)
        alarms = int(inner.flag(FALSE_ALARMS, self.class_view.form == 1))
        if alarms != self.class_view.form:
            self.class_view.show_form(alarms)
        self.show_part(PARTS.index(part))

    def _list_cell(self, row: FamilyRow, cell: Cell) -> None:
        """List the images that are right when clean, if there are any, and wrong at a severity of a family."""
        listed = {"severity_index": cell.severity_index} | ({"clean_wrong": False} if row.keeps else {})
        state = {"class": None, "filter": listed}
        self.visit_asked.emit(Viewpoint.at(row.path, "Misclassifications", **state))

    def _show_legend(self) -> None:
        computed = self._session.computed  # its levels are those of accuracy kept
        self.legend.setVisible(self.part == 0 and (computed is None or keeping(computed.families)))

    def _show_applied(self) -> None:
        self.applied.setText(applied_note(self.heat_map.rows))
        self.applied.setVisible(PARTS[self.part] in (FAMILIES, CLASSES) and bool(self.applied.text()))

    def _show_forms(self) -> None:
        self.pair_view.forms.setVisible(PARTS[self.part] == NETWORKS and self.pair_view.has_chart)
        self.class_view.forms.setVisible(PARTS[self.part] == CLASSES and self.class_view.has_alarms)

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(8, 4, 8, 2)
        parts = self.heat_map, self.image_view, self.pair_view, self.class_view
        for n, (title, part) in enumerate(zip(PARTS, parts, strict=True)):
            button = ChoiceButton(title)
            button.setCheckable(True)
            button.setChecked(n == 0)
            self.buttons.addButton(button, n)
            top.addWidget(button)
            self.stack.addWidget(part)
        top.addStretch(1)
        for forms in (self.pair_view.forms, self.class_view.forms):
            top.addWidget(forms)
            forms.hide()
        told = QHBoxLayout()
        told.setContentsMargins(8, 0, 8, 2)
        words = QVBoxLayout()
        words.addWidget(self.waiting)
        words.addWidget(self.legend)
        told.addLayout(words, 1)
        told.addWidget(self.help)
        fill_column(self, top, told, self.stack)
        column = self.layout()
        assert column is not None
        column.addWidget(self.applied)  # below the table, which takes the remaining height

    def _show(self) -> None:
        session = self._session
        self._show_forms()
        if session.computed is None:
            self.waiting.setText(session.problem or READING)
            return
        named = zip(session.compared.runs, session.compared.names[1:], strict=True)
        others = [(name, s.computed.families) for s, name in named if s.computed is not None]
        self.heat_map.set_rows(session.computed.families, others)
        doubts = not all(row.sure for row in session.computed.families)
        framed = any(cell.guessing for row in session.computed.families for cell in row.cells)
        self.legend.explain(doubts, others=[name for name, _ in others], framed=framed)
        self._show_legend()
        self._show_applied()
        self._show_words()
        self.offers_changed.emit()

    def _show_words(self) -> None:
        """Say what the table shows; or, of two selected families, which costs more accuracy."""
        computed = self._session.computed
        if computed is None:
            return
        said = KEPT_SAID if keeping(computed.families) else NONE_RIGHT
        said = said if computed.families else "No degradation has been swept yet."
        if len(computed.families) > 1:
            said += f" {COMPARE_TWO}"
        chosen = self.heat_map.selected_rows()
        if len(chosen) == 2:
            said = compared(computed.figures, chosen)
        self.waiting.setText("\n".join([*computed.repairs, said]))
