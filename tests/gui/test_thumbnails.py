"""Thumbnails: how they are scaled, how many are kept, and where a cell paints them."""

import numpy as np
from PySide6.QtCore import QItemSelectionModel, QPoint, QSize
from PySide6.QtGui import QIcon, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QListView

from tfstab.gui.widgets.thumbnails import PICTURES, PicturesDelegate, Thumbnails, centred, pixmap, thumbnail


def levels(made):
    """Return the grey levels of a pixmap's first row."""
    image = made.toImage()
    return [image.pixelColor(x, 0).red() for x in range(image.width())]


def test_enlarged_pixels_stay_sharp_and_reduced_ones_are_averaged(qapp):
    wide = np.tile(np.uint8([0, 200]), 4)[None, :, None]
    assert set(levels(pixmap(wide, 40, 1.0))) == {0, 200}
    assert levels(pixmap(wide, 8, 1.0)) == [0, 200] * 4
    assert all(40 < level < 160 for level in levels(pixmap(wide, 4, 1.0))), "also where only its width is too large"
    assert pixmap(wide, 4, 2.0).deviceIndependentSize().toTuple() == (4, 0.5)
    assert pixmap(np.zeros((1, 1, 1), np.uint8), 0, 1.0).width() == 1
    colour = pixmap(np.array([[[10.4, 300, -5]]], np.float32), 3, 1.0).toImage().pixelColor(1, 1)
    assert colour.getRgb()[:3] == (10, 255, 0)
    place = centred(pixmap(wide, 40, 2.0), QPoint(50, 60))
    assert place.center() == QPoint(50, 60) and place.size() == QSize(40, 5)
    icon = thumbnail(wide)
    assert icon.pixmap(8, 8, QIcon.Mode.Selected).toImage() == icon.pixmap(8, 8, QIcon.Mode.Normal).toImage()


def test_as_many_thumbnails_are_kept_as_there_is_room_for(qapp):
    made = []

    def ask(cache, key):
        cache.get(key, lambda: made.append(key) or np.zeros((2, 2, 1), np.uint8), 20, 1.0)

    cache = Thumbnails(room=9 * 20 * 20 * 4)
    for _ in range(2):
        for key in range(9):
            ask(cache, key)
    assert made == list(range(9))
    ask(cache, 9)
    ask(cache, 1)
    ask(cache, 0)
    assert made == [*range(9), 9, 0], "the tenth took the place of the first"
    cache.clear()
    made.clear()
    for _ in range(2):
        for key in range(9):
            ask(cache, key)
    assert made == list(range(9)), "a cleared cache has room again"
    small = Thumbnails(room=1)
    made.clear()
    for key in "aabba":
        ask(small, key)
    assert made == ["a", "b", "a"], "one is kept, whatever its size"
    image = np.full((2, 2, 1), 7, np.uint8)
    assert small.get("array", image, 20, 1.0).width() == 20


def test_where_pictures_and_their_frames_are_in_a_cell(qapp):
    model, view, item = QStandardItemModel(), QListView(), QStandardItem()
    white = np.full((2, 2, 1), 255, np.uint8)
    item.setData((("white", white), None, None), PICTURES)
    model.appendRow([item])
    model.appendRow(QStandardItem())
    view.setModel(model)
    delegate = PicturesDelegate(20, view)
    view.setItemDelegate(delegate)
    view.resize(150, 80)
    assert delegate.room(3).toTuple() == (76, 24) and delegate.sizeHint(None, model.index(1, 0)).toTuple() == (4, 24)
    cell = view.visualRect(model.index(0, 0))
    frame = view.palette().mid().color().rgb()

    def edges():
        """Return where the frame's colour is, relative to the cell."""
        image = view.viewport().grab().toImage()
        spots = {
            (x - cell.left(), y - cell.top())
            for x in range(cell.left() + 26, cell.left() + 78) for y in range(cell.top(), cell.bottom() + 1)
            if image.pixel(x, y) == frame
        }  # fmt: skip
        return image, spots

    image, spots = edges()
    top = (cell.height() - 20) // 2
    for left in (4 + 24, 4 + 48):
        box = {spot for spot in spots if left <= spot[0] < left + 24}
        assert {x for x, _ in box} == set(range(left, left + 20)) and {y for _, y in box} == set(range(top, top + 20))
        assert len(box) == 4 * 19, "only the border"
    view.selectionModel().select(model.index(0, 0), QItemSelectionModel.SelectionFlag.Select)
    image, _ = edges()
    between = image.pixelColor(cell.left() + 25, cell.center().y())
    assert between != view.palette().base().color(), "a selected cell has the background of one"
    assert image.pixelColor(cell.left() + 14, cell.center().y()).red() == 255, "its pictures are not tinted"
