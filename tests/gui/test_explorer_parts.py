"""The parts of the explorer one by one: the track below a slider, the rows of degradations, and the page."""

import csv
from types import SimpleNamespace

import numpy as np
import numpy_runs
import pytest
from doubles import Held
from painting_in_words import painted
from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QSlider, QStyle, QToolTip

from tfstab.degradations import BUILT_IN
from tfstab.gui.background import Background
from tfstab.gui.content.explorer import MOST_STEPS, Exploring, Step
from tfstab.gui.content.own_picture import OwnPicture
from tfstab.gui.content.track import Track
from tfstab.gui.sessions.explorer import Explorer
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.widgets.explorer import step_list
from tfstab.gui.widgets.explorer.explorer_page import ExplorerPage
from tfstab.gui.widgets.explorer.severity_slider import FlipTrack, SeveritySlider
from tfstab.gui.widgets.explorer.step_list import StepList
from tfstab.gui.widgets.explorer.step_row import StepRow
from tfstab.gui.widgets.figure_dialog import figure_offers

NOISE, JPEG = BUILT_IN["gaussian_noise"], BUILT_IN["jpeg"]  # sigma 0 to 40; quality 100 to its strongest
NAMES = numpy_runs.NAMES


def track(*predicted):
    """Predictions at sigma 0, 10, 20, 30 and 40."""
    return Track.of(NOISE, np.arange(0.0, 41, 10), np.array(predicted), 0)


def test_a_track_below_its_slider(show, light, monkeypatch):
    slider = QSlider(Qt.Orientation.Horizontal)
    drawn, told = FlipTrack(slider, NOISE), []
    assert painted(drawn) == [] and slider.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, None, slider) == 15
    drawn.set_tracks([track(0, 0, 1, 1, 0)], NAMES)
    # Of 300 pixels, 7.5 at each end are below half of the handle: a sigma of 1 is 7.125 pixels.
    assert painted(drawn) == [
        "paints fillRect [7.5 1 142.5 5] #ff787878; fillRect [150 1 142.5 5] #ffcd141e; "
        "fillRect [150 1 142.5 5] #ffffffff/BDiagPattern; fillRect [292.5 1 0 5] #ff787878; "
        "setPen #ff000000/2/SolidLine; drawLine 150 0 150 12"
    ]
    assert (
        drawn.accessibleName() == "Predictions along the slider: cat → dog at 20 in this draw"
        and drawn.tracks[0].flip == 20
    )
    show(drawn, 300, 14)
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, widget: told.append(text))
    for x in (0, 7, 79, 149, 150, 151, 221, 299):
        assert drawn.event(QHelpEvent(QEvent.Type.ToolTip, QPoint(x, 3), QPoint(x, 3)))
    assert told == [
        f"{one} in this draw" for one in (
            "sigma 0: cat", "sigma 0: cat", "sigma 10: cat", "sigma 19.9: cat", "sigma 20: cat", "sigma 20.1: dog",
            "sigma 30: dog", "sigma 40: dog",
        )
    ]  # fmt: skip
    assert drawn.sizeHint().width() == slider.sizeHint().width() and drawn.sizeHint().height() == 14
    drawn.resize(15, 14)
    assert drawn.event(QHelpEvent(QEvent.Type.ToolTip, QPoint(12, 3), QPoint(12, 3))) and told[-1].startswith("sigma")
    drawn.set_tracks([track(1, 1, 1, 1, 1)], NAMES)
    assert "drawLine" not in painted(drawn)[0]
    unknown = Track.of(NOISE, np.arange(0.0, 41, 10), np.array([1, 1, 2, 2, 1]), None)
    drawn.set_tracks([unknown], NAMES)
    (said,) = painted(drawn)
    assert drawn.accessibleName().endswith("dog → 2 at 20 in this draw") and "drawLine 150 0 150 12" in said
    assert "fillRect [7.5 1 142.5 5] #ff787878" in said and "#ffcd141e" not in said, "red would be wrong"
    drawn.set_tracks([], NAMES)
    assert painted(drawn) == [] and drawn.accessibleName() == ""
    drawn.event(QHelpEvent(QEvent.Type.ToolTip, QPoint(9, 3), QPoint(9, 3)))
    assert len(told) == 9


def test_a_slider_of_severities(show):
    slider, chosen = show(SeveritySlider(NOISE), 400, 29), []
    slider.chosen.connect(chosen.append)
    assert (slider.slider.minimum(), slider.slider.maximum(), slider.slider.pageStep()) == (0, 200, 20)
    slider.set_severity(10)
    assert slider.slider.value() == 50 and chosen == []
    slider.slider.setValue(75)
    assert chosen == [15]
    assert slider.track.y() == slider.slider.geometry().bottom() + 1


