"""Tables, galleries and an image alone: widths, rows, keys, and what is selected."""

import numpy as np
import pytest
from doubles import Held
from PySide6.QtCore import QEvent, QItemSelectionModel, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QToolTip

from tfstab.gui.content.gallery import Gallery, SortKey
from tfstab.gui.sessions.lazy_pictures import LazyPictures
from tfstab.gui.widgets.array_model import ArrayModel, Column, decimals, whole
from tfstab.gui.widgets.array_table import ArrayTable
from tfstab.gui.widgets.colour_scale import ColourScale
from tfstab.gui.widgets.gallery_page import GalleryPage
from tfstab.gui.widgets.image_pane import ImagePane
from tfstab.gui.widgets.thumbnails import PicturesDelegate


def pressed(key, modifiers=Qt.KeyboardModifier.NoModifier):
    return QKeyEvent(QEvent.Type.KeyPress, key, modifiers)


def table_of(rows=6, **settings):
    model = ArrayModel()
    values = np.arange(rows, dtype=float)
    model.set_columns(
        [
            Column("a", "A", values, decimals(1)),
            Column("b", "B", (values - 2) ** 2, whole),
            Column("c", "C", values, whole),
        ]
    )
    return ArrayTable(model, "table", **settings), model


def test_columns_share_the_width_that_they_do_not_need(show):
    table, _ = table_of()
    usual = table.columnWidth(0)

    def widths():
        return [table.columnWidth(column) for column in (0, 2)]

    table.setColumnHidden(1, True)
    table.fit_columns()
    assert widths() == [usual, usual], "what is hidden is not measured"
    show(table, 60)
    needed = widths()
    assert sum(needed) > table.viewport().width() > 0 and needed[0] != usual
    for width in (400, 301):
        table.resize(width, 300)
        spare = (table.viewport().width() - sum(needed)) // 2
        assert widths() == [needed[0] + spare, needed[1] + spare] and spare > 20 and table.columnWidth(1) == 0
    table.setColumnWidth(2, 77)
    before = widths()
    table.resize(500, 300)
    assert widths() == before, "the user has changed them"
    table.fit_columns()
    assert sum(widths()) in (table.viewport().width(), table.viewport().width() - 1)
    table.hide()
    table.array.set_columns([Column("a", "A", np.array([1e30]), decimals(9)), *table.array.columns[1:]])
    table.fit_columns()
    narrow = widths()[0]
    table.show()
    assert widths()[0] > narrow + 100, "they are fitted when the table is shown"
    alone, _ = table_of()
    show(alone, 900)
    assert [alone.columnWidth(column) for column in range(3)] == [usual] * 3, "nobody has asked for it"
    alone.resize(900, 60)
    assert alone.verticalScrollBar().maximum() > 0
    for column in (0, 2):
        alone.setColumnHidden(column, True)
    alone.fit_columns()
    assert alone.columnWidth(1) == alone.viewport().width(), "a single column gets all"


def test_rows_of_a_table_are_numbered_sorted_and_copied(show, qapp):
    table, model = table_of(1000, own_sorting=True)
    show(table)
    letter = table.fontMetrics().horizontalAdvance("0000") + 12
    assert table.verticalHeader().sizeHint().width() == letter and ArrayTable(ArrayModel(), "").verticalHeader()
    flags, choice = QItemSelectionModel.SelectionFlag.Select, table.selectionModel()
    rows = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    for row in (5, 1, 2):
        choice.select(model.index(row, 0), rows)
    choice.select(model.index(7, 1), flags)  # a cell is no row
    assert list(table.selected_rows()) == [1, 2, 5]
    table.keyPressEvent(pressed(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier))
    assert qapp.clipboard().text() == "A\tB\tC\n1.0\t1\t1\n2.0\t0\t2\n5.0\t9\t5"
    table.setCurrentIndex(model.index(0, 0))
    for key, row in ((Qt.Key.Key_Down, 1), (Qt.Key.Key_Space, 1)):
        event = pressed(key)
        table.keyPressEvent(event)
        assert table.currentIndex().row() == row and event.isAccepted() == (key == Qt.Key.Key_Down)
    model.sort(1, Qt.SortOrder.DescendingOrder)
    assert model.rows[:2].tolist() == [999, 998]
    model.sort(1)
    assert model.rows[:4].tolist() == [2, 1, 3, 0] or model.rows[:4].tolist() == [2, 3, 1, 0]
    model.sort(-1)
    assert model.rows.tolist() == list(range(1000)), "the third click on a title restores the order"
    table.setCurrentIndex(model.index(0, 0))
    for key, column in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Right, 2), (Qt.Key.Key_Right, 2), (Qt.Key.Key_Left, 1)):
        table.keyPressEvent(pressed(key, Qt.KeyboardModifier.ControlModifier))
        assert (table.currentIndex().row(), table.currentIndex().column()) == (0, column)
    for first in (2, 999, 0):
        table.keyPressEvent(pressed(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier))
        assert model.rows[0] == first, "rising, falling, and as before"
    other, unsorted = table_of()
    unsorted.sort(1, Qt.SortOrder.DescendingOrder)
    assert unsorted.rows.tolist() == list(range(6)) and other.array is unsorted


