"""Recalls by class and degradation: the table with what is said of it, and the way to the images."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tfstab.experiments.also_taken import LITTLE
from tfstab.gui.background import unexpected
from tfstab.gui.content.class_recalls import ALL, CLEAN, ClassRecalls, RecallCell, class_recalls
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.sessions.assessment_session import AssessmentSession, Computed
from tfstab.gui.widgets.blocks import Caption
from tfstab.gui.widgets.help_button import HelpButton
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.robustness.class_table import FALLS, KEPT, MEAN, ClassTable
from tfstab.metrics.weak_groups import FEWEST

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
    "taken for this class, too; the tool tip says how many."
)
FEW = f"Classes with fewer than {FEWEST} images under a degradation have no {FALLS} there."


class ClassView(QWidget):
    """The table, computed when it first comes into sight, and again when the figures have changed.

    Signals
    -------
    visit_asked : Viewpoint
        A recall was clicked.
    recalls_changed
        The table shows other recalls.
    """

    visit_asked = Signal(object)
    recalls_changed = Signal()

    def __init__(self, session: AssessmentSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._read: Computed | None = None  # the figures whose recalls are shown or being computed
        self.said, self.table = Caption(), ClassTable()
        told = QHBoxLayout()
        told.setContentsMargins(8, 0, 8, 2)
        told.addWidget(self.said, 1)
        told.addWidget(HelpButton("recall"))
        fill_column(self, told, self.table)
        self.table.cell_asked.connect(self._list)
        session.compared.changed.connect(self._follow)

    @property
    def recalls(self) -> ClassRecalls:
        """What the table shows."""
        return self.table.model_shown.recalls

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
        cells = [cell for column in recalls.columns[1:] for cell in column.cells if cell is not None]
        together = any(column.name == ALL for column in recalls.columns)
        marked, few = any(cell.harmed for cell in cells), any(cell.images < FEWEST for cell in cells)
        little = any(cell.others for cell in cells)
        told = [HOW, *[TOGETHER] * together, *[MARKED] * marked, *[SAYS_LITTLE] * little, *[FEW] * few]
        self.said.setText(recalls.problem or " ".join(told))
        self.table.set_recalls(recalls)
        self.recalls_changed.emit()

    def _list(self, index: int, name: str, cell: RecallCell) -> None:
        """List the misclassified images of a class, or show the clean ones. name: of the column."""
        if cell.path is None:
            return
        if name == CLEAN:
            from tfstab.gui.widgets.overview.overview_page import WRONG_CLEAN

            there = Viewpoint.at(cell.path, "Gallery", gallery=WRONG_CLEAN | {"class": index})
        else:
            there = Viewpoint.at(cell.path, "Misclassifications", **{"class": index, "filter": {}})
        self.visit_asked.emit(there)
