"""What a child tells of its jobs, also when it comes late or is of another job, and how long jobs take in words."""

from datetime import datetime

import numpy as np
import pytest
from doubles import Silent
from numpy_runs import sweep

from tfstab.gui.jobs import protocol
from tfstab.gui.jobs.job import SHOW, Job, State
from tfstab.gui.jobs.pace import Pace
from tfstab.gui.jobs.protocol import (
    Failed,
    Finished,
    Generations,
    ImageDone,
    Opened,
    Progress,
    Remark,
    RunOrder,
    Stage,
)
from tfstab.gui.jobs.questions import Answer
from tfstab.gui.jobs.queue import JobQueue
from tfstab.gui.jobs.scorer import Scorer
from tfstab.gui.settings import Settings
from tfstab.wording import spoken

# --- jobs ---


@pytest.fixture
def queue(qapp, monkeypatch, tmp_path):
    for module in ("queue", "scorer"):
        monkeypatch.setattr(f"tfstab.gui.jobs.{module}.WorkerProcess", Silent)
    made = JobQueue(Settings())
    yield made
    made.shut_down()


def order(tmp_path, name, **more):
    return RunOrder(0, "search", "mnist-lenet", "mnist-5k", str(tmp_path / name), **more)


def test_messages_of_a_job_that_was_cut_off_are_not_taken_for_the_next_ones(queue, tmp_path):
    states = []
    queue.job_changed.connect(lambda job: states.append((job.name, job.state.value)))
    first, second = queue.add(order(tmp_path, "a")), queue.add(order(tmp_path, "b"))
    assert states == [("a", "starting")]
    hear = queue.process.message.emit
    assert (first.order.job, second.order.job, queue.latest) == (1, 2, 2)
    assert (first.state, second.state) == (State.STARTING, State.WAITING) and queue.active is first and queue.busy
    hear(Stage(1, "reading mnist-5k"))
    assert first.is_at == "Reading mnist-5k…"
    hear(Opened(1, str(first.out)))
    assert first.state is State.RUNNING
    hear(Progress(1, 3, 1_200, 0.25, 1234.4, "images"))
    assert first.share == 0.25 and first.is_at.startswith("3 of 1,200 images · 1,234 a second")
    queue.cancel(first)
    queue.cancel(first)
    assert first.state is State.STOPPING and first.is_at == "Stopping…"
    assert [o.action for o in queue.process.orders[1:]] == [protocol.CANCEL]
    queue._cut_off()  # it does not end
    assert first.state is State.STOPPED and "what is finished is kept" in first.sentence and queue.process.killed == 1
    assert second.state is State.STARTING and queue.process.orders[-1].job == 2
    for late in (
        Opened(1, "x"), Progress(1, 9, 9, 1.0, 1.0, "images"), Finished(1, True, 5, 2.0), Failed("late", "", job=1),
        Generations(1, 4, 1, 50, False, []), Remark(1, "late"), Stage(1, "late"),
    ):  # fmt: skip
        hear(late)
    assert second.state is State.STARTING and second.stage == "" and second.remarks == [] and second.progress is None
    assert first.state is State.STOPPED and first.progress.done == 3
    hear(Finished(2, True, 0, 0.0))
    assert second.state is State.FINISHED and second.share == 1.0 and second.is_at == "Finished" and not queue.busy
    queue._cut_off()
    assert second.state is State.FINISHED and queue.process.killed == 1
    told = list(dict.fromkeys(states))
    assert told == [
        ("a", "starting"), ("a", "running"), ("a", "stopping"), ("a", "stopped"), ("b", "starting"), ("b", "finished"),
    ]  # fmt: skip


