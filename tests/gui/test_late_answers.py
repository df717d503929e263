"""What arrives late, in another order, or of something that was let go, changes nothing that is shown."""

import dataclasses
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from doubles import Held, Silent
from numpy_runs import dataset, search, sweep

from tfstab import SweepConfig, open_run
from tfstab.errors import RunError
from tfstab.gui.content.points import SweepPoints, read_points
from tfstab.gui.content.selection import PointFilter
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
from tfstab.gui.sessions import class_grids
from tfstab.gui.sessions.class_grids import ClassGrids
from tfstab.gui.sessions.compared_searches import entries_elsewhere
from tfstab.gui.sessions.run_watcher import RunWatcher, how_far
from tfstab.gui.sessions.search_session import SearchSession
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.settings import Settings
from tfstab.wording import spoken


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    return sweep(tmp_path_factory.mktemp("late") / "sweep")


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    return search(tmp_path_factory.mktemp("late") / "search", queries=100)


@pytest.fixture
def held(qapp):
    return Held()


# --- sessions ---


def test_points_of_a_class_that_was_left_are_dropped(held, swept):
    session = SweepSession(swept, held)
    assert session.classes == [0, 1, 2] and session.class_index == 0
    session.select_class(1)
    session.select_class(2)
    reading = len(held.waiting)
    assert reading == 4  # classes 0, 1 and 2, and the measures
    held.answer(3)
    while held.waiting:
        held.answer(-1)
    assert session.points.class_index == 2 and set(session.points.actual) == {2}
    np.testing.assert_array_equal(session.points.key(0), read_points(swept, 2).key(0))
    assert session.measures is swept.measures and len(session.accuracy) == 3


def test_a_filter_that_was_changed_meanwhile_is_what_is_shown(held, swept):
    session = SweepSession(swept, held)
    held.answer_all()
    session.set_filter(severity_index=0)
    session.set_filter(severity_index=1)
    session.sort("score", True)
    held.answer()
    assert len(held.waiting) == 1 and session.filter == PointFilter(severity_index=1)
    held.answer_all()
    points = session.points
    assert set(points.severity_index[session.shown]) == {1}
    rows = session.view.rows
    assert (np.diff(points.score[rows]) <= 0).all() and (points.predicted[rows] != points.actual[rows]).all()
    assert session.said == f"{len(session.shown)} of 36 shown"


def test_a_point_wanted_of_another_class_is_selected_once_it_is_there(held, swept):
    session, selected = SweepSession(swept, held), []
    session.point_selected.connect(selected.append)
    session.select((3, 1, 2))  # before anything is read
    assert session.class_index == 1 and session.point is None
    session.select((4, 0, 5))  # of the same class, still being read
    held.answer_all()
    assert session.points.key(session.point) == (4, 0, 5) == session.mark_key
    assert selected[-1] == session.point and session.triple.title == "Image 4, sigma 5, copy 5"
    session.select(7)  # an image: its first failure
    session.select_class(0)
    held.answer_all()
    assert session.class_index == 0 and session.point is None, "another class was asked for after it"
    session.select((0, 9, 9))
    assert session.point is None
    session.select(0)
    place = session.points.first_failure(0, swept.config.distances)
    assert session.point == place and place is not None


def test_steps_stay_within_the_rows(held, swept):
    session = SweepSession(swept, held)
    held.answer_all()
    rows = session.view.rows.tolist()
    assert len(rows) > 3
    for by, row in ((5, 0), (1, 1), (1, 2), (-1, 1), (-9, 0), (99, len(rows) - 1)):
        session.step(by)
        assert session.point == rows[row]
    assert session.view.row_of(None) is None and session.view.row_of(rows[2]) == 2 and session.view.row_of(-5) is None


def test_only_marked_points_are_listed_and_sorted_by_their_mark(held, swept):
    session = SweepSession(swept, held)
    held.answer_all()
    key = session.points.key(7)
    session.marks.mark([key])
    try:
        session.view.ask(marked_only=True)
        held.answer_all()
        assert session.view.rows.tolist() == [7]
        session.marks.mark([session.points.key(9)])
        held.answer_all()
        assert session.view.rows.tolist() == [7, 9]
        session.view.ask(marked_only=False, correct_too=True)
        session.sort("marked", True)
        held.answer_all()
        assert session.view.rows[:3].tolist() == [7, 9, 0]
        np.testing.assert_array_equal(session.column(session.points, "severity")[:1], [5])
    finally:
        session.marks.toggle([key, session.points.key(9)])
    name, clean, degraded = session.picture((0, 1, 4))
    assert name == "image-0-sigma-90-copy-4"
    np.testing.assert_array_equal(clean, swept.clean.images[0])
    np.testing.assert_array_equal(degraded, swept.degraded_image(0, 1, 4))