def test_a_cell_that_is_shortened_has_its_text_as_a_tip(show):
    table, model = table_of()
    name = "a class with a long name"
    model.set_columns([Column("n", "N", np.arange(6), lambda value: name if value else "b", right=False)])
    show(table)
    table.setColumnWidth(0, 60)
    for row, tip in ((0, ""), (1, name)):
        where = table.visualRect(model.index(row, 0)).center()
        QApplication.sendEvent(table.viewport(), QHelpEvent(QEvent.Type.ToolTip, where, table.mapToGlobal(where)))
        assert QToolTip.text() == tip


def test_pictures_in_a_table(show):
    table, model = table_of()
    show(table)
    high = table.verticalHeader().defaultSectionSize()
    picture = np.zeros((2, 2, 1), np.uint8)
    shown = Column("p", "P", np.arange(6), whole, pictures=lambda value: ((value, picture), None))
    model.set_columns([model.columns[0], shown])
    table.show_pictures()
    delegate = table.itemDelegateForColumn(1)
    assert isinstance(delegate, PicturesDelegate) and table.itemDelegateForColumn(0) is None
    assert table.verticalHeader().defaultSectionSize() == 36 > high and table.columnWidth(1) == 2 * 36 + 4
    usual = table.columnWidth(0)
    model.set_columns([shown, model.columns[0]])
    table.show_pictures()
    assert table.itemDelegateForColumn(0) is delegate and table.itemDelegateForColumn(1) is None
    assert table.columnWidth(0) == 76 != usual and table.text([2]) == "A\n2.0"


@pytest.fixture
def gallery(show):
    pictures = LazyPictures(Held(), lambda key: np.zeros((2, 2, 1), np.uint8))
    page = show(GalleryPage(pictures), 500, 400)
    page.lazy = pictures
    return page


def images(classes, names=("cat", "dog")):
    count = len(classes)
    numbers = np.arange(count) * 10
    return Gallery(
        image=numbers, class_index=np.array(classes), pictures=[np.zeros((2, 2, 1), np.uint8)] * count,
        rows=np.arange(count), keys=(SortKey("index", numbers), SortKey("from the last", numbers, True)),
        only=(("first two", np.arange(count) < 2),), names=names, predicted=np.full(count, -1),
        outcome=("",) * count, degraded=(("at 5", 0),),
    )  # fmt: skip


