"""The list of jobs and the buttons of each; the child process is a double."""

import numpy as np
import pytest
from doubles import Silent, heard
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from tfstab.gui.jobs import queue, scorer
from tfstab.gui.jobs.command_order import CommandOrder, Made, Printed
from tfstab.gui.jobs.job import State
from tfstab.gui.jobs.protocol import Failed, Finished, Opened, Progress, Remark, RunOrder
from tfstab.gui.widgets.jobs.jobs_panel import LEAST


@pytest.fixture
def window(open_window, monkeypatch):
    for module in (queue, scorer):
        monkeypatch.setattr(module, "WorkerProcess", Silent)
    window = open_window()
    window.panels.want_jobs(True)
    yield window
    window.controller.jobs.shut_down()
    window._closing = True


def test_a_row_follows_its_job_and_its_buttons_steer_it(window, tmp_path, qapp):
    jobs, panel = window.controller.jobs, window.jobs_panel
    assert panel.empty.isVisible() and panel.rows == {}
    first, second = (jobs.add(RunOrder(0, "sweep", "mnist-lenet", "mnist-5k", str(tmp_path / n))) for n in "ab")
    assert not panel.empty.isVisible() and list(panel.rows) == [first, second]
    qapp.processEvents()
    row, waiting = panel.rows[first], panel.rows[second]
    assert row.y() < waiting.y(), "the running job is on top"
    assert window.panels.jobs.windowTitle() == "Jobs · 1 waiting", "which is seen even if its row is not"

    def shown(row):
        return [button.text() for button in row.buttons if button.isVisible()]

    assert (shown(row), shown(waiting)) == (["Cancel"], ["Cancel"])
    jobs.job_changed.emit(first)
    assert row.bar.maximum() == 0 and not waiting.bar.isVisible(), "it starts"
    hear = jobs.process.message.emit
    hear(Opened(1, str(tmp_path / "a")))
    hear(Progress(1, 1, 4, 0.25, 10.0, "images"))
    assert row.bar.maximum() == 1000 and row.bar.value() == 250 and row.state.text() == "1 of 4 images · 10 a second"
    assert shown(row) == ["Pause", "Show", "Cancel"]
    row.pause.click()
    assert first.state is State.PAUSED and shown(row) == ["Continue", "Show", "Cancel"]
    row.go_on.click()
    assert first.state is State.RUNNING
    row.cancel.click()
    assert first.state is State.STOPPING and not row.cancel.isEnabled()
    hear(Finished(1, False, 0, 0.0))
    assert first.state is State.STOPPED and shown(row) == ["Resume", "Show", "Remove"]
    row.resume.click()
    assert len(jobs.jobs) == 2
    (resumed,) = [job for job in jobs.jobs if job is not second]
    assert resumed.state is State.WAITING and shown(panel.rows[resumed]) == ["Cancel"]
    waiting.cancel.click()
    hear(Finished(2, False, 0, 0.0))
    assert second.state is State.STOPPED and window.panels.jobs.windowTitle() == "Jobs"
    waiting.remove.click()
    assert second not in panel.rows and second not in jobs.jobs and resumed in panel.rows


def test_the_panel_wraps_even_paths_to_its_width(window, tmp_path, qapp):
    jobs, panel = window.controller.jobs, window.jobs_panel
    job = jobs.add(RunOrder(0, "sweep", "mnist-lenet", "mnist-5k", str(tmp_path / ("long" * 20))))
    path = f"/{'folder_with_a_long_name' * 4}/image.jpg"
    jobs.process.message.emit(Remark(1, f"1 of 1500 files in {path} cannot be read."))
    jobs.process.message.emit(Failed(f"{path} is 49 x 90 pixels: choose another.", job=1))
    window.findChildren(QMessageBox)[-1].close()
    row = panel.rows[job]
    for width in (LEAST, 2 * LEAST):
        panel.resize(width, 400)
        panel.widget().layout().activate()
        qapp.processEvents()
        assert panel.widget().width() == panel.viewport().width(), "there is nothing to scroll sideways"
        for part in (row.title, row.bar, row.state, row.notes, *row.buttons):
            if part.isVisible():
                assert row.rect().contains(part.geometry())
        lines = row.state.heightForWidth(row.state.width()) / row.fontMetrics().height()
        assert row.state.height() >= row.state.heightForWidth(row.state.width()) and lines > 300 // width
    ink = np.asarray(row.state.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8).constBits())
    assert np.ptp(ink) > 100, "it is painted"


