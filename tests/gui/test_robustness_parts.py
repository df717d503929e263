"""The parts of an assessment's page, each by itself and without a window, against values worked out by hand."""

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from doubles import heard
from PySide6.QtCore import QObject, QRect, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QStyleOptionViewItem

from tfstab.explanation.remedies import HELPS
from tfstab.gui.content.image_grid import FamilyLine, ImageGrid, ShownCopy
from tfstab.gui.content.pairing import Pairing, PairRow
from tfstab.gui.content.robustness import Cell, FamilyRow
from tfstab.gui.content.why import Layer, Why, in_window
from tfstab.gui.theme import MIDDLE, PLAIN, SPACE, mixed
from tfstab.gui.widgets.bars import BarBlock
from tfstab.gui.widgets.robustness import why_page as why_module
from tfstab.gui.widgets.robustness.heat_map import DARK, FRAME, LIGHT, HeatMap, shade
from tfstab.gui.widgets.robustness.image_table import ImageTable
from tfstab.gui.widgets.robustness.interval_delegate import DOT, MARK, MARKS, IntervalDelegate
from tfstab.gui.widgets.robustness.pair_table import PairTable
from tfstab.gui.widgets.robustness.why_page import AMPLIFIES, Explained, WhyPage
from tfstab.metrics import Estimate
from tfstab.metrics.paired import Difference

NAN = float("nan")


def family(name, kept, *cells):
    made = tuple(Cell(k, 10.0 * (k + 1), Estimate(v, v, v), 1) for k, v in enumerate(cells))
    estimate = Estimate(kept, kept - 0.1, kept + 0.1)
    return FamilyRow(name, name.capitalize(), "sigma", "", Path(f"/runs/{name}"), 9, estimate, "good", True, made)


# --- families by severity ---


def test_a_heat_map_has_a_cell_for_each_severity(show):
    noise, blur = family("noise", 0.5, 0.9, 0.5, 0.0), family("blur", 0.25, NAN)
    table = show(HeatMap(), 600, 400)
    table.set_rows([noise, blur], [("other", [family("blur", 0.75)])])
    titles = [table.horizontalHeaderItem(x).text() for x in range(table.columnCount())]
    assert titles == ["accuracy kept (95 % interval)", "1 (mildest)", "2", "3"] and table.rowCount() == 2
    texts = [[table.item(y, x) and table.item(y, x).text() for x in range(1, 4)] for y in range(2)]
    assert texts == [["90 %\nsigma 10", "50 %\nsigma 20", "0 %\nsigma 30"], ["–", None, None]]
    dots = [table.item(y, 0).data(MARKS) for y in range(2)]
    assert [dot.own for dot in dots] == [noise.kept, blur.kept]
    assert math.isnan(dots[0].others[0].value) and dots[1].others[0].value == 0.75
    assert "other: 75 % (65–85)" in table.item(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    families, cells = heard(table.family_asked), heard(table.cell_asked)
    for where in ((1, 0), (1, 1), (1, 2), (0, 3), (0, 4), (2, 0), (2, 1)):
        table.cellClicked.emit(*where)
    table.cellActivated.emit(0, 0)
    assert families == [(blur,), (noise,)] and cells == [(blur, blur.cells[0]), (noise, noise.cells[2])]
    for dark in (True, False):
        palette = QPalette(table.palette())
        for role in (QPalette.ColorRole.Window, QPalette.ColorRole.Base):
            palette.setColor(role, QColor("black" if dark else "white"))
        table.setPalette(palette)
        assert [table.item(0, x).background().color() for x in (1, 2, 3)] == [shade(v, dark) for v in (0.9, 0.5, 0.0)]
        assert table.item(1, 1).background().style() == Qt.BrushStyle.NoBrush
    table.set_rows([])
    assert (table.rowCount(), table.columnCount()) == (0, 1)


def test_titles_of_rows_say_what_the_degradation_does_and_in_which_direction_it_was_measured(show):
    both = replace(family("brightness", 0.5, 0.5), about="makes the image brighter")
    table = show(HeatMap(), 600, 400)
    table.set_rows([replace(both, direction="brighter"), both, family("own", 0.5, 0.5)])
    tips = [table.verticalHeaderItem(y).toolTip() for y in range(3)]
    does = "Brightness makes the image brighter."
    assert tips == [f"{does} Measured in one direction only: brighter.", does, ""]
    cells = [table.item(y, 1).toolTip().partition(":")[0] for y in range(2)]
    assert cells == ["Brightness (brighter), sigma 10", "Brightness, sigma 10"]


def test_the_selected_cell_stays_selected_when_the_run_is_read_again(show, qtbot):
    noise, blur = family("noise", 0.5, 0.9, 0.5, 0.1), family("blur", 0.8, 0.9, 0.8)
    table = show(HeatMap(), 600, 400)
    asked = heard(table.cell_asked)
    table.set_rows([noise, blur])
    table.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right):  # the first to the first cell
        qtbot.keyClick(table, key)
    worse = family("blur", 0.3, 0.9, 0.2)
    for rows, (y, x) in (([noise, blur], (1, 2)), ([worse, noise], (0, 2))):
        table.set_rows(rows)
        assert [(index.row(), index.column()) for index in table.selectedIndexes()] == [(y, x)]
        qtbot.keyClick(table, Qt.Key.Key_Return)
        assert asked[-1] == (rows[y], rows[y].cells[1])
    qtbot.keyClick(table, Qt.Key.Key_Left)
    qtbot.keyClick(table, Qt.Key.Key_Left)  # the accuracy kept
    table.set_rows([noise, worse])
    assert (table.currentRow(), table.currentColumn()) == (1, 0)
    table.set_rows([noise])
    assert table.currentRow() == -1 and not table.selectedIndexes() and table.item(0, 3) is not None
    table.set_rows([worse, noise])
    assert table.item(0, 3) is None


