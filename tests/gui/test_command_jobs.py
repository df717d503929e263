"""Commands started from the dialog of a new run, by hand; the child process is a double."""

import json
import shutil

import numpy as np
import pytest
from doubles import Silent
from PySide6.QtCore import QObject, QPoint, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QMessageBox, QPlainTextEdit

from tfstab import open_run
from tfstab.gui.jobs import queue, scorer
from tfstab.gui.jobs.command_form import command_of, fields_of
from tfstab.gui.jobs.command_order import CommandOrder, Made, Printed
from tfstab.gui.jobs.draft import NOT_ENDED, Draft
from tfstab.gui.jobs.job import State
from tfstab.gui.jobs.protocol import Failed, Finished, Opened, Progress, Stage
from tfstab.gui.jobs.tasks import TASKS
from tfstab.gui.jobs.unfinished import Unfinished
from tfstab.gui.widgets.jobs.new_run_dialog import NewRunDialog

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(open_window, monkeypatch, tmp_path):
    for module in (queue, scorer):
        monkeypatch.setattr(module, "WorkerProcess", Silent)
    window = open_window()
    window.controller.settings.remember_runs_folder(tmp_path / "made")
    yield window
    window.controller.jobs.shut_down()
    window._closing = True


@pytest.fixture
def browser():
    """The addresses that the browser was asked to open."""

    class Browser(QObject):
        opened = []  # noqa: RUF012

        @Slot(QUrl)
        def show(self, url):
            self.opened.append(url.toLocalFile())

    there = Browser()
    QDesktopServices.setUrlHandler("file", there, "show")
    yield there.opened
    QDesktopServices.unsetUrlHandler("file")


def dialog_of(window, qtbot, task):
    window.commands["new"].trigger()
    dialog = next(d for d in window.findChildren(NewRunDialog) if d.isVisible())
    dialog.kinds.buttons[task].click()
    return dialog


def started(window, dialog, qtbot):
    """The job that Start has made."""
    before = len(window.controller.jobs.jobs)
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: len(window.controller.jobs.jobs) > before)
    return window.controller.jobs.jobs[-1]


def test_an_assessment_is_ordered_followed_edited_and_tried_again(window, qtbot, tmp_path):
    dialog = dialog_of(window, qtbot, "assess")
    fields = dialog.kinds.part.fields
    qtbot.keyClicks(fields["minutes"].line, "x")
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: "The field Minutes is 'x'; expected a number" in dialog.problem.text())
    fields["minutes"].line.clear()
    qtbot.keyClicks(fields["minutes"].line, "2.5")
    qtbot.waitUntil(lambda: dialog.time.text().startswith("about 2.5 min"))
    assert not fields["require"].isVisible()
    dialog.kinds.part.more.click()
    qtbot.keyClicks(fields["require"].line, "gaussian_noise@20:90, clean:95")
    dialog.subject.damaged.setCurrentText("leave out")
    qtbot.keyClicks(dialog.subject.span, "100:300")
    job = started(window, dialog, qtbot)
    out = str(tmp_path / "made" / "assess-mnist-lenet-mnist-5k")
    assert command_of(job.order) == [
        "assess", "--minutes=2.5", "--images=100:300", "--damaged=skip", f"--out={out}",
        "--require=gaussian_noise@20:90", "--require=clean:95", "--", "mnist-lenet", "mnist-5k",
    ]  # fmt: skip
    hear, row = window.controller.jobs.process.message.emit, window.jobs_panel.rows[job]
    hear(Stage(1, "starting TensorFlow"))
    assert row.state.text() == "Starting TensorFlow…"
    hear(Progress(1, 3, 18, 0.4, 0.0, "degradations", "fog", "99.0 % clean"))
    assert row.state.text().startswith("Fog · 3 of 18 degradations · 99.0 % clean") and not row.pause.isVisible()
    hear(Failed("The images are odd: choose others with --images.", job=1, wrong_input=True))
    (box,) = [box for box in window.findChildren(QMessageBox) if box.isVisible()]
    box.close()
    assert not row.resume.isVisible() and not row.show_run.isVisible() and "odd" in row.state.text()
    qtbot.mouseClick(row.edit, LEFT)
    again = next(d for d in window.findChildren(NewRunDialog) if d.isVisible() and d is not dialog)
    assert again.order().values == job.order.values and again.order().out == out
    assert again.failure.isVisible() and again.failure.y() < again.subject.mapTo(again, QPoint()).y(), "at the top"
    said = job.sentence.replace("with --images", "in the field Images")
    assert again.failure.said.text() == f"⚠  The job failed: {said}" != f"⚠  The job failed: {job.sentence}"
    span, colour = again.subject.span, QPalette.ColorRole.Base
    marked = span.palette().color(colour)
    assert marked != again.out.palette().color(colour) and span.accessibleDescription() == said
    qtbot.keyClicks(span, "0")
    assert span.palette().color(colour) != marked and again.failure.isVisible(), "the field has been edited"
    qtbot.mouseClick(again.start, LEFT)
    qtbot.waitUntil(lambda: window.controller.jobs.jobs != [job])
    (job,) = window.controller.jobs.jobs  # in place of the one that failed
    row = window.jobs_panel.rows[job]
    assert not row.more.isVisible()
    hear(Finished(2, True, 0, 1.0))
    qtbot.mouseClick(row.more, LEFT)  # in the same folder
    more = next(d for d in window.findChildren(NewRunDialog) if d.isVisible())
    assert more.order().values == job.order.values and more.order().out == out and not more.failure.isVisible()
    more.reject()


