"""The queue of jobs and the scorer: timers, what is remembered, what is told; with a child that only listens."""

import os
import shutil
from dataclasses import replace

import numpy as np
import pytest
from doubles import Held, Silent
from numpy_runs import brightness, sweep

from tfstab.classifier.source import Source
from tfstab.gui.content.predictions import LEAD
from tfstab.gui.jobs import protocol, scorer
from tfstab.gui.jobs import queue as queues
from tfstab.gui.jobs.command_order import CommandOrder, Made, Printed
from tfstab.gui.jobs.job import State
from tfstab.gui.jobs.pace import Pace
from tfstab.gui.jobs.protocol import (
    Failed,
    Finished,
    Generations,
    Opened,
    Progress,
    Remark,
    RunOrder,
    Stage,
    decode,
)
from tfstab.gui.jobs.questions import Answer, DropOrder
from tfstab.gui.jobs.queue import JobQueue
from tfstab.gui.jobs.scorer import Scorer
from tfstab.gui.sessions import point_scores
from tfstab.gui.sessions.point_scores import PointScores
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.settings import Settings
from tfstab.runs.known_models import remember_model

SOON = 20  # ms


@pytest.fixture
def queue(qapp, monkeypatch):
    monkeypatch.setattr(queues, "WorkerProcess", Silent)
    monkeypatch.setattr(queues, "CANCEL_PATIENCE", SOON)
    monkeypatch.setattr(queues, "KEEP_WARM", SOON)
    made = JobQueue(Settings())
    yield made
    made.shut_down()


def order(tmp_path, name, **more):
    return RunOrder(0, "search", "mnist-lenet", "mnist-5k", str(tmp_path / name), **more)


def kept(tmp_path):
    """The names of the jobs that the next window would offer after a crash of this one."""
    folder = tmp_path / "data" / "tfstab" / "jobs"
    lines = [line for path in folder.glob("*.jobs") for line in path.read_bytes().splitlines()]
    return [decode(line).out.rpartition("/")[2] for line in lines]


def test_a_job_that_does_not_stop_is_cut_off_and_an_idle_child_quits(queue, qtbot, tmp_path):
    job = queue.add(order(tmp_path, "a"))
    assert not queue._idle.isActive() and not queue._impatience.isActive()
    queue.cancel(job)
    assert queue._impatience.isActive()
    qtbot.waitUntil(lambda: job.state is State.STOPPED)
    assert queue.process.killed == 1
    queue.resume(job)
    assert job.state is State.STARTING and not queue._idle.isActive()
    qtbot.wait(2 * SOON)
    assert queue.process.there, "it is not idle"
    queue.cancel(job)
    queue.process.message.emit(Finished(job.order.job, False, 0, 0.0))
    assert not queue._impatience.isActive() and queue.process.there and queue.process.killed == 1
    qtbot.waitUntil(lambda: not queue.process.there)


def test_a_command_is_not_paused_and_gets_time_to_stop(queue, tmp_path):
    job = queue.add(CommandOrder(0, "evaluate", str(tmp_path / "a")))
    queue.process.message.emit(Progress(1, 0, 2, 0.0, 0.0, "images"))
    queue.pause(job)
    assert job.state is State.RUNNING
    queue.cancel(job)
    assert queue._impatience.remainingTime() > 30_000 and job.state is State.STOPPING


def test_a_queue_that_is_shut_down_waits_for_nothing(queue, tmp_path):
    job = queue.add(order(tmp_path, "a"))
    queue.cancel(job)
    queue._idle.start()
    queue.shut_down()
    assert not queue._impatience.isActive() and not queue._idle.isActive() and not queue.process.there