def test_cells_that_are_no_better_than_guessing_have_a_dotted_frame(show, light):
    noise = family("noise", 0.7, 0.9, 0.5)
    noise = replace(noise, cells=(noise.cells[0], replace(noise.cells[1], guessing=True)), guessed=0.55)
    table = show(HeatMap(), 600, 200)
    table.set_rows([noise])
    said = [table.item(0, x).data(Qt.ItemDataRole.AccessibleTextRole) for x in (1, 2)]
    tip = "The accuracy kept is not clearly better than the 55 % that always answering the same class would keep"
    assert tip not in said[0] and said[1].endswith(f". {tip}") and "always answering" in table.item(0, 2).toolTip()
    picture = table.viewport().grab().toImage()
    framed = []
    for x in (1, 2):
        place = table.visualItemRect(table.item(0, x))
        line = {picture.pixelColor(at, place.top() + FRAME).name() for at in range(place.left() + 9, place.right() - 9)}
        framed.append(len(line) > 1)  # dots and gaps between them
    assert framed == [False, True]


@pytest.mark.parametrize(("width", "line"), [(300, 80), (500, 100), (1000, 170)])
def test_the_lines_of_intervals_are_shorter_where_there_is_less_room(show, width, line):
    table = show(HeatMap(), 600, 400)
    table.set_rows([family("noise", 0.5, 0.9, 0.5)])
    for _ in range(2):  # the first time, the titles of the rows take their room
        table.resize(width + table.width() - table.viewport().width(), 300)
    assert table.viewport().width() == width
    assert table.columnWidth(0) - table.fontMetrics().horizontalAdvance("100.0 % (99.9–100.0)") == line
    assert table.horizontalHeader().width() == width


def test_shares_have_colours_from_red_to_green():
    for dark, stops in ((True, DARK), (False, LIGHT)):
        for at, name in stops:
            assert shade(at, dark).name() == name
        assert shade(-1.0, dark).name() == stops[0][1] and shade(1.2, dark).name() == stops[-1][1]
        (_, first), (_, second), (_, third), _ = stops
        assert shade(0.25, dark) == mixed(QColor(first), QColor(second), 0.5)
        assert shade(0.8, dark) == mixed(QColor(second), QColor(third), 0.75)


class Noting(QPainter):
    """A painter that notes lines and ellipses in data of the test's own."""

    def __init__(self, device):
        super().__init__(device)
        self.lines, self.dots, self.marks = [], [], []

    def drawLine(self, first, second):
        self.lines.append((first.x(), second.x(), first.y(), second.y()))

    def drawEllipse(self, middle, across, up):
        self.dots.append((middle.x(), middle.y(), across, up, self.brush().style() != Qt.BrushStyle.NoBrush))

    def drawPath(self, path):
        corners = [(path.elementAt(n).x, path.elementAt(n).y) for n in range(path.elementCount())]
        across, up = (sorted(values) for values in zip(*corners, strict=True))
        self.marks.append(((across[0] + across[-1]) / 2, (up[0] + up[-1]) / 2, self.brush().color().name()))


