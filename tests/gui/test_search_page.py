"""Looking at a search: its images, the triple, pixels, history."""

import json
import shutil

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent

from tfstab import open_run
from tfstab.gui.content.colours import diverging
from tfstab.gui.content.stop_reasons import stop_reason
from tfstab.gui.content.triple import triple_of_search
from tfstab.gui.widgets.search.history_plot import NORM, SHARE
from tfstab.gui.widgets.search.live_list import LiveList
from tfstab.gui.widgets.sweep.confusion_view import ConfusionView


@pytest.fixture
def run(runs):
    return open_run(runs / "search")


@pytest.fixture
def window(open_window, runs):
    return open_window(runs / "search")


def click_image(qtbot, page, place):
    strip = page.strip
    index = strip.model().index(place)
    strip.scrollTo(index)
    qtbot.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=strip.visualRect(index).center())


def assert_shows(page, result):
    """The triple on the screen is exactly this result's."""
    triple = page.triple
    assert np.array_equal(triple.clean.shown, result.clean[..., 0])
    assert np.array_equal(triple.degraded.shown, np.rint(result.degraded[..., 0]).astype(np.uint8))
    assert np.array_equal(triple.noise.shown, diverging(result.noise[..., 0], triple.limit))


def pixel_position(pane, row, column):
    """Where a pixel's centre is on the pane's graphics view."""
    scene = pane.view.mapViewToScene(QPointF(column + 0.5, row + 0.5))
    return pane.graphics.mapFromScene(scene)


def test_the_first_image_is_shown(window, run):
    assert_shows(window.page(), run.result(int(run.images[0])))


def test_clicking_an_image_shows_its_triple(window, run, qtbot, settle):
    for place in (2, 1):
        click_image(qtbot, window.page(), place)
        settle(window)
        result = run.result(int(run.images[place]))
        assert_shows(window.page(), result)
        facts = window.facts.label.text()
        for text in (f"Image {result.image}", f"{result.l2:.2f}", f"{result.psnr:.2f} dB", f"{result.queries:,}",
                     f"{result.l2 / 255:.4f}", f"{result.linf:.2f}", stop_reason(result.stop_reason)):  # fmt: skip
            assert text in facts


def test_arrow_keys_go_through_the_images(window, run, qtbot, settle):
    session, seen = window.controller.current, []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Left):
        qtbot.keyClick(window, key)
        settle(window)
        seen.append(session.place)
        assert_shows(window.page(), run.result(int(run.images[session.place])))
        assert window.page().strip.currentIndex().row() == session.place
    assert seen == [1, 2, 1, 0, 0]


def test_the_strip_says_what_was_found(window, run):
    model = window.page().strip.model()
    for place, result in enumerate(run):
        text = model.index(place).data(Qt.ItemDataRole.DisplayRole)
        actual = run.class_names[result.class_index]
        if result.stop_reason == "misclassified when clean":
            assert text == f"{actual} → {run.class_names[result.predicted]}\nwrong clean"
        elif result.found:
            assert text == f"{actual} → {run.class_names[result.predicted]}\nL2 {result.l2:.1f}"
        else:
            assert text == f"{actual} → ?\nnot found"


def test_the_pixel_under_the_mouse_is_named(window, run, qtbot, settle):
    page, result = window.page(), run.result(int(run.images[1]))
    click_image(qtbot, page, 1)
    settle(window)
    row, column = np.unravel_index(np.abs(result.noise[..., 0]).argmax(), result.noise.shape[:2])
    for pane in page.triple.panes:
        qtbot.mouseMove(pane.graphics.viewport(), QPoint(2, 2))
        qtbot.wait(30)  # pyqtgraph drops moves that come faster than 100 a second
        qtbot.mouseMove(pane.graphics.viewport(), pixel_position(pane, row, column))
        qtbot.waitUntil(lambda: f"x {column}, y {row}:" in window.statusBar().currentMessage())
        message = window.statusBar().currentMessage()
        assert f"clean {result.clean[row, column, 0]}" in message
        assert f"noise {result.noise[row, column, 0]:.1f}" in message
        assert f"degraded {result.degraded[row, column, 0]:.1f}" in message


def test_holding_space_blinks(window, run, qtbot):
    page, result = window.page(), run.result(int(run.images[1]))
    click_image(qtbot, page, 1)
    qtbot.waitUntil(lambda: page.triple.triple.title == f"Image {result.image}")
    clean, degraded = result.clean[..., 0], np.rint(result.degraded[..., 0]).astype(np.uint8)
    assert not np.array_equal(clean, degraded)
    pane = page.triple.degraded
    qtbot.keyPress(page.strip, Qt.Key.Key_Space)
    assert np.array_equal(pane.shown, clean) and "Clean" in pane.title.text()
    qtbot.waitUntil(lambda: np.array_equal(pane.shown, degraded))
    qtbot.waitUntil(lambda: np.array_equal(pane.shown, clean))
    qtbot.keyRelease(page.strip, Qt.Key.Key_Space)
    assert np.array_equal(pane.shown, degraded) and "Degraded" in pane.title.text()
    qtbot.wait(600)
    assert np.array_equal(pane.shown, degraded)


