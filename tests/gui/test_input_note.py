"""The note above a run's page that its model seems to get wrong inputs or classes, or has seen the images before."""

import json
import shutil

import pytest
from made_up_runs import change_info
from PySide6.QtCore import Qt

from tfstab import open_run
from tfstab.classifier.source import Source
from tfstab.gui.widgets.jobs.new_run_dialog import NewRunDialog
from tfstab.gui.widgets.pressable import Rounded
from tfstab.models.validation import CHOSEN_BY
from tfstab.runs.known_models import remember_model

NOTE = (
    "Accuracy is 95.6 % with inputs 0..255. It is 96.6 % with inputs 0..1 (30 images). Use --preprocess unit (in Python"
)
NOTE += " preprocess='unit')."
SHOWN = (
    "The inputs or classes seem to be wrong, so the figures below may say little about the model. Accuracy is 95.6 % "
)
SHOWN += 'with inputs 0..255. It is 96.6 % with inputs 0..1 (30 images). Use "unit" in the field Preprocessing.'
CHECKED = {"input_note": NOTE, "input_options": {"preprocess": "unit"}, "settings": {"minutes": 3, "limit": 20}}


@pytest.fixture
def assessed(runs, tmp_path):
    """A folder of two sweeps; their model is known as a file of the user's own."""
    folder = tmp_path / "assessed"
    for name in ("sweep", "jpeg"):
        shutil.copytree(runs / name, folder / name)
    (tmp_path / "my.keras").touch()
    remember_model(open_run(folder / "jpeg").info["model"]["fingerprint"], Source(str(tmp_path / "my.keras"), {}))
    return folder


@pytest.mark.parametrize("file", ["assessment.json", ".assess.json"])  # it has ended, or is being measured
def test_wrong_inputs_are_said_above_every_tab_and_mended_in_a_new_run(
    open_window, assessed, qtbot, settle, file, tmp_path
):
    (assessed / file).write_text(json.dumps(CHECKED))
    window = open_window(assessed, overview=True)
    page = window.page()
    note = page.input_note
    assert note.said.text() == f"⚠  {SHOWN}"
    overview = page.overview
    assert note.y() + note.height() <= page.whole.y(), "above the tabs"
    blocks = [block.title.text() for block in overview.findChildren(Rounded) if hasattr(block, "title")]
    assert "What else was found" in blocks and "seem to be wrong" not in overview.text.text()
    assert "seem to be wrong" not in overview.verdict.label.text()
    for tab in range(page.tabs.count()):
        page.tabs.setCurrentIndex(tab)
        settle(window)
        assert note.isVisible() and note.said.height() >= note.said.heightForWidth(note.said.width())
    qtbot.mouseClick(note.again, Qt.MouseButton.LeftButton)
    dialog = next(d for d in window.findChildren(NewRunDialog) if d.isVisible())
    settle(window)
    assert dialog.failure.said.text() == 'Filled in: "unit" in the field Preprocessing.'
    order = dialog.order()
    assert order.task == "assess" and order.out == str(tmp_path / "assess-my-mnist-5k")
    given = {"model": str(tmp_path / "my.keras"), "data": "mnist-5k", "preprocess": "unit", "minutes": 3, "limit": 20}
    assert given.items() <= order.values.items()


def test_a_sweep_alone_has_the_note_of_its_images_too(open_window, assessed):
    info = json.loads((assessed / "jpeg/run.json").read_text())
    (assessed / "jpeg/run.json").write_text(json.dumps(info | {"input_note": NOTE}))
    window = open_window(assessed / "jpeg", assessed / "sweep", assessed)
    shown = []
    for session in window.controller.sessions:
        window.controller.select(session)
        note = window.page().input_note
        shown.append((note.isVisible(), note.again.isVisible()))
    assert shown == [(True, False), (False, False), (True, False)], "what would mend it is not recorded there"


def test_a_window_that_was_small_shows_the_explorer_as_before_once_it_is_large_again(open_window, assessed, settle):
    (assessed / "assessment.json").write_text(json.dumps(CHECKED))
    window = open_window(assessed, view="Explorer")
    page, room = window.page(), window.centralWidget().viewport()
    explorer = page.explorer.view
    assert page.height() == room.height()
    for size in ((window.minimumSizeHint().width(), 398), (1440, 900)):
        window.resize(*size)
        settle(window)
    assert page.height() == room.height(), "nothing is to be scrolled"
    assert explorer.clean.y() == explorer.degraded.y(), "beside each other"


CHOSE = "Some of the images of mnist-5k were used to choose the weights of mnist-lenet: they were set aside for"
CHOSE += " validation when it was hardened. It may look better on them than it is; the comparison of the hardening"
CHOSE += " leaves them out."
TRAINED = "The images of mnist-5k may be training images, as they are the split train. If mnist-lenet was trained on"
TRAINED += " them, it looks more accurate than it is, and its stability may look higher or lower."


def with_data(run, **entries):
    """Have a run record other entries on its images."""
    change_info(run, lambda info: info["data"].update(entries))


def test_images_that_chose_the_weights_are_named_above_every_tab_of_an_assessment_and_of_its_sweep(
    open_window, assessed, qtbot, settle
):
    for run in ("jpeg", "sweep"):
        with_data(assessed / run, remarks=CHOSEN_BY)
    window = open_window(assessed, overview=True)
    page = window.page()
    assert page.input_note.said.text() == f"⚠  {CHOSE}" and not page.input_note.again.isVisible()
    for tab in range(page.tabs.count()):
        qtbot.mouseClick(page.tabs.tabBar(), Qt.MouseButton.LeftButton, pos=page.tabs.tabBar().tabRect(tab).center())
        settle(window)
        assert page.tabs.currentIndex() == tab and page.input_note.isVisible()
    sweep = open_window(assessed / "sweep").page().input_note
    assert sweep.isVisible() and sweep.said.text() == f"⚠  {CHOSE}"
    (assessed / "assessment.json").write_text(json.dumps(CHECKED))
    both = open_window(assessed).page().input_note
    assert both.said.text() == f"⚠  {SHOWN}\n⚠  {CHOSE}" and both.again.isVisible()


def test_training_images_are_named_above_a_search(open_window, runs, tmp_path):
    shutil.copytree(runs / "search", tmp_path / "search")
    assert not open_window(tmp_path / "search").page().input_note.isVisible()
    with_data(tmp_path / "search", split="train")
    note = open_window(tmp_path / "search").page().input_note
    assert note.isVisible() and note.said.text() == f"⚠  {TRAINED}"
