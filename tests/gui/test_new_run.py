"""The new-run dialog and what leads to it; nothing is started here."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QToolButton,
)

from tfstab import SearchConfig, SweepConfig
from tfstab.gui.dropping import Dropped
from tfstab.gui.jobs.command_order import CommandOrder
from tfstab.gui.jobs.draft import draft_of_order, draft_of_run
from tfstab.gui.jobs.estimate import Estimate
from tfstab.gui.jobs.job import Job
from tfstab.gui.jobs.plan import example_orders
from tfstab.gui.jobs.protocol import RunOrder
from tfstab.gui.widgets.jobs.new_run_dialog import NewRunDialog

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(open_window, tmp_path):
    window = open_window()
    window.controller.settings.remember_runs_folder(tmp_path / "made")
    return window


@pytest.fixture
def dialog(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    dialog = the_dialog(window)
    assert dialog.kinds.kind == "assess"  # of a window without runs
    dialog.kinds.choose("search")
    return dialog


def the_dialog(window):
    (dialog,) = window.findChildren(NewRunDialog)
    assert dialog.isVisible()
    return dialog


def drop(window, *paths):
    """What the system sends for a drag on the window; whether it was taken."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons = (Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPoint(300, 300), *buttons)
    enter.ignore()
    QApplication.sendEvent(window, enter)
    if enter.isAccepted():
        QApplication.sendEvent(window, QDropEvent(QPointF(300, 300), *buttons))
    return enter.isAccepted()


def test_the_defaults_are_the_librarys(dialog, tmp_path):
    order = dialog.order()
    assert (order.kind, order.model, order.data, order.limit) == ("search", "mnist-lenet", "mnist-5k", 10)
    assert SearchConfig(**order.settings) == SearchConfig()
    assert order.out == str(tmp_path / "made" / "search-mnist-lenet-mnist-5k") and order.resize is None
    dialog.resizing.setCurrentText("crop to the model's")
    assert dialog.order().resize == "crop"
    dialog.kinds.buttons["sweep"].click()
    order = dialog.order()
    assert (order.kind, order.limit) == ("sweep", 100) and SweepConfig(**order.settings) == SweepConfig()
    assert order.out.endswith("sweep-mnist-lenet-mnist-5k-crop")
    dialog.kinds.parts["sweep"].common.click()
    assert SweepConfig(**dialog.order().settings) == SweepConfig(common_noise=True)
    dialog.kinds.parts["sweep"].common.click()
    dialog.kinds.parts["sweep"].clip.click()
    assert SweepConfig(**dialog.order().settings) == SweepConfig(clip=False)
    assert dialog.order().out.endswith("sweep-mnist-lenet-mnist-5k-crop-no-clip")
    dialog.kinds.buttons["search"].click()
    dialog.kinds.parts["search"].engine.setCurrentIndex(1)
    assert SearchConfig(**dialog.order().settings) == SearchConfig(preset="paper")


def test_a_degradation_brings_its_severities_and_copies(dialog):
    dialog.kinds.buttons["sweep"].click()
    sweep = dialog.kinds.parts["sweep"]
    sweep.degradation.setCurrentIndex(sweep.degradation.findData("jpeg"))
    assert sweep.severities.text() == "90, 70, 50, 30, 10" and not sweep.copies.isEnabled()
    assert sweep.clip.isChecked() and not sweep.clip.isEnabled()  # JPEG compression adds nothing
    assert SweepConfig(**dialog.order().settings) == SweepConfig(degradation="jpeg")
    sweep.degradation.setCurrentIndex(sweep.degradation.findData("occlusion"))
    sweep.severities.setText("10, 50")
    assert sweep.copies.isEnabled() and "%" in sweep.severities.accessibleName()
    expected = SweepConfig(degradation="occlusion", severities=(10, 50))
    assert SweepConfig(**dialog.order().settings) == expected


