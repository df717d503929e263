"""How many cores there are, what runs here, and what is sent to workers, without a cluster."""

import contextlib
import os
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from tfstab import Classifier
from tfstab.errors import InputError, ModelError, RunError
from tfstab.execution import cores, executor, local_workers, stopping, task, workers
from tfstab.execution.cores import share
from tfstab.execution.task import SentModel, _unpack_shard, differences, pack_shard, same_model
from tfstab.metrics import half_width, least_half_width
from tfstab.runs.environment import PACKAGES, versions


@pytest.mark.parametrize(
    ("told", "shared", "expected"),
    [("", None, 6), ("4", None, 4), ("9", None, 6), ("0", None, 6), ("many", None, 6), ("4", 3, 3), ("", 9, 6),
     ("1", 5, 1)],
)  # fmt: skip
def test_cores_are_the_least_of_what_limits_them(monkeypatch, told, shared, expected):
    if hasattr(os, "sched_getaffinity"):
        monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(0 if process else 6)))
    else:
        monkeypatch.setattr(os, "cpu_count", lambda: 6)
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", told)
    token = share.set(shared)
    try:
        assert cores() == expected
    finally:
        share.reset(token)


@pytest.mark.parametrize(("there", "expected"), [(5, 5), (None, 1)])
def test_cores_where_a_process_is_not_bound_to_some(monkeypatch, there, expected):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: there)
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    assert cores() == expected