def test_each_change_of_a_job_is_told_once_and_kept(queue, tmp_path):
    told = []
    queue.jobs_changed.connect(lambda: told.append("jobs"))
    for name in ("job_changed", "opened", "ended", "live_changed"):
        getattr(queue, name).connect(lambda job, name=name: told.append(name))

    def heard():
        answer = list(told)
        told.clear()
        return answer

    hear = queue.process.message.emit
    first, second = queue.add(order(tmp_path, "a")), queue.add(order(tmp_path, "b"))
    assert heard() == ["jobs", "job_changed", "jobs"] and kept(tmp_path) == ["a", "b"]
    for message, said in (
        (Stage(1, "x"), ["job_changed"]), (Remark(1, "x"), ["job_changed"]),
        (Opened(1, "x"), ["opened", "job_changed"]), (Progress(1, 1, 2, 0.5, 1.0, "parts"), ["job_changed"]),
        (Made(1, "report", "x"), ["job_changed"]), (Printed(1, "x"), []), (Stage(7, "x"), []),
        (Failed("of nothing"), []),
    ):  # fmt: skip
        hear(message)
        assert heard() == said, message
    assert first.state is State.RUNNING and first.pace.share == 0.5
    queue.pause(second)
    queue.go_on(first)
    assert heard() == []
    queue.pause(first)
    assert heard() == ["job_changed"]
    queue.go_on(first)
    assert heard() == ["job_changed"]
    queue.cancel(second)
    assert heard() == ["job_changed", "ended"] and kept(tmp_path) == ["a", "b"], "it can be resumed"
    queue.resume(first)
    queue.resume(second)
    assert heard() == ["job_changed"] and second.state is State.WAITING and second.order.job == 3 == queue.latest
    hear(Finished(1, True, 0, 0.0))
    assert heard() == ["job_changed", "ended", "job_changed"] and kept(tmp_path) == ["b"]
    hear(Opened(3, "x"))
    queue.cancel(second)
    hear(Opened(3, "x"))
    assert second.state is State.STOPPING
    hear(Finished(3, False, 0, 0.0))
    heard()
    queue.remove(second)
    assert heard() == ["jobs"] and kept(tmp_path) == [] and queue.jobs == [first] and not queue.busy


@pytest.mark.parametrize("later", ["resume", "shut down"])
def test_jobs_that_could_not_be_kept_are_kept_later(queue, tmp_path, later):
    folder = tmp_path / "data" / "tfstab" / "jobs"
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.touch()  # in the way
    job = queue.add(order(tmp_path, "a"))
    queue.process.message.emit(Finished(1, False, 0, 0.0))
    folder.unlink()
    assert kept(tmp_path) == []
    queue.resume(job) if later == "resume" else queue.shut_down()
    assert kept(tmp_path) == ["a"]


def test_pauses_are_not_counted_in_the_time_left(queue, tmp_path):
    job, now = queue.add(order(tmp_path, "a")), [0.0]
    job.pace = Pace(lambda: now[0])
    hear = queue.process.message.emit
    hear(Opened(1, "x"))
    hear(Progress(1, 0, 4, 0.0, 1.0, "images"))
    now[0] = 10.0
    hear(Progress(1, 2, 4, 0.5, 1.0, "images"))
    queue.pause(job)
    now[0] = 500.0
    assert job.is_at == "Paused · 2 of 4 images · 10 s left"
    queue.go_on(job)
    assert job.pace.seconds_left == 10.0
    queue.pause(job)
    now[0] = 700.0
    queue.cancel(job)
    assert job.pace.seconds_left == 10.0
    now[0] = 710.0
    assert job.pace.seconds_left == 20.0
    before = job.pace
    hear(Failed("A sentence.", "more", job=1))
    queue.resume(job)
    assert job.details == job.sentence == "" and job.pace is not before and job.pace.seconds_left is None


@pytest.mark.parametrize(
    ("steps", "seconds", "rate"), [(500, 2.0, 250.0), (500, 1.0, None), (0, 2.0, None), (3, 1.5, 2.0)]
)
def test_a_rate_is_remembered_of_a_job_that_tells_one(queue, tmp_path, steps, seconds, rate):
    queue.add(order(tmp_path, "a"))
    queue.process.message.emit(Finished(1, True, steps, seconds))
    assert queue.settings.rate("search", "mnist-lenet") == rate


def test_orders_go_only_to_a_child_that_works_on_the_job(queue, tmp_path):
    first, second = queue.add(order(tmp_path, "a")), queue.add(order(tmp_path, "b"))
    queue.watch(second, 4)
    assert second.live.watched == 4 and queue.process.orders == [first.order]
    queue.process.message.emit(Opened(1, "x"))
    queue.stop_image(first, 3)
    assert first.state is State.RUNNING and [o.action for o in queue.process.orders[1:]] == [protocol.STOP_IMAGE]
    queue.process.message.emit(Generations(1, 5, 1, 50, False, []))
    assert (queue.process.orders[-1].action, queue.process.orders[-1].image) == (protocol.WATCH, 5)
    queue.process.there = False
    queue.pause(first)
    assert len(queue.process.orders) == 3, "there is no child to pause"


