"""What widgets that paint themselves paint, and where: each stroke is noted by a painter that paints it too."""

import numpy as np
import pytest
from doubles import AtOnce
from made_up_runs import sweep
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QHelpEvent,
    QImage,
    QPainter,
    QPalette,
    QResizeEvent,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import QListView, QListWidget, QStyle, QStyleOptionViewItem, QToolTip, QWidget

from tfstab import open_run
from tfstab.gui.content import colours
from tfstab.gui.content.predictions import ScoreBar
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.theme import DARK, LIGHT, SYSTEM, apply_theme, caption_colour
from tfstab.gui.widgets import colour_scale, score_bars
from tfstab.gui.widgets.colour_scale import ColourScale
from tfstab.gui.widgets.image_pane import ImagePane
from tfstab.gui.widgets.palette import Palette
from tfstab.gui.widgets.run_list import DETAILS, LINE, SESSION, WRAP, _Rows
from tfstab.gui.widgets.score_bars import ScoreBars
from tfstab.gui.widgets.sweep.class_multiples import HEIGHT, WIDTH, ClassMultiples
from tfstab.gui.widgets.sweep.sweep_filters import ring
from tfstab.gui.widgets.theme import series_colours
from tfstab.gui.widgets.thumbnails import PICTURES, PicturesDelegate, Thumbnails, thumbnail

strokes = []


class Noting(QPainter):
    """A painter that notes what it paints in `strokes`, with the colour of the pen and the brush if it is filled."""

    def _note(self, what, *where):
        pen, brush = self.pen().color().name(), self.brush()
        filled = brush.color().name() if brush.style() == Qt.BrushStyle.SolidPattern else None
        strokes.append((what, pen, filled, *where))

    def drawRect(self, rect):
        self._note("rect", _rect(rect))
        super().drawRect(rect)

    def drawText(self, rect, flags, text):
        strokes.append(("text", self.pen().color().name(), self.font().bold(), _rect(rect), int(flags), text))
        super().drawText(rect, flags, text)

    def drawImage(self, rect, image):
        strokes.append(("image", _rect(rect), image.width(), image.height()))
        super().drawImage(rect, image)

    def fillRect(self, rect, brush):
        strokes.append(("fill", _rect(rect), brush.color().name()))
        super().fillRect(rect, brush)


def _rect(rect):
    return rect.getRect()


@pytest.fixture(autouse=True)
def noted(monkeypatch):
    strokes.clear()
    for module in (colour_scale, score_bars):
        monkeypatch.setattr(module, "QPainter", Noting)


@pytest.fixture(params=[LIGHT, DARK])
def themed(request, qapp):
    apply_theme(qapp, request.param)
    yield
    apply_theme(qapp, SYSTEM)


@pytest.fixture
def show(qtbot):
    def show_(widget, width, height):
        qtbot.addWidget(widget)
        widget.setFixedSize(width, height)
        widget.show()
        strokes.clear()
        widget.grab()
        return widget

    return show_


LEFT, RIGHT, MIDDLE, TOP, CENTRE, BOTTOM = (
    int(flag)
    for flag in (
        Qt.AlignmentFlag.AlignLeft,
        Qt.AlignmentFlag.AlignRight,
        Qt.AlignmentFlag.AlignVCenter,
        Qt.AlignmentFlag.AlignTop,
        Qt.AlignmentFlag.AlignHCenter,
        Qt.AlignmentFlag.AlignBottom,
    )
)


