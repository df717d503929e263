"""Two rows of an assessment's table are selected, and the caption says which degradation costs more accuracy."""

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of
from PySide6.QtCore import QPoint, Qt

import tfstab
from tfstab.gui.widgets.robustness.robustness_page import COMPARE_TWO, KEPT_SAID

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
SEVERITIES = {"fog": (20, 40, 60), "jpeg": (90, 50, 10), "contrast": (0.75, 0.5, 0.3)}
RIGHT = {"fog": (0.5, 0.3, 0.1), "contrast": (0.9, 0.85, 0.79), "jpeg": (0.9, 0.85, 0.8)}


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Fog costs most, contrast and JPEG compression nearly the same, which has images of its own, too."""
    folder = tmp_path_factory.mktemp("three") / "three"
    for name, right in RIGHT.items():
        after = 51 if name == "jpeg" else 0
        rows = np.roll(first_of(right, 200), -after, axis=0)  # the same images are wrong under both
        sweep_of(folder, name, rows, SEVERITIES[name], indices=np.arange(200) + after)
    return folder


@pytest.fixture
def page(open_window, three, settle):
    window = open_window(three, view="Robustness")
    settle(window)
    page = window.page().robustness
    assert [row.name for row in page.heat_map.rows] == ["fog", "contrast", "jpeg"]
    return page


def sentences(folder, *names):
    return str(tfstab.open_assessment(folder).compare_degradations(*names))


def click_name(qtbot, page, row, keys=Qt.KeyboardModifier.NoModifier):
    header = page.heat_map.verticalHeader()
    place = QPoint(20, header.sectionViewportPosition(row) + 10)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, keys, place)


def click_cell(qtbot, page, row, column, keys):
    table = page.heat_map
    place = table.visualItemRect(table.item(row, column)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, keys, place)


def test_two_names_are_clicked(qtbot, page, three):
    usual = f"{KEPT_SAID} {COMPARE_TWO}"
    assert page.waiting.text() == usual
    click_name(qtbot, page, 0)
    assert page.waiting.text() == usual
    click_name(qtbot, page, 1, CTRL)
    said = page.waiting.text()
    assert said == sentences(three, "fog", "contrast") and "Fog costs more accuracy" in said
    click_name(qtbot, page, 0, CTRL)  # no longer
    click_name(qtbot, page, 2, CTRL)
    said = page.waiting.text()
    assert said == sentences(three, "contrast", "jpeg") and said.startswith("On the same 149 images")
    click_name(qtbot, page, 0, CTRL)
    assert page.waiting.text() == usual and len(page.heat_map.selected_rows()) == 3


def test_cells_are_selected_with_ctrl_and_shift_and_lead_nowhere(qtbot, page, three):
    asked = []
    page.visit_asked.connect(asked.append)
    click_cell(qtbot, page, 1, 2, CTRL)
    click_cell(qtbot, page, 2, 0, SHIFT)
    assert asked == [] and page.waiting.text() == sentences(three, "contrast", "jpeg")
    assert "is not decided" in page.waiting.text()
    click_cell(qtbot, page, 0, 1, Qt.KeyboardModifier.NoModifier)
    assert len(asked) == 1 and asked[0].run == str(three / "fog")


def test_rows_are_selected_by_keys_and_stay_selected(qtbot, page, three):
    table = page.heat_map
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Up)
    qtbot.keyClick(table, Qt.Key.Key_Down, CTRL)
    qtbot.keyClick(table, Qt.Key.Key_Down, CTRL)
    qtbot.keyClick(table, Qt.Key.Key_Space, CTRL)
    said = sentences(three, "fog", "jpeg")
    assert page.waiting.text() == said and table.currentRow() == 2
    table.set_rows([table.rows[2], table.rows[0], table.rows[1]])  # as when a run has grown
    assert [row.name for row in table.selected_rows()] == ["jpeg", "fog"] and table.currentRow() == 0
    assert page.waiting.text() == sentences(three, "jpeg", "fog")


def test_the_menu_of_a_sweep_says_where_two_degradations_are_compared(open_window, three):
    window = open_window(three / "fog", three / "jpeg")
    compare, (_, jpeg) = window.page().compare, window.controller.sessions
    entry = compare.refused[jpeg]
    assert entry.text() == "jpeg: measured under JPEG compression, not fog" and not entry.isEnabled()
    assert "of one network, open the folder of its sweeps and select two rows in Robustness" in " ".join(
        entry.toolTip().split()
    )
