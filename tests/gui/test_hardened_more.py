"""A hardening is measured more from its runs, also after the window was closed: by the form with what it records."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from tfstab import open_run
from tfstab.gui.widgets.jobs.new_run_dialog import NewRunDialog
from tfstab.runs.files import SIDES
from tfstab.runs.known_models import Source, remember_model
from tfstab.training.hardening_config import HardenConfig

IMAGES = 40
AGAINST = {"fog": (0, 80), "gamma": (1, 3)}


@pytest.fixture
def photos(tmp_path):
    """Folders of test and training images."""
    for split in ("test", "train"):
        (tmp_path / "photos" / split / "cat").mkdir(parents=True)
        Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "photos" / split / "cat" / "1.png")
    return tmp_path / "photos"


@pytest.fixture
def hardened(tmp_path, photos):
    """hardened(**settings) -> the folder of a hardening with these settings, of a model in a file."""

    def made(**settings):
        folder = tmp_path / "harden"
        for side, name in zip(SIDES, ("two", "two-hardened"), strict=True):
            for family in ("fog", "jpeg"):
                sweep_of(folder / side, family, first_of((0.5,), IMAGES), severities=(20,), name=name)
                path = folder / side / family / "run.json"
                info = json.loads(path.read_text())
                info["environment"]["device"] = "CPU"  # as of a model in a file
                info["data"] |= {"name": f"folder:{photos}", "split": "test", "remarks": "damaged files left out: 1"}
                path.write_text(json.dumps(info))
        network = open_run(folder / SIDES[0] / "fog").info["model"]["fingerprint"]
        (tmp_path / "two.keras").touch()
        remember_model(network, Source(str(tmp_path / "two.keras"), {}))
        identity = {"settings": HardenConfig(**settings).identity}
        (folder / "hardening.json").write_text(json.dumps({"identity": identity}))
        card = {"original": {"fingerprint": network}, "data": {"training": {"name": f"folder:{photos}/train"}}}
        (folder / "two-hardened.json").write_text(json.dumps(card))
        compared = {"families": {"fog": {}, "jpeg": {}}, "unmeasured": ["motion blur"]}
        (folder / "comparison.json").write_text(json.dumps(compared))
        return folder

    return made


def more(window):
    """Choose *Measure more…* in the menu, and return the form."""
    window.commands["more"].trigger()
    return next(each for each in window.findChildren(NewRunDialog) if each.isVisible())


@pytest.mark.parametrize("side", SIDES)
def test_it_goes_on_with_what_the_hardening_records(open_window, settle, hardened, photos, qtbot, side):
    folder = hardened(against=AGAINST, keep_clean=2, steps=100, seed=3)
    window = open_window(folder, overview=True)
    (row,) = (item for item in window.run_list.runs() if item.text() == side)
    rows = window.run_list.list
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=rows.visualItemRect(row).center())
    settle(window)
    dialog = more(window)
    order = dialog.order()
    assert (order.task, Path(order.out)) == ("harden", folder)
    assert order.values == {
        "model": str(folder.parent / "two.keras"), "data": f"folder:{photos}", "split": "test", "damaged": "skip",
        "train": f"folder:{photos}/train", "against": "fog,gamma@1:3", "keep_clean": 2, "steps": 100, "seed": 3,
        "degradation": "motion_blur,jpeg,fog",
    }  # fmt: skip
    assert dialog.going_on.isVisible() and "nothing is trained or measured again" in dialog.going_on.text()
    dialog.out.setText(str(folder.parent / "another"))
    assert not dialog.going_on.isVisible()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    rows.customContextMenuRequested.emit(rows.visualItemRect(row).center())
    (menu,) = window.run_list.findChildren(QMenu)
    assert "Measure more…" in [action.text() for action in menu.actions()]
    menu.close()


def harden(window, settle):
    """Choose *Harden…* in the tab Why of the run in view, and return the form."""
    window.page().tabs.show_view("Why")
    settle(window)
    window.page().why.harden.click()
    return next(each for each in window.findChildren(NewRunDialog) if each.isVisible())


def test_another_hardening_of_the_original_is_filled_in_like_this_one(open_window, settle, hardened, photos):
    folder = hardened(against=AGAINST, keep_clean=2, steps=100, seed=3)
    window = open_window(folder, overview=True)
    window.controller.select(next(each for each in window.controller.sessions if each.name == SIDES[0]))
    settle(window)
    dialog = harden(window, settle)
    order = dialog.order()
    assert Path(order.out) != folder and dialog.failure.said.text().startswith("Filled in as for the hardening of this")
    expected = {"train": f"folder:{photos}/train", "against": "fog,gamma@1:3", "keep_clean": 2, "steps": 100, "seed": 3}
    assert expected.items() <= order.values.items() and order.values["degradation"] == "motion_blur,jpeg,fog"


def test_a_hardening_after_an_assessment_is_on_its_own_degradations_too(open_window, settle, runs, tmp_path):
    shutil.copytree(runs / "rain", tmp_path / "assessed" / "rain")
    (tmp_path / "assessed" / "assessment.json").write_text(json.dumps({"settings": {"degradation": "rain"}}))
    window = open_window(tmp_path / "assessed", overview=True)
    settle(window)
    window.controller.current.run.info["environment"]["device"] = "CPU"  # as of a model in a file
    dialog = harden(window, settle)
    dialog.model.choose("mnist-lenet")
    dialog.data.choose("mnist-5k")
    values = dialog.order().values
    assert (values["against"], values["degradation"]) == ("all,rain", "rain")


def test_what_is_not_recorded_or_not_found_is_said(open_window, settle, hardened, photos):
    folder = hardened(epochs=3)
    (folder / "test.npz").touch()  # the test images were held out
    (folder / "two-hardened.json").unlink()
    window = open_window(folder, overview=True)
    settle(window)
    dialog = more(window)
    said = dialog.failure.said.text()
    assert "in Python with settings that this form does not have (epochs)" in said and "No search" in said
    assert "The training images of this hardening (not recorded) were not found" in said
    assert "data" not in dialog.order().values and dialog.subject.limit.value() == 0


def test_a_command_that_is_not_offered_says_why(open_window, settle, hardened):
    folder = hardened()
    (folder / "hardening.json").write_text("{")
    window = open_window(folder, overview=True)
    settle(window)
    assert not window.commands["more"].isEnabled()
    assert "cannot be read: choose Measure more… for it in the panel Jobs or" in window.commands["more"].toolTip()
    window.controller.current.at_work = True
    window.controller.current.changed.emit()
    window._serve()
    assert window.commands["more"].toolTip().endswith("is measuring this run: wait until it has ended.")
