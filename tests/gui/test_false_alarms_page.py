"""The part Classes of Robustness can show which share of the images of other classes is taken for each class."""

import csv

import numpy as np
import pytest
from class_cells import shown
from doubles import AtOnce, heard
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from stories import click_cell

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.gui.content.assessment import OpenedAssessment
from tfstab.gui.content.false_alarms import FALSE_ALARMS
from tfstab.gui.content.scripts import python_of
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.sessions.assessment_session import AssessmentSession
from tfstab.gui.widgets.robustness.class_table import GOOD
from tfstab.gui.widgets.robustness.class_view import ALARMS_HOW, ALARMS_TOGETHER, HOW, RISING, SAYS_LITTLE
from tfstab.gui.widgets.robustness.robustness_page import CLASSES, PARTS, RobustnessPage

ALARMS = 1  # the second button


@pytest.fixture(scope="module")
def assessed(tmp_path_factory):
    """Under fog, most images of 1 and a quarter of those of 2 are taken for 0, half of the images of 0 for 1.

    When clean, an eighth of the images of 3 is taken for 0. JPEG compression changes nothing.
    """
    folder = tmp_path_factory.mktemp("alarms") / "ships"
    labels, number = np.arange(320) % 4, np.arange(320) // 4
    clean = np.where((labels == 3) & (number < 10), 0, labels)
    foggy = np.where((labels == 1) & (number < 60) | (labels == 2) & (number < 20), 0, clean)
    foggy = np.where((labels == 0) & (number < 40), 1, foggy)
    for name, taken in (("fog", foggy), ("jpeg", clean)):
        config = SweepConfig(degradation=name, severities=(20, 50), copies=1)
        made_sweep(folder / name, config, np.stack([taken, taken], axis=1)[:, :, None], labels, clean, classes=4)
    return folder


@pytest.fixture
def opened(open_window, assessed, settle):
    """A window with the part Classes in view, and the part."""
    window = open_window(assessed, view="Robustness")
    page = window.page().robustness
    page.buttons.button(PARTS.index(CLASSES)).click()
    settle(window)
    return window, page.class_view


def tip(table, name, column):
    across, down, _ = shown(table)
    at = table.model().index(down.index(name), 1 + across.index(column))
    said = at.data(Qt.ItemDataRole.AccessibleTextRole)
    assert " ".join(at.data(Qt.ItemDataRole.ToolTipRole).split()) == said
    return said


def test_a_second_button_shows_which_share_of_the_other_images_is_taken_for_each_class(opened):
    window, view = opened
    assert [button.text() for button in view.forms.buttons.buttons()] == ["Recall", "False alarms"]
    assert view.forms.isVisible() and HOW in view.said.text()
    view.forms.buttons.button(ALARMS).click()
    assert shown(view.table) == (
        ["clean", "mean", "fog", "JPEG\ncompression"],
        ["0", "1", "2", "3"],
        [
            ["4 %", "↑ 21 %", "↑ 38 %", "4 %"],  # 10, 90 of 240 images
            ["0 %", "↑ 8 %", "↑ 17 %", "0 %"],  # 0, 40 of 240
            *[["0 %"] * 4] * 2,
        ],
    )
    assert view.said.text() == f"{ALARMS_HOW} {ALARMS_TOGETHER} {RISING}"
    assert view.table.accessibleName() == "False alarms by class and degradation"
    assert view.help.terms == ("false alarm",)
    assert tip(view.table, "0", "fog") == (
        "0 under fog: 38 % (31–44) of the 240 images of other classes are taken for it, averaged over the severities; "
        "4 % when clean. Most often, these are images of 1 (67 %): 75 % (64–85) of the images of 1 are taken for 0"
    ), "60 of the 80 images of class 1"
    mostly = "Most often, these are images of 3 (100 %): 12 % (6–22) of the images of 3 are taken for 0"
    assert tip(view.table, "0", "clean").endswith(f"are taken for it. {mostly}"), "10 of the 80 images of class 3"
    assert tip(view.table, "0", "mean").startswith("0 on average over all 2 degradations and their severities: 21 % (")
    assert tip(view.table, "2", "fog").endswith("; 0 % when clean"), "no image of another class to name"
    view.forms.buttons.button(0).click()
    assert shown(view.table)[0][:3] == ["clean", "mean", "kept"] and HOW in view.said.text()
    assert view.table.accessibleName() == "Recall by class and degradation"
    assert not window.page().robustness.pair_view.forms.isVisible()
    window.page().robustness.buttons.button(0).click()
    assert not view.forms.isVisible()


