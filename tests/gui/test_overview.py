"""The overview of sweeps and searches in a window: everything is a link."""

import numpy as np
import pytest
from numpy_runs import classifier, dataset
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from made_runs import made_sweep
from tfstab import SweepConfig, run_sweep
from tfstab.gui.content.result_filter import WRONG, ResultFilter
from tfstab.gui.content.search_overview import ClassNoise
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.widgets.overview.class_boxes import ClassBoxes
from tfstab.gui.widgets.overview.tiles import Picture, Tile, broken

LEFT = Qt.MouseButton.LeftButton


def title(window):
    return window.page().tabs.title()


def back(window, settle):
    window.page().tabs.show_view("Overview")
    settle(window)
    return window.page().overview


def click_picture(tile: Tile, number: int):
    """Click on the first (0) or second picture of a tile."""
    spot = next(QPoint(x, 30) for x in range(tile.width()) if tile.picture_at(QPoint(x, 30)) is tile.pictures[number])
    QTest.mouseClick(tile, LEFT, pos=spot + QPoint(4, 0))


def click_plot(plot, x, y):
    """Click into a plot, in units of its axes."""
    there = plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(x, y)))
    QTest.mouseClick(plot.viewport(), LEFT, pos=there)


@pytest.fixture
def sweep(open_window, runs):
    return open_window(runs / "sweep", overview=True)


@pytest.fixture
def search(open_window, runs):
    return open_window(runs / "search", overview=True)


def test_a_sweep_opens_with_its_overview(sweep, settle):
    overview, session = sweep.page().overview, sweep.controller.current
    assert title(sweep) == "Overview" and not sweep.page().triple.isVisible()
    assert "under Gaussian noise" in overview.verdict.label.text().replace("Under", "under")
    shown = [block.number for block in overview.numbers if block.isVisible()]
    assert len(shown) == 4 and shown[1] == session.headline.removesuffix(" over all noise")
    assert [curve.severities.tolist() for curve in overview.curve.curves] == [[5, 60, 100]]
    assert len(overview.classes_block.bars) == 10
    assert len(overview.pairs.tiles) == 5 and len(overview.weakest.tiles) == 8
    assert f"{session.name}, sigma 60: " in overview.curve.values_at(58, 0) and not overview.curve.values_at(30, 0)
    # Numbers, classes and severities lead to what they count.
    QTest.mouseClick(overview.numbers[0], LEFT)
    gallery = sweep.page().gallery
    settle(sweep)
    assert title(sweep) == "Gallery" and gallery.only.currentText() == "misclassified when clean"
    assert gallery.model.rowCount() == np.count_nonzero(~session.measures.clean_correct) == 1
    overview = back(sweep, settle)
    QTest.mouseClick(overview.numbers[1], LEFT)
    assert title(sweep) == "Metrics" and sweep.page().metrics.severities.currentData() is None
    overview = back(sweep, settle)
    weakest = overview.classes_block.bars[0]
    weakest.setFocus()
    QTest.keyClick(weakest, Qt.Key.Key_Space)
    settle(sweep)
    assert title(sweep) == "Misclassifications" and str(session.class_index) == weakest.label
    overview = back(sweep, settle)
    click_plot(overview.curve, 62, 80)
    settle(sweep)
    assert title(sweep) == "Misclassifications" and session.class_index is None
    assert session.filter.severity_index == session.run.severities.index(60)
    assert sweep.page().points_page.model.rowCount() == int(
        (session.measures.total - session.measures.correct)[:, session.filter.severity_index].sum()
    )