def test_a_point_in_one_line(held, swept):
    session = SweepSession(swept, held)
    held.answer_all()
    points = session.points
    place = int(np.flatnonzero(points.image == 8)[0])
    predicted, name = int(points.predicted[place]), swept.class_names[points.predicted[place]]
    assert session.describe(place) == (
        f"Image 8, wrong when clean · sigma 5 · copy {points.copy[place]} · predicted "
        f"{name if name == str(predicted) else f'{name} [{predicted}]'} · score {points.score[place]:.3f} · "
        f"PSNR {points.psnr[place]:.2f} dB"
    )
    assert session.describe(0).startswith("Image 0 · sigma 5 · copy 0 · predicted cat [0] · score ")


def test_results_of_an_image_that_was_left_are_dropped(held, searched):
    session, shown = SearchSession(searched, held), []
    session.result_changed.connect(lambda result: shown.append(result.image))
    held.answer_all()
    assert [entry.image for entry in session.entries] == list(range(9)) and shown == [0]
    session.select(3)
    session.select(5)
    assert len(held.waiting) == 2
    held.answer(1)
    held.answer(0)  # of image 3, late
    assert shown == [0, 5] and session.result.image == 5 == session.image == session.place
    final = session.triple
    session.replay(1)
    assert session.triple is not final and "generation 1" in session.triple.title
    session.replay(None)
    assert session.triple.title == final.title
    session.select(5)
    assert not held.waiting  # it is there
    for by, image in ((1, 6), (-3, 3), (-99, 0), (99, 8)):
        session.step(by)
        assert session.image == image and session.mark_key == (image,)
    held.answer_all()
    name, clean, degraded = session.picture((2,))
    assert name == "image-2"
    np.testing.assert_array_equal(degraded, searched.result(2).degraded)
    np.testing.assert_array_equal(clean, searched.clean.images[2])


def test_a_result_that_cannot_be_read_is_shown_as_nothing_and_tried_again(held, tmp_path):
    run = search(tmp_path / "run", data=dataset(3), queries=100)
    session = SearchSession(run, held)
    held.answer_all()
    path = run.parts["image-000000001"]
    content = path.read_bytes()
    path.write_bytes(b"harm")
    session.select(1)
    held.answer_all()
    assert session.image == 1 and session.result is None and session.triple is None and len(held.said) == 1
    path.write_bytes(content)
    session.select(1)
    held.answer_all()
    assert session.result.image == 1 and session.triple.title == "Image 1"
    session.select(2)
    session.reload()
    held.answer_all()
    assert session.result.image == 2 and len(session.entries) == 3
    (run.path / "parts").rename(tmp_path / "elsewhere")
    run.path.rename(tmp_path / "gone")
    session.select(0)
    held.answer_all()
    assert "no longer exists" in held.said[-1]


def test_results_of_a_closed_search_are_not_added(held, searched):
    session = SearchSession(searched, held)
    session.stop()
    held.answer_all()
    assert session.entries == [] and session.stopped


def test_a_session_says_what_it_is(held, searched, swept):
    session, other = SearchSession(searched, held), SweepSession(swept, held)
    assert (session.name, session.kind, session.complete) == ("search", "search", True)
    assert session.extent == "9 of 9 images" and session.path == Path(searched.path)
    assert other.extent == "6 copies of each of 9 images"
    assert other.about == "Gaussian noise, brightness on levels (test), 9 images, seed 0"
    assert not session.comparable(other) and not other.comparable(session) and session.comparable(session)
    changed = []
    session.changed.connect(lambda: changed.append(session.gone))
    session.lose()
    session.lose()
    assert changed == [True]
    session.replace(searched)
    assert changed == [True, False] and session.progress == (9, 9)


def test_entries_of_the_same_images_elsewhere(held, searched):
    session = SearchSession(searched, held)
    held.answer_all()
    own = session.entries
    other_class = dataclasses.replace(own[1], class_index=2)
    other_pixels = dataclasses.replace(own[2], clean=own[2].clean + 1)
    assert entries_elsewhere(own[:4], [own[3], other_class, other_pixels, own[0]]) == [own[0], None, None, own[3]]