def test_what_a_child_tells_of_its_job(queue, tmp_path):
    job, heard = queue.add(order(tmp_path, "a")), {"opened": 0, "ended": 0, "live": 0}
    queue.opened.connect(lambda _: heard.update(opened=heard["opened"] + 1))
    queue.ended.connect(lambda _: heard.update(ended=heard["ended"] + 1))
    queue.live_changed.connect(lambda _: heard.update(live=heard["live"] + 1))
    hear = queue.process.message.emit
    hear(Opened(1, str(job.out)))
    hear(Remark(1, "a note"))
    hear(Generations(1, 7, 2, 100, True, [[1.0, 2.0, 3.0, 0.5]]))
    assert job.live.watched == 7 and queue.process.orders[-1].action == protocol.WATCH
    hear(Generations(1, 8, 2, 100, False, [[1.0, 2.0, 3.0, 0.5]]))
    assert job.live.watched == 7 and len(job.live.in_work) == 2
    queue.watch(job, 8)
    assert job.live.watched == 8 and queue.process.orders[-1].image == 8
    queue.stop_image(job, 7)
    assert (queue.process.orders[-1].action, queue.process.orders[-1].image) == (protocol.STOP_IMAGE, 7)
    hear(ImageDone(1, 7, True, 2.5, "observer"))
    assert [live.image for live in job.live.in_work] == [8] and job.remarks == ["a note"]
    queue.pause(job)
    queue.pause(job)
    assert job.state is State.PAUSED and queue.process.orders[-1].action == protocol.PAUSE
    queue.stop_image(job, 8)
    assert job.state is State.RUNNING and [o.action for o in queue.process.orders[-2:]] == [
        protocol.STOP_IMAGE, protocol.RESUME,
    ]  # fmt: skip
    queue.go_on(job)  # which it does
    assert queue.process.orders[-1].action == protocol.RESUME and len(queue.process.orders) == 7
    hear(Finished(1, False, 5_000, 2.0))
    assert job.state is State.STOPPED and job.resumable and heard == {"opened": 1, "ended": 1, "live": 3}
    assert queue.settings.rate("search", "mnist-lenet") == 2_500
    queue.resume(job)
    assert (job.order.job, job.state, job.sentence, job.remarks, job.progress) == (2, State.STARTING, "", [], None)
    assert job.live.images == {} and queue.process.orders[-1] is job.order
    queue.process.ended.emit("The child process was killed", "details")
    assert job.state is State.FAILED and job.details == "details"
    assert job.sentence == "The child process was killed; what is finished is kept: resume it to go on."
    queue.process.ended.emit("again", "")
    assert job.details == "details"


def test_jobs_that_wait_are_cancelled_removed_and_replaced(queue, tmp_path):
    first, second, third = (queue.add(order(tmp_path, name)) for name in "abc")
    queue.cancel(second)
    assert second.state is State.STOPPED and second.sentence == "cancelled before it began"
    assert queue.active is first and [path.name for path in queue.folders] == ["a", "b", "c"]
    queue.remove(first)
    assert first in queue.jobs, "it runs"
    queue.remove(second)
    assert queue.jobs == [first, third] and queue.job_of(tmp_path / "b") is None
    queue.process.message.emit(Failed("A sentence.", "more", job=1))
    assert (first.state, first.sentence, first.details) == (State.FAILED, "A sentence.", "more")
    assert third.state is State.STARTING
    again = queue.add(order(tmp_path, "a"))
    assert queue.jobs == [third, again] and queue.job_of(tmp_path / "a") is again and again.order.job == 4
    queue.add(order(tmp_path, "c"))  # which is at work: kept beside it
    assert len(queue.jobs) == 3
    queue.pause(again)
    queue.go_on(again)
    queue.resume(again)
    assert again.state is State.WAITING


