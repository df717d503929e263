"""The explorer: one image under any degradations, its severities along sliders, and where the prediction flips."""

import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy_runs
import pytest
from child_answers import answer_asked
from doubles import Held
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QGraphicsView, QMessageBox, QStyle

from tfstab import SweepConfig, inspect_picture, open_run
from tfstab.datasets.resize import Resize
from tfstab.degradations import BUILT_IN, chain
from tfstab.degradations.directions import DIRECTIONS
from tfstab.errors import InputError
from tfstab.gui.background import Background
from tfstab.gui.content.explorer import Exploring, Step
from tfstab.gui.content.own_picture import resized
from tfstab.gui.content.scripts import python_of
from tfstab.gui.content.track import Track
from tfstab.gui.figures import as_image, triple_picture
from tfstab.gui.jobs.exploring import explore
from tfstab.gui.jobs.questions import Answer, AskOrder
from tfstab.gui.jobs.severities import bounds, direction, ends, settled, severity_at, share_at
from tfstab.gui.jobs.verdict import verdict
from tfstab.gui.sessions.explorer import Explorer
from tfstab.gui.widgets.figure_dialog import FigureDialog

BRIGHTER, NOISIER = BUILT_IN["brightness"], BUILT_IN["gaussian_noise"]


@pytest.mark.parametrize("family", BUILT_IN.values(), ids=lambda family: family.name)
def test_every_place_of_a_slider_is_a_severity_that_the_family_takes(family):
    for side, end in ends(family).items():
        severities = [severity_at(family, side * share) for share in np.linspace(0, 1, 201).tolist()]
        assert severities[0] == family.neutral and severities[-1] == end and share_at(family, end) == side
        assert all(s == family.neutral or family.check([s]) for s in severities)
        assert np.all(np.diff([abs(s - family.neutral) for s in severities]) >= 0)
    assert share_at(family, family.neutral) == 0 and family.severities[-1] in ends(family).values()


def test_the_sliders_of_six_families_have_two_directions():
    both = {name: family for name, family in BUILT_IN.items() if len(ends(family)) == 2}
    words = {name: (direction(family, -1), direction(family, 1)) for name, family in both.items()}
    assert words == DIRECTIONS, "the words are those of `tfstab inspect`"
    assert list(ends(both["gamma"]).items()) == [(-1, 0.17), (1, 6)], "the lower severity is at the left"
    assert list(ends(both["contrast"]).items()) == [(-1, 0.15), (1, 6.7)]
    assert direction(NOISIER, 1) == "", "the name says it"
    other = SimpleNamespace(name="hue", low=-9.0, neutral=0.0, high=9.0, two_sided=True, severities=(1.0, 3.0))
    assert (direction(other, -1), direction(other, 1), ends(other)) == ("below 0", "above 0", {-1: -3, 1: 3})
    other = SimpleNamespace(name="tint", low=0.0, neutral=1.0, high=5.0, two_sided=True, severities=(0.5, 0.1, 0.0))
    assert ends(other) == {-1: 0, 1: 2}, "10 is not allowed, and 0 has no inverse"


@pytest.mark.parametrize(
    ("name", "typed", "taken"),
    [("jpeg", 46.7, 47), ("jpeg", 99.6, 100), ("jpeg", -3, 1), ("poisson", 0.0004, 0), ("poisson", 0.0006, 0.001)],
)
def test_a_number_that_is_typed_becomes_the_nearest_severity(name, typed, taken):
    assert settled(BUILT_IN[name], typed) == taken


def test_between_a_range_and_a_neutral_severity_beside_it_the_nearer_is_taken():
    above = SimpleNamespace(whole=False, low=2.0, high=math.inf, neutral=-1.0)
    below = SimpleNamespace(whole=False, low=-math.inf, high=-2.0, neutral=1.0)
    for family, sign in ((above, 1), (below, -1)):
        taken = [sign * settled(family, sign * severity) for severity in (-3, -1, 0.4, 0.6, 2, 2.5, 20_000)]
        assert taken == [-1, -1, -1, 2, 2, 2.5, 10_000]
    assert bounds(above) == (-1, 10_000) and bounds(below) == (-10_000, 1)
    assert bounds(BUILT_IN["contrast"]) == (0, 100) and bounds(BUILT_IN["jpeg"]) == (1, 100)


