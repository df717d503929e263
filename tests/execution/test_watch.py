"""When a run warns of silent workers and gives up, by a clock and a scheduler of the test's own."""

import warnings
from concurrent.futures import Future
from types import SimpleNamespace

import pytest

from tfstab.errors import RunError
from tfstab.execution import deadlines
from tfstab.execution import watch as watches
from tfstab.execution.watch import Watch

A, B = "tcp://a:1", "tcp://b:2"


class Cluster:
    """A scheduler and the time; `questions` lists what it was asked."""

    def __init__(self, monkeypatch):
        self.now, self.questions = 1_000.0, []
        monkeypatch.setattr(watches.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(watches, "workers_of", lambda client: None)
        monkeypatch.setattr(watches, "in_loop", self.ask)
        client = SimpleNamespace(scheduler=SimpleNamespace(address="tcp://s:0"))
        self.watch = Watch(client, {A: {"last_seen": 1, "nthreads": 2}, B: {"last_seen": 1, "nthreads": 3}})

    def ask(self, client, coroutine):
        self.questions.append(Future())
        return self.questions[-1]

    def answer(self, **seen):
        """Answer the latest question; seen: the last heartbeat of workers a and b."""
        names = {"a": A, "b": B}
        there = {names[k]: {"last_seen": beat, "nthreads": 1} for k, beat in seen.items() if beat is not None}
        self.questions[-1].set_result(there)

    def look(self, after=0.0):
        """The warnings of a look that many seconds later, during which nothing else happened but regular looks."""
        self.now += after
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            self.watch.look()
        # Files that earlier tests left may be closed by the garbage collector just now.
        return [str(one.message) for one in said if not issubclass(one.category, ResourceWarning)]

    def wait(self, seconds, **seen):
        """Look every second, and let the scheduler answer at once, if it answers at all."""
        said = []
        for _ in range(round(seconds)):
            said += self.look(1.0)
            if seen and not self.questions[-1].done():
                self.answer(**{name: beat(self.now) if callable(beat) else beat for name, beat in seen.items()})
        return said


@pytest.fixture
def cluster(monkeypatch):
    monkeypatch.setattr(deadlines, "CHECK", 2.0)
    monkeypatch.setattr(deadlines, "SILENT", 30.0)
    monkeypatch.setattr(deadlines, "LOST", 300.0)
    return Cluster(monkeypatch)


def beats(now):
    """A heart that has just beaten."""
    return now


def test_the_scheduler_is_asked_every_two_seconds(cluster):
    assert cluster.watch.threads == 5
    assert cluster.look() == [] and len(cluster.questions) == 1
    assert cluster.look(1.0) == [] and len(cluster.questions) == 1, "it has not answered"
    cluster.answer(a=2, b=2)
    cluster.look(0.5)
    assert len(cluster.questions) == 1 and cluster.watch.threads == 2
    cluster.look(0.5)
    assert len(cluster.questions) == 2
    cluster.watch.close()
    assert cluster.questions[-1].cancelled()
    cluster.look(2.0)  # a cancelled question says nothing
    assert len(cluster.questions) == 3 and cluster.watch.threads == 2
    cluster.questions[-1].set_exception(OSError("lost"))
    cluster.look(2.0)
    assert len(cluster.questions) == 4 and cluster.watch.threads == 2


def test_nothing_is_said_of_workers_that_beat(cluster):
    assert cluster.wait(400, a=beats, b=beats) == []


def test_a_silent_worker_is_said_once_and_that_it_is_back(cluster):
    assert cluster.wait(10, a=beats, b=beats) == []
    said = cluster.wait(100, a=beats, b=7)
    assert said == [
        f"the cluster's worker {B} has not responded for 30 seconds: its work waits, and others get it if the "
        "scheduler gives the worker up."
    ]
    assert cluster.wait(5, a=beats, b=beats) == [f"the cluster's worker {B} responds again."]
    assert cluster.wait(40, a=beats, b=8)[0].startswith(f"the cluster's worker {B} has not")
    assert cluster.wait(10, a=beats) == [], "the scheduler has given it up"
    assert cluster.wait(10, a=beats, b=beats) == [] and cluster.wait(20, a=beats, b=9) == []


def test_a_silent_scheduler_is_said_and_nothing_of_its_workers(cluster):
    cluster.wait(4, a=beats, b=beats)
    said = cluster.wait(120)
    assert said == ["the cluster's scheduler tcp://s:0 has not responded for 30 seconds: the run waits for it."]
    cluster.answer(a=beats(cluster.now), b=beats(cluster.now))
    assert cluster.wait(3, a=beats, b=beats) == ["the cluster's scheduler tcp://s:0 responds again."]


@pytest.mark.parametrize("answers", [{}, {"a": 1, "b": 1}])
def test_what_is_silent_for_exactly_thirty_seconds_is_not_said_yet(cluster, answers):
    assert cluster.wait(30, **answers) == []
    said = cluster.look(0.05)
    assert len(said) == (2 if answers else 1) and all("for 30 seconds" in line for line in said)


def test_a_cluster_without_workers_is_said(cluster):
    cluster.wait(4, a=beats, b=beats)
    left = "the cluster has no workers left: start some with `dask worker tcp://s:0`."
    assert cluster.wait(20, a=beats) == [] and cluster.wait(6, a=None) == [left]
    assert cluster.wait(6, b=beats) == ["the cluster has workers again."]


@pytest.mark.parametrize("answers", [{}, {"a": 1, "b": 1}])
def test_a_run_gives_up_after_five_minutes_without_a_heartbeat(cluster, answers):
    cluster.wait(300, **answers)
    with pytest.raises(RunError, match=r"nothing was heard of the workers of tcp://s:0 for 300 seconds"):
        cluster.wait(3, **answers)


def test_time_in_which_the_command_itself_was_stopped_does_not_count(cluster):
    cluster.wait(4, a=beats, b=beats)
    for _ in range(7):
        assert cluster.look(10_000.0) == [], "it counts as four seconds"
    assert [line[:23] for line in cluster.look(10_000.0)] == ["the cluster's scheduler"]
