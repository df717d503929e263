"""Shards on a Dask distributed cluster."""

import contextlib
import itertools
import logging
import uuid
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import CancelledError
from typing import Any

import dask
from distributed import Client, Future, KilledWorker, as_completed
from distributed.comm.addressing import get_address_host_port
from distributed.utils import silence_logging_cmgr

from tfstab.classifier import Classifier
from tfstab.classifier.backend import device_name
from tfstab.errors import InputError, RunError
from tfstab.execution.executor import Result, Shard
from tfstab.execution.task import SentModel, differences, pack_shard, run_shard, same_model
from tfstab.runs.environment import environment, versions

TIMEOUT = 10.0  # seconds for the scheduler to answer and for a first worker to be there
AHEAD = 2  # shards a thread of the cluster has at a time: one at work, one that waits


@contextlib.contextmanager
def on_cluster(classifier: Classifier, cluster: Any) -> Iterator["OnCluster"]:
    """Connect, check the workers and send the model; raises as `executor`."""
    with _connected(cluster) as client:
        _check_workers(client)
        yield OnCluster(client, SentModel.pack(classifier))


class OnCluster:
    """An Executor whose shards are tasks; Dask gives a lost worker's shards to others."""

    def __init__(self, client: Client, sent: SentModel) -> None:
        self.client = client
        self.here = environment(device_name())
        self._reported: set[tuple[str, str]] = set()
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}):  # the model is sent but once
            key = f"tfstab-model-{sent.fingerprint}-{sent.batch_size}-{uuid.uuid4()}"
            self.model = client.submit(same_model, sent, key=key)

    def run(
        self, function: Callable[[Classifier, Shard], Result], shards: Iterable[tuple[str, Shard]]
    ) -> Generator[tuple[str, Result], None, None]:
        """See `Executor.run`."""
        left, names = iter(shards), dict[Future, str]()

        def submit_more() -> list[Future]:
            new = {}
            for name, shard in itertools.islice(left, max(0, self._room() - len(names))):
                key = f"tfstab-{name}-{uuid.uuid4()}"  # a shard of another run may have the same name
                new[self.client.submit(run_shard, function, self.model, pack_shard(shard), key=key)] = name
            names.update(new)
            return list(new)

        try:
            done = as_completed(submit_more(), loop=self.client.loop)
            for future in done:
                there, result = self._result(future)
                self._report(there)
                name = names.pop(future)
                done.update(submit_more())
                yield name, result
        finally:
            self.client.cancel(list(names), force=True)

    def _room(self) -> int:
        """How many shards the cluster may have now; workers come and go."""
        return AHEAD * max(1, sum(self.client.nthreads().values()))

    def _result(self, future: Future) -> tuple[dict[str, Any], Any]:
        try:
            return future.result()
        except KilledWorker as error:
            raise RunError(
                "several of the cluster's workers died at the same work, perhaps for want of memory: look at their "
                "logs; run the same command again to go on."
            ) from error
        except CancelledError as error:
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


@contextlib.contextmanager
def _connected(cluster: Any) -> Iterator[Client]:
    """The client that was given, left open, or one of our own for an address or a Dask cluster object."""
    if isinstance(cluster, Client):
        yield cluster
        return
    if isinstance(cluster, str):
        try:
            get_address_host_port(cluster)
        except ValueError as error:
            raise InputError(f"the cluster is '{cluster}'; expected an address such as tcp://HOST:8786.") from error
    with silence_logging_cmgr(logging.CRITICAL):  # its tracebacks, of what is said here in a sentence
        try:
            client = Client(cluster, timeout=TIMEOUT, set_as_default=False)
        except (OSError, TimeoutError) as error:
            raise RunError(
                f"the cluster at {cluster} does not answer: start it with `dask scheduler`, or check the address."
            ) from error
        with client:
            yield client


def _check_workers(client: Client) -> None:
    """Raise RunError where there are no workers, or one of them lacks tfstab or has other versions."""
    address = client.scheduler.address if client.scheduler is not None else "the cluster"
    try:
        client.wait_for_workers(1, timeout=TIMEOUT)
    except TimeoutError:
        raise RunError(f"the cluster at {address} has no workers: start some with `dask worker {address}`.") from None
    try:
        found = client.run(versions)
    except Exception as error:  # whatever a worker's Python says of a package that it lacks
        raise RunError(f"a worker of {address} cannot run tfstab ({error}): install the same version there.") from error
    for worker, there in found.items():
        differing = differences(versions(), there)
        if differing:
            raise RunError(f"the cluster's worker {worker} has {differing}: install the same versions on it.")