def test_score_bars(show, themed):
    bars = ScoreBars()
    assert show(bars, 420, 160) and strokes == [], "without scores there is no legend"
    bars.set_bars(
        (
            ScoreBar("cat", 0.25, 0.001, predicted=True),
            ScoreBar("dog", 0.5, None, actual=True),
            ScoreBar("ox", None, 0.75),
        )
    )
    show(bars, 420, 160)
    text = bars.palette().text().color().name()
    clean, degraded = (QColor(c).name() for c in series_colours(bars.palette()))
    line, first = bars.fontMetrics().height(), bars.fontMetrics().horizontalAdvance("clean")
    step = line + 21

    def hollow(x, y, width, height):
        return "rect", clean, None, (x, y, width, height)

    def filled(x, y, width, height):
        return "rect", degraded, degraded, (x, y, width, height)

    def label(row, bold, side, said):
        return "text", text, bold, (8, 32 + row * step, 404, line), side | MIDDLE, said

    assert strokes == [
        hollow(8, 13, 14, 7), ("text", text, False, (27, 8, 100, 18), MIDDLE, "clean"),
        filled(41 + first, 13, 14, 7), ("text", text, False, (60 + first, 8, 100, 18), MIDDLE, "degraded"),
        label(0, True, LEFT, "cat"), label(0, False, RIGHT, "0.250 → 0.001"),
        hollow(8.5, 32 + line + 0.5, 403 / 4, 5), filled(8.5, 39 + line + 0.5, 1.5, 5),
        label(1, True, LEFT, "dog (true)"), label(1, False, RIGHT, "0.500 → ?"),
        hollow(8.5, 32 + step + line + 0.5, 403 / 2, 5),
        label(2, False, LEFT, "ox"), label(2, False, RIGHT, "? → 0.750"),
        filled(8.5, 39 + 2 * step + line + 0.5, 403 * 0.75, 5),
    ]  # fmt: skip
    assert bars.sizeHint() == QSize(190, 32 + 3 * step + 8)
    assert bars.minimumSizeHint() == QSize(95, 32 + 3 * step + 8)


def test_a_long_name_leaves_room_for_the_scores(show):
    bars = ScoreBars()
    bars.set_bars((ScoreBar("a class with a name that is much too long", 0.25, 0.5),))
    show(bars, 220, 120)
    name, scores = [stroke[-1] for stroke in strokes if stroke[0] == "text"][2:]
    metrics = bars.fontMetrics()
    assert "…" in name and name.endswith("long") and scores == "0.250 → 0.500"
    left = 204 - metrics.horizontalAdvance(scores) - 8
    assert metrics.horizontalAdvance(name) <= left
    full, n = "a class with a name that is much too long", len(name) - 1
    assert metrics.horizontalAdvance(full[: n + 1] + "…") > left - 2


def test_the_tip_of_each_bar(show, monkeypatch):
    said = []
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, widget: said.append((at.y(), text)))
    bars = ScoreBars()
    bars.set_bars((ScoreBar("cat", 0.25, 0.75), ScoreBar("dog", 0.5, None)))
    show(bars, 220, 160)
    step = bars.fontMetrics().height() + 21
    for y in (31, 32, 31 + step, 32 + step, 31 + 2 * step, 32 + 2 * step):
        bars.event(QHelpEvent(QEvent.Type.ToolTip, QPoint(10, y), QPoint(10, y)))
    cat, dog = "cat: clean 0.250, degraded 0.750", "dog: clean 0.500, degraded not recorded"
    assert said == [(32, cat), (31 + step, cat), (32 + step, dog), (31 + 2 * step, dog)]


def test_a_colour_scale(show, themed):
    scale = show(ColourScale(colours.DIVERGING, ("−3", "0", "+3")), 300, 40)
    text, frame = scale.palette().text().color().name(), scale.palette().mid().color().name()
    below = (0, 12, 300, 28)
    assert strokes == [
        ("image", (0, 0, 299, 10), len(colours.DIVERGING), 1), ("rect", frame, None, (0, 0, 299, 10)),
        ("text", text, False, below, LEFT | TOP, "−3"), ("text", text, False, below, CENTRE | TOP, "0"),
        ("text", text, False, below, RIGHT | TOP, "+3"),
    ]  # fmt: skip
    picture = scale.grab().toImage()
    ends = [picture.pixelColor(x, 5).getRgb()[:3] for x in (1, 297)]
    assert np.abs(np.subtract(ends, [colours.DIVERGING[0], colours.DIVERGING[-1]])).max() <= 3
    scale.set_labels(("a", "b", "c"))
    strokes.clear()
    scale.grab()
    assert [stroke[-1] for stroke in strokes[2:]] == ["a", "b", "c"] == list(scale.labels)