@pytest.mark.parametrize(
    ("failed", "concerned"),
    [
        ("nets/my.keras is damaged: save it again.", ("model",)),
        ("nets/my.keras holds a Lambda layer: add --trust if you trust its author.", ("trust",)),
        ("photos/test/a/1.png cannot be read.", ("data",)),
        ("photos/train/a/1.png cannot be read.", ("train",)),
        ("photos-2 is not there.", ()),
        ("unknown degradation 'rian': did you mean 'rotation'?", ("against",)),
        ("The import failed: name the file with --import.", ("imports",)),
        ("It took --max-queries.", ("max_queries",)),
        ("Look up --preprocess and --classes; --classes is wrong.", ("preprocess", "classes")),
        ("The child process was killed.", ()),
    ],
)
def test_the_parameter_that_a_failure_concerns(failed, concerned):
    settings = {"train": "photos/train", "against": "all,rian@0:5"}
    assert Draft("nets/my.keras", "folder:photos/test", settings=settings, failed=failed).concerned == concerned
    assert Draft(failed=failed).concerned in (concerned, ())
    assert Draft(failed=failed, advised={"classes": "a,b"}).concerned == ("classes",), "what is to be changed is known"


def test_what_a_command_has_made_is_opened(window, qtbot, browser, runs, settle, tmp_path):
    jobs = window.controller.jobs
    hear = jobs.process.message.emit
    job = started(window, dialog_of(window, qtbot, "degradations"), qtbot)
    assert "--degradation=all" in command_of(job.order) and job.order.values["limit"] == 500
    hear(Made(1, "run", str(runs / "sweep")))
    hear(Made(1, "run", str(shutil.copytree(runs / "sweep", tmp_path / "hardened"))))
    hear(Finished(1, True, 0, 1.0))
    settle(window)
    assert [other.path for other in window.controller.current.comparison.runs] == [tmp_path / "hardened"]
    window.controller.close(window.controller.sessions[-1])
    assert window.controller.current.path == runs / "sweep" and window.jobs_panel.rows[job].show_run.isVisible()

    # The next one is filled in from this run.
    dialog = dialog_of(window, qtbot, "report")
    assert dialog.order().values == {"runs": [str(runs / "sweep")]} and not dialog.subject.isVisible()
    job = started(window, dialog, qtbot)
    hear(Made(2, "report", "/somewhere/report.html"))
    hear(Finished(2, True, 0, 1.0))
    assert browser == ["/somewhere/report.html"]
    qtbot.mouseClick(window.jobs_panel.rows[job].report, LEFT)
    assert len(browser) == 2

    job = started(window, dialog_of(window, qtbot, "evaluate"), qtbot)
    hear(Printed(3, "accuracy: 99 %\n"))
    hear(Finished(3, True, 0, 1.0))
    (shown,) = [d for d in window.findChildren(QDialog) if d.isVisible() and d.findChildren(QPlainTextEdit)]
    assert shown.findChildren(QPlainTextEdit)[0].toPlainText() == "accuracy: 99 %" and job.state is State.FINISHED