def test_a_row_of_a_degradation(show, qtbot):
    row, told = show(StepRow(Step("gaussian_noise", 10.0), 1, 3)), []
    row.chosen.connect(lambda severity: told.append(("chosen", severity)))
    row.moved.connect(lambda by: told.append(("moved", by)))
    row.removed.connect(lambda: told.append("removed"))
    assert (row.slider.slider.value(), row.number.value(), row.number.decimals(), row.number.singleStep()) == (
        50,
        10,
        2,
        1,
    )
    row.set_severity(20)
    assert told == [] and row.slider.slider.value() == 100
    row.slider.slider.setValue(101)
    row.number.stepUp()
    qtbot.keyClicks(row.number, "5")
    for button in (row.earlier, row.later, row.remove):
        button.click()
    qtbot.keyClick(row.number, Qt.Key.Key_Return)
    typed = told.pop()
    assert told == [("chosen", 20.2), ("chosen", 21), ("moved", -1), ("moved", 1), "removed"] and typed[0] == "chosen"
    row.set_tracks([track(0, 1, 1, 1, 1)], NAMES)
    (flip,) = row.flips
    assert flip.text() == "cat → dog at 10 in this draw" and row.slider.track.tracks
    assert " ".join(flip.toolTip().split()).endswith(flip.text())
    # In little room, other words make way for the names of the classes.
    both = StepRow(Step("rotation", 0.0), 0, 1)
    turned, both_family = [(0, -45), (0, 45)], Step("rotation", 0.0).family
    names = ("automobile", "salamander", "2")
    both.set_tracks(
        [Track.of(both_family, np.linspace(*ends, 3), np.array([0, 0, 1]), 0, drawn=True) for ends in turned],
        names,
    )
    advance = both.flips[1].fontMetrics().horizontalAdvance
    for words in (
        "▶ counter-clockwise: automobile → salamander at 45 in this draw",
        "▶ counter-clockwise: automobile → salamander at 45", "▶ automobile → salamander at 45",
    ):  # fmt: skip
        both.flips[1].resize(advance(words) + 2, 20)
        assert both.flips[1].shown == words
    both.flips[1].resize(advance(words) - 12, 20)
    assert "…" in both.flips[1].shown and both.flips[1].shown.endswith(" at 45")
    row.set_tracks([], NAMES)
    assert flip.text() == flip.toolTip() == "" and row.slider.track.tracks == ()
    enabled = [(one.earlier.isEnabled(), one.later.isEnabled(), one.remove.isEnabled()) for one in (
        StepRow(Step("jpeg", 40.0), place, count) for place, count in ((0, 1), (0, 2), (1, 2), (1, 3))
    )]  # fmt: skip
    assert enabled == [(False, False, True), (False, True, True), (True, False, True), (True, True, True)]
    whole = StepRow(Step("jpeg", 40.0), 0, 1).number
    assert (whole.decimals(), whole.singleStep(), whole.value(), whole.minimum(), whole.maximum()) == (0, 1, 40, 1, 100)