def test_the_ring_of_points_that_are_wrong_when_clean(qapp):
    picture = ring(QColor(200, 100, 0)).pixmap(14, 14).toImage()
    assert (picture.width(), picture.height()) == (14, 14)
    drawn = np.array([[picture.pixelColor(x, y).alpha() for x in range(14)] for y in range(14)])
    across = np.flatnonzero(drawn[7] > 200)
    assert across.tolist() == np.flatnonzero(drawn[:, 7] > 200).tolist() == [2, 3, 10, 11]
    assert picture.pixelColor(2, 7).getRgb()[:3] == (200, 100, 0) and drawn[7, 7] == drawn[0].max() == 0


def test_a_thumbnail_is_twice_as_sharp(qapp):
    icon = thumbnail(np.full((4, 8, 3), (10, 20, 30), np.uint8))
    for mode in (icon.Mode.Normal, icon.Mode.Selected):
        picture = icon.pixmap(QSize(112, 112), 1.0, mode).toImage()
        assert (picture.width(), picture.height()) == (112, 56)
        assert picture.pixelColor(56, 28).getRgb()[:3] == (10, 20, 30)


def test_pictures_of_a_cell_are_painted_side_by_side(qapp):
    red = np.full((2, 2, 3), (200, 10, 10), np.uint8)
    green = np.full((4, 2, 3), (9.6, 300.0, -5.0), np.float32)  # a degraded image: rounded, clipped to 0..255
    model, view, item = QStandardItemModel(), QListView(), QStandardItem()
    item.setData((("red", red), ("green", green), None), PICTURES)
    model.appendRow(item)
    view.setModel(model)
    view.setItemDelegate(PicturesDelegate(20, view))
    view.resize(120, 60)
    cell, picture = view.visualRect(model.index(0, 0)), view.viewport().grab().toImage()
    assert (cell.width(), cell.height()) >= (3 * 24 + 4, 24)

    def at(x):
        return picture.pixelColor(cell.left() + x, cell.center().y()).getRgb()[:3]

    empty = view.palette().base().color().getRgb()[:3]
    assert [at(x) for x in (14, 38, 62)] == [(200, 10, 10), (10, 255, 0), empty]
    assert at(38 - 9) == empty  # half as wide as high
    assert at(4 + 24 + 24 + 19) == view.palette().mid().color().getRgb()[:3]  # the frame of the one to come


def test_thumbnails_are_made_once_and_forgotten_when_unused(qapp):
    made = []

    def image(key):
        made.append(key)
        return np.zeros((2, 2, 1), np.uint8)

    cache = Thumbnails(room=3 * 20 * 20 * 4)
    for key in "abcada":
        cache.get(key, lambda key=key: image(key), 20, 1.0)
    cache.get("b", lambda: image("b"), 20, 1.0)
    assert made == ["a", "b", "c", "d", "b"]  # b was unused for longest when d came
    assert cache.get("b", lambda: image("again"), 20, 2.0).width() == 40 and made[-1] == "again"


# --- lists ---


def paint(delegate, index, room, state=QStyle.StateFlag.State_None):
    """Let a delegate paint an item; return the strokes."""
    option = QStyleOptionViewItem()
    option.rect, option.state = room, QStyle.StateFlag.State_Enabled | state
    picture = QImage(room.right() + 20, room.bottom() + 20, QImage.Format.Format_ARGB32)
    strokes.clear()
    painter = Noting(picture)
    before = painter.font(), painter.pen()
    delegate.paint(painter, option, index)
    assert (painter.font(), painter.pen()) == before
    painter.end()
    return QPalette(option.palette)