def test_dots_lie_on_a_line_from_0_to_100_percent(show):
    table = show(HeatMap(), 600, 400)
    own = Estimate(0.0, -0.1, 0.25)
    row = FamilyRow("a", "A", "sigma", "", Path("/a"), 9, own, "bad", False, ())
    names = ("b", "c", "d")
    shares = (Estimate(1.5, 0.5, 2.0), Estimate(NAN, NAN, NAN), Estimate(0.5, 0.25, 0.75))
    others = [FamilyRow("a", "A", "sigma", "", Path("/a"), 9, share, "bad", True, ()) for share in shares]
    table.set_rows([row], [(name, [other]) for name, other in zip(names, others, strict=True)])
    option = QStyleOptionViewItem()
    option.widget, option.rect = table, QRect(100, 50, 700, 84)
    picture = QImage(900, 200, QImage.Format.Format_ARGB32)
    painter = Noting(picture)
    IntervalDelegate(table).paint(painter, option, table.model().index(0, 0))
    left = 100 + SPACE
    right = 800 - 2 * SPACE - option.fontMetrics.horizontalAdvance("100.0 % (99.9–100.0)") - DOT
    half, quarter = (left + right) / 2, (right - left) / 4
    # Between the margins of 2 pixels, each of the four networks has 20: one is not known and not drawn.
    assert painter.dots == [(pytest.approx(left), pytest.approx(62), DOT, DOT, False)]
    assert [mark[:2] for mark in painter.marks] == [pytest.approx(m, abs=MARK / 2) for m in ((right, 82), (half, 122))]
    assert {colour for *_, colour in painter.marks} == {table.palette().text().color().name()}, "no colour of a level"
    scale = [(x, x, 52, 132) for x in (left, right, half, left + 0.9 * (right - left))]
    bars = [(left, left + quarter, 62, 62), (half, right, 82, 82), (left + quarter, right - quarter, 122, 122)]
    assert painter.lines == [pytest.approx(line) for line in scale + bars]
    painter.end()


# --- one image, and pairs of networks ---


def copy_of(k, copies=1, parameter="sigma"):
    picture = np.zeros((2, 2, 1), np.uint8)
    return ShownCopy(k, parameter, 10.0 * k, picture, True, "cat", copies, 1, f"copy {k}")


def test_the_copy_that_is_chosen_is_marked_whichever_image_is_shown(show):
    table = show(ImageTable(), 600, 400)
    lines = (
        FamilyLine("noise", "Noise", Path("/noise"), (copy_of(0), copy_of(1, 3), copy_of(2))),
        FamilyLine("blur", "Blur", Path("/blur"), (copy_of(0),)),
        FamilyLine("fog", "Fog", Path("/fog"), (), "it is damaged"),
    )
    grid = ImageGrid(7, "image 7", np.zeros((2, 2, 1), np.uint8), lines)
    asked, families = heard(table.copy_asked), heard(table.family_asked)
    table.set_grid(grid)
    assert (table.rowCount(), table.columnCount()) == (3, 3)
    assert [table.horizontalHeaderItem(x).text() for x in range(3)] == ["1", "2", "3"]
    tips = [table.verticalHeaderItem(y).toolTip() for y in range(3)]
    assert tips == ["Open the sweep of Noise", "Open the sweep of Blur", "it is damaged"] and asked == []
    table.cellClicked.emit(1, 1)
    assert asked == [], "there is no such copy"
    table.setCurrentCell(0, 0)
    QTest.keyClick(table, Qt.Key.Key_Right)
    QTest.keyClick(table, Qt.Key.Key_Up)
    assert asked == [(lines[0], lines[0].shown[1])], "from the first row no key leads further up"
    for copy, marked in ((("noise", 2), [(0, 2)]), (("blur", 0), [(1, 0)]), (("fog", 0), []), (None, [])):
        table.set_grid(grid)
        assert table.selectedIndexes() == [], "of another image"
        table.choose(copy)
        assert [(index.row(), index.column()) for index in table.selectedIndexes()] == marked
    table.set_grid(None)
    table.choose(("noise", 2))
    assert len(asked) == 1, "only the user asks"
    table.set_grid(grid)
    table.verticalHeader().sectionClicked.emit(1)
    assert families == [(lines[1],)]
    narrow = table.horizontalHeader().defaultSectionSize()
    long = FamilyLine("x", "X", Path("/x"), (copy_of(0), copy_of(1, 1000, "a parameter with quite a long name")))
    table.set_grid(ImageGrid(7, "image 7", grid.clean, (long,)))
    assert table.horizontalHeader().defaultSectionSize() > narrow + 50
    table.set_grid(None)
    assert (table.rowCount(), table.columnCount()) == (0, 0)
    table.verticalHeader().sectionClicked.emit(0)
    assert len(families) == 1


