"""The images that a running search works on, with their present noise."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from tfstab.gui.jobs.live import LiveImage
from tfstab.gui.widgets.view_keys import passes_on

COLUMNS = ("Image", "Class", "Gen.", "Noise")
WIDTH = 200

Index = QModelIndex | QPersistentModelIndex


class LiveModel(QAbstractTableModel):
    """classes: the actual class of each image, in words."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.images: list[LiveImage] = []
        self.classes: dict[int, str] = {}

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.images)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        live = self.images[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (str(live.image), self.classes.get(live.image, ""), str(live.generation), live.state)[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"Image {live.image}, class {self.classes.get(live.image, '')}: {live.state}"
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in (0, 2):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def show_images(self, images: list[LiveImage]) -> None:
        """Show these; the view keeps its place where they are those shown before."""
        if [live.image for live in images] == [live.image for live in self.images]:
            self.images = images
            if images:
                self.dataChanged.emit(self.index(0, 0), self.index(len(images) - 1, len(COLUMNS) - 1))
            return
        self.beginResetModel()
        self.images = images
        self.endResetModel()


class LiveList(QTableView):
    """`chosen` tells the image that is selected by hand."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = LiveModel(self)
        self.setModel(self.table)
        self.setAccessibleName("Images in work")
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
        """Show the images in work, the watched one selected."""
        self._following = True
        self.table.show_images(images)
        row = next((k for k, live in enumerate(images) if live.image == watched), None)
        if row is not None and row != self.currentIndex().row():
            self.setCurrentIndex(self.table.index(row, 0))
        self._following = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not passes_on(event):
            super().keyPressEvent(event)

    def _choose(self, current: QModelIndex) -> None:
        if current.isValid() and not self._following:
            self.chosen.emit(self.table.images[current.row()].image)