def test_predictions_along_a_slider_are_those_of_the_images():
    classifier, image = numpy_runs.classifier(), numpy_runs.dataset().images[0]
    along = np.array([severity_at(BRIGHTER, share) for share in np.linspace(0, 1, 11).tolist()])
    arguments = {"image": image, "names": ["gaussian_noise", "brightness"], "severities": [10, 0], "seed": 3}
    arguments["class_index"] = 0
    *waits, (part, values) = explore(classifier, arguments | {"place": 1, "along": along})
    assert part == "track" and waits and not any(waits)
    severities, predicted = values["severities"], values["predicted"]
    images = [chain(image, [("gaussian_noise", 10), ("brightness", s)], seed=3) for s in severities.tolist()]
    assert np.array_equal(predicted, classifier.scores(np.stack(images)).argmax(axis=1))
    assert set(along) < set(severities) and np.all(np.diff(severities) > 0)
    track = Track.of(BRIGHTER, severities, predicted, 0)
    flip = int(np.flatnonzero(predicted != predicted[0])[0])
    # Dark images are cats, brighter ones dogs; where this changes, the severities lie closer together.
    assert track.flip == severities[flip] and severities[flip] - severities[flip - 1] < np.diff(along)[0] / 5
    assert track.text(numpy_runs.NAMES) == f"brighter: cat → dog at {track.flip:.3g}"
    pieces = track.pieces()
    assert pieces[0] == (0, share_at(BRIGHTER, track.flip), 0) and pieces[-1][1] == 1


def test_of_a_wrong_image_the_place_where_it_becomes_right_is_looked_for_in_small_steps():
    classifier, image, along = numpy_runs.classifier(), numpy_runs.dataset().images[0], np.arange(0.0, 151, 10)
    arguments = {"image": image, "names": ["brightness"], "severities": [0], "seed": 0, "place": 0, "along": along}
    *_, (_, values) = explore(classifier, arguments | {"class_index": 2})
    severities, predicted = values["severities"], values["predicted"]
    track = Track.of(BRIGHTER, severities, predicted, 2)
    place = int(np.flatnonzero(predicted == 2)[0])  # cats become dogs before
    assert predicted[0] == 0 and track.text(numpy_runs.NAMES) == f"brighter: dog → 2 at {track.flip:.3g}"
    assert track.flip == severities[place] and severities[place] - severities[place - 1] < 2


def test_a_step_in_words():
    assert Step("gaussian_noise", 20.0).text == "Gaussian noise, sigma 20 grey levels"
    assert [Step("jpeg", severity).text for severity in (100.0, 40.0)] == [
        "JPEG compression, none", "JPEG compression, quality 40",
    ]  # fmt: skip
    assert Exploring(3).seed == 0


def test_a_prediction_that_never_changes_is_said_to_stay():
    track = Track.of(NOISIER, np.array([0.0, 20, 40]), np.array([1, 1, 1]), 1)
    assert track.flip is None and track.pieces() == [(0, 1, 1)]
    assert track.text(numpy_runs.NAMES) == "stays dog up to 40 in this draw"
    less = Track.of(BUILT_IN["contrast"], np.array([1, 0.5, 0.15]), np.array([1, 1, 1]), 1)
    assert less.text(numpy_runs.NAMES) == "less contrast: stays dog down to 0.15"
    assert less.pieces() == [(0, -1, 1)], "from the middle of the slider to its left end"


@pytest.mark.parametrize(
    ("actual", "predicted", "flip", "said"),
    [
        (0, [0, 0, 1, 2, 0], 20, "cat → dog at 20 in this draw"),
        (0, [1, 2, 0, 0, 1], 20, "ship → cat at 20 in this draw"),  # from wrong to wrong at 10
        (0, [1, 2, 2, 1, 1], None, "never cat up to 40 in this draw"),
        (0, [1, 1, 1, 1, 1], None, "stays dog up to 40 in this draw"),
        (None, [1, 1, 2, 0, 1], 20, "dog → ship at 20 in this draw"),  # its true class is unknown
    ],
)
def test_of_all_changes_of_the_prediction_that_from_right_to_wrong_or_back_is_named(actual, predicted, flip, said):
    track = Track.of(NOISIER, np.arange(0.0, 50, 10), np.array(predicted), actual)
    assert track.flip == flip and track.text(("cat", "dog", "ship")) == said