def test_the_palette_paints_the_keys_at_the_right(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    palette = Palette([("File", QAction("&Open", window, shortcut="Ctrl+O"))], window)
    delegate, index = palette.list.itemDelegate(), palette.model.index(0)
    for state, role in (
        (QStyle.StateFlag.State_None, "placeholderText"),
        (QStyle.StateFlag.State_Selected, "highlightedText"),
    ):
        used = paint(delegate, index, QRect(10, 20, 200, 30), state)
        colour = getattr(used, role)().color().name()
        assert strokes[-1] == ("text", colour, False, (10, 20, 192, 30), RIGHT | MIDDLE, "Ctrl+O")
    option = QStyleOptionViewItem()
    assert delegate.sizeHint(option, index) == QSize(200, option.fontMetrics.height() + 10)
    palette.close()


def test_open_runs_are_painted_below_headings(qtbot):
    rows = QListWidget()
    qtbot.addWidget(rows)
    rows.addItems(["mnist-lenet", "sweep"])
    for role, value in ((SESSION, "session"), (DETAILS, "72.8\N{NO-BREAK SPACE}% over all noise")):
        rows.item(1).setData(role, value)
    delegate, (heading, run) = _Rows(rows), (rows.model().index(row, 0) for row in range(2))
    option, flags = QStyleOptionViewItem(), int(WRAP)
    high = option.fontMetrics.height()
    used = paint(delegate, heading, QRect(100, 200, 300, 60))
    caption = caption_colour(used).name()
    assert strokes == [("text", caption, False, (108, 208, 280, 48), flags, heading.data())]
    for state, name, details in (
        (QStyle.StateFlag.State_None, used.text().color().name(), caption),
        (QStyle.StateFlag.State_Selected, *[used.highlightedText().color().name()] * 2),
    ):
        paint(delegate, run, QRect(100, 200, 300, 60), state)
        assert strokes == [
            ("text", name, False, (112, 204, 276, high), int(LINE), "sweep"),
            ("text", details, False, (112, 204 + high, 276, 52 - high), flags, run.data(DETAILS)),
        ]


@pytest.fixture
def multiples(qapp, qtbot, tmp_path):
    session = SweepSession(open_run(sweep(tmp_path / "sweep")), AtOnce())
    session.select_class(None)
    view = ClassMultiples(session)
    qtbot.addWidget(view)
    qtbot.waitUntil(lambda: len(session.grids.grids) == 3)
    return view


def test_a_class_in_small_is_painted(multiples):
    session, index, delegate = multiples._session, multiples.model().index(0), multiples.itemDelegate()
    left, bottom, right, top = session.grids.view
    name, share = index.data().rsplit(": ", 1)
    for state, role in (
        (QStyle.StateFlag.State_None, "mid"), (QStyle.StateFlag.State_MouseOver, "highlight"),
        (QStyle.StateFlag.State_Selected, "highlight"),
    ):  # fmt: skip
        used = paint(delegate, index, QRect(100, 200, 500, 160), state)
        text, faint = used.text().color().name(), used.placeholderText().color().name()
        beside, title, second = (100, 240, 36, 100), (140, 204, 450, 156), (140, 218, 450, 142)
        assert strokes[0] == ("fill", (140, 240, 450, 100), used.base().color().name())
        assert strokes[1][:2] == ("image", (140, 240, 450, 100))
        assert strokes[2] == ("rect", getattr(used, role)().color().name(), None, (140, 240, 449, 99))
        assert strokes[3:5] == [
            ("text", text, False, title, LEFT | TOP, name),
            ("text", caption_colour(used).name(), False, second, LEFT | TOP, share),
        ]  # fmt: skip
        below = strokes[5][3]
        assert below == (140, 342, 450, 18)
        assert strokes[5:] == [
            ("text", faint, False, below, LEFT | TOP, f"{left:.0f}"),
            ("text", faint, False, below, CENTRE | TOP, "PSNR (dB)"),
            ("text", faint, False, below, RIGHT | TOP, f"{right:.0f}"),
            ("text", faint, False, beside, RIGHT | TOP, f"{top:.0f}"),
            ("text", faint, False, beside, RIGHT | MIDDLE, "score"),
            ("text", faint, False, beside, RIGHT | BOTTOM, f"{bottom:.0f}"),
        ]  # fmt: skip
    paint(delegate, index, QRect(0, 0, 80, 160))
    assert strokes[4][-1] == share, "a narrow panel says the same"


@pytest.mark.parametrize(
    ("width", "height", "columns", "rows"), [(150, 200, 1, 3), (450, 500, 2, 2), (1200, 400, 3, 1), (800, 900, 3, 1)]
)
def test_classes_in_small_share_the_room(multiples, width, height, columns, rows):
    multiples.setFixedSize(width, height)
    multiples.show()
    multiples.resizeEvent(QResizeEvent(multiples.size(), multiples.size()))
    room = multiples.viewport().size()
    expected = max(HEIGHT, min((room.height() - 2) // rows, 2 * HEIGHT))
    assert (WIDTH, HEIGHT) == (190, 160)
    assert multiples.gridSize() == QSize((room.width() - 2) // columns, expected)
    assert multiples.itemDelegate().sizeHint(QStyleOptionViewItem(), multiples.model().index(0)) == multiples.gridSize()


# --- one image ---


def test_an_image_with_square_pixels(show, qapp):
    scale = ColourScale(np.repeat(np.arange(256)[:, None], 3, axis=1), ("0", "128", "255"))
    pane = show(ImagePane("Clean", scale), 420, 300)
    told = []
    pane.range_changed.connect(told.append)
    pane.set_image(np.uint8([[0, 255], [255, 0]]))
    pane.fit()
    view = pane.view
    assert view.state["aspectLocked"] and view.yInverted() and not view.menuEnabled()
    assert view.state["limits"]["xLimits"] == [-6, 8] and view.state["limits"]["yLimits"] == [-6, 8]
    (left, right), (bottom, top) = view.viewRange()
    assert (left + right) / 2 == pytest.approx(1) and (bottom + top) / 2 == pytest.approx(1)
    assert min(right - left, top - bottom) == pytest.approx(2 * 1.04, rel=0.002)
    picture = pane.graphics.grab().toImage()
    for x, y in ((0.5, 0.5), (1.5, 0.5), (0.5, 1.5), (1.5, 1.5)):
        at = pane.graphics.mapFromScene(view.mapViewToScene(QPointF(x, y)))
        level = 255 if (x > 1) != (y > 1) else 0
        assert picture.pixelColor(at).getRgb()[:3] == (level,) * 3
    pane.show_range(QRectF(0.5, 0.5, 1, 1))
    assert told and told[-1].center() == QRectF(0.5, 0.5, 1, 1).center()
    (left, right), (bottom, top) = view.viewRange()
    assert min(right - left, top - bottom) == pytest.approx(1, rel=0.01)
    pane.copy_action.trigger()
    copied = qapp.clipboard().image()
    assert [copied.pixelColor(x, 0).red() for x in (0, 1)] == [0, 255]
    said = []
    pane.left.connect(lambda: said.append("left"))
    qapp.sendEvent(pane.graphics, QEvent(QEvent.Type.Leave))
    assert said == ["left"]


def test_the_ground_below_an_image_is_the_windows(show, qapp):
    pane = show(ImagePane("Clean", ColourScale(colours.DIVERGING, ("", "", ""))), 420, 300)
    for theme in (DARK, LIGHT):
        apply_theme(qapp, theme)
        qapp.processEvents()
        assert pane.graphics.backgroundBrush().color() == pane.palette().window().color()
    apply_theme(qapp, SYSTEM)
