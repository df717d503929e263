"""Blocks, bars, labels and the panel of images at their edges: nothing, too much, a bound; and what repaints them."""

import math
import re

import numpy as np
import pytest
from painting_in_words import Metrics, Recorder, painted
from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QVBoxLayout, QWidget
from shiboken6 import isValid

from tfstab.gui.content.triple import Triple
from tfstab.gui.theme import BAD, DARK, GOOD, LIGHT, SYSTEM, apply_theme, tone_colour
from tfstab.gui.widgets.bars import BarBlock, BarRow, align_bars
from tfstab.gui.widgets.blocks import Block, BlockColumn, Caption, NumberBlock, TextVerdict
from tfstab.gui.widgets.elided import ElidedBox, ElidedLabel, ElidedNames
from tfstab.gui.widgets.triple_panel import TriplePanel, as_shown, grey_levels

pytestmark = pytest.mark.usefixtures("mouse_away")


@pytest.fixture
def show(show, qtbot):
    """show(widget, width, height) -> the widget, shown and laid out."""

    def show_(widget, width=400, height=100):
        show(widget, width, height)
        qtbot.wait(1)
        return widget

    return show_


class Events(QObject):
    """Counts the events of a type that a widget gets."""

    def __init__(self, widget, kind=QEvent.Type.Paint):
        super().__init__(widget)
        self.kind, self.count = kind, 0
        widget.installEventFilter(self)

    def eventFilter(self, watched, event):
        self.count += event.type() == self.kind
        return False


# --- blocks ---


def test_a_cleared_block_lets_its_widgets_go(show, qtbot):
    block = show(Block("title"))
    parts = [block.add(QLabel(text)) for text in "ab"]
    block.body.addStretch(1)
    qtbot.wait(1)
    assert all(part.isVisible() for part in parts)
    block.clear()
    assert block.body.count() == 0 and all(part.isHidden() for part in parts)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not any(map(isValid, parts))


def test_a_headline_number(show, qtbot):
    page = QWidget()
    number = NumberBlock("82 %", "accuracy", lambda: None)
    QVBoxLayout(page).addWidget(number)
    show(page, 300, 200)
    colours = QPalette()
    colours.setColor(QPalette.ColorRole.Base, QColor("white"))
    colours.setColor(QPalette.ColorRole.Text, QColor("black"))
    number.setPalette(colours)
    number.clearFocus()
    qtbot.wait(1)
    plain = number.grab().toImage().pixelColor(150, 8)
    painted_again, done = Events(number), []
    number.set_number("83 %", "accuracy", lambda: done.append(1))
    qtbot.wait(1)
    assert painted_again.count
    qtbot.mouseClick(number, Qt.MouseButton.LeftButton)
    assert done == [1]
    assert number.hasFocus()
    lit = number.grab().toImage().pixelColor(150, 8)
    assert (plain.red(), lit.red()) == (240, 226)  # 6 percent of black on white, and 6 percent more
    least = page.minimumSizeHint().width()
    number.set_number("a number of many letters", "accuracy")
    qtbot.wait(1)
    assert page.minimumSizeHint().width() > least and not number.help.isVisible()
    number.explain("sigma")
    assert number.help.isVisible() and number.help.terms == ("sigma",)
    assert number.help.geometry().getRect() == (number.width() - 18 - 4, 4, 18, 18)
    number.explain("")
    assert not number.help.isVisible()


