"""A recall that does not fall says little where many images of other classes are taken for the class, too."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.assessment import Figures
from tfstab.assessment.others_taken import others_taken
from tfstab.gui.content.assessment import OpenedAssessment
from tfstab.gui.content.class_bars import LITTLE
from tfstab.gui.exporting_robustness import save_class_recalls
from tfstab.gui.widgets.robustness import image_table
from tfstab.gui.widgets.robustness.class_view import SAYS_LITTLE
from tfstab.gui.widgets.robustness.robustness_page import CLASSES, IMAGE, PARTS
from tfstab.report.recall_tables import recall_tables

SAID = (
    "30 % (24–36) of the images of other classes are {}taken for 1, too (0 % when clean), so a high recall says little"
)


@pytest.fixture(scope="module")
def assessed(tmp_path_factory):
    """A network that takes 30 % of images for 1 under fog, and for 2 under contrast, where it has low recall."""
    folder = tmp_path_factory.mktemp("taken") / "signs"
    labels, number = np.arange(400) % 4, np.arange(400) // 4
    attracted = {"fog": 1, "contrast": 2, "jpeg": 3}
    for family, to in attracted.items():
        severities = (0.6, 0.3) if family == "contrast" else (20, 50)
        many = 6 if family == "jpeg" else 30  # percent
        taken = np.where(number < many, to, labels)
        if family == "contrast":
            taken[(labels == 2) & (number < 60)] = 0
        config = SweepConfig(degradation=family, severities=severities, copies=1)
        made_sweep(folder / family, config, np.stack([taken, taken], axis=1)[:, :, None], labels, labels, classes=4)
    return folder


def test_only_recalls_that_look_unharmed_are_marked(assessed):
    figures = Figures.of(OpenedAssessment(assessed).opened.runs)
    found = {of.name: taken for of, taken in zip(figures.families, others_taken(figures.families), strict=True)}
    assert {name: list(taken) for name, taken in found.items()} == {"fog": [1], "contrast": [], "jpeg": []}
    assert found["fog"][1].share.value == pytest.approx(0.3) and found["fog"][1].clean == 0
    notes = {table.title: " ".join(table.notes) for table in recall_tables(figures)}
    assert notes == {
        "Fog": "Averaged over the severities: Many images of other classes are taken for 1 (30 %, 24–36; 0 % when "
        "clean), too, so a high recall of that class says little.",
        "Contrast": "",
        "JPEG compression": "",
    }


def test_the_table_of_recalls_marks_them_and_its_tip_says_why(open_window, assessed, settle, tmp_path):
    window = open_window(assessed, view="Robustness")
    page = window.page().robustness
    page.buttons.button(PARTS.index(CLASSES)).click()
    settle(window)
    view, model = page.class_view, page.class_view.table.model()
    fog, row = [c.name for c in view.recalls.columns].index("fog"), view.recalls.classes.index(1)
    column = 2 + fog  # behind the names, which are hidden, and what is kept
    texts = [model.index(y, x).data() for y in range(4) for x in range(1, model.columnCount())]
    assert [text for text in texts if LITTLE in text] == [model.index(row, column).data()] == [f"100 % {LITTLE}"]
    for role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
        assert " ".join(model.index(row, column).data(role).split()).endswith(f"But {SAID.format('then ')}")
    assert SAYS_LITTLE in view.said.text()
    save_class_recalls(str(tmp_path / "saved.csv"), view.recalls)
    title, *lines = (tmp_path / "saved.csv").read_text().splitlines()
    marked = [line for line in lines if line.endswith(",1")]
    assert title.endswith("loses_more,says_little") and len(marked) == 1 and marked[0].startswith("1,1,fog,")


def test_the_overview_of_a_sweep_says_so_beside_the_bars(open_window, assessed):
    block = open_window(assessed / "fog", overview=True).page().overview.classes_block
    marked = [bar for bar in block.bars if LITTLE in bar.text_right]
    assert [bar.label for bar in marked] == ["1"] and SAID.format("") in " ".join(marked[0].toolTip().split())
    words = [label.text() for label in block.findChildren(type(block.title))]
    assert any("taken for 1 (30 %, 24–36; 0 % when clean), too" in text for text in words)


def test_a_right_copy_that_most_others_share_has_an_asterisk(open_window, tmp_path, settle):
    """At the second severity, all images are taken for class 1, at the first and the last one none but its own."""
    labels = np.arange(200) % 4
    fog = np.stack([labels, np.ones_like(labels), np.where(labels == 1, 2, labels)], axis=1)
    for name, taken in (("fog", fog), ("jpeg", np.stack([labels] * 3, axis=1))):
        config = SweepConfig(degradation=name, severities=(20, 50, 80), copies=1)
        made_sweep(tmp_path / "attracted" / name, config, taken[:, :, None], labels, labels, classes=4)
    window = open_window(tmp_path / "attracted", view="Robustness")
    session, page = window.controller.current, window.page().robustness
    page.buttons.button(PARTS.index(IMAGE)).click()
    view = page.image_view
    shown = {}
    for image in (1, 2):
        session.select_image(image)
        settle(window)
        shown[image] = session.grid.lines[0].shown, view.notes.text(), view.notes.isHidden()
    (mild, middle, strong), notes, hidden = shown[1]
    assert [one.right for one in (mild, middle, strong)] == [True, True, False]
    assert [one.says_little for one in (mild, middle, strong)] == [False, True, False]
    said = (
        "At this severity, 100 % of the images of other classes are taken for 1, too (0 % when clean), so being right "
    )
    assert middle.tip.endswith(f". {said}says little here.") and said not in mild.tip + strong.tip
    assert notes.startswith(f"{LITTLE}: right, but this says little") and not hidden
    assert not any(one.says_little for one in shown[2][0]) and shown[2][1:] == ("", True)
    assert [image_table.sign(one) for one in shown[1][0]] == ["✓ 1", f"✓ 1 {LITTLE}", "✗ 2"]
