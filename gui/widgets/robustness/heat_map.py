"""Families by severity: the accuracy kept, in cells that open their images."""

import math
from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from tfstab.gui.content.robustness import Cell, FamilyRow, in_words, keeping, range_of
from tfstab.gui.theme import is_dark, mixed
from tfstab.gui.widgets.model_index import Index
from tfstab.gui.widgets.robustness.interval_delegate import LONGEST, MARKS, Dots, IntervalDelegate
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.view_keys import keep_arrows
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE
from tfstab.metrics.shares import rounded
from tfstab.wording import at_severity

LEAST_LINE, MOST_LINE = 80, 170  # pixels for the line of an interval
FRAMED = Qt.ItemDataRole.UserRole + 32  # what a model returns for a cell: whether it has a frame
SELECTS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
Place = tuple[str, float | None]  # the name of a family, and a severity; None for the first column
FRAME = 1  # pixels between the edge of a cell and its frame, which leaves room for two lines of text


class FrameDelegate(QStyledItemDelegate):
    """Paints a dotted frame into cells that are no better than guessing, as the dotted line in a chart shows it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the cell, and the frame in the colour of its text."""
        super().paint(painter, option, index)
        if index.data(FRAMED):
            painter.save()
            painter.setPen(QPen(index.data(Qt.ItemDataRole.ForegroundRole).color(), 1, Qt.PenStyle.DotLine))
            painter.drawRect(option.rect.adjusted(FRAME, FRAME, -FRAME - 1, -FRAME - 1))
            painter.restore()


