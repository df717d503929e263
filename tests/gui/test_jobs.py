"""Runs made from the window, by hand, in a real child process."""

import csv
import os
import signal
import threading
import time

import numpy as np
import pytest
from card_by_hand import look_at_card
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QPushButton

from processes import content
from tfstab import SearchConfig, load_classifier, load_dataset, open_run, run_search
from tfstab.degradations import chain
from tfstab.gui.content.predictions import LEAD
from tfstab.gui.jobs.job import State
from tfstab.gui.jobs.protocol import RunOrder, decode
from tfstab.gui.sessions import failure_card

LEFT = Qt.MouseButton.LeftButton
LONG = {"max_queries": 2_000_000, "patience": 100_000}


def click(qtbot, button):
    assert button.isVisible() and button.isEnabled()
    qtbot.mouseClick(button, LEFT)


def boxes(window):
    return [box for box in window.findChildren(QMessageBox) if box.isVisible()]


def click_row(qtbot, live_list, row):
    place = live_list.visualRect(live_list.model().index(row, 1)).center()
    qtbot.mouseClick(live_list.viewport(), LEFT, pos=place)


def kept_jobs(tmp_path):
    """The folders of the jobs that would be there after a crash of the window."""
    folder = tmp_path / "data" / "tfstab" / "jobs"
    lines = [line for path in folder.glob("*.jobs") for line in path.read_bytes().splitlines()]
    return [decode(line).out for line in lines]


@pytest.fixture
def no_child():
    """The child process is the real one."""


@pytest.fixture
def window(window_with_jobs):
    return window_with_jobs


def test_a_search_from_the_dialog_to_its_results(window, qtbot, tmp_path, settle, request):
    """A new run, watched live, paused; an image stopped; the child killed; resumed; the same as undisturbed."""
    jobs = window.controller.jobs
    click(qtbot, window.welcome.new_button)
    dialog = _dialog(window)
    dialog.kinds.choose("search")
    dialog.limit.setValue(6)
    dialog.kinds.parts["search"].queries.setValue(2_000)
    qtbot.waitUntil(lambda: "12,606 degraded images" in dialog.time.text())
    assert "guessed" in dialog.time.text() and not dialog.problem.isVisible()
    click(qtbot, dialog.start)
    qtbot.waitUntil(lambda: len(jobs.jobs) == 1)
    (job,) = jobs.jobs
    row = window.jobs_panel.rows[job]
    assert window.panels.jobs.isVisible() and job.state is State.STARTING and row.cancel.isVisible()

    # It opens by itself, and is watched.
    qtbot.waitUntil(lambda: window.live.shown)
    live = window.live.page
    qtbot.waitUntil(lambda: live.triple.triple is not None and len(job.live.images) == 6)
    click(qtbot, row.pause)
    assert job.state is State.PAUSED and "Paused" in row.state.text()
    qtbot.wait(400)
    assert len(job.live.images) == 6 and live.list.model().rowCount() == 6
    clean = open_run(job.out).clean
    watched = job.live.watched
    assert np.array_equal(live.triple.clean.shown, clean.images[clean.row(watched), ..., 0])
    drawn = live.history.norm.line
    qtbot.waitUntil(lambda: len(drawn.getData()[0]) == job.live.images[watched].generation)
    click_row(qtbot, live.list, 3)
    other = live.list.table.images[3].image
    qtbot.waitUntil(lambda: live.triple.triple.title.startswith(f"Image {other},"))
    assert np.array_equal(live.triple.clean.shown, clean.images[clean.row(other), ..., 0])
    generations = {k: image.generation for k, image in job.live.images.items()}
    qtbot.wait(300)
    assert {k: image.generation for k, image in job.live.images.items()} == generations, "a pause pauses"

    # Results and live page take turns.
    click(qtbot, live.results)
    assert window.stack.currentWidget() is window.page()
    click(qtbot, window.page().header.live)
    assert window.live.shown

    click(qtbot, live.pause)
    qtbot.waitUntil(lambda: job.live.images[other].generation > generations[other])

    # The child is killed: it is said, and what is finished is kept.
    # All images end within a few milliseconds, so a thread, which the window cannot hold up, waits for the first file.
    child = jobs.process.pid

    def kill():
        while not any((job.out / "parts").glob("[!.]*")):
            time.sleep(0.0005)
        os.kill(child, signal.SIGKILL)

    threading.Thread(target=kill, daemon=True).start()
    qtbot.waitUntil(lambda: job.state is State.FAILED)
    (box,) = boxes(window)
    assert "killed or crashed" in box.text() and "resume" in box.text()
    click(qtbot, box.findChildren(QPushButton)[0])
    qtbot.waitUntil(lambda: not window.live.shown)
    assert "killed" in row.state.text()
    assert kept_jobs(tmp_path) == [str(job.out)]
    kept = len(list((job.out / "parts").iterdir()))
    assert kept >= 1

    request.getfixturevalue("forked_child")  # the first child was started as users do
    click(qtbot, row.resume)
    qtbot.waitUntil(lambda: job.state is State.FINISHED)
    settle(window)
    assert window.page().strip.model().rowCount() == 6 and window.page().header.state.text() == "6 of 6 images"
    assert kept_jobs(tmp_path) == []
    config = SearchConfig(max_queries=2_000)
    run_search(load_classifier("mnist-lenet"), load_dataset("mnist-5k").take(6), config, tmp_path / "undisturbed")
    assert content(job.out) == content(tmp_path / "undisturbed")
    click(qtbot, row.remove)
    assert jobs.jobs == [] and job.out.is_dir()