def test_a_row_of_a_degradation_with_two_directions(show, light, monkeypatch):
    row, told = show(StepRow(Step("contrast", 0.5), 0, 1), 300, 120), []
    slider, band = row.slider.slider, row.slider.track
    assert (slider.minimum(), slider.maximum(), slider.value()) == (-200, 200, round(-200 * 0.5 / 0.85))
    assert slider.accessibleName() == "factor of contrast, from less contrast to more contrast"
    assert [flip.text() for flip in row.flips] == ["◀ less contrast", "▶ more contrast"]
    assert [flip.accessibleName() for flip in row.flips] == [
        f"{more} contrast: where the prediction becomes wrong, or right" for more in ("less", "more")
    ]
    assert row.number.toolTip() == (
        "factor: numbers from 0 to 100, without 1; 1 leaves the image unchanged; lower numbers: less contrast, higher "
        "numbers: more contrast"
    )
    less = Track.of(BUILT_IN["contrast"], np.array([1, 0.575, 0.15]), np.array([1, 0, 0]), 0)
    more = Track.of(BUILT_IN["contrast"], np.array([1, 3.85, 6.7]), np.array([1, 2, 2]), 0)
    row.set_tracks([less, more], NAMES)
    assert [flip.text() for flip in row.flips] == [
        "◀ less contrast: dog → cat at 0.575", "▶ more contrast: never cat up to 6.7",
    ]  # fmt: skip
    assert " ".join(row.flips[1].toolTip().split()) == (
        "The prediction along this slider, while the others stay: more contrast: never cat up to 6.7"
    )
    assert band.accessibleName() == (
        "Predictions along the slider: less contrast: dog → cat at 0.575; more contrast: never cat up to 6.7"
    )
    left, right = band._ends()
    middle, quarter = (left + right) / 2, (right - left) / 4
    (said,) = painted(band)
    assert f"fillRect [{left:g} 1 {quarter:g} 5] #ff787878" in said, "correct from the flip to the left end"
    assert said.count("BDiagPattern") == 3 and f"drawLine {round(middle - quarter)} 0" in said
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, widget: told.append(text))
    for x in (left, middle - 2, middle, right):
        band.event(QHelpEvent(QEvent.Type.ToolTip, QPoint(round(x), 3), QPoint(round(x), 3)))
    assert [text.partition(": ")[2] for text in told] == ["cat", "dog", "dog", "2"]
    assert all(text.startswith(f"factor {at}") for text, at in zip(told, ("0.15", "0.9", "1", "6."), strict=True))


# --- the list ---


class Scorer(QObject):
    located = Signal()

    def ask(self, *_):
        return 1

    def drop(self, ticket):
        pass

    def knows(self, model):
        return True


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return numpy_runs.sweep(tmp_path_factory.mktemp("explorer-parts") / "run")


def test_the_list_of_degradations(show, run, qtbot, monkeypatch):
    monkeypatch.setattr(step_list, "SETTLED", 10**6)  # ms, as long as a busy machine may take to lay out rows
    explorer = Explorer(run, Scorer(), Background())
    listed = show(StepList(explorer), 300, 300)
    assert listed.rows == [] and listed.empty.isVisible() and not listed.again.isEnabled()
    assert listed.adding.isEnabled() and listed.adding.currentIndex() == -1
    for name in ("jpeg", "gaussian_noise"):
        place = listed.adding.findData(name)
        listed.adding.setCurrentIndex(place)
        listed.adding.activated.emit(place)
        assert listed.adding.currentIndex() == -1
    qtbot.wait(1)
    assert [step.name for step in explorer.state.steps] == ["jpeg", "gaussian_noise"] and not listed.empty.isVisible()
    first, second = listed.rows
    assert not listed.legend.isVisible(), "nothing is known yet"
    assert first.y() < second.y() < listed.adding.mapTo(listed.widget(), QPoint()).y()
    assert listed.again.isEnabled() and listed.drawn.isVisible(), "one of the two is random"
    listed.again.click()
    assert explorer.state.seed == 1
    second.number.setValue(7.5)
    assert explorer.state.steps[1].severity == 7.5 and second.slider.slider.value() == round(200 * 7.5 / 40)
    explorer.tracks.found = [(), (track(0, 1, 1, 1, 1),)]
    explorer.tracks.changed.emit()
    assert [row.flips[0].text() for row in listed.rows] == ["", "cat → dog at 10 in this draw"]
    assert listed.legend.isVisible() and "misclassified" in listed.legend.text()
    listed.legend.set_judged(False)
    said = listed.legend.text()
    assert "class predicted without this degradation" in said and "misclassified" not in said
    listed.rows[1].earlier.click()
    assert [step.name for step in explorer.state.steps] == ["gaussian_noise", "jpeg"]
    assert first.isHidden() and second.isHidden() and listed.rows[0].number.value() == 7.5
    listed.rows[0].remove.click()
    assert [step.name for step in explorer.state.steps] == ["jpeg"] and not listed.again.isEnabled()
    assert not listed.drawn.isVisible()
    for count in (MOST_STEPS - 1, MOST_STEPS):
        explorer.restore(Exploring(0, (Step("jpeg", 40.0),) * count))
        assert listed.adding.isEnabled() == (count < 8) and len(listed.rows) == count
    qtbot.wait(1)
    bar = listed.verticalScrollBar()
    explorer.restore(Exploring(0, (Step("jpeg", 40.0),) * 5))
    qtbot.wait(1)
    bar.setValue(0)
    listed.adding.activated.emit(0)
    assert len(listed.rows) == 6
    qtbot.waitUntil(lambda: bar.value() > 0)
    qtbot.wait(100)
    seen = listed.adding.visibleRegion().boundingRect()
    assert seen.height() == listed.adding.height() and listed.drawn.isVisible(), "the list to add from stays in view"