def test_what_is_not_finished_is_offered_at_the_next_start_as_stopped_earlier(queue, tmp_path):
    done, wrong, others, measured, waiting = (queue.add(order(tmp_path, name)) for name in "abecd")
    queue.process.message.emit(Finished(1, True, 10, 0.5))
    queue.process.message.emit(Failed("The images do not fit the model.", wrong_input=True, job=2))
    queue.process.message.emit(Failed("Another process is assessing in e.", in_use=True, job=3))
    assert others.resumable, "once the other process has ended"
    sweep(measured.out)
    queue.cancel(waiting)
    queue.shut_down()
    again = JobQueue(queue.settings)
    assert [job.out.name for job in again.jobs] == ["c", "d"] and again.latest == 2, "wrong input would fail again"
    today = datetime.now()
    for job, shown in zip(again.jobs, (SHOW, ""), strict=True):
        assert job.state is State.EARLIER and job.is_at == "Stopped earlier" and job.resumable
        assert job.sentence.startswith(f"started on {today.day} ") and "not finished; resume it" in job.sentence
        assert job.shown_by == shown, "it has a run, or none was begun"
    again.resume(again.jobs[1])
    assert again.jobs[1].state is State.STARTING and not again.jobs[1].sentence
    assert queue.settings.rate("search", "mnist-lenet") is None, "half a second tells no rate"
    assert done.state is State.FINISHED and wrong.state is State.FAILED and measured.active
    again.shut_down()


def test_scores_that_were_dropped_or_are_of_another_ticket_are_not_delivered(queue, qapp):
    scorer, got = Scorer(), []
    model, image = {"name": "mnist-lenet", "fingerprint": "f"}, np.zeros((1, 28, 28, 1), np.float32)
    first = scorer.score(model, image, lambda scores: got.append(("first", scores.tolist())))
    second = scorer.score(model, image, lambda scores: got.append(("second", scores.tolist())))
    assert first != second and scorer.busy
    scorer.drop(first)
    hear = scorer.process.message.emit
    hear(Answer(second, "scores", {"scores": np.float32([[0.5, 0.5]])}))
    hear(Answer(first, "scores", {"scores": np.float32([[1.0, 0.0]])}))
    hear(Answer(second, "", {}, last=True))
    hear(Answer(second, "scores", {"scores": np.float32([[0.25, 0.75]])}))  # too late
    assert got == [("second", [[0.5, 0.5]])] and not scorer.busy


# --- how long it will take ---


def test_a_pace_by_hand():
    now = [100.0]
    pace = Pace(lambda: now[0])
    assert pace.seconds_left is None
    pace.advance(0.2)
    now[0] = 110
    pace.advance(0.2049)
    assert pace.seconds_left is None  # too little to say
    pace.advance(0.4)
    assert pace.seconds_left == pytest.approx(10 * 0.6 / 0.2)
    pace.pause()
    now[0] = 500
    assert pace.seconds_left == pytest.approx(30)
    pace.go_on()
    assert pace.seconds_left == pytest.approx(30)
    now[0] = 510
    pace.advance(0.6)
    assert pace.seconds_left == pytest.approx(20 * 0.4 / 0.4)
    pace.go_on()
    assert pace.seconds_left == pytest.approx(20)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "1 s"), (1.6, "2 s"), (89.4, "89 s"), (89.6, "2 min"), (90, "2 min"), (89.4 * 60, "89 min"),
     (90 * 60, "1 h 30 min"), (7810, "2 h 10 min")],
)  # fmt: skip
def test_a_time_in_words(seconds, said):
    assert spoken(seconds) == said


def test_where_a_job_stands_in_words(tmp_path):
    job = Job(order(tmp_path, "a"))
    assert job.is_at == "Waiting" and not job.active and not job.resumable and job.name == "a"
    job.state = State.STARTING
    assert job.is_at == "Starting…" and job.active
    job.state = State.RUNNING
    assert job.is_at == "Running"
    job.state, job.progress = State.PAUSED, Progress(1, 1_000, 2_000, 0.5, 9.0, "parts")
    now = [0.0]
    job.pace = Pace(lambda: now[0])
    job.pace.advance(0.0)
    now[0] = 10.0
    job.pace.advance(0.5)
    assert job.is_at == "Paused · 1,000 of 2,000 parts · 10 s left" and job.share == 0.5
    job.state = State.RUNNING
    assert job.is_at == "1,000 of 2,000 parts · 9 a second · 10 s left"
    job.state = State.FAILED
    assert job.is_at == "Failed · 1,000 of 2,000 parts" and job.resumable
