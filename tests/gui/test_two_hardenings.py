"""Two hardenings of a network beside each other, driven by mouse: names of runs, and the tables of Other networks."""

import json
import re

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog
from whole import whole

from tfstab import SweepConfig
from tfstab.experiments.folders_compared import Folder, FolderComparison
from tfstab.experiments.ranked import side_by_side
from tfstab.gui.content.brief_names import brief
from tfstab.gui.figures import Look
from tfstab.gui.jobs.command_order import CommandOrder, Made
from tfstab.gui.jobs.protocol import Finished
from tfstab.gui.widgets.figure_dialog import FigureDialog
from tfstab.gui.window import TITLE
from tfstab.runs.files import SIDES

FAMILIES = "fog", "jpeg", "gaussian_noise", "contrast", "pixelate", "brightness", "gaussian_blur", "rotation"
FIRST, SECOND = "harden-signs-signs-test", "harden-signs-signs-test-2"  # as the form proposes them


@pytest.fixture(scope="module")
def hardenings(tmp_path_factory):
    """Their folders, whose original networks have one name, and whose hardened networks too."""
    base, images = tmp_path_factory.mktemp("hardenings"), 90
    for name, share in ((FIRST, 0.9), (SECOND, 0.7)):
        for side, right in zip(SIDES, (0.5, share), strict=True):
            for family in FAMILIES:
                severities = SweepConfig(degradation=family).severities[:3]
                shares = first_of((right,) * len(severities), images)
                model = f"{side} of {name}" if side == SIDES[1] else side
                run = sweep_of(base / name / side, family, shares, severities, clean=np.arange(images) < 85, name=model)
                info = json.loads((run.path / "run.json").read_text())
                info["model"]["name"] = side
                (run.path / "run.json").write_text(json.dumps(info))
        (base / name / "hardening.json").write_text("{}")
        (base / name / "comparison.json").write_text("{}")
    return base


def press(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_list_title_and_menu_name_the_folders_of_the_hardenings(open_window, hardenings, qtbot, settle):
    window = open_window(hardenings / FIRST)
    rows = window.run_list.list
    assert [item.text() for item in window.run_list.runs()] == ["hardened", "original"]
    assert window.windowTitle() == f"hardened – {TITLE}"
    window.controller.open([hardenings / SECOND], look=False)
    settle(window)
    names = {item.text() for item in window.run_list.runs()}
    assert names == {f"{name}/{side}" for name in (FIRST, SECOND) for side in SIDES}
    assert window.windowTitle() == f"{FIRST}/hardened – {TITLE}"
    for item in window.run_list.runs():
        qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=rows.visualItemRect(item).center())
        settle(window)
        assert window.windowTitle() == f"{item.text()} – {TITLE}"
        assert {action.text() for action in window.page().compare.choices.values()} == names - {item.text()}
    for session in [s for s in window.controller.sessions if s.real_path.parent.name == FIRST]:
        window.controller.close(session)
    assert [item.text() for item in window.run_list.runs()] == ["hardened", "original"]


def test_other_networks_has_room_for_rows_and_explanations(open_window, hardenings, qtbot, settle):
    window = open_window(hardenings, view="Robustness")
    window.resize(1600, 1000)
    page, session = window.page(), window.controller.current
    second = next(s for s in window.controller.sessions if s.real_path == hardenings / SECOND / "hardened")
    page.compare.choices[second].trigger()
    view = page.robustness
    press(qtbot, view.buttons.button(1))
    settle(window)
    cell = view.image_view.table.visualItemRect(view.image_view.table.item(0, 0))
    qtbot.mouseClick(view.image_view.table.viewport(), Qt.MouseButton.LeftButton, pos=cell.center())
    settle(window)
    assert page.triple.isVisible() and session.triple is not None
    press(qtbot, view.buttons.button(2))
    settle(window)
    assert not page.triple.isVisible(), "it is about an image, not about the networks"
    pairs = view.pair_view
    for table in (pairs.table, pairs.recalls):
        assert table.viewport().height() >= 6 * table.rowHeight(0) and table.rowCount() > 6
        titles = [table.horizontalHeaderItem(x).text() for x in range(table.columnCount())]
        assert titles.pop(0) == ("class" if table is pairs.recalls else "")
        assert titles == [
            "…test/hardened (%)", "…test/original (%)", "hardened minus original (points)", "images", "better",
            "…test/hardened (%)", "…test-2/hardened (%)", "…test minus …test-2 (points)", "images", "better",
        ]  # fmt: skip
        in_full = f"{FIRST}/hardened minus {SECOND}/hardened (points)"
        assert table.horizontalHeaderItem(8).toolTip().replace("\n", " ").startswith(in_full)
        assert "hardened" in {table.item(y, 5).text() for y in range(table.rowCount())}
        assert table.item(0, 10).text() in ("…test", "not decided")
        for y in range(table.rowCount()):
            for x in (1, 6):  # whatever images are compared, each difference is that of the two values beside it
                own, other, found = (table.item(y, x + k).text() for k in range(3))
                if "ratio" not in found and own != "–":
                    assert float(own) - float(other) == pytest.approx(float(found.split(" ")[0]), abs=0.11), (y, x)
    assert pairs.table.item(0, 10).text() == "…test"
    window.resize(1100, 600)  # where there is too little room for all, it scrolls
    settle(window)
    for text in (pairs.said, pairs.of_recalls):
        assert text.height() >= text.heightForWidth(text.width())
    assert pairs.recalls.viewport().height() >= 6 * pairs.recalls.rowHeight(0)
    assert pairs.verticalScrollBar().maximum() > 0
    press(qtbot, view.buttons.button(1))
    settle(window)
    assert page.triple.isVisible()