class HeatMap(QTableWidget):
    """A table with a row for each family: the accuracy kept, and a cell for each severity, the mildest on the left.

    Rows and cells are selected as in other tables, so a click with Ctrl or Shift selects and asks for nothing.

    Signals
    -------
    family_asked : FamilyRow
        The accuracy kept was clicked, or Enter was pressed on it.
    cell_asked : FamilyRow, Cell
        The same of a severity.
    """

    family_asked = Signal(object)
    cell_asked = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[FamilyRow] = []
        self.setTabKeyNavigation(False)  # Tab leaves the table, in which the arrows go from cell to cell
        keep_arrows(self)
        self.setAccessibleName("Accuracy kept by degradation and severity")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(2 * self.fontMetrics().height() + 6)
        self.setItemDelegate(FrameDelegate(self))
        self.setItemDelegateForColumn(0, IntervalDelegate(self))
        self.cellClicked.connect(self._ask)
        self.cellActivated.connect(self._ask)

    def set_rows(self, rows: list[FamilyRow], others: Sequence[tuple[str, Sequence[FamilyRow]]] = ()) -> None:
        """Show these families, and the accuracy that other networks, each with its name, keep under them.

        What is selected stays selected, also if its family is in another row now.
        """
        current = self._severity_at(self.currentRow(), self.currentColumn())
        selected = {self._severity_at(index.row(), index.column()) for index in self.selectedIndexes()} - {None}
        self.rows = rows
        columns = 1 + max((len(row.cells) for row in rows), default=0)
        self.setRowCount(len(rows))
        self.setColumnCount(columns)
        self.setVerticalHeaderLabels([row.label.replace(", ", "\n") for row in rows])
        for y, row in enumerate(rows):
            self.verticalHeaderItem(y).setToolTip(plain(row.explained))
        # Qt ignores labels beyond the last column.
        what = "accuracy kept" if keeping(rows) else "accuracy"
        self.setHorizontalHeaderLabels([f"{what} (95 % interval)", "1 (mildest)", *map(str, range(2, columns))])
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.setMinimumSectionSize(self.fontMetrics().horizontalAdvance("distance 24 %") + 10)
        self._divide()
        kept = [(name, {row.name: row.kept for row in other}) for name, other in others]
        for y, row in enumerate(rows):
            self.setItem(y, 0, _kept(row, kept))
            for x, cell in enumerate(row.cells, 1):
                self.setItem(y, x, self._item(row, cell))
            for x in range(1 + len(row.cells), columns):
                self.takeItem(y, x)
        self._select(current, selected)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make the lines of the intervals shorter where the cells need the room."""
        super().resizeEvent(event)
        self._divide()

    def _divide(self) -> None:
        if self.columnCount():
            line = min(max(self.viewport().width() // 5, LEAST_LINE), MOST_LINE)
            self.setColumnWidth(0, self.fontMetrics().horizontalAdvance(LONGEST) + line)

    def _item(self, row: FamilyRow, cell: Cell) -> QTableWidgetItem:
        kept = (cell.kept if row.keeps else cell.accuracy).value
        known = not math.isnan(kept)
        item = QTableWidgetItem(
            f"{rounded(kept)} %\n{at_severity(row.parameter, cell.severity, row.unit)}" if known else "–"
        )
        item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
        item.setToolTip(plain(in_words(row, cell)))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, in_words(row, cell))
        if known:
            ground = shade(kept, is_dark(self.palette()))
            item.setBackground(ground)
            item.setForeground(ink(ground))
            item.setData(FRAMED, cell.guessing)
        return item

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for y, row in enumerate(self.rows):
                for x, cell in enumerate(row.cells, 1):
                    self.setItem(y, x, self._item(row, cell))

    def selected_rows(self) -> list[FamilyRow]:
        """Return the families of which a cell is selected, from top to bottom."""
        return [self.rows[y] for y in sorted({index.row() for index in self.selectedIndexes()}) if y < len(self.rows)]

    def _severity_at(self, y: int, x: int) -> Place | None:
        """Return the family and severity of a cell, without a severity in the first column; None if it is empty."""
        if not 0 <= y < len(self.rows) or not 0 <= x <= len(self.rows[y].cells):
            return None
        return self.rows[y].name, self.rows[y].cells[x - 1].severity if x else None

    def _select(self, current: Place | None, selected: set[Place | None]) -> None:
        """Select the cells of these families and severities that are still in the table, and make one current."""
        model, chosen, now = self.selectionModel(), QItemSelection(), QModelIndex()
        for y, row in enumerate(self.rows):
            for x, severity in enumerate([None, *(cell.severity for cell in row.cells)]):
                index = self.model().index(y, x)
                if (row.name, severity) in selected:
                    chosen.select(index, index)
                if (row.name, severity) == current:
                    now = index
        if current is not None:
            model.setCurrentIndex(now, QItemSelectionModel.SelectionFlag.NoUpdate)
        model.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _ask(self, y: int, x: int) -> None:
        if y >= len(self.rows) or QApplication.keyboardModifiers() & SELECTS:
            return
        row = self.rows[y]
        if x == 0:
            self.family_asked.emit(row)
        elif x <= len(row.cells):
            self.cell_asked.emit(row, row.cells[x - 1])


def _kept(row: FamilyRow, others: list[tuple[str, dict[str, Estimate]]]) -> QTableWidgetItem:
    """Return the first cell of a row."""
    there = [(name, kept.get(row.name, NO_ESTIMATE)) for name, kept in others]
    shown = row.shown
    text = range_of(shown)
    lines = [f"{row.title}: {row.in_words}"]
    lines += [f"{name}: {range_of(kept)}" for name, kept in there]
    item = QTableWidgetItem()
    item.setData(MARKS, Dots(shown, row.tone, row.sure, [kept for _, kept in there], text))
    item.setToolTip(plain("\n".join(lines)))
    item.setData(Qt.ItemDataRole.AccessibleTextRole, "; ".join(lines))
    return item


# From nothing kept to all of it: red, yellow, green of one lightness each, which the number in the cell says too.
LIGHT = ((0.0, "#e8735f"), (0.5, "#f3d27a"), (0.9, "#cfe5b4"), (1.0, "#8ecf9c"))
DARK = ((0.0, "#8e3226"), (0.5, "#7c6420"), (0.9, "#3f6135"), (1.0, "#1f6b45"))


def shade(kept: float, dark: bool) -> QColor:
    """Return the colour of a share of the accuracy."""
    stops = DARK if dark else LIGHT
    kept = min(max(kept, 0.0), 1.0)
    for (low, first), (high, second) in pairwise(stops):
        if kept <= high:
            return mixed(QColor(first), QColor(second), (kept - low) / (high - low))
    return QColor(stops[-1][1])


def ink(ground: QColor) -> QColor:
    """Return the colour of text on a colour."""
    return QColor("#101010" if ground.lightness() > 128 else "#f5f5f5")
