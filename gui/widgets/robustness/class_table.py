"""The table of recalls by class and degradation, in cells that open the misclassified images."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import fill
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

from tfstab.experiments.also_taken import LITTLE
from tfstab.gui.content.class_recalls import ALL, CLEAN, ClassRecalls, RecallCell, RecallColumn, in_words
from tfstab.gui.theme import is_dark, scaled
from tfstab.gui.widgets.array_model import ArrayModel, Column, named
from tfstab.gui.widgets.array_table import ArrayTable
from tfstab.gui.widgets.model_index import Index
from tfstab.gui.widgets.robustness.heat_map import ink, shade
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.view_keys import keep_arrows
from tfstab.metrics.shares import rounded

MEAN, KEPT = "mean", "kept"  # titles of the columns of the average over all degradations
FALLS = "↓"
WIDEST_NAME = 180  # pixels of a class's name; longer ones are shortened
LINE = 10  # characters in a line of a title of a column
SHARE, HARMED = Qt.ItemDataRole.UserRole + 51, Qt.ItemDataRole.UserRole + 52


@dataclass(frozen=True)
class Shown:
    """A column of the table: recalls, or what is kept of them.

    Attributes
    ----------
    of : RecallColumn
        The recalls.
    kept : bool
        Whether the column has the share of the clean recall that is kept.
    """

    of: RecallColumn
    kept: bool = False

    @property
    def key(self) -> str:
        """What tells the column from all others."""
        return KEPT if self.kept else self.of.name

    @property
    def title(self) -> str:
        """Title of the column, broken into short lines."""
        if self.of.name == ALL:
            return KEPT if self.kept else MEAN
        return fill(self.of.title, LINE, break_long_words=False)

    @property
    def tip(self) -> str:
        """What the column shows."""
        if self.kept:
            return "Mean over all degradations, divided by the recall of the same images when clean"
        if self.of.name == ALL:
            return "Averaged over all degradations and their severities"
        return "Of all clean images" if self.of.name == CLEAN else f"Averaged over the severities of {self.of.title}"

    def share(self, cell: RecallCell | None) -> float:
        """Return the share that a cell shows; NaN if it shows none."""
        if cell is None:
            return math.nan
        return (cell.kept if self.kept else cell.recall).value

    def text(self, cell: RecallCell | None) -> str:
        """Return the text of a cell."""
        if cell is None or not math.isfinite(share := self.share(cell)):
            return "–"
        return f"{FALLS} " * cell.harmed + f"{rounded(share)} %" + f" {LITTLE}" * (cell.others is not None)

    def for_table(self) -> Column:
        """Return the column with all its cells."""
        values, texts = np.array(list(map(self.share, self.of.cells))), list(map(self.text, self.of.cells))
        return Column(self.key, self.title, values, str, tip=self.tip, texts=texts)


def shown_columns(recalls: ClassRecalls) -> list[Shown]:
    """Return the columns of the table; what is kept is shown on average over all degradations."""
    return [Shown(of, kept) for of in recalls.columns for kept in (False, True)[: 1 + (of.name == ALL)]]


class ClassModel(ArrayModel):
    """A row for each class, whose name is the row's title; a hidden first column repeats it for copied rows."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.recalls = ClassRecalls()
        self.shown: list[Shown] = []

    def set_recalls(self, recalls: ClassRecalls) -> None:
        """Show other recalls, in their order."""
        self.recalls, self.shown = recalls, shown_columns(recalls)
        places = np.arange(len(recalls.classes))
        columns = [Column("class", "Class", places, named(recalls.names), right=False)]
        self.set_columns([*columns, *(each.for_table() for each in self.shown)] if self.shown else [])

    def cell(self, index: Index) -> tuple[int, Shown, RecallCell | None]:
        """Return the place of the class of a cell, its column, and the recall there; not for the hidden column."""
        row, column = int(self.rows[index.row()]), self.shown[index.column() - 1]
        return row, column, column.of.cells[row]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, and what it says in words."""
        if index.column() and role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        if index.column() and role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole, SHARE, HARMED):
            row, column, cell = self.cell(index)
            if role == SHARE:
                return column.share(cell)
            if role == HARMED:
                return cell is not None and cell.harmed
            said = in_words(self.recalls.names[row], column.of, cell)
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


class RecallDelegate(QStyledItemDelegate):
    """Paints a recall on its colour, in bold type if it falls further than the others'."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Add colour and type."""
        super().initStyleOption(option, index)
        share = index.data(SHARE)
        if math.isfinite(share):
            ground = shade(min(share, 1), is_dark(option.palette))
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
    cell_asked : int, str, RecallCell
        A recall was clicked, or Enter was pressed on it: the class, the name of the column, and the recall.
    """

    cell_asked = Signal(int, str, object)

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
            self.cell_asked.emit(self.model_shown.recalls.classes[row], column.of.name, cell)
