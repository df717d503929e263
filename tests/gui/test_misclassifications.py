"""The table of misclassifications, and how it goes with scatter and gallery."""

import csv
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from made_up_runs import name_files
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog, QLineEdit

from tfstab import open_run
from tfstab.errors import RunError
from tfstab.gui.content.points import SweepPoints
from tfstab.gui.content.selection import LOST, Against
from tfstab.gui.exporting import save_marked, save_rows
from tfstab.gui.widgets.pick_box import Tool


@pytest.fixture
def run(runs):
    return open_run(runs / "sweep")


@pytest.fixture
def weak(run):
    """The class with the most mistakes."""
    return int(run.measures.weakest_classes()[0])


@pytest.fixture
def window(open_window, runs, settle):
    """The table of all classes."""
    window = open_window(runs / "sweep")
    window.controller.current.select_class(None)
    window.page().tabs.setCurrentWidget(window.page().points_page.parentWidget())
    settle(window)
    return window


def column(page, name):
    """What the table shows in a column, from top to bottom."""
    place = next(n for n, c in enumerate(page.model.columns) if c.name == name)
    return [page.model.index(row, place).data() for row in range(page.model.rowCount())]


def click_title(qtbot, table, name):
    header = table.horizontalHeader()
    section = next(n for n, c in enumerate(table.model().columns) if c.name == name)
    at = QPoint(header.sectionViewportPosition(section) + 20, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)


def click_row(qtbot, table, row, column=1):
    rect = table.visualRect(table.model().index(row, column))
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())


def choose_file(window, path):
    """Save where a file dialog asks."""
    dialog = next(d for d in window.findChildren(QFileDialog) if d.isVisible())
    dialog.fileSelected.emit(str(path))
    dialog.close()


def test_all_mistakes_of_the_run_are_listed(window, run):
    page = window.page().points_page
    table = run.samples()
    expected = table.num_rows - int(run.class_metrics().correct)
    assert page.model.rowCount() == expected > 100
    assert page.count.text() == f"{expected:,} misclassified of {table.num_rows:,} degraded images"
    assert not window.page().filters.count.isVisible(), "one count is enough"
    assert all(a != b for a, b in zip(column(page, "actual"), column(page, "predicted"), strict=True))


