"""The recalls of two assessments in the viewer: those of `tfstab compare`, with the network in view as the second."""

import csv
import os
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from doubles import AtOnce
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMainWindow

from made_runs import made_sweep
from tfstab import SweepConfig, open_assessment, open_run
from tfstab.experiments.also_taken import LITTLE
from tfstab.experiments.folders_compared import Folder, FolderComparison
from tfstab.gui.actions import Actions
from tfstab.gui.content.assessment import OpenedAssessment
from tfstab.gui.content.pair_recalls import recall_lines
from tfstab.gui.content.pair_sentences import sentence
from tfstab.gui.content.pairing import pair_of_assessments
from tfstab.gui.content.robustness import OTHER_NETWORKS
from tfstab.gui.content.scripts import command_of, python_of
from tfstab.gui.content.taken_too import HOW_MANY
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.sessions.assessment_session import AssessmentSession
from tfstab.gui.sessions.comparison import compare_hardened
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.theme import BAD, GOOD, tone_colour
from tfstab.gui.widgets.robustness.robustness_page import RobustnessPage
from tfstab.gui.widgets.sweep.metrics_page import MetricsPage
from tfstab.report.comparison_report import tables
from tfstab.runs.files import HARDENING, SIDES

RIGHT = {
    "old": {"fog": (25, 0, 9), "jpeg": (40, 38, 9)},
    "new": {"fog": (40, 12, 9), "jpeg": (15, 39, 9)},
    "mixed": {"fog": (40, 12, 9), "jpeg": (34, 38, 9)},
}


@pytest.fixture(scope="module")
def assessed(tmp_path_factory):
    """Networks with so many right images of each class, of 40; of the last class there are nine."""
    folder = tmp_path_factory.mktemp("recalls")
    labels, number = np.repeat(np.arange(3), [40, 40, 9]), np.r_[np.tile(np.arange(40), 2), np.arange(9)]
    for name, families in RIGHT.items():
        for family, right in families.items():
            config = SweepConfig(degradation=family, severities=(20,), copies=1)
            taken = np.where(number < np.array(right)[labels], labels, (labels + 1) % 3)[:, None, None]
            made_sweep(folder / name / family, config, taken, labels, labels, name=name)
    return folder


def test_the_recalls_under_other_networks_are_those_that_compare_prints(qapp, assessed, show, tmp_path):
    new, old = (AssessmentSession(OpenedAssessment(assessed / name), AtOnce()) for name in ("new", "old"))
    page = show(RobustnessPage(new), 1000, 700)
    page.show_part(2)
    view = page.pair_view
    assert view.recalls.isHidden() and view.of_recalls.isHidden()
    new.compared.compare([old])
    printed = tables(FolderComparison(Folder.open(assessed / "old"), Folder.open(assessed / "new")))[1]
    clean, rows = shown(view.recalls)[:3], shown(view.recalls)[3:]
    assert [row[0] for row in clean] == [f"class {k} on clean images" for k in range(3)], "all of them are right"
    assert clean[2] == ["class 2 on clean images", "100.0", "100.0", "+0.0 (-42.7 to +42.7)", "9", "not decided"]
    assert "at the top are of clean images; they are decided for all 3 classes at once." in view.of_recalls.text()
    assert view.recalls.isVisible() and [row[0] for row in rows] == [f"class {r[0]} under {r[1]}" for r in printed.rows]
    assert rows[0] == ["class 0 under JPEG compression", "37.5", "100.0", "-62.5 (-80.3 to -44.7)", "40", "old"]
    outcomes = [row[-1].removesuffix(f" {LITTLE}") for row in printed.rows]
    assert [row[5] for row in rows] == [{"first": "old", "second": "new"}.get(last, last) for last in outcomes]
    said = view.of_recalls.text()
    assert (
        "Of the 4 recalls under degradation (2 classes, 2 degradations), the lowest of 'new' is 30 % (12–53), for class"
        in said
    )
    page._write(str(tmp_path / "saved.csv"))
    saved = (tmp_path / "saved.csv").read_text("utf-8-sig").splitlines()
    assert sum(line.startswith("class 0 under JPEG compression,old,100.0,new,37.5,-62.5,") for line in saved) == 1
    doubtful = {f"class {row[0]} under {row[1]}" for row in printed.rows if row[-1].endswith(LITTLE)}
    assert doubtful and {row["what"] for row in csv.DictReader(saved) if row["says_little"] == "1"} == doubtful
    new.compared.compare([])
    assert view.recalls.isHidden()