def test_a_state_is_restored_and_that_of_a_stranger_refused():
    state = Exploring(7, (Step("jpeg", 40.0), Step("fog", 0.0)), 2)
    assert Exploring.from_json(state.to_json()) == state
    for damage in (
        {"image": -1},
        {"image": True},
        {"steps": [["jpeg"]]},
        {"steps": [["no-such", 3]]},
        {"steps": [["jpeg", 1]] * 9},
        {"steps": [["jpeg", float("nan")]]},
        {"seed": "0"},
    ):
        with pytest.raises(InputError):
            Exploring.from_json(state.to_json() | damage)
    with pytest.raises(InputError):
        Exploring.from_json(None)


def test_a_change_is_followed_once_the_image_is_degraded_and_scored(qapp, tmp_path):
    asked = []
    scorer = SimpleNamespace(
        ask=lambda model, question, given, done, *_: asked.append((given, done)), drop=lambda _: None
    )
    explorer = Explorer(numpy_runs.sweep(tmp_path / "run"), scorer, Background())
    explorer._worker = Held()

    def score():
        given, done = asked.pop()
        assert np.array_equal(given["images"][0], explorer.degraded)
        done(None, {"scores": np.eye(3)[:1]})

    seen = [explorer.followed]
    explorer.wake()
    del explorer._worker.waiting[0]  # imports, which take seconds
    for step in (explorer._worker.answer_all, score, lambda: explorer.set_seed(3), explorer._worker.answer_all, score):
        step()
        seen.append(explorer.followed)
    assert seen == [False, False, True, False, False, True]
    explorer.set_seed(4)
    explorer._worker.answer_all()
    explorer.set_seed(5)  # while that is scored
    explorer._worker.answer_all()
    score()
    assert len(asked) == 1 and not explorer.followed
    score()
    assert not asked and explorer.followed and explorer.scores.tolist() == [1, 0, 0]


def test_of_tracks_only_that_of_a_step_that_moves_alone_is_kept(qapp, tmp_path):
    asking = SimpleNamespace(ask=lambda *_: 1, drop=lambda _: None)
    explorer = Explorer(numpy_runs.sweep(tmp_path / "run"), asking, Background())
    explorer.restore(Exploring(0, (Step("brightness", 10.0), Step("gaussian_noise", 10.0))))
    explorer.tracks.found = [("darker", "brighter"), ("of noise",)]
    explorer.set_severity(1, 20.0)
    assert explorer.tracks.found == [(), ("of noise",)], "the others are computed with the noise"
    explorer.tracks.found = [("darker", "brighter"), ("of noise",)]
    explorer.restore(Exploring(0, (Step("brightness", 20.0), Step("gaussian_noise", 30.0))))
    assert explorer.tracks.found == [(), ()]


