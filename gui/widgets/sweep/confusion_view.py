"""The confusion matrix of a sweep; clicking a cell lists its images."""

from collections.abc import Callable
from html import escape

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent
from PySide6.QtWidgets import QHeaderView, QLabel, QSplitter, QTableView, QWidget

from tfstab.gui.content.confusion import Confusion
from tfstab.gui.content.predictions import class_label
from tfstab.gui.theme import is_dark
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.model_index import Index
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.view_keys import chooses, keep_arrows, passes_on
from tfstab.metrics import ClassMetrics

MOST_NAMED = 12  # with more columns there is no room for names, so they show class numbers
SMALLEST = 40  # smallest width of a cell, in pixels
Certainty = Callable[[int, int], str]


def _unknown(actual: int, predicted: int) -> str:
    return ""


class ConfusionModel(QAbstractTableModel):
    """Table model of a confusion matrix, restricted to the classes that occur.

    Attributes
    ----------
    counts : ndarray of int64, shape (K, K)
        Counts by true class (rows) and predicted class (columns).
    shares : ndarray, shape (K, K)
        Shares of the true class, as they are shown; images may count equally in them, however many copies each has.
    rows, columns : list of int
        True and predicted classes shown.
    """

    def __init__(self, view: QTableView) -> None:
        super().__init__(view)
        self._view = view
        self.counts = np.zeros((0, 0), np.int64)
        self.shares = np.zeros((0, 0))
        self.rows: list[int] = []
        self.columns: list[int] = []
        self._names: tuple[str, ...] = ()
        self._weighing = ""
        self._clean = False
        self._certainty: Certainty = _unknown

    def set_counts(
        self,
        counts: np.ndarray,
        names: tuple[str, ...],
        shares: np.ndarray | None = None,
        clean: bool = False,
        certainty: Certainty = _unknown,
    ) -> None:
        """Show other counts, with the names of all K classes.

        shares: of the true class, by default computed from the counts. clean: the counts are of clean images; then a
        click shows images only in cells off the diagonal. certainty: returns what the tool tip of a cell (true class,
        predicted class) says of its interval; by default nothing.
        """
        self.beginResetModel()
        self._certainty = certainty
        plain_shares = ClassMetrics(counts).shares
        self.counts, self._names, self._clean = counts, names, clean
        self.shares = plain_shares if shares is None else shares
        equal = np.allclose(self.shares, plain_shares, equal_nan=True)
        self._weighing = "" if equal else ", each image counting equally"
        self.rows = np.flatnonzero(counts.any(axis=1)).tolist()
        self.columns = np.flatnonzero(counts.any(axis=0) | counts.any(axis=1)).tolist()
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of true classes shown."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of predicted classes shown."""
        return 0 if parent.isValid() else len(self.columns)

    def cell(self, index: Index) -> tuple[int, int]:
        """Return (true class, predicted class) of a cell."""
        return self.rows[index.row()], self.columns[index.column()]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's percentage, colour, alignment or tool tip."""
        actual, predicted = self.cell(index)
        count = int(self.counts[actual, predicted])
        if role == Qt.ItemDataRole.DisplayRole:
            return percent(float(self.shares[actual, predicted])) if count else ""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        if role == Qt.ItemDataRole.BackgroundRole:
            return self._shade(actual, predicted, count)
        if role == Qt.ItemDataRole.ForegroundRole and count:
            return QBrush(self._view.palette().text().color())
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            share = self.shares[actual, predicted] if count else 0
            pair = f"{self._names[actual]} predicted as {self._names[predicted]}"
            text = f"{pair}: {count:,} ({share:.2%}{self._weighing})"
            if self.leads(index):
                text += "; click to show them in the gallery" if self._clean else "; click to list them"
            lines = [text, *filter(None, [self._certainty(actual, predicted)])]
            return plain("\n".join(lines)) if role == Qt.ItemDataRole.ToolTipRole else ". ".join(lines)
        return None

    def leads(self, index: Index) -> bool:
        """Return True if a click on the cell leads to its images."""
        actual, predicted = self.cell(index)
        return bool(self.counts[actual, predicted]) and not (self._clean and actual == predicted)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the name or number of a class."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        across = orientation == Qt.Orientation.Horizontal
        k = (self.columns if across else self.rows)[section]
        if across and len(self.columns) > MOST_NAMED and role == Qt.ItemDataRole.DisplayRole:
            return str(k)
        name = class_label(k, self._names) if len(self.columns) > MOST_NAMED else self._names[k]
        return plain(name) if role == Qt.ItemDataRole.ToolTipRole else name

    def _shade(self, actual: int, predicted: int, count: int) -> QBrush | None:
        """Return a cell's colour: red for mistakes, grey on the diagonal, none if empty.

        Opacity follows the square root of the share, so that rare mistakes are visible.
        """
        if not count:
            return None
        share = float(self.shares[actual, predicted]) ** 0.5
        dark = is_dark(self._view.palette())
        if actual == predicted:
            return QBrush(QColor(128, 128, 128, round(90 * share)))
        return QBrush(QColor(*((255, 85, 80) if dark else (205, 20, 30)), round(40 + 150 * share)))


