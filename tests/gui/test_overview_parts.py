"""The parts of overviews one by one: the histogram, the boxes of classes, tiles, and the row that they stand in."""

import math
import re

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip, QWidget

from tfstab.gui.content.search_overview import ClassNoise, Histogram
from tfstab.gui.widgets.overview.class_boxes import ClassBoxes
from tfstab.gui.widgets.overview.flow import Flow
from tfstab.gui.widgets.overview.histogram import HistogramPlot
from tfstab.gui.widgets.overview.tiles import Picture, Tile, TileBlock, broken
from tfstab.gui.widgets.theme import run_colours
from tfstab.metrics.estimate import Estimate

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def click(plot, x, y, button=LEFT):
    there = plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(x, y)))
    QTest.mouseClick(plot.viewport(), button, pos=there)


# --- histogram ---


def two_searches(*medians):
    counts = np.array([3, 0, 1]), np.array([0, 5, 2])
    return Histogram("L2", "grey levels", np.array([0.0, 2, 4, 6]), ("own", "other"), counts, medians, "")


def test_a_histogram_of_two_searches(show):
    plot, asked = show(HistogramPlot()), []
    assert plot.values_at(1, 1) == "" and plot.bars is None
    click(plot, 0.5, 0.5)
    plot.range_asked.connect(lambda *ends: asked.append(ends))
    plot.set_histogram(two_searches(Estimate(3.0, 2.5, math.inf), Estimate(5.0, 0.0, 5.5)))
    (left, right), (bottom, top) = plot.viewRange()
    assert (left, right) == pytest.approx((-0.12, 6.12)) and (bottom, top) == pytest.approx((-0.25, 5.25))
    bars, outline, band, line, other = plot.contents
    assert bars.opts["height"].tolist() == [3, 0, 1] and bars.opts["x0"].tolist() == [0, 2, 4]
    assert bars.opts["x1"].tolist() == [2, 4, 6] and outline.yData.tolist() == [0, 5, 2]
    assert band.getRegion() == (2.5, 6), "an interval without an end reaches that of the axis"
    assert line.value() == 3 and other.value() == 5, "an interval from 0 has no band"
    assert line.pen.color().name() == run_colours(plot.palette())[0] != other.pen.color().name()
    assert plot.values_at(0, 9) == plot.values_at(1.9, 0) == "L2 0 to 2.0: 3 in own; 0 in other"
    assert plot.values_at(2, 0) == "L2 2.0 to 4.0: 0 in own; 5 in other"
    assert plot.values_at(-0.01, 0) == plot.values_at(6, 0) == ""
    for x, button in ((-0.1, LEFT), (1, RIGHT), (1, LEFT), (5.9, LEFT), (6.1, LEFT)):
        click(plot, x, 1, button)
    assert asked == [(0, 2), (4, 6)]
    plot.set_histogram(two_searches(None, Estimate(math.inf, 3.0, math.inf)))
    assert len(plot.contents) == 2, "without a median there is no line"
    empty = Histogram("L2", "grey levels", np.empty(0), ("own",), (np.empty(0, int),), (None,), "")
    plot.set_histogram(empty)
    assert plot.contents == [] and plot.bars is None and plot.values_at(0, 0) == ""
    click(plot, 1, 1)
    assert len(asked) == 2


def test_a_histogram_of_one_search_counts_in_words(show):
    plot = show(HistogramPlot())
    plot.set_histogram(Histogram("L2", "grey levels", np.arange(4.0), ("own",), (np.array([0, 1, 2]),), (None,), ""))
    said = [plot.values_at(x, 0).partition(": ")[2] for x in (0.5, 1.5, 2.5)]
    assert said == ["0 images", "1 image", "2 images"]


# --- classes ---


def noise(k, name, *sizes, missing=0):
    return ClassNoise(k, name, np.array(sizes), np.arange(len(sizes)) + 10 * k, missing)