def test_sliders_degrade_the_selected_image(open_window, tmp_path, qtbot, settle, monkeypatch):
    run = numpy_runs.sweep(tmp_path / "run")
    window = open_window(run.path)  # its model is a function, which is nowhere to be found, so nothing can be scored
    page = window.page()
    session = window.controller.current
    session.select_point(0)
    settle(window)
    bar = page.tabs.tabBar()
    place = next(k for k in range(bar.count()) if bar.tabText(k) == "Explorer")
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(place).center())
    view, image = page.explorer.view, session.mark_key[0]
    clean = run.clean.images[run.clean.row(image)]
    shown = clean[..., 0]  # grey
    (row,) = view.steps.rows  # the sweep's own degradation, at the severity of the selected copy
    assert view.image.text() == str(image) and row.number.value() == run.severities[session.mark_key[1]] > 0
    row.number.setValue(0)
    qtbot.waitUntil(lambda: np.array_equal(view.degraded.shown, shown))

    def state():
        return view.viewpoint_state()["explorer"]

    def degraded():
        return np.rint(chain(clean, state()["steps"], state()["seed"])).astype(np.uint8)[..., 0]

    row.slider.slider.setFocus()
    for key in (Qt.Key.Key_PageUp, Qt.Key.Key_Right):
        qtbot.keyClick(row.slider.slider, key)
    assert state()["steps"] == [["gaussian_noise", pytest.approx(21 / 200 * 40)]] and row.number.value() == 4.2
    qtbot.waitUntil(lambda: np.array_equal(view.degraded.shown, degraded()))
    assert not np.array_equal(degraded(), shown)
    qtbot.waitUntil(lambda: "was a Python function, which the viewer cannot load" in view.problem.text())
    # A second degradation, which is then applied first.
    view.steps.adding.setFocus()
    view.steps.adding.setCurrentIndex(view.steps.adding.findText("JPEG compression") - 1)
    qtbot.keyClick(view.steps.adding, Qt.Key.Key_Down)
    assert [name for name, _ in state()["steps"]] == ["gaussian_noise", "jpeg"]
    number = view.steps.rows[1].number
    number.selectAll()
    qtbot.keyClicks(number, "30")
    qtbot.keyClick(number, Qt.Key.Key_Return)
    moves = []
    view.steps.rows[1].moved.connect(moves.append)
    qtbot.mouseClick(view.steps.rows[1].earlier, Qt.MouseButton.LeftButton)
    assert moves == [-1]
    assert [name for name, _ in state()["steps"]] == ["jpeg", "gaussian_noise"] and state()["steps"][0][1] == 30
    qtbot.waitUntil(lambda: np.array_equal(view.degraded.shown, degraded()))
    qtbot.mouseClick(view.steps.again, Qt.MouseButton.LeftButton)
    assert state()["seed"] == 1
    kept = page.viewpoint()
    qtbot.mouseClick(view.steps.rows[1].remove, Qt.MouseButton.LeftButton)
    qtbot.keyClick(window, Qt.Key.Key_Right)
    assert state()["steps"] == [["jpeg", 30]] and state()["image"] == run.clean.indices[run.clean.row(image) + 1]
    window.controller.visit(kept)
    settle(window)
    assert page.viewpoint() == kept and len(view.steps.rows) == 2
    qtbot.waitUntil(lambda: np.array_equal(view.degraded.shown, degraded()))
    copied = {}
    exec(python_of(page.viewpoint(), session.run), copied)
    assert np.array_equal(np.rint(copied["degraded"]).astype(np.uint8)[..., 0], view.degraded.shown)
    # An unexpected error is said, and the next change is followed again.
    with monkeypatch.context() as harm:
        harm.setattr("tfstab.gui.sessions.explorer.chain", lambda *_: 1 / 0)
        qtbot.mouseClick(view.steps.again, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: "Degrading the image failed" in view.problem.text())
    qtbot.mouseClick(view.steps.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: np.array_equal(view.degraded.shown, degraded()))
    page.tabs.show_view("Atlas")
    qtbot.waitUntil(lambda: "was a Python function" in page.atlas.view.waiting.text())
    assert not page.atlas.view.again.isVisible() and page.atlas.made.atlas.points is None
    # An image other than the selected one stays in view when the run is opened again.
    page.tabs.show_view("Explorer")
    qtbot.mouseClick(view.next, Qt.MouseButton.LeftButton)
    beside = page.viewpoint()
    assert beside.state["explorer"]["image"] != session.selected_image
    window.controller.close(session)
    window.controller.visit(beside)
    settle(window)
    again = window.controller.current
    again.triple_changed.emit(again.triple)  # as when its pictures are read later than the rest
    assert window.page().viewpoint() == beside
    fresh = open_run(run.path)
    again.replace(fresh)  # as when it has grown
    settle(window)
    assert window.page().explorer.view.explorer.run is fresh


def test_what_the_explorer_shows_is_copied_and_saved_and_the_other_image_named(open_window, tmp_path, qtbot, settle):
    run = numpy_runs.sweep(tmp_path / "run", SweepConfig(degradation="jpeg", severities=(80, 10), copies=1))
    window = open_window(run.path, view="Misclassifications")
    session, page = window.controller.current, window.page()
    session.select((4, 1, 0))
    page.tabs.show_view("Explorer")
    view = page.explorer.view
    explorer, said = view.explorer, window.statusBar().currentMessage
    qtbot.waitUntil(lambda: explorer.made == explorer.state and explorer.state.steps == (Step("jpeg", 10.0),))
    assert view.other.text() == "", "the run's copy is in view"
    explorer.add("fog")
    explorer.add("gaussian_blur")
    explorer.set_severity(1, 30.0)
    qtbot.waitUntil(lambda: explorer.made == explorer.state)
    named = "Image 4, JPEG compression, quality 10, then fog, density 30 %"
    assert view.other.text() == "The panel Image shows the degraded image of the run: Image 4, quality 10."
    clean, degraded = run.clean.images[4], chain(run.clean.images[4], [("jpeg", 10), ("fog", 30)])
    picture = as_image(triple_picture(clean, degraded - clean, degraded))
    window.commands["copy-images"].trigger()
    assert QApplication.clipboard().image().convertToFormat(picture.format()) == picture
    assert said() == f"Copied clean image, difference and degraded image of {named}."
    window.commands["save-images"].trigger()
    dialog, path = view.findChild(QFileDialog), tmp_path / "images.png"
    assert dialog.selectedFiles()[0].endswith("/image-4-jpeg-compression-quality-10-then-fog-density-30.png")
    dialog.fileSelected.emit(str(path))
    dialog.close()
    assert QImage(str(path)).convertToFormat(picture.format()) == picture
    assert said() == f"Saved clean image, difference and degraded image of {named} as {path}."
    window.commands["save-figure"].trigger()
    asked = window.findChild(FigureDialog)
    assert asked._figure.caption == f"run: {named}"
    assert asked.look.height < view._pictures.height() / 96 * 2.54
    with asked._figure._dressed(asked.look) as scale:
        for pane in (view.clean, view.degraded):
            assert scale == 1 and abs(pane.graphics.width() - pane.graphics.height()) <= 3, "there are no grey bands"
    asked.close()
    window.commands["save-table"].trigger()
    assert said().startswith("There are no scores to save: ") and "Python function" in said()
    session.select((5, 0, 0))
    settle(window)
    assert explorer.state == Exploring(5, (Step("jpeg", 80.0),)) and view.other.text() == ""