@pytest.mark.parametrize(("threads", "shared"), [(1, None), (2, 3), (4, 1), (9, 1)])
def test_the_threads_of_a_worker_share_its_cores(threads, shared, monkeypatch):
    worker = SimpleNamespace(address="tcp://w", state=SimpleNamespace(nthreads=threads))
    monkeypatch.setattr(task, "get_worker", lambda: worker)
    monkeypatch.setattr(task, "cores", lambda: 6)
    monkeypatch.setattr(task, "device_name", lambda: "CPU")
    task._environment.cache_clear()

    def work(classifier, shard, report):
        report("half")
        return classifier, shard, share.get()

    there, reported, result = task.run_shard(work, None, versions(), pack_shard(7))
    assert result == (None, 7, shared) and reported == ["half"] and there["device"] == "CPU" and share.get() is None
    with pytest.raises(RunError, match=r"worker tcp://w has numpy .* and not 0: install the same versions on it"):
        task.run_shard(work, None, versions() | {"numpy": "0"}, pack_shard(7))
    with pytest.raises(ZeroDivisionError):
        task.run_shard(lambda *_: 1 // 0, None, versions(), pack_shard(7))
    assert share.get() is None
    task._environment.cache_clear()


def test_a_function_computes_on_no_device_that_is_known(monkeypatch):
    monkeypatch.setattr(task, "device_name", lambda: "GPU")
    sent = [None, SimpleNamespace(is_function=False), SimpleNamespace(is_function=True)]
    assert [task.device_of(one) for one in sent] == ["GPU", "GPU", "function"]


def test_here_shards_run_in_their_order_and_as_they_are_needed():
    taken = []

    def shards():
        for k in range(3):
            taken.append(k)
            yield f"shard-{k}", k

    with executor("classifier") as here:
        results = here.run(lambda classifier, shard, _: (classifier, shard * 2), shards())
        assert taken == [] and next(results) == ("shard-0", ("classifier", 0)) and taken == [0]
        assert list(results) == [("shard-1", ("classifier", 2)), ("shard-2", ("classifier", 4))]
        with pytest.raises(ZeroDivisionError):
            list(here.run(lambda _, shard, __: 1 // shard, [("a", 0)]))


def test_versions_that_differ_in_words():
    here = dict.fromkeys(PACKAGES, "1") | {"python": "3.11"}
    assert differences(here, here) == "" and differences(here, here | {"python": "3.12"}) == ""
    assert differences(here, here | {"numpy": "2"}) == "numpy 2 and not 1"
    assert differences(here, here | {"numpy": "2", "tfstab": "0"}) == "tfstab 0 and not 1, numpy 2 and not 1"
    assert set(versions()) == {"python", *PACKAGES}


def evenly(images):
    return np.full((len(images), 2), 0.5)


def test_a_predict_function_is_packed_whole():
    classifier = Classifier.from_function(
        evenly, (4, 4, 1), 2, fingerprint="even", batch_size=7, class_names=("a", "b")
    )
    sent = SentModel.pack(classifier)
    assert sent.is_function and sent.imports == () and sent.batch_size == 7 and sent.class_names == ("a", "b")
    assert sent.fingerprint == classifier.fingerprint and same_model(sent) is sent
    there = sent.unpack()
    assert there.fingerprint == classifier.fingerprint
    assert there.scores(np.zeros((3, 4, 4, 1))).tolist() == [[0.5, 0.5]] * 3
    lock = threading.Lock()
    held = Classifier.from_function(lambda images: (lock, evenly(images))[1], (4, 4, 1), 2, fingerprint="lock")
    with pytest.raises(ModelError, match="cannot be sent to a cluster"):
        SentModel.pack(held)


def test_a_worker_keeps_the_classifier_of_the_latest_run_alone():
    first, second = (
        SentModel.pack(Classifier.from_function(evenly, (4, 4, 1), 2, fingerprint=name)) for name in ("one", "two")
    )
    kept = task._classifier(first)
    assert task._classifier(first) is kept and list(task._unpacked.values()) == [kept]
    other = task._classifier(second)
    assert other.fingerprint == second.fingerprint and list(task._unpacked.values()) == [other]


def test_shards_on_their_way():
    content = pack_shard({"rows": [1, 2]})
    assert isinstance(content, bytes) and _unpack_shard(content, "tcp://w") == {"rows": [1, 2]}
    with pytest.raises(InputError, match="the work cannot be sent to a cluster"):
        pack_shard(threading.Lock())
    with pytest.raises(RunError, match=r"worker tcp://w cannot take the work .* install the module"):
        _unpack_shard(b"cno_such_module\nthing\n.", "tcp://w")


@pytest.mark.parametrize("count", [0, -1])
def test_no_workers_are_refused(count):
    with pytest.raises(InputError, match=f"the number of workers is {count}; expected 1 or more"), local_workers(count):
        pass


def test_workers_are_started_once_when_they_are_needed_and_end_with_the_block(monkeypatch):
    pytest.importorskip("distributed")
    began, ended = [], []

    @contextlib.contextmanager
    def started(count):
        began.append(count)
        yield object()
        ended.append(count)

    monkeypatch.setattr(workers, "local_workers", started)
    with workers.LocalWorkers(3) as there:
        assert began == []
        client = there.client()
        assert there.client() is client and (began, ended) == ([3], [])
    assert ended == [3]
    with there:
        assert there.client() is not client
    assert began == ended == [3, 3]
    with pytest.raises(InputError, match="the number of workers is 0"):
        workers.LocalWorkers(0)


def test_work_stops_before_a_part_that_would_end_too_late(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(stopping, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    rule = stopping.StopRule(minutes=1, _began=100.0)
    now[0] = 110
    rule.start()  # 10 s were no work on parts
    assert not rule.reached(10**9)  # the speed is not known yet
    rule.count(30)
    rule.count(20)
    now[0] = 130  # 50 in 20 s
    assert not rule.reached(75) and rule.reached(76)  # it would end 60.4 s after the beginning
    assert not stopping.StopRule(_began=100.0).reached(10**9) and not rule.out_of_reach
    now[0] = 161
    assert rule.reached(0)


def test_the_first_part_counts_only_until_there_is_another_if_it_compiles(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(stopping, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    rule = stopping.StopRule(minutes=1, compiles=True, _began=0.0)
    now[0] = 20
    rule.count(1)
    assert not rule.reached(2) and rule.reached(3)  # 20 s each, as far as is known
    now[0] = 22
    rule.count(1)
    assert not rule.reached(19) and rule.reached(20)  # 2 s each
    now[0] = 30
    rule.count(4)
    assert not rule.reached(15) and rule.reached(16)  # 5 in 10 s


def test_work_stops_at_a_precision_or_where_more_copies_cannot_reach_it():
    shares, draws = np.array([0.2, 0.4, 0.6, 0.8] * 20), np.full(80, 5)
    width, least = 100 * half_width(shares), 100 * least_half_width(shares, draws)
    assert least < 0.9 * width
    for precision, of_copies, stops, out_of_reach in (
        (width, draws, True, False), (width - 0.01, draws, False, False), (least, draws, False, False),
        (least - 0.01, draws, True, True), (least - 0.01, None, False, False),
    ):  # fmt: skip
        rule = stopping.StopRule(precision=precision)
        assert (rule.reached(1, shares, of_copies), rule.out_of_reach) == (stops, out_of_reach)
        assert not rule.reached(1) and not rule.reached(1, shares[:0], draws[:0])
    for wrong in (0, -1, 100.1, np.nan, np.inf, "5"):
        with pytest.raises(InputError, match=rf"^precision is {wrong!r}; expected a number above 0 and at most 100"):
            stopping.StopRule(precision=wrong)
    stopping.check_stops(precision=100, minutes=stopping.LONGEST)
    stopping.check_stops(precision=0.5, minutes=0.01)
    with pytest.raises(InputError, match="minutes is"):
        stopping.check_stops(minutes=stopping.LONGEST * 1.001)