def test_boxes_of_classes(show):
    plot = show(ClassBoxes())
    plot.fit()
    three = [
        noise(0, "n" * 16, 1.0, 2.0, 3.0, 4.0), noise(1, "m" * 17, 2.0, 5.0, 6.0, missing=2), noise(4, "ox", 8.0),
    ]  # fmt: skip
    plot.set_classes(three, "L2", "grey levels")
    (left, right), (bottom, top) = plot.viewRange()
    assert (left, right) == pytest.approx((-0.24, 8.24)) and (bottom, top) == pytest.approx((-0.6, 2.6))
    assert plot.getAxis("left")._tickLevels == [[(0, "n" * 16), (1, "m" * 15 + "…"), (2, "ox")]]
    whiskers, boxes, medians, dots = plot.contents
    assert (whiskers.xData.tolist(), whiskers.yData.tolist()) == ([1, 4], [0, 0])
    assert [boxes.opts[end].tolist() for end in ("x0", "x1", "y")] == [[1], [3], [0]]
    assert medians.xData.tolist() == [2.5, 2.5] and medians.yData.tolist() == [-0.28, 0.28]
    x, y = dots.getData()
    assert x.tolist() == [1, 2, 3, 4, 2, 5, 6, 8] and y.tolist() == [0, 0, 0, 0, 1, 1, 1, 2]
    assert [spot.data() for spot in dots.points()] == [0, 1, 2, 3, 10, 11, 12, 40]
    assert plot.values_at(0, -0.49) == f"{'n' * 16}: median L2 2.5, quartiles 1.0 and 3.0, 4 images"
    assert plot.values_at(0, 1.2) == f"{'m' * 17}: L2 2.0, 5.0, 6.0; not found for 2"
    assert plot.values_at(0, 2.6) == plot.values_at(0, -0.6) == ""
    asked = []
    plot.class_asked.connect(lambda k: asked.append(("class", k)))
    plot.image_asked.connect(lambda k: asked.append(("image", k)))
    click(plot, 4, 2, RIGHT)
    click(plot, 4, 2)
    click(plot, 6, 1)
    assert asked == [("class", 4), ("image", 12)]


def test_of_many_images_only_classes_without_a_box_are_dots(show):
    plot, few = show(ClassBoxes()), noise(1, "few", 1.0, 2.0)
    for count, dots in ((998, 1000), (999, 2)):
        plot.set_classes([noise(0, "many", *np.linspace(1, 9, count)), few], "L2", "grey levels")
        assert len(plot.dots.getData()[0]) == dots
    assert plot.dots.getData()[1].tolist() == [1, 1] and plot.minimumHeight() == 250
    plot.set_classes([noise(0, "many", *np.linspace(1, 9, 1001))], "L2", "grey levels")
    assert len(plot.dots.getData()[0]) == 0
    plot.set_classes([few] * 10, "L2", "grey levels")
    assert plot.minimumHeight() == plot.maximumHeight() == 10 * 22 + 50 and len(plot.contents) == 1
    plot.set_classes([], "L2", "grey levels")
    assert len(plot.dots.getData()[0]) == 0


# --- tiles ---


def grey(level, shape=(2, 2, 1)):
    return np.full(shape, level, np.uint8)


def test_the_faint_line_of_a_tile_is_broken_where_it_is_too_long(show):
    def height(said):
        return show(Tile([Picture(grey(9), "", print)], ["3 → 8", said], print), 201, 120).sizeHint().height()

    line = show(QWidget()).fontMetrics().height()
    assert height("half lost at density 20 %") == height("9 images") + line
    assert height("unbreakable-name-of-a-severity") == height("9 images"), "which is shortened"