def test_correct_ones_of_all_classes_are_listed_too(window, run, qtbot, settle):
    page = window.page().points_page
    qtbot.mouseClick(page.correct, Qt.MouseButton.LeftButton, pos=QPoint(8, page.correct.height() // 2))
    settle(window)
    assert page.model.rowCount() == run.samples().num_rows
    assert page.count.text() == f"{page.model.rowCount():,} of {page.model.rowCount():,} degraded images"
    assert (column(page, "actual")[0], column(page, "actual")[-1]) == ("0", "9")


@pytest.mark.parametrize("name", ["psnr", "true_score", "severity", "predicted"])
def test_clicking_a_title_sorts(window, qtbot, settle, name):
    page = window.page().points_page
    before = sorted(column(page, name), key=float)
    click_title(qtbot, page.table, name)
    settle(window)
    assert [float(v) for v in column(page, name)] == [float(v) for v in before]
    click_title(qtbot, page.table, name)
    settle(window)
    assert [float(v) for v in column(page, name)] == [float(v) for v in before[::-1]]


def test_a_row_shows_exactly_its_image_and_is_ringed_and_found(window, run, qtbot, settle):
    page, session = window.page(), window.controller.current
    gallery = page.gallery  # made here, before it is in sight
    settle(window)
    click_row(qtbot, page.points_page.table, 3)
    key = page.points_page.model.key(3)
    assert np.array_equal(session.triple.degraded, run.degraded_image(*key))
    assert f"Image {key[0]}" in window.facts.label.text()
    assert gallery.model.row_of(key[0]) == gallery.list.currentIndex().row()
    session.select_class(int(run.clean.class_index[run.clean.row(key[0])]))
    session.select(key)
    settle(window)
    assert session.points.key(session.point) == key
    assert page.scatter._selected.getData()[1][0] == pytest.approx(run.sample(*key)["score"])
    row = page.points_page.table.currentIndex().row()
    assert page.points_page.model.key(row) == key


def test_keys_go_from_row_to_row(window, qtbot):
    page, session = window.page().points_page, window.controller.current
    seen = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(window, key)
        seen.append(page.table.currentIndex().row())
        assert session.points.key(session.point) == page.model.key(seen[-1])
    assert seen == [0, 1, 0]
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    assert session.points.key(session.point) == page.model.key(1)


def test_rows_are_marked_noted_and_undone(window, qtbot, settle):
    page, marks = window.page().points_page, window.controller.current.marks
    click_row(qtbot, page.table, 1)
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(page.table, Qt.Key.Key_M)
    keys = [page.model.key(1), page.model.key(2)]
    assert sorted(marks.keys()) == sorted(keys) and column(page, "marked")[:4] == ["", "★", "★", ""]
    note = next(n for n, c in enumerate(page.model.columns) if c.name == "note")
    page.table.setCurrentIndex(page.model.index(2, note))
    qtbot.keyClick(page.table, Qt.Key.Key_F2)
    editor = page.table.viewport().findChild(QLineEdit)
    qtbot.keyClicks(editor, "a six")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: column(page, "note")[2] == "a six")
    page.marked.setChecked(True)
    settle(window)
    assert column(page, "marked") == ["★", "★"]
    window.commands["undo"].trigger()
    window.commands["undo"].trigger()
    settle(window)
    assert len(marks) == 0 and page.model.rowCount() == 0
    window.commands["redo"].trigger()
    settle(window)
    assert page.model.rowCount() == 2


def test_all_rows_are_selected_copied_and_marked_but_looked_through_only_when_asked(window, qtbot, monkeypatch):
    page, marks, looked = window.page().points_page, window.controller.current.marks, []
    key = page.model.key
    monkeypatch.setattr(page.model, "key", lambda row: looked.append(row) or key(row))
    page.table.setFocus()
    page.table.selectAll()
    page.offers()
    assert len(set(looked)) <= 2
    monkeypatch.setattr("tfstab.gui.widgets.array_table.MOST_COPIED", 3)
    qtbot.keyClick(page.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == page.table.text([0, 1, 2])
    window.commands["mark"].trigger()
    assert len(marks) == page.model.rowCount()


def test_the_run_folder_is_left_as_it_is(window, runs, qtbot):
    before = sorted(p.name for p in (runs / "sweep").rglob("*"))
    window.controller.current.marks.mark([(1, 0, 0)])
    assert sorted(p.name for p in (runs / "sweep").rglob("*")) == before


def test_the_table_is_saved_as_it_is_sorted(window, run, qtbot, settle, tmp_path):
    page, session = window.page().points_page, window.controller.current
    click_title(qtbot, page.table, "score")
    settle(window)
    session.marks.write(page.model.key(0), 'low, "very"')
    window.commands["save-table"].trigger()
    choose_file(window, tmp_path / "rows.csv")
    settle(window)
    with (tmp_path / "rows.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == page.model.rowCount()
    scores = [float(row["score"]) for row in rows]
    assert scores == sorted(scores)
    first = run.sample(int(rows[0]["image"]), run.severities.index(float(rows[0]["sigma"])), int(rows[0]["copy"]))
    assert float(rows[0]["psnr"]) == pytest.approx(first["psnr"], rel=1e-6)
    assert rows[0]["note"] == 'low, "very"' and rows[0]["marked"] == "1" and rows[1]["marked"] == "0"


def test_the_proposed_name_says_what_restricts_the_list(window, qtbot, settle):
    page, session = window.page().points_page, window.controller.current
    session.marks.mark([page.model.key(0)])
    page.marked.click()
    page.correct.click()
    page.file.setText("cat-7")
    settle(window)
    session.view.ask(against=Against("predicted", LOST), tag="To ask", picked=np.zeros((3, 2)))
    window.commands["save-table"].trigger()
    (name,) = {Path(chosen).name for dialog in window.findChildren(QFileDialog) for chosen in dialog.selectedFiles()}
    assert name.endswith("correct-ones-too-marked-tag-to-ask-file-cat-7-outlined-wrong-here-right-there.csv")


def test_marked_images_are_saved_exactly(window, run, qtbot, settle, tmp_path):
    page, session = window.page().points_page, window.controller.current
    key = page.model.key(5)
    session.marks.mark([key])
    window.commands["save-marked"].trigger()
    choose_file(window, tmp_path)
    settle(window)
    image, severity_index, copy = key
    stem = f"image-{image}-sigma-{run.severities[severity_index]:g}-copy-{copy}"
    with Image.open(tmp_path / f"{stem}.png") as picture:
        saved = np.asarray(picture)
    assert np.array_equal(saved[..., 0], np.rint(run.degraded_image(*key)[..., 0]).astype(np.uint8))
    assert (tmp_path / f"{stem}-triple.png").stat().st_size > 0


@pytest.mark.parametrize("name", ["sweep", "search"])
def test_saved_images_of_files_have_their_names(open_window, runs, settle, tmp_path, name):
    shutil.copytree(runs / name, tmp_path / name)
    name_files(tmp_path / name)
    window = open_window(tmp_path / name)
    run = open_run(tmp_path / name)
    image = int(run.clean.indices[0])
    window.controller.current.marks.mark([(image, 0, 0) if name == "sweep" else (image,)])
    window.commands["save-marked"].trigger()
    choose_file(window, tmp_path)
    settle(window)
    degraded = f"-sigma-{run.severities[0]:g}-copy-0" if name == "sweep" else ""
    assert (tmp_path / f"image-{image}-cats-{image}{degraded}.png").is_file()


def test_marked_images_are_saved_past_one_that_cannot_be_read_and_replace_nothing(tmp_path):
    image = np.zeros((4, 4, 1), np.uint8)

    def picture(key):
        if key == (1,):
            raise RunError("image 1 is damaged.")
        return "same", image, image + np.float32(key[0])

    saved = save_marked(str(tmp_path), [(0,), (1,), (2,)], picture)
    assert saved.count == 4 and saved.problems == ["image 1 is damaged."]
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "same-2-triple.png", "same-2.png", "same-triple.png", "same.png",
    ]  # fmt: skip
    with Image.open(tmp_path / "same-2.png") as second:
        assert np.asarray(second).max() == 2


def test_a_table_that_fails_midway_leaves_what_was_there(window, tmp_path, monkeypatch):
    path, session = tmp_path / "rows.csv", window.controller.current
    path.write_text("old")
    monkeypatch.setattr(SweepPoints, "take", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save_rows(str(path), session.run, session.points, session.view.rows, {})
    assert path.read_text() == "old" and [p.name for p in tmp_path.iterdir() if "rows" in p.name] == ["rows.csv"]


def test_what_is_ticked_is_what_is_listed(window, run, settle):
    page, session = window.page(), window.controller.current
    page.points_page.marked.setChecked(True)
    page.points_page.correct.setChecked(True)
    session.view.clear()
    assert session.view.asked.marked_only and session.view.asked.correct_too
    actual, predicted = (int(a[0]) for a in np.nonzero(run.class_metrics().confusion))
    page.metrics.rows_asked.emit(actual, predicted, None)
    settle(window)
    assert not page.points_page.marked.isChecked()
    assert page.points_page.model.rowCount() == run.class_metrics().confusion[actual, predicted]


def drag(qtbot, scatter, corners):
    """Draw with the left button held, along data coordinates."""
    view = scatter.viewport()
    spots = [scatter.mapFromScene(scatter.getViewBox().mapViewToScene(corner)) for corner in corners]
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=spots[0])
    for spot in spots[1:]:
        qtbot.mouseMove(view, spot)
        qtbot.wait(15)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=spots[-1])


@pytest.mark.parametrize("tool", [Tool.RECTANGLE, Tool.LASSO])
def test_points_are_picked_with_the_mouse(window, run, qtbot, settle, weak, tool):
    page, session = window.page(), window.controller.current
    session.select_class(weak)
    page.tabs.show_view("Scatter")
    settle(window)
    qtbot.mouseClick(page.scatter_page.tools[tool], Qt.MouseButton.LeftButton)
    (left, right), (bottom, top) = page.scatter.viewRange()
    middle, height = left + 0.4 * (right - left), bottom + 0.9 * (top - bottom)
    corners = [(left + 0.5, bottom + 0.02), (left + 0.5, height), (middle, height), (middle, bottom + 0.02)]
    path = [corners[0], corners[2]] if tool is Tool.RECTANGLE else corners
    between = [
        QPointF(*np.add(np.multiply(a, 1 - t), np.multiply(b, t)))
        for a, b in pairwise(path)
        for t in np.linspace(0, 1, 8)
    ]
    drag(qtbot, page.scatter, between)
    settle(window)
    picked, points = session.view.asked.picked, session.points
    assert picked is not None and page.points_page is page.view.made
    inside = (points.psnr > picked[:, 0].min()) & (points.psnr < picked[:, 0].max())
    inside &= (points.score > picked[:, 1].min()) & (points.score < picked[:, 1].max())
    expected = np.flatnonzero(inside & (points.predicted != weak))
    assert 0 < len(expected) < (points.predicted != weak).sum()
    assert abs(len(session.view.rows) - len(expected)) <= (0 if tool is Tool.RECTANGLE else 3)
    assert session.point == session.view.rows[0] and page.points_page.table.currentIndex().row() == 0
    assert page.points_page.picked.isVisible()
    qtbot.mouseClick(page.points_page.picked, Qt.MouseButton.LeftButton)
    settle(window)
    assert len(session.view.rows) == (points.predicted != weak).sum() and not page.points_page.picked.isVisible()


def test_rows_are_tagged_by_keys_and_listed_by_tag(window, qtbot, settle):
    page, session = window.page(), window.controller.current
    page.tabs.setCurrentWidget(page.points_page.parentWidget())
    settle(window)
    table, tags = page.points_page.table, page.points_page.tags
    assert tags.isHidden()
    table.selectRow(2)
    qtbot.keyClick(window, Qt.Key.Key_T)
    (dialog,) = [d for d in window.findChildren(QInputDialog) if d.isVisible()]
    dialog.setTextValue("odd")
    dialog.accept()
    first = session.mark_key
    table.selectRow(5)
    qtbot.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ShiftModifier)
    keys = [first, session.mark_key]
    assert session.marks.keys("odd") == sorted(keys) and "#odd" in page.triple.heading.text()
    tags.setCurrentIndex(tags.findData("odd"))
    tags.activated.emit(tags.currentIndex())
    settle(window)
    listed = [session.points.key(int(row)) for row in session.view.rows]
    assert listed == keys and tags.itemText(1) == "#odd (2)"