def test_a_hardening_is_saved_as_a_chart_for_a_slide(open_window, hardenings, qtbot, settle, tmp_path):
    window = open_window(hardenings / FIRST, view="Robustness")
    window.resize(1100, 700)
    view = window.page().robustness
    for command in ("save-figure", "copy-figure"):
        assert not window.commands[command].isEnabled()
    press(qtbot, view.buttons.button(2))
    settle(window)
    pairs = view.pair_view
    table, (pairing,) = pairs.table, window.controller.current.compared.pairings
    assert table.viewport().height() >= 6 * table.rowHeight(0)
    window.commands["copy-figure"].trigger()  # what is copied comes into view
    copied = QApplication.clipboard().image()
    assert pairs.buttons.button(1).isChecked() and pairs.chart.isVisible() and not table.isVisible()
    (block,) = pairs.chart.blocks
    bars = block.bars[:-1]  # the last one has the scale
    assert copied.width() == 2 * (pairs.chart.width() + 20) and pairs.chart.height() >= len(bars) * bars[0].height()
    places = {table.item(y, 0).text(): y for y in range(table.rowCount())}
    assert sorted(bar.label for bar in bars) == sorted(places) and [places[bar.label] for bar in bars[:2]] == [0, 1]
    gains = [bar.other.value - bar.own.value for bar in bars[2:]]
    assert gains == sorted(gains, reverse=True), "as in the report"
    for bar in bars:
        y = places[bar.label]
        values = [f"{100 * e.value:.1f}" for e in (bar.own, bar.other)]
        assert values == [table.item(y, x).text() for x in (1, 2)]
        assert bar.text_right == table.item(y, 3).text().split(" ")[0]
        for e in (bar.own, bar.other):
            assert 0 <= e.low < e.value < e.high <= 1
    folders = (Folder.open(hardenings / FIRST / side) for side in SIDES)
    rows = {row.title: row.networks for row in side_by_side([FolderComparison(*folders)])}
    for row in pairing.rows[1:]:
        assert row.each == pytest.approx(tuple(rows[row.title])), "as the report draws them"
    window.commands["save-figure"].trigger()
    (dialog,) = (each for each in window.findChildren(FigureDialog) if each.isVisible())
    dialog.theme.setCurrentIndex(dialog.theme.findData("dark"))
    assert not dialog.letters.text()
    dialog.width_cm.setValue(10)
    dialog.height_cm.setValue(4)
    qtbot.waitUntil(lambda: dialog.letters.text() != "")
    (height,) = re.findall(
        r"is [1-4]\.\d points\. At a height of ([0-9.]+) cm, it is 5 points\.$", dialog.letters.text()
    )
    dialog.height_cm.setValue(float(height))
    qtbot.waitUntil(lambda: dialog.letters.text() == "")
    look = Look("dark", 20, 4, 150)
    with dialog._figure._dressed(look) as scale:
        assert scale < 1 and whole(pairs.chart)
        assert all(bar.height() >= bar.sizeHint().height() for bar in bars), "marks are not cut"
    press(qtbot, dialog.save_button)
    (files,) = (each for each in dialog.findChildren(QFileDialog) if each.isVisible())
    assert files.selectedFiles()[0].endswith("hardened-networks.png")
    files.fileSelected.emit(str(tmp_path / "slide.png"))
    saved = QImage(str(tmp_path / "slide.png"))
    assert saved.size() == dialog.look.pixels and saved.pixelColor(2, 2).lightness() < 60
    assert pairs.chart.isVisible() and block.isVisible()
    press(qtbot, pairs.buttons.button(0))
    assert table.isVisible() and not pairs.chart.isVisible() and window.commands["save-figure"].isEnabled()


def test_a_finished_hardening_shows_the_hardened_network(window_with_jobs, hardenings, qtbot, settle):
    window, folder = window_with_jobs, hardenings / FIRST
    hear = window.controller.jobs.process.message.emit
    job = window.controller.jobs.add(CommandOrder(0, "harden", str(folder)))
    for side in reversed(SIDES):  # as the command tells it
        hear(Made(1, "run", str(folder / side)))
    hear(Finished(1, True, 0, 1.0))
    settle(window)
    assert window.controller.current.name == "hardened" and len(window.controller.sessions) == 2
    window.controller.select(window.controller.sessions[1])
    assert window.controller.current.name == "original"
    press(qtbot, window.jobs_panel.rows[job].show_run)
    assert window.controller.current.name == "hardened"


def test_names_lose_what_they_have_in_common():
    hardened = [f"{FIRST}/hardened", f"{FIRST}/original", f"{SECOND}/hardened"]
    assert brief(hardened) == ["…test/hardened", "…test/original", "…test-2/hardened"]
    assert brief(hardened[:2]) == ["hardened", "original"]
    assert brief(hardened[::2]) == ["…test", "…test-2"]
    for alone in (["lenet", "quick"], ["cifar10-quick", "cifar10-quick-2"], ["same", "same"], ["one"], []):
        assert brief(alone) == alone
    assert brief(["a/fog", "a/b/fog"]) == ["fog", "b/fog"]
