"""Shards on a Dask distributed cluster."""

import asyncio
import concurrent.futures
import contextlib
import itertools
import uuid
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from typing import Any

import dask
from distributed import Client, Future, KilledWorker
from distributed.comm.core import CommClosedError

from tfstab.classifier import Classifier
from tfstab.classifier.backend import device_name
from tfstab.errors import RunError
from tfstab.execution import deadlines
from tfstab.execution.connection import check_workers, connected, in_loop
from tfstab.execution.executor import Result, Shard
from tfstab.execution.task import SentModel, pack_shard, run_shard, same_model
from tfstab.execution.watch import Watch
from tfstab.runs.environment import environment

AHEAD = 2  # shards a thread of the cluster has at a time: one at work, one that waits

Awaited = concurrent.futures.Future[tuple[dict[str, Any], Any]]


@contextlib.contextmanager
def on_cluster(classifier: Classifier, cluster: Any) -> Iterator["OnCluster"]:
    """Connect, check the workers and send the model; raises as `executor`."""
    with connected(cluster) as client:
        known = check_workers(client)
        yield OnCluster(client, SentModel.pack(classifier), known)


class OnCluster:
    """An Executor whose shards are tasks; Dask gives a lost worker's shards to others."""

    def __init__(self, client: Client, sent: SentModel, known: dict[str, dict[str, Any]]) -> None:
        self.client = client
        self.watch = Watch(client, known)
        self.here = environment(device_name())
        self._reported: set[tuple[str, str]] = set()
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}):  # the model is sent but once
            key = f"tfstab-model-{sent.fingerprint}-{sent.batch_size}-{uuid.uuid4()}"
            self.model = client.submit(same_model, sent, key=key)

    def run(
        self, function: Callable[[Classifier, Shard], Result], shards: Iterable[tuple[str, Shard]]
    ) -> Generator[tuple[str, Result], None, None]:
        """See `Executor.run`."""
        left, waiting = iter(shards), dict[Awaited, tuple[str, Future]]()

        def submit_more() -> None:
            for name, shard in itertools.islice(left, max(0, self._room() - len(waiting))):
                key = f"tfstab-{name}-{uuid.uuid4()}"  # a shard of another run may have the same name
                task = self.client.submit(run_shard, function, self.model, pack_shard(shard), key=key)
                waiting[in_loop(self.client, _fetch(task))] = name, task

        try:
            submit_more()
            while waiting:
                done, _ = wait(waiting, timeout=deadlines.CHECK, return_when=FIRST_COMPLETED)
                self.watch.look()
                for future in [future for future in waiting if future in done]:
                    there, result = self._result(future)
                    self._report(there)
                    name, _ = waiting.pop(future)
                    submit_more()
                    yield name, result
        finally:
            self.watch.close()
            self._cancel([task for _, task in waiting.values()])

    def _room(self) -> int:
        """How many shards the cluster may have now; workers come and go."""
        return AHEAD * max(1, self.watch.threads)

    def _cancel(self, tasks: list[Future]) -> None:
        with contextlib.suppress(RuntimeError, OSError):  # a cluster that is lost has nothing to cancel
            self.client.cancel(tasks, force=True)

    def _result(self, future: Awaited) -> tuple[dict[str, Any], Any]:
        try:
            return future.result()
        except KilledWorker as error:
            raise RunError(
                "several of the cluster's workers died at the same work, perhaps for want of memory: look at their "
                "logs; run the same command again to go on."
            ) from error
        except (CancelledError, asyncio.CancelledError, CommClosedError) as error:
            raise RunError("the cluster was lost: start it again, and run the same command to go on.") from error

    def _report(self, there: dict[str, Any]) -> None:
        """Warn, once each, of another device or instruction set."""
        for key, what in (("device", "device"), ("instruction_set", "instruction set")):
            if there[key] != self.here[key] and (key, there[key]) not in self._reported:
                self._reported.add((key, there[key]))
                warnings.warn(
                    f"workers of the cluster compute on another {what} ({there[key]}, and {self.here[key]} here): "
                    "scores agree within rounding, not to the bit.", stacklevel=2,
                )  # fmt: skip


async def _fetch(task: Future) -> tuple[dict[str, Any], Any]:
    """Wait for the task and bring its result here."""
    return await task