# --- the page ---


@pytest.fixture
def page(run, show):
    session, held = SweepSession(run, held_session := Held()), Held()
    held_session.answer_all()
    said = SimpleNamespace(connect=lambda heard: None)
    page = ExplorerPage(SimpleNamespace(scorer=Scorer(), background=held, said=said), session)
    page.explorer._worker = Held()
    page.in_view, page.answers = session, held_session
    return show(page, 900, 600)


def test_images_of_the_explorer(page, run):
    state = page.explorer.state
    assert page.first() is page.steps.adding and state.image == 0 and page.image.text() == "0"
    page.shown()
    assert [step.name for step in page.explorer.state.steps] == ["gaussian_noise"]
    assert page.first() is page.steps.rows[0].slider.slider
    assert page.title.text().startswith(run.clean.title(0)) and page.title.toolTip() == page.title.text()
    for press, image in (
        (page.next.click, 1), (page.next.click, 2), (page.previous.click, 1), (page.offers()["next"], 2),
        (page.offers()["previous"], 1),
    ):  # fmt: skip
        press()
        assert page.explorer.state.image == image and page.image.text() == str(image)
    said = []
    page.said.connect(said.append)
    for typed, image in (("8", 8), ("9", 8), ("", 8), ("0", 0)):
        page.image.setText(typed)
        page.image.returnPressed.emit()
        assert page.explorer.state.image == image and page.image.text() == str(image)
    assert said == ["Image 9 is not in this run; it has 9 images, beginning with 0, 1, 2, 3, 4."]
    np.testing.assert_array_equal(page.clean.shown, run.clean.images[0][..., 0])
    page.in_view.select((4, 1, 0))
    page.answers.answer_all()
    assert page.explorer.state.image == 4
    assert page.explorer.state.steps == (Step("gaussian_noise", run.severities[1]),)
    assert page.steps.rows[0].number.value() == run.severities[1], "the severity of the copy"
    page.next.click()
    page.in_view.triple_changed.emit(page.in_view.triple)
    assert page.explorer.state.image == 5, "the selection was followed before"
    page.hide()
    page.in_view.select((6, 0, 0))
    page.answers.answer_all()
    assert page.explorer.state.image == 5
    page.show()
    page.shown()
    assert page.explorer.state == Exploring(6, (Step("gaussian_noise", run.severities[0]),))
    page.explorer.add("jpeg")
    page.in_view.select((7, 1, 0))
    page.answers.answer_all()
    assert page.explorer.state == Exploring(7, (Step("gaussian_noise", run.severities[1]),))
    page.explorer.add("jpeg")
    before = page.explorer.state
    page.hide()
    page.show()
    page.shown()
    assert page.explorer.state == before, "what the user has set stays until another copy is selected"


def test_scores_of_the_explorer(page):
    explorer = page.explorer
    assert page.degraded.title.text().endswith("the model is being loaded…") and not page.problem.isVisible()
    assert page.clean.title.text().startswith("<b>Clean:</b> cat")
    explorer.scores = np.float32([0.25, 0.75, 0.0])
    explorer.scores_changed.emit()
    assert page.degraded.title.text().startswith("<b>Degraded:</b> dog") and len(page.scores.bars) == 3
    explorer.scores, explorer.problem = None, "It is gone."
    explorer.scores_changed.emit()
    assert page.problem.isVisible() and page.problem.text() == "It is gone." and page.scores.bars[0].degraded is None
    assert page.degraded.title.text() == "<b>Degraded:</b> "


def test_a_figure_never_shows_the_scores_of_an_earlier_state(page):
    explorer, said = page.explorer, []
    offers = figure_offers(page.figure, said.append, lambda *_: None)
    page.shown()
    explorer.scores = np.float32([0.25, 0.75, 0.0])  # of the image before its noise
    explorer.set_severity(0, 20.0)
    while explorer._worker.waiting:
        offers["copy-figure"]()
        offers["save-figure"]()
        assert len(set(said)) == 1 and said[0].startswith("The figure is not complete yet: ")
        explorer._worker.answer()
    explorer.scores, explorer.problem = None, "The model is gone."
    assert page.figure().caption.endswith("Gaussian noise, sigma 20 grey levels")