def test_the_latest_job_of_a_folder_is_found(queue, tmp_path):
    first, again = queue.add(order(tmp_path, "a")), queue.add(order(tmp_path, "a"))
    assert queue.jobs == [first, again] and queue.job_of(tmp_path / "x" / ".." / "a") is again
    assert queue.job_of(tmp_path / "b") is None and queue.folders == [first.out, again.out]
    third = queue.add(order(tmp_path, "a"))  # the second waits, so it stays
    assert queue.jobs == [first, again, third] and (third.order.job, queue.latest) == (3, 3)
    queue.process.message.emit(Failed("A sentence.", job=1))
    queue.process.ended.emit("The child process was killed", "")
    queue.process.ended.emit("The child process was killed", "")
    assert {job.state for job in queue.jobs} == {State.FAILED} and not queue.busy and queue.active is None
    assert queue.add(order(tmp_path, "a")) is queue.jobs[-1] and queue.jobs[:2] == [first, again]


# --- scores of single images ---

MODEL = {"name": "mnist-lenet", "fingerprint": "f"}
IMAGE = np.zeros((1, 4, 4, 1), np.float32)


def scored(ticket, scores):
    return Answer(ticket, "scores", {"scores": scores})


@pytest.fixture
def asked(qapp, monkeypatch):
    """A scorer with `said` and `got`, the failures and answers that came."""
    monkeypatch.setattr(scorer, "WorkerProcess", Silent)
    monkeypatch.setattr(scorer, "KEEP_WARM", SOON)
    made = Scorer()
    made.said, made.got = [], []
    made.failed.connect(lambda *said: made.said.append(said))
    yield made
    made.shut_down()


def test_a_crash_of_the_scorer_is_said_where_something_waits(asked):
    asked.process.ended.emit("The child process ended with code 1", "details")
    assert asked.said == [] and not asked.busy
    assert (asked.score(MODEL, IMAGE, asked.got.append), asked.score(MODEL, IMAGE, asked.got.append)) == (1, 2)
    assert asked.busy
    asked.process.ended.emit("The child process ended with code 1", "details")
    sentence = "The child process ended with code 1 while answering; select the image again to ask once more."
    assert asked.said == [(sentence, "details")] and not asked.busy and not asked.has_failed(MODEL)
    asked.process.message.emit(scored(1, IMAGE))
    assert asked.got == []


def test_an_answer_comes_in_parts_until_it_is_dropped(asked):
    parts, failures = [], []

    def note(*what):
        return lambda *more: parts.append((*what, *more))

    first, second, third = (
        asked.ask(MODEL, "scores", {"images": IMAGE}, note(k), lambda *said: failures.append(said)) for k in (1, 2, 3)
    )
    for part in "ab":
        asked.process.message.emit(Answer(first, part, {"n": 1}))
    asked.drop(second)
    assert asked.process.orders[-1].ticket == second and isinstance(asked.process.orders[-1], DropOrder)
    asked.process.message.emit(Answer(second, "a", {}))
    asked.process.message.emit(Answer(first, "", {}, last=True))
    assert parts == [(1, "a", {"n": 1}), (1, "b", {"n": 1})] and asked.busy
    asked.drop(first)
    assert len(asked.process.orders) == 4, "it has ended"
    asked.process.message.emit(Failed("It cannot.", "details", ticket=third))
    assert failures == [("It cannot.", "details")] and asked.said == [] and not asked.busy
    assert not asked.has_failed(MODEL), "its asker has taken the failure"
    asked.ask(MODEL, "scores", {"images": IMAGE}, note(4), lambda *said: failures.append(said))
    asked.process.ended.emit("The child process was killed", "")
    assert "was killed" in failures[-1][0] and asked.said == []


def test_a_model_that_could_not_score_may_when_its_file_has_changed(asked, tmp_path):
    path = tmp_path / "mine.keras"
    path.touch()
    os.utime(path, ns=(5, 5))
    model = {"name": "mine", "fingerprint": "g"}
    assert not asked.knows(model) and asked.knows(MODEL) and asked.score(model, IMAGE, asked.got.append) is None
    assert asked.said == [
        (
            "The viewer does not know where the file of the model mine is: choose it with “Locate model file…”. A "
            "model that was never saved must be saved to a file first.",
            "",
        )
    ]
    assert asked.process.orders == []
    remember_model("g", Source(str(path), {"outputs": "logits"}))
    ticket = asked.score(model, IMAGE, asked.got.append)
    (order,) = asked.process.orders
    assert (order.ticket, order.model, order.fingerprint, order.options) == (
        ticket, str(path), "g", {"outputs": "logits"},
    )  # fmt: skip
    np.testing.assert_array_equal(order.arguments["images"], IMAGE)
    asked.process.message.emit(Failed("late", "", ticket=9))
    asked.process.message.emit(Failed("of no ticket"))
    assert asked.busy and len(asked.said) == 1
    asked.process.message.emit(Failed("It has changed.", "details", ticket=ticket))
    assert asked.said[1:] == [("It has changed.", "details")] and asked.has_failed(model) and not asked.busy
    assert not asked.has_failed(MODEL) and not asked.has_failed({"name": "x", "fingerprint": "x"})
    os.utime(path, ns=(6, 6))
    assert not asked.has_failed(model)