def test_an_empty_list_names_the_ticks_that_empty_it_and_proposes_nothing_ticked_already(window, run, qtbot, settle):
    page, filters, session = window.page().points_page, window.page().filters, window.controller.current
    of_degraded = run.measures.wrong_share.mean(axis=1) > 0
    wrong = int(run.measures.images[~run.measures.clean_correct & of_degraded][0])

    def tick(box):
        qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
        settle(window)

    session.set_filter(image=wrong)
    settle(window)
    session.marks.toggle([(wrong, 0, 0)])
    settle(window)
    tick(filters.clean_wrong)
    left_out = "Images that are wrong when clean are left out: “wrong when clean” is not ticked."
    assert page.empty.isVisible() and page.empty.text() == (
        f"No misclassified image here. {left_out} “Show all” removes the filters, “correct ones too” lists all images."
    )
    tick(page.correct)
    assert page.empty.text() == f"No image here. {left_out} “Show all” removes the filters."
    tick(page.marked)
    assert page.empty.text() == (
        f"No image here. {left_out} “marked only” is ticked, and 1 image is marked in this run, but hidden by other "
        "filters. “Show all marked” removes only these filters."
    )
    tick(filters.clean_wrong)
    assert not page.empty.isVisible() and page.model.rowCount() == 1
    session.marks.toggle([(wrong, 0, 0)])
    settle(window)
    assert page.empty.text() == (
        "No image here. “marked only” is ticked, and 0 images are marked in this run. “Show all” removes the filters."
    )
    session.set_filter(image=None)
    tick(page.marked)
    assert page.model.rowCount() and not page.empty.isVisible()
