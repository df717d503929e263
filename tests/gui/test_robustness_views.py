"""The three parts of an assessment's robustness, without a window, on a session that the test makes up."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from doubles import heard
from PySide6.QtCore import QObject, Qt, Signal

from tfstab.gui.content.image_grid import FamilyLine, ImageGrid, ShownCopy
from tfstab.gui.content.pairing import Pairing, PairRow
from tfstab.gui.content.robustness import Cell, FamilyRow
from tfstab.gui.widgets.robustness.interval_delegate import MARKS
from tfstab.gui.widgets.robustness.pair_view import HOW, NOTHING
from tfstab.gui.widgets.robustness.robustness_page import READING, RobustnessPage
from tfstab.metrics import Estimate
from tfstab.metrics.paired import Difference
from tfstab.runs import CleanImages

KEPT = Estimate(0.5, 0.4, 0.6)
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
    assert "too few images to tell" not in page.legend.text() and page.waiting.text().endswith(
        "A click lists the images."
    )
    unread, read = SimpleNamespace(computed=None), SimpleNamespace(computed=SimpleNamespace(families=[BLUR, FOG]))
    session.compared.runs, session.compared.names = [unread, read], ["own", "a", "b"]
    session.computed = SimpleNamespace(families=[BLUR, FOG], repairs=())
    session.compared.changed.emit()
    assert page.legend.text().endswith("■</span>&nbsp;b")
    assert "too few images to tell" in page.legend.text()
    assert page.heat_map.item(1, 0).data(MARKS).others == [KEPT]
    session.computed = SimpleNamespace(families=[], repairs=())
    session.compared.changed.emit()
    assert page.waiting.text() == "No degradation has been swept yet." and page.offers() == {}


def test_a_click_on_a_cell_or_a_family_leads_to_its_run(page):
    asked = heard(page.visit_asked)
    page.heat_map.cell_asked.emit(BLUR, BLUR.cells[0])
    page.heat_map.family_asked.emit(FOG)
    page.image_view.table.family_asked.emit(FamilyLine("blur", "Blur", BLUR.path, ()))
    (listed,), (fog,), (blur,) = asked
    assert (Path(listed.run), listed.view) == (BLUR.path, "Misclassifications")
    assert listed.state == {"class": None, "filter": {"severity_index": 3, "clean_wrong": False}}
    assert [Path(there.run) for there in (fog, blur)] == [FOG.path, BLUR.path] and fog.state == {}


def test_one_of_three_parts_is_in_view(page):
    session, offered = page._session, heard(page.offers_changed)
    session.computed = SimpleNamespace(families=[BLUR], repairs=())
    page.heat_map.set_rows([BLUR])
    tables = page.heat_map, page.image_view.table, page.pair_view.table
    for part, title in ((1, "One image"), (2, "Other networks"), (0, "Degradations and severities")):
        page.buttons.button(part).click()
        assert page.part == part and page.first() is tables[part] and page.buttons.checkedId() == part
        assert page.shows_triple == (part == 1) and session.asked.pop() == ("want_grid", part == 1)
        assert page.waiting.isVisible() == page.help.isVisible() == page.legend.isVisible() == (part == 0)
        assert set(page.offers()) == ({"save-table"} if part == 0 else set())
        assert page.viewpoint_state() == {"robustness": {"part": title}}
    assert len(offered) == 3
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