def test_a_gallery_has_as_many_columns_as_fit(gallery):
    gallery.set_gallery(images([0, 1, 0]))
    cell = gallery.model.cell
    beside = gallery.width() - gallery.list.viewport().width()
    for room, columns in ((3 * cell.width(), 3), (3 * cell.width() - 1, 2), (4 * cell.width() - 1, 3)):
        gallery.list.setFixedWidth(room + 2 + beside)
        QApplication.processEvents()
        grid = gallery.list.gridSize()
        assert (grid.width(), grid.height()) == (room // columns, cell.height())
    gallery.list.setFixedWidth(30 + beside)
    QApplication.processEvents()
    assert gallery.list.gridSize().width() == 28
    before = gallery.list.gridSize().height()
    gallery.side.setValue(100)
    assert gallery.model.size == gallery.list.iconSize().width() == gallery.list.iconSize().height() == 100
    assert gallery.list.gridSize().height() == before + 44


def test_what_a_gallery_shows_and_selects(gallery):
    chosen = []
    gallery.chosen.connect(chosen.append)
    assert gallery.empty.text() == "Reading the images…" and gallery.viewpoint_state() == {}
    gallery.set_gallery(images([0, 1, 0, 1]))

    def shown():
        return gallery.model.gallery.image[gallery.model.places].tolist()

    assert shown() == [0, 10, 20, 30] and gallery.count.text() == "4 of 4 shown" and chosen == []
    gallery.mark(10)
    assert gallery.list.currentIndex().row() == 1 and chosen == []
    gallery.list.setCurrentIndex(gallery.model.index(2))
    assert chosen == [20]
    gallery.sorting.setCurrentIndex(1)
    assert shown() == [30, 20, 10, 0] and gallery.descending.isChecked() and gallery.list.currentIndex().row() == 1
    gallery.descending.setChecked(False)
    assert shown() == [0, 10, 20, 30]
    gallery.classes.setCurrentIndex(gallery.classes.findData(1))
    assert shown() == [10, 30] and not gallery.list.currentIndex().isValid() and gallery.count.text() == "2 of 4 shown"
    gallery.only.setCurrentIndex(1)
    assert shown() == [10] and chosen == [20]
    kept = gallery.viewpoint_state()
    gallery.set_gallery(images([0, 1, 0, 1, 1]))
    assert shown() == [10] and gallery.viewpoint_state() == kept, "of more images of the same classes, the same"
    gallery.only.setCurrentIndex(0)
    assert shown() == [10, 30, 40]
    gallery.classes.setCurrentIndex(0)
    assert gallery.list.currentIndex().row() == 2, "the image that was selected is in view again"
    gallery.mark(None)
    assert not gallery.list.currentIndex().isValid()
    gallery.set_gallery(images([0, 1, 2], ("cat", "dog", "ox")))
    assert gallery.classes.count() == 4 and gallery.classes.currentIndex() == 0
    gallery.showing.setCurrentIndex(1)
    assert gallery.model.severity == 0
    gallery.restore({})
    gallery.restore(kept)
    assert gallery.viewpoint_state() == kept and gallery.model.severity == "clean"
    gallery.restore({"gallery": {"size": 99.6}})
    assert gallery.side.value() == 100 and gallery.viewpoint_state()["gallery"] == kept["gallery"] | {"size": 100}
    gallery.set_gallery(images([1, 1, 1], ("cat", "dog")))
    gallery.classes.setCurrentIndex(0)
    gallery.only.setCurrentIndex(0)
    gallery.list.setCurrentIndex(gallery.model.index(0))
    for key, row in ((Qt.Key.Key_Space, 0), (Qt.Key.Key_Right, 1)):
        event = pressed(key)
        gallery.list.keyPressEvent(event)
        assert gallery.list.currentIndex().row() == row and event.isAccepted() == bool(row)


def test_the_next_image_of_a_gallery_is_the_one_beside_in_its_order(gallery):
    chosen, go = [], gallery.offers()
    gallery.chosen.connect(chosen.append)
    go["next"]()
    gallery.set_gallery(images([0, 1, 0, 1]))
    assert chosen == [], "there is none yet"
    gallery.sorting.setCurrentIndex(1)  # from the last
    for name in ("next", "next", "previous", "previous", "next", "next", "next", "next"):
        go[name]()
    assert chosen == [30, 20, 30, 20, 10, 0], "the first at first, and no further than the ends"
    gallery.mark(20)
    go["next"]()
    assert chosen[-1] == 10


def test_an_image_is_chosen_when_the_button_is_up_again(gallery, qtbot):
    """Its panel may move the thumbnails, so that another one would lie under a button that is still down."""
    chosen, view = [], gallery.list.viewport()
    gallery.chosen.connect(chosen.append)
    gallery.set_gallery(images([0, 1, 0, 1]))
    there = [gallery.list.visualRect(gallery.model.index(row)).center() for row in range(2)]
    for at in (there[1], there[1], there[0]):
        qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=at)
        before = list(chosen)
        qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at)
        assert before == chosen[: len(before)] and gallery.list.currentIndex() == gallery.list.indexAt(at)
    assert chosen == [10, 0], "a second click on the same one changes nothing"


def test_an_image_stays_whole_until_a_part_is_asked_for(show, qapp):
    pane = show(ImagePane("Clean", ColourScale(np.zeros((2, 3), np.uint8), ("", "", ""))), 300, 300)
    told = []
    pane.range_changed.connect(told.append)
    pane.fit()
    pane.set_image(np.uint8([[10, 100, 200]]))
    pane.fit()
    assert pane.view.state["limits"]["xLimits"] == [-9, 12] and pane.view.state["limits"]["yLimits"] == [-3, 4]

    def across():
        (left, right), _ = pane.view.viewRange()
        return left, right

    whole = pytest.approx((-0.06, 3.06), abs=0.01)
    assert across() == whole
    pane.resize(500, 420)
    qapp.processEvents()
    assert across() == whole and told == []
    centre = pane.graphics.mapFromScene(pane.view.mapViewToScene(pane.view.viewRect().center()))
    picture = pane.graphics.grab().toImage()
    assert picture.pixelColor(centre).red() == 100
    pane.view.setRange(QRectF(1, 0, 1, 1), padding=0)
    assert len(told) == 1
    pane.resize(300, 300)
    qapp.processEvents()
    assert across()[1] - across()[0] < 2 and len(told) == 1, "a part stays in view"
    pane.fit()
    pane.show_range(QRectF(1, 0, 1, 1))
    count = len(told)
    pane.resize(320, 300)
    qapp.processEvents()
    assert across()[1] - across()[0] < 2 and len(told) == count
    pane.set_image(np.zeros((2, 2, 3), np.uint8))
    pane.fit()
    assert min(high - low for low, high in pane.view.viewRange()) == pytest.approx(2.08, abs=0.01)
