"""The images of a gallery as a list model."""

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractListModel, QModelIndex, QSize, Qt
from PySide6.QtGui import QFontMetrics, QIcon
from PySide6.QtWidgets import QApplication

from tfstab.gui.content.gallery import ARROW, Gallery
from tfstab.gui.sessions.lazy_pictures import LazyPictures
from tfstab.gui.widgets.model_index import Index
from tfstab.gui.widgets.thumbnails import THUMBNAIL, Thumbnails, as_icon
from tfstab.gui.widgets.tips import plain

AROUND = QSize(44, 42)  # room in a cell for a caption of two lines and between pictures
MARGIN = 8  # pixels beside a caption
CLEAN = "clean"  # what is shown of each image, unless it is the number of one of `Gallery.degraded`


class GalleryModel(QAbstractListModel):
    """List model of a gallery.

    Attributes
    ----------
    places : ndarray of int
        Positions of the images shown, in order.
    degraded : LazyPictures
        Makes degraded images; its keys are (image, severity index or None), as in `Gallery.degraded`.
    size : int
        Side of a thumbnail, in screen pixels.
    severity : int or None or str
        Which degraded images are shown; CLEAN for the clean ones.
    """

    def __init__(self, degraded: LazyPictures, parent: Any = None) -> None:
        super().__init__(parent)
        self.gallery = Gallery()
        self.places: np.ndarray = np.empty(0, np.intp)
        self.degraded = degraded
        self.size = THUMBNAIL
        self.severity: int | str | None = CLEAN
        self._thumbnails = Thumbnails()
        self._metrics = QFontMetrics(QApplication.font())
        self._longest = 0  # pixels, of the names of classes in one line

    def show_places(self, gallery: Gallery, places: np.ndarray) -> None:
        """Show these images of the gallery."""
        self.beginResetModel()
        if gallery is not self.gallery:
            self._thumbnails.clear()
            names = (ARROW.join(classes) for classes in gallery.all_classes)
            self._longest = max(map(self._metrics.horizontalAdvance, names), default=0)
        self.gallery, self.places = gallery, places
        self.endResetModel()

    @property
    def cell(self) -> QSize:
        """Size of a cell."""
        return AROUND + QSize(self.size, self.size + (self._metrics.height() if self._breaks else 0))

    @property
    def _room(self) -> int:
        """The width of a caption, in pixels."""
        return AROUND.width() + self.size - MARGIN

    @property
    def _breaks(self) -> bool:
        """Whether two classes are named in two lines, because in one line some would be cut off."""
        return self._longest > self._room

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of images shown."""
        return 0 if parent.isValid() else len(self.places)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return an image's caption, thumbnail, size or tool tip."""
        place = int(self.places[index.row()])
        if role == Qt.ItemDataRole.DisplayRole:
            return self._caption(place)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icon(place)
        if role == Qt.ItemDataRole.SizeHintRole:
            return self.cell
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            tip = self.gallery.tip(place)
            return plain(tip) if role == Qt.ItemDataRole.ToolTipRole else tip
        return None

    def _caption(self, place: int) -> str:
        """Return the image's caption; a name that is too long for a line is shortened in its middle."""
        if not self._breaks:
            return self.gallery.caption(place)
        first, *rest = self.gallery.classes(place)
        lines = [first, *(f"{ARROW.strip()} {name}" for name in rest)]
        short = (self._metrics.elidedText(line, Qt.TextElideMode.ElideMiddle, self._room) for line in lines)
        return "\n".join([*short, self.gallery.result(place)])

    def row_of(self, image: int | None) -> int | None:
        """Return the row that shows the image with this index; None if it is not shown."""
        rows = np.flatnonzero(self.gallery.image[self.places] == (-1 if image is None else image))
        return int(rows[0]) if len(rows) else None

    def _icon(self, place: int) -> QIcon:
        image, kind = int(self.gallery.image[place]), self.severity
        if kind == CLEAN:
            return as_icon(self._thumbnails.get((image, kind), lambda: self.gallery.picture(place), self.size))
        key = image, kind
        made = self.degraded.get(key)
        return QIcon() if made is None else as_icon(self._thumbnails.get(key, made, self.size))
