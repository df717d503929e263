"""A view for ArrayModel: rows of one height, sorted by clicking a header, copied with Ctrl+C."""

from collections.abc import Iterator
from itertools import islice

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QHeaderView, QTableView, QToolTip, QWidget

from tfstab.gui.content.selection import sort_places
from tfstab.gui.widgets.array_model import ArrayModel
from tfstab.gui.widgets.help_button import term_menu
from tfstab.gui.widgets.thumbnails import PicturesDelegate
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.view_keys import ACROSS, CONTROL, ENTER, only_takes_focus, passes_on

DESCENDING = Qt.SortOrder.DescendingOrder
PICTURE = 32  # side of a picture, in screen pixels
MOST_COPIED = 10_000  # rows that Ctrl+C copies; larger selections are exported as CSV instead


def sort_by_clicks(header: QHeaderView) -> None:
    """Let clicks on a title sort by its column: rising, falling, and the third time in the first order again."""
    header.setSectionsClickable(True)
    header.setSortIndicatorShown(True)
    header.setSortIndicatorClearable(True)
    header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)


def sort_next(header: QHeaderView, column: int) -> None:
    """Sort by a column as a click on its title does."""
    if header.sortIndicatorSection() != column:
        header.setSortIndicator(column, Qt.SortOrder.AscendingOrder)
    else:
        falling = header.sortIndicatorOrder() == DESCENDING
        header.setSortIndicator(*(-1, Qt.SortOrder.AscendingOrder) if falling else (column, DESCENDING))


class _RowNumbers(QHeaderView):
    """Numbers of rows, as wide as the largest one; Qt would measure two hundred of them each time it is asked."""

    def __init__(self, parent: QTableView) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self.setSectionsClickable(True)
        self.setHighlightSections(True)

    def sizeHint(self) -> QSize:
        """Return the size that the numbers need."""
        model = self.model()
        digits = len(str(model.rowCount())) if model is not None else 1
        return QSize(self.fontMetrics().horizontalAdvance("0" * digits) + 12, 0)


