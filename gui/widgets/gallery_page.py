"""All images of a run as thumbnails that can be sorted and filtered; thousands scroll smoothly."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QListView, QSlider, QWidget

from tfstab.errors import InputError
from tfstab.gui.commands import Offers
from tfstab.gui.content.gallery import ABOUT_CLEAN, Gallery
from tfstab.gui.content.predictions import class_label
from tfstab.gui.content.viewpoint import State
from tfstab.gui.sessions.lazy_pictures import LazyPictures
from tfstab.gui.widgets.empty_hint import EmptyHint
from tfstab.gui.widgets.gallery_model import CLEAN, GalleryModel
from tfstab.gui.widgets.layouts import FlowLayout, fill_column, labelled
from tfstab.gui.widgets.thumbnails import THUMBNAIL
from tfstab.gui.widgets.view import View
from tfstab.gui.widgets.view_keys import keep_arrows, only_takes_focus, passes_on

SMALLEST, LARGEST = 40, 200  # sides of a thumbnail, in screen pixels
BATCH = 2000  # cells that Qt lays out at once


class GalleryPage(View, QWidget):
    """Controls and thumbnails of a gallery.

    Signals
    -------
    chosen : int
        Index of the image that was clicked.
    """

    chosen = Signal(int)

    def __init__(self, degraded: LazyPictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gallery = Gallery()
        self._image: int | None = None
        self._following = False
        self._asked: Mapping[str, Any] | None = None  # a state to restore once there are images
        self.model = GalleryModel(degraded, self)
        self.list = _List(self.model)
        self.empty = EmptyHint(self.list, self._why_empty)
        self.sorting = _box("Sort images by")
        self.classes = _box("Class of images")
        self.predicted = _box("Predicted class of images")
        self.predicted.setToolTip("Only images that are taken for this class, which comes second in their captions")
        self.only = _box("Subset of images")
        self.showing = _box("Images shown")
        self.showing.setToolTip("Clean images, or a degraded copy of each that is misclassified, if there is one")
        self.side = QSlider(Qt.Orientation.Horizontal)
        self.side.setAccessibleName("Size of images")
        self.side.setToolTip("Size of images")
        self.side.setRange(SMALLEST, LARGEST)
        self.side.setValue(THUMBNAIL)
        self.side.setMaximumWidth(120)
        keep_arrows(self.side)
        self.descending = QCheckBox("descending")
        self.count = QLabel()
        self.count.setAccessibleName("Images shown")
        self._arrange()
        self.sorting.currentIndexChanged.connect(self._sort)
        for box in (self.classes, self.predicted, self.only):
            box.currentIndexChanged.connect(self._update)
        self.descending.toggled.connect(self._update)
        self.showing.currentIndexChanged.connect(self._show_kind)
        self.side.valueChanged.connect(self._resize)
        degraded.arrived.connect(self.list.viewport().update)
        self.list.selectionModel().currentChanged.connect(self._choose)
        self.list.released.connect(self._choose_current)

    def first(self) -> QWidget:
        """Return the list of images."""
        return self.list

    def offers(self) -> Offers:
        """Return the commands that go to the images before and after the chosen one in this order."""
        return {"next": partial(self._step, 1), "previous": partial(self._step, -1)}

    def set_gallery(self, gallery: Gallery) -> None:
        """Show another gallery, sorted and filtered as before."""
        first = not len(self._gallery)
        self._gallery = gallery
        names, scored = gallery.names, gallery.clean or gallery
        present = np.unique(np.concatenate([gallery.class_index, scored.class_index]))
        if first or self.classes.count() != len(present) + 1:
            _fill(self.classes, [("all", None), *((class_label(int(k), names), int(k)) for k in present)])
        if first:
            _fill(self.predicted, [("all", None), *((name, k) for k, name in enumerate(names))])
            _fill(self.sorting, [(key.title, n) for n, key in enumerate(gallery.keys)])
            _fill(self.showing, [("clean", CLEAN), *((f"degraded, {title}", k) for title, k in gallery.degraded)])
        self._fill_only(gallery)
        self._update()
        if self._asked is not None:
            asked, self._asked = self._asked, None
            with suppress(InputError):  # a subset or order that this run does not have: all images stay in view
                self.restore(asked)

    def _fill_only(self, gallery: Gallery) -> None:
        """Offer the subsets of a gallery; the chosen one stays if there is still such a subset."""
        chosen, subsets = self.only.currentText(), [("all", None), *((t, n) for n, (t, _) in enumerate(gallery.only))]
        if [self.only.itemText(n) for n in range(self.only.count())] != [title for title, _ in subsets]:
            _fill(self.only, subsets)
            self.only.blockSignals(True)
            self.only.setCurrentIndex(max(self.only.findText(chosen), 0))
            self.only.blockSignals(False)

    def viewpoint_state(self) -> dict[str, Any]:
        """Return which images are shown, how they are sorted, and how large they are."""
        if not len(self._gallery):
            return {} if self._asked is None else dict(self._asked)
        choices = {name: box.currentText() for name, box in self._named().items()}
        shown = {"class": self.classes.currentData(), "predicted": self.predicted.currentData()}
        shown["descending"] = self.descending.isChecked()
        return {"gallery": {**choices, **shown, "size": self.side.value()}}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Choose the same again, once there are images; what is absent stays."""
        if "gallery" not in state:
            return
        if not len(self._gallery):
            self._asked = {"gallery": state["gallery"]}
            return
        chosen = State(state).inner("gallery")
        known = {name: [box.itemText(n) for n in range(box.count())] for name, box in self._named().items()}
        places = {
            name: texts.index(chosen.one_of(name, texts, self._named()[name].currentText()))
            for name, texts in known.items()
        }
        boxes = {"class": self.classes, "predicted": self.predicted}
        data = {name: [box.itemData(n) for n in range(box.count())] for name, box in boxes.items()}
        of_class = {
            name: data[name].index(chosen.one_of(name, data[name], box.currentData())) for name, box in boxes.items()
        }
        size = chosen.number("size", self.side.value(), SMALLEST, LARGEST)
        descending = chosen.flag("descending", False) if "descending" in chosen else None
        for name, place in places.items():
            self._named()[name].setCurrentIndex(place)
        for name, place in of_class.items():
            boxes[name].setCurrentIndex(place)
        if descending is not None:  # otherwise in the direction that suits the order
            self.descending.setChecked(descending)
        self.side.setValue(round(size))

    def _named(self) -> dict[str, QComboBox]:
        return {"sort": self.sorting, "only": self.only, "images": self.showing}

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

    def _why_empty(self) -> str:
        if not len(self._gallery):
            return "Reading the images…"
        return "No image here. Choose “all” under Class, Predicted and Show to see every image."

    def _arrange(self) -> None:
        controls = QWidget()
        flow = FlowLayout(controls, spacing=12)
        flow.setContentsMargins(8, 2, 8, 2)
        for part in (
            labelled("Sort by:", self.sorting),
            self.descending,
            labelled("Class:", self.classes),
            labelled("Predicted:", self.predicted),
            labelled("Show:", self.only),
            labelled("Images:", self.showing),
            labelled("Size:", self.side),
            self.count,
        ):
            flow.addWidget(part)
        fill_column(self, controls, self.list)

    def _show_kind(self) -> None:
        self.model.severity = self.showing.currentData()
        self._update()

    def _resize(self, size: int) -> None:
        self.model.size = size
        self.list.divide()

    def _sort(self) -> None:
        key = self.sorting.currentData()
        if key is not None:
            self.descending.blockSignals(True)
            self.descending.setChecked(self._gallery.keys[key].descending)
            self.descending.blockSignals(False)
        self._update()

    def _update(self) -> None:
        # Ten thousand images take a millisecond, so this needs no worker thread.
        gallery = self._gallery
        if self.showing.currentData() == CLEAN:
            gallery = (gallery.clean if self.only.currentText() in ABOUT_CLEAN else gallery.undegraded) or gallery
        key = self.sorting.currentData() or 0
        kept, predicted = (self.classes.currentData(), self.only.currentData()), self.predicted.currentData()
        places = gallery.select(*kept, key, self.descending.isChecked(), predicted)
        other = gallery is not self.model.gallery
        self.model.show_places(gallery, places)
        if other:
            self.list.divide()  # its names may need more room
        cards = "" if gallery.with_card is None else f", {gallery.with_card[places].sum():,} with a card"
        self.count.setText(f"{len(places):,} of {len(gallery):,} shown{cards}")
        self.mark(self._image)

    def _step(self, by: int) -> None:
        """Choose the image so many places on; the first one if none is chosen."""
        row, last = self.model.row_of(self._image), self.model.rowCount() - 1
        if last >= 0:
            self.list.setCurrentIndex(self.model.index(0 if row is None else min(max(row + by, 0), last)))

    def _choose(self, current: QModelIndex) -> None:
        if current.isValid() and not self._following and not self.list.held:
            self._image = int(self.model.gallery.image[self.model.places[current.row()]])
            self.chosen.emit(self._image)

    def _choose_current(self) -> None:
        current = self.list.currentIndex()
        if current.isValid() and current.row() != self.model.row_of(self._image):
            self._choose(current)


