"""The controller: what it tells of runs that are opened, closed, refreshed and made, read when the test says so."""

import gc
import shutil
from types import SimpleNamespace

import pytest
from doubles import Held, Silent
from numpy_runs import dataset, search, sweep

from tfstab import SweepConfig
from tfstab.gui import collector as collectors
from tfstab.gui import controller as controllers
from tfstab.gui import opening
from tfstab.gui.collector import Collector
from tfstab.gui.controller import Controller
from tfstab.gui.jobs import queue, scorer
from tfstab.gui.jobs.command_order import CommandOrder, Made
from tfstab.gui.jobs.protocol import Failed, Finished, Opened, RunOrder
from tfstab.gui.opening import look_again, open_folder
from tfstab.gui.sessions import run_watcher
from tfstab.gui.sessions.run_watcher import RunWatcher
from tfstab.gui.settings import Settings
from tfstab.runs.files import HARDENING, SIDES


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Runs a, b and c: two searches and a sweep."""
    folder = tmp_path_factory.mktemp("controlled")
    search(folder / "a", data=dataset(3), queries=100)
    search(folder / "b", data=dataset(4), queries=100)
    sweep(folder / "c")
    return folder


@pytest.fixture
def control(qapp, monkeypatch):
    """A controller without threads and child processes; `told` has what it emits, by name."""
    monkeypatch.setattr(controllers, "Background", Held)
    for module in (queue, scorer):
        monkeypatch.setattr(module, "WorkerProcess", Silent)
    made = Controller(Settings())
    made.told = {}
    for name in ("runs_changed", "current_changed", "triple_changed", "said", "busy_changed", "failed", "job_failed"):
        made.told[name] = heard = []
        getattr(made, name).connect(lambda *values, heard=heard: heard.append(values))
    yield made
    made.shut_down()
    assert gc.isenabled()


def opened(control, *paths):
    control.open(paths)
    control.background.answer_all()
    for heard in control.told.values():
        heard.clear()
    return control.sessions


def test_opening_is_told_when_it_begins_and_ends(control, made, tmp_path):
    control.open([])
    assert control.opening == 0 and control.told["current_changed"] == []
    control.open([made / "a", tmp_path / "none", made / "c"])
    assert control.opening == 1 and control.told["current_changed"] == [(None,)] and control.sessions == []
    control.background.answer()
    first, second = control.sessions
    assert control.opening == 0 and control.current is first and (first.kind, second.kind) == ("search", "sweep")
    assert control.told["current_changed"] == [(None,), (first,)] and control.told["runs_changed"] == [()]
    assert control.told["triple_changed"] == [(None,)]
    ((sentence, details),) = control.told["failed"]
    assert str(tmp_path / "none") in sentence and details == ""
    assert control.settings.recent() == [made / "c", made / "a"]
    control.background.answer_all()
    assert control.told["triple_changed"][-1] == (first.triple,) and first.triple is not None
    assert second.triple is None and second.points is not None, "the other reads too, out of view"
    control.open([made / "b"], look=False)
    control.background.answer()
    assert control.current is first and control.told["current_changed"][-1] == (first,) and len(control.sessions) == 3
    control.open([made / "b" / ".." / "b"])
    control.background.answer_all()
    assert len(control.sessions) == 3 and control.current is control.sessions[2]


def test_opening_fails_altogether(control, monkeypatch):
    monkeypatch.setattr(controllers, "open_folders", lambda paths: {}["harm"])
    control.open(["x"])
    control.background.answer()
    assert control.opening == 0 and control.told["current_changed"] == [(None,), (None,)]
    assert control.told["failed"][0][0] == "Reading failed: 'harm'."


def test_what_cannot_be_looked_at_comes_into_view_if_nothing_is(control, made):
    control.open([made / "a"], look=False)
    control.background.answer_all()
    assert control.current is control.sessions[0]


@pytest.mark.parametrize(("closed", "left"), [(0, 1), (1, 2), (2, 1)])
def test_beside_a_closed_run_its_neighbour_comes_into_view(control, made, closed, left):
    sessions = list(opened(control, made / "a", made / "b", made / "c"))
    control.select(sessions[closed])
    control.select(sessions[closed])
    heard = control.told["current_changed"]
    assert len(heard) == (closed != 0), "once, and not at all if it is in view"
    heard.clear()
    control.told["triple_changed"].clear()
    control.close(sessions[closed])
    assert control.current is sessions[left] and heard == [(sessions[left],)]
    assert control.told["triple_changed"] == [(sessions[left].triple,)] and len(control.told["runs_changed"]) == 1
    assert sessions[closed].stopped and sessions[closed].parent() is None and not sessions[left].stopped
    other = sessions[3 - closed - left]
    control.close(other)
    assert control.current is sessions[left] and len(heard) == 1, "what is in view stays"
    control.close(sessions[left])
    assert control.current is None and heard[-1] == (None,) and control.told["triple_changed"][-1] == (None,)


def test_only_the_triple_of_the_run_in_view_is_shown(control, made):
    first, second = opened(control, made / "a", made / "b")
    second.select(2)
    control.background.answer_all()
    assert second.triple is not None and control.told["triple_changed"] == []
    control.step(1)
    control.background.answer_all()
    assert first.image == 1 and control.told["triple_changed"] == [(first.triple,)]
    control.step(-1)
    assert first.image == 0
    control.select(second)
    assert control.told["triple_changed"][-1] == (second.triple,)


def test_a_run_that_is_read_again_says_how_far_it_is(control, made, tmp_path):
    control.refresh()
    control.step(1)
    assert not control.background.waiting
    shutil.copytree(made / "a", tmp_path / "a")
    (session,) = opened(control, tmp_path / "a")
    control.refresh()
    control.background.answer_all()
    assert control.told["said"] == [("a: 3 of 3 images done.",)] and control.told["runs_changed"] == [()]
    control.refresh()
    shutil.rmtree(tmp_path / "a")
    control.background.answer_all()
    assert len(control.told["failed"]) == 1 and control.sessions == [session]
    shutil.copytree(made / "b", tmp_path / "a")
    control.refresh()
    control.background.answer_all()
    (new,) = control.sessions
    assert new is not session and control.current is new and session.stopped and session.parent() is None
    assert control.told["said"][-1] == (f"{tmp_path / 'a'} contains another run than before, which is now shown.",)
    control.refresh()
    control.close(new)
    control.background.answer_all()
    assert control.sessions == [] and len(control.told["said"]) == 2, "nothing is said of a closed run"


def test_a_run_in_the_place_of_another_opens_in_its_place(control, made, tmp_path):
    shutil.copytree(made / "a", tmp_path / "x")
    old, beside = opened(control, tmp_path / "x", made / "c")
    control.select(beside)
    shutil.rmtree(tmp_path / "x")
    shutil.copytree(made / "b", tmp_path / "x")
    control.open([tmp_path / "x"], look=False)
    control.background.answer_all()
    assert len(control.sessions) == 2 and control.sessions[0] is not old and control.current is beside


def test_what_has_grown_is_read_unless_something_is_read(control, made, monkeypatch):
    (session,) = opened(control, made / "a")
    control.watcher.grown.emit(session)
    assert len(control.background.waiting) == 1
    monkeypatch.setattr(Held, "busy", property(lambda held: bool(held.waiting)))
    control.watcher.grown.emit(session)
    assert len(control.background.waiting) == 1 and control.busy
    control.background.answer_all()
    assert control.told["said"] == [] and control.told["runs_changed"] == [()] and not control.busy


def test_the_run_of_a_job_is_shown_and_marked_while_it_is_made(control, made):
    add = control.jobs.add
    job = add(RunOrder(0, "search", "mnist-lenet", "mnist-5k", str(made / "a")))
    hear = control.jobs.process.message.emit
    opened(control, made / "a", made / "c")
    first, second = control.sessions
    assert not first.live, "it only starts"
    control.select(second)
    changed = []
    first.changed.connect(lambda: changed.append(first.live))
    second.changed.connect(lambda: changed.append("second"))
    hear(Opened(1, str(made / "a")))
    assert first.live and not second.live and control.current is first and changed == [True]
    assert len(control.background.waiting) == 1, "it may have held another run"
    control.background.answer_all()
    later = add(RunOrder(0, "search", "mnist-lenet", "mnist-5k", str(made / "b")))
    changed.clear()
    hear(Finished(1, True, 0, 0.0))
    assert not first.live and control.told["said"][0] == (f"a: {job.is_at}",) and changed == [False]
    assert len(control.background.waiting) == 1
    control.background.answer_all()
    assert set(changed[1:]) == {False}, "it is read again, and no other"
    last = add(RunOrder(0, "sweep", "mnist-lenet", "mnist-5k", str(made / "c")))
    hear(Opened(2, str(made / "b")))
    control.background.answer_all()
    assert len(control.sessions) == 3 and control.current is first, "another job was added after it"
    assert control.sessions[2].live
    hear(Failed("A sentence.", "details", job=2))
    assert control.told["job_failed"] == [(later,)] and later.sentence == "A sentence." and not control.told["failed"]
    assert control.told["said"][-1][0].startswith("b: Failed")
    hear(Opened(3, str(made / "c")))
    assert control.current is second and not second.live, "a sweep is not watched"
    assert later.order.job == 2 and last.active
    assert control.reveal(made / "b" / ".." / "a") and control.current is first and not control.reveal(made)


def test_runs_that_a_command_has_made_are_opened_and_compared(control, made, tmp_path):
    (tmp_path / "job").mkdir()
    sides = [tmp_path / "job" / name for name in ("original", "hardened", "sweep")]
    for side, run in zip(sides, "aac", strict=True):
        shutil.copytree(made / run, side)
    beside, _ = opened(control, made / "a", made / "c")
    for number, in_view in ((1, "original"), (2, "c")):
        if number == 2:
            control.select(control.sessions[1])
        control.jobs.add(CommandOrder(0, "harden", str(tmp_path / "job")))
        if number == 2:
            control.jobs.add(CommandOrder(0, "evaluate", str(tmp_path / "later")))
        hear = control.jobs.process.message.emit
        for side in sides:
            hear(Made(number, "run", str(side)))
        hear(Made(number, "report", str(tmp_path / "report.html")))
        hear(Finished(number, True, 0, 0.0))
        control.background.answer_all()
        assert control.current.name == in_view and not any(session.live for session in control.sessions)
        first, second, third = control.sessions[2:]
        assert first.comparison.runs == [second] and second.comparison.runs == third.comparison.runs == []
    changed = []
    beside.changed.connect(lambda: changed.append("beside"))
    first.changed.connect(lambda: changed.append("first"))
    control.jobs.process.message.emit(Finished(3, True, 0, 0.0))
    control.background.answer_all()
    assert changed == []
    control.jobs.add(CommandOrder(0, "explain", str(sides[0] / "explanation")))
    control.jobs.process.message.emit(Finished(4, True, 0, 0.0))
    control.background.answer_all()
    assert set(changed) == {"first"}, "an explanation belongs to the folder around it"


def test_what_fails_elsewhere_is_forwarded(control):
    control.background.failed.emit("one", "")
    control.scorer.failed.emit("two", "more")
    assert control.told["failed"] == [("one", ""), ("two", "more")]
    control.point_scores.said.emit("three")
    control.background.busy_changed.emit(True)
    assert control.told["said"] == [("three",)] and control.told["busy_changed"] == [(True,)]
    triple = SimpleNamespace(bars=[])
    control.triple_changed.emit(triple)
    assert control.point_scores._triple is triple


def test_a_closed_window_reads_and_makes_nothing(control, made):
    control.jobs.add(RunOrder(0, "search", "mnist-lenet", "mnist-5k", str(made / "a")))
    control.jobs.cancel(control.jobs.jobs[0])
    assert not gc.isenabled() and control.watcher._timer.isActive()
    control.shut_down()
    assert gc.isenabled() and not control.jobs.process.running and control.scorer.process.killed == 1
    Held.__mro__[1].run(control.background, lambda: 1, lambda _: None)
    assert not control.background.busy
    assert not control.watcher._timer.isActive() and not control.collector._timer.isActive()


def test_a_folder_is_opened_or_it_is_said_why_not(made, tmp_path, monkeypatch):
    run = open_folder(made / "a")
    assert look_again(run) is run
    changed = open_folder(made / "b")
    changed.path = made / "a"
    assert look_again(changed).info == run.info
    monkeypatch.setattr(opening, "SHOWN", {"sweep": None})
    said = f"{made / 'a'} is a search run, which this viewer cannot show: update tfstab."
    assert str(open_folder(made / "a")) == said
    import tfstab.runs

    for error, said in (
        (OSError(5, "broken"), "x cannot be read: broken."),
        (OSError("no number"), "x cannot be read: no number."),
        (KeyError("key"), "x cannot be opened (KeyError: 'key'): it is damaged; restore it, or make the run again."),
    ):
        monkeypatch.setattr(tfstab.runs, "open_run", lambda path, error=error: (_ for _ in ()).throw(error))
        assert str(open_folder("x")) == said


# --- what is done regularly ---


def test_open_runs_are_looked_at_again_and_again(qapp, qtbot, monkeypatch, made, tmp_path):
    monkeypatch.setattr(run_watcher, "EVERY", 5)
    monkeypatch.setattr(run_watcher, "Background", Held)
    shutil.copytree(made / "a", tmp_path / "a")
    session = SimpleNamespace(run=open_folder(tmp_path / "a"), complete=False, progress=(2, 3), gone=False)
    watcher, grown = RunWatcher(lambda: [session]), []
    watcher.grown.connect(grown.append)
    qtbot.waitUntil(lambda: bool(watcher._background.waiting))
    watcher._background.answer()
    assert grown == [session]
    session.complete, session.progress = True, (3, 3)
    next(iter(session.run.parts.values())).unlink()
    watcher._background.waiting.clear()
    qtbot.waitUntil(lambda: bool(watcher._background.waiting))
    watcher._background.answer()
    assert grown == [session], "a complete run is not read"
    watcher.stop()
    watcher._background.waiting.clear()
    qtbot.wait(30)
    assert watcher._background.waiting == []


def test_runs_are_not_looked_at_twice_at_once(qapp, monkeypatch):
    monkeypatch.setattr(run_watcher, "Background", Held)
    monkeypatch.setattr(Held, "busy", property(lambda held: bool(held.waiting)))
    sessions = []
    watcher = RunWatcher(lambda: sessions)
    watcher.look()
    assert watcher._background.waiting == [], "there are none"
    sessions.append(SimpleNamespace(run=None, complete=True))
    for _ in range(2):
        watcher.look()
    assert len(watcher._background.waiting) == 1
    watcher.stop()


def test_the_oldest_garbage_that_is_due_is_collected(qapp, qtbot, monkeypatch):
    monkeypatch.setattr(collectors, "EVERY", 5)
    counts, collected = [(0, 0, 0)], []
    monkeypatch.setattr(collectors.gc, "get_count", lambda: counts[0])
    monkeypatch.setattr(collectors.gc, "get_threshold", lambda: (700, 10, 10))
    monkeypatch.setattr(collectors.gc, "collect", collected.append)
    collector = Collector()
    assert not gc.isenabled()
    for counts[0], generation in (
        ((701, 0, 0), [0]), ((701, 11, 0), [1]), ((0, 11, 0), [1]), ((701, 11, 11), [2]), ((0, 0, 11), [2]),
        ((700, 10, 10), []),
    ):  # fmt: skip
        collected.clear()
        collector.collect()
        assert collected == generation
    counts[0] = (701, 0, 0)
    qtbot.waitUntil(lambda: bool(collected))
    collector.stop()
    collected.clear()
    qtbot.wait(20)
    assert collected == [] and gc.isenabled()


def test_a_part_of_an_open_assessment_does_not_crowd_recent_runs(control, made, tmp_path):
    whole = tmp_path / "assessment"
    shutil.copytree(made / "c", whole / "gaussian_noise")
    sweep(whole / "jpeg", SweepConfig(degradation="jpeg", severities=(60, 1)))
    opened(control, whole, whole / "jpeg", made / "c")
    assert [session.kind for session in control.sessions] == ["assessment", "sweep", "sweep"]
    assert control.settings.recent() == [made / "c", whole]


def test_a_recent_run_of_a_hardening_is_the_folder_of_both_networks_which_are_compared(control, made, tmp_path):
    folder = tmp_path / "harden"
    for side in SIDES:
        shutil.copytree(made / "c", folder / side / "gaussian_noise")
        sweep(folder / side / "jpeg", SweepConfig(degradation="jpeg", severities=(60, 1)))
    (folder / HARDENING).write_text("{}")
    opened(control, folder / "hardened")
    assert control.settings.recent() == [folder]
    control.close(control.current)
    first, second = opened(control, *control.settings.recent())
    assert control.settings.recent() == [folder] and control.current is first
    assert (first.path, second.path) == (folder / "hardened", folder / "original")
    assert (first.comparison.runs, second.comparison.runs) == ([second], [first])