def _dialog(window):
    from tfstab.gui.widgets.jobs.new_run_dialog import NewRunDialog

    (dialog,) = window.findChildren(NewRunDialog)
    assert dialog.isVisible()
    return dialog


def test_jobs_wait_for_each_other_and_closing_asks(forked_child, window, qtbot, tmp_path):
    jobs = window.controller.jobs
    jobs.add(RunOrder(0, "search", "mnist-lenet", "mnist-5k", str(tmp_path / "long"), LONG, limit=3))
    settings = {"sigmas": [40], "copies": 20}
    jobs.add(RunOrder(0, "sweep", "mnist-lenet", "mnist-5k", str(tmp_path / "sweep"), settings, limit=20))
    jobs.add(RunOrder(0, "sweep", "mnist-lenet", "mnist-5k", str(tmp_path / "never"), settings, limit=20))
    first, second, third = jobs.jobs
    qtbot.waitUntil(lambda: window.live.shown)
    assert second.state is third.state is State.WAITING
    click(qtbot, window.jobs_panel.rows[third].cancel)
    assert third.state is State.STOPPED

    window.close()
    assert window.isVisible()
    (box,) = boxes(window)
    assert "search is running" in box.text() and "resume" in box.informativeText()
    click(qtbot, next(b for b in box.buttons() if "Keep" in b.text()))
    assert window.isVisible() and first.state is State.RUNNING

    # One image is stopped, then all; the next job begins.
    live = window.live.page
    qtbot.waitUntil(lambda: len(job_images(first)) == 3)
    stopped = first.live.watched
    click(qtbot, live.stop_image)
    qtbot.waitUntil(lambda: stopped not in job_images(first))
    assert len(job_images(first)) == 2
    click(qtbot, live.stop_all)
    qtbot.waitUntil(lambda: first.state is State.STOPPED)
    qtbot.waitUntil(lambda: second.state is State.FINISHED)
    qtbot.waitUntil(lambda: len(window.controller.sessions) == 2)
    assert window.controller.current.name == "long", "what is looked at stays"
    click(qtbot, window.jobs_panel.rows[second].show_run)
    assert window.controller.current.name == "sweep" and open_run(second.out).complete

    # Closing stops what runs, and the next start offers to resume it.
    click(qtbot, window.jobs_panel.rows[first].resume)
    window.close()
    (box,) = boxes(window)
    click(qtbot, next(b for b in box.buttons() if "Stop" in b.text()))
    assert not window.isVisible() and not jobs.process.running
    (again,) = [job for job in type(jobs)(window.controller.settings).jobs if job.out == first.out]
    assert again.state is State.EARLIER and "not finished; resume it" in again.sentence


