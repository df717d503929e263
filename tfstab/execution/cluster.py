"""Runs shards on a Dask distributed cluster."""

import asyncio
import concurrent.futures
import contextlib
import itertools
import uuid
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from typing import Any

import dask
from distributed import Client, Future, KilledWorker
from distributed.comm.core import CommClosedError

from tfstab.classifier import Classifier
from tfstab.errors import RunError
from tfstab.execution import deadlines
from tfstab.execution.connection import check_workers, connected, in_loop
from tfstab.execution.executor import Function, Named, Report, Result, Shard, ignore, pieces
from tfstab.execution.task import SentModel, device_of, pack_shard, run_shard, same_model
from tfstab.execution.watch import Watch
from tfstab.runs.environment import environment
from tfstab.warning import warn

AHEAD = 2  # shards that a thread of the cluster has at a time: one at work and one waiting

Answer = tuple[dict[str, Any], list[Any], Any]  # the worker's environment, what the shard reported, its result
Awaited = concurrent.futures.Future[Answer]


@contextlib.contextmanager
def on_cluster(classifier: Classifier | None, cluster: Any) -> Iterator["OnCluster"]:
    """Connect, check the workers and send the model, if there is one; raises as `executor`."""
    with connected(cluster) as client:
        known = check_workers(client)
        yield OnCluster(client, None if classifier is None else SentModel.pack(classifier), known)


class OnCluster:
    """An Executor whose shards are Dask tasks. Dask gives the shards of a lost worker to others."""

    def __init__(self, client: Client, sent: SentModel | None, known: dict[str, dict[str, Any]]) -> None:
        self.client = client
        self.watch = Watch(client, known)
        self.here = environment(device_of(sent))
        self._warned: set[tuple[str, str]] = set()
        model = f"model-{sent.fingerprint if sent else None}"
        self.model = None if sent is None else self._submit(model, same_model, sent)

    def run(
        self, function: Function[Shard, Result], shards: Named[Shard], report: Report = ignore
    ) -> Generator[tuple[str, Result], None, None]:
        """Run shards as tasks: see `Executor.run`."""
        left, waiting = iter(shards), dict[Awaited, tuple[str, Future[Any]]]()

        def submit_more() -> None:
            """Submit shards until the cluster has as many as it may have."""
            for name, shard in itertools.islice(left, max(0, self._room() - len(waiting))):
                work = function, self.model, self.here["versions"], pack_shard(shard)
                task = self._submit(name, run_shard, *work)
                waiting[in_loop(self.client, _fetch(task))] = name, task

        try:
            submit_more()
            while waiting:
                done, _ = wait(waiting, timeout=deadlines.CHECK, return_when=FIRST_COMPLETED)
                self.watch.look()
                for future in [future for future in waiting if future in done]:
                    there, reported, result = self._answer(future)
                    self._warn_of_differences(there)
                    name, _ = waiting.pop(future)
                    submit_more()
                    for what in reported:
                        report(what)
                    yield name, result
        finally:
            self.watch.close()
            self._cancel([task for _, task in waiting.values()])

    run_ahead = run

    def split(self, count: int, largest: int) -> list[slice]:
        """Divide items into shards: see `Executor.split`."""
        return pieces(count, largest)

    def _submit(self, name: str, function: Callable[..., Any], *arguments: Any) -> "Future[Any]":
        """Submit a task. Model and shards are large, but each is sent only once: Dask's advice is for data sent often.

        Nor would scattered data outlive the worker that has them, as the arguments of a task do.
        """
        key = f"tfstab-{name}-{uuid.uuid4()}"  # since a shard of another run may have the same name
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}):
            return self.client.submit(function, *arguments, key=key)

    def _room(self) -> int:
        """Return how many shards the cluster may have now; workers come and go."""
        return AHEAD * max(1, self.watch.threads)

    def _cancel(self, tasks: list[Future[Any]]) -> None:
        """Cancel tasks, and release their results."""
        with contextlib.suppress(RuntimeError, OSError):  # the cluster may be lost
            self.client.cancel(tasks, force=True)

    def _answer(self, future: Awaited) -> Answer:
        """Return what a worker sent for a shard; raise what the function raised, or RunError for a lost cluster."""
        try:
            return future.result()
        except KilledWorker as error:
            raise RunError(
                "several of the cluster's workers died at the same work, perhaps from lack of memory: look at their "
                "logs; run the same command again to go on."
            ) from error
        except (CancelledError, asyncio.CancelledError, CommClosedError) as error:
            raise RunError("the cluster was lost: start it again, and run the same command to go on.") from error

    def _warn_of_differences(self, there: dict[str, Any]) -> None:
        """Warn, once each, of a worker's device or instruction set that differs from this machine's."""
        for key, what in (("device", "device"), ("instruction_set", "instruction set")):
            if there[key] != self.here[key] and (key, there[key]) not in self._warned:
                self._warned.add((key, there[key]))
                warn(
                    f"workers of the cluster compute on another {what} ({there[key]}; here it is {self.here[key]}): "
                    "scores agree within rounding, not to the bit.",
                )


async def _fetch(task: "Future[Any]") -> Answer:
    """Wait for a task and return its result."""
    answer: Answer = await task
    return answer
