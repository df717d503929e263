"""A folder of runs that belong together is one item: opening it, its page, and the way to its runs."""

import shutil

import pytest
from PySide6.QtCore import Qt

from tfstab.gui.opening import items_of
from tfstab.gui.widgets.robustness.assessment_page import AssessmentPage
from tfstab.gui.widgets.sweep.sweep_page import SweepPage


@pytest.fixture(scope="module")
def together(runs, tmp_path_factory):
    """A search and three sweeps of one network on the same digits, in one folder."""
    folder = tmp_path_factory.mktemp("robust") / "together"
    for name in ("search", "sweep", "jpeg", "occlusion"):
        shutil.copytree(runs / name, folder / name)
    return folder


def test_runs_that_belong_together_open_as_one_item(open_window, together, qtbot):
    window = open_window(together)
    (session,) = window.controller.sessions
    page = window.page()
    assert isinstance(page, AssessmentPage) and session.kind == "assessment" and session.path == together
    figures = session.computed.figures
    assert session.headline.endswith("% kept")
    assert page.overview.verdict.text() == session.computed.verdict.lead
    heat_map = page.robustness.heat_map
    assert [row.name for row in heat_map.rows] == [family.name for family in figures.families]
    assert {row.name for row in heat_map.rows} == {"gaussian_noise", "jpeg", "occlusion"}
    jpeg = next(row for row in heat_map.rows if row.name == "jpeg")
    assert [cell.severity for cell in jpeg.cells] == [60, 5, 1], "the mildest first"


def test_a_cell_opens_the_run_of_its_family(open_window, together, qtbot, settle):
    window = open_window(together)
    page = window.page()
    page.tabs.setCurrentWidget(page.robustness)
    heat_map = page.robustness.heat_map
    y = next(k for k, row in enumerate(heat_map.rows) if row.name == "jpeg")
    where = heat_map.visualItemRect(heat_map.item(y, 2)).center()
    qtbot.mouseClick(heat_map.viewport(), Qt.MouseButton.LeftButton, pos=where)
    settle(window)
    assert isinstance(window.page(), SweepPage) and window.controller.current.path == together / "jpeg"


def test_runs_of_several_networks_open_one_by_one(runs):
    assert items_of(runs) == sorted(runs / name for name in ("search", "sweep", "jpeg", "occlusion", "rain", "rgb"))
    assert items_of(runs / "sweep") == [runs / "sweep"]


def test_a_damaged_run_does_not_keep_the_others_from_opening(open_window, together, qtbot, settle, tmp_path):
    copy = shutil.copytree(together, tmp_path / "copy")
    (copy / "jpeg" / "run.json").write_text("{")
    window, said = open_window(), []
    window.controller.failed.connect(lambda sentence, details: said.append(sentence))
    window.controller.open([copy])
    settle(window)
    (session,) = window.controller.sessions
    assert [family.name for family in session.computed.families] == ["occlusion", "gaussian_noise"]
    assert len(said) == 1 and said[0].startswith(f"{copy / 'jpeg' / 'run.json'} is damaged")
