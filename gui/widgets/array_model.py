"""A table over arrays: only the cells that are seen are ever made into text."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

Index = QModelIndex | QPersistentModelIndex
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, eq=False)
class Column:
    """values: (N,), by which the column is sorted. show: a value as text. tip: what the column means."""

    name: str
    title: str
    values: np.ndarray
    show: Callable[[Any], str]
    right: bool = True
    tip: str = ""


class ArrayModel(QAbstractTableModel):
    """columns of N values, of which `rows`, places (R,), are listed in that order. A view that sorts asks for it."""

    sort_asked = Signal(object, bool)  # the column's name or None, whether downwards

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.columns: list[Column] = []
        self.rows: np.ndarray = np.empty(0, np.intp)

    def set_columns(self, columns: list[Column], rows: np.ndarray | None = None) -> None:
        """Show other values; rows: all where not given."""
        self.beginResetModel()
        self.columns = columns
        count = len(columns[0].values) if columns else 0
        self.rows = np.arange(count) if rows is None else rows
        self.endResetModel()

    def set_rows(self, rows: np.ndarray) -> None:
        """List other places, or in another order."""
        if len(rows) == len(self.rows):
            # Cheaper than a reset, which makes the header forget and build a million sections anew.
            self.layoutAboutToBeChanged.emit()
            before, self.rows = self.rows, rows
            self._move_indexes(before)
            self.layoutChanged.emit()
        else:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    def _move_indexes(self, before: np.ndarray) -> None:
        """Let selection and current row stay with their places, which were listed as `before`."""
        indexes = self.persistentIndexList()
        if indexes:
            row_of = np.full(int(max(before.max(), self.rows.max())) + 1, -1, np.intp)
            row_of[self.rows] = np.arange(len(self.rows))
            rows = row_of[before[[index.row() for index in indexes]]].tolist()
            moved = [self.index(row, i.column()) if row >= 0 else QModelIndex()
                     for row, i in zip(rows, indexes, strict=True)]  # fmt: skip
            self.changePersistentIndexList(indexes, moved)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.TextAlignmentRole):
            return None
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column.right else LEFT
        return column.show(column.values[self.rows[index.row()]])

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # fmt: skip
        if orientation == Qt.Orientation.Vertical:
            return f"{section + 1:,}" if role == Qt.ItemDataRole.DisplayRole else None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tip or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column.right else LEFT
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        name = self.columns[column].name if 0 <= column < len(self.columns) else None
        self.sort_asked.emit(name, order == Qt.SortOrder.DescendingOrder)


def whole(value: Any) -> str:
    """A whole number as text."""
    return str(int(value))


def decimals(digits: int, unit: str = "") -> Callable[[Any], str]:
    """Numbers as text with that many decimals; what is not finite as a dash."""
    return lambda value: f"{value:.{digits}f}{unit}" if np.isfinite(value) else "–"


def named(names: tuple[str, ...]) -> Callable[[Any], str]:
    """Numbers of classes as their names; a negative one, no class, as a dash."""
    return lambda value: names[int(value)] if value >= 0 else "–"