def drop(widget, path):
    """Drag a file to a widget and drop it; return whether it is taken."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    given = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), *given)
    enter.ignore()
    QApplication.sendEvent(widget, enter)
    if enter.isAccepted():
        QApplication.sendEvent(widget, QDropEvent(QPointF(9, 9), *given))
    return enter.isAccepted()


def test_a_picture_dropped_on_the_window_of_a_run_is_explored(open_window, tmp_path, qtbot, settle):
    run = numpy_runs.sweep(tmp_path / "run", SweepConfig(degradation="jpeg", severities=(80, 10), copies=1))
    window = open_window(run.path, view="Misclassifications")
    session, page = window.controller.current, window.page()
    session.run.info["model"]["name"], session.run.info["environment"]["device"] = "mnist-lenet", "CPU"  # it is known
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "dark.png")
    assert page.tabs.title() == "Misclassifications" and drop(window, tmp_path / "dark.png")
    qtbot.waitUntil(lambda: window.statusBar().currentMessage() == "Reading and scoring dark.png…")
    assert page.tabs.title() == "Explorer"
    orders = window.controller.scorer.process.orders
    qtbot.waitUntil(lambda: any(isinstance(order, AskOrder) and order.question == "scores" for order in orders))


def test_a_picture_of_ones_own_is_explored_spoken_of_and_left(open_window, tmp_path, qtbot, settle):
    run = numpy_runs.sweep(tmp_path / "run", SweepConfig(degradation="jpeg", severities=(80, 10), copies=1))
    window = open_window(run.path, view="Misclassifications")
    session, page, said = window.controller.current, window.page(), window.statusBar().currentMessage
    session.run.info["model"]["name"], session.run.info["environment"]["device"] = "mnist-lenet", "CPU"  # it is known
    session.select((4, 1, 0))
    path, pixels = tmp_path / "bright <b>.png", np.full((6, 12, 3), 230, np.uint8)
    pixels[:, :1] = 0  # cut off by cropping
    Image.fromarray(pixels).save(path)
    window.commands["open-image"].trigger()
    view, process = page.explorer.view, window.controller.scorer.process
    dialog = view.findChild(QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.close()
    qtbot.waitUntil(lambda: view.findChild(QMessageBox) is not None)
    box, explorer = view.findChild(QMessageBox), view.explorer
    assert box.informativeText().startswith("Crop: cuts out the largest")
    assert "<b>.png has 12 x 6 pixels, and the images of this run 4 x 4" in box.text() and not view.own.back.isVisible()

    # While it is asked, nothing is read, and a newer picture takes the question's place.
    assert not said() and drop(view, path)
    assert said() == "Reading and scoring bright <b>.png…" and not box.isVisible()
    qtbot.waitUntil(lambda: any(b is not box and b.isVisible() for b in view.findChildren(QMessageBox)))
    box = next(b for b in view.findChildren(QMessageBox) if b.isVisible())
    assert not said()

    def answer():
        """Answer what the child is asked for until the picture has its scores."""
        for order in process.orders[:]:
            if isinstance(order, AskOrder) and order.question == "verdict":
                process.orders.remove(order)
                (part,) = (part for part in verdict(numpy_runs.classifier(), order.arguments) if part is not None)
                process.message.emit(Answer(order.ticket, *part))
            elif isinstance(order, AskOrder) and order.question == "scores":
                process.orders.remove(order)
                scores = numpy_runs.brightness(order.arguments["images"]).astype(np.float32)
                process.message.emit(Answer(order.ticket, "scores", {"scores": scores}))
                process.message.emit(Answer(order.ticket, "", {}, last=True))
        return explorer.followed and explorer.state.own is not None

    next(button for button in box.buttons() if button.text() == "&Crop").click()
    assert said().startswith("Reading and scoring")
    qtbot.waitUntil(answer)
    assert said() == "" and explorer.state.steps == (), "those of the run's copy are not applied to it"
    explorer.add("jpeg")
    explorer.set_severity(0, 10)
    qtbot.waitUntil(answer)
    clean = np.full((4, 4, 1), 230, np.uint8)
    assert np.array_equal(explorer.clean, clean) and explorer.triple.degraded_says.startswith("2, score ")
    named = "Own image bright <b>.png, JPEG compression, quality 10"
    assert view.title.text() == "Own image bright <b>.png" and explorer.triple.title == named and not view.image.text()
    assert view.other.text() == (
        "bright <b>.png, resized to 4 x 4 (crop, bicubic), is a picture of your own. If you know its true class, "
        "choose it above, to see where the prediction is right."
    )
    facts = window.facts.label.text
    assert "Own image bright &lt;b&gt;.png" in facts() and "unknown" in facts()
    assert "Compared with the images of the run" in facts() and "brighter than all" in facts()
    assert "less grainy than all 9" in facts() and "usual" not in facts()
    assert explorer.triple.clean_is == "As given"
    assert not any(word in facts() for word in ("counts as right", "Correct", "Score of the true class")), (
        "nothing is judged"
    )
    assert not any(bar.actual for bar in explorer.triple.bars) and explorer.original.actual is None
    copied = {}
    exec(python_of(page.viewpoint(), session.run).partition("classifier = ")[0], copied)
    assert np.array_equal(copied["degraded"], explorer.degraded)
    window.commands["copy-command"].trigger()
    assert said() == f"Copied: tfstab inspect {run.path} '{path}' --why --resize=crop:4x4", (
        "all degradations are tried on it"
    )
    window.commands["save-table"].trigger()
    dialog = view.findChild(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "scores.csv"))
    dialog.close()
    row = (tmp_path / "scores.csv").read_text().splitlines()[1]
    assert row.startswith("bright <b>.png,") and ",0,cat,," in row, "no true class"
    # Once the user says what the image shows, it is judged by that.
    said_class = view.own.true_class
    assert [said_class.itemText(k) for k in range(said_class.count())] == ["unknown", "cat [0]", "dog [1]", "2"]
    said_class.setFocus()
    assert not view.answer.isVisible()
    qtbot.keyClick(said_class, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: answer() and view.answer.isVisible())
    found = inspect_picture(numpy_runs.classifier(), path, "cat", run=run, resize="crop")
    assert view.answer.text() == found.verdict.sentence, "as `tfstab inspect` says it"
    assert view.answer.text().endswith(
        "the run has 9 images, too few to say whether the picture is unusual among them."
    )
    assert view.other.text().endswith(
        " You chose its true class, cat. Edit > Copy as command copies a command that tries all degradations on it."
    )
    assert all(fact in facts() for fact in ("Score of the true class", "Correct as given", "Correct when degraded"))
    assert [bar.name for bar in explorer.triple.bars if bar.actual] == ["cat"]
    window.commands["copy-command"].trigger()
    assert said().endswith(" --why --class=cat --resize=crop:4x4")
    qtbot.keyClick(said_class, Qt.Key.Key_Up)
    qtbot.waitUntil(answer)
    assert explorer.original.actual is None and "Correct" not in facts() and not view.answer.isVisible()
    # In another tab, the panel is about the selected image; so it is after a click on the way back.
    page.tabs.show_view("Gallery")
    assert "Image 4" in facts()
    page.tabs.show_view("Explorer")
    assert "Own image" in facts()
    view.own.back.click()
    qtbot.waitUntil(lambda: explorer.made == explorer.state)
    assert view.title.text().startswith("Image 4") and "Image 4" in facts() and not view.own.back.isVisible()
    assert view.other.text() == "" and view.image.text() == "4"
    # A picture of the right size is asked nothing; of what cannot be read, the reason is given.
    Image.fromarray(clean[..., 0]).save(tmp_path / "small.png")
    pane = view.findChild(QGraphicsView).viewport()  # which leaves drops to the page
    assert drop(pane, tmp_path / "small.png")
    qtbot.waitUntil(answer)
    assert explorer.state.own.form is None and np.array_equal(explorer.clean, clean)
    # Nor is one of the same proportions, of which cropping and stretching give the same pixels.
    levels = np.random.default_rng(1).integers(0, 256, (12, 12), np.uint8)
    square = tmp_path / "pictures" / "square.png"
    square.parent.mkdir()
    Image.fromarray(levels).save(square)
    assert drop(pane, square)
    qtbot.waitUntil(lambda: answer() and explorer.state.own.path == square)
    assert not any(b.isVisible() for b in view.findChildren(QMessageBox))
    for way in ("crop", "stretch"):
        same = resized(levels[..., None], Resize((4, 4), way))
        assert np.array_equal(explorer.clean, same), "the same pixels"
    # The next one is looked for beside it, wherever something was saved meanwhile.
    window.commands["save-table"].trigger()
    dialog = view.findChild(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "scores.csv"))
    dialog.close()
    window.commands["open-image"].trigger()
    dialog = next(d for d in view.findChildren(QFileDialog) if d.isVisible())
    assert Path(dialog.directory().absolutePath()) == square.parent
    dialog.close()
    view.next.click()
    assert explorer.state.own is None and explorer.state.image == 5
    path.write_bytes(b"no picture")
    drop(view, path)
    qtbot.waitUntil(lambda: any("cannot be read as an image" in b.text() for b in window.findChildren(QMessageBox)))
    next(b for b in window.findChildren(QMessageBox) if b.isVisible()).close()
    assert not said()


def test_in_an_assessment_a_picture_is_compared_with_the_images_of_its_largest_run(open_window, tmp_path, qtbot):
    folder, classifier = tmp_path / "assessed", numpy_runs.classifier()
    for name, images in (("fog", 5), ("jpeg", 9)):
        config = SweepConfig(degradation=name, severities=(40,), copies=1)
        numpy_runs.sweep(folder / name, config, data=numpy_runs.dataset(images))
    window = open_window(folder, view="Explorer")
    info = window.controller.current.run.info
    info["model"]["name"], info["environment"]["device"] = "mnist-lenet", "CPU"  # it is known
    view, process, path = window.page().explorer.view, window.controller.scorer.process, tmp_path / "dark.png"
    Image.fromarray(np.full((4, 4), 60, np.uint8)).save(path)

    def answer():
        answer_asked(process, ("scores", "verdict"))
        return True

    assert drop(view, path)
    qtbot.waitUntil(lambda: answer() and view.explorer.state.own is not None)
    view.own.true_class.setFocus()
    for _ in range(2):
        qtbot.keyClick(view.own.true_class, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: answer() and view.answer.isVisible())
    found = inspect_picture(classifier, path, "dog", run=folder)
    assert view.answer.text() == found.verdict.sentence and "the run has 9 images" in found.verdict.sentence


def test_a_dark_picture_is_made_brighter_and_the_next_one_opened(open_window, tmp_path, qtbot, settle):
    """With the slider and the number of gamma, of which the default severities make images darker."""
    run = numpy_runs.sweep(tmp_path / "run", SweepConfig(degradation="jpeg", severities=(80,), copies=1))
    window = open_window(run.path, view="Explorer")
    session, view, said = window.controller.current, window.page().explorer.view, window.statusBar().currentMessage
    session.run.info["model"]["name"], session.run.info["environment"]["device"] = "mnist-lenet", "CPU"  # it is known
    explorer, process = view.explorer, window.controller.scorer.process

    def answer():
        answer_asked(process)
        return explorer.followed and all(explorer.tracks.found)

    for name, grey in (("dark.png", 60), ("next.png", 70)):
        Image.fromarray(np.full((4, 4), grey, np.uint8)).save(tmp_path / name)
    assert drop(view, tmp_path / "dark.png")
    qtbot.waitUntil(lambda: answer() and explorer.state.own is not None)
    assert not said(), "no degradation is applied"
    view.own.true_class.setFocus()
    for _ in range(2):
        qtbot.keyClick(view.own.true_class, Qt.Key.Key_Down)
    view.steps.adding.setFocus()
    view.steps.adding.setCurrentIndex(view.steps.adding.findText("gamma", Qt.MatchFlag.MatchFixedString) - 1)
    qtbot.keyClick(view.steps.adding, Qt.Key.Key_Down)
    (row,) = view.steps.rows
    slider, number = row.slider.slider, row.number
    assert [flip.text() for flip in row.flips] == ["◀ brighter", "▶ darker"], "before the model has answered"
    qtbot.waitUntil(answer)
    (brighter, darker) = explorer.tracks.found[0]
    assert brighter.flip is not None and brighter.flip < 1 and darker.flip is None
    assert [flip.text() for flip in row.flips] == [
        f"◀ brighter: cat → dog at {brighter.flip:.3g}", "▶ darker: stays cat up to 6",
    ]  # fmt: skip
    assert "predicted class" not in view.steps.legend.text() and "misclassified" in view.steps.legend.text()

    # A number below the neutral one moves the slider to the left, and the prediction becomes right.
    assert (slider.value(), number.value()) == (0, 1)
    number.selectAll()
    qtbot.keyClicks(number, "0.5")
    qtbot.keyClick(number, Qt.Key.Key_Return)
    qtbot.waitUntil(answer)
    assert slider.value() == round(-200 * 0.5 / 0.83) and brighter.flip > 0.5
    assert explorer.triple.degraded_says.startswith("dog, score ")
    copied = {}
    exec(python_of(window.page().viewpoint(), session.run).partition("classifier = ")[0], copied)
    assert np.array_equal(copied["degraded"], explorer.degraded)

    # By keys and by the mouse, which finds the neutral severity in the middle again.
    slider.setFocus()
    for key, severity in ((Qt.Key.Key_Home, 0.17), (Qt.Key.Key_End, 6), (Qt.Key.Key_Home, 0.17)):
        qtbot.keyClick(slider, key)
        assert number.value() == severity == explorer.state.steps[0].severity
    middle, height = slider.width() / 2, slider.height() / 2
    handle = slider.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, None, slider)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPointF(handle / 2, height).toPoint())
    for x in (middle / 2, middle - 1):
        qtbot.mouseMove(slider, QPointF(x, height).toPoint())
    assert explorer.state.steps[0].severity == 1 and slider.value() == 0
    qtbot.mouseMove(slider, QPointF(middle * 1.5, height).toPoint())
    assert explorer.state.steps[0].severity > 2
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPointF(middle * 1.5, height).toPoint())

    # The next picture is degraded in the same way: that is said, and the slider agrees with it.
    number.setValue(0.5)
    qtbot.waitUntil(answer)
    assert drop(view, tmp_path / "next.png")
    qtbot.waitUntil(lambda: answer() and explorer.state.own.path.name == "next.png")
    assert said() == "The degradations are still applied: gamma, exponent 0.5."
    (row,) = view.steps.rows
    assert row.number.value() == 0.5 and row.slider.slider.value() == round(-200 * 0.5 / 0.83)
    kept = window.page().viewpoint()
    row.number.setValue(3)
    qtbot.waitUntil(lambda: not said())
    window.controller.visit(kept)
    settle(window)
    assert view.steps.rows[0].slider.slider.value() == round(-200 * 0.5 / 0.83), "the severity says the direction"

    # That degradations are still applied is said only while it is so; what is said since then stays.
    assert drop(view, tmp_path / "next.png")
    qtbot.waitUntil(lambda: answer() and explorer.state.own is not None)
    for name, since in (("dark.png", ""), ("next.png", "Something else.")):
        if not explorer.state.steps:
            explorer.add("gamma")
            explorer.set_severity(0, 3)
        assert drop(view, tmp_path / name)
        qtbot.waitUntil(lambda name=name: answer() and explorer.state.own.path.name == name)
        assert said().startswith("The degradations are still applied: gamma, exponent ")
        if not since:
            window.page().tabs.show_view("Gallery")
            assert not said(), "it is not about what is in view"
            window.page().tabs.show_view("Explorer")
            settle(window)
            assert not said()
        else:
            window.controller.said.emit(since)
        qtbot.mouseClick(view.steps.rows[0].remove, Qt.MouseButton.LeftButton)
        assert not explorer.state.steps and said() == since
        qtbot.waitUntil(answer)


def test_a_chain_of_degradations_in_words():
    noise, blur = Step("gaussian_noise", 20.0), Step("gaussian_blur", 1.5)
    assert Exploring(3, (Step("jpeg", 100.0),), 2).text == Exploring(3).text == "unchanged"
    assert Exploring(3, (blur, noise)).text == (
        "Gaussian blur, sigma 1.5 pixels, then Gaussian noise, sigma 20 grey levels"
    )
    assert Exploring(3, (noise,), 2).text.endswith("grey levels, seed 2"), "other random numbers"
    assert Exploring(3, (blur,), 2).text == "Gaussian blur, sigma 1.5 pixels", "nothing is random"