# --- class grids ---


@pytest.fixture
def too_large(monkeypatch):
    """The points of the run, 162, cannot all be kept, so that its classes are read one after the other."""
    monkeypatch.setattr(class_grids, "MOST_ROWS", 161)


def test_grids_of_an_earlier_start_are_dropped(held, swept, too_large):
    grids, told = ClassGrids(held), []
    grids.finished.connect(told.append)
    grids.start(swept, [0, 1, 2], PointFilter())
    held.answer()
    held.answer()  # the ends, and the first class
    assert list(grids.grids) == [0] and len(held.waiting) == 1
    grids.start(swept, [1, 2], PointFilter(severity_index=1))
    assert len(held.waiting) == 2
    held.answer(0)  # class 1 of the first start, late
    assert list(grids.grids) == [0]
    held.answer_all()
    assert grids.grids[0].shown == 36 and grids.grids[1].shown == 36 and grids.grids[2].shown == 6
    (mistakes,) = told
    every = [read_points(swept, k) for k in (1, 2)]
    assert len(mistakes) == sum(int((p.predicted != p.actual).sum()) for p in every)
    assert grids.said == f"{36 + 36 + 6} of {36 + 108 + 18} shown"


def test_grids_that_were_stopped_tell_nothing_more(held, swept, too_large):
    for answered in range(5):  # the ends, three classes, their mistakes
        grids, told = ClassGrids(held), []
        grids.finished.connect(told.append)
        grids.start(swept, [0, 1, 2], PointFilter())
        for _ in range(answered):
            held.answer()
        grids.stop()
        held.answer_all()
        assert not told and len(grids.grids) == max(0, min(answered - 1, 3))


def test_a_filter_that_was_replaced_does_not_bring_stopped_grids_back(held, swept):
    grids = ClassGrids(held)
    grids.start(swept, [0, 1, 2], PointFilter())
    held.answer_all()
    before = grids.grids
    for severity_index in (0, 1):
        grids.filter(swept, [0, 1, 2], PointFilter(severity_index=severity_index))
    grids.stop()
    held.answer_all()
    assert grids.grids is before and not grids.complete


def test_a_start_that_ends_after_a_later_one_and_its_filter_is_dropped(held, swept):
    grids, told = ClassGrids(held), []
    grids.finished.connect(told.append)
    for severity_index in (0, 1):
        grids.start(swept, [0, 1, 2], PointFilter(severity_index=severity_index))
    held.answer(1)
    grids.filter(swept, [0, 1, 2], PointFilter(severity_index=2))
    later = grids.grids
    held.answer(0)  # the first start
    assert grids.grids is later and len(told) == 1


def test_all_classes_at_once_are_as_one_by_one(held, swept, monkeypatch):
    chosen, found = PointFilter(severity_index=2, low=0.6), []
    for most in (161, 162):
        monkeypatch.setattr(class_grids, "MOST_ROWS", most)
        grids, told = ClassGrids(held), []
        grids.finished.connect(told.append)
        for filter_ in (PointFilter(), chosen):  # read with the first, filtered by the second
            grids.filter(swept, [0, 1, 2], filter_)
            held.answer_all()
        found.append((grids, told))
    (one_by_one, mistakes), (at_once, everything) = found
    assert (one_by_one.complete, at_once.complete, len(everything)) == (False, True, 1)
    every = SweepPoints.join([read_points(swept, k) for k in range(3)])
    for mine, theirs in zip(everything[0].columns, every.columns, strict=True):
        assert np.array_equal(mine, theirs)
    assert len(mistakes[-1]) == (every.predicted != every.actual).sum()
    for k in range(3):
        own, other = one_by_one.grids[k], at_once.grids[k]
        assert (own.shown, own.total, own.wrong, own.unchanged) == (other.shown, other.total, other.wrong, 0)
        assert own.shown and all(np.array_equal(own.counts[kind], other.counts[kind]) for kind in own.counts)
    at_once.filter(swept, [0, 1, 2], chosen)
    at_once.stop()
    before = at_once.grids
    held.answer_all()
    assert at_once.grids is before and not at_once.complete


