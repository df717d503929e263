"""The table of recalls or false alarms by class and degradation, in cells that open the misclassified images."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from tfstab.gui.content.class_recalls import ClassRecalls
from tfstab.gui.content.false_alarms import FalseAlarms
from tfstab.gui.theme import is_dark, scaled
from tfstab.gui.widgets.array_model import ArrayModel, Column, named
from tfstab.gui.widgets.array_table import ArrayTable
from tfstab.gui.widgets.model_index import Index
from tfstab.gui.widgets.robustness.class_columns import Cell, Shown, shown_columns
from tfstab.gui.widgets.robustness.heat_map import ink, shade
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.view_keys import keep_arrows

RECALLS, ALARMS = "Recall by class and degradation", "False alarms by class and degradation"  # accessible names
WIDEST_NAME = 180  # pixels of a class's name; longer ones are shortened
GOOD, MARKED = Qt.ItemDataRole.UserRole + 51, Qt.ItemDataRole.UserRole + 52


class ClassModel(ArrayModel):
    """A row for each class, whose name is the row's title; a hidden first column repeats it for copied rows."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.content: ClassRecalls | FalseAlarms = ClassRecalls()
        self.shown: list[Shown] = []

    def set_content(self, content: ClassRecalls | FalseAlarms) -> None:
        """Show other recalls or false alarms, in their order."""
        self.content, self.shown = content, shown_columns(content)
        places = np.arange(len(content.classes))
        columns = [Column("class", "Class", places, named(content.names), right=False)]
        self.set_columns([*columns, *(each.for_table() for each in self.shown)] if self.shown else [])

    def cell(self, index: Index) -> tuple[int, Shown, Cell | None]:
        """Return the place of the class of a cell, its column, and what is there; not for the hidden column."""
        row, column = int(self.rows[index.row()]), self.shown[index.column() - 1]
        return row, column, column.of.cells[row]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, and what it says in words."""
        if index.column() and role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        if index.column() and role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole, GOOD, MARKED):
            row, column, cell = self.cell(index)
            if role == GOOD:
                return column.good(cell)
            if role == MARKED:
                return column.marked(cell)
            said = column.said(self.content, row)
            return plain(said) if role == Qt.ItemDataRole.ToolTipRole else said
        return super().data(index, role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the name of a row's class, or what a column says of itself."""
        if orientation == Qt.Orientation.Horizontal:
            centred = role == Qt.ItemDataRole.TextAlignmentRole
            return Qt.AlignmentFlag.AlignCenter if centred else super().headerData(section, orientation, role)
        name = self.content.names[self.rows[section]]
        if role == Qt.ItemDataRole.DisplayRole:
            return " ".join(name.split())  # in one line
        return plain(name) if role == Qt.ItemDataRole.ToolTipRole else None


class RecallDelegate(QStyledItemDelegate):
    """Paints a share on its colour, in bold type if it has an arrow."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Add colour and type."""
        super().initStyleOption(option, index)
        good = index.data(GOOD)
        if math.isfinite(good):
            ground = shade(good, is_dark(option.palette))
            option.backgroundBrush = QBrush(ground)
            option.palette.setColor(QPalette.ColorRole.Text, ink(ground))
            if index.data(MARKED):
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
        names = model.content.names if isinstance(model, ClassModel) else ()
        longest = sorted(names, key=len)[-9:]
        widest = max((self.fontMetrics().horizontalAdvance(name) for name in longest), default=0)
        return QSize(min(widest + 16, WIDEST_NAME), 0)


class ClassTable(ArrayTable):
    """Recalls or false alarms by class and degradation.

    Signals
    -------
    cell_asked : int, str, RecallCell or AlarmCell
        A cell was clicked, or Enter was pressed on it: the class, the name of the column, and what is there.
    """

    cell_asked = Signal(int, str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.model_shown = ClassModel()
        super().__init__(self.model_shown, RECALLS, own_sorting=True, parent=parent)
        self.model_shown.setParent(self)
        self.setVerticalHeader(_Names(self))
        self.verticalHeader().setAccessibleName(f"Classes: {RECALLS}")
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectItems)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAlternatingRowColors(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setItemDelegate(RecallDelegate(self))
        keep_arrows(self)
        self.clicked.connect(self._ask)
        self.activated.connect(self._ask)

    def set_content(self, content: ClassRecalls | FalseAlarms) -> None:
        """Show other recalls or false alarms; what is selected and sorted by stays so."""
        model, header = self.model_shown, self.horizontalHeader()
        titles = [column.name for column in model.columns]
        place, order = header.sortIndicatorSection(), header.sortIndicatorOrder()
        sorted_by = titles[place] if 0 <= place < len(titles) else None
        here = self.currentIndex()
        chosen = None if not here.isValid() else (model.content.classes[model.rows[here.row()]], titles[here.column()])
        model.set_content(content)
        self._name()
        self.setColumnHidden(0, True)
        now = [column.name for column in model.columns]
        if sorted_by in now:
            header.setSortIndicator(now.index(sorted_by), order)
            model.sort(now.index(sorted_by), order)
        if chosen is not None and chosen[0] in content.classes and chosen[1] in now:
            row = int(np.flatnonzero(model.rows == content.classes.index(chosen[0]))[0])
            self.setCurrentIndex(model.index(row, now.index(chosen[1])))
        if now != titles:
            self.fit_columns()

    def _name(self) -> None:
        name = ALARMS if isinstance(self.model_shown.content, FalseAlarms) else RECALLS
        self.setAccessibleName(name)
        self.verticalHeader().setAccessibleName(f"Classes: {name}")
        self.horizontalHeader().setAccessibleName(f"Column titles: {name}")

    def selected_rows(self) -> Iterator[int]:
        """Iterate over the row of the selected cell, which Ctrl+C copies."""
        return iter(sorted({index.row() for index in self.selectedIndexes()}))

    def _ask(self, index: QModelIndex) -> None:
        row, column, cell = self.model_shown.cell(index)
        if cell is not None:
            self.cell_asked.emit(self.model_shown.content.classes[row], column.of.name, cell)
