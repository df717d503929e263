"""Looking at a sweep: the scatter, its filters, and the image behind a point."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QToolTip

from tfstab import open_run
from tfstab.gui.content.colours import diverging, signed_extreme
from tfstab.gui.content.points import CLEAN_WRONG, CORRECT, WRONG
from tfstab.gui.widgets.sweep import scatter_plot


@pytest.fixture
def run(runs):
    return open_run(runs / "sweep")


@pytest.fixture
def window(open_window, runs):
    return open_window(runs / "sweep")


@pytest.fixture
def mixed_class(run):
    """The class of the image that is wrong when clean."""
    return int(run.clean.class_index[~run.clean.correct][0])


def choose(qtbot, combo, data):
    """Choose an entry of a combo box by the keyboard, as a hand would."""
    steps = combo.findData(data) - combo.currentIndex()
    combo.setFocus()
    for _ in range(abs(steps)):
        qtbot.keyClick(combo, Qt.Key.Key_Down if steps > 0 else Qt.Key.Key_Up)
    assert combo.currentData() == data


def on_screen(scatter, place, points):
    at = QPointF(float(points.psnr[place]), float(points.score[place]))
    return scatter.mapFromScene(scatter.getViewBox().mapViewToScene(at))


def lonely(points, scatter, kind):
    """The place of a point of this kind that has no other nearby on the screen."""
    x_unit, y_unit = scatter.getViewBox().viewPixelSize()
    for place in np.flatnonzero(points.kind == kind):
        distance = np.hypot((points.psnr - points.psnr[place]) / x_unit, (points.score - points.score[place]) / y_unit)
        if np.sort(distance)[1] > 3:
            return int(place)
    raise AssertionError("no point stands alone")


@pytest.mark.parametrize("kind", [WRONG, CORRECT])
def test_clicking_a_point_shows_exactly_its_image(window, run, qtbot, settle, kind):
    page, session = window.page(), window.controller.current
    for class_index in session.classes:
        choose(qtbot, page.filters.classes, class_index)
        settle(window)
        if (session.points.kind == kind).any():
            break
    points = session.points
    place = lonely(points, page.scatter, kind)
    qtbot.mouseClick(page.scatter.viewport(), Qt.MouseButton.LeftButton, pos=on_screen(page.scatter, place, points))
    assert session.point == place
    image, severity_index, copy = points.key(place)
    degraded, clean = run.degraded_image(image, severity_index, copy), run.clean.images[run.clean.row(image)]
    assert np.array_equal(session.triple.degraded, degraded)
    assert np.array_equal(page.triple.degraded.shown, np.rint(degraded[..., 0]).astype(np.uint8))
    assert np.array_equal(page.triple.clean.shown, clean[..., 0])
    assert np.array_equal(page.triple.noise.shown, diverging((degraded - clean)[..., 0], page.triple.limit))
    sample, facts = run.sample(image, severity_index, copy), window.facts.label.text()
    for text in (f"Image {image}", f"{sample['psnr']:.2f} dB", f"{sample['score']:.3f}", f"{sample['severity']:g}"):
        assert text in facts
    assert list(page.scatter._selected.getData()[0]) == [pytest.approx(sample["psnr"])]


def test_a_click_on_nothing_selects_nothing(window, qtbot):
    page = window.page()
    qtbot.mouseClick(page.scatter.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(page.scatter.width() // 2, 20))
    (left, right), (bottom, top) = page.scatter.viewRange()
    assert right > left and top > bottom
    assert window.controller.current.point is None and not page.triple.clean.isVisible()


def test_the_mouse_names_the_nearest_point(window, run, qtbot):
    page, points = window.page(), window.controller.current.points
    place = lonely(points, page.scatter, CORRECT)
    position = on_screen(page.scatter, place, points)
    qtbot.mouseMove(page.scatter.viewport(), QPoint(position.x() + 60, position.y() + 60))
    qtbot.wait(30)  # pyqtgraph drops moves that come faster than 100 a second
    qtbot.mouseMove(page.scatter.viewport(), position)
    image, severity_index, copy = points.key(place)
    qtbot.waitUntil(lambda: f"Image {image} " in page.scatter_page.nearest.text())
    said = page.scatter_page.nearest.text()
    for text in (f"sigma {run.severities[severity_index]:g}", f"copy {copy} ", f"score {points.score[place]:.3f}"):
        assert text in said


def test_hiding_images_that_are_wrong_when_clean(window, run, qtbot, settle, mixed_class):
    page, session = window.page(), window.controller.current
    choose(qtbot, page.filters.classes, mixed_class)
    settle(window)
    total, hidden = len(session.points), run.config.rows_per_image
    assert page.scatter.drawn_single[CLEAN_WRONG] == hidden
    assert page.filters.count.text() == f"{total:,} of {total:,} shown"
    box = page.filters.clean_wrong
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
    settle(window)
    assert page.filters.count.text() == f"{total - hidden:,} of {total:,} shown"
    assert page.scatter.drawn_single[CLEAN_WRONG] == 0
    assert sum(page.scatter.drawn_single.values()) == total - hidden


def test_one_sigma(window, run, qtbot, settle):
    page, session = window.page(), window.controller.current
    total = len(session.points)
    choose(qtbot, page.filters.severities, 1)
    settle(window)
    expected = run.samples(class_index=session.class_index, severity=run.severities[1]).num_rows
    assert 0 < expected < total and page.filters.count.text() == f"{expected:,} of {total:,} shown"
    assert set(session.points.severity_index[session.shown]) == {1}
    assert sum(page.scatter.drawn_single.values()) == expected


def test_another_class_shows_its_points(window, run, qtbot, settle):
    page, session = window.page(), window.controller.current
    choose(qtbot, page.filters.classes, session.classes[3])
    settle(window)
    order = [(name, "ascending") for name in ("image", "severity_index", "copy")]
    there = run.samples(class_index=session.classes[3]).sort_by(order)
    assert np.array_equal(session.points.psnr, there["psnr"].to_numpy())
    assert sum(page.scatter.drawn_single.values()) == there.num_rows


def test_many_points_are_a_density_until_zoomed_in(window, qtbot, monkeypatch):
    page, points = window.page(), window.controller.current.points
    monkeypatch.setattr(scatter_plot, "SINGLE", 20)
    page.scatter.draw()
    correct = int((points.kind == CORRECT).sum())
    assert correct >= 20 and page.scatter.drawn_single[CORRECT] == 0 and page.scatter._image.shown is not None
    place = lonely(points, page.scatter, CORRECT)
    x, y = float(points.psnr[place]), float(points.score[place])
    page.scatter.setRange(xRange=(x - 0.01, x + 0.01), yRange=(y - 0.001, y + 0.001), padding=0)
    qtbot.waitUntil(lambda: 0 < page.scatter.drawn_single[CORRECT] < 20)
    assert page.scatter._image.shown is None


def test_accuracy_by_severity_is_drawn(window, run, settle, qtbot):
    page, accuracy = window.page(), run.accuracy_by_severity()
    page.tabs.show_view("Metrics")
    settle(window)
    ((everything, right),) = page.metrics.accuracy.lines
    assert list(everything.xData) == list(run.severities)
    assert np.allclose(everything.yData, [100 * a.accuracy for a in accuracy])
    assert np.allclose(right.yData, [100 * a.accuracy_of_clean_correct for a in accuracy])
    assert not np.allclose(everything.yData, right.yData)
    # The mouse tells the values of the severity that is nearest.
    plot, place = page.metrics.accuracy, len(everything.xData) - 1
    spot = plot.getViewBox().mapViewToScene(QPointF(everything.xData[place], everything.yData[place]))
    for step in (QPoint(-4, -4), QPoint(0, 0)):
        qtbot.mouseMove(plot.viewport(), plot.mapFromScene(spot) + step)
        qtbot.wait(20)
    told, (low, high) = QToolTip.text(), (100 * end[place] for end in plot.curves[0].ends)
    assert f"{run.severities[place]:g}: {everything.yData[place]:.1f} % ({low:.1f}–{high:.1f})" in told


def test_colour_images(open_window, runs, qtbot):
    window, run = open_window(runs / "rgb"), open_run(runs / "rgb")
    page, session = window.page(), window.controller.current
    session.select_point(4)
    image, severity_index, copy = session.points.key(4)
    degraded = run.degraded_image(image, severity_index, copy)
    noise = degraded - run.clean.images[run.clean.row(image)]
    triple = page.triple
    assert np.array_equal(triple.degraded.shown, np.rint(degraded).astype(np.uint8))
    assert triple.controls.channel.isVisible()
    assert np.array_equal(triple.noise.shown, diverging(signed_extreme(noise), triple.limit))
    triple.controls.channel.setCurrentText("green")
    assert np.array_equal(triple.noise.shown, diverging(noise[..., 1], triple.limit))


def test_class_names_are_text_not_markup(open_window, runs, settle, qtbot):
    window = open_window(runs / "rgb")
    choose(qtbot, window.page().filters.classes, 9)
    settle(window)
    window.controller.current.select_point(0)
    assert "&lt;truck&gt; [9]" in window.facts.label.text()


def test_a_page_made_after_its_points_were_read_counts_them(open_window, runs, settle):
    window = open_window(runs / "search", runs / "sweep")
    session = window.controller.sessions[1]
    window.controller.select(session)
    settle(window)
    assert window.page().filters.count.text() == f"{len(session.shown):,} of {len(session.points):,} shown"
