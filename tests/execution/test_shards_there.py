"""In which order shards go to a cluster and come back, and what is said and released, with a client of the test's."""

import warnings
from concurrent.futures import CancelledError, Future
from types import SimpleNamespace

import pytest

from tfstab.errors import RunError

pytest.importorskip("distributed")

from distributed import KilledWorker

from tfstab.execution import cluster
from tfstab.execution.task import pack_shard


class Cluster:
    """A client, its watch and what became of the tasks; each has finished once it is submitted."""

    def __init__(self, monkeypatch, threads):
        self.submitted, self.cancelled, self.taken, self.looks, self.closed = [], [], [], 0, False
        self.there, self.error = {}, None
        self.watch = SimpleNamespace(threads=threads, look=self.look, close=self.close)
        monkeypatch.setattr(cluster, "Watch", lambda client, known: self.watch)
        monkeypatch.setattr(cluster, "device_of", lambda sent: "CPU")
        monkeypatch.setattr(cluster, "in_loop", self.in_loop)
        self.on = cluster.OnCluster(self, None, {})

    def look(self):
        self.looks += 1

    def close(self):
        self.closed = True

    def submit(self, function, *work, key):
        self.submitted.append(work)
        return key

    def cancel(self, tasks, force):
        self.cancelled.append((len(tasks), force))

    def in_loop(self, client, coroutine):
        coroutine.close()
        future = Future()
        if self.error is not None:
            future.set_exception(self.error)
        else:
            number = len(self.submitted)
            future.set_result((self.on.here | self.there, [f"half {number}"], number))
        return future

    def shards(self, count):
        for number in range(1, count + 1):
            self.taken.append(number)
            yield f"shard-{number}", number


@pytest.mark.parametrize(("threads", "ahead"), [(0, 2), (1, 2), (2, 4)])
def test_shards_are_taken_as_there_is_room_and_come_back_with_what_they_reported(threads, ahead, monkeypatch):
    there, told = Cluster(monkeypatch, threads), []
    results = there.on.run(divmod, there.shards(7), told.append)
    assert there.taken == []
    assert next(results) == ("shard-1", 1) and told == ["half 1"]
    assert there.taken == list(range(1, ahead + 2)), "as many as there may be, and one more for the first"
    assert there.submitted[0] == (divmod, None, there.on.here["versions"], pack_shard(1)) and there.looks == 1
    assert list(results) == [(f"shard-{number}", number) for number in range(2, 8)]
    assert told == [f"half {number}" for number in range(1, 8)] and there.closed and there.cancelled == [(0, True)]


def test_no_more_shards_are_taken_while_those_of_workers_that_left_are_waited_for(monkeypatch):
    there = Cluster(monkeypatch, 2)
    results = there.on.run(divmod, there.shards(9))
    next(results)
    there.watch.threads = 1
    next(results)
    assert there.taken == [1, 2, 3, 4, 5]
    assert len(list(results)) == 7


def test_what_is_not_waited_for_any_more_is_cancelled(monkeypatch):
    there = Cluster(monkeypatch, 2)
    results = there.on.run(divmod, there.shards(9))
    next(results)
    assert there.cancelled == [] and not there.closed
    results.close()
    assert there.cancelled == [(4, True)] and there.closed


@pytest.mark.parametrize(
    ("other", "said"),
    [({}, []), ({"device": "GPU"}, ["device (GPU; here it is CPU)"]),
     ({"device": "GPU", "instruction_set": "old"}, ["device (GPU", "instruction set (old"])],
)  # fmt: skip
def test_another_device_or_instruction_set_is_said_once(other, said, monkeypatch):
    there = Cluster(monkeypatch, 1)
    there.there = other
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        list(there.on.run(divmod, there.shards(4)))
    told = [str(one.message) for one in warned if issubclass(one.category, UserWarning)]
    assert len(told) == len(said) and all(f"another {part}" in line for part, line in zip(said, told, strict=True))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KilledWorker("shard-1", None, 3), "several of the cluster's workers died at the same work"),
        (CancelledError(), "the cluster was lost: start it again"),
    ],
)
def test_why_a_shard_does_not_come_back(error, said, monkeypatch):
    there = Cluster(monkeypatch, 1)
    there.error = error
    with pytest.raises(RunError, match=said):
        list(there.on.run(divmod, there.shards(4)))
    assert there.closed and there.cancelled == [(2, True)]
