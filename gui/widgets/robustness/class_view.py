"""Recalls or false alarms by class and degradation: the table, what is said of it, and the way to the images."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tfstab.experiments.also_taken import LITTLE
from tfstab.experiments.recall_changes import NOTABLE
from tfstab.gui.background import unexpected
from tfstab.gui.content.class_column import ALL, CLEAN
from tfstab.gui.content.class_recalls import ClassRecalls, class_recalls
from tfstab.gui.content.false_alarms import AlarmCell, FalseAlarms
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.sessions.assessment_session import AssessmentSession, Computed
from tfstab.gui.widgets.blocks import Caption
from tfstab.gui.widgets.forms import Forms
from tfstab.gui.widgets.help_button import HelpButton
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.robustness.class_columns import FALLS, KEPT, MEAN, RISES, Cell
from tfstab.gui.widgets.robustness.class_table import ClassTable
from tfstab.metrics.weak_groups import FEWEST

FORMS = RECALL, ALARMS = "Recall", "False alarms"
TIPS = "Share of the images of each class that are right", "Share of the images of other classes taken for each class"
TERMS = "recall", "false alarm"
COMPUTING = "The recalls are being computed…"
NOTHING = "No degradation has been swept yet."
HOW = (
    "Recall of each class in percent: when clean, and under each degradation, averaged over the severities. A click "
    "lists the misclassified images."
)
TOGETHER = (
    f"{MEAN.capitalize()}: averaged over all degradations; {KEPT}: the share of the clean recall that is then left. A "
    "click there lists the images under the degradation that harms the class most."
)
MARKED = (
    f"{FALLS}: the class certainly loses a larger share of its recall than the others; under a single degradation, the "
    "measured difference must also be large."
)
SAYS_LITTLE = (
    f"{LITTLE}: a high recall says little, because many images of other classes, certainly more than when clean, are "
    "taken for this class, too; the tool tip says how many. It is set only where the recall seems to be kept: "
    f"“{ALARMS}” above shows these shares in all cells."
)
ALARMS_HOW = (
    "False alarms in percent: the share of the images of other classes that are taken for each class, when clean, and "
    "under each degradation, averaged over the severities. A click lists these images."
)
ALARMS_TOGETHER = (
    f"{MEAN.capitalize()}: averaged over all degradations; a click there lists the images under the degradation with "
    "most false alarms for the class."
)
RISING = f"{RISES}: certainly more than when clean, as measured by at least {round(100 * NOTABLE)} points."
FEW = f"Classes with fewer than {FEWEST} images under a degradation have no {FALLS} there."


class ClassView(QWidget):
    """The table, computed when it first comes into sight, and again when the figures have changed.

    Attributes
    ----------
    recalls : ClassRecalls
        The recalls and false alarms of which the table shows one or the other.
    forms : Forms
        Two buttons that choose recalls or false alarms; the page places them.

    Signals
    -------
    visit_asked : Viewpoint
        A cell was clicked.
    recalls_changed
        The table shows other shares.
    """

    visit_asked = Signal(object)
    recalls_changed = Signal()

    def __init__(self, session: AssessmentSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._read: Computed | None = None  # the figures whose recalls are shown or being computed
        self.recalls = ClassRecalls()
        self.said, self.table, self.forms = Caption(), ClassTable(), Forms(FORMS, TIPS)
        self.help = HelpButton(TERMS[0])
        told = QHBoxLayout()
        told.setContentsMargins(8, 0, 8, 2)
        told.addWidget(self.said, 1)
        told.addWidget(self.help)
        fill_column(self, told, self.table)
        self.forms.buttons.idClicked.connect(self.show_form)
        self.table.cell_asked.connect(self._list)
        session.compared.changed.connect(self._follow)

    @property
    def has_alarms(self) -> bool:
        """Whether there are false alarms to choose."""
        return bool(self.recalls.alarms.columns)

    @property
    def form(self) -> int:
        """What is chosen: 0 recalls, 1 false alarms."""
        return self.forms.buttons.checkedId()

    @property
    def content(self) -> ClassRecalls | FalseAlarms:
        """What the table shows."""
        return self.recalls.alarms if self.form and self.has_alarms else self.recalls

    def show_form(self, form: int) -> None:
        """Show recalls or false alarms."""
        self.forms.buttons.button(form).setChecked(True)
        if self.recalls.columns:
            self._fill()

    def showEvent(self, event: QShowEvent) -> None:
        """Compute the recalls, unless those shown are up to date."""
        super().showEvent(event)
        self._follow()

    def _follow(self) -> None:
        computed = self._session.computed
        if not self.isVisible() or (computed is not None and computed is self._read):
            return
        self._read = computed
        if computed is None:
            self.said.setText(self._session.problem or COMPUTING)
        elif not computed.families:
            self._show(computed, ClassRecalls(problem=NOTHING))
        else:
            if not self.recalls.columns:
                self.said.setText(COMPUTING)
            failed = ClassRecalls(problem=unexpected("Computing the recalls"))
            work, show = partial(class_recalls, computed.figures), partial(self._show, computed)
            self._session.background.run(work, show, partial(show, failed), self)

    def _show(self, computed: Computed, recalls: ClassRecalls) -> None:
        if computed is not self._read:
            return
        self.recalls = recalls
        self._fill()

    def _fill(self) -> None:
        """Show the chosen shares, and say what they are."""
        content = self.content
        told = _of_alarms(content) if isinstance(content, FalseAlarms) else _of_recalls(content)
        self.said.setText(self.recalls.problem or " ".join(told))
        self.help.explain_terms(TERMS[isinstance(content, FalseAlarms)])
        self.table.set_content(content)
        self.recalls_changed.emit()

    def _list(self, index: int, name: str, cell: Cell) -> None:
        """List the misclassified images of a class or those taken for it, or the clean ones. name: of the column."""
        if cell.path is None:
            return
        alarms = isinstance(cell, AlarmCell)
        if name == CLEAN:
            from tfstab.gui.widgets.overview.overview_page import WRONG_CLEAN

            chosen = {"predicted" if alarms else "class": index}
            there = Viewpoint.at(cell.path, "Gallery", gallery=WRONG_CLEAN | chosen)
        else:
            listed = {"class": None, "filter": {"predicted": index}} if alarms else {"class": index, "filter": {}}
            there = Viewpoint.at(cell.path, "Misclassifications", **listed)
        self.visit_asked.emit(there)


def _of_recalls(recalls: ClassRecalls) -> list[str]:
    """Return sentences on what the table of recalls shows."""
    cells = [cell for column in recalls.columns[1:] for cell in column.cells if cell is not None]
    together = any(column.name == ALL for column in recalls.columns)
    marked, few = any(cell.harmed for cell in cells), any(cell.images < FEWEST for cell in cells)
    little = any(cell.others for cell in cells)
    return [HOW, *[TOGETHER] * together, *[MARKED] * marked, *[SAYS_LITTLE] * little, *[FEW] * few]


def _of_alarms(alarms: FalseAlarms) -> list[str]:
    """Return sentences on what the table of false alarms shows."""
    rising = any(cell is not None and cell.more for column in alarms.columns for cell in column.cells)
    together = any(column.name == ALL for column in alarms.columns)
    return [ALARMS_HOW, *[ALARMS_TOGETHER] * together, *[RISING] * rising]
