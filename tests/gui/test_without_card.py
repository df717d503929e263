"""One click explains an image that is wrong when clean, whether it has a card or was not degraded and has none."""

import numpy as np
import numpy_runs
import pytest
from child_answers import answer_asked
from PIL import Image
from PySide6.QtCore import Qt

from tfstab import SweepConfig, run_sweep
from tfstab.gui.widgets.facts_panel import NOTHING


@pytest.fixture
def sweep(tmp_path):
    """A sweep of a few of its images; image 8, the only one that is wrong when clean, is not among them."""
    config, images = SweepConfig(sigmas=(5, 90), copies=1), numpy_runs.dataset()
    run = run_sweep(numpy_runs.classifier(), images, config, tmp_path / "run", degraded=2)
    assert np.flatnonzero(~run.clean.correct).tolist() == [8] and 8 not in run.measures.images
    return run


@pytest.fixture
def window(open_window, sweep):
    return opened(open_window, sweep)


def opened(open_window, run):
    window = open_window(run.path, view="Gallery")
    info = window.controller.current.run.info
    info["model"]["name"], info["environment"]["device"] = "mnist-lenet", "CPU"  # it is known
    return window


def choose(gallery, title):
    gallery.only.setCurrentIndex(gallery.only.findText(title))


def click(qtbot, widget, pos=None):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=pos or widget.rect().center())


def answers(process):
    """Answer what the model was asked, as the child process does."""
    answer_asked(process, ("scores", "verdict"))


def test_one_click_explains_an_image_without_a_card(window, sweep, qtbot, settle):
    gallery, panel, process = window.page().gallery, window.facts, window.controller.scorer.process
    settle(window)
    choose(gallery, "misclassified when clean, with a card")
    assert gallery.count.text() == "0 of 9 shown, 0 with a card" and not panel.isVisible()
    choose(gallery, "misclassified when clean")
    assert gallery.count.text() == "1 of 9 shown, 0 with a card"
    index = gallery.model.index(0)
    assert index.data(Qt.ItemDataRole.ToolTipRole).endswith(", no card")
    click(qtbot, gallery.list.viewport(), gallery.list.visualRect(index).center())
    assert panel.isVisible() and panel.explain.isVisible() and NOTHING not in panel.label.text()
    assert panel.label.text() == "Image 8 was scored when clean, but not degraded, so it has no card."
    click(qtbot, panel.explain)
    page = window.page().explorer.view

    def explained():
        answers(process)
        return page.answer.isVisible() and page.explorer.followed

    qtbot.waitUntil(explained)
    assert window.page().tabs.title() == "Explorer" and page.title.text() == "Image 8"
    assert page.other.text() == "This is an image of the run (Image 8). Its true class is cat."
    assert page.own.true_class.currentText() == "cat [0]" and "Clean:" in page.clean.title.text()
    assert "whether it is the photograph or the model: the run has 9 images, too few" in page.answer.text()
    assert "Prediction when clean" in panel.label.text() and not panel.explain.isVisible()
    here = window.controller.visits.here()
    assert here.state["explorer"]["image"] == 8 and "picture" not in here.state["explorer"]
    assert page.image.text() == "8" and not page.own.back.isVisible() and page.isAncestorOf(window.focusWidget())
    click(qtbot, page.previous)
    assert page.explorer.state.image == 7 and page.explorer.state.own is None and not page.answer.isVisible()
    assert not panel.explain.isVisible() and "Image 7" in panel.label.text(), "the panel is about the same image"
    window.page().tabs.show_view("Gallery")
    choose(gallery, "all")
    assert gallery.count.text() == "2 of 2 shown"
    click(qtbot, gallery.list.viewport(), gallery.list.visualRect(gallery.model.index(0)).center())
    settle(window)
    assert window.controller.current.triple is not None and not panel.explain.isVisible()


def test_the_card_of_an_image_that_is_wrong_when_clean_explains_it_like_one_without_a_card(
    open_window, window, qtbot, settle, tmp_path
):
    run = run_sweep(
        numpy_runs.classifier(), numpy_runs.dataset(), SweepConfig(sigmas=(5, 90), copies=1), tmp_path / "all"
    )
    assert 8 in run.measures.images
    without, having = (explained_by(one, qtbot, settle) for one in (window, opened(open_window, run)))
    assert having == without and "true class is cat." in having[2]


