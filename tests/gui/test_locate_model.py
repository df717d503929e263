"""A run whose model file has moved: the file is located by hand, checked, and asked from then on."""

import made_up_runs
import pytest
from numpy_runs import classifier
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox

from tfstab.classifier.source import Source
from tfstab.gui.jobs.locating import CHANGED
from tfstab.gui.jobs.protocol import Failed
from tfstab.gui.jobs.questions import QUESTIONS, Answer
from tfstab.gui.sessions import failure_card
from tfstab.runs.kinds import imported
from tfstab.runs.known_models import known_model, remember_model, source_at

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(open_window, tmp_path, qtbot, settle, monkeypatch):
    """A sweep whose model is not where it was; the card, the explorer and the atlas have been looked at."""
    monkeypatch.setattr(failure_card, "PATIENCE", 0)
    remember_model("f", Source(str(tmp_path / "gone.keras"), {"outputs": "logits", "trust": True}))
    described = {"name": "mine", "fingerprint": "f", "preprocess": "unit"}
    folder = made_up_runs.change_info(
        made_up_runs.sweep(tmp_path / "sweep"), lambda info: info["model"].update(described)
    )
    window = open_window(folder, view="Explorer")
    window.controller.current.select_point(0)
    for view in ("Explorer", "Atlas"):
        window.page().tabs.show_view(view)
        settle(window)
    qtbot.waitUntil(lambda: window.controller.card.content.at_once is not None)
    return window


def shown(window, kind):
    return next(found for found in window.findChildren(kind) if found.isVisible())


def choose(window, qtbot, button, path):
    """Choose a file by hand, and return what the child process is asked."""
    qtbot.mouseClick(button, LEFT)
    shown(window, QFileDialog).fileSelected.emit(str(path))
    return window.controller.scorer.process.orders[-1]


def answer(window, order, fingerprint):
    for part, values in (("fingerprint", {"fingerprint": fingerprint, "content": ["", ""]}), ("", {})):
        window.controller.scorer.process.message.emit(Answer(order.ticket, part, values, last=not part))


def test_a_model_that_has_moved_is_located_once_for_all_pages(window, qtbot, settle, tmp_path):
    page, card, process = window.page(), window.facts.card, window.controller.scorer.process
    atlas, explorer = page.atlas.view, page.explorer.view
    buttons = [atlas.locate, explorer.locate, card.locate]
    assert not any(button.isHidden() for button in buttons)
    assert all("“Locate model file…”" in said for said in (atlas.atlas.problem, explorer.explorer.problem))

    # Another model is refused in a sentence.
    order = choose(window, qtbot, card.locate, tmp_path / "other.keras")
    assert (order.question, order.model, order.fingerprint) == ("fingerprint", str(tmp_path / "other.keras"), "")
    assert order.options == {"outputs": "logits", "preprocess": "unit"}, "another file was trusted"
    assert order.arguments == {"image_shape": [4, 4, 1]} and not card.locate.isEnabled()
    answer(window, order, "g")
    box = shown(window, QMessageBox)
    assert f"{tmp_path / 'other.keras'} is not the model of this run (mine)" in box.text()
    box.close()
    assert card.locate.isEnabled() and not any(button.isHidden() for button in buttons)

    # The right one is asked at once, by everything that was waiting for it.
    right = tmp_path / "right.keras"
    right.touch()
    order = choose(window, qtbot, atlas.locate, right)
    sent = len(process.orders)
    answer(window, order, "f")
    asked = {"card", "scores", "atlas"}
    qtbot.waitUntil(lambda: {one.question for one in process.orders[sent:]} >= asked)
    assert {(one.model, one.fingerprint) for one in process.orders[sent:]} == {(str(right), "f")}
    settle(window)
    assert all(button.isHidden() for button in buttons) and atlas.waiting.text().startswith("Waiting for the model")
    assert card.blocks["margin"].isVisible() and known_model("f")[0] == str(right)


def test_a_file_that_may_run_code_is_loaded_only_after_a_yes(window, qtbot, tmp_path):
    locate, process = window.facts.card.locate, window.controller.scorer.process
    order = choose(window, qtbot, locate, tmp_path / "saved_model.pb")
    assert order.model == str(tmp_path), "a SavedModel is a folder"
    refused = "It is a SavedModel, which can run any code when it is loaded: add --trust if you trust its author."
    process.message.emit(Failed(refused, "", ticket=order.ticket))
    box = shown(window, QMessageBox)
    assert "only if you trust its author" in box.text() and "trust" not in process.orders[-1].options
    qtbot.mouseClick(next(b for b in box.buttons() if "Load" in b.text()), LEFT)
    assert process.orders[-1].options["trust"] is True and process.orders[-1].model == str(tmp_path)


def test_nothing_asks_for_a_click_where_no_map_can_be_made(window, settle):
    page, session = window.page(), window.controller.current
    assert page.atlas.view.hint.isHidden() and page.triple.isVisible(), "the image selected before"
    session.select_point(None)
    settle(window)
    assert session.triple is None and not page.triple.isVisible()
    page.tabs.show_view("Scatter")
    settle(window)
    assert page.triple.isVisible() and page.triple.heading.text().startswith("Click a point")


def test_a_file_in_which_another_model_is_now_can_be_located_too(window, tmp_path):
    locate, run = window.facts.card.locate, window.controller.current.run
    remember_model("f", source_at(tmp_path / "sweep" / "run.json", run.info["model"], trust=False))
    locate.offer(run, "The model could not be asked.")
    assert locate.isHidden(), "its file is there"
    locate.offer(run, f"a.keras {CHANGED}: its weights have changed.")
    assert not locate.isHidden()


def test_the_child_answers_with_the_fingerprint():
    (part,) = imported(QUESTIONS["fingerprint"])(classifier(), {"image_shape": [4, 4, 1]})
    assert part == ("fingerprint", {"fingerprint": classifier().fingerprint, "content": ["", ""]})
