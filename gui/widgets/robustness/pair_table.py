"""Networks on the same images: paired differences with intervals, as a table."""

import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from tfstab.experiments.also_taken import LITTLE
from tfstab.gui.content.brief_names import brief
from tfstab.gui.content.pair_numbers import columns_of, numbers_of
from tfstab.gui.content.pairing import DIRECTION, Pairing, PairRow, better
from tfstab.gui.theme import BAD, GOOD, scaled, tone_colour
from tfstab.gui.widgets.array_table import DESCENDING, sort_by_clicks, sort_next
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.view_keys import CONTROL, ENTER
from tfstab.metrics.multiple import TOGETHER

# For each compared network. The network in view has a column for each, because the images in common may differ.
COLUMNS = 5
ROWS = 6  # this many stay in sight if the window is low
DECIDED = f"{TOGETHER} The mean and the clean images are each decided by themselves, too."
HOW = f"Accuracy in percent, on the images that both have. {DIRECTION} Beside it: its 95 % interval. {DECIDED}"


class PairTable(QTableWidget):
    """A row for each quantity; for each compared network both accuracies, the paired difference, and which is better.

    Parameters
    ----------
    parent : QWidget, optional
    name : str
        Accessible name.
    how : str
        What the numbers are, for the tool tips of the titles.
    rows : str
        Title of the first column.
    """

    def __init__(
        self, parent: QWidget | None = None, name: str = "Paired differences", how: str = HOW, rows: str = ""
    ) -> None:
        super().__init__(parent)
        self._how, self._rows = how, rows
        self.shown: tuple[str, list[Pairing]] = "", []
        self.setTabKeyNavigation(False)  # Tab leaves the table
        self.setAccessibleName(name)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setAccessibleName(f"Column titles: {name}")
        self.verticalHeader().setAccessibleName(f"Row numbers: {name}")
        self.setWordWrap(False)
        self.verticalHeader().hide()
        sort_by_clicks(self.horizontalHeader())
        self.horizontalHeader().sortIndicatorChanged.connect(lambda *_: self.set_pairings(*self.shown))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.set_pairings(*self.shown)

    def set_pairings(self, own: str, pairings: list[Pairing]) -> None:
        """Show the differences between a network and others."""
        self.shown = own, pairings
        first, column = self.item(self.currentRow(), 0), max(self.currentColumn(), 0)
        selected = first and first.text()
        self.clear()
        self.clearSpans()
        titles = self._in_order(pairings)
        self.setRowCount(len(titles))
        self.setColumnCount(1 + COLUMNS * len(pairings) if pairings else 0)
        whole = _headers(own, pairings, list, self._rows)
        for x, (title, in_full) in enumerate(zip(_headers(own, pairings, brief, self._rows), whole, strict=True)):
            header = QTableWidgetItem(title)
            header.setToolTip("" if not title else self._how if title == in_full else plain(f"{in_full}\n{self._how}"))
            self.setHorizontalHeaderItem(x, header)
        for y, title in enumerate(titles):
            self._put(y, 0, title).setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for n, pairing in enumerate(pairings):
            for row in pairing.rows:
                self._fill(titles.index(row.title), 1 + COLUMNS * n, row, pairing.names(own), pairing.hardened)

        if selected in titles:
            self.setCurrentCell(titles.index(selected), column)
        self._divide()
        self.updateGeometry()

    def _in_order(self, pairings: list[Pairing]) -> list[str]:
        """Return the titles of the rows, sorted by the column that was clicked; rows without a value come last."""
        titles = list(dict.fromkeys(row.title for pairing in pairings for row in pairing.rows))
        header = self.horizontalHeader()
        column, falling = header.sortIndicatorSection(), header.sortIndicatorOrder() == DESCENDING
        if column == 0:
            return sorted(titles, key=_natural, reverse=falling)
        place, kind = divmod(column - 1, COLUMNS)
        if column < 0 or place >= len(pairings):
            return titles
        pairing = pairings[place]
        values = {row.title: _values(row, pairing.hardened)[kind] for row in pairing.rows if row.paired is not None}
        known = sorted((title for title in titles if title in values), key=values.__getitem__, reverse=falling)
        return [*known, *(title for title in titles if title not in values)]

    def sizeHint(self) -> QSize:
        """Return a height with room for up to `ROWS` rows; with less room, the view around this table scrolls."""
        rows = min(self.rowCount(), ROWS) * self.verticalHeader().defaultSectionSize()
        around = self.horizontalHeader().sizeHint().height() + self.horizontalScrollBar().sizeHint().height()
        return QSize(super().sizeHint().width(), around + rows + 2 * self.frameWidth())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the whole width."""
        super().resizeEvent(event)
        self._divide()

    def _divide(self) -> None:
        """Stretch the last column where there is room; where there is not, it keeps what its names need."""
        header = self.horizontalHeader()
        last = self.columnCount() - 1
        needed = header.length() - header.sectionSize(last) + header.sectionSizeHint(last)
        needed += max(self.sizeHintForColumn(last) - header.sectionSizeHint(last), 0)
        header.setStretchLastSection(needed <= self.viewport().width())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the selected rows on Ctrl+C, with each number in its own column; sort by the column on Ctrl+Enter."""
        if event.modifiers() & CONTROL and event.key() in ENTER:
            sort_next(self.horizontalHeader(), max(self.currentColumn(), 0))
        elif event.matches(QKeySequence.StandardKey.Copy):
            titles = {index.data() for index in self.selectionModel().selectedRows()}
            lines = [columns_of(self.shown[1]), *(line for line in numbers_of(*self.shown) if line[0] in titles)]
            QApplication.clipboard().setText("\n".join("\t".join(map(str, line)) for line in lines))
        else:
            super().keyPressEvent(event)

    def _fill(self, y: int, x: int, row: PairRow, names: tuple[str, str], hardened: bool) -> None:
        paired = row.paired
        if paired is None:
            self._put(y, x, "–", row.problem)
            reason = self._put(y, x + 1, f"not compared: {row.reason}", row.problem)
            reason.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            reason.setSizeHint(QSize(0, 0))  # elide it rather than widen its column
            self.setSpan(y, x + 1, 1, COLUMNS - 1)
            return
        tip = f"p = {paired.p_value:.2g}" if row.noise is None else row.noise.said(*names)
        if row.taken is not None and (too := row.taken.said(*names)):
            tip += f"\n{too}"
        first, second, compared = row.texts
        own, other = (first, second) if hardened else (second, first)
        self._put(y, x, own, tip)
        self._put(y, x + 1, other, tip)
        difference = self._put(y, x + 2, f"{compared} {LITTLE}" if row.says_little else compared, tip)
        self._put(y, x + 3, f"{paired.count:,}", tip)
        name = self._put(y, x + 4, better(row, *brief(names)), tip)
        name.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        if row.sign:
            difference.setForeground(tone_colour(self.palette(), GOOD if row.sign > 0 else BAD))
            name.setFont(scaled(self.font(), 1.0, bold=True))

    def _put(self, y: int, x: int, text: str, tip: str = "") -> QTableWidgetItem:
        item = QTableWidgetItem(text)
        item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
        item.setToolTip(plain(tip))
        self.setItem(y, x, item)
        return item


def _headers(
    own: str, pairings: list[Pairing], called: Callable[[Sequence[str]], list[str]], first_title: str
) -> list[str]:
    """Return the titles of the columns; `called` turns names of networks into those to show."""
    if not pairings:
        return []
    mine, *others = called([own, *(pairing.model for pairing in pairings)])
    headers = [first_title]
    for name, pairing in zip(others, pairings, strict=True):
        first, second = called(pairing.names(own))
        headers += [f"{mine} (%)", f"{name} (%)", f"{second} minus {first} (points)", "images", "better"]
    return headers


def _natural(title: str) -> list[tuple[int, float, str]]:
    """Return the key by which a title is sorted: words by their letters, numbers by their size."""
    parts = re.split(r"(\d+(?:\.\d+)?)", title)
    return [(1, 0.0, part.casefold()) if n % 2 == 0 else (0, float(part), "") for n, part in enumerate(parts)]


def _values(row: PairRow, hardened: bool) -> tuple[float, ...]:
    """Return the values by which a compared row is sorted, one for each of its COLUMNS."""
    paired = row.paired
    assert paired is not None
    own, other = (paired.first, paired.second) if hardened else (paired.second, paired.first)
    return own, other, paired.value, paired.count, row.sign