class ConfusionView(QTableView):
    """Table view of a confusion matrix: rows are true classes, columns predicted ones.

    Signals
    -------
    chosen : int, int
        True and predicted class of the cell that was clicked.
    """

    chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.matrix = ConfusionModel(self)
        self.setModel(self.matrix)
        self.setAccessibleName("Confusion matrix: true class by predicted class")
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        keep_arrows(self)
        for header, name in ((self.horizontalHeader(), "Predicted classes"), (self.verticalHeader(), "True classes")):
            header.setAccessibleName(name)
            header.setHighlightSections(False)
            header.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names may begin alike
        self.horizontalHeader().setMinimumSectionSize(SMALLEST)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 9)
        self.clicked.connect(self._choose)

    def set_counts(
        self,
        counts: np.ndarray,
        names: tuple[str, ...],
        shares: np.ndarray | None = None,
        clean: bool = False,
        certainty: Certainty = _unknown,
    ) -> None:
        """Show other counts, as `ConfusionModel.set_counts` does."""
        self.matrix.set_counts(counts, names, shares, clean, certainty)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the current cell on Return, and leave Space to the window."""
        if not (chooses(self, event, self._choose) or passes_on(event)):
            super().keyPressEvent(event)

    def _choose(self, index: QModelIndex) -> None:
        if self.matrix.leads(index):
            self.chosen.emit(*self.matrix.cell(index))


class Confusions(QSplitter):
    """The confusion matrices of the compared runs, one below the other.

    Signals
    -------
    chosen : int, int
        True and predicted class of the cell that was clicked in the first matrix.
    """

    chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self.setChildrenCollapsible(False)
        self._wholes: list[QWidget] = []
        self.shown: list[Confusion] = []
        self.titles: list[QLabel] = []
        self.views: list[ConfusionView] = []
        self._add()
        self.views[0].chosen.connect(self.chosen)

    def set_runs(self, confusions: list[Confusion], clean: bool = False) -> None:
        """Show the confusion matrices of the first run and of the others. clean: they are of the clean images."""
        self.shown = confusions
        while len(self.views) < len(confusions):
            self._add()
            self.setSizes([self.height()] * self.count())
        for n, (title, view) in enumerate(zip(self.titles, self.views, strict=True)):
            used = n < len(confusions)
            self._wholes[n].setVisible(used)
            title.setVisible(len(confusions) > 1)
            if used:
                title.setText(f"<b>{escape(confusions[n].name)}</b>")
                one = confusions[n]
                view.set_counts(one.counts, one.classes, one.shares, clean, one.certainty)

    def _add(self) -> None:
        title, view, whole = QLabel(), ConfusionView(), QWidget()
        fill_column(whole, title, view)
        self.titles.append(title)
        self.views.append(view)
        self._wholes.append(whole)
        self.addWidget(whole)


def percent(share: float) -> str:
    """Format a share as a percentage in a few characters: "38", "3.2", "0.0"."""
    value = 100 * share
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}"
