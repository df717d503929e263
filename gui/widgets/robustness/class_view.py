"""Recalls by class and degradation, in cells that open the misclassified images."""

import math
from collections.abc import Iterator
from functools import partial
from textwrap import fill
from typing import Any

import numpy as np
from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from tfstab.experiments.also_taken import LITTLE
from tfstab.gui.background import unexpected
from tfstab.gui.content.class_recalls import CLEAN, ClassRecalls, RecallCell, RecallColumn, class_recalls, in_words
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.sessions.assessment_session import AssessmentSession, Computed
from tfstab.gui.theme import is_dark, scaled
from tfstab.gui.widgets.array_model import ArrayModel, Column, named
from tfstab.gui.widgets.array_table import ArrayTable
from tfstab.gui.widgets.blocks import Caption
from tfstab.gui.widgets.help_button import HelpButton
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.model_index import Index
from tfstab.gui.widgets.robustness.heat_map import ink, shade
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.view_keys import keep_arrows
from tfstab.metrics.shares import rounded
from tfstab.metrics.weak_groups import FEWEST

COMPUTING = "The recalls are being computed…"
NOTHING = "No degradation has been swept yet."
HOW = (
    "Recall of each class in percent: when clean, and under each degradation, averaged over the severities. A click "
    "lists the misclassified images."
)
FALLS = "↓"
MARKED = f"{FALLS}: the class certainly loses more of its recall than the others, and far more as measured."
SAYS_LITTLE = (
    f"{LITTLE}: a high recall says little, because many images of other classes, certainly more than when clean, are "
    "taken for this class, too; the tool tip says how many."
)
FEW = f"Classes with fewer than {FEWEST} images under a degradation have no {FALLS} there."
WIDEST_NAME = 180  # pixels of a class's name; longer ones are shortened
LINE = 10  # characters in a line of a title of a column
SHARE, HARMED = Qt.ItemDataRole.UserRole + 51, Qt.ItemDataRole.UserRole + 52