def test_a_run_comes_into_view_only_if_the_user_has_done_nothing_since_its_start(window, runs, settle):
    controller, hear = window.controller, window.controller.jobs.process.message.emit
    controller.open([runs / "sweep"])
    settle(window)
    said = heard(controller.said)

    def measured(number, run, *deeds):
        """What is in view when a job has ended during which these things were done."""
        job = controller.jobs.add(CommandOrder(0, "assess", str(run)))
        for deed in deeds:
            deed()
        hear(Made(number, "run", str(run)))
        hear(Finished(number, True, 0, 1.0))
        settle(window)
        assert window.jobs_panel.rows[job].show_run.isVisible()
        return controller.current.path

    handle, menu = window.windowHandle(), window.commands.menus["File"]
    window.run_list.setFocus()
    for number, deed in enumerate(
        (
            lambda: QTest.keyClick(handle, Qt.Key.Key_F24),
            lambda: QTest.mouseClick(handle, Qt.MouseButton.LeftButton, pos=QPoint(2, 2)),
            lambda: menu.popup(QPoint(0, 0)),
        ),
        1,
    ):
        assert measured(number, runs / "jpeg", deed) == runs / "sweep"
        assert said[-1] == ("jpeg: Finished · choose Show in the Jobs panel",)
        assert len(controller.sessions) == 2 and window.run_list.hasFocus()
    menu.close()
    row = next(iter(window.jobs_panel.rows.values()))
    row.show_run.click()
    assert controller.current.path == runs / "jpeg"
    only_modifier = lambda: QTest.keyClick(handle, Qt.Key.Key_Alt)  # noqa: E731
    assert measured(4, runs / "sweep", only_modifier) == runs / "sweep" and said[-1] == ("sweep: Finished",)


def test_a_run_that_the_user_does_not_wait_for_while_it_is_read_is_pointed_out(window, runs, settle):
    controller, hear = window.controller, window.controller.jobs.process.message.emit
    controller.open([runs / "sweep"])
    settle(window)
    said = heard(controller.said)
    controller.jobs.add(CommandOrder(0, "assess", str(runs / "jpeg")))
    hear(Made(1, "run", str(runs / "jpeg")))
    hear(Finished(1, True, 0, 1.0))
    assert said == [("jpeg: Finished",)], "it is about to come into view"
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_F24)
    settle(window)
    assert controller.current.path == runs / "sweep"
    assert said[1:] == [("jpeg: Finished · choose Show in the Jobs panel",)]


@pytest.mark.parametrize(
    ("made", "printed", "button"),
    [
        ((), "a table", "Results"),
        (("report",), "a table", "Report"),
        (("run", "report"), "", "Show"),
        (("model",), "", None),
    ],
)
def test_the_button_that_is_named_is_there(window, runs, settle, made, printed, button):
    controller, hear = window.controller, window.controller.jobs.process.message.emit
    controller.open([runs / "sweep"])
    settle(window)
    said = heard(controller.said)
    job = controller.jobs.add(CommandOrder(0, "evaluate", str(runs / "jpeg")))
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_F24)
    for what in made:
        hear(Made(1, what, str(runs / "jpeg")))
    hear(Printed(1, printed))
    hear(Finished(1, True, 0, 1.0))
    settle(window)
    hint = "" if button is None else f" · choose {button} in the Jobs panel"
    assert said[-1] == (f"jpeg: Finished{hint}",)
    shown = [button.text() for button in window.jobs_panel.rows[job].buttons if button.isVisible()]
    assert button in shown if button else shown == ["Remove"]


def test_a_running_assessment_that_was_not_opened_by_itself_can_be_shown(window, runs, settle):
    controller = window.controller
    controller.open([runs / "sweep"])
    settle(window)
    said = heard(controller.said)
    job = controller.jobs.add(CommandOrder(0, "assess", str(runs / "jpeg")))
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_F24)
    controller.jobs.process.message.emit(Opened(1, str(runs / "jpeg")))
    settle(window)
    assert controller.current.path == runs / "sweep" and len(controller.sessions) == 2
    assert said == [("jpeg: the first results are ready · choose Show in the Jobs panel",)]
    window.jobs_panel.rows[job].show_run.click()
    assert controller.current.path == runs / "jpeg"