class ArrayTable(QTableView):
    """A table view of an ArrayModel.

    Parameters
    ----------
    model : ArrayModel
    name : str
        Accessible name.
    own_sorting : bool
        Sort the model's rows at once; for short tables. Otherwise the owner of the rows handles `model.sort_asked`.
    """

    def __init__(self, model: ArrayModel, name: str, own_sorting: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setVerticalHeader(_RowNumbers(self))
        self.setModel(model)
        self.array = model
        self._needed: list[int] = []  # widths of the columns that were fitted last
        self._shared: list[int] = []  # and what they got of the table's width
        self._fit_due = False
        self._pictures: PicturesDelegate | None = None
        self.setAccessibleName(name)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names of files and classes may differ only at their ends
        self.setCornerButtonEnabled(False)
        self.setSortingEnabled(True)
        self.setTabKeyNavigation(False)
        self.setStyleSheet("QTableView::item { padding: 0 6px }")
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.setAccessibleName(f"Row numbers: {name}")
        columns.setAccessibleName(f"Column titles: {name}")
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + 7)
        rows.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        columns.setHighlightSections(False)
        columns.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        columns.customContextMenuRequested.connect(self._offer_explanation)
        sort_by_clicks(columns)
        if own_sorting:
            model.sort_asked.connect(self._sort)

    def show_pictures(self) -> None:
        """Paint clean and degraded image side by side in the picture columns, with rows as high as the pictures."""
        if self._pictures is None:
            self._pictures = PicturesDelegate(PICTURE, self)
        room = self._pictures.room(2)
        self.verticalHeader().setDefaultSectionSize(room.height())
        for place, column in enumerate(self.array.columns):
            shown = column.pictures is not None
            self.setItemDelegateForColumn(place, self._pictures if shown else None)  # type: ignore[arg-type]
            if shown:
                self.setColumnWidth(place, room.width())

    def fit_columns(self) -> None:
        """Make columns as wide as their titles and the first rows in view need, and share what is left among them.

        To measure cells takes long, so a hidden table does it when it is shown.
        """
        self._fit_due = not self.isVisible()
        if self._fit_due:
            return
        self.horizontalHeader().setResizeContentsPrecision(40)
        self.resizeColumnsToContents()
        self._needed = self._widths()
        self._share_width()

    def showEvent(self, event: QShowEvent) -> None:
        """Fit the columns to rows that came while the table was hidden."""
        super().showEvent(event)
        if self._fit_due:
            self.fit_columns()

    def viewportEvent(self, event: QEvent) -> bool:
        """Show a cell's whole text as a tip if it is shortened and has no other tip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self.indexAt(event.pos())
            text = str(index.data() or "")
            if text and not index.data(Qt.ItemDataRole.ToolTipRole) and self._shortened(index):
                QToolTip.showText(event.globalPos(), plain(text), self)
                return True
        return super().viewportEvent(event)

    def _shortened(self, index: QModelIndex) -> bool:
        return self.sizeHintForIndex(index).width() > self.columnWidth(index.column())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share another width among the columns, unless the user has changed them."""
        super().resizeEvent(event)
        if self._shared and self._shared == self._widths():
            self._share_width()

    def _widths(self) -> list[int]:
        return [self.columnWidth(column) for column in range(self.array.columnCount())]

    def _share_width(self) -> None:
        """Divide the width that the columns do not need equally among them."""
        count = sum(not self.isColumnHidden(column) for column in range(len(self._needed)))
        spare = max(self.viewport().width() - sum(self._needed), 0) // max(count, 1)
        for column, needed in enumerate(self._needed):
            if not self.isColumnHidden(column):
                self.setColumnWidth(column, needed + spare)
        self._shared = self._widths()

    def selected_rows(self) -> Iterator[int]:
        """Iterate over the selected rows from top to bottom, without listing them: there can be millions."""
        ranges = [r for r in self.selectionModel().selection().toList() if r.left() == 0]
        for part in sorted(ranges, key=lambda r: r.top()):
            yield from range(part.top(), part.bottom() + 1)

    def text(self, rows: list[int]) -> str:
        """Return the titles and some rows as lines, with tabs between columns."""
        columns = self.array.texts
        titles = [" ".join(str(self.array.headerData(c, Qt.Orientation.Horizontal)).split()) for c in columns]
        lines = [[str(self.array.index(r, c).data() or "") for c in columns] for r in rows]
        return "\n".join("\t".join(line) for line in [titles, *lines])

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the keyboard focus without selecting an image."""
        if not only_takes_focus(self, event):
            super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the selected rows on Ctrl+C, go to and sort by columns with Ctrl, and leave Space to the window."""
        if event.modifiers() & CONTROL and event.key() in (*ACROSS, *ENTER):
            self._go_or_sort(event.key())
        elif event.matches(QKeySequence.StandardKey.Copy):
            QApplication.clipboard().setText(self.text(list(islice(self.selected_rows(), MOST_COPIED))))
        elif not passes_on(event):
            super().keyPressEvent(event)

    def _go_or_sort(self, key: int) -> None:
        """Go to the column at the left or right, or sort by the one that the keyboard is on, as clicks on it do."""
        here = max(self.currentIndex().column(), 0)
        if key in ACROSS:
            step = 1 if key == Qt.Key.Key_Right else -1
            shown = [column for column in range(self.array.columnCount()) if not self.isColumnHidden(column)]
            there = min(max(shown.index(here) + step, 0), len(shown) - 1) if here in shown else 0
            index = self.array.index(max(self.currentIndex().row(), 0), shown[there])
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.scrollTo(index)
        else:
            sort_next(self.horizontalHeader(), here)

    def _offer_explanation(self, where: QPoint) -> None:
        """Offer to open the guide at the term that a column is about."""
        place = self.horizontalHeader().logicalIndexAt(where)
        term = self.array.columns[place].term if place >= 0 else ""
        if term:
            menu = term_menu(self, [term])
            menu.popup(self.horizontalHeader().mapToGlobal(where))

    def _sort(self, name: str | None, descending: bool) -> None:
        values = next((c.values for c in self.array.columns if c.name == name), None)
        places = self.array.rows if values is not None else self.array.rows[self.array.rows.argsort()]
        self.array.set_rows(sort_places(places, values, descending))