def explained_by(window, qtbot, settle):
    """Click the image that is wrong when clean, then the link that explains it; return what the Explorer says of it."""
    gallery, process = window.page().gallery, window.controller.scorer.process
    settle(window)
    choose(gallery, "misclassified when clean")
    click(qtbot, gallery.list.viewport(), gallery.list.visualRect(gallery.model.index(0)).center())
    links = window.facts.explain, window.facts.card.explain
    qtbot.waitUntil(lambda: any(link.isVisible() for link in links))
    (link,) = [link for link in links if link.isVisible()]
    assert (link is window.facts.explain) == (window.controller.current.triple is None)
    click(qtbot, link)
    page = window.page().explorer.view

    def explained():
        answers(process)
        return page.answer.isVisible() and page.explorer.followed

    qtbot.waitUntil(explained)
    qtbot.waitUntil(lambda: not any(one.isVisible() for one in links))
    said = [widget.text() for widget in (page.title, page.other, page.answer)]
    state = page.explorer.state.to_json() | {"steps": None}
    said = [window.page().tabs.title(), *said, page.own.true_class.currentText(), window.facts.label.text(), state]
    window.page().tabs.show_view("Gallery")  # the image is still selected
    settle(window)
    assert link.isVisible()
    return said


def test_the_panel_that_explains_it_comes_back_if_it_was_closed(window, qtbot, settle):
    gallery, panels = window.page().gallery, window.panels

    def select(only):
        choose(gallery, only)
        settle(window)
        click(qtbot, gallery.list.viewport(), gallery.list.visualRect(gallery.model.index(0)).center())
        settle(window)

    select("all")
    assert panels.facts.isVisible()
    panels.facts.close()
    select("misclassified when clean")
    heading = window.page().triple.heading
    assert panels.facts.isVisible() and window.facts.explain.isVisible() and "has no card" in heading.text()
    assert heading.fontMetrics().horizontalAdvance(heading.text()) < heading.width(), "it is not cut"
    panels.facts.close()
    settle(window)
    assert not panels.facts.isVisible(), "it does not come back for the same image"
    select("all")
    assert not panels.facts.isVisible() and "has no card" not in heading.text()
    assert window.statusBar().currentMessage() == ""


def test_a_file_of_an_image_of_the_run_is_recognised(window, sweep, qtbot, settle, tmp_path):
    page, process = window.page().explorer.view, window.controller.scorer.process
    Image.fromarray(sweep.clean.images[8, ..., 0]).save(tmp_path / "eight.png")
    other = sweep.clean.images[8, ..., 0].copy()
    other[0, 0] ^= 1
    Image.fromarray(other).save(tmp_path / "other.png")
    said = {}
    for name in ("eight", "other"):
        assert window.page().explore(tmp_path / f"{name}.png")

        def opened(name=name):
            answers(process)
            return page.explorer.followed and name in page.other.text()

        qtbot.waitUntil(opened)
        said[name] = page.other.text(), page.own.true_class.currentText()
    assert said == {
        "eight": (
            "eight.png is an image of the run (Image 8). Its true class is cat. Edit > Copy as command copies a "
            "command that tries all degradations on it.",
            "cat [0]",
        ),
        "other": (
            "other.png is a picture of your own. If you know its true class, choose it above, to see where the "
            "prediction is right.",
            "unknown",
        ),
    }


def test_back_and_forward_say_nothing_wrong_while_such_an_image_of_another_class_is_selected(
    window, qtbot, settle, no_pause
):
    page, session, failed = window.page(), window.controller.current, []
    window.controller.failed.connect(lambda said, _: failed.append(said))
    settle(window)
    of_class = page.filters.classes
    page.tabs.show_view("Scatter")
    of_class.setCurrentIndex(of_class.findText("dog [1]"))
    settle(window)
    window.controller.visits.note()
    page.tabs.show_view("Gallery")
    choose(page.gallery, "misclassified when clean")
    click(qtbot, page.gallery.list.viewport(), page.gallery.list.visualRect(page.gallery.model.index(0)).center())
    settle(window)
    assert session.class_index == 1 and session.selected == 8 and session.class_of(8) == 0
    window.controller.visits.note()
    click(qtbot, window.facts.explain)
    qtbot.waitUntil(lambda: answers(window.controller.scorer.process) or page.explorer.view.answer.isVisible())
    for key, title in ((Qt.Key.Key_BracketLeft, "Gallery"), (Qt.Key.Key_BracketRight, "Explorer")):
        qtbot.keyClick(window, key, Qt.KeyboardModifier.AltModifier)
        settle(window)
        assert page.tabs.title() == title and not failed and (session.class_index, session.selected) == (1, 8)
    for title in ("Scatter", "Gallery"):
        qtbot.keyClick(window, Qt.Key.Key_BracketLeft, Qt.KeyboardModifier.AltModifier)
        settle(window)
        assert not failed and session.class_index == 1, title