def test_a_search_can_aim_at_a_class_and_spare_pixels(dialog, qtbot, tmp_path, settle, window):
    settle(window)
    target, mask = dialog.kinds.parts["search"].target, dialog.kinds.parts["search"].mask_file
    assert (dialog.order().target, dialog.order().mask) == (None, None)
    assert [target.itemText(k) for k in range(target.count())] == ["", *map(str, range(10))]
    qtbot.keyClicks(target.lineEdit(), "3")
    Image.fromarray(np.zeros((28, 28), np.uint8)).save(tmp_path / "mask.png")
    qtbot.mouseClick(dialog.kinds.parts["search"].browse_mask, LEFT)
    (files,) = [d for d in dialog.findChildren(QFileDialog) if d.isVisible()]
    files.setDirectory(str(tmp_path))
    files.selectFile(str(tmp_path / "mask.png"))
    files.accept()
    order = dialog.order()
    assert (order.target, order.mask) == ("3", str(tmp_path / "mask.png"))
    dialog.kinds.buttons["sweep"].click()
    assert (dialog.order().target, dialog.order().mask) == (None, None)
    dialog.kinds.buttons["search"].click()
    for type_in, text, says in ((target.lineEdit(), "zebra", "Unknown class 'zebra'"), (mask, "/nowhere", "/nowhere")):
        type_in.clear()
        qtbot.keyClicks(type_in, text)
        qtbot.mouseClick(dialog.start, LEFT)
        qtbot.waitUntil(lambda says=says: says in dialog.problem.text())
        type_in.clear()
    dialog.model.choose("cifar10-quick")
    settle(window)
    assert target.findText("horse") == 8 and target.currentText() == ""


def test_a_network_brings_its_data_and_all_images_can_be_taken(dialog):
    dialog.model.choose("cifar10-quick")
    dialog.limit.setValue(0)
    order = dialog.order()
    assert order.data == "cifar10" and order.limit is None and "cifar10" in order.out


def test_what_is_wrong_is_said_in_the_dialog_and_can_be_mended(dialog, window, qtbot, tmp_path):
    dialog.kinds.buttons["sweep"].click()
    for sigmas in ("1, two", "1,,2"):
        dialog.kinds.parts["sweep"].severities.setText(sigmas)
        qtbot.mouseClick(dialog.start, LEFT)
        assert sigmas in dialog.problem.text() and dialog.problem.isVisible() and dialog.isVisible()
    dialog.kinds.parts["sweep"].severities.setText("1, 2")
    assert not dialog.problem.isVisible()
    (tmp_path / "other.txt").write_text("")
    dialog.out.clear()
    qtbot.keyClicks(dialog.out, str(tmp_path))
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: "holds other files" in dialog.problem.text())
    assert window.controller.jobs.jobs == []
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.findChildren(NewRunDialog))


def test_a_folder_of_nobody_is_said_and_another_can_be_named(dialog, qtbot, tmp_path):
    dialog.out.clear()
    qtbot.keyClicks(dialog.out, "~nosuchuser/x")
    qtbot.mouseClick(dialog.start, LEFT)
    assert "~nosuchuser/x is no folder" in dialog.problem.text() and dialog.start.isEnabled()


def test_an_older_estimate_that_comes_late_is_dropped(dialog, qtbot, monkeypatch):
    begun, ended, newer = [], [], threading.Event()

    def estimate(order, *_):
        begun.append(order.limit)
        assert order.limit != 3 or newer.wait(120)
        ended.append(order.limit)
        return Estimate(f"for {order.limit}")

    monkeypatch.setattr("tfstab.gui.widgets.jobs.time_estimate.estimate_order", estimate)
    dialog.limit.setValue(3)
    qtbot.waitUntil(lambda: 3 in begun)
    dialog.limit.setValue(4)
    qtbot.waitUntil(lambda: dialog.time.text() == "for 4")
    newer.set()
    qtbot.waitUntil(lambda: 3 in ended)
    qtbot.wait(50)
    assert dialog.time.text() == "for 4"


