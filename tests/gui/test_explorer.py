"""The explorer in a window: sliders that degrade the selected image, and what is copied and saved."""

from types import SimpleNamespace

import numpy as np
import numpy_runs
import pytest
from doubles import Held
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog

from tfstab import SweepConfig, open_run
from tfstab.degradations import chain
from tfstab.gui.background import Background
from tfstab.gui.content.explorer import Exploring, Step
from tfstab.gui.content.scripts import python_of
from tfstab.gui.figures import as_image, triple_picture
from tfstab.gui.sessions.explorer import Explorer
from tfstab.gui.widgets.figure_dialog import FigureDialog


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
