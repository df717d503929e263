"""Degradations in the explorer are reordered, removed and added while the predictions along their sliders are known."""

import numpy as np
import numpy_runs
import pytest
from child_answers import answer_asked
from PIL import Image
from PySide6.QtCore import Qt

from tfstab import SweepConfig

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def window(open_window, tmp_path):
    run = numpy_runs.sweep(tmp_path / "run", SweepConfig(sigmas=(20,), copies=1))
    window = open_window(run.path, view="Gallery")
    info = window.controller.current.run.info
    info["model"]["name"], info["environment"]["device"] = "mnist-lenet", "CPU"  # it is known
    window.page().tabs.show_view("Explorer")
    return window


@pytest.fixture
def answered(window, qtbot):
    """answered(): the model has answered everything, so that the predictions along all sliders are shown."""
    explorer, process = window.page().explorer.view.explorer, window.controller.scorer.process

    def answer():
        answer_asked(process, ("scores", "explore"))
        return explorer.followed and all(explorer.tracks.found)

    return lambda: qtbot.waitUntil(answer)


def press(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def add(qtbot, steps, title):
    steps.adding.setFocus()
    steps.adding.setCurrentIndex(steps.adding.findText(title, Qt.MatchFlag.MatchFixedString) - 1)
    qtbot.keyClick(steps.adding, Qt.Key.Key_Down)


def lines(steps):
    """Return the degradations, and how many lines tell where the prediction changes along the slider of each."""
    return [(row.title.text()[3:-4], sum(bool(flip.toolTip()) for flip in row.flips)) for row in steps.rows]


def test_reordering_degradations_of_one_and_of_two_directions_shows_each_its_own_predictions(window, answered, qtbot):
    steps, explorer = window.page().explorer.view.steps, window.page().explorer.view.explorer
    answered()
    add(qtbot, steps, "underexposure")
    answered()
    assert lines(steps) == [("Gaussian noise", 1), ("Underexposure", 2)]
    press(qtbot, steps.rows[0].later)  # pytest-qt fails the test if this raises
    assert lines(steps) == [("Underexposure", 0), ("Gaussian noise", 0)], "they are computed again"
    answered()
    assert lines(steps) == [("Underexposure", 2), ("Gaussian noise", 1)]
    press(qtbot, steps.rows[0].later)
    answered()
    press(qtbot, steps.rows[1].earlier)
    steps.rows[0].number.setValue(2)
    assert explorer.state.pairs[0] == ("underexposure", 2), "while they are computed"
    press(qtbot, steps.rows[0].later)
    answered()
    assert lines(steps) == [("Gaussian noise", 1), ("Underexposure", 2)]
    press(qtbot, steps.rows[0].remove)
    add(qtbot, steps, "gaussian blur")
    assert [name for name, _ in lines(steps)] == ["Underexposure", "Gaussian blur"]
    answered()
    assert lines(steps) == [("Underexposure", 2), ("Gaussian blur", 1)]


def test_back_to_another_degradation_shows_its_own_predictions(window, answered, qtbot, settle):
    page = window.page()
    steps, visits = page.explorer.view.steps, window.controller.visits
    answered()
    visits.note()
    page.tabs.show_view("Gallery")
    visits.note()
    page.tabs.show_view("Explorer")
    add(qtbot, steps, "underexposure")
    press(qtbot, steps.rows[0].remove)
    answered()
    assert lines(steps) == [("Underexposure", 2)]
    for _ in range(2):
        qtbot.keyClick(window, Qt.Key.Key_BracketLeft, ALT)
        settle(window)
    answered()
    assert lines(steps) == [("Gaussian noise", 1)]
    for _ in range(2):
        qtbot.keyClick(window, Qt.Key.Key_BracketRight, ALT)
        settle(window)
    answered()
    assert lines(steps) == [("Underexposure", 2)]


def test_back_brings_back_what_was_last_explored_after_back_itself(window, answered, qtbot, settle, tmp_path):
    """Pictures opened and degradations removed, whether another tab or another run then comes into view."""
    page, controller = window.page(), window.controller
    other = numpy_runs.sweep(tmp_path / "other", SweepConfig(degradation="jpeg", severities=(80,), copies=1))
    controller.open([other.path], look=False)
    settle(window)
    view, visits = page.explorer.view, controller.visits
    explorer, bar = view.explorer, page.tabs.tabBar()
    names = ["first.png", "second.png", "third.png"]
    for name, grey in zip(names, (60, 70, 80), strict=True):
        Image.fromarray(np.full((4, 4), grey, np.uint8)).save(tmp_path / name)

    def open_picture(name):
        view.own.open(tmp_path / name)
        qtbot.waitUntil(lambda: answered() is None and explorer.state.own is not None)
        qtbot.waitUntil(lambda: answered() is None and explorer.state.own.path.name == name)

    def in_view():
        return window.page().tabs.title(), explorer.state.own.path.name, tuple(explorer.state.names)

    def key(bracket):
        qtbot.keyClick(window, bracket, ALT)
        settle(window)

    answered()
    open_picture(names[0])
    visits.note()
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(page.tabs.titles().index("Gallery")).center())
    visits.note()
    key(Qt.Key.Key_BracketLeft)
    assert in_view() == ("Explorer", names[0], ())
    open_picture(names[1])
    add(qtbot, view.steps, "underexposure")
    add(qtbot, view.steps, "gaussian blur")
    press(qtbot, view.steps.rows[0].remove)
    assert in_view() == (kept := ("Explorer", names[1], ("gaussian_blur",)))
    controller.select(controller.sessions[1])  # as a click on the run does
    settle(window)
    visits.note()
    key(Qt.Key.Key_BracketLeft)
    assert in_view() == kept
    open_picture(names[2])
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(page.tabs.titles().index("Metrics")).center())
    visits.note()
    explorer.show_own(None)
    key(Qt.Key.Key_BracketLeft)
    assert in_view() == ("Explorer", names[2], ("gaussian_blur",))