def test_the_folder_of_a_waiting_run_is_not_proposed_again(window, tmp_path):
    jobs = window.controller.jobs
    for name in ("search-mnist-lenet-mnist-5k", "example-search-digits", "example-sweep-digits"):
        order = RunOrder(0, "search", "mnist-lenet", "mnist-5k", str(tmp_path / "made" / name), {})
        jobs.jobs.append(Job(order))
    dialog = window.ask_for_new_run()
    assert dialog.order().out == str(tmp_path / "made" / "search-mnist-lenet-mnist-5k-2")
    proposed = [order.out for order in example_orders(tmp_path / "made", jobs.folders)]
    assert len(proposed) == 2 and not {Path(out) for out in proposed} & set(jobs.folders)
    jobs.jobs.clear()


def test_the_time_is_estimated_as_the_settings_change(dialog, qtbot):
    qtbot.waitUntil(lambda: "201,010 degraded images" in dialog.time.text())
    dialog.kinds.parts["search"].refine.click()
    qtbot.waitUntil(lambda: "222,120 degraded images" in dialog.time.text())
    dialog.kinds.parts["search"].gradients.setValue(32)
    dialog.kinds.parts["search"].norm.setCurrentText("Linf")
    qtbot.waitUntil(lambda: "202,980 degraded images" in dialog.time.text())
    assert dialog.order().settings["refine"] == 32 and dialog.order().settings["norm"] == "linf"


def test_files_are_chosen_in_dialogs(dialog, qtbot, tmp_path):
    (tmp_path / "my.keras").write_bytes(b"")
    dialog.model.browse.menu().actions()[0].trigger()
    (files,) = [d for d in dialog.findChildren(QFileDialog) if d.isVisible()]
    files.setDirectory(str(tmp_path))
    files.selectFile(str(tmp_path / "my.keras"))
    files.accept()
    assert dialog.model.value == str(tmp_path / "my.keras") and "search-my-" in dialog.out.text()
    qtbot.mouseClick(dialog.start, LEFT)
    assert "No images are chosen: choose some of the kind that the model was made for." in dialog.problem.text()
    dialog.data.choose("mnist-5k")
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: "damaged or not a .keras file" in dialog.problem.text())


@pytest.mark.parametrize("what", ["model", "image", "images", "classes"])
def test_what_is_dropped_is_filled_in(window, tmp_path, settle, what):
    path = {"model": "my.keras", "image": "flat/a.png", "images": "flat", "classes": "photos"}[what]
    for name in ("flat/a.png", "photos/cat/b.png"):
        (tmp_path / name).parent.mkdir(parents=True)
        Image.fromarray(np.zeros((28, 28), np.uint8)).save(tmp_path / name)
    (tmp_path / "my.keras").write_bytes(b"")
    assert drop(window, tmp_path / path)
    settle(window)
    dialog = the_dialog(window)
    assert dialog.kinds.kind == ("search" if what in ("image", "images") else "assess")
    if what == "model":
        assert dialog.model.value == str(tmp_path / path) and dialog.data.value == ""
    else:
        kind = "folder" if what == "classes" else "images"
        assert dialog.data.value == f"{kind}:{tmp_path / path}" and dialog.model.value == ""
        dialog.model.choose("cifar10-quick")
        dialog.data.choose(f"{kind}:{tmp_path / path}")
        assert not dialog.subject.limit.value()


def test_images_dropped_on_a_run_are_for_its_model(open_window, runs, settle, tmp_path):
    window = open_window(runs / "sweep")
    (tmp_path / "photos").mkdir()
    Image.fromarray(np.zeros((28, 28), np.uint8)).save(tmp_path / "photos" / "a.png")
    assert drop(window, tmp_path / "photos")
    settle(window)
    dialog = the_dialog(window)
    assert dialog.model.value == window.controller.current.run.info["model"]["name"] != ""
    assert dialog.data.value == f"images:{tmp_path / 'photos'}" and dialog.order().limit is None