def test_the_report_of_a_run_is_opened_or_made(window, qtbot, browser, runs, settle, tmp_path):
    folder, command = tmp_path / "harden", window.commands["report"]
    for name in ("sweep", "jpeg"):
        shutil.copytree(runs / name, folder / "original" / name)
    (folder / "hardening.json").touch()
    window.controller.open([folder / "original"])
    settle(window)
    assert command.text() == "Make a re&port…"
    command.trigger()
    dialog = next(d for d in window.findChildren(NewRunDialog) if d.isVisible())
    job = started(window, dialog, qtbot)
    assert job.order.values == {"runs": [str(folder / "original")]} and job.out == folder / "original"
    window.controller.jobs.process.message.emit(Finished(1, True, 0, 1.0))
    settle(window)
    # The report of the hardening is also that of its networks and of their sweeps.
    (folder / "report.html").touch()
    for opened in (folder / "original", folder / "original" / "jpeg"):
        window.controller.open([opened])
        settle(window)
        assert command.text() == "Open re&port"
        command.trigger()
    assert browser == [str(folder / "report.html")] * 2
    assert window.statusBar().currentMessage() == f"Opened {folder / 'report.html'} in the browser."


def test_a_job_whose_minutes_were_used_up_says_how_far_it_came_and_goes_on(window, tmp_path):
    jobs = window.controller.jobs
    job = jobs.add(CommandOrder(0, "explain", str(tmp_path / "why"), {"model": "mnist-lenet", "minutes": 0.5}))
    row, hear = window.jobs_panel.rows[job], jobs.process.message.emit
    hear(Progress(1, 30, 30, 1.0, 0.0, "s", "explanation", ""))
    hear(Finished(1, True, 0, 30.0, "34 of 100 images"))
    assert row.state.text() == "Out of time: 34 of 100 images; resume it to go on, with the same minutes again"
    assert row.more.isVisible() and not row.edit.isVisible() and not job.active
    jobs._remember()
    assert Unfinished().take_over() == [], "it has done what was ordered, and is not listed at the next start"
    QTest.mouseClick(row.resume, LEFT)
    assert job.active and jobs.process.orders[-1].values == job.order.values


def test_an_assessment_of_earlier_is_gone_on_with_in_its_folder_with_its_settings(
    window, qtbot, runs, settle, tmp_path
):
    folder, more = tmp_path / "assessed", window.commands["more"]
    for name in ("sweep", "jpeg"):
        shutil.copytree(runs / name, folder / name)
    settings = {"minutes": 2.5, "limit": 40, "degradation": "gaussian_noise,jpeg", "no_search": True, "seed": 7}
    (folder / "assessment.json").write_text(json.dumps({"settings": settings}))
    window.controller.open([folder])
    settle(window)
    window.commands["new"].trigger()
    dialog = next(d for d in window.findChildren(NewRunDialog) if d.isVisible())
    dialog.model.choose("mnist-lenet")
    kept = {name: dialog.order().values.get(name) for name in settings}
    assert kept == settings | {"limit": None} and dialog.order().out != str(folder), "another one is as long"
    dialog.reject()
    more.trigger()
    dialog = next(d for d in window.findChildren(NewRunDialog) if d.isVisible())
    assert not dialog.failure.isVisible(), "its settings are known"
    dialog.model.choose("mnist-lenet")  # in place of that of the runs, which was no file
    job = started(window, dialog, qtbot)
    assert job.order.task == "assess" and job.out == folder and job.order.data == "mnist-5k"
    assert {name: job.order.values[name] for name in settings} == settings
    window.controller.jobs.process.message.emit(Opened(1, str(folder)))
    settle(window)
    assert not more.isEnabled(), "it is going on"
    window.controller.jobs.process.message.emit(Finished(1, True, 0, 1.0))
    window.controller.reveal(folder / "jpeg")
    settle(window)
    more.trigger()  # also from one of its parts
    dialog = next(d for d in window.findChildren(NewRunDialog) if d.isVisible())
    assert dialog.out.text() == str(folder)


