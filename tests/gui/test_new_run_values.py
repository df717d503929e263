"""The dialog of a new run by itself: what it begins with, and who answers; work in threads ends when the test says."""

from pathlib import Path

import pytest
from doubles import Held
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from tfstab.errors import InputError
from tfstab.gui.jobs.draft import Draft
from tfstab.gui.jobs.estimate import Estimate
from tfstab.gui.settings import Settings
from tfstab.gui.widgets.jobs import new_run_dialog as module
from tfstab.gui.widgets.jobs import time_estimate
from tfstab.gui.widgets.jobs.new_run_dialog import NewRunDialog


@pytest.fixture
def make(qtbot, tmp_path, monkeypatch):
    """make(draft) -> dialog, held, settings, with what it orders in dialog.got; nothing is looked up on the disk."""
    monkeypatch.setattr(module, "classes_of", lambda model: ("ant", "bee"))
    monkeypatch.setattr(time_estimate, "estimate_order", lambda order, known, recent: Estimate(f"{order.limit} images"))
    monkeypatch.setattr(module, "checked", lambda order: "no such data" if "wrong" in order.out else "")
    settings, held = Settings(), Held()
    settings.remember_runs_folder(tmp_path)

    def made(draft):
        dialog = NewRunDialog(settings, held, draft)
        dialog.got = []
        dialog.ordered.connect(dialog.got.append)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog, held, settings

    return made


def test_a_draft_takes_the_place_of_the_defaults(make):
    dialog, *_ = make(Draft(kind="sweep", model="cifar10-quick"))
    order = dialog.order()
    assert (order.kind, order.model, order.data, order.limit) == ("sweep", "cifar10-quick", "cifar10", 100)
    dialog, *_ = make(Draft(model="cifar10-quick", data="gtsrb"))
    order = dialog.order()
    assert (order.kind, order.model, order.data) == ("search", "cifar10-quick", "gtsrb")
    assert order.limit is None, "of data that was given all images are taken"


def test_a_number_of_images_that_was_chosen_stays_when_the_kind_changes(make):
    dialog, *_ = make(Draft())
    dialog.kinds.buttons["sweep"].click()
    assert dialog.order().limit == 100
    dialog.limit.setValue(37)
    dialog.kinds.buttons["search"].click()
    assert dialog.order().limit == 37


def test_return_starts_a_run_that_was_checked_and_only_then(make, qtbot, tmp_path):
    dialog, held, settings = make(Draft())
    held.answer_all()
    assert dialog.start.isDefault()
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert not dialog.start.isEnabled() and dialog.got == [] and dialog.isVisible()
    held.answer_all()
    (order,) = dialog.got
    assert order.kind == "search" and order.out == str(tmp_path / "search-mnist-lenet-mnist-5k")
    assert dialog.start.isEnabled() and not dialog.isVisible() and settings.runs_folder() == tmp_path


def test_a_problem_keeps_the_dialog_open_until_something_changes(make, qtbot, tmp_path):
    dialog, held, settings = make(Draft())
    dialog._folder.take(str(tmp_path / "elsewhere" / "wrong"))
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    held.answer_all()
    assert dialog.got == [] and dialog.isVisible() and dialog.start.isEnabled()
    assert dialog.problem.isVisible() and dialog.problem.text().endswith("No such data")
    assert settings.runs_folder() == tmp_path
    dialog.limit.setValue(3)
    assert not dialog.problem.isVisible()
    dialog._folder.take(str(tmp_path / "elsewhere" / "right"))
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    held.answer_all()
    assert [Path(order.out).name for order in dialog.got] == ["right"]
    assert settings.runs_folder() == tmp_path / "elsewhere", "the next run is proposed beside this one"


def test_a_folder_that_the_user_named_is_kept(make, qtbot, tmp_path):
    dialog, *_ = make(Draft())
    qtbot.mouseClick(dialog.browse_out, Qt.MouseButton.LeftButton)
    (files,) = [d for d in dialog.findChildren(QFileDialog) if d.isVisible()]
    assert files.fileMode() == QFileDialog.FileMode.Directory and files.directory().path() == str(tmp_path)
    assert files.testAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    files.fileSelected.emit(str(tmp_path / "mine"))
    files.close()
    assert dialog.order().out == str(tmp_path / "mine")
    dialog.model.choose("cifar10-quick")
    dialog.kinds.buttons["sweep"].click()
    assert dialog.order().out == str(tmp_path / "mine") and dialog.order().data == "cifar10"


