"""Families by severity: the accuracy kept, in cells that open their images."""

import math
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from tfstab.gui.content.robustness import Cell, FamilyRow, in_words
from tfstab.gui.theme import is_dark
from tfstab.gui.widgets.tips import plain


class HeatMap(QTableWidget):
    """A table with a row for each family and a cell for each of its severities, the mildest on the left.

    Signals
    -------
    cell_asked : FamilyRow, Cell
        A cell was clicked, or Enter was pressed on it.
    """

    cell_asked = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[FamilyRow] = []
        self.setAccessibleName("Accuracy kept by degradation and severity")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setMinimumSectionSize(48)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(2 * self.fontMetrics().height() + 6)
        self.cellClicked.connect(self._ask)
        self.cellActivated.connect(self._ask)

    def set_rows(self, rows: list[FamilyRow]) -> None:
        """Show these families."""
        self.rows = rows
        columns = max((len(row.cells) for row in rows), default=0)
        self.clear()
        self.setRowCount(len(rows))
        self.setColumnCount(columns)
        self.setVerticalHeaderLabels([row.title for row in rows])
        self.setHorizontalHeaderLabels(["mildest" if k == 0 else f"{k + 1}" for k in range(columns)])
        for y, row in enumerate(rows):
            for x, cell in enumerate(row.cells):
                self.setItem(y, x, self._item(row, cell))

    def _item(self, row: FamilyRow, cell: Cell) -> QTableWidgetItem:
        kept = cell.kept.value
        known = not math.isnan(kept)
        item = QTableWidgetItem(f"{100 * kept:.0f} %\n{row.parameter} {cell.severity:g}" if known else "–")
        item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
        item.setToolTip(plain(in_words(row, cell)))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, in_words(row, cell))
        if known:
            ground = shade(kept, is_dark(self.palette()))
            item.setBackground(ground)
            item.setForeground(QColor("#101010" if ground.lightness() > 128 else "#f5f5f5"))
        return item

    def _ask(self, y: int, x: int) -> None:
        if y < len(self.rows) and x < len(self.rows[y].cells):
            self.cell_asked.emit(self.rows[y], self.rows[y].cells[x])


# From nothing kept to all of it: red, yellow, green of one lightness each, which the number in the cell says too.
LIGHT = ((0.0, "#e8735f"), (0.5, "#f3d27a"), (0.9, "#cfe5b4"), (1.0, "#8ecf9c"))
DARK = ((0.0, "#8e3226"), (0.5, "#7c6420"), (0.9, "#3f6135"), (1.0, "#1f6b45"))


def shade(kept: float, dark: bool) -> QColor:
    """Return the colour of a share of the accuracy."""
    stops = DARK if dark else LIGHT
    kept = min(max(kept, 0.0), 1.0)
    for (low, first), (high, second) in pairwise(stops):
        if kept <= high:
            a, b, t = QColor(first), QColor(second), (kept - low) / (high - low)
            ends = zip((a.red(), a.green(), a.blue()), (b.red(), b.green(), b.blue()), strict=True)
            return QColor(*(round(p + t * (q - p)) for p, q in ends))
    return QColor(stops[-1][1])
