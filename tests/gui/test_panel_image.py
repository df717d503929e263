"""What the panel *Image*, the explorer and the table of one image show agrees, whichever way the hand goes."""

import time

import numpy as np
import numpy_runs
import pytest
from child_answers import answer_asked
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from tfstab import SweepConfig
from tfstab.gui.content.explorer import Step
from tfstab.gui.sessions import failure_card
from tfstab.gui.widgets.facts_panel import NOTHING


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An assessment with two degradations, beside a sweep named "alone"."""
    folder = tmp_path_factory.mktemp("panel") / "assessed"
    numpy_runs.sweep(folder.parent / "alone")
    numpy_runs.sweep(folder / "noise")
    numpy_runs.sweep(folder / "fog", SweepConfig(degradation="fog", severities=(20, 60), copies=1))
    return folder


class Hand:
    """Clicks in a window with an assessment in view, and another run."""

    def __init__(self, window, qtbot, settle):
        self.window, self.page, self.session = window, window.page(), window.controller.current
        self.bot, self.settle = qtbot, lambda: settle(window)

    def click(self, widget, pos=None):
        self.bot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=pos or widget.rect().center())

    def run(self, name):
        runs = self.window.run_list
        item = next(item for item in runs.runs() if name in item.text())
        self.click(runs.list.viewport(), runs.list.visualItemRect(item).center())
        self.settle()

    def tab(self, title):
        tabs = self.window.page().tabs
        self.click(tabs.tabBar(), tabs.tabBar().tabRect(tabs.titles().index(title)).center())
        self.settle()

    def one_image(self):
        self.tab("Robustness")
        self.click(self.page.robustness.buttons.button(1))
        self.settle()

    def cell(self, family, x):
        table = self.page.robustness.image_view.table
        y = next(k for k, line in enumerate(self.session.grid.lines) if line.name == family)
        table.scrollToItem(table.item(y, x))
        self.click(table.viewport(), table.visualItemRect(table.item(y, x)).center())
        self.settle()

    @property
    def explorer(self):
        return self.page.explorer.view

    @property
    def facts(self):
        return self.window.facts.label.text()

    @property
    def marked(self):
        """Family and place of the marked cell, and the image that the table is of."""
        table = self.page.robustness.image_view.table
        grid, chosen = table.grid_shown, table.selectedIndexes()
        return grid.image, [(grid.lines[index.row()].name, index.column()) for index in chosen]


@pytest.fixture
def hand(open_window, folder, qtbot, settle):
    window = open_window(folder, folder.parent / "alone")
    return Hand(window, qtbot, settle)


def test_the_panel_is_about_ones_own_picture_again_after_another_run(hand, qtbot, tmp_path):
    info = hand.session.run.info
    info["model"]["name"], info["environment"]["device"] = "mnist-lenet", "CPU"  # it is known
    process, path = hand.window.controller.scorer.process, tmp_path / "mine.png"
    Image.fromarray(np.full((4, 4), 60, np.uint8)).save(path)
    hand.one_image()
    hand.cell("fog", 1)
    shown = f"Image {hand.session.image}"
    assert shown in hand.facts
    hand.tab("Explorer")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    given = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for event in (QDragEnterEvent(QPoint(9, 9), *given), QDropEvent(QPointF(9, 9), *given)):
        QApplication.sendEvent(hand.explorer, event)

    def answer():
        answer_asked(process, ("scores",))
        return hand.explorer.explorer.followed and "Own image mine.png" in hand.facts

    qtbot.waitUntil(answer)
    told = []
    hand.window.controller.triple_changed.connect(told.append)
    hand.run("alone")
    assert NOTHING in hand.facts and told == [None]
    hand.run("assessed")
    assert hand.explorer.title.text() == "Own image mine.png" and "Own image mine.png" in hand.facts
    assert {triple.title for triple in told[1:]} == {hand.explorer.explorer.triple.title}, "not even for a moment"
    assert hand.window.facts.isVisible()
    hand.tab("Overview")
    assert shown in hand.facts and "Own image" not in hand.facts
    hand.run("alone")
    hand.run("assessed")
    assert shown in hand.facts
    hand.tab("Explorer")
    assert "Own image mine.png" in hand.facts
    hand.click(hand.explorer.own.back)
    assert shown in hand.facts


def test_the_explorer_takes_over_what_has_been_selected_since_it_was_seen_last(hand, qtbot):
    hand.tab("Explorer")
    explorer = hand.explorer.explorer
    assert explorer.state.steps == (Step("gaussian_noise", 0.0),), "nothing has been selected yet"
    hand.one_image()
    hand.cell("fog", 1)
    hand.tab("Explorer")
    image = hand.session.image
    assert (explorer.state.image, explorer.state.steps) == (image, (Step("fog", 60.0),))
    slider = hand.explorer.steps.rows[0].slider.slider
    qtbot.keyClick(slider, Qt.Key.Key_Left)
    own = explorer.state
    assert own.steps[0].name == "fog" and own.steps[0].severity < 60
    hand.tab("Robustness")
    hand.tab("Explorer")
    assert explorer.state == own, "nothing else has been selected"
    hand.tab("Robustness")
    hand.cell("gaussian_noise", 2)
    hand.tab("Explorer")
    assert (explorer.state.image, explorer.state.steps) == (image, (Step("gaussian_noise", 90.0),))
    hand.tab("Robustness")
    step = hand.page.robustness.image_view
    hand.click(step.previous if image else step.next)
    hand.settle()
    hand.tab("Explorer")
    assert explorer.state.image == hand.session.image != image
    assert explorer.state.steps == (Step("gaussian_noise", 90.0),)


def test_one_image_pictures_and_card_are_of_the_image_whose_number_the_explorer_has(hand, qtbot):
    hand.one_image()
    hand.cell("fog", 1)
    hand.tab("Explorer")
    hand.explorer.image.selectAll()
    image = next(k for k in range(9) if k != hand.session.image)
    qtbot.keyClicks(hand.explorer.image, str(image))
    slider = hand.explorer.steps.rows[0].slider.slider
    qtbot.keyClick(slider, Qt.Key.Key_Left)
    steps = hand.explorer.explorer.state.steps
    qtbot.keyClick(hand.explorer.image, Qt.Key.Key_Return)
    hand.settle()
    assert hand.explorer.explorer.state.image == image and hand.explorer.explorer.state.steps == steps, "as it was set"
    assert f"Image {image}" in hand.facts and hand.explorer.other.text().endswith(f"Image {image}, fog, density 60 %.")
    hand.tab("Robustness")
    assert hand.marked == (image, [("fog", 1)])
    assert f"Image {image}" in hand.facts and hand.page.triple.triple.title.startswith(f"Image {image}, fog, ")
    hand.tab("Explorer")
    assert hand.explorer.explorer.state.steps == steps


def test_a_click_on_a_weak_image_shows_the_card_of_a_lost_copy(hand):
    hand.tab("Overview")
    tile = hand.page.overview.weakest.tiles[0]
    image = int(tile.pictures[0].tip.split(":")[0].split()[-1])
    hand.click(tile)
    hand.settle()
    card, table = hand.window.controller.card, hand.page.robustness.image_view.table
    assert table.isVisible() and hand.session.image == image == card.content.triple.subject.image
    of, [(family, x)] = hand.marked
    line = next(line for line in table.grid_shown.lines if line.name == family)
    assert of == image and line.shown[x].right_copies == 0 and f"Image {image}" in hand.facts
    assert all(shown.right_copies for shown in line.shown[:x]), "the mildest"
    assert card.content.triple.subject.predicted != card.content.triple.subject.actual


@pytest.fixture
def asks(monkeypatch):
    """The card is asked for, as in a real window."""
    monkeypatch.setattr(failure_card, "PATIENCE", 20)


def test_the_card_of_a_run_to_which_one_returns_is_not_blank(asks, hand, qtbot):
    card, view = hand.window.controller.card, hand.window.facts.card

    def drawn():
        return [bool(each.accessibleDescription()) for each in (view.copies, view.spectrum)]

    hand.run("alone")
    hand.tab("Misclassifications")
    table = hand.window.page().points_page.table
    hand.click(table.viewport(), table.visualRect(table.model().index(0, 1)).center())
    qtbot.waitUntil(lambda: card.content is not None and card.content.at_once is not None)
    hand.settle()
    before = card.content.triple
    assert drawn() == [True, True]
    hand.run("assessed")
    hand.one_image()
    hand.cell("fog", 1)
    qtbot.waitUntil(lambda: "fog" in view.heading.text() and view.isVisible())

    def busy():  # as a window that draws on a slow machine
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            yield

    hand.window.controller.background.in_steps(busy())
    hand.run("alone")
    qtbot.waitUntil(lambda: card.content.triple is before and card.content.at_once is not None)
    hand.settle()
    assert view.isVisible() and drawn() == [True, True]


def go_to(hand, image):
    """Type the number of an image in the Explorer."""
    hand.explorer.image.selectAll()
    hand.bot.keyClicks(hand.explorer.image, str(image))
    hand.bot.keyClick(hand.explorer.image, Qt.Key.Key_Return)
    hand.settle()


def explain(hand):
    """Click the Explorer's link that explains the image in view, and wait for what it says."""

    def explained():
        answer_asked(hand.window.controller.scorer.process, ("scores", "verdict"))
        return hand.explorer.answer.isVisible() and hand.explorer.explorer.followed

    hand.click(hand.explorer.own.explain)
    hand.bot.waitUntil(explained)