def test_a_time_is_shown_for_the_latest_settings_alone(make):
    dialog, held, _ = make(Draft())
    held.answer_all()
    for limit in (5, 6):
        dialog.limit.setValue(limit)
        dialog.estimate.timer.timeout.emit()
    held.answer(1)
    assert dialog.time.text() == "6 images"
    held.answer(0)
    assert dialog.time.text() == "6 images", "of older settings"
    dialog.kinds.buttons["sweep"].click()
    dialog.kinds.parts["sweep"].severities.setText("1, two")
    dialog.estimate.timer.timeout.emit()
    assert dialog.time.text() == "–" and "two" in dialog.problem.text() and dialog.problem.isVisible()


def test_answers_after_it_was_closed_are_dropped(make, qtbot):
    dialog, held, _ = make(Draft())
    held.answer_all()
    dialog.estimate.timer.timeout.emit()
    dialog.model.choose("cifar10-quick")
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    said, classes = dialog.time.text(), dialog.kinds.parts["search"].target.count()
    dialog.reject()
    held.answer_all()
    QApplication.processEvents()
    assert dialog.got == [] and dialog.time.text() == said and dialog.kinds.parts["search"].target.count() == classes


def test_the_usual_number_of_images_is_that_of_the_task(make):
    dialog, *_ = make(Draft())
    usual = dialog.limit.value()
    assert usual == dialog.kinds.task.images
    for kind in ("sweep", "degradations", "search"):
        dialog.kinds.buttons[kind].click()
        assert dialog.limit.value() == dialog.kinds.task.images
        assert dialog.about.text().startswith(dialog.kinds.task.tip)
        assert dialog.about.text()[-1] in ".?…" and not dialog.about.text().endswith(("?.", "…."))
    assert dialog.limit.value() == usual
    dialog, *_ = make(Draft(data="gtsrb", runs=[Path("/runs/a")]))
    assert dialog.limit.value() == usual and dialog.runs.paths == ["/runs/a"]


def test_a_folder_beside_a_run_is_proposed_and_not_remembered(make, qtbot, tmp_path, monkeypatch):
    forgotten = []
    monkeypatch.setattr(module, "forget", lambda: forgotten.append(1))
    dialog, held, settings = make(Draft(beside=tmp_path / "beside"))
    assert Path(dialog.order().out).parent == tmp_path / "beside"
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    held.answer_all()
    assert len(dialog.got) == len(forgotten) == 1 and settings.runs_folder() == tmp_path


def test_what_is_not_chosen_is_named_in_general(make):
    dialog, *_ = make(Draft(model="", data="", lacking="The model is gone.", runs=[Path("/runs/a")]))
    assert Path(dialog.out.text()).name == "search-model-images"
    with pytest.raises(InputError, match="The model is gone"):
        dialog.order()
    dialog.model.choose("cifar10-quick")
    dialog.data.choose("")
    with pytest.raises(InputError, match="the images of the run are not found"):
        dialog.order()


def test_the_setting_that_a_failure_concerns_is_marked(make):
    dialog, *_ = make(Draft(failed="--workers is 0: use 1 or more."))
    field = dialog.kinds.rest["search"].fields["workers"].input
    assert dialog.failure.isVisible() and field.accessibleDescription() == "the field Workers is 0: use 1 or more."
    assert not dialog.failure.use.isVisible()


def test_options_that_would_mend_a_failure_are_filled_in(make):
    failed = "Accuracy is 9 %. Use --preprocess signed --classes bee,ant. To measure it anyway, add --as-is."
    advised = {"preprocess": "signed", "classes": "bee,ant"}
    options = {"preprocess": "unit", "trust": True}
    dialog, *_ = make(Draft("my.keras", "folder:photos", options=options, failed=failed, advised=advised))
    said = dialog.failure.said.text()
    assert 'Use "signed" in the field Preprocessing and "bee,ant" in the field Classes.' in said
    assert said.endswith('anyway, tick "As is" below More.') and dialog.order().options == options
    marked = dialog.own_model.preprocess, dialog.own_model.classes, dialog.own_model.trust
    assert [bool(field.accessibleDescription()) for field in marked] == [True, True, False]
    dialog.own_model.imports.setText("layers")
    dialog.own_model.trust.setChecked(False)
    dialog.failure.use.click()
    kept = {"imports": ["layers"]}  # as the user has edited them
    assert dialog.order().options == kept | advised and not dialog.failure.use.isEnabled()
    assert not any(field.accessibleDescription() for field in marked) and dialog.failure.use.text() == "Filled in"