def test_an_assessment_that_was_interrupted_is_gone_on_with_by_what_its_runs_record(
    window, qtbot, runs, settle, tmp_path
):
    folder, more = tmp_path / "assessed", window.commands["more"]
    for name in ("sweep", "jpeg"):
        info = json.loads((shutil.copytree(runs / name, folder / name) / "run.json").read_text())
        (folder / name / "run.json").write_text(json.dumps(info | {"seed": 7}))
    window.controller.open([folder])
    settle(window)
    assert not more.isEnabled(), "nothing says that the runs are of an assessment"
    (folder / ".assess.lock").touch()  # what a killed `tfstab assess` leaves beside its runs
    for opened in (folder, folder / "jpeg"):
        window.controller.open([opened])
        settle(window)
        more.trigger()
        dialog = next(d for d in window.findChildren(NewRunDialog) if d.isVisible())
        dialog.model.choose("mnist-lenet")
        order = dialog.order()
        assert (order.task, order.out, order.values["seed"]) == ("assess", str(folder), 7)
        assert order.values["data"] == "mnist-5k" and not {"limit", "images", "degradation"} & order.values.keys()
        assert dialog.failure.isVisible() and dialog.failure.said.text() == NOT_ENDED
        dialog.reject()
        dialog.deleteLater()
    settings = {"limit": 40, "degradation": "fog,jpeg", "require": ["clean:95"]}
    (folder / ".assess.json").write_text(json.dumps({"settings": settings}))
    more.trigger()
    dialog = next(d for d in window.findChildren(NewRunDialog) if d.isVisible())
    dialog.model.choose("mnist-lenet")
    order = dialog.order()
    assert settings.items() <= order.values.items() and not dialog.failure.isVisible(), "recorded at the start"


def test_a_sweep_is_gone_on_with_in_its_folder_with_its_images_and_settings(window, qtbot, runs, settle):
    window.controller.open([runs / "sweep"])
    settle(window)
    window.commands["more"].trigger()
    dialog = next(d for d in window.findChildren(NewRunDialog) if d.isVisible())
    dialog.model.choose("mnist-lenet")
    order, run = dialog.order(), open_run(runs / "sweep")
    assert order.kind == "sweep" and order.out == str(runs / "sweep") and order.settings["copies"] == 20
    assert (order.limit, order.images) == (len(run.clean.indices), None), "they are not all of a span"
    dialog.reject()
    side = shutil.copytree(runs, runs.parent / "hardened" / "original")
    (side.parent / "hardening.json").touch()
    window.controller.open([side / "sweep"])
    settle(window)
    assert not window.commands["more"].isEnabled(), "with which options it was hardened is not known"


def test_images_that_do_not_fit_are_seen_and_mended_before_the_start(window, qtbot, tmp_path):
    np.savez(tmp_path / "small.npz", images=np.zeros((3, 20, 24, 1), np.uint8), labels=np.arange(3))
    dialog = dialog_of(window, qtbot, "search")
    dialog.data.choose(str(tmp_path / "small.npz"))
    preview = dialog.subject.preview
    qtbot.waitUntil(lambda: "3 images in 3 classes, 20 x 24 x 1; the model takes" in preview.text.text())
    assert [picture.label.text() for picture in preview.pictures if picture.isVisible()] == ["0", "1", "2"]
    assert "crop or stretch" in preview.problem.text() and preview.crop.isVisible()
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: "the model takes 28 x 28 x 1" in dialog.problem.text())
    assert window.controller.jobs.jobs == []
    qtbot.mouseClick(preview.stretch, LEFT)
    qtbot.waitUntil(lambda: not preview.problem.isVisible())
    dialog.kinds.rest["search"].fields["minutes"].fill(3)
    dialog.kinds.parts["search"].queries.setValue(700)
    job = started(window, dialog, qtbot)
    assert (job.order.resize, job.order.limits, job.order.settings["max_queries"]) == ("stretch", {"minutes": 3.0}, 700)
    window.controller.jobs.process.message.emit(Failed("It broke.", "details", job=1))
    window.findChildren(QMessageBox)[-1].close()
    row = window.jobs_panel.rows[job]
    assert row.resume.isVisible(), "nothing says that it would fail again"
    qtbot.mouseClick(row.edit, LEFT)
    again = next(d for d in window.findChildren(NewRunDialog) if d.isVisible() and d is not dialog)
    assert vars(again.order()) == vars(job.order) | {"job": 0, "started": ""}
    again.reject()


