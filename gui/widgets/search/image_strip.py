"""The images of a search as a strip of thumbnails."""

from functools import lru_cache
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QListView, QWidget

from tfstab.gui.content.entry import Entry
from tfstab.gui.content.predictions import class_label
from tfstab.gui.content.stop_reasons import stop_reason
from tfstab.gui.sessions.search_session import SearchSession
from tfstab.gui.widgets.model_index import Index
from tfstab.gui.widgets.thumbnails import THUMBNAIL, thumbnail
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.view import View
from tfstab.gui.widgets.view_keys import only_takes_focus, passes_on

CELL = QSize(104, 98)


class EntriesModel(QAbstractListModel):
    """List model of a session's entries."""

    def __init__(self, session: SearchSession, parent: Any = None) -> None:
        super().__init__(parent)
        self._session = session
        self._entries: list[Entry] = list(session.entries)
        self._icon = lru_cache(512)(lambda entry: thumbnail(entry.clean))
        session.entries_changed.connect(self._reset)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of images."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return an image's caption, thumbnail, size or tool tip."""
        entry = self._entries[index.row()]
        names = self._session.run.class_names
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{names[entry.class_index]} → {names[entry.predicted] if entry.found else '?'}\n{entry.outcome}"
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icon(entry)
        if role == Qt.ItemDataRole.SizeHintRole:
            return CELL
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            actual = class_label(entry.class_index, names)
            end = f"predicted {class_label(entry.predicted, names)}, {entry.amount}"
            end = end if entry.found else "not found"
            text = f"Image {entry.image}: true class {actual}, {end} ({stop_reason(entry.stop_reason)})"
            return plain(text) if role == Qt.ItemDataRole.ToolTipRole else text
        return None

    def _reset(self) -> None:
        self.beginResetModel()
        self._entries = list(self._session.entries)
        self.endResetModel()


class ImageStrip(View, QListView):
    """A strip of thumbnails that selects a session's image."""

    def __init__(self, session: SearchSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._model = EntriesModel(session, self)
        self.setModel(self._model)
        self.setAccessibleName("Images of this search")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(THUMBNAIL, THUMBNAIL))
        self.setGridSize(CELL)
        self.setSpacing(0)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(CELL.height() + self.horizontalScrollBar().sizeHint().height() + 2 * self.frameWidth())
        self.selectionModel().currentChanged.connect(self._select)
        session.selected.connect(self._mark)
        if session.place is not None:
            self._mark(session.place)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the keyboard focus without selecting an image."""
        if not only_takes_focus(self, event):
            super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Space to the window."""
        if not passes_on(event):
            super().keyPressEvent(event)

    def _select(self, current: QModelIndex) -> None:
        if current.isValid():
            self._session.select(current.row())

    def _mark(self, place: int) -> None:
        self.setCurrentIndex(self._model.index(place))