def test_an_idle_scorer_quits_and_a_closed_one_is_killed(asked, qtbot):
    asked.score(MODEL, IMAGE, asked.got.append)
    assert asked.process.there
    qtbot.waitUntil(lambda: not asked.process.there)
    asked.drop(None)
    assert asked.busy
    asked.shut_down()
    assert asked.process.killed == 1 and not asked.busy


# --- the scores of a point ---


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return sweep(tmp_path_factory.mktemp("points") / "sweep")


@pytest.fixture
def point(asked, run, monkeypatch):
    """The scores that follow a point of a sweep; with `session`, `shown` and `told`."""
    monkeypatch.setattr(point_scores, "PATIENCE", SOON)
    monkeypatch.setitem(run.info["model"], "name", "mnist-lenet")  # a name that is known here
    monkeypatch.setitem(run.info["environment"], "device", "CPU")  # and no function
    session = SweepSession(run, Held())
    session.background.answer_all()
    made = PointScores(asked, lambda: session if made.in_view else None)
    made.session, made.shown, made.told, made.in_view = session, [], [], True
    made.said.connect(made.told.append)
    session.triple_changed.connect(made.shown.append)
    session.triple_changed.connect(made.follow)
    return made


def test_the_scores_of_a_point_are_asked_once_it_stays_selected(point, asked, run, qtbot):
    session = point.session
    session.select_point(3)
    assert asked.process.orders == [] and point._timer.isActive(), "it may be left at once"
    session.select_point(4)
    qtbot.waitUntil(lambda: bool(asked.process.orders))
    qtbot.wait(2 * SOON)
    (order,) = asked.process.orders  # once
    triple = session.triple
    np.testing.assert_array_equal(order.arguments["images"], triple.degraded[None])
    assert any(bar.degraded is None for bar in triple.bars)
    scores = brightness(triple.degraded[None].astype(np.float32))
    asked.process.message.emit(scored(order.ticket, scores))
    complete, actual = session.triple, session.class_index
    assert complete is point.shown[-1] and complete is not triple and not point._timer.isActive()
    assert [bar.degraded for bar in complete.bars] == pytest.approx(scores[0].tolist())
    facts = dict(pair for _, pairs in complete.facts for pair in pairs)
    assert facts[LEAD] == f"{np.delete(scores[0], actual).max() - scores[0][actual]:+.3g}"
    before = dict(pair for _, pairs in triple.facts for pair in pairs)
    assert {name for name in facts if facts[name] != before[name]} <= {LEAD} and facts.keys() == before.keys()


def test_scores_of_a_point_that_was_left_are_not_shown(point, asked, qtbot):
    session = point.session
    session.select_point(3)
    qtbot.waitUntil(lambda: len(asked.process.orders) == 1)
    session.select_point(4)
    assert not asked.busy, "they are dropped"
    assert isinstance(asked.process.orders.pop(), DropOrder)
    point.in_view = False
    qtbot.wait(2 * SOON)
    assert len(asked.process.orders) == 1, "another run is in view"
    point.follow(session.triple)
    point.follow(None)
    assert not point._timer.isActive()
    point.in_view = True
    session.select_point(5)
    qtbot.waitUntil(lambda: len(asked.process.orders) == 2)
    session.triple = other = replace(session.triple)
    asked.process.message.emit(scored(asked.process.orders[-1].ticket, np.ones((1, 3), np.float32)))
    assert session.triple is other


def test_a_model_that_is_not_here_or_cannot_score_is_said(point, asked, run, qtbot, monkeypatch):
    session = point.session
    session.select_point(3)
    qtbot.waitUntil(lambda: len(asked.process.orders) == 1)
    asked.process.message.emit(Failed("It cannot.", "", ticket=1))
    session.select_point(4)
    qtbot.waitUntil(lambda: len(point.told) == 1)
    monkeypatch.setitem(run.info["model"], "name", "elsewhere")
    session.select_point(5)
    qtbot.waitUntil(lambda: len(point.told) == 2)
    assert point.told == [
        "The other classes' scores are not recorded, and mnist-lenet cannot score.",
        "The other classes' scores are not recorded, and the model elsewhere is not here.",
    ]
    assert len(asked.process.orders) == 1