def test_degradations_with_too_few_images_of_each_class_are_named_before_the_lowest_recall(assessed, tmp_path):
    both, config = [], SweepConfig(degradation="gamma", severities=(20,), copies=1)
    for name in ("new", "old"):
        path = shutil.copytree(assessed / name, tmp_path / name)
        rows = np.r_[0:5, 40:45, 80:85]
        labels = np.repeat([0, 1, 2], 5)
        made_sweep(path / "gamma", config, labels[:, None, None], labels, indices=rows, name=name)
        both.append(open_assessment(path).figures)
    pairing = pair_of_assessments(*both, "old")
    assert (
        " in all would decide. This mean rests on only 15 images, because few images were degraded for both networks "
        "under gamma (15), compared with up to 89 under the rest. To compare more images, degrade more for both "
        "networks (“Measure more…”). Of 89 clean images, "
    ) in sentence(pairing, "new")
    said, *_ = recall_lines(pairing, "new")
    assert said.startswith(
        "Recalls could be compared under only 2 of the 3 degradations (fog and JPEG compression). Under gamma, too few "
        "images of each class were degraded; recalls may be lower there. To compare more recalls, "
        "degrade more images for both networks (“Measure more…”). Of the 4 recalls under degradation (2 classes, 2 "
    )


def shown(table):
    return [[table.item(y, x).text() for x in range(6)] for y in range(table.rowCount())]