def test_a_hardening_takes_its_test_images_from_the_training_images(window, qtbot, tmp_path):
    images, labels = np.zeros((40, 28, 28, 1), np.uint8), np.arange(40) % 4
    np.savez(tmp_path / "small.npz", images=images[:, :20, :24], labels=labels)
    np.savez(tmp_path / "divided.npz", x_train=images, y_train=labels, x_test=images[:8], y_test=labels[:8])
    np.savez(tmp_path / "digits.npz", images=images, labels=labels)
    dialog = dialog_of(window, qtbot, "harden")
    assert dialog.data.value == "mnist-5k"
    qtbot.keyClick(dialog.data.list, Qt.Key.Key_Home)
    assert dialog.data.list.currentText() == "test split of Train, or a fifth of its images" and not dialog.data.value
    said = (
        "Which images? name training images in the field Train, and, if you have them, test images in the field Data."
    )
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: dialog.problem.text() == f"⚠  {said}")

    train, preview = dialog.kinds.part.fields["train"].line, dialog.subject.preview
    qtbot.keyClick(dialog.data.list, Qt.Key.Key_Down)
    assert dialog.data.value == "mnist-5k", "test images of their own, which fit the model"
    (tmp_path / "loose").mkdir()
    no_classes = "loose holds no images with classes"
    for name, refused in (("small.npz", "the model takes 28 x 28 x 1"), ("loose", no_classes)):
        train.clear()
        qtbot.keyClicks(train, str(tmp_path / name))
        # An estimate that was asked for while the path was typed may say something else later: Start is clicked again.
        qtbot.waitUntil(lambda said=refused: said in dialog.problem.text() or qtbot.mouseClick(dialog.start, LEFT))
    qtbot.keyClick(dialog.data.list, Qt.Key.Key_Home)

    for name, previewed in (
        ("small", "Train, of which a fifth is held out for testing: 40 images in 4 classes, 20 x 24 x 1; the model"),
        ("divided", "test split of Train: 8 images in 4 classes, 28 x 28 x 1; the model takes"),
        ("digits", "Train, of which a fifth is held out for testing: 40 images in 4 classes, 28 x 28 x 1; the model"),
    ):
        train.clear()
        qtbot.keyClicks(train, str(tmp_path / f"{name}.npz"))
        qtbot.waitUntil(lambda previewed=previewed: preview.text.text().startswith(previewed))
        assert preview.crop.isVisible() == (name == "small")
        if name == "small":
            qtbot.mouseClick(dialog.start, LEFT)
            qtbot.waitUntil(lambda: "the model takes 28 x 28 x 1" in dialog.problem.text())
    qtbot.waitUntil(lambda: dialog.time.text() == "about 10 min, limited by Minutes")

    job, out = started(window, dialog, qtbot), tmp_path / "made" / "harden-mnist-lenet-digits"
    digits = tmp_path / "digits.npz"
    assert command_of(job.order) == ["harden", f"--train={digits}", f"--out={out}", "--", "mnist-lenet"]
    assert window.jobs_panel.rows[job].title.toolTip().split("\n")[:2] == ["harden of mnist-lenet on", str(digits)]
    window.controller.jobs.process.message.emit(Failed("It broke.", "details", job=1))
    window.findChildren(QMessageBox)[-1].close()
    qtbot.mouseClick(window.jobs_panel.rows[job].edit, LEFT)
    again = next(d for d in window.findChildren(NewRunDialog) if d.isVisible() and d is not dialog)
    assert again.order().values == job.order.values and again.data.list.currentIndex() == 0
    again.kinds.buttons["assess"].click()
    qtbot.mouseClick(again.start, LEFT)
    assert "No images are chosen" in again.problem.text() and again.data.list.findData("") < 0
    again.reject()

    later = dialog_of(window, qtbot, "harden")
    proposed = later.kinds.part.fields["train"].line
    assert proposed.text() == str(digits), "those with which the model was hardened last"
    later.model.choose("cifar10-quick")
    assert not proposed.text()
    later.model.choose("mnist-lenet")
    assert proposed.text() == str(digits)
    qtbot.keyClicks(proposed, "0")
    later.model.choose("cifar10-quick")
    assert proposed.text() == f"{digits}0", "what the user has typed stays"
    later.reject()


def test_every_option_of_a_command_has_one_field(window, qtbot):
    dialog = dialog_of(window, qtbot, "search")
    for task in (task for task in TASKS.values() if not task.watched):
        dialog.kinds.buttons[task.name].click()
        fields = dialog.kinds.part.fields
        assert list(fields) == [parameter.name for parameter in fields_of(task)]
        for field in fields.values():
            assert field.input.accessibleName() and field.input.toolTip(), "it is told what it is for"
            field.fill(True if field.parameter.kind == "bool" else (field.parameter.choices or ("3",))[-1])
        order = dialog.order()
        assert isinstance(order, CommandOrder)
        given = command_of(order)
        for field in fields.values():
            value = (field.parameter.choices or ("3",))[-1]
            if field.parameter.option and value != field.parameter.default:
                assert any(argument.startswith(field.parameter.option) for argument in given)
    dialog.reject()