def test_the_last_column_of_pairs_takes_the_room_that_is_left(show):
    table = show(PairTable(), 2000, 200)
    assert table.horizontalHeader().stretchLastSection()
    better = Difference(0.5, 0.7, 0.2, 0.1, 0.3, 20, 0.04)
    table.set_pairings("own", [Pairing("a network with a long name", [PairRow("mean", better)])])
    header, last = table.horizontalHeader(), table.columnCount() - 1
    for words in (table.item(0, last).text(), "a reason in words that are longer than the title of the column"):
        table.item(0, last).setText(words)
        sizes = [max(table.sizeHintForColumn(x), header.sectionSizeHint(x)) for x in range(last + 1)]
        beside = table.width() - table.viewport().width()
        for room, stretches in ((sum(sizes) + 1, True), (sum(sizes), True), (sum(sizes) - 1, False)):
            table.resize(room + beside, 200)
            assert table.viewport().width() == room and header.stretchLastSection() == stretches
            assert header.length() == (room if stretches else sum(sizes))


# --- why ---


class Changes(QObject):
    changed = Signal()


def test_bars_of_layers_are_as_long_as_the_largest_is_high(show, monkeypatch):
    changes = Changes()
    run = SimpleNamespace(complete=True, path=Path("/nowhere"))
    session = SimpleNamespace(changed=changes.changed, run=SimpleNamespace(opened=SimpleNamespace(explanation=run)))
    session.name, session.about, session.computed = "digits", "lenet on mnist", None
    session.background = SimpleNamespace(run=lambda work, done, failed=None, owner=None: done(work()))
    page = show(WhyPage(session), 600, 400)
    inf = float("inf")
    gains = (Estimate(2.0, 1.5, 4.0), Estimate(1.5, 1.0, inf), Estimate(-1.0, -2.0, -1.0))
    margins = (Estimate(0.0, 0.0, 0.0),) * 3
    made = []

    def layers(gains, margins):
        named = zip("abc", gains, margins, strict=True)
        return tuple(Layer(name, gain, margin) for name, gain, margin in named)

    monkeypatch.setattr(why_module, "why_of", lambda run: made[-1])
    for first, second in ((gains, margins), (margins, gains), (tuple(Estimate(inf, 2.0, inf) for _ in "abc"), gains)):
        made.append(Why("Because.", (), layers(first, second), 5, None))
        page._read = None
        page.shown()
        assert page.gain.isVisible() and page.causes.isVisible()
        figure = page.figure()
        assert {page.gain, page.margin} <= set(figure.widget.findChildren(BarBlock)) and page.has_figure
        assert (figure.name, figure.caption) == ("digits-layers", "digits: lenet on mnist")
        page.resize(page.gain.minimumSizeHint().width() * 3 // 2, 400)
        QApplication.processEvents()
        assert page.margin.y() > page.gain.y(), "there is no room beside it"
        page.resize(600, 400)
        told = [[(bar.share, bar.interval, bar.tone) for bar in block.bars] for block in (page.gain, page.margin)]
        tones = (MIDDLE, PLAIN, PLAIN), (PLAIN, PLAIN, PLAIN)
        shares = [(0.5, (0.375, 1.0)), (0.375, (0.25, inf)), (0.0, (0.0, 0.0))]
        nothing = [(0.0, (0.0, 0.0), PLAIN)] * 3
        if first is gains:
            assert told == [[(*share, tone) for share, tone in zip(shares, tones[0], strict=True)], nothing]
        elif first is margins:
            assert told == [nothing, [(*share, PLAIN) for share in shares]]
        else:
            assert told[0] == [(inf, (2.0, inf), MIDDLE)] * 3
        explained = [AMPLIFIES in block.findChildren(Explained)[-1].text() for block in (page.gain, page.margin)]
        assert explained == [first is not margins, False], "the colour is explained where it is used"
    made.append(Why("Too few.", (), (), 0, None))
    page._read = None
    page.shown()
    assert not page.gain.isVisible() and not page.causes.isVisible() and page.explain.isVisible()
    made.append(Why("One.", (("A", "b", "Do c."),), (), 1, None))
    page.shown()
    assert page.verdict.label.text() == "Too few.", "the same explanation is read once"
    page._read = None
    page.hide()
    changes.changed.emit()
    assert page.verdict.label.text() == "Too few.", "out of sight"
    page.show()
    changes.changed.emit()
    assert page.verdict.label.text() == "One." and page.causes.isVisible() and not page.causes.link.isEnabled()
    told = [label.text() for label in page.causes.findChildren(QLabel)]
    assert "<b>A.</b> b<br>What helps: Do c." in told, "the remedy, as the report has it"


def test_what_helps_names_buttons_and_fields_in_place_of_commands():
    told = {kind: in_window(helps) for kind, helps in HELPS.items()}
    for kind in ("clean", "margin"):
        assert 'Harden… with "1" in the field Clean share trains a copy for longer on clean images' in told[kind]
    assert "Harden… trains your network on degraded images" in told["gain"]
    assert 'Harden… with "contrast,brightness,fog" in the field Against trains' in told["low"]
    assert not any("tfstab harden" in text for text in told.values())