class _List(QListView):
    """The thumbnails, in as many columns as fit.

    Attributes
    ----------
    held : bool
        Whether a mouse button is down. Nothing is chosen then: the panel of a chosen image may come into view and move
        the thumbnails, so that another one would lie under the mouse.

    Signals
    -------
    released
        The mouse button is up again.
    """

    released = Signal()

    def __init__(self, model: GalleryModel) -> None:
        super().__init__()
        self._model, self.held = model, False
        self.setModel(model)
        self.setAccessibleName("Images of this run")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(BATCH)
        self.setUniformItemSizes(True)
        # Always on: if it came and went, the number of columns would change.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Divide the width evenly among as many columns as fit."""
        self.divide()
        super().resizeEvent(event)

    def divide(self) -> None:
        """Divide the width evenly among as many columns of the model's cells as fit."""
        cell, width = self._model.cell, self.viewport().width() - 2
        self.setIconSize(QSize(self._model.size, self._model.size))
        self.setGridSize(QSize(width // max(1, width // cell.width()), cell.height()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Note that the button is down."""
        self.held = True
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Note that it is up."""
        super().mouseReleaseEvent(event)
        self.held = False
        self.released.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the keyboard focus without selecting an image."""
        if not only_takes_focus(self, event):
            super().focusInEvent(event)

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


def _fill(box: QComboBox, entries: Sequence[tuple[str, int | str | None]]) -> None:
    """Replace the entries, (text, data) each, without emitting signals."""
    box.blockSignals(True)
    box.clear()
    for text, data in entries:
        box.addItem(text, data)
    box.blockSignals(False)
