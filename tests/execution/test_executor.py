"""Callers need not know where they compute: what an executor reports, divides and connects to."""

import sys

import pytest
from numpy_runs import classifier, dataset

from tfstab import SearchConfig, SweepConfig, run_search, run_sweep
from tfstab.errors import InputError
from tfstab.execution import executor
from tfstab.execution.executor import pieces

NOWHERE = "not an address"  # raises as soon as anything connects to it


def halves(_, number, report):
    for half in (number / 2, number / 2):
        report(half)
    return number


def test_here_a_shard_reports_while_it_works():
    seen = []
    with executor(None) as here:
        for name, result in here.run(halves, [("a", 2), ("b", 4)], seen.append):
            seen.append((name, result))
        assert seen == [1, 1, ("a", 2), 2, 2, ("b", 4)]
        assert list(here.run(halves, [("a", 2)])) == [("a", 2)]
        assert list(here.run_ahead(halves, [("a", 2)], seen.append)) == [] and len(seen) == 6


def test_here_the_items_are_not_divided():
    with executor(None) as here:
        assert here.split(400, 16) == [slice(0, 400)] and here.split(0, 16) == []
    assert pieces(0, 16) == [] and pieces(3, 16) == [slice(0, 1), slice(1, 2), slice(2, 3)]
    assert len(pieces(400, 16)) == 25 and pieces(33, 16)[-1] == slice(32, 33)


def test_a_cluster_is_not_connected_if_nothing_is_left_to_do(tmp_path):
    with pytest.raises(InputError, match="expected an address"), executor(None, NOWHERE):
        pass
    with executor(None, NOWHERE, needed=False) as here:
        assert list(here.run(halves, [("a", 2)])) == [("a", 2)]


def test_a_cluster_needs_dask(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"a cluster needs Dask distributed: install it"), executor(None, NOWHERE):
        pass


def test_a_finished_run_is_opened_without_its_cluster(tmp_path):
    sweep, search = SweepConfig(sigmas=(5,), copies=1), SearchConfig(max_queries=100)
    network, images = classifier(), dataset(3)
    for run, config in ((run_sweep, sweep), (run_search, search)):
        out = tmp_path / run.__name__
        finished = run(network, images, config, out)
        assert run(network, images, config, out, cluster=NOWHERE).complete
        next(iter(finished.parts.values())).unlink()
        with pytest.raises(InputError, match="expected an address"):
            run(network, images, config, out, cluster=NOWHERE)