def test_back_and_forward_bring_back_the_explanation(window, sweep, qtbot, settle, no_pause, tmp_path):
    page, gallery, process = window.page(), window.page().gallery, window.controller.scorer.process
    settle(window)
    choose(gallery, "misclassified when clean")
    click(qtbot, gallery.list.viewport(), gallery.list.visualRect(gallery.model.index(0)).center())
    window.controller.visits.note()
    click(qtbot, window.facts.explain)
    view = page.explorer.view

    def go(key):
        settle(window)
        window.controller.visits.note()
        qtbot.keyClick(window, key, Qt.KeyboardModifier.AltModifier)
        settle(window)

    def explained():
        qtbot.waitUntil(lambda: answers(process) or (view.answer.isVisible() and view.explorer.followed))
        return view.title.text(), view.own.true_class.isVisible(), view.own.true_class.currentText()

    back, forward = Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight
    there = ("Image 8", True, "cat [0]")
    assert explained() == there
    go(back)
    assert page.tabs.title() == "Gallery"
    go(forward)
    assert explained() == there
    # Also after another image was explored, with the degradations and the class that were chosen.
    view.explorer.add("gaussian_noise")
    view.explorer.set_severity(0, 20.0)
    view.own.true_class.setFocus()
    qtbot.keyClick(view.own.true_class, Qt.Key.Key_Down)
    there = ("Image 8", True, "dog [1]")
    assert explained() == there
    window.controller.visits.note()
    page.tabs.show_view("Gallery")
    choose(gallery, "all")
    click(qtbot, gallery.list.viewport(), gallery.list.visualRect(gallery.model.index(0)).center())
    window.controller.visits.note()
    page.tabs.show_view("Explorer")
    settle(window)
    assert view.explorer.state.own is None and not view.answer.isVisible()
    go(back)
    go(back)
    assert explained() == there and view.explorer.state.pairs == [("gaussian_noise", 20)]
    # A picture of one's own comes back, too, without its file.
    kept = page.viewpoint()
    Image.fromarray(255 - sweep.clean.images[8, ..., 0]).save(tmp_path / "own.png")
    page.tabs.show_view("Gallery")
    window.controller.visits.note()
    assert page.explore(tmp_path / "own.png")
    qtbot.waitUntil(lambda: answers(process) or view.title.text() == "Own image own.png")
    settle(window)
    window.controller.visits.note()
    own = page.viewpoint()
    (tmp_path / "own.png").unlink()
    go(back)
    go(back)
    assert explained() == there
    go(forward)
    go(forward)
    assert view.title.text() == "Own image own.png" and view.own.true_class.currentText() == "unknown"
    # In a run that was opened again, an image of the run is explained again; no file is read.
    window.controller.close(window.controller.current)
    window.controller.visit(own)
    settle(window)
    view = window.page().explorer.view
    assert view.explorer.state.own is None
    info = window.controller.current.run.info
    info["model"]["name"], info["environment"]["device"] = "mnist-lenet", "CPU"  # it is known
    window.controller.visit(kept)
    settle(window)
    assert explained() == there and window.page().viewpoint() == kept


def test_an_explanation_as_a_class_that_the_run_does_not_have_is_refused(window, settle):
    failed, there = [], window.page().viewpoint()
    window.controller.failed.connect(lambda said, _: failed.append(said))
    explored = {"image": 8, "steps": [], "seed": 0, "explained": 3}
    window.controller.visit(type(there)(there.run, "Explorer", {"explorer": explored}))
    settle(window)
    assert failed == ["The view cannot be shown: this run has no explained 3."]