def test_recalls_are_sorted_by_the_column_that_is_clicked_so_that_those_of_a_class_are_together(
    qapp, assessed, show, qtbot
):
    new, old = (AssessmentSession(OpenedAssessment(assessed / name), AtOnce()) for name in ("new", "old"))
    page = show(RobustnessPage(new), 1000, 900)
    page.show_part(2)
    new.compared.compare([old])
    table, header = page.pair_view.recalls, page.pair_view.recalls.horizontalHeader()
    page.pair_view.ensureWidgetVisible(table)
    first, orders = [row[0] for row in shown(table)], []
    table.setCurrentCell(6, 3)
    chosen = table.item(6, 0).text()

    def click(column):
        where = QPoint(header.sectionViewportPosition(column) + 9, header.height() // 2)
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=where)

    for _ in range(3):
        click(0)
        orders.append([row[0] for row in shown(table)])
        assert table.item(table.currentRow(), 0).text() == chosen
    assert orders == [sorted(first, key=str.casefold), sorted(first, key=str.casefold, reverse=True), first]
    click(3)
    points = [float(row[3].split()[0]) for row in shown(table)]
    assert points == sorted(points) and points[0] == -62.5
    for _ in range(2):
        qtbot.keyClick(table, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert [row[0] for row in shown(table)] == first


@pytest.fixture(scope="module")
def taking(tmp_path_factory):
    """Under fog, the old network takes every image for class 0, the new one a tenth of the others."""
    folder = tmp_path_factory.mktemp("taking")
    labels, number = np.arange(120) % 3, np.arange(120) // 3
    for name, others in (("old", 40), ("new", 4)):
        taken = np.where((number < others) & (labels != 0), 0, labels)
        taken[(labels == 0) & (number < (0 if name == "old" else 6))] = 1
        config = SweepConfig(degradation="fog", severities=(20,), copies=1)
        made_sweep(folder / name / "fog", config, taken[:, None, None], labels, labels, name=name)
    return folder


TAKEN = (
    "Images of other classes that are taken for 0, too: 100 % with {}, 10 % with {}. So the higher recall says little."
)


def test_a_recall_that_is_higher_because_more_other_images_are_taken_for_the_class_is_marked(qapp, taking, show):
    new, old = (AssessmentSession(OpenedAssessment(taking / name), AtOnce()) for name in ("new", "old"))
    page = show(RobustnessPage(new), 1000, 700)
    page.show_part(2)
    new.compared.compare([old])
    table = page.pair_view.recalls
    (y,) = (y for y in range(table.rowCount()) if table.item(y, 0).text() == "class 0 under fog")
    assert [table.item(y, x).text() for x in (1, 2, 5)] == ["85.0", "100.0", "not decided"]
    marked = [row[0] for row in shown(table) if row[3].endswith(f" {LITTLE}")]
    assert marked == ["class 0 under fog"] and HOW_MANY in page.pair_view.of_recalls.text()
    assert " ".join(table.item(y, 3).toolTip().split()).endswith(TAKEN.format("'old'", "'new'"))


def test_such_a_recall_is_marked_in_the_comparison_of_two_sweeps_too(taking, qtbot):
    new, old = (SweepSession(open_run(taking / name / "fog"), AtOnce()) for name in ("new", "old"))
    qtbot.addWidget(window := QMainWindow())
    qtbot.addWidget(page := MetricsPage(new, Actions(window)))
    page.show()
    page.tabs.show_view("Comparison")
    assert HOW_MANY not in page.state.text()
    new.beside.compare([old])
    rows = shown(page.pairs)
    assert [row[0] for row in rows if row[3].endswith(f" {LITTLE}")] == ["class 0"]
    assert HOW_MANY in page.state.text().splitlines()
    tip = page.pairs.item([row[0] for row in rows].index("class 0"), 3).toolTip()
    assert " ".join(tip.split()).endswith(TAKEN.format("old/fog", "new/fog"))
    page.clean_correct.setChecked(True)  # of which no class is compared
    assert "class 0" not in [row[0] for row in shown(page.pairs)] and HOW_MANY not in page.state.text()


@pytest.fixture(scope="module")
def hardened(assessed, tmp_path_factory):
    """The same networks as the original and the hardened one of a hardening."""
    folder = tmp_path_factory.mktemp("hardened")
    for name, side in (("old", SIDES[0]), ("new", SIDES[1])):
        shutil.copytree(assessed / name, folder / side)
    (folder / HARDENING).write_text("{}")
    return folder


@pytest.mark.parametrize("in_view", [0, 1])
def test_what_a_hardening_changes_is_after_minus_before_whichever_is_in_view(qapp, hardened, show, tmp_path, in_view):
    both = [AssessmentSession(OpenedAssessment(hardened / side), AtOnce()) for side in SIDES]
    own, other = both[in_view], both[1 - in_view]
    page = show(RobustnessPage(own), 1000, 700)
    page.show_part(2)
    own.compared.compare([other])
    table, recalls = page.pair_view.table, page.pair_view.recalls
    titles = [table.horizontalHeaderItem(x).text() for x in range(1, 4)]
    assert titles == [f"{own.model_name} (%)", f"{other.model_name} (%)", "new minus old (points)"]
    falls = [recalls.item(3, x) for x in range(6)]  # below those on clean images
    assert falls[0].text() == "class 0 under JPEG compression"
    accuracies = ["100.0", "37.5"]
    assert [item.text() for item in falls[1:]] == [
        accuracies[in_view], accuracies[1 - in_view], "-62.5 (-80.3 to -44.7)", "40", "old",
    ]  # fmt: skip
    rises = next(y for y in range(table.rowCount()) if table.item(y, 0).text() == "fog")
    palette = table.palette()
    assert table.item(rises, 3).text().startswith("+30.3 (") and table.item(rises, 5).text() == "new"
    assert table.item(rises, 3).foreground().color() == tone_colour(palette, GOOD)
    assert falls[3].foreground().color() == tone_colour(palette, BAD)
    assert "'new' minus 'old': " in page.pair_view.said.text()
    assert "lower for 'new' come" in page.pair_view.of_recalls.text()
    page._write(str(tmp_path / "saved.csv"))
    assert "fog,old,38.2" in (tmp_path / "saved.csv").read_text("utf-8-sig")
    paths = [str(hardened / side) for side in SIDES]
    seen = Viewpoint(
        paths[in_view], "Robustness", {"compared": [paths[1 - in_view]], "robustness": {"part": OTHER_NETWORKS}}
    )
    assert command_of(seen, own.run) == f"tfstab compare {paths[0]} {paths[1]}"
    order = ("(run, others[0])", "(others[0], run)")
    assert f"pairs = [{order[in_view]}]" in python_of(seen, own.run)


@pytest.mark.parametrize(
    ("own", "other", "decided"),
    [
        ("mixed", "old", ("a higher", "lower", "fall from 'old' to 'mixed'", "(-15.0 points, -29.7 to -0.3)")),
        ("old", "mixed", ("a lower", "higher", "rise from 'mixed' to 'old'", "(+15.0 points, +0.3 to +29.7)")),
    ],
)
def test_the_largest_fall_that_is_not_decided_is_named_whichever_network_is_in_view(
    qapp, assessed, show, own, other, decided
):
    """The new network falls in one class, by 15 points that are not decided, and certainly gains in two."""
    first, second = (AssessmentSession(OpenedAssessment(assessed / name), AtOnce()) for name in (own, other))
    page = show(RobustnessPage(first), 1000, 700)
    page.show_part(2)
    first.compared.compare([second])
    more, none, change, points = decided
    said = page.pair_view.of_recalls.text()
    counted = f"For 2 of them, '{own}' has {more} recall than '{other}', decided for all at once: class "
    assert counted in said and f" No recall is certainly {none}; for the other 2, it is not decided" in said
    assert (
        f"The largest {change} whose own 95 % interval excludes 0 is that of class 0 under JPEG compression: " in said
    )
    assert (
        f" of 40 images {points}. On " in said
        and f" of them, '{own}' is right more often, and on " in said
        and "It is not decided, because a wider interval contains 0 (" in said
    )
    first.compared.compare([])


def test_original_and_hardened_runs_are_compared_by_themselves_without_looking_at_each_pair_of_runs(
    hardened, tmp_path, monkeypatch
):
    sides = [AssessmentSession(OpenedAssessment(hardened / side), AtOnce()) for side in SIDES]
    many = [SimpleNamespace(path=tmp_path / f"{k}", comparison=None) for k in range(50)]
    asked, real = [], os.path.realpath
    monkeypatch.setattr(os.path, "realpath", lambda path: asked.append(path) or real(path))
    compare_hardened(many, [*many, *sides])
    assert sides[0].comparison.runs == [], "only new runs are compared by themselves"
    compare_hardened(sides[1:], [*many, *sides])
    assert [side.comparison.runs for side in sides] == [sides[1:], sides[:1]]
    assert sum(path.parent == tmp_path for path in asked) == 2 * len(many)