def test_a_tile_of_two_pictures(show, qtbot, monkeypatch):
    done, told, texts = [], [], []
    pictures = [Picture(grey(level), f"picture {level}", lambda level=level: done.append(level)) for level in (90, 200)]
    tile = show(Tile(pictures, ["a caption", "9 images"], lambda: done.append("lines"), "the lines"), 201, 120)
    # Of 201 pixels, two pictures of 64 with 4 between begin at 34; 4 above them.
    ends = (33, None), (34, 90), (97, 90), (98, None), (101, None), (102, 200), (165, 200), (166, None)
    assert [tile.picture_at(QPoint(x, 30)) for x, _ in ends] == [
        None if level is None else pictures[level == 200] for _, level in ends
    ]
    assert [tile.picture_at(QPoint(40, y)) for y in (3, 4, 67, 68)] == [None, pictures[0], pictures[0], None]
    image = tile.grab().toImage()
    assert [image.pixelColor(x, 35).red() for x in (35, 96, 103, 164)] == [90, 90, 200, 200]
    for x, y in ((40, 30), (150, 30), (100, 90)):
        qtbot.mouseClick(tile, LEFT, pos=QPoint(x, y))
    qtbot.mousePress(tile, LEFT, pos=QPoint(40, 30))
    qtbot.mouseRelease(tile, LEFT, pos=QPoint(-40, 30))  # dragged away
    qtbot.keyClick(tile, Qt.Key.Key_Space)
    assert done == [90, 200, "lines", "lines"]
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, widget: told.append(text))
    for x, y in ((40, 30), (100, 90)):
        assert tile.event(QHelpEvent(QEvent.Type.ToolTip, QPoint(x, y), QPoint(x, y)))
    assert told == ["picture 90", "the lines"]

    class Noting(QPainter):
        def drawText(self, room, how, text):
            texts.append((QRect(room).getRect(), int(how), text, self.font().pointSizeF() < tile.font().pointSizeF()))

    tile.lines = ("a caption", "a caption that is much too long for a tile of this width", "9 images")
    canvas = tile.grab()
    painter = Noting(canvas)
    painter.setFont(tile.font())
    tile.draw(painter)
    painter.end()
    high = tile.fontMetrics().height()
    assert [(room[:3], text, small) for room, _, text, small in texts[::2]] == [
        ((0, 72, 201), "a caption", False), ((0, 72 + 2 * high, 201), "9 images", True),
    ]  # fmt: skip
    (room, _, cut, small) = texts[1]
    assert room == (0, 72 + high, 201, high) and re.fullmatch(r"a caption.*….*this width", cut) and not small
    assert 197 - 2 * high < tile.fontMetrics().horizontalAdvance(cut) <= 197


def test_captions_take_two_lines_where_one_does_not_fit(qapp):
    class Metrics:
        def horizontalAdvance(self, text):
            return 8 * len(text)

    # A tile of one picture has 116 pixels, of which a line gets 112; of two pictures 140, and 136.
    assert broken(["a" * 10 + " → b", "c → d"], 1, Metrics()) == [["a" * 10 + " → b"], ["c → d"]]
    assert broken(["a" * 11 + " → b", "c → d"], 1, Metrics()) == [["a" * 11, "→ b"], ["c", "→ d"]]
    assert broken(["a" * 13 + " → b"], 2, Metrics()) == [["a" * 13 + " → b"]]
    assert broken(["a" * 13 + " → b → c"], 2, Metrics()) == [["a" * 13, "→ b → c"]]


def test_tiles_are_made_again_only_if_they_would_differ(show, qtbot):
    block, made = show(TileBlock("title", "none yet")), []

    def make(count):
        made.append(count)
        return [Tile([Picture(grey(9), "", print)], ["line"], print) for _ in range(count)]

    block.set_tiles([1], lambda: make(2))
    first = block.tiles
    block.set_tiles([1], lambda: make(3))
    qtbot.wait(1)
    assert made == [2] and block.tiles is first and not block.empty.isVisible()
    assert first[0].isVisible() and first[0].x() < first[1].x()
    block.set_tiles([2], lambda: make(1))
    qtbot.wait(1)
    assert made == [2, 1] and len(block.tiles) == 1 and not any(tile in block.findChildren(Tile) for tile in first)
    block.set_tiles([], lambda: make(0))
    assert block.empty.isVisible() and block.tiles == []


def test_the_gaps_of_a_row_share_what_is_left(qtbot):
    owner = QWidget()
    qtbot.addWidget(owner)
    flow = Flow(owner)
    assert flow.gap(100) == 8
    for _ in range(3):
        part = QWidget()
        part.setFixedSize(QSize(50, 10))
        flow.addWidget(part)
    # Of 150 pixels of widgets, at least 8 are between two of them, and at most 48.
    assert [flow.gap(width) for width in (0, 166, 167, 168, 190, 245, 246, 999)] == [8, 8, 8, 9, 20, 47, 48, 48]
    assert flow.heightForWidth(166) == 10 and flow.heightForWidth(165) == 28
    flow.takeAt(0)
    flow.takeAt(0)
    assert flow.gap(999) == 8
