"""The parts of an assessment's robustness, without a window, on a session that the test makes up."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from doubles import heard
from PySide6.QtCore import QObject, Qt, Signal

from tfstab.degradations.alone import applied_alone
from tfstab.errors import InputError
from tfstab.gui.content.image_grid import FamilyLine, ImageGrid, ShownCopy
from tfstab.gui.content.pairing import NOISE, Pairing, PairRow
from tfstab.gui.content.robustness import Cell, FamilyRow
from tfstab.gui.theme import BAD, GOOD, PLAIN
from tfstab.gui.widgets.blocks import Caption
from tfstab.gui.widgets.legend import Legend
from tfstab.gui.widgets.robustness.interval_delegate import MARKS
from tfstab.gui.widgets.robustness.pair_view import HOW, NOTHING
from tfstab.gui.widgets.robustness.robustness_page import READING, RobustnessPage
from tfstab.metrics import Estimate
from tfstab.metrics.paired import Difference
from tfstab.runs import CleanImages

KEPT = OLD = Estimate(0.5, 0.4, 0.6)
NEW = Estimate(0.7, 0.6, 0.8)
BLUR = FamilyRow("blur", "Blur", "radius", "", Path("/runs/blur"), 9, KEPT, "mid", True, (Cell(3, 1.5, KEPT, 2),))
FOG = FamilyRow("fog", "Fog", "level", "", Path("/runs/fog"), 9, KEPT, "mid", False, ())


class Compared(QObject):
    changed = Signal()

    def __init__(self):
        super().__init__()
        self.runs, self.names, self.pairings, self.problem = [], ["own"], [], ""


class Assessed(QObject):
    """A session of an assessment that notes what it is asked for."""

    image_changed, grid_changed, triple_changed = Signal(), Signal(), Signal(object)

    def __init__(self):
        super().__init__()
        self.compared, self.computed, self.problem, self.name = Compared(), None, "", "own"
        self.image = self.grid = self.copy = None
        self.background = SimpleNamespace(failed=SimpleNamespace(emit=print), run=lambda *_: None)
        self.asked = []
        shape = (9, 2, 2, 1)
        clean = CleanImages(np.zeros(shape, np.uint8), np.zeros(9, int), np.arange(9), np.zeros((9, 2), np.float32))
        self.run = SimpleNamespace(clean=clean)

    def __getattr__(self, name):
        return lambda *values: self.asked.append((name, *values))


@pytest.fixture
def page(qtbot):
    page = RobustnessPage(Assessed())
    qtbot.addWidget(page)
    page.resize(900, 500)
    page.show()
    return page


def test_families_are_shown_once_they_are_computed(page):
    session, offered = page._session, heard(page.offers_changed)
    assert page.waiting.text() == READING and page.offers() == {} and page.part == 0
    session.problem = "It is damaged."
    session.compared.changed.emit()
    assert page.waiting.text() == "It is damaged." and page.heat_map.rowCount() == 0 and offered == []
    session.computed = SimpleNamespace(families=[BLUR], repairs=())
    session.compared.changed.emit()
    assert page.heat_map.rowCount() == 1 and set(page.offers()) == {"save-table"} and len(offered) == 1
    assert "the measured images do not show" not in page.legend.text() and page.waiting.text().endswith(
        "A click lists the images."
    )
    unread, read = SimpleNamespace(computed=None), SimpleNamespace(computed=SimpleNamespace(families=[BLUR, FOG]))
    session.compared.runs, session.compared.names = [unread, read], ["own", "a", "b"]
    session.computed = SimpleNamespace(families=[BLUR, FOG], repairs=())
    session.compared.changed.emit()
    assert page.legend.text().endswith("■</span>&nbsp;b")
    assert "the measured images do not show" in page.legend.text()
    assert page.heat_map.item(1, 0).data(MARKS).others == [KEPT]
    session.computed = SimpleNamespace(families=[], repairs=())
    session.compared.changed.emit()
    assert page.waiting.text() == "No degradation has been swept yet." and page.offers() == {}


def test_degradations_measured_in_one_direction_only_are_named_below_the_table(page):
    session = page._session
    session.computed = SimpleNamespace(figures=None, families=[replace(FOG, tone=GOOD)], repairs=())
    session.compared.changed.emit()
    assert not page.applied.isVisible()
    blur, fog = (replace(row, tone=GOOD) for row in (BLUR, FOG))
    one_way = replace(blur, title="brightness", direction="brighter"), replace(fog, title="gamma", direction="darker")
    session.computed = SimpleNamespace(figures=None, families=[*one_way, fog], repairs=())
    session.compared.changed.emit()
    assert (
        page.applied.text()
        == f"{applied_alone()} Measured in one direction only: brightness (brighter) and gamma (darker)."
    )
    assert page.applied.isVisible() and page.applied.y() >= page.stack.geometry().bottom()
    for part in (1, 2, 3, 0):
        page.show_part(part)
        assert page.applied.isVisible() == (part in (0, 3))


def test_a_click_on_a_cell_or_a_family_leads_to_its_run(page):
    asked = heard(page.visit_asked)
    page.heat_map.cell_asked.emit(BLUR, BLUR.cells[0])
    page.heat_map.family_asked.emit(FOG)
    page.image_view.table.family_asked.emit(FamilyLine("blur", "Blur", BLUR.path, ()))
    (listed,), (fog,), (blur,) = asked
    assert (Path(listed.run), listed.view) == (BLUR.path, "Misclassifications")
    assert listed.state == {"class": None, "filter": {"severity_index": 3, "clean_wrong": False}}
    assert [Path(there.run) for there in (fog, blur)] == [FOG.path, BLUR.path] and fog.state == {}


def test_one_of_four_parts_is_in_view(page):
    session, offered = page._session, heard(page.offers_changed)
    session.computed = SimpleNamespace(figures=None, families=[BLUR], repairs=())
    page.heat_map.set_rows([BLUR])
    tables = page.heat_map, page.image_view.table, page.pair_view.table, page.class_view.table
    parts = (1, "One image"), (2, "Other networks"), (3, "Classes"), (0, "Degradations and severities")
    for part, title in parts:
        page.buttons.button(part).click()
        assert page.part == part and page.first() is tables[part] and page.buttons.checkedId() == part
        assert page.shows_triple == (part == 1) and session.asked.pop() == ("want_grid", part == 1)
        assert page.waiting.isVisible() == page.help.isVisible() == page.legend.isVisible() == (part == 0)
        assert set(page.offers()) == ({"save-table"} if part == 0 else set())
        form = {2: {"chart": False}, 3: {"false_alarms": False}}.get(part, {})
        assert page.viewpoint_state() == {"robustness": {"part": title} | form}
    assert len(offered) == 4
    page.restore({"robustness": {"part": "One image"}})
    assert page.part == 1 and page.buttons.button(1).isChecked()
    page.restore({})
    assert page.part == 1


def test_one_image_is_named_while_it_is_degraded(page):
    session, view = page._session, page.image_view
    page.show_part(1)
    session.asked.clear()
    assert view.about.text() == "No image has been swept yet."
    session.image = 7
    session.image_changed.emit()
    assert view.about.text() == "Image 7: degrading it…"
    session.problem = "It is damaged."
    session.grid_changed.emit()
    assert view.about.text() == "It is damaged."
    shown = ShownCopy(4, "radius", 1.5, np.zeros((2, 2, 1), np.uint8), True, "cat", 1, 1, "a copy")
    line = FamilyLine("blur", "Blur", BLUR.path, (shown,))
    session.grid = ImageGrid(7, "Image 7, cat", np.zeros((2, 2, 1), np.uint8), (line,))
    session.grid_changed.emit()
    assert view.about.text() == "Image 7, cat" and not view.clean.pixmap().isNull() and view.table.rowCount() == 1
    for button in (view.previous, view.next, view.weakest):
        button.click()
    view.table.cellClicked.emit(0, 0)
    assert [asked[0] for asked in session.asked] == ["step", "step", "select_weakest", "select_copy"]
    assert [asked[1] for asked in session.asked[:2]] == [-1, 1] and session.asked[3][1:] == ("blur", 4)


def test_the_number_of_an_image_is_typed_and_an_image_that_was_not_measured_everywhere_is_said(page, qtbot):
    session, view, said = page._session, page.image_view, heard(page.said)
    page.show_part(1)
    session.image, session.lacks = 7, {3: "", 5: "Not 5."}.get
    session.image_changed.emit()
    assert view.field.text() == "7"
    session.asked.clear()
    for typed in ("5", "12", "3"):
        view.field.selectAll()
        qtbot.keyClicks(view.field, typed)
        qtbot.keyClick(view.field, Qt.Key.Key_Return)
        assert view.field.text() == "7", "until the session has chosen another image"
    assert session.asked == [("select_image", 3)]
    assert [line for (line,) in said] == [
        "Not 5.", "Image 12 is not in this run; it has 9 images, beginning with 0, 1, 2, 3, 4.",
    ]  # fmt: skip


def test_pairs_are_said_once_they_are_compared(page):
    compared, view = page._session.compared, page.pair_view
    page.show_part(2)
    assert view.said.text() == NOTHING and not view.table.isVisible()
    with pytest.raises(InputError, match="choose another assessment with “Compare with…” above"):
        view.figure()
    compared.runs, compared.names = [SimpleNamespace(computed=None)], ["own", "theirs"]
    compared.changed.emit()
    assert view.said.text() == "The images are being compared…" and page.offers() == {}
    compared.problem = "They have no image in common."
    compared.changed.emit()
    assert view.said.text() == "They have no image in common." and not view.table.isVisible()
    difference = Difference(0.5, 0.7, 0.2, 0.1, 0.3, 20, 0.04)
    compared.pairings = [Pairing("theirs", [PairRow("mean of all", difference)])]
    compared.changed.emit()
    assert view.table.isVisible() and view.table.rowCount() == 1 and set(page.offers()) == {"save-table"}
    first, *_, last = view.said.text().split("\n")
    assert "theirs" in first and "own" in first and view.said.text().endswith(HOW) and last
    assert view.table.horizontalHeaderItem(1).text() == "own (%)"
    assert not view.forms.isVisible(), "the accuracies have no intervals of their own"
    with pytest.raises(InputError, match="There is no figure yet: wait"):
        view.figure()


def test_pairs_are_shown_as_tables_or_as_a_chart(page):
    compared, view, offered = page._session.compared, page.pair_view, heard(page.offers_changed)
    compared.runs, compared.names = [SimpleNamespace(computed=None)] * 2, ["own", "old", "new"]
    fog = PairRow("fog", Difference(0.5, 0.7, 0.2, 0.1, 0.3, 20, 0.04), sign=1, each=(OLD, NEW))
    rows = [fog, PairRow("blur", None, "old was not measured under it."), PairRow(NOISE, None, "no search")]
    compared.pairings = [Pairing("old", rows), Pairing("new", [replace(fog, sign=-1)], hardened=True)]
    compared.changed.emit()
    assert not view.forms.isVisible() and "save-figure" not in page.offers()
    page.show_part(2)
    assert view.forms.isVisible() and {"save-table", "save-figure", "copy-figure"} == set(page.offers())
    assert view.table.isVisible() and not view.chart.isVisible() and page.first() is view.table
    before = len(offered)
    view.buttons.button(1).click()
    assert view.chart.isVisible() and not view.table.isVisible() and len(offered) == before + 1
    assert page.first() is view.buttons.button(1) and "save-table" in page.offers()
    assert page.viewpoint_state() == {"robustness": {"part": "Other networks", "chart": True}}
    (one, blur, _), (other, _) = (block.bars for block in view.chart.blocks)
    assert (one.own, one.other, one.n, one.text_right) == (NEW, OLD, 1, "+20.0"), "the network in view is the second"
    assert (other.own, other.other, other.n, other.text_right) == (OLD, NEW, 2, "+20.0"), "hardened from it"
    assert [bar.value_tone for bar in (one, blur, other)] == [GOOD, PLAIN, BAD]
    assert blur.text_right == "not compared" and blur.toolTip() == "old was not measured under it."
    said = one.accessibleName()
    assert said == "fog, 20 images: own 70.0 % (60.0–80.0); old 50.0 % (40.0–60.0); +20.0 (+10.0 to +30.0) points"
    legends = [[label.text() for label in block.findChildren(Legend)] for block in view.chart.blocks]
    assert [text.count("own") for (text,) in legends] == [1, 1] and "■</span>&nbsp;old" in legends[0][0]
    drawn = one.palette().text().color().name()
    assert f'color:{drawn}">▼</span>&nbsp;new' in legends[1][0], "in the colour of the marks in the chart"
    captions = [block.findChildren(Caption) for block in view.chart.blocks]
    below = [each.text() for of_block in captions for each in of_block if not isinstance(each, Legend)]
    assert "own minus old, in points" in below[0] and "new minus own, in points" in below[1]
    assert all(text.startswith("20 images; ") for text in below)
    page.restore({"robustness": {"part": "One image"}})
    assert view.form == 1
    page.restore({"robustness": {"part": "Other networks", "chart": False}})
    assert view.form == 0 and view.table.isVisible() and view.chart.blocks == []
    compared.pairings = []
    view.show_form(1)
    assert not view.chart.isVisible() and not view.table.isVisible()


def test_what_is_said_of_the_minimum_noise_fits_the_tables_or_the_chart(page):
    compared, view = page._session.compared, page.pair_view
    compared.runs, compared.names = [SimpleNamespace(computed=None)], ["own", "old"]
    fog = PairRow("fog", Difference(0.5, 0.7, 0.2, 0.1, 0.3, 20, 0.04), sign=1, each=(OLD, NEW))
    said = SimpleNamespace(said=lambda *_: "", ratio=SimpleNamespace(count=9), texts=("L2 10", "L2 20", "ratio 2.00"))
    compared.pairings = [Pairing("old", [fog, PairRow(NOISE, None, sign=1, name="noise", noise=said)])]
    compared.changed.emit()
    page.show_part(2)
    assert "Its row has a ratio" in view.said.text() and view.table.rowCount() == 2
    view.buttons.button(1).click()
    assert "Its row" not in view.said.text() and "it is compared in the tables" in view.said.text()
    view.buttons.button(0).click()
    assert "Its row has a ratio" in view.said.text() and "in the tables" not in view.said.text()


def test_degradations_compared_in_one_direction_only_are_named_once_or_for_each_network(page):
    compared, view = page._session.compared, page.pair_view
    compared.runs, compared.names = [SimpleNamespace(computed=None)] * 2, ["own", "old", "new"]
    difference = Difference(0.5, 0.7, 0.2, 0.1, 0.3, 20, 0.04)
    said = []
    for one_way in (
        ((), ()),
        (("gamma (darker)",), ("gamma (darker)",)),
        (("gamma (darker)",), ("contrast (less contrast)",)),
    ):
        compared.pairings = [
            Pairing(name, [PairRow("mean", difference)], difference, None, one_way=named)
            for name, named in zip(("old", "new"), one_way, strict=True)
        ]
        compared.changed.emit()
        said.append([line for line in view.said.text().split("\n") if "one direction" in line])
    note = "Measured in one direction only"
    assert said == [[], [f"{note}: gamma (darker)."], [
        f"'old': {note}: gamma (darker).", f"'new': {note}: contrast (less contrast).",
    ]]  # fmt: skip


def test_unequal_trainings_are_told_with_the_names_of_the_fields(page):
    compared, view = page._session.compared, page.pair_view
    compared.runs, compared.names = [SimpleNamespace(computed=None)], ["own", "old"]
    told = "Where own is better, its longer training may be the reason: harden again with `--steps 9`."
    compared.pairings = [Pairing("old", [PairRow("fog", None, "they differ.")], trained=(told,))]
    compared.changed.emit()
    assert "Where own is better" in view.said.text() and "--steps" not in view.said.text()


def test_names_are_in_quotes_in_all_lines_or_in_none(page):
    compared, view = page._session.compared, page.pair_view
    compared.runs, compared.names = [SimpleNamespace(computed=None)] * 2, ["net-2", "net-1", "old"]
    compared.pairings = [Pairing(name, [PairRow("fog", None, "they differ.")]) for name in ("net-1", "old")]
    compared.changed.emit()
    assert view.said.text().split("\n")[:2] == [
        "'net-1' and 'net-2' cannot be compared: they differ.", "'old' and 'net-2' cannot be compared: they differ.",
    ]  # fmt: skip
