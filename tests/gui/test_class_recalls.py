"""The part Classes of Robustness: the recall of each class under each degradation, and the way to its images."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from class_cells import shown
from doubles import AtOnce, Held, heard
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from stories import click_cell

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.assessment.figures import Figures
from tfstab.assessment.finding import Finding
from tfstab.assessment.harmed_findings import IN_REPORT, harmed_under
from tfstab.assessment.ranking import harmed_classes
from tfstab.assessment.recalls import recall_of
from tfstab.gui.content import class_recalls
from tfstab.gui.content.assessment import OpenedAssessment
from tfstab.gui.content.assessment_overview import overview_of_assessment
from tfstab.gui.content.class_recalls import NO_CLASSES, ClassRecalls
from tfstab.gui.content.scripts import python_of
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.sessions.assessment_session import AssessmentSession
from tfstab.gui.widgets.overview.overview_page import WRONG_CLEAN
from tfstab.gui.widgets.robustness import class_view
from tfstab.gui.widgets.robustness.class_view import COMPUTING, FEW, HOW, MARKED, NOTHING, TOGETHER
from tfstab.gui.widgets.robustness.robustness_page import CLASSES, PARTS, RobustnessPage
from tfstab.metrics.kept import estimate_kept
from tfstab.report.recall_tables import harmed_table

IMAGES = 40, 40, 9  # of three classes
RIGHT = {  # of these, at two severities
    "fog": ((38, 6), (40, 38), (9, 8)),
    "jpeg": ((40, 38), (39, 38), (9, 8)),
    "contrast": ((37, 37), (38, 38), (9, 8)),
}
CLEAN = 38, 40, 9


@pytest.fixture(scope="module")
def assessed(tmp_path_factory):
    """Sweeps of a network that gets so many images of each class right."""
    folder = tmp_path_factory.mktemp("by-class") / "signs"
    labels, number = np.repeat(np.arange(3), IMAGES), np.concatenate([np.arange(n) for n in IMAGES])
    wrong = (labels + 1) % 3
    for name, right in RIGHT.items():
        config = SweepConfig(degradation=name, severities=(0.6, 0.3) if name == "contrast" else (20, 50), copies=1)
        taken = np.where(number[:, None] < np.array(right)[labels], labels[:, None], wrong[:, None])[:, :, None]
        clean = np.where(number < np.array(CLEAN)[labels], labels, wrong)
        made_sweep(folder / name, config, taken, labels, clean)
    return folder


@pytest.fixture
def classes(open_window, assessed, settle):
    """A window with the part in view."""

    def opened(folder=assessed):
        window = open_window(folder, view="Robustness")
        window.page().robustness.buttons.button(PARTS.index(CLASSES)).click()
        settle(window)
        return window

    return opened


def test_the_recalls_are_those_of_the_images_and_the_marks_those_of_the_report(classes, qtbot):
    window = classes()
    page, figures = window.page().robustness, window.controller.current.computed.figures
    table, recalls = page.class_view.table, page.class_view.recalls
    across, down, cells = shown(table)
    assert across == ["clean", "mean", "kept", "fog", "contrast", "JPEG\ncompression"]
    assert down == ["0", "2", "1"], "worst first"
    assert cells == [
        ["95 %", "82 %", "86 %", "↓ 55 %", "92 %", "98 %"],
        ["100 %", "94 %", "94 %", "94 %", "94 %", "94 %"],
        ["100 %", "96 %", "96 %", "98 % *", "95 %", "96 %"],
    ]
    for y, k in enumerate(recalls.classes):
        clean = next(one for one in figures.clean_classes if one.index == k)
        assert recalls.columns[0].cells[y].recall == clean.accuracy and clean.accuracy.value == CLEAN[k] / IMAGES[k]
        for column in recalls.columns[2:]:
            cell = column.cells[y]
            assert cell.recall.value == pytest.approx(np.mean(RIGHT[column.name][k]) / IMAGES[k])
            assert cell.recall == recall_of(figures.family(column.name), k) and cell.images == IMAGES[k]
            assert cell.clean == pytest.approx(CLEAN[k] / IMAGES[k])
    cells_of = [(c.name, *each) for c in recalls.columns for each in zip(recalls.classes, c.cells, strict=True)]
    marked = [(name, k) for name, k, cell in cells_of if cell.harmed]
    assert marked == [(h.family.name, h.index) for h in harmed_under(figures.families)] == [("fog", 0)]
    assert [row[:2] for row in harmed_table(figures).rows] == [("fog", "0")]
    said = page.class_view.said.text()
    assert MARKED in said and FEW in said and table is page.first()
    tip = table.model().index(0, 4).data(Qt.ItemDataRole.AccessibleTextRole)
    assert tip.startswith("0 under fog: 55 % (")
    assert " of 40 images are right, averaged over the severities; 95 % when clean. " in tip
    assert ". The class keeps 58 % (" in tip and tip.endswith(
        " of theirs. When wrong, it is most often taken for 1 (100 % of its errors)"
    )
    assert tip.split() == table.model().index(0, 4).data(Qt.ItemDataRole.ToolTipRole).split()
    clean = table.model().index(2, 1).data(Qt.ItemDataRole.ToolTipRole)
    assert clean == "1 when clean: 100 % (91–100) of 40 images are right"


def test_two_columns_say_which_class_suffers_most_over_all_degradations(classes, assessed, settle):
    window = classes()
    page, figures = window.page().robustness, window.controller.current.computed.figures
    view, together = page.class_view, page.class_view.recalls.columns[1]
    assert TOGETHER in view.said.text()
    for k, cell in zip(view.recalls.classes, together.cells, strict=True):
        mean = np.mean([np.mean(right[k]) for right in RIGHT.values()]) / IMAGES[k]
        assert cell.recall.value == pytest.approx(mean) and cell.images == IMAGES[k]
        assert cell.kept.value == pytest.approx(mean * IMAGES[k] / CLEAN[k])
        (overall,) = (one for one in figures.weakest_classes if one.index == k)
        assert cell.recall == overall.accuracy and cell.kept == estimate_kept(overall.kept)
    tips = {view.table.model().index(0, x).data(Qt.ItemDataRole.AccessibleTextRole) for x in (2, 3)}
    (tip,) = tips
    assert (
        tip.startswith("0 on average over all 3 degradations and their severities: 82 % (")
        and "; 95 % when clean. The class keeps" in tip
    )
    click_cell(view.table, 2, 3)  # class 1: fewest are right under contrast
    settle(window)
    assert window.controller.current.path == assessed / "contrast" and window.controller.current.class_index == 1


def test_the_mean_has_the_marks_of_the_verdict(tmp_path):
    """Class 0 loses most of its recall; 1 keeps it, but most images of class 0 are taken for it, too."""
    labels, number = np.arange(300) % 3, np.arange(300) // 3
    for name, right in (("fog", 10), ("contrast", 20)):
        config = SweepConfig(degradation=name, severities=(0.5,) if name == "contrast" else (50,), copies=1)
        taken = np.where((labels == 0) & (number >= right), 1, labels)
        made_sweep(tmp_path / name, config, taken[:, None, None], labels, labels)
    figures = Figures.of(OpenedAssessment(tmp_path).opened.runs)
    column = class_recalls.class_recalls(figures).columns[1]
    assert [cell.harmed for cell in column.cells] == [True, False, False]
    assert [c.index for c, *_ in harmed_classes(figures.weakest_classes)] == [0]
    said = [class_recalls.in_words(str(k), column, cell) for k, cell in enumerate(column.cells)]
    assert said[0].startswith("0 on average over all 2 degradations and their severities: 15 % (")
    assert ", the other classes keep 100.0 % (" in said[0]
    assert "But 42 % (" in said[1] and said[1].endswith(
        "taken for 1, too (0 % when clean), so a high recall says little"
    )
    assert "But" not in said[2] and "But" not in said[0]


def test_a_click_leads_to_the_misclassified_images_of_the_class(classes, assessed, qtbot, settle):
    window = classes()
    click_cell(window.page().robustness.class_view.table, 0, 4)
    settle(window)
    session = window.controller.current
    assert session.path == assessed / "fog" and session.class_index == 0
    assert window.page().tabs.title() == "Misclassifications"
    assert window.page().points_page.model.rowCount() == sum(40 - right for right in RIGHT["fog"][0])
    window.commands["back"].trigger()
    settle(window)
    page = window.page().robustness
    assert PARTS[page.part] == CLASSES and page.class_view.table.isVisible()
    visited = heard(page.class_view.visit_asked)
    page.class_view.table.setFocus()
    for key in (*[Qt.Key.Key_Left] * 3, Qt.Key.Key_Return):  # the clean images
        qtbot.keyClick(page.class_view.table, key)
    ((there,),) = visited
    assert Path(there.run).parent == assessed and there.view == "Gallery"
    assert there.state == {"gallery": WRONG_CLEAN | {"class": 0}}
    settle(window)
    assert window.page().tabs.title() == "Gallery" and window.page().gallery.model.rowCount() == 40 - CLEAN[0]
    window.commands["back"].trigger()
    settle(window)
    counts = []
    for row in range(3):  # again, and the other classes, which have no mistakes
        click_cell(page.class_view.table, row, 1)
        settle(window)
        counts.append(window.page().gallery.model.rowCount())
        window.commands["back"].trigger()
        settle(window)
    assert sorted(counts) == [0, 0, 40 - CLEAN[0]]


def test_the_table_is_saved_in_full_precision_and_a_row_is_copied(classes, qtbot, tmp_path):
    window = classes()
    page, figures = window.page().robustness, window.controller.current.computed.figures
    window.commands["save-table"].trigger()
    dialog = next(d for d in window.findChildren(QFileDialog) if d.isVisible())
    assert Path(dialog.selectedFiles()[0]).name == "signs-recalls.csv"
    dialog.fileSelected.emit(str(tmp_path / "saved.csv"))
    with (tmp_path / "saved.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    titles = ["clean", "all degradations", "fog", "contrast", "JPEG compression"]
    assert [row["degradation"] for row in rows] == 3 * titles
    fog = recall_of(figures.family("fog"), 0)
    saved = {name: rows[2][name] for name in ("class", "images", "right_when_clean", "loses_more")}
    assert saved == {"class": "0", "images": "40", "right_when_clean": "0.95", "loses_more": "1"}
    assert [float(rows[2][f"recall{end}"]) for end in ("", "_low", "_high")] == [fog.value, fog.low, fog.high]
    assert float(rows[2]["recall_kept"]) == pytest.approx(fog.value / 0.95) and rows[0]["recall_kept"] == ""
    assert sum(int(row["loses_more"]) for row in rows) == 1
    table = page.class_view.table
    table.setCurrentIndex(table.model().index(1, 5))
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    first, copied = QApplication.clipboard().text().split("\n")
    assert first.split("\t") == ["Class", "clean", "mean", "kept", *titles[2:]]
    assert copied.split("\t") == ["2", "100 %", *["94 %"] * 5]


def test_rows_are_sorted_by_a_column_and_in_their_first_order_again(classes, qtbot):
    table = classes().page().robustness.class_view.table
    table.setFocus()
    orders = []
    table.setCurrentIndex(table.model().index(0, 6))
    for _ in range(3):
        qtbot.keyClick(table, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        orders.append(shown(table)[1])
    assert orders == [["2", "1", "0"], ["0", "1", "2"], ["0", "2", "1"]]


def test_a_run_that_is_added_later_gets_its_column(classes, assessed, qtbot, settle, tmp_path):
    folder = shutil.copytree(assessed, tmp_path / "growing", ignore=shutil.ignore_patterns("fog"))
    window = classes(folder)
    table = window.page().robustness.class_view.table
    jpeg = shown(table)[0].index("JPEG\ncompression") + 1
    table.sortByColumn(jpeg, Qt.SortOrder.DescendingOrder)
    table.setCurrentIndex(table.model().index(2, jpeg))
    assert shown(table)[1] == ["0", "1", "2"] and MARKED not in window.page().robustness.class_view.said.text()
    shutil.copytree(assessed / "fog", folder / "fog")
    window.controller.watcher.look()
    qtbot.waitUntil(lambda: table.model().columnCount() == 7)
    across, down, _ = shown(table)
    assert across == ["clean", "mean", "kept", "fog", "contrast", "JPEG\ncompression"] and down == ["0", "1", "2"]
    assert (table.currentIndex().row(), table.currentIndex().column()) == (2, 6) and table.isColumnHidden(0)
    assert table.horizontalHeader().sortIndicatorSection() == 6


def test_the_copied_script_prints_the_recalls_in_view(assessed, capsys):
    there = Viewpoint.at(assessed, "Robustness", robustness={"part": CLASSES})
    exec(compile(python_of(there, OpenedAssessment(assessed)), "copied", "exec"), {})
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["degradation", "contrast", "fog", "jpeg"] in lines  # the column of clean images has no name
    assert ["0", "0.95", "0.925000", "0.550000", "0.975000"] in lines


def part_of(session, show):
    page = show(RobustnessPage(session), 900, 500)
    page.show_part(PARTS.index(CLASSES))
    return page.class_view


def test_nothing_is_computed_before_the_part_is_in_view(assessed, show, monkeypatch):
    counted, compute = [], class_recalls.class_recalls
    monkeypatch.setattr(class_view, "class_recalls", lambda figures: counted.append(figures) or compute(figures))
    session = AssessmentSession(OpenedAssessment(assessed), AtOnce())
    page = show(RobustnessPage(session), 900, 500)
    session.compared.changed.emit()
    assert counted == [] and page.class_view.recalls.columns == ()
    page.show_part(PARTS.index(CLASSES))
    session.compared.changed.emit()
    page.show_part(0)
    page.show_part(PARTS.index(CLASSES))
    assert counted == [session.computed.figures] and set(page.offers()) == {"save-table"}
    page.show_part(0)
    session.reload()
    assert len(counted) == 1
    page.show_part(PARTS.index(CLASSES))
    assert len(counted) == 2


def test_what_is_not_there_yet_or_has_failed_is_said(assessed, show, monkeypatch):
    held = Held()
    session = AssessmentSession(OpenedAssessment(assessed), held)
    view = part_of(session, show)
    assert view.said.text() == COMPUTING

    def answer():
        while held.waiting:
            held.answer()

    with monkeypatch.context() as broken:
        broken.setattr(class_view, "class_recalls", lambda figures: 1 / 0)
        answer()
    assert view.said.text().startswith("Computing the recalls failed") and len(held.said) == 1
    session.reload()
    held.answer()
    ((_, before, _),) = [task for task in held.waiting if task[0].func is class_recalls.class_recalls]
    session.reload()  # the figures change while the recalls are computed
    answer()
    assert len(view.recalls.columns) == 5
    before(ClassRecalls(problem="of the figures before"))
    assert len(view.recalls.columns) == 5 and view.said.text() != "of the figures before"
    session.computed = replace(session.computed, families=[])
    session.compared.changed.emit()
    assert view.said.text() == NOTHING and view.table.model().columnCount() == 0
    session.computed, session.problem = None, "It is damaged."
    session.compared.changed.emit()
    assert view.said.text() == "It is damaged."


def test_a_single_class_has_a_row_and_images_without_classes_have_none(tmp_path, show, monkeypatch):
    config = SweepConfig(degradation="fog", severities=(20,), copies=1)
    taken = (np.arange(20) >= 15).astype(int)[:, None, None]
    made_sweep(tmp_path / "alone" / "fog", config, taken)
    session = AssessmentSession(OpenedAssessment(tmp_path / "alone"), AtOnce())
    view = part_of(session, show)
    assert shown(view.table) == (["clean", "fog"], ["0"], [["100 %", "75 %"]])
    assert view.said.text() == HOW
    monkeypatch.setattr("tfstab.runs.info.without_classes", lambda info: True)
    session.reload()
    assert view.said.text() == NO_CLASSES and view.table.model().columnCount() == 0


def test_the_verdict_names_the_part_in_place_of_the_report_and_fields_in_place_of_options(assessed):
    session = AssessmentSession(OpenedAssessment(assessed), AtOnce())
    computed = session.computed
    said = Finding("class falls", "mid", f"Many classes fall, and 12 more cases ({IN_REPORT}).")
    more = Finding("few", "mid", "With more minutes, or fewer degradations (--degradation), more images are measured.")
    verdict = replace(computed.verdict, findings=[*computed.verdict.findings, more, said])
    overview = overview_of_assessment("signs", computed.figures, verdict, computed.families, computed.images)
    assert overview.findings[-2:] == (
        "With more minutes, or fewer degradations (the field Degradation), more images are measured.",
        "Many classes fall, and 12 more cases (Robustness > Classes lists all, including those named elsewhere).",
    )


def test_the_overview_leads_to_the_part(open_window, assessed, settle):
    window = open_window(assessed, overview=True)
    window.page().overview.classes.link.click()
    settle(window)
    page = window.page().robustness
    assert PARTS[page.part] == CLASSES and page.class_view.table.isVisible()
    assert page.viewpoint_state() == {"robustness": {"part": "Classes", "false_alarms": False}}