def test_files_dropped_on_the_form_are_filled_in_and_never_become_text_of_a_field(dialog, settle, qtbot, tmp_path):
    (tmp_path / "my.keras").touch()
    (tmp_path / "notes.txt").touch()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").touch()
    Image.fromarray(np.zeros((28, 28), np.uint8)).save(tmp_path / "a.png")
    handle = dialog.windowHandle()  # which gives a drag to the field below the pointer, as the system does

    def drop_at(widget, path):
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path))])
        at = widget.mapTo(dialog, widget.rect().center())
        buttons = Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(handle, QDragEnterEvent(at, *buttons))
        QApplication.sendEvent(handle, QDragMoveEvent(at, *buttons))
        QApplication.sendEvent(handle, QDropEvent(QPointF(at), *buttons))
        settle(dialog.parent())

    dialog.resize(900, 900)
    part = dialog.kinds.parts["search"]
    drop_at(dialog.subject.span, tmp_path / "a.png")
    assert dialog.data.value == f"images:{tmp_path / 'a.png'}" and dialog.subject.span.text() == ""
    drop_at(dialog.limit, tmp_path / "my.keras")
    assert dialog.model.value == str(tmp_path / "my.keras") and dialog.data.value == f"images:{tmp_path / 'a.png'}"
    drop_at(dialog.subject.own_model.imports, tmp_path / "notes.txt")
    assert dialog.subject.own_model.imports.text() == str(tmp_path / "notes.txt")
    drop_at(part.mask_file, tmp_path / "a.png")
    assert part.mask_file.text() == str(tmp_path / "a.png")
    drop_at(dialog.out, tmp_path / "run")
    assert dialog.out.text() == str(tmp_path / "run")
    drop_at(dialog.kinds, tmp_path / "run")
    assert "run is a run, and this task takes a model and images" in dialog.problem.text()
    dialog.kinds.buttons["report"].click()
    drop_at(dialog.kinds, tmp_path / "run")
    assert dialog.runs.paths == [str(tmp_path / "run")]
    drop_at(dialog.kinds, tmp_path / "notes.txt")
    assert "notes.txt cannot be used: drop a run's folder, a model, an image" in dialog.problem.text()


def test_the_fields_of_an_engine_stand_below_the_others(dialog, qtbot):
    part = dialog.kinds.parts["search"]
    (patience, _) = part.own._fields["patience"]
    assert patience.mapTo(part, QPoint()).x() == part.queries.mapTo(part, QPoint()).x()


def test_damaged_files_are_left_out_in_a_field_that_the_preview_follows(window, qtbot, tmp_path):
    photos = tmp_path / "photos"
    for name in ("cat/0.png", "dog/1.png"):
        (photos / name).parent.mkdir(parents=True)
        Image.fromarray(np.zeros((28, 28), np.uint8)).save(photos / name)
    (photos / "dog" / "2.png").write_bytes(b"harm")
    dataset = {"name": f"folder:{photos}", "split": "test", "note": "images in x, damaged files left out: 1"}
    info = {"kind": "search", "settings": {}, "model": {"name": "mnist-lenet"}, "data": dataset}
    draft = draft_of_run(info, tmp_path / "run", ("mnist-lenet", {}))
    dialog = window.ask_for_new_run(draft)
    subject, preview = dialog.subject, dialog.subject.preview
    qtbot.waitUntil(
        lambda: "2 images in 2 classes (damaged files left out: at least 1), 28 x 28" in preview.text.text()
    )
    assert dialog.order().limits == {"damaged": "skip"} and subject.damaged.isVisible()
    dialog.kinds.buttons["harden"].click()
    assert dialog.order().values["damaged"] == "skip", "whatever is done with the images"
    dialog.kinds.buttons["search"].click()
    subject.damaged.setFocus()
    qtbot.keyClick(subject.damaged, Qt.Key.Key_Up)
    said = 'repair or remove it, or leave it out with "leave out" in the field Damaged files.'
    qtbot.waitUntil(lambda: said in preview.text.text())
    assert "at least 1 of 3 files in " in preview.text.text(), "the pixels of the others have not been read"
    dialog.start.click()
    qtbot.waitUntil(dialog.problem.isVisible)
    assert said in dialog.problem.text() and dialog.isVisible(), "no job is queued that would fail with this sentence"
    failed = "dog/2.png: repair or remove it, or leave it out with --damaged skip (in Python damaged='skip')."
    again = window.ask_for_new_run(replace(draft_of_order(dialog.order()), failed=failed))
    assert said in again.failure.said.text() and again.subject.damaged.accessibleDescription()