def known(hand):
    info = hand.window.controller.current.run.info
    info["model"]["name"], info["environment"]["device"] = "mnist-lenet", "CPU"


def test_the_explorer_of_an_assessment_explains_an_image_of_the_run_that_is_wrong_when_clean(hand):
    known(hand)
    hand.tab("Explorer")
    own, panel = hand.explorer.own, hand.window.facts
    go_to(hand, 7)
    assert not own.explain.isVisible(), "it is right when clean"
    go_to(hand, 8)
    assert own.explain.isVisible() and own.explain.text() == "Explain this image"
    assert not panel.isVisible() and hand.explorer.other.text() == "", "the Explorer keeps its room"
    hand.bot.keyClick(hand.explorer.steps.rows[0].slider.slider, Qt.Key.Key_Right)
    steps = hand.explorer.explorer.state.steps
    explain(hand)
    assert hand.explorer.explorer.state.steps == steps and steps[0].severity > 0, "it stays degraded"
    assert "whether it is the photograph or the model" in hand.explorer.answer.text() and not own.explain.isVisible()
    assert hand.explorer.other.text() == "This is an image of the run (Image 8). Its true class is cat."
    assert panel.isVisible() and "Image 8" in hand.facts
    go_to(hand, 8)
    assert own.explain.isVisible() and not hand.explorer.answer.isVisible() and "Image 8" in hand.facts
    assert NOTHING not in hand.facts


def test_the_panel_of_a_sweep_is_about_the_image_in_the_explorer_and_then_about_the_selected_one(hand):
    hand.run("alone")
    known(hand)
    hand.page = hand.window.page()
    hand.tab("Misclassifications")
    table = hand.page.points_page.table
    hand.click(table.viewport(), table.visualRect(table.model().index(0, 1)).center())
    hand.settle()
    card, selected = hand.window.controller.card, hand.window.controller.current.selected_image
    assert selected != 8 and f"Image {selected}" in hand.facts
    hand.tab("Explorer")
    assert hand.explorer.explorer.state.image == selected and card.content.triple.subject.image == selected
    go_to(hand, 8)
    assert "Image 8" in hand.facts and f"Image {selected}" not in hand.facts and card.content is None
    assert "cat [0]" in hand.facts and hand.explorer.other.text() == ""
    explain(hand)
    assert "Image 8" in hand.facts and "Prediction when degraded" in hand.facts
    hand.tab("Gallery")
    assert f"Image {selected}" in hand.facts and card.content.triple.subject.image == selected
    hand.tab("Explorer")
    assert "Image 8" in hand.facts
    go_to(hand, selected)
    assert f"Image {selected}" in hand.facts and card.content.triple.subject.image == selected
