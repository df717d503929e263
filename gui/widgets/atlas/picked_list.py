"""The points that were picked in the atlas, as thumbnails."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from tfstab.gui.background import Background
from tfstab.gui.content.atlas import describe, summary
from tfstab.gui.sessions.atlas import Atlas
from tfstab.gui.widgets.thumbnails import THUMBNAIL, thumbnail
from tfstab.gui.widgets.view_keys import passes_on
from tfstab.gui.widgets.wrapped import SentenceLabel

MOST = 200  # thumbnails
AT_ONCE = 20  # thumbnails made in one go
CELL = QSize(96, 92)


class PickedList(QWidget):
    """Lists an atlas's picked points; hidden while there are none.

    Signals
    -------
    chosen : int
        A point was clicked.
    """

    chosen = Signal(int)

    def __init__(
        self, atlas: Atlas, names: Sequence[str], background: Background, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._atlas, self._names, self._background = atlas, names, background
        self.summary = SentenceLabel()
        self.summary.setTextFormat(Qt.TextFormat.PlainText)  # class names may contain HTML tags
        self.list = _Thumbnails()
        self.list.setAccessibleName("Picked points")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.addWidget(self.summary)
        layout.addWidget(self.list, 1)
        atlas.picked_changed.connect(self._show)
        for signal in (self.list.itemClicked, self.list.itemActivated):
            signal.connect(lambda item: self.chosen.emit(item.data(Qt.ItemDataRole.UserRole)))
        self.hide()

    def _show(self) -> None:
        atlas, points = self._atlas, self._atlas.points
        places = atlas.picked
        self.list.clear()
        self.setVisible(len(places) > 0)
        if points is None or not len(places):
            return
        names = self._names
        more = f". The first {MOST} are shown." if len(places) > MOST else "."
        self.summary.setText(summary(points, places, names) + more)
        for place in places[:MOST].tolist():
            actual, predicted = names[points.actual[place]], names[points.predicted[place]]
            item = QListWidgetItem(f"{actual} → {predicted}" if points.wrong[place] else actual)
            item.setData(Qt.ItemDataRole.UserRole, place)
            item.setSizeHint(CELL)  # before its picture is there
            item.setToolTip(describe(points, place, names, atlas.states))
            self.list.addItem(item)
        self._read(places, 0)

    def _read(self, places: np.ndarray, start: int) -> None:
        """Read the pictures from `start` on, a few at a time."""
        some = places[start : min(start + AT_ONCE, MOST)].tolist()
        if some and places is self._atlas.picked:
            self._background.run(
                lambda: [self._atlas.image(place) for place in some], partial(self._fill, places, start), owner=self
            )

    def _fill(self, places: np.ndarray, start: int, images: list[np.ndarray]) -> None:
        if places is self._atlas.picked:  # no others were picked meanwhile
            for row, image in enumerate(images, start):
                self.list.item(row).setIcon(thumbnail(image))
            self._read(places, start + AT_ONCE)


class _Thumbnails(QListWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setIconSize(QSize(THUMBNAIL, THUMBNAIL))
        self.setGridSize(CELL)
        self.setMinimumWidth(CELL.width() * 2 + 30)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Space to the window."""
        if not passes_on(event):
            super().keyPressEvent(event)
