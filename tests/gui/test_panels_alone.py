"""The palette and its field, saved views, the guide's contents and pages, and what divides a page, each alone."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from painting_in_words import Recorder
from PySide6.QtCore import QObject, QPoint, QRect, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QColor, QPalette, QTextFormat
from PySide6.QtWidgets import QListWidgetItem, QStyleOptionViewItem, QWidget

from tfstab import guide
from tfstab.errors import DiskError
from tfstab.gui.content.saved_views import SavedView
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.widgets.guide.browser import GuideBrowser
from tfstab.gui.widgets.guide.contents import EXCERPT, NOTHING, GuideContents
from tfstab.gui.widgets.layouts import NO_LIMIT
from tfstab.gui.widgets.noise_controls import NoiseControls
from tfstab.gui.widgets.palette import CommandField, Palette
from tfstab.gui.widgets.view_and_images import ViewAndImages
from tfstab.gui.widgets.views_dialog import ViewsDialog

pytestmark = pytest.mark.usefixtures("mouse_away")


# --- the palette ---


def test_the_field_shows_the_first_text_that_fits(show, qtbot, light, monkeypatch):
    action, done = QAction("Find", shortcut="Ctrl+K"), []
    action.triggered.connect(lambda: done.append(1))
    field = show(CommandField(action), 300, 30)
    qtbot.wait(1)
    monkeypatch.setitem(CommandField.paintEvent.__globals__, "QPainter", Recorder)
    Recorder.calls = calls = []

    def text(width):
        calls.clear()
        field.resize(width, 30)
        field.grab()
        return [call for call in calls if call.startswith("draw")]

    field.clearFocus()
    # 18 pixels are beside the text, and a letter has 8: 23, 15 and 5 letters.
    assert text(18 + 23 * 8) == [
        "drawRoundedRect [0 2 202 26] 6 6", "drawRoundedRect [1 3 200 24] 6 6",
        "drawText [10 0 184 30] 129 Find a command…  Ctrl+K",
    ]  # fmt: skip
    assert text(18 + 23 * 8 - 1)[-1].endswith("129 Find a command…")
    assert text(18 + 15 * 8 - 1)[-1].endswith("129 Find…") and text(18 + 5 * 8 - 1)[-1].endswith("129 ")
    around = field.palette().mid().color().name()
    assert f"setBrush #ff{around[1:]}" in calls
    field.setFocus()
    text(300)
    assert f"setBrush #ff{field.palette().highlight().color().name()[1:]}" in calls
    qtbot.keyClick(field, Qt.Key.Key_Space)
    assert done == [1]
    letters = field.fontMetrics().horizontalAdvance("Find a command…  Ctrl+K")
    assert field.sizeHint() == QSize(letters + 60, field.fontMetrics().height() + 16)


def test_where_the_palette_opens_and_which_keys_it_takes(show, qtbot):
    window = show(QWidget(), 700, 400)
    window.move(20, 30)
    field, done = QWidget(window), []
    field.setGeometry(500, 10, 150, 25)
    actions = [QAction(f"Action {k}", window, triggered=lambda _=0, k=k: done.append(k)) for k in range(3)]

    def palette(**more):
        return Palette([("Menu", action) for action in actions], window, **more)

    first = palette()
    assert first.focusWidget() is first.line, "before it is shown"
    assert first.pos() == window.mapToGlobal(QPoint(350 - 260 - 1, 70))
    hidden = palette(field=field)
    assert hidden.pos() == first.pos(), "a field that is not in sight is no place"
    field.show()
    below = palette(field=field)
    assert below.pos() == window.mapToGlobal(QPoint(649 - 520, 34))
    field.move(200, 10)
    assert palette(field=field).x() == 0, "not beyond the screen"
    window.move(-200, 30)
    assert palette().x() == 0
    below.show()
    for key, row in ((Qt.Key.Key_Down, 1), (Qt.Key.Key_Down, 2), (Qt.Key.Key_Down, 2), (Qt.Key.Key_Up, 1)):
        qtbot.keyClick(below.line, key)
        assert below.list.currentIndex().row() == row and below.line.text() == ""
    qtbot.keyClicks(below.line, "zz")
    assert below.list.model().rowCount() == 0
    qtbot.keyClick(below.line, Qt.Key.Key_Return)
    assert done == [] and below.isVisible()
    below.line.setText("2")
    assert below.list.currentIndex().row() == 0
    qtbot.keyClick(below.line, Qt.Key.Key_Enter)
    assert done == [2] and not below.isVisible()
    first.list.clicked.emit(first.model.index(1))
    assert done == [2, 1]


# --- saved views ---


class Kept:
    """Saved views in memory."""

    def __init__(self, *names):
        self.kept = [SavedView(name, Viewpoint(str(Path("/runs") / name), "Gallery"), "") for name in names]
        self.harm = ""

    def views(self):
        if self.harm:
            raise DiskError(self.harm)
        return list(self.kept)

    def delete(self, view):
        self.kept.remove(view)

    def add(self, views):
        self.kept += views


class Controller(QObject):
    failed = Signal(str, str)

    def __init__(self, saved):
        super().__init__()
        self.visited = []
        self.visits = SimpleNamespace(saved=saved, visit_saved=self.visited.append)


def test_the_list_of_saved_views(qtbot):
    saved = Kept("a", "b", "c")
    controller, failed = Controller(saved), []
    controller.failed.connect(lambda *said: failed.append(said))
    dialog = ViewsDialog(controller)
    qtbot.addWidget(dialog)
    dialog.show()
    assert [dialog.list.item(row).text() for row in range(3)] == [f"{name}  –  Gallery, {name}" for name in "abc"]
    assert dialog.view.name == "a" and not dialog.empty.isVisible() and dialog.list.item(1).toolTip() == "/runs/b"
    dialog.list.setCurrentRow(-1)
    needed = ("&Open", "&Rename…", "&Delete", "E&xport…")
    assert dialog.view is None and not any(dialog.buttons[text].isEnabled() for text in needed)
    for text in needed:
        dialog.buttons[text].setEnabled(True)
        dialog.buttons[text].click()
    assert len(saved.kept) == 3 and controller.visited == [] and dialog.isVisible()
    dialog.list.setCurrentRow(2)
    assert all(dialog.buttons[text].isEnabled() for text in needed)
    dialog.buttons["&Delete"].click()
    assert [view.name for view in saved.kept] == ["a", "b"] and dialog.view.name == "a"
    saved.harm = "It is damaged."
    dialog.buttons["&Delete"].click()
    assert failed == [("It is damaged.", "")] and dialog.list.count() == 2
    saved.harm = ""
    dialog.list.setCurrentRow(0)
    dialog.list.itemDoubleClicked.emit(dialog.list.item(0))
    assert len(controller.visited) == 1 and not dialog.isVisible()
    empty = ViewsDialog(Controller(Kept()))
    qtbot.addWidget(empty)
    empty.show()
    assert empty.empty.isVisible() and not empty.list.isVisible() and not empty.buttons["&Open"].isEnabled()


# --- the guide ---


def test_places_that_are_found_and_the_contents(show, monkeypatch):
    contents, chosen = show(GuideContents()), []
    contents.chosen.connect(chosen.append)
    page = guide.pages()[0]
    contents.mark("no such page")
    contents.mark(page.topic)
    assert contents.tree.currentItem().text(0) == page.title and not contents.searching
    found = [SimpleNamespace(page=page, heading=f"h{k}", anchor="" if k else "a", excerpt=f"e{k}") for k in range(61)]
    for count, said in (
        (0, NOTHING),
        (1, "1 place"),
        (60, "60 places"),
        (61, "61 places, the first 60 are listed"),
    ):
        monkeypatch.setattr("tfstab.guide.finding.find", lambda words, count=count: found[:count])
        contents.search("words")
        assert contents.searching and contents.said.text() == said and contents.found.count() == min(count, 60)
    assert [contents.found.item(row).text() for row in range(2)] == [f"h0  ·  {page.title}", "h1"]
    contents.choose_first()
    contents.found.setCurrentRow(1)
    contents.choose_first()
    contents.found.itemClicked.emit(contents.found.item(0))
    contents.found.itemActivated.emit(contents.found.item(1))
    assert chosen == [f"{page.topic}#a", page.topic] * 2
    contents.search("  ")
    assert not contents.searching and contents.found.count() == 0
    contents.choose_first()
    section = contents.tree.topLevelItem(1)
    contents.tree.itemClicked.emit(section, 0)
    assert len(chosen) == 4, "a section is no page"
    contents.tree.itemActivated.emit(section.child(0), 0)
    assert len(chosen) == 5 and section.isExpanded()


def test_a_word_that_is_misspelt_is_found_as_the_nearest_one(show):
    contents = show(GuideContents())
    contents.search("Degredation")
    assert contents.said.text().startswith("Nothing has “degredation”. For “degradation”: ")
    assert contents.found.count() == 60
    contents.search("qqqqqq")
    assert contents.said.text() == NOTHING and not contents.found.count()
    contents.search("export picture")
    assert contents.said.text().endswith(("place", "places")) and contents.found.count()


def test_a_place_is_as_high_as_its_lines(show, monkeypatch):
    contents = show(GuideContents())
    contents.setCurrentIndex(1)
    item = QListWidgetItem("Heading", contents.found)
    item.setData(EXCERPT, "words " * 30)
    index, delegate, option = contents.found.model().index(0, 0), contents.found.itemDelegate(), QStyleOptionViewItem()
    option.font = contents.found.font()
    hint = delegate.sizeHint(option, index)
    option.rect = QRect(QPoint(0, 0), QSize(contents.found.viewport().width(), hint.height()))
    Recorder.calls = []
    ends = []

    class Noting(Recorder):
        def drawText(self, room, how, text):
            drawn = super(Recorder, self).drawText(room, how, text)
            ends.append((room.left(), room.top(), drawn.bottom()))
            return drawn

    painter = Noting()
    delegate.paint(painter, option, index)
    painter.end()
    (left, top, end), (below_left, below, last) = ends
    assert (left, top, below_left, below) == (8, 4, 8, end + 2) and hint.width() == option.rect.width() - 16
    assert last > below + 2 * option.fontMetrics.height() * 0.8 and hint.height() - 8 <= last < hint.height()


def test_a_page_keeps_its_place_when_the_window_changes(show, qtbot):
    browser = show(GuideBrowser(), 640, 400)
    bar = browser.verticalScrollBar()
    browser.show_place("glossary")
    assert browser.lineWrapColumnOrWidth() == browser.viewport().width() - 2 and bar.value() == 0
    browser.resize(1200, 400)
    assert browser.lineWrapColumnOrWidth() == 800
    browser.resize(1200, 300)
    assert bar.pageStep() == browser.viewport().height() < 310
    anchors = [part for part in guide.find("severity") if part.anchor and part.page.topic == "glossary"]
    browser.show_place(f"glossary#{anchors[0].anchor}")
    (mark,) = browser.extraSelections()
    top = browser.cursorRect(mark.cursor).top()
    assert 0 <= top < 60 and 0 < bar.value() < bar.maximum(), "enough text follows the heading"
    ground = QColor(mark.format.background().color())
    browser.resize(500, 400)
    (mark,) = browser.extraSelections()
    again = browser.cursorRect(mark.cursor).top()
    assert abs(again - top) < 10 and bar.value() < bar.maximum(), "the heading of the address stays at the top"
    tinted = QPalette(browser.palette())
    tinted.setColor(QPalette.ColorRole.Link, QColor("red"))
    browser.setPalette(tinted)
    (mark,) = browser.extraSelections()
    assert abs(browser.cursorRect(mark.cursor).top() - again) < 3 and bar.value() > 0
    bar.setValue(bar.maximum() // 2)
    share = bar.value() / bar.maximum()
    here, back = browser.source(), browser.backwardHistoryCount()
    palette = QPalette(browser.palette())
    palette.setColor(QPalette.ColorRole.Base, QColor("black"))
    palette.setColor(QPalette.ColorRole.Text, QColor("white"))
    browser.setPalette(palette)
    assert bar.value() / bar.maximum() == pytest.approx(share, abs=0.02), "the same lines stay in view"
    (mark,) = browser.extraSelections()
    assert mark.format.background().color() == QColor(18, 18, 18) != ground
    assert mark.format.boolProperty(QTextFormat.Property.FullWidthSelection)
    assert browser.source() == here and browser.backwardHistoryCount() == back == 1
    browser.show_place("glossary#no-such-term")
    assert browser.extraSelections() == []
    browser.setSource(QUrl("guide:glossary"))
    assert browser.extraSelections() == []


# --- what divides a page ---


def test_images_are_beside_a_view_where_there_is_room(show, qapp):
    views, images = QWidget(), QWidget()
    whole = show(ViewAndImages(views, images), 1000, 700)
    high = images.fontMetrics().height() + 16
    across = Qt.Orientation.Horizontal

    def divided(width, beside, selected, shown=True):
        whole.resize(width, 700)
        whole.show_for(shown, beside, selected)
        qapp.processEvents()
        assert images.isVisible() == shown
        return whole.orientation() == across, images.maximumHeight()

    assert divided(1000, True, True) == (True, NO_LIMIT) and divided(999, True, True) == (False, NO_LIMIT)
    assert divided(1000, False, True) == (False, NO_LIMIT)
    assert divided(1000, True, False) == divided(1000, False, False) == (False, high)
    assert divided(1000, True, True, shown=False) == (True, NO_LIMIT)
    whole.show_for(True, True, True)
    whole.setSizes([700, 300])
    qapp.processEvents()
    sizes = whole.sizes()
    whole.resize(999, 700)  # without another view or selection
    qapp.processEvents()
    assert whole.orientation() != across and whole.sizes() != sizes
    whole.setSizes([200, 500])
    qapp.processEvents()
    heights = whole.sizes()
    whole.resize(1000, 700)
    qapp.processEvents()
    assert whole.orientation() == across and whole.sizes() == pytest.approx(sizes, abs=3), "as the user has left them"
    assert divided(999, True, True)[0] is False and whole.sizes() == pytest.approx(heights, abs=3)


def test_the_gain_takes_room_only_where_there_is_one(show):
    controls = show(NoiseControls())
    assert not controls.value.isVisible() and controls.slider.value() == 30 and controls.slider.pageStep() == 10
    controls.true_scale.setChecked(True)
    assert controls.value.isVisible() and not controls.fit.isChecked()
    controls.true_scale.setChecked(False)
    assert controls.gain == 8 and controls.value.text() == "× 8"
    controls.fit.setChecked(True)
    controls.fit.setChecked(False)
    assert controls.gain == 8 and not controls.true_scale.isChecked()
    controls.set_colour(True)
    assert controls.channel.isVisible()