@pytest.mark.parametrize(("note", "marks"), [("", ["0", "1", "0"]), ("classes as predicted", [""] * 3)])
def test_only_images_that_came_with_classes_have_a_true_one(page, run, monkeypatch, tmp_path, note, marks):
    monkeypatch.setitem(run.info["data"], "remarks", note)
    explorer, path = page.explorer, tmp_path / "scores.csv"
    explorer.set_image(1)
    assert page.title.text() == run.clean.title(1) + (", dog [1]" if note == "" else "")
    page.shown()
    explorer._worker.answer_all()
    explorer._take_scores(explorer.state, np.float32([0.25, 0.75, 0.0]))
    page.offers()["save-table"].do()
    page.findChild(QFileDialog).fileSelected.emit(str(path))
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["true_class"] for row in rows] == marks and [row["score"] for row in rows] == ["0.25", "0.75", "0.0"]


def test_both_images_are_zoomed_and_arranged_together(page, qapp):
    def seen(pane):
        (left, right), (bottom, top) = pane.view.viewRange()
        return min(right - left, top - bottom)

    for pane, other in ((page.clean, page.degraded), (page.degraded, page.clean)):
        pane.view.setRange(QRectF(1, 1, 2, 2), padding=0)
        assert seen(pane) == pytest.approx(2) and seen(other) == pytest.approx(2)
        pane.reset_asked.emit()
        assert seen(pane) == seen(other) == pytest.approx(4 * 1.04)
    page.clean.view.setRange(QRectF(1, 1, 2, 2), padding=0)
    page.explorer.set_image(3)
    assert seen(page.clean) == pytest.approx(2), "images of the same size stay zoomed"
    pair = page.clean.parentWidget()
    for width, height, below in ((300, 301, True), (300, 300, False), (301, 300, False)):
        pair.setFixedSize(width, height)
        pair.resizeEvent(QResizeEvent(pair.size(), pair.size()))
        qapp.processEvents()
        clean, degraded = page.clean.geometry(), page.degraded.geometry()
        assert (degraded.top() > clean.bottom()) == below == (degraded.left() <= clean.right())


def test_the_first_image_that_a_run_selects_does_not_replace_a_picture_of_ones_own(page, run, tmp_path):
    """A picture can be dropped while the run is still being read."""
    page.shown()
    page.explorer.show_own(OwnPicture(tmp_path / "own.png", run.clean.images[2], None, np.full(3, 1 / 3, np.float32)))
    page.in_view.select((4, 1, 0))
    page.answers.answer_all()
    assert page.explorer.state.own is not None, "selected as the run was opened"
    page.in_view.select((5, 0, 0))
    page.answers.answer_all()
    assert page.explorer.state.own is None and page.explorer.state.image == 5, "selected by the user"


def test_a_state_of_the_explorer_is_taken_over_without_the_selection(page):
    wanted = Exploring(3, (Step("jpeg", 40.0),), 2)
    for selected in ([1, 0, 0], [3, 1, 0], None):
        page.explorer.set_image(0)
        page.in_view.restore({"selected": selected})  # its points are read later
        page.restore({"explorer": wanted.to_json()})
        assert page.explorer.state == wanted and page.viewpoint_state() == {"explorer": wanted.to_json()}
        page.answers.answer_all()
        assert (page.in_view.triple is None) == (selected is None) and page.explorer.state == wanted
    page.restore({})
    assert page.explorer.state == wanted
    page.in_view.select((6, 0, 0))
    page.answers.answer_all()
    assert page.explorer.state.image == 6


def test_a_number_that_is_typed_counts_before_its_row_is_moved_or_another_is_removed(show, run, qtbot):
    explorer = Explorer(run, Scorer(), Background())
    listed = show(StepList(explorer), 300, 400)
    explorer.restore(Exploring(0, (Step("gaussian_noise", 10.0), Step("jpeg", 40.0), Step("jpeg", 60.0))))
    listed.activateWindow()
    listed.rows[2].number.setFocus()
    qtbot.waitUntil(listed.rows[2].number.hasFocus)
    listed.rows[2].number.selectAll()
    qtbot.keyClicks(listed.rows[2].number, "75")
    qtbot.mouseClick(listed.rows[0].remove, Qt.MouseButton.LeftButton)
    assert [step.severity for step in explorer.state.steps] == [40, 75]
    listed.rows[1].number.setFocus()
    qtbot.waitUntil(listed.rows[1].number.hasFocus)
    listed.rows[1].number.selectAll()
    qtbot.keyClicks(listed.rows[1].number, "80")
    qtbot.mouseClick(listed.rows[1].earlier, Qt.MouseButton.LeftButton)
    assert [step.severity for step in explorer.state.steps] == [80, 40]
