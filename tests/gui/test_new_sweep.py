"""The settings of a new sweep: those of known degradations, and the name of one that only the child will know."""

import pytest
from doubles import heard
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tfstab import SweepConfig
from tfstab.degradations import degradation_names
from tfstab.errors import InputError
from tfstab.gui.jobs.estimate import estimate_order
from tfstab.gui.jobs.field_words import in_fields
from tfstab.gui.jobs.plan import checked, name_of
from tfstab.gui.jobs.protocol import RunOrder
from tfstab.gui.widgets.jobs.sweep_settings import ITS_OWN, SweepSettings


def test_a_sweep_is_filled_in_whatever_was_there(show):
    form = show(SweepSettings())
    filled = {"degradation": "gaussian_noise", "severities": [1, 2.5], "copies": 7, "common_noise": True, "clip": False}
    form.fill(filled | {"seed": 4})
    settings = form.settings
    assert {**settings, "severities": list(settings["severities"])} == filled | {"seed": 4}
    form.fill({"degradation": "gaussian_noise", "copies": None})
    again = form.settings
    assert (list(again["severities"]), again["copies"], again["seed"]) == ([1, 2.5], 7, 0)
    assert "common_noise" not in again and "clip" not in again
    form.clip.setChecked(False)
    changed = heard(form.changed)
    form.degradation.setCurrentIndex(form.degradation.findData("jpeg"))
    assert changed and form.clip.isChecked() and not form.clip.isEnabled() and not form.common.isEnabled()
    assert not form.copies.isEnabled() and "clip" not in form.settings
    form.fill({})
    assert form.degradation.currentText() == "gaussian noise" and form.settings["degradation"] == "gaussian_noise"


def test_the_name_of_a_degradation_of_ones_own_is_typed(show):
    form = show(SweepSettings())
    combo = form.degradation
    assert [combo.itemData(k) for k in range(combo.count())] == [*degradation_names(), ""]
    QTest.keyClick(combo, Qt.Key.Key_End)
    QTest.keyClick(combo, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(combo, "motion_blu")
    assert combo.currentText() == "motion_blu", "it is completed to another name"
    assert (form.severities.text(), form.severities.placeholderText(), form.copies.text()) == ("", ITS_OWN, ITS_OWN)
    assert not form.common.isEnabled() and not form.clip.isEnabled()
    assert form.settings == {"degradation": "motion_blu", "seed": 0}
    form.severities.setText("3, 9")
    form.copies.setValue(4)
    QTest.keyClicks(combo, "b")
    assert form.settings == {"degradation": "motion_blub", "severities": (3.0, 9.0), "copies": 4, "seed": 0}
    form.severities.setText("three")
    with pytest.raises(InputError, match="three"):
        _ = form.settings


@pytest.mark.parametrize("typed", ["motion_blur", " Motion blur ", "motion blur"])
def test_a_known_degradation_can_be_typed_too(show, typed):
    form = show(SweepSettings())
    form.degradation.setEditText("mine")
    form.degradation.setEditText(typed)
    assert SweepConfig(**form.settings) == SweepConfig(degradation="motion_blur")
    assert form.copies.minimum() == 1 and form.copies.text().endswith("at each length")


def test_the_last_entry_asks_for_a_name(show):
    form = show(SweepSettings())
    combo = form.degradation
    changed = heard(form.changed)
    QTest.keyClick(combo, Qt.Key.Key_PageDown)
    last = combo.count() - 1
    combo.setCurrentIndex(last)
    combo.activated.emit(last)
    assert changed and combo.currentText() == "" and "Code" in combo.lineEdit().placeholderText()
    with pytest.raises(InputError, match="no degradation is given"):
        _ = form.settings
    combo.setCurrentIndex(last)  # without a choice by hand
    with pytest.raises(InputError, match="no degradation is given"):
        _ = form.settings


def test_a_sweep_of_a_degradation_that_is_not_known_here_keeps_its_name(show):
    form = show(SweepSettings())
    form.fill({"degradation": "lens_rain", "severities": [3, 8], "copies": 5, "seed": 2})
    assert form.settings == {"degradation": "lens_rain", "severities": (3.0, 8.0), "copies": 5, "seed": 2}


def order(degradation, **options):
    settings = {"degradation": degradation, "seed": 0}
    return RunOrder(0, "sweep", "mnist-lenet", "mnist-5k", "/nowhere/yet", settings, limit=10, options=options)


def test_the_name_is_checked_where_its_file_is_run():
    """The window runs no code of the user's own before a job starts; without such code, a name must be known."""
    wrong = checked(order("lens_rain"))
    assert wrong.startswith("unknown degradation 'lens_rain'") and "in the field Code" in in_fields(wrong)
    own = order("lens_rain", imports=["/nowhere/lensrain.py"])
    assert checked(own) == "" and name_of(own) == "sweep-lens_rain-mnist-lenet-mnist-5k"
    assert estimate_order(own, None, []).text.startswith("not known until the file in Code, which")
    assert estimate_order(own, None, []).problem == ""
    assert name_of(order("a/b", imports=["x.py"])) == "sweep-mnist-lenet-mnist-5k"
    known = order("fog", imports=["/nowhere/lensrain.py"])
    assert name_of(known).startswith("sweep-fog-") and estimate_order(known, None, []).text.startswith("about")
    lost = RunOrder(0, "sweep", "/nowhere/my.keras", "mnist-5k", "/nowhere/yet", own.settings, options=own.options)
    assert "/nowhere/my.keras" in checked(lost)
