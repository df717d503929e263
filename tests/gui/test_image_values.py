"""What panels of images and of facts show and tell, against values worked out by hand; each without a window."""

from types import SimpleNamespace

import numpy as np
import pytest
from doubles import Held
from numpy_runs import NAMES, search
from PySide6.QtCore import QEvent, QPoint, QPointF
from PySide6.QtGui import QColor, QHelpEvent, QImage
from PySide6.QtWidgets import QApplication

from tfstab.gui import figures
from tfstab.gui.content import colours
from tfstab.gui.content.predictions import ScoreBar
from tfstab.gui.content.triple import triple_of_search
from tfstab.gui.jobs.scorer import Scorer
from tfstab.gui.sessions.failure_card import FailureCard
from tfstab.gui.widgets import score_bars, theme
from tfstab.gui.widgets.colour_scale import ColourScale
from tfstab.gui.widgets.facts_panel import NOTHING, FactsPanel, as_html
from tfstab.gui.widgets.image_pane import ImagePane
from tfstab.gui.widgets.noise_controls import NoiseControls
from tfstab.gui.widgets.thumbnails import thumbnail
from tfstab.gui.widgets.triple_panel import TriplePanel


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    return search(tmp_path_factory.mktemp("widgets") / "search", queries=150)


def test_noise_controls_by_hand(show):
    controls, told = show(NoiseControls()), []
    controls.changed.connect(lambda: told.append(controls.gain))
    assert controls.gain is None and controls.value.text() == "" and controls.slider.maximum() == 60
    controls.slider.setValue(25)
    assert told == [pytest.approx(2**2.5)] and controls.value.text() == "× 5.66" and not controls.fit.isChecked()
    controls.true_scale.setChecked(True)
    assert told[1:] == [1.0] and controls.value.text() == "× 1"
    controls.fit.setChecked(True)
    assert told[2:] == [None] and not controls.true_scale.isChecked()
    controls.channel.setCurrentIndex(2)
    assert len(told) == 4
    controls.set_colour(False)
    assert not controls.channel.isVisible()


def test_the_panel_of_a_triple(show, searched):
    panel, said = show(TriplePanel("Choose one"), 900, 300), []
    panel.said.connect(said.append)
    assert panel.limit == 1.0 and panel.heading.text() == "Choose one" and not panel.clean.isVisible()
    assert panel.offers() == {}
    result = searched.result(1)
    panel.set_triple(triple_of_search(result, NAMES))
    assert panel.limit == np.abs(result.noise).max() and panel.heading.text() == "<b>Image 1</b>"
    assert set(panel.offers()) == {"copy-images", "save-images"}
    np.testing.assert_array_equal(panel.clean.shown, result.clean[..., 0])
    np.testing.assert_array_equal(panel.degraded.shown, np.rint(result.degraded[..., 0]))
    np.testing.assert_array_equal(panel.noise.shown, colours.diverging(result.noise[..., 0], panel.limit))
    panel.set_mark("★ odd")
    assert panel.heading.text() == "<b>Image 1</b> &nbsp;★ odd"
    panel.start_blinking()
    np.testing.assert_array_equal(panel.degraded.shown, result.clean[..., 0])
    panel.stop_blinking()
    np.testing.assert_array_equal(panel.degraded.shown, np.rint(result.degraded[..., 0]))
    panel.clean.hovered.emit(2, 1)
    assert f"x 1, y 2:  clean {result.clean[2, 1, 0]}" in said[-1]
    panel.clean.left.emit()
    assert said[-1] == ""


def test_what_is_copied_is_shown_at_that_moment_and_is_misclassified(show, searched):
    panel, wholes = show(TriplePanel("Choose one"), 900, 300), 0
    panel.set_triple(triple_of_search(searched.result(0), NAMES))
    copy = panel.offers()["copy-images"]
    for image in searched.clean.indices.tolist():
        result = searched.result(image)
        panel.set_triple(triple_of_search(result, NAMES))
        copy()
        whole = result.degraded_uint8
        wholes += whole is not None and not np.array_equal(whole, np.rint(result.degraded))
        kept = result.degraded if whole is None else whole.astype(np.float32)
        expected = figures.triple_picture(result.clean, kept - result.clean, kept)
        copied = QApplication.clipboard().image().convertToFormat(QImage.Format.Format_RGB888)
        assert copied == figures.as_image(expected)
    assert wholes, "of none does the misclassified image differ from the rounded one"
    panel.set_triple(None)
    copy()
    assert copied == QApplication.clipboard().image().convertToFormat(QImage.Format.Format_RGB888)


def test_where_a_pixel_is(show):
    pane = show(ImagePane("Clean", ColourScale(np.repeat(np.arange(256)[:, None], 3, axis=1), ("0", "128", "255"))))
    assert pane.pixel_at(QPointF(5, 5)) is None
    pane.set_image(np.arange(12, dtype=np.uint8).reshape(3, 4))
    for row, column in ((0, 0), (2, 3), (1, 2)):
        scene = pane.view.mapViewToScene(QPointF(column + 0.5, row + 0.5))
        assert pane.pixel_at(scene) == (row, column)
    for x, y in ((-0.1, 1), (4.1, 1), (1, -0.1), (1, 3.1)):
        assert pane.pixel_at(pane.view.mapViewToScene(QPointF(x, y))) is None
    told = []
    pane.hovered.connect(lambda *pixel: told.append(pixel))
    pane.left.connect(lambda: told.append("left"))
    pane._hover(pane.view.mapViewToScene(QPointF(1.5, 2.5)))
    pane._hover(pane.view.mapViewToScene(QPointF(9, 9)))
    assert told == [(2, 1), "left"]
    pane.reset_asked.connect(lambda: told.append("reset"))
    for double in (False, True):
        pane._clicked(SimpleNamespace(double=lambda double=double: double))
    assert told[2:] == ["reset"]
    pane.clear()
    assert pane.shown is None and not pane.item.isVisible() and pane.pixel_at(QPointF(5, 5)) is None
    pane.set_image(np.zeros((3, 4), np.uint8))
    assert pane.item.isVisible()