def test_more_false_alarms_have_the_colour_of_lower_recalls(opened):
    table = opened[1].table
    opened[1].forms.buttons.button(ALARMS).click()
    fog, jpeg = (table.model().index(0, column).data(GOOD) for column in (3, 4))
    assert fog == pytest.approx(1 - 2 * 90 / 240) and jpeg == pytest.approx(1 - 2 * 10 / 240)


def test_a_recall_that_falls_says_what_is_taken_for_the_class_and_what_the_class_is_taken_for(opened):
    """Class 0 has no asterisk under fog, as its recall falls, but more images of other classes are taken for it."""
    table = opened[1].table
    said = tip(table, "0", "fog")
    assert "When wrong, it is most often taken for 1 (100 % of its errors). 38 % (31–44) of the images" in said
    assert said.endswith("are then taken for 0, too (4 % when clean)") and "says little" not in said
    assert "too" not in tip(table, "0", "JPEG\ncompression") and "When wrong" not in tip(table, "3", "fog")
    assert "set only where the recall seems to be kept" in SAYS_LITTLE


def test_the_choice_is_kept_in_views_and_the_history(opened, assessed, settle):
    window, view = opened
    view.forms.buttons.button(ALARMS).click()
    page = window.page().robustness
    state = page.viewpoint_state()
    assert state == {"robustness": {"part": CLASSES, FALSE_ALARMS: True}}
    click_cell(view.table, 0, 3)
    settle(window)
    session, points = window.controller.current, window.page().points_page
    assert session.path == assessed / "fog" and session.class_index is None
    assert points.model.rowCount() == 2 * 90, "both severities"
    window.commands["back"].trigger()
    settle(window)
    page = window.page().robustness
    assert page.class_view.form == ALARMS and page.class_view.table.isVisible()
    assert shown(page.class_view.table)[2][0][2] == "↑ 38 %"
    page.restore({"robustness": {"part": CLASSES, FALSE_ALARMS: False}})
    assert page.class_view.form == 0 and shown(page.class_view.table)[0][2] == "kept"
    page.restore(state)
    assert page.class_view.form == ALARMS and shown(page.class_view.table)[1][0] == "0"
    visited = heard(page.class_view.visit_asked)
    click_cell(page.class_view.table, 0, 1)  # the clean images
    settle(window)
    ((there,),) = visited
    assert there.state["gallery"]["predicted"] == 0 and there.state["gallery"]["class"] is None
    assert window.page().tabs.title() == "Gallery" and window.page().gallery.model.rowCount() == 10


def test_a_choice_restored_before_the_numbers_are_there_is_followed(assessed, show):
    page = show(RobustnessPage(AssessmentSession(OpenedAssessment(assessed), AtOnce())), 900, 500)
    page.restore({"robustness": {"part": CLASSES, FALSE_ALARMS: True}})
    assert shown(page.class_view.table)[0] == ["clean", "mean", "fog", "JPEG\ncompression"]
    assert ALARMS_HOW in page.class_view.said.text()


def test_the_selected_class_stays_selected_and_the_table_is_saved(opened, tmp_path):
    window, view = opened
    across, down, _ = shown(view.table)
    view.table.setCurrentIndex(view.table.model().index(down.index("1"), 1 + across.index("fog")))
    view.forms.buttons.button(ALARMS).click()
    here, (across, down, _) = view.table.currentIndex(), shown(view.table)
    assert (down[here.row()], across[here.column() - 1]) == ("1", "fog")
    window.commands["save-table"].trigger()
    dialog = next(d for d in window.findChildren(QFileDialog) if d.isVisible())
    assert dialog.selectedFiles()[0].endswith("ships-false-alarms.csv")
    dialog.fileSelected.emit(str(tmp_path / "saved.csv"))
    with (tmp_path / "saved.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 4 * 4
    assert list(rows[2].values()) == ["0", "0", "fog", str(90 / 240), str(10 / 240), "1"]


def test_the_copied_script_prints_the_false_alarms(assessed, capsys):
    there = Viewpoint.at(assessed, "Robustness", robustness={"part": CLASSES, FALSE_ALARMS: True})
    exec(compile(python_of(there, OpenedAssessment(assessed)), "copied", "exec"), {})
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["0", "0.041667", "0.375000", "0.041667"] in lines


def test_a_single_class_has_no_false_alarms(tmp_path, show):
    config = SweepConfig(degradation="fog", severities=(20,), copies=1)
    made_sweep(tmp_path / "alone" / "fog", config, (np.arange(20) >= 15).astype(int)[:, None, None])
    page = show(RobustnessPage(AssessmentSession(OpenedAssessment(tmp_path / "alone"), AtOnce())), 900, 500)
    page.restore({"robustness": {"part": CLASSES, FALSE_ALARMS: True}})
    assert page.class_view.forms.isHidden() and shown(page.class_view.table)[0] == ["clean", "fog"]
