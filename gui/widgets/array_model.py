"""A table model over arrays that formats only the cells in view."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt, Signal

from tfstab.gui.content.guide import explained
from tfstab.gui.widgets.model_index import Index
from tfstab.gui.widgets.thumbnails import PICTURES, Pictures
from tfstab.gui.widgets.tips import plain

if TYPE_CHECKING:
    from tfstab.runs import CleanImages

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        Identifies the column; not shown.
    title : str
        Heading.
    values : ndarray, shape (N,)
        Values to show and sort by.
    show : callable
        Formats one value as text.
    right : bool
        Align to the right.
    tip : str
        Tool tip that explains the column.
    pictures : callable, optional
        Returns the pictures of a value, which are shown instead of text; such a column is not sorted by, copied or
        saved.
    term : str
        The term of the glossary that the column is about; its explanation is added to the tool tip.
    texts : sequence of str
        Text of each value, if it has more than the value, such as an interval; () to format by `show`.
    """

    name: str
    title: str
    values: np.ndarray
    show: Callable[[Any], str]
    right: bool = True
    tip: str = ""
    pictures: Callable[[Any], Pictures] | None = None
    term: str = ""
    texts: Sequence[str] = ()

    def text(self, row: int) -> str:
        """Return the text of a value, given by its index."""
        return self.texts[row] if self.texts else self.show(self.values[row])

    @property
    def explanation(self) -> str | None:
        """The tool tip; None if there is nothing to say."""
        return plain("\n".join(part for part in (self.tip, self.term and explained(self.term)) if part)) or None


class ArrayModel(QAbstractTableModel):
    """Table of columns with N values each, listed in any order.

    Attributes
    ----------
    columns : list of Column
    rows : ndarray of int, shape (R,)
        Indices of the values listed, in order of display.
    """

    sort_asked = Signal(object, bool)  # a view requests sorting: column name or None, whether descending

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.columns: list[Column] = []
        self.rows: np.ndarray = np.empty(0, np.intp)

    def set_columns(self, columns: list[Column], rows: np.ndarray | None = None) -> None:
        """Show other columns, listing `rows` of their values, or all if not given."""
        self.beginResetModel()
        self.columns = columns
        count = len(columns[0].values) if columns else 0
        self.rows = np.arange(count) if rows is None else rows
        self.endResetModel()

    def set_rows(self, rows: np.ndarray) -> None:
        """List other values, or the same in another order."""
        if len(rows) == len(self.rows):
            # Cheaper than a reset, which makes the header rebuild a million sections.
            self.layoutAboutToBeChanged.emit()
            before, self.rows = self.rows, rows
            self._move_indexes(before)
            self.layoutChanged.emit()
        else:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    def _move_indexes(self, before: np.ndarray) -> None:
        """Keep selection and current row on the same values, which were listed as `before`."""
        indexes = self.persistentIndexList()
        if indexes:
            row_of = np.full(int(max(before.max(), self.rows.max())) + 1, -1, np.intp)
            row_of[self.rows] = np.arange(len(self.rows))
            rows = row_of[before[[index.row() for index in indexes]]].tolist()
            moved = [
                self.index(row, i.column()) if row >= 0 else QModelIndex() for row, i in zip(rows, indexes, strict=True)
            ]
            self.changePersistentIndexList(indexes, moved)

    @property
    def texts(self) -> list[int]:
        """Numbers of the columns that show text."""
        return [n for n, column in enumerate(self.columns) if column.pictures is None]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of rows listed."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, pictures or alignment."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.TextAlignmentRole, PICTURES):
            return None
        column = self.columns[index.column()]
        if column.pictures is not None:
            return column.pictures(column.values[self.rows[index.row()]]) if role == PICTURES else None
        if role == PICTURES:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column.right else LEFT
        return column.text(int(self.rows[index.row()]))

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title, tool tip or alignment, or a row's number."""
        if orientation == Qt.Orientation.Vertical:
            return f"{section + 1:,}" if role == Qt.ItemDataRole.DisplayRole else None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.explanation
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column.right else LEFT
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Request sorting through `sort_asked`; the owner of the rows does it. Pictures have no order."""
        shown = self.columns[column] if 0 <= column < len(self.columns) else None
        if shown is not None and shown.pictures is not None:
            return
        name = shown.name if shown is not None else None
        self.sort_asked.emit(name, order == Qt.SortOrder.DescendingOrder)


def whole(value: Any) -> str:
    """Format a whole number."""
    return str(int(value))


def decimals(digits: int) -> Callable[[Any], str]:
    """Return a function that formats finite numbers with this many decimals, and all others as a dash."""
    return lambda value: f"{value:.{digits}f}" if np.isfinite(value) else "–"


def file_column(clean: "CleanImages", images: np.ndarray) -> list[Column]:
    """Return a column with the file names of images, given by index (N,); no column if the run has no file names.

    It is sorted by index, which is the order of the names in a folder.
    """
    if clean.names is None:
        return []
    tip = "File name of the image, below the folder of the data"
    return [Column("file", "File", images, clean.file, right=False, tip=tip)]


def named(names: tuple[str, ...]) -> Callable[[Any], str]:
    """Return a function that formats class indices as names, and negative ones, which mean no class, as a dash."""
    return lambda value: names[int(value)] if value >= 0 else "–"