def job_images(job):
    return [live.image for live in job.live.in_work]


def test_a_warm_child_is_asked_for_scores_explorations_and_cards(
    forked_child, open_window, qtbot, runs, mnist_lenet, settle, monkeypatch
):
    monkeypatch.setattr(failure_card, "PATIENCE", 50)
    window = open_window(runs / "sweep")
    session = window.controller.current
    session.select_point(3)
    qtbot.waitUntil(lambda: session.triple is not None)
    assert any(bar.degraded is None for bar in session.triple.bars)
    qtbot.waitUntil(lambda: all(bar.degraded is not None for bar in session.triple.bars))
    scores = mnist_lenet.scores(session.triple.degraded[None])[0]
    image, actual = session.points.key(3)[0], session.class_index
    assert {bar.name: bar.degraded for bar in session.triple.bars}.items() <= {
        str(k): float(score) for k, score in enumerate(scores)
    }.items()
    facts = dict(pair for _, pairs in session.triple.facts for pair in pairs)
    assert facts[LEAD] == f"{np.delete(scores, actual).max() - scores[actual]:+.3g}"
    assert session.triple.title.startswith(f"Image {image},") and facts[LEAD] in window.facts.label.text()

    # It answers what the model says, to the bit, and says what it cannot do.
    run, scorer, answers, problems = open_run(runs / "sweep"), window.controller.scorer, [], []
    scorer.failed.connect(lambda sentence, _: problems.append(sentence))
    child, image = scorer.process.pid, int(run.clean.indices[3])
    degraded = run.degraded_image(image, 1, 7)[None]
    scorer.score(run.info["model"], degraded, answers.append)
    scorer.drop(scorer.score(run.info["model"], degraded, lambda _: answers.append("dropped")))
    assert scorer.score({"name": "unknown", "fingerprint": "?"}, degraded, answers.append) is None
    assert "unknown" in problems[0]
    changed = {**run.info["model"], "fingerprint": "of another file"}
    assert not scorer.has_failed(changed)
    scorer.score(changed, degraded, lambda _: answers.append("of another model"))
    qtbot.waitUntil(lambda: not scorer.busy)
    assert scorer.has_failed(changed) and len(problems) == 2 and not scorer.has_failed(run.info["model"])
    row = run.sample(image, 1, 7)
    (known,) = answers
    assert known.argmax() == row["predicted"] and known.max() == np.float32(row["score"])

    # The explorer scores what its slider makes, and finds where the prediction changes.
    page = window.page()
    page.tabs.show_view("Explorer")
    view = page.explorer.view
    explorer, (step,) = view.explorer, view.steps.rows
    step.slider.slider.setValue(step.slider.slider.maximum())
    qtbot.waitUntil(lambda: bool(step.flips[0].text()))
    strongest = chain(explorer.clean, explorer.state.pairs)[None]
    assert np.array_equal(explorer.scores, mnist_lenet.scores(strongest)[0])
    assert explorer.scores.argmax() == explorer.tracks.found[0][0].predicted[-1]
    assert explorer.original.scores.argmax() == explorer.tracks.found[0][0].predicted[0]
    window.commands["save-table"].trigger()
    dialog = view.findChild(QFileDialog)
    dialog.fileSelected.emit(str(runs / "scores.csv"))
    dialog.close()
    saved = list(csv.DictReader((runs / "scores.csv").open()))
    assert [float(row["score"]) for row in saved] == explorer.scores.tolist()
    assert [float(row["clean_score"]) for row in saved] == explorer.original.scores.tolist()
    assert {row["degradations"] for row in saved} == {explorer.state.text}
    assert window.statusBar().currentMessage().startswith("Saved the scores of Image ")

    page.tabs.show_view("Scatter")
    look_at_card(window, qtbot, settle)
    assert scorer.process.pid == child