@pytest.mark.parametrize("names", [(), ("a.png", "b.png")])
def test_what_no_run_can_be_made_of_is_said(window, tmp_path, settle, monkeypatch, names):
    paths = [tmp_path / name for name in names]
    for path in paths:
        Image.fromarray(np.zeros((28, 28), np.uint8)).save(path)
    with monkeypatch.context() as patch:
        # What is only dragged over the window is not looked into: it may be a slow disk's.
        patch.setattr(Path, "iterdir", lambda path: pytest.fail(f"{path} was listed in the window's thread"))
        patch.setattr("tfstab.gui.widgets.file_drops.look_at", lambda paths: Dropped())
        assert drop(window, tmp_path)
        settle(window)
    assert drop(window, *(paths or [tmp_path]))
    settle(window)
    (box,) = [box for box in window.findChildren(QMessageBox) if box.isVisible()]
    assert ("2 were dropped" if names else "neither a run nor images") in box.text()
    assert not window.findChildren(NewRunDialog)


def test_every_control_has_a_name(dialog):
    kinds = (QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit, QAbstractItemView)
    named = (QComboBox, QAbstractSpinBox, QFileDialog)
    controls = [w for kind in kinds for w in dialog.findChildren(kind) if not isinstance(w.parent(), named)]
    nameless = [w for w in controls if not w.accessibleName() and not getattr(w, "text", str)()]
    inner = [w for w in nameless if w.window() is not dialog or isinstance(w.parent().parent(), QComboBox)]
    assert len(controls) > 15 and [w for w in nameless if w not in inner] == []


def test_tab_and_alt_reach_the_fields_of_a_task_in_their_order(window, dialog, qtbot, settle):
    dialog.model.choose("own.keras")
    dialog.kinds.buttons["assess"].click()
    settle(window)
    fields = dialog.kinds.part.fields
    dialog.subject.damaged.setFocus()
    visited = []
    for _ in range(9):
        qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        visited.append(dialog.focusWidget())
    task = [fields[name].input for name in ("minutes", "quick", "degradation", "no_search")]
    task.insert(3, fields["degradation"].findChild(QAbstractButton))
    assert visited == [*task, dialog.kinds.part.more, dialog.out, dialog.browse_out, dialog.start]
    qtbot.keyClick(dialog, Qt.Key.Key_M, Qt.KeyboardModifier.AltModifier)
    assert dialog.focusWidget() is fields["minutes"].input
    qtbot.keyClick(dialog, Qt.Key.Key_Q, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: fields["quick"].value is True)


def test_no_letter_leads_to_two_fields_of_a_form(window, dialog, settle):
    dialog.model.choose("own.keras")
    for task, button in dialog.kinds.buttons.items():
        button.click()
        for more in dialog.findChildren(QToolButton):
            if more.text() == "More" and more.isVisible():
                more.click()
        settle(window)
        labels = [part for kind in (QLabel, QCheckBox) for part in dialog.findChildren(kind) if part.isVisible()]
        letters = [text[text.index("&") + 1].lower() for label in labels if "&" in (text := label.text())]
        assert len(letters) == len(set(letters)) > 1, task
        if "train" in getattr(dialog.kinds.part, "fields", {}):
            assert any(label.text().replace("&", "") == "Train:" != label.text() for label in labels)


def test_without_a_run_in_view_the_form_is_filled_like_the_job_added_last(window, qtbot, tmp_path):
    window.controller.jobs.process.send = lambda order: None
    images = f"folder:{tmp_path / 'digits'}"
    mine = {"model": "cifar10-quick", "data": images, "limit": 40, "minutes": 7.0, "split": "test"}
    window.controller.jobs.add(CommandOrder(0, "assess", str(tmp_path / "made" / "mine"), mine))
    window.controller.jobs.add(CommandOrder(0, "report", str(tmp_path / "made"), {"runs": [str(tmp_path)]}))
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    dialog = the_dialog(window)
    assert (dialog.kinds.kind, dialog.model.value, dialog.data.value) == ("assess", "cifar10-quick", images)
    assert dialog.order().values["minutes"] == 7 and "limit" not in dialog.order().values
    assert dialog.order().out != str(tmp_path / "made" / "mine")