def test_the_view_of_the_grids_is_the_runs_range(held, swept):
    grids = ClassGrids(held)
    assert grids.view == (0, 0, 1, 1)
    grids.start(swept, [0], PointFilter())
    held.answer_all()
    left, bottom, right, top = grids.view
    assert left == pytest.approx(20 * np.log10(255 / 90) - 1) and right == pytest.approx(20 * np.log10(255 / 5) + 4)
    assert bottom == 0 and 1 < top < 1.001


def test_a_damaged_class_is_said_and_the_others_are_shown(held, tmp_path):
    data = dataset()
    for rows in (np.flatnonzero(data.labels != 1), np.arange(len(data))):
        run = sweep(tmp_path / "run", data=data.select(rows))
    first, *_, last = run.parts.values()
    last.write_bytes(b"harm")  # of images of class 1 alone
    grids, told = ClassGrids(held), []
    grids.finished.connect(told.append)
    grids.start(run, [0, 1, 2], PointFilter())
    held.answer_all()
    assert list(grids.grids) == [0, 2] and len(held.said) == 1 and len(told) == 1
    first.write_bytes(b"harm")  # of the other classes
    for _ in range(2):
        held.said.clear()
        grids.start(open_run(run.path), [0, 2], PointFilter())
        held.answer_all()
        assert len(held.said) == 1 and len(told) == 1, "it is one part for two classes"


# --- watching runs ---


def test_a_watcher_tells_of_what_has_grown_or_gone(qapp, qtbot, tmp_path):
    run = search(tmp_path / "run", data=dataset(3), queries=100)
    background = Held()
    session = SearchSession(run, background)
    assert how_far(run, True) == (3, 3) and how_far(run, False) == (3, 3)
    watcher, grown, there = RunWatcher(lambda: sessions), [], [session]
    sessions = there
    watcher.grown.connect(grown.append)
    watcher.stop()
    watcher._compare([session], [(3, 3)])
    assert grown == []
    watcher._compare([session], [(2, 3)])
    assert grown == [session]
    sessions = []
    watcher._compare([session], [None])
    assert not session.gone, "it was closed meanwhile"
    sessions = there
    watcher._compare([session], [None])
    assert session.gone
    watcher._compare([session], [(3, 3)])
    assert grown == [session] * 2, "it is there again"
    (run.path / "run.json").write_text("{")
    assert how_far(run, True) == (3, 3), "what was read can still be shown"
    (run.path / "run.json").unlink()
    assert how_far(run, True) is None


def test_a_complete_sweep_that_was_given_more_has_more_parts(tmp_path):
    run = sweep(tmp_path, SweepConfig(sigmas=(5,), copies=1))
    assert how_far(run, True) == run.progress == (1, 1)
    grown = sweep(tmp_path, SweepConfig(sigmas=(5,), copies=4))
    assert how_far(run, True) == grown.progress == (3, 3)
    list(grown.parts.values())[-1].unlink()
    assert how_far(run, True) == (2, 3) and how_far(grown, True) == (3, 3), "its parts are not listed"


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
    done, wrong, measured, waiting = (queue.add(order(tmp_path, name)) for name in "abcd")
    queue.process.message.emit(Finished(1, True, 10, 0.5))
    queue.process.message.emit(Failed("The images do not fit the model.", wrong_input=True, job=2))
    sweep(measured.out)
    queue.cancel(waiting)
    queue.shut_down()
    again = JobQueue(queue.settings)
    assert [job.out.name for job in again.jobs] == ["c", "d"] and again.latest == 2, "wrong input would fail again"
    today = datetime.now()
    for job, shown in zip(again.jobs, (SHOW, ""), strict=True):
        assert job.state is State.EARLIER and job.is_at == "Stopped earlier" and job.resumable
        assert job.sentence.startswith(f"started on {today.day} ") and "viewer was closed" in job.sentence
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


def test_an_error_that_a_worker_meets_is_said(qapp):
    background = Held()
    background.run(lambda: (_ for _ in ()).throw(RunError("A sentence.")), lambda _: None)
    background.answer()
    background.run(lambda: {}["key"], lambda _: None)
    background.answer()
    assert background.said == ["A sentence.", "Reading failed: 'key'."]


def test_a_sweep_of_one_copy_names_no_copy(held, tmp_path):
    run = sweep(tmp_path / "run", SweepConfig(sigmas=(5, 90), copies=1))
    session = SweepSession(run, held)
    held.answer_all()
    assert session.describe(0).startswith("Image 0 · sigma 5 · predicted ")