class ClassModel(ArrayModel):
    """A row for each class, whose name is the row's title; a hidden first column repeats it for copied rows."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.recalls = ClassRecalls()

    def set_recalls(self, recalls: ClassRecalls) -> None:
        """Show other recalls, in their order."""
        self.recalls = recalls
        places = np.arange(len(recalls.classes))
        columns = [Column("", "Class", places, named(recalls.names), right=False), *map(_column, recalls.columns)]
        self.set_columns(columns if recalls.columns else [])

    def cell(self, index: Index) -> tuple[int, RecallColumn, RecallCell | None]:
        """Return the place of the class of a cell, its column, and the recall there; not for the hidden column."""
        row, column = int(self.rows[index.row()]), self.recalls.columns[index.column() - 1]
        return row, column, column.cells[row]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, and what it says in words."""
        if index.column() and role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        if index.column() and role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole, SHARE, HARMED):
            row, column, cell = self.cell(index)
            if role == SHARE:
                return None if cell is None else cell.recall.value
            if role == HARMED:
                return cell is not None and cell.harmed is not None
            said = in_words(self.recalls.names[row], column, cell)
            return plain(said) if role == Qt.ItemDataRole.ToolTipRole else said
        return super().data(index, role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the name of a row's class, or what a column says of itself."""
        if orientation == Qt.Orientation.Horizontal:
            centred = role == Qt.ItemDataRole.TextAlignmentRole
            return Qt.AlignmentFlag.AlignCenter if centred else super().headerData(section, orientation, role)
        name = self.recalls.names[self.rows[section]]
        if role == Qt.ItemDataRole.DisplayRole:
            return " ".join(name.split())  # in one line
        return plain(name) if role == Qt.ItemDataRole.ToolTipRole else None


def _column(of: RecallColumn) -> Column:
    values = np.array([math.nan if cell is None else cell.recall.value for cell in of.cells])
    texts = ["–" if cell is None else _text(cell) for cell in of.cells]
    tip = "Of all clean images" if of.name == CLEAN else f"Averaged over the severities of {of.title}"
    return Column(of.name, fill(of.title, LINE, break_long_words=False), values, str, tip=tip, texts=texts)


def _text(cell: RecallCell) -> str:
    fallen, doubtful = cell.harmed is not None, cell.others is not None
    return f"{FALLS} " * fallen + f"{rounded(cell.recall.value)} %" + f" {LITTLE}" * doubtful


class RecallDelegate(QStyledItemDelegate):
    """Paints a recall on its colour, in bold type if it falls further than the others'."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Add colour and type."""
        super().initStyleOption(option, index)
        share = index.data(SHARE)
        if share is not None:
            ground = shade(share, is_dark(option.palette))
            option.backgroundBrush = QBrush(ground)
            option.palette.setColor(QPalette.ColorRole.Text, ink(ground))
            if index.data(HARMED):
                option.font = scaled(option.font, 1.0, bold=True)


class _Names(QHeaderView):
    """Names of classes, the long ones shortened."""

    def __init__(self, parent: QTableView) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setDefaultSectionSize(self.fontMetrics().height() + 7)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setMaximumWidth(WIDEST_NAME)

    def sizeHint(self) -> QSize:
        """Return the width that the longest name needs; Qt would measure some of them only."""
        model = self.model()
        names = model.recalls.names if isinstance(model, ClassModel) else ()
        longest = sorted(names, key=len)[-9:]
        widest = max((self.fontMetrics().horizontalAdvance(name) for name in longest), default=0)
        return QSize(min(widest + 16, WIDEST_NAME), 0)


class ClassTable(ArrayTable):
    """Recalls by class and degradation.

    Signals
    -------
    cell_asked : int, RecallColumn
        A recall was clicked, or Enter was pressed on it: the class, and when clean or under which degradation.
    """

    cell_asked = Signal(int, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.model_shown = ClassModel()
        name = "Recall by class and degradation"
        super().__init__(self.model_shown, name, own_sorting=True, parent=parent)
        self.model_shown.setParent(self)
        self.setVerticalHeader(_Names(self))
        self.verticalHeader().setAccessibleName(f"Classes: {name}")
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectItems)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAlternatingRowColors(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setItemDelegate(RecallDelegate(self))
        keep_arrows(self)
        self.clicked.connect(self._ask)
        self.activated.connect(self._ask)

    def set_recalls(self, recalls: ClassRecalls) -> None:
        """Show other recalls; what is selected and sorted by stays so."""
        model, header = self.model_shown, self.horizontalHeader()
        titles = [column.name for column in model.columns]
        place, order = header.sortIndicatorSection(), header.sortIndicatorOrder()
        sorted_by = titles[place] if 0 <= place < len(titles) else None
        here = self.currentIndex()
        chosen = None if not here.isValid() else (model.recalls.classes[model.rows[here.row()]], titles[here.column()])
        model.set_recalls(recalls)
        self.setColumnHidden(0, True)
        now = [column.name for column in model.columns]
        if sorted_by in now:
            header.setSortIndicator(now.index(sorted_by), order)
            model.sort(now.index(sorted_by), order)
        if chosen is not None and chosen[0] in recalls.classes and chosen[1] in now:
            row = int(np.flatnonzero(model.rows == recalls.classes.index(chosen[0]))[0])
            self.setCurrentIndex(model.index(row, now.index(chosen[1])))
        if now != titles:
            self.fit_columns()

    def selected_rows(self) -> Iterator[int]:
        """Iterate over the row of the selected cell, which Ctrl+C copies."""
        return iter(sorted({index.row() for index in self.selectedIndexes()}))

    def _ask(self, index: QModelIndex) -> None:
        row, column, cell = self.model_shown.cell(index)
        if cell is not None:
            self.cell_asked.emit(self.model_shown.recalls.classes[row], column)


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
        marked, few = any(cell.harmed for cell in cells), any(cell.images < FEWEST for cell in cells)
        little = any(cell.others for cell in cells)
        told = [HOW, *[MARKED] * marked, *[SAYS_LITTLE] * little, *[FEW] * few]
        self.said.setText(recalls.problem or " ".join(told))
        self.table.set_recalls(recalls)
        self.recalls_changed.emit()

    def _list(self, index: int, column: RecallColumn) -> None:
        """List the misclassified images of a class, or show the clean ones."""
        if column.path is None:
            return
        if column.name == CLEAN:
            from tfstab.gui.widgets.overview.overview_page import WRONG_CLEAN

            there = Viewpoint.at(column.path, "Gallery", gallery=WRONG_CLEAN | {"class": index})
        else:
            there = Viewpoint.at(column.path, "Misclassifications", **{"class": index, "filter": {}})
        self.visit_asked.emit(there)