def test_a_headline_number_has_room_for_two_lines_of_its_caption(qapp):
    caption = "a caption of a good many words that would be too wide in one line"
    number = NumberBlock("8", caption)
    small = number.font()
    small.setPointSizeF(small.pointSizeF() * 0.88)
    metrics = QFontMetrics(small)
    assert number.sizeHint().width() == metrics.horizontalAdvance(caption) // 2 + 40
    room = number.sizeHint() - QSize(8 * 5 // 2, 0)  # beside the caption: 12 and 8 pixels
    lines = metrics.boundingRect(0, 0, room.width(), 999, Qt.TextFlag.TextWordWrap, caption).height()
    assert lines == 2 * metrics.height() and room.width() < 0.7 * metrics.horizontalAdvance(caption)
    assert number.heightForWidth(number.sizeHint().width()) == number.sizeHint().height()
    narrow = number.sizeHint().width() // 2
    assert number.heightForWidth(narrow) >= number.sizeHint().height() + 2 * metrics.height(), "all lines are in sight"
    assert NumberBlock("8" * 99, "").sizeHint().width() > number.sizeHint().width()
    assert NumberBlock("8", "").minimumSizeHint().width() == 140 + 24
    assert NumberBlock("8" * 99, "").minimumSizeHint().width() == NumberBlock("8" * 99, "").sizeHint().width()


def test_a_verdict_of_another_tone_is_painted_again(show, light, qtbot):
    verdict = show(TextVerdict("It breaks.", BAD))
    again = Events(verdict)
    verdict.set_text("It breaks.", GOOD)
    qtbot.wait(1)
    assert again.count and verdict.grab().toImage().pixelColor(1, 50) == tone_colour(verdict.palette(), GOOD)
    verdict.set_text("")
    assert not verdict.isVisible()


def test_a_caption_follows_font_and_theme(show, qapp):
    caption = show(Caption("one line"))
    before = caption.sizeHint().height()
    large = caption.font()
    large.setPointSizeF(3 * large.pointSizeF())
    caption.setFont(large)
    assert caption.sizeHint().height() > 2 * before
    try:
        levels = []
        for theme in (LIGHT, DARK):
            apply_theme(qapp, theme)
            qapp.processEvents()
            levels.append(caption.palette().color(QPalette.ColorRole.WindowText).lightness())
        assert levels[0] < 128 < levels[1]
    finally:
        apply_theme(qapp, SYSTEM)
    caption.setText("x" * 300)
    assert caption.minimumSizeHint().width() == 120


class Sized(QWidget):
    """A widget that needs a width."""

    def __init__(self, width):
        super().__init__()
        self.stated = QSize(width, 20)

    def minimumSizeHint(self):
        return self.stated

    def sizeHint(self):
        return self.stated


def test_a_column_breaks_its_rows_as_the_width_demands(show, qtbot):
    column = BlockColumn()
    show(column, 244, 900)
    parts, below = [Sized(100), Sized(100), Sized(90)], Sized(50)
    column.add(*parts)
    column.add(below)
    qtbot.wait(1)

    def columns():
        return len({part.geometry().x() for part in parts if not part.isHidden()})

    assert column.viewport().width() == 244 and columns() == 2  # 2 * 100 + 12 between + 2 * 16 around
    assert parts[0].pos() == QPoint(16, 16) and below.y() < 150, "what is left of the height is below"
    assert column.widget().size() == column.viewport().size()
    column.resize(243, 900)
    qtbot.waitUntil(lambda: columns() == 1 and column.widget().width() == 243)
    parts[0].stated = QSize(10, 20)
    parts[1].hide()
    qtbot.waitUntil(lambda: columns() == 2)  # two of 90 have room where two of 100 had not
    column.resize(243, 40)
    qtbot.waitUntil(lambda: column.verticalScrollBar().maximum() > 0)


# --- bars ---


def test_bars_stay_between_label_and_number(qapp, light):
    green = tone_colour(QPalette(), GOOD).name()

    def rounded(row):
        (said,) = painted(row)
        return [call.partition(" ")[2] for call in said.split("; ") if call.startswith("drawRoundedRect")]

    # Of 300 x 120 pixels, 4 at each side are free; a label of 80 and a number of 48 have 8 pixels to the bar.
    for share, length in ((-0.5, 2), (0, 2), (0.5, 73.5), (1, 147), (1.5, 147)):
        assert rounded(BarRow("label", share, "50 %", GOOD)) == [f"[92 55.5 {length} 8] 4 4"]
    for ends, bar in (((-0.5, 0.5), "92 58.5 73.5 2"), ((0.5, 2), "165.5 58.5 73.5 2"), ((1, 1), "239 58.5 1 2")):
        assert rounded(BarRow("label", 0, "50 %", GOOD, interval=ends))[1:] == [f"[{bar}] 1 1"]
    (hollow,) = painted(BarRow("label", 1, "50 %", GOOD, sure=False))
    assert "drawRoundedRect [93 56.5 145 6] 4 4" in hollow and f"ff{green[1:]}/NoBrush" not in hollow


def test_a_bar_has_a_line_at_the_share_that_is_marked(qapp, light):
    def places(mark):
        (said,) = painted(BarRow("label", 1, "50 %", GOOD, mark=mark))
        return [float(x) for x, to in re.findall(r"QLineF\(([\d.]+), [\d.]+, ([\d.]+),", said) if x == to]

    assert [places(mark) for mark in (0, 0.5, 1, 1.01, math.nan)] == [[92], [165.5], [239], [], []]


def test_a_narrow_bar_leaves_half_of_its_room_to_the_label(qapp, monkeypatch):
    monkeypatch.setitem(BarRow.paintEvent.__globals__, "QPainter", Recorder)
    row = BarRow("a label", 1, "50 %", interval=(1, 1))
    row.resize(100, 20)
    for text_width, bar, ends in ((10, "58 5.5 19 8", "77 8.5 1 2"), (60, "58 5.5 2 8", "58 8.5 1 2")):
        Recorder.calls = calls = []
        row.label_width, row.text_width = 400, text_width
        row.grab()
        assert [call for call in calls if call.startswith("draw")] == [
            "drawText [4 0 46 20] 129 a la…", "drawText [4 0 92 20] 130 50 %", f"drawRoundedRect [{bar}] 4 4",
            f"drawRoundedRect [{ends}] 1 1",
        ]  # fmt: skip


def test_a_bar_that_can_be_clicked_is_lit(show, qtbot):
    row = show(BarRow("a label", 0.1, "1 %", on_click=lambda: None))
    colours = QPalette()
    colours.setColor(QPalette.ColorRole.Base, QColor("white"))
    colours.setColor(QPalette.ColorRole.Text, QColor("black"))
    row.setPalette(colours)
    row.setFocus()
    assert row.hasFocus() and row.grab().toImage().pixelColor(200, 20).red() == 226
    row.clearFocus()
    assert row.grab().toImage().pixelColor(200, 20).red() != 226


def test_a_block_shows_other_bars(show, qtbot):
    block = show(BarBlock("title"), 400, 300)
    for below in ("", "a <b>line</b>", QLabel("a widget")):
        bars = [BarRow("a", 1, "1 %"), BarRow("longer", 0.5, "100 %")]
        block.show_bars(bars, below)
        qtbot.wait(1)
        shown = [block.body.itemAt(k).widget() for k in range(block.body.count())]
        assert block.bars is bars and shown[:2] == bars and shown[-1] is None and len(shown) == 3 + bool(below)
        assert len({(bar.label_width, bar.text_width) for bar in bars}) == 1 and bars[0].y() < bars[1].y() < 90
        if below:
            assert shown[2].text() == (below if isinstance(below, str) else below.text()) and shown[2].isVisible()
            assert (shown[2].textFormat() == Qt.TextFormat.PlainText) == isinstance(below, str), "of a class's name"


def test_a_bar_asks_for_room_for_itself(show, light):
    for label, width in (("short", None), ("a label of very many letters, which is cut off", 160)):
        row = BarRow(label, 1, "100 %", GOOD)
        text, name = (row.fontMetrics().horizontalAdvance(one) for one in ("100 %", label))
        row.show()
        assert row.sizeHint() == QSize((width or name + 2) + text + 60 + 2 * 8 + 2 * 4, row.fontMetrics().height() + 4)
    row = show(BarRow("short", 1, "100 %", GOOD), 0, 0)
    row.resize(row.sizeHint())
    picture, colour = row.grab().toImage(), tone_colour(row.palette(), GOOD)
    length = sum(picture.pixelColor(x, picture.height() // 2) == colour for x in range(picture.width()))
    assert 57 <= length <= 60


def test_bars_that_are_aligned_are_laid_out_and_painted_again(show, qtbot):
    page = QWidget()
    box, rows = QVBoxLayout(page), [BarRow("a", 1, "1"), BarRow("a longer label", 1, "100 %")]
    box.addWidget(rows[0])
    show(page, 600)
    least, again = page.minimumSizeHint().width(), Events(rows[0])
    align_bars(iter(rows))
    qtbot.wait(1)
    assert page.minimumSizeHint().width() > least and again.count
    assert [(row.label_width, row.text_width) for row in rows] == [(rows[1].label_width, rows[1].text_width)] * 2


# --- a label of one line ---


def test_a_label_is_cut_off_where_it_does_not_fit(show, monkeypatch):
    label = show(ElidedLabel("plain text"), 400, 20)
    metrics, said = label.fontMetrics(), []
    label.resize(metrics.horizontalAdvance("plain text"), 20)
    assert label.fits
    label.resize(label.width() - 1, 20)
    assert not label.fits and label.minimumSizeHint().width() == 4 * metrics.averageCharWidth()

    class Noting(QPainter):
        def drawText(self, room, how, text):
            said.append((text, self.font().bold(), room.left()))

    names = ElidedLabel.paintEvent.__globals__
    monkeypatch.setitem(names, "QPainter", Noting)
    monkeypatch.setitem(names, "QFontMetrics", Metrics)  # all letters are 8 pixels wide
    label.resize(40, 20)

    def painted_in(text):
        label.setText(text)
        said.clear()
        label.grab()
        return [part for part in said if part[0]]

    assert painted_in("plain text") == [("plai…", False, 0)]
    assert painted_in("<b>A &amp;</b> <i>more</i> of it") == [("A &", True, 0), (" …", False, 24)]
    assert painted_in("<b>Title</b>: <i>more</i> of it") == [("Title", True, 0), ("…", False, 40)]
    assert painted_in("<i>More</i> text &lt;b&gt;") == [("More…", False, 0)]
    label.setTextFormat(Qt.TextFormat.PlainText)
    assert painted_in("<b>not bold</b>") == [("<b>n…", False, 0)]


def test_names_in_a_line_are_shortened_so_that_all_of_them_stay_in_sight(show):
    label = show(ElidedNames(), 900, 20)
    long = "aeroplane seen from the ground or in flight"
    label.set_line("{} → {} at 4", (long, "ship, boat or other vessel on open water"))
    assert label.shown == label.text() == f"{long} → ship, boat or other vessel on open water at 4"
    label.resize(220, 20)
    before, after = label.shown.removesuffix(" at 4").split(" → ")
    assert before[:3] == "aer" and before[-3:] == "ght" and after[:3] == "shi" and after[-3:] == "ter"
    assert label.fontMetrics().horizontalAdvance(label.shown) <= 220 and label.text().startswith(long)
    label.set_line("{} → {} at 4", (long, "cat"))
    assert label.shown.endswith(" → cat at 4") and len(label.shown) > 20, "a short name leaves the other its room"
    label.set_line("")
    assert label.shown == ""


# --- clean image, noise and degraded image ---


def triple(shape=(2, 3, 1), level=10, noise=0.0, title="Image 7"):
    clean = np.full(shape, level, np.uint8)
    added = np.zeros(shape, np.float32) + np.float32(noise)
    return Triple(title, clean, added, clean + added, "cat 0.9", "dog 0.8", ())


def test_what_the_colours_of_noise_mean(show):
    panel = show(TriplePanel("hint"), 900, 300)
    for noise, limit in ((0.0, 1.0), (0.5, 0.5), (-3.0, 3.0)):
        panel.set_triple(triple(noise=noise))
        assert panel.limit == limit
    assert panel.noise.title.text() == "<b>Noise:</b> up to 3.0 grey levels"
    assert panel.noise.scale.labels == ("−3", "0", "+3")
    panel.controls.true_scale.setChecked(True)
    assert panel.limit == 255 and panel.noise.scale.labels == ("−255", "0", "+255")
    panel.controls.slider.setValue(10)
    assert panel.limit == 127.5


def test_the_channels_of_noise(show):
    panel = show(TriplePanel("hint"), 900, 300)
    panel.set_triple(triple())
    assert not panel.controls.channel.isVisible()
    panel.set_triple(triple((2, 3, 3), noise=[1.0, -4.0, 2.0]))
    assert panel.controls.channel.isVisible()
    reds = []
    for channel in range(4):
        panel.controls.channel.setCurrentIndex(channel)
        reds.append(panel.noise.shown[0, 0].tolist())
    # Green, the strongest, is fully blue; a quarter and half of the way to red are paler than it.
    assert reds[0] == reds[2] == [5, 48, 97] and reds[1][0] > reds[1][2] > reds[3][2] and reds[1] != reds[3]
    said = []
    panel.said.connect(said.append)
    panel.clean.hovered.emit(1, 2)
    assert said == [
        "x 2, y 1:  clean (10, 10, 10)  ·  noise (1.0, -4.0, 2.0)  ·  degraded (11.0, 6.0, 12.0)  grey levels"
    ]
    panel.set_triple(None)
    panel.clean.hovered.emit(1, 2)
    assert len(said) == 1 and grey_levels(np.uint8([7])) == "7" and grey_levels(np.float32([7, 0.25])) == "(7.0, 0.2)"
    assert as_shown(np.zeros((4, 1, 3))).shape == (4, 1, 3) and as_shown(np.zeros((1, 4, 1))).shape == (1, 4)


def test_images_of_the_same_size_stay_zoomed(show):
    panel, offered = show(TriplePanel("hint"), 900, 300), []
    panel.offers_changed.connect(lambda: offered.append(1))
    panel.set_triple(triple())
    assert panel.clean.title.text() == "<b>Clean:</b> cat 0.9"

    def across():
        (left, right), _ = panel.clean.view.viewRange()
        return right - left

    whole = across()
    panel.clean.view.scaleBy((0.5, 0.5))
    zoomed = across()
    panel.set_triple(triple(title="Image 8"))
    assert across() == pytest.approx(zoomed) and zoomed < 0.6 * whole and len(offered) == 1
    panel.set_triple(triple((3, 2, 1)))
    assert across() > zoomed
    panel.start_blinking()
    panel.set_triple(None)
    assert len(offered) == 2 and not panel._blink.isActive() and not any(pane.isVisible() for pane in panel.panes)
    panel.set_triple(None)
    panel.start_blinking()
    assert len(offered) == 2 and not panel._blink.isActive() and panel.heading.text() == "hint"
    panel.set_triple(triple())
    panel.set_triple(triple((3, 2, 1)))
    assert len(offered) == 3 and "Degraded" in panel.degraded.title.text()


def test_images_are_stacked_where_there_is_height(show, qapp):
    panel = show(TriplePanel("hint"), 900, 300)
    panel.set_triple(triple())

    def stacked(width, height):
        panel.resizeEvent(QResizeEvent(QSize(width, height), QSize()))
        qapp.processEvents()
        clean, noise = panel.clean.geometry(), panel.noise.geometry()
        assert (noise.top() > clean.bottom()) != (noise.left() > clean.right())
        assert (panel.controls.y() > panel.heading.geometry().bottom()) == (noise.top() > clean.bottom())
        return noise.top() > clean.bottom()

    assert [stacked(100, height) for height in (120, 121, 500, 120)] == [False, True, True, False]


def test_a_box_shortens_the_chosen_text_with_dots_where_it_does_not_fit(show):
    text = "default: its JSON file, or none"

    def painted(kind, said, width):
        box = kind()
        box.addItem(said)
        return show(box, width, 30).grab().toImage()

    assert painted(ElidedBox, text, 400) == painted(QComboBox, text, 400)
    metrics = QComboBox().fontMetrics()
    shortened = {metrics.elidedText(text, Qt.TextElideMode.ElideRight, room) for room in range(60, 160)} - {text}
    assert any(painted(ElidedBox, text, 150) == painted(QComboBox, said, 150) for said in shortened)