def test_blinking_goes_on_while_images_come(window, run, qtbot):
    page = window.page()
    qtbot.waitUntil(lambda: page.triple.triple is not None)
    qtbot.keyPress(page.strip, Qt.Key.Key_Space)
    page.triple.set_triple(triple_of_search(run.result(int(run.images[1])), run.class_names))
    seen = page.triple.degraded.title.text()
    qtbot.waitUntil(lambda: page.triple.degraded.title.text() != seen)
    page.triple.set_triple(None)
    assert not page.triple._blink.isActive()


@pytest.mark.parametrize("kind", [LiveList, ConfusionView])
def test_lists_leave_space_to_the_window(qtbot, kind):
    view = kind()
    qtbot.addWidget(view)
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier)
    view.keyPressEvent(event)
    assert not event.isAccepted()


def test_gain_and_true_scale_set_the_colours_of_the_noise(window, run, qtbot):
    triple, noise = window.page().triple, run.result(int(run.images[0])).noise[..., 0]
    controls = triple.controls
    fitted = triple.limit
    assert (controls.fit.isChecked() and fitted == max(float(np.abs(noise).max()), 1e-9)) or not noise.any()
    controls.slider.setFocus()
    controls.slider.setValue(29)
    qtbot.keyClick(controls.slider, Qt.Key.Key_Up)
    assert triple.limit == 255 / 8 and not controls.fit.isChecked() and controls.value.text() == "× 8"
    assert np.array_equal(triple.noise.shown, diverging(noise, 255 / 8))
    assert triple.noise.scale.labels == ("−31.9", "0", "+31.9")
    qtbot.mouseClick(controls.true_scale, Qt.MouseButton.LeftButton, pos=QPoint(8, controls.true_scale.height() // 2))
    assert triple.limit == 255 and triple.noise.scale.labels == ("−255", "0", "+255")
    qtbot.mouseClick(controls.fit, Qt.MouseButton.LeftButton, pos=QPoint(8, controls.fit.height() // 2))
    assert triple.limit == fitted and not controls.true_scale.isChecked()


def test_the_three_images_zoom_together(window, qtbot):
    triple = window.page().triple
    before = triple.clean.view.viewRect()
    triple.noise.view.scaleBy((0.4, 0.4))
    qtbot.wait(50)
    ranges = [pane.view.viewRect() for pane in triple.panes]
    assert ranges[0].width() < before.width() / 2
    for other in ranges[1:]:
        for side in ("left", "top", "width", "height"):
            assert getattr(other, side)() == pytest.approx(getattr(ranges[0], side)(), abs=0.3)
    window.commands["fit"].trigger()
    assert triple.degraded.view.viewRect().width() == pytest.approx(before.width(), rel=0.02)


def test_pixels_are_square_and_not_smoothed(window, run):
    """Inside a pixel of the image, the screen has one colour."""
    pane, clean = window.page().triple.clean, run.result(int(run.images[0])).clean[..., 0]
    screen = pane.graphics.grab().toImage()
    x_unit, y_unit = pane.view.viewPixelSize()
    assert x_unit == pytest.approx(y_unit, rel=1e-6)
    row, column = np.argwhere((clean > 60) & (clean < 200))[0]
    centre = pixel_position(pane, row, column)
    reach = int(0.3 / x_unit)
    assert reach >= 2
    for dx, dy in ((0, 0), (reach, reach), (-reach, reach), (reach, -reach), (-reach, -reach)):
        assert screen.pixelColor(centre.x() + dx, centre.y() + dy).red() == clean[row, column]


def test_history_is_drawn(window, run, qtbot, settle):
    page = window.page()
    for place in range(len(run.images)):
        click_image(qtbot, page, place)
        settle(window)
        history = run.result(int(run.images[place])).history
        assert page.history.empty.isVisible() == (len(history) == 0)
        if len(history):
            assert np.array_equal(page.history.norm.line.yData, history[:, NORM])
            assert np.allclose(page.history.share.line.yData, 100 * history[:, SHARE])
            assert page.history.norm.values_at(1.1, 0) == f"generation 1: {history[0, NORM]:.4g}"
            assert page.history.norm.values_at(1e6, 0) == ""
    assert any(len(result.history) == 0 for result in run), "one image of this run is wrong when clean"


def test_a_search_whose_engine_is_not_here_is_shown(open_window, runs, tmp_path, settle):
    shutil.copytree(runs / "search", tmp_path / "search")
    info = json.loads((tmp_path / "search" / "run.json").read_text())
    info["settings"] |= {"engine": "hill", "step": 0.3}
    (tmp_path / "search" / "run.json").write_text(json.dumps(info))
    window = open_window(tmp_path / "search")
    settle(window)
    session = window.controller.current
    assert session.triple is not None and session.run.config.options.step == 0.3
