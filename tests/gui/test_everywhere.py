"""From the card of an image in a sweep to the same image under all degradations of its assessment, by mouse."""

from functools import partial

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of
from PySide6.QtCore import Qt

from tfstab.gui.sessions import failure_card
from tfstab.gui.widgets.robustness.image_table import COPY

WRONG, IMAGES = 3, 12  # images that are wrong when clean; all


@pytest.fixture(autouse=True)
def asks(monkeypatch):
    """Ask about images that stay selected, as in a real window."""
    monkeypatch.setattr(failure_card, "PATIENCE", 50)


@pytest.fixture
def assessed(tmp_path):
    """Two sweeps of one network; only the second of them has the last image."""
    clean = np.arange(IMAGES) >= WRONG
    sweep_of(tmp_path / "assessed", "gaussian_noise", first_of((0.5,), IMAGES), (20,), clean=clean)
    right, more = first_of((0.9,), IMAGES + 1), np.append(clean, False)
    sweep_of(tmp_path / "assessed", "gamma", right, (3,), clean=more)
    return tmp_path / "assessed"


def known_of(window):
    """What the card knows without asking the model; None if nothing yet."""
    content = window.controller.card.content
    return None if content is None else content.at_once


def press(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def leads_from(card, image):
    """Whether the card shows this image and its link can be pressed."""
    return (
        card.heading.text().startswith(f"Image {image},")
        and card.everywhere.isVisible()
        and card.everywhere.isEnabled()
    )


def click_in(qtbot, gallery, image):
    shown = gallery.list.visualRect(gallery.model.index(gallery.model.row_of(image)))
    qtbot.mouseClick(gallery.list.viewport(), Qt.MouseButton.LeftButton, pos=shown.center())


def test_the_card_of_a_wrong_image_leads_to_all_degradations(open_window, assessed, qtbot, settle):
    window = open_window(assessed, overview=True)
    page, session, card = window.page(), window.controller.current, window.facts.card
    press(qtbot, next(n for n in page.overview.numbers if n.caption.startswith("clean accuracy")))
    settle(window)
    sweep = window.controller.current
    assert sweep is not session and window.page().tabs.title() == "Gallery"
    click_in(qtbot, window.page().gallery, 1)
    qtbot.waitUntil(card.everywhere.isVisible)
    press(qtbot, card.everywhere)
    settle(window)
    view = page.robustness.image_view
    assert window.controller.current is session and view.isVisible()
    assert session.image == 1 == session.grid.image and view.field.text() == "1"
    qtbot.waitUntil(lambda: known_of(window) is not None and "(2 degradations)" in card.verdict.label.text())
    line, shown = view.table.currentItem().data(COPY)
    assert (line.name, shown.severity) == ("gaussian_noise", 20), "the copy that was looked at"
    assert session.triple.title == "Image 1, Gaussian noise, sigma 20"
    assert not card.everywhere.isVisible(), "it is in view"
    press(qtbot, card.explain)
    explorer = page.explorer.view
    qtbot.waitUntil(lambda: explorer.other.text().startswith("This is an image of the run (Image 1). Its true class "))
    page.tabs.show_view("Robustness")
    settle(window)
    press(qtbot, view.next)
    settle(window)
    assert view.field.text() == str(session.image) == "2" and session.triple.title.startswith("Image 2, Gaussian noise")
    view.field.selectAll()
    qtbot.keyClicks(view.field, "7\r")
    settle(window)
    assert session.image == 7 == session.grid.image and view.field.text() == "7"
    assert card.isVisible() and not card.explain.isVisible(), "it is right when clean"
    window.controller.visits.step(-1)
    settle(window)
    assert window.controller.current is sweep


def test_an_image_is_shown_under_the_degradations_under_which_it_was_measured(open_window, assessed, qtbot, settle):
    window = open_window(assessed / "gamma", view="Gallery")
    card, failed, pressable = window.facts.card, [], []
    window.controller.failed.connect(lambda said, _: failed.append(said))
    window.controller.card.started.connect(lambda: pressable.append(card.isVisible() and card.everywhere.isEnabled()))
    shown = {}
    for image in (IMAGES, 2):
        click_in(qtbot, window.page().gallery, image)
        qtbot.waitUntil(partial(leads_from, card, image))  # no longer from the image before
        press(qtbot, card.everywhere)
        settle(window)
        assessment, view = window.controller.current, window.page().robustness.image_view
        assert assessment.path == assessed and assessment.image == image == assessment.grid.image
        assert view.isVisible() and view.table.currentItem().data(COPY)[0].name == "gamma", "what was looked at"
        shown[image] = [line.name for line in view.table.grid_shown.lines], view.notes.isVisible()
        window.controller.select(window.controller.sessions[0])
    assert shown == {IMAGES: (["gamma"], True), 2: (["gaussian_noise", "gamma"], False)} and not failed
    assert pressable and not any(pressable), "the run of a new image has not been read"
    window.controller.select(assessment)
    view.field.selectAll()
    qtbot.keyClicks(view.field, f"{IMAGES}\r")
    settle(window)
    assert view.notes.text() == (
        "Not measured for this image: Gaussian noise. In the Explorer, any degradation can be applied to it."
    )
    press(qtbot, view.previous)
    settle(window)
    assert assessment.image == IMAGES - 1 and not view.notes.isVisible()


def test_a_sweep_that_is_alone_has_no_such_link(open_window, qtbot, tmp_path):
    sweep_of(tmp_path / "alone", "gaussian_noise", first_of((0.5,), IMAGES), (20,))
    window = open_window(tmp_path / "alone" / "gaussian_noise", view="Gallery")
    click_in(qtbot, window.page().gallery, 11)
    qtbot.waitUntil(lambda: known_of(window) is not None)
    assert window.facts.card.isVisible() and not window.facts.card.everywhere.isVisible()
