"""The images that a running search is working on, with the norm of their current noise."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from tfstab.gui.jobs.live import LiveImage
from tfstab.gui.widgets.model_index import Index
from tfstab.gui.widgets.view_keys import passes_on

COLUMNS = ("Image", "Class", "Gen.", "Noise")
WIDTH = 200


class LiveModel(QAbstractTableModel):
    """Table model of the images being searched; `classes` maps an image's index to the name of its true class."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.images: list[LiveImage] = []
        self.classes: dict[int, str] = {}

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of images."""
        return 0 if parent.isValid() else len(self.images)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text or alignment."""
        live = self.images[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (str(live.image), self.classes.get(live.image, ""), str(live.generation), live.state)[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"Image {live.image}, class {self.classes.get(live.image, '')}: {live.state}"
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in (0, 2):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def show_images(self, images: list[LiveImage]) -> None:
        """Show these images; the view does not scroll if they are the same images as before."""
        if [live.image for live in images] == [live.image for live in self.images]:
            self.images = images
            if images:
                self.dataChanged.emit(self.index(0, 0), self.index(len(images) - 1, len(COLUMNS) - 1))
            return
        self.beginResetModel()
        self.images = images
        self.endResetModel()


class LiveList(QTableView):
    """Table of the images being searched.

    Signals
    -------
    chosen : int
        Index of the image that the user has selected.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = LiveModel(self)
        self.setModel(self.table)
        self.setAccessibleName("Images being searched")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        header.setHighlightSections(False)
        self.setMinimumWidth(WIDTH)
        self._following = False
        self.selectionModel().currentRowChanged.connect(self._choose)

    def show_images(self, images: list[LiveImage], watched: int | None) -> None:
        """Show the images being searched and select the watched one."""
        self._following = True
        self.table.show_images(images)
        row = next((k for k, live in enumerate(images) if live.image == watched), None)
        if row is not None and row != self.currentIndex().row():
            self.setCurrentIndex(self.table.index(row, 0))
        self._following = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Space to the window."""
        if not passes_on(event):
            super().keyPressEvent(event)

    def _choose(self, current: QModelIndex) -> None:
        if current.isValid() and not self._following:
            self.chosen.emit(self.table.images[current.row()].image)
