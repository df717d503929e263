"""All images of a run as thumbnails that can be sorted and filtered; thousands scroll smoothly."""

from functools import lru_cache
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QListView, QWidget

from tfstab.gui.content.gallery import Gallery
from tfstab.gui.content.triple import class_label
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.run_page import View
from tfstab.gui.widgets.thumbnails import THUMBNAIL, thumbnail
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.view_keys import passes_on

CELL = QSize(100, 98)
KEPT = 2048  # thumbnails in the cache, about 100 MB
BATCH = 2000  # cells that Qt lays out at once

Index = QModelIndex | QPersistentModelIndex


class GalleryModel(QAbstractListModel):
    """List model of a gallery; `places` are the positions of the images shown, in order."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.gallery = Gallery()
        self.places: np.ndarray = np.empty(0, np.intp)
        self._icon = lru_cache(KEPT)(self._make_icon)

    def show_places(self, gallery: Gallery, places: np.ndarray) -> None:
        """Show these images of the gallery."""
        self.beginResetModel()
        if gallery is not self.gallery:
            self._icon.cache_clear()
        self.gallery, self.places = gallery, places
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of images shown."""
        return 0 if parent.isValid() else len(self.places)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return an image's caption, thumbnail, size or tool tip."""
        place = int(self.places[index.row()])
        if role == Qt.ItemDataRole.DisplayRole:
            return self.gallery.caption(place)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icon(place)
        if role == Qt.ItemDataRole.SizeHintRole:
            return CELL
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            tip = self.gallery.tip(place)
            return plain(tip) if role == Qt.ItemDataRole.ToolTipRole else tip
        return None

    def row_of(self, image: int | None) -> int | None:
        """Return the row that shows the image with this index; None if it is not shown."""
        rows = np.flatnonzero(self.gallery.image[self.places] == (-1 if image is None else image))
        return int(rows[0]) if len(rows) else None

    def _make_icon(self, place: int) -> Any:
        return thumbnail(self.gallery.picture(place))


class GalleryPage(View, QWidget):
    """Controls and thumbnails of a gallery.

    Signals
    -------
    chosen : int
        Index of the image that was clicked.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gallery = Gallery()
        self._image: int | None = None
        self._following = False
        self.model = GalleryModel(self)
        self.list = _List()
        self.list.setModel(self.model)
        self.sorting = _box("Sort images by")
        self.classes = _box("Class of images")
        self.only = _box("Subset of images")
        self.descending = QCheckBox("descending")
        self.count = QLabel()
        self.count.setAccessibleName("Images shown")
        self._arrange()
        self.sorting.currentIndexChanged.connect(self._sort)
        for box in (self.classes, self.only):
            box.currentIndexChanged.connect(self._update)
        self.descending.toggled.connect(self._update)
        self.list.selectionModel().currentChanged.connect(self._choose)

    def first(self) -> QWidget:
        """Return the list of images."""
        return self.list

    def set_gallery(self, gallery: Gallery) -> None:
        """Show another gallery, sorted and filtered as before."""
        first = not len(self._gallery)
        self._gallery = gallery
        names, present = gallery.names, np.unique(gallery.class_index)
        if first or self.classes.count() != len(present) + 1:
            _fill(self.classes, [("all", None), *((class_label(int(k), names), int(k)) for k in present)])
        if first:
            _fill(self.sorting, [(key.title, n) for n, key in enumerate(gallery.keys)])
            _fill(self.only, [("all", None), *((title, n) for n, (title, _) in enumerate(gallery.only))])
        self._update()

    def mark(self, image: int | None) -> None:
        """Make this image the current one, without emitting `chosen`."""
        self._image = image
        row = self.model.row_of(image)
        self._following = True
        if row is None:
            self.list.selectionModel().clear()
        elif row != self.list.currentIndex().row():
            self.list.setCurrentIndex(self.model.index(row))
        self._following = False

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(8, 4, 8, 2)
        for text, box in (("Sort by:", self.sorting), ("Class:", self.classes), ("Show:", self.only)):
            label = QLabel(text)
            label.setBuddy(box)
            top.addWidget(label)
            top.addWidget(box)
            if box is self.sorting:
                top.addWidget(self.descending)
            top.addSpacing(6)
        top.addStretch(1)
        top.addWidget(self.count)
        fill_column(self, top, self.list)

    def _sort(self) -> None:
        key = self.sorting.currentData()
        if key is not None:
            self.descending.blockSignals(True)
            self.descending.setChecked(self._gallery.keys[key].descending)
            self.descending.blockSignals(False)
        self._update()

    def _update(self) -> None:
        # Ten thousand images take a millisecond, so this needs no worker thread.
        gallery, key = self._gallery, self.sorting.currentData() or 0
        places = gallery.select(self.classes.currentData(), self.only.currentData(), key, self.descending.isChecked())
        self.model.show_places(gallery, places)
        self.count.setText(f"{len(places):,} of {len(gallery):,} shown")
        self.mark(self._image)

    def _choose(self, current: QModelIndex) -> None:
        if current.isValid() and not self._following:
            self._image = int(self.model.gallery.image[self.model.places[current.row()]])
            self.chosen.emit(self._image)


class _List(QListView):
    """The thumbnails, in as many columns as fit."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Images of this run")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(BATCH)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(THUMBNAIL, THUMBNAIL))
        # Always on: if it came and went, the number of columns would change.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Divide the width evenly among as many columns as fit."""
        width = self.viewport().width() - 2
        self.setGridSize(QSize(width // max(1, width // CELL.width()), CELL.height()))
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Space to the window."""
        if not passes_on(event):
            super().keyPressEvent(event)


def _box(name: str) -> QComboBox:
    """Make an empty drop-down list with this accessible name."""
    box = QComboBox()
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    return box


def _fill(box: QComboBox, entries: list[tuple[str, int | None]]) -> None:
    """Replace the entries, (text, data) each, without emitting signals."""
    box.blockSignals(True)
    box.clear()
    for text, data in entries:
        box.addItem(text, data)
    box.blockSignals(False)