def test_a_confusion_leads_to_its_list_and_its_pictures_to_images(sweep, settle):
    overview, session = sweep.page().overview, sweep.controller.current
    confusion = session.measures.class_metrics().counts * ~np.eye(10, dtype=bool)
    actual, predicted = np.unravel_index(confusion.argmax(), confusion.shape)
    first = overview.pairs.tiles[0]
    assert first.lines[0] == f"{actual} → {predicted}"
    assert ". 95 % interval from 4 images: " in first.tip and "%. The other way round: 0 % (0–" in first.tip
    assert overview.pairs.note.isVisible() and overview.pairs.note.text().startswith("Not decided which ")
    QTest.mouseClick(first, LEFT, pos=QPoint(first.width() // 2, first.height() - 6))
    settle(sweep)
    assert title(sweep) == "Misclassifications"
    assert (session.class_index, session.filter.predicted) == (actual, predicted)
    assert sweep.page().points_page.model.rowCount() == confusion[actual, predicted]
    assert sweep.page().points_page.table.currentIndex().row() == 0 and session.triple is not None
    overview = back(sweep, settle)
    click_picture(overview.pairs.tiles[0], 0)
    settle(sweep)
    assert sweep.page().triple.isVisible()
    shown = np.rint(session.triple.degraded).clip(0, 255)
    assert (shown == overview.pairs.tiles[0].pictures[0].image).all() and session.triple.clean.any()
    overview = back(sweep, settle)
    click_picture(overview.pairs.tiles[0], 1)
    settle(sweep)
    assert title(sweep) == "Gallery" and sweep.page().gallery.model.rowCount() == 30
    assert (session.triple.clean == overview.pairs.tiles[0].pictures[1].image).all()
    overview = back(sweep, settle)
    QTest.mouseClick(overview.weakest.tiles[0], LEFT)
    settle(sweep)
    assert title(sweep) == "Misclassifications" and session.filter.image == session.mark_key[0]


def test_a_compared_sweep_stands_beside(open_window, runs, settle):
    window = open_window(runs / "occlusion", runs / "sweep", overview=True)
    other, session = window.controller.sessions
    window.controller.select(session)
    settle(window)
    overview = window.page().overview
    session.beside.compare([other])
    settle(window)
    assert [curve.name for curve in overview.curve.curves] == ["sweep", "occlusion"]
    assert f"{other.headline.partition(' over')[0]} in occlusion" in overview.numbers[1].caption
    session.beside.compare([])
    settle(window)
    assert len(overview.curve.curves) == 1 and "occlusion" not in overview.numbers[1].caption


def test_an_overview_grows_with_its_sweep(open_window, tmp_path, settle):
    run = made_sweep(tmp_path / "run", SweepConfig(sigmas=(5,), copies=1), np.zeros((4, 1, 1), int))
    parts = {path: path.read_bytes() for path in run.parts.values()}
    for path in parts:
        path.unlink()
    window = open_window(tmp_path / "run", overview=True)
    overview = window.page().overview
    assert "No part of this sweep is finished yet" in overview.waiting.text() and not overview.curve_block.isVisible()
    for path, content in parts.items():
        path.write_bytes(content)
    damaged = next(iter(parts))
    damaged.write_bytes(b"half")
    window.controller.refresh()
    settle(window)
    [box] = [box for box in window.findChildren(QMessageBox) if box.isVisible()]
    assert "is damaged" in box.text()
    box.close()
    damaged.write_bytes(parts[damaged])
    window.controller.refresh()
    settle(window)
    assert overview.curve_block.isVisible() and not overview.waiting.isVisible()
    assert [curve.accuracy.tolist() for curve in overview.curve.curves] == [[1.0]]
    assert not overview.pairs.tiles and overview.pairs.empty.isVisible()


def test_a_search_opens_with_its_overview(search, settle):
    overview, session = search.page().overview, search.controller.current
    assert title(search) == "Overview" and not search.page().triple.isVisible() and session.headline
    needed = [entry for entry in session.entries if not entry.wrong_when_clean]
    assert sum(overview.histogram.histogram.counts[0]) == len(needed) == 3
    assert overview.left_out.text().endswith("Not shown: 1 image is wrong when clean and needs no noise.")
    numbers = [block.number for block in overview.numbers if block.isVisible()]
    assert numbers[-2:] == ["3 of 3", "1 of 4"] and session.headline.endswith(numbers[0].removeprefix("L2"))
    histogram, boxes = overview.histogram, overview.boxes
    assert histogram.values_at(1, 1).endswith(": 1 image") and histogram.values_at(-5, 1) == ""
    assert boxes.values_at(0, 0).startswith("1: L2") and boxes.values_at(0, 99) == ""
    # Its parts lead to the results.
    page = search.page()
    QTest.mouseClick([block for block in page.overview.numbers if block.isVisible()][-1], LEFT)
    settle(search)
    (row,) = page.results.model.rows
    assert title(search) == "Results" and session.entries[row].wrong_when_clean
    assert page.results.count.text() == "1 of 4 images (wrong when clean)"
    assert page.results.filter == ResultFilter(outcome=WRONG)
    QTest.mouseClick(page.results.all, LEFT)
    assert page.results.model.rowCount() == 4 and not page.results.all.isVisible()
    overview = back(search, settle)
    least = min((e for e in session.entries if not e.wrong_when_clean), key=lambda e: e.size)
    click_plot(overview.histogram, least.size, 0.5)
    settle(search)
    assert session.image == least.image and title(search) == "Results" and page.results.model.rowCount() == 1
    overview = back(search, settle)
    QTest.mouseClick(overview.pairs.tiles[0], LEFT, pos=QPoint(20, overview.pairs.tiles[0].height() - 6))
    settle(search)
    entry = session.entries[page.results.model.rows[0]]
    assert overview.pairs.tiles[0].lines[0] == f"{entry.class_index} → {entry.predicted}"
    overview = back(search, settle)
    largest = overview.boxes.classes[-1]
    click_plot(overview.boxes, largest.sizes[-1], len(overview.boxes.classes) - 1)
    settle(search)
    assert title(search) == "Images" and session.image == largest.images[-1]
    overview = back(search, settle)
    click_plot(overview.boxes, largest.sizes[-1] * 0.8, len(overview.boxes.classes) - 1)
    settle(search)
    assert title(search) == "Results" and page.results.filter.actual == largest.class_index


def test_a_gallery_is_restored_once_it_has_images(open_window, runs, settle):
    window = open_window()
    state = {"gallery": {"only": "never misclassified", "sort": "class", "descending": True, "size": 80}}
    window.controller.visit(Viewpoint(str((runs / "sweep").resolve()), "Gallery", state))
    settle(window)
    gallery, session = window.page().gallery, window.controller.current
    assert gallery.model.rowCount() == np.count_nonzero(session.measures.wrong_share.max(axis=1) == 0)
    assert (np.diff(gallery.model.gallery.class_index[gallery.model.places]) <= 0).all()
    kept = window.page().viewpoint()
    assert state["gallery"].items() <= kept.state["gallery"].items()
    gallery.only.setCurrentIndex(0)
    window.controller.visit(kept)
    assert gallery.only.currentText() == "never misclassified" and gallery.side.value() == 80
    window.controller.visit(Viewpoint(kept.run, "Gallery", {"gallery": {"only": "lost"}}))
    assert gallery.only.currentText() == "never misclassified"
    assert "no only" in window.findChild(QMessageBox).text()


def test_a_click_beside_all_classes_asks_for_none(qtbot):
    boxes, asked = ClassBoxes(), []
    qtbot.addWidget(boxes)
    boxes.set_classes([ClassNoise(7, "cat", np.array([1.0, 9.0]), np.array([3, 4]), 0)], "L2", "grey levels")
    boxes.resize(400, 300)
    boxes.show()
    boxes.class_asked.connect(asked.append)
    boxes.image_asked.connect(lambda image: asked.append((image,)))
    for y in (0.55, -0.55, 0.3):  # below the class, above it and within it
        click_plot(boxes, 5, y)
    click_plot(boxes, 9, 0)
    assert asked == [7, (4,)]


def test_a_tile_is_as_wide_as_its_pictures_and_wide_enough_for_its_lines(qtbot):
    for pictures, width in ((1, 116), (2, 2 * 64 + 3 * 4)):
        tile = Tile([Picture(np.zeros((2, 2, 1), np.uint8), "", print)] * pictures, ["cat → dog", "9 images"], print)
        qtbot.addWidget(tile)
        assert tile.sizeHint() == QSize(width, 64 + 3 * 4 + 2 * tile.fontMetrics().height())


def test_long_names_of_classes_take_two_lines_in_all_tiles(qapp):
    metrics = QFontMetrics(qapp.font())
    assert broken(["cat → dog", "a → b"], 2, metrics) == [["cat → dog"], ["a → b"]]
    long = "Speed limit (120 km/h) → Speed limit (100 km/h)"
    assert broken([long, "a → b"], 2, metrics) == [[*long.replace(" →", "\n→").split("\n")], ["a", "→ b"]]


def test_an_overview_says_that_a_part_cannot_be_read(open_window, tmp_path):
    run = made_sweep(tmp_path / "run", SweepConfig(sigmas=(5,), copies=1), np.zeros((4, 1, 1), int))
    next(iter(run.parts.values())).write_bytes(b"half")
    overview = open_window(tmp_path / "run", overview=True).page().overview
    assert "cannot be read" in overview.waiting.text() and not overview.curve_block.isVisible()


def test_clean_accuracy_leads_to_all_images_that_are_misclassified_when_clean(open_window, settle, tmp_path):
    config = SweepConfig(sigmas=(5, 90), copies=1)
    run = run_sweep(classifier(), dataset(), config, tmp_path / "gaussian_noise", degraded=2)
    (wrong,) = np.flatnonzero(~run.clean.correct)
    assert wrong not in run.measures.images, "it was scored when clean only"
    (tmp_path / "assessment.json").write_text("{}")
    window = open_window(tmp_path, overview=True)
    QTest.mouseClick(window.page().overview.numbers[0], LEFT)
    settle(window)
    gallery = window.page().gallery
    assert title(window) == "Gallery" and gallery.count.text() == "1 of 9 shown, 0 with a card"
    index = gallery.model.index(0)
    assert index.data().splitlines()[0] == "cat → 2" and index.data().splitlines()[1].startswith("score 0.")
    QTest.mouseClick(gallery.list.viewport(), LEFT, pos=gallery.list.visualRect(index).center())
    said = "Image 8: not degraded, so it has no card; see the panel Image"
    assert window.page().triple.heading.text() == said and window.controller.current.triple is None
    assert window.statusBar().currentMessage() == "", "it would stay there when another image is selected"
    assert "degrade more images with Measure more…" in " ".join(window.page().triple.heading.toolTip().split())
    window.page().tabs.show_view("Explorer")
    settle(window)
    assert window.page().explorer.view.explorer.state.image == 8
    session, saved = window.controller.current, window.controller.visits.here()
    session.reload()
    settle(window)
    assert session.selected == 8
    session.select_point(0)
    assert session.sample[0] == session.selected[0] != 8, "the point is selected in place of that image"
    session.reload()
    settle(window)
    assert session.point == 0
    window.controller.visits.visit(saved)
    settle(window)
    assert session.selected == 8 and session.point is None
    later = open_window(tmp_path / "gaussian_noise")
    later.controller.visits.visit(saved)
    settle(later)
    assert later.controller.current.selected == 8, "a saved view brings it back"
    assert later.page().explorer.view.explorer.state.image == 8