def test_thumbnails_keep_the_shape_and_grey_is_grey(qapp):
    image = np.zeros((2, 4, 1), np.uint8)
    image[:, 2:] = 200
    picture = thumbnail(image).pixmap(56, 56).toImage()
    assert picture.width() == 2 * picture.height()
    left, right = picture.pixelColor(3, 3), picture.pixelColor(picture.width() - 4, 3)
    assert left.getRgb()[:3] == (0, 0, 0) and right.getRgb()[:3] == (200, 200, 200)


def test_pictures_of_triples_by_hand():
    clean, noise = np.full((2, 3, 1), 10, np.uint8), np.zeros((2, 3, 1), np.float32)
    noise[0, 0], noise[1, 2] = 5, -2.5
    picture = figures.triple_picture(clean, noise, clean + noise)
    side = 256 // 3
    assert picture.shape == (2 * side, 3 * 3 * side + 2 * 8, 3) and picture.dtype == np.uint8
    assert picture[0, 0].tolist() == [10] * 3 and (picture[:, 3 * side : 3 * side + 8] == 255).all()
    assert picture[0, 3 * side + 8].tolist() == colours.DIVERGING[-1].tolist()
    assert picture[-1, 2 * 3 * side + 7].tolist() == colours.diverging(np.array([[-2.5]]), 5)[0, 0].tolist()
    assert picture[0, 6 * side + 16].tolist() == [15] * 3
    assert figures.rgb(np.array([[[1.6]]])).tolist() == [[[2, 2, 2]]]
    assert figures.rgb(np.zeros((1, 1, 3))).shape == (1, 1, 3)
    large = figures.triple_picture(np.zeros((300, 2, 3), np.uint8), np.zeros((300, 2, 3)), np.zeros((300, 2, 3)))
    assert large.shape == (300, 22, 3)


def test_pixels_are_copied_and_saved_one_by_one(qapp, tmp_path):
    pixels = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3) * 10
    figures.save_pixels(pixels, str(tmp_path / "a.png"))
    image = QImage(str(tmp_path / "a.png"))
    assert (image.width(), image.height()) == (3, 2) and image.pixelColor(2, 1).getRgb()[:3] == (150, 160, 170)
    figures.copy_pixels(np.uint8([[7, 9]]))
    copied = qapp.clipboard().image()
    assert (copied.width(), copied.height()) == (2, 1) and copied.pixelColor(1, 0).getRgb()[:3] == (9, 9, 9)
    with pytest.raises(OSError, match="cannot be written"):
        figures.save_pixels(pixels, str(tmp_path / "a.nosuch"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_score_bars_by_hand(show):
    bars = show(score_bars.ScoreBars(), 200, 200)
    empty = bars.sizeHint().height()
    step = bars.fontMetrics().height() + 21
    assert empty == 32 + step + 8
    bars.set_bars((ScoreBar("cat", 0.25, 0.75, predicted=True), ScoreBar("dog", 0.5, None, actual=True)))
    assert bars.sizeHint().height() == 32 + 2 * step + 8 and bars.minimumSizeHint().width() == 95
    assert bars.accessibleDescription() == (
        "cat, predicted: clean 0.250, degraded 0.750; dog (true): clean 0.500, degraded not recorded"
    )
    picture = bars.grab().toImage()
    filled = QColor(theme.series_colours(bars.palette())[1])
    y = 32 + bars.fontMetrics().height() + 7 + 2
    row = [picture.pixelColor(x, y) == filled for x in range(200)]
    assert 130 < sum(row) <= 140  # three quarters of 184 pixels
    for at, taken in ((32 + 1, True), (32 + 2 * step - 1, True), (32 + 2 * step + 1, False), (20, False)):
        event = QHelpEvent(QEvent.Type.ToolTip, QPoint(10, at), QPoint(10, at))
        assert bars.event(event) == taken or not taken


def test_facts_as_a_table(show, searched):
    html = as_html((("A & B", (("x", "<1>"),)),))
    assert "<b>A &amp; B</b>" in html and "<td>&lt;1&gt;</td>" in html
    card = FailureCard(Scorer(), held := Held(), lambda: None)
    panel = show(FactsPanel(card, held))
    assert card.content is None and not panel.card.isVisible()
    assert panel.label.text() == NOTHING and not panel.scores.isVisible()
    panel.set_triple(triple_of_search(searched.result(1), NAMES))
    assert panel.scores.isVisible() and len(panel.scores.bars) == 3 and "Stop reason" in panel.label.text()
    panel.set_triple(None)
    assert panel.label.text() == NOTHING and panel.scores.bars == ()
