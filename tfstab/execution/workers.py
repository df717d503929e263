"""A Dask cluster of worker processes on this machine, for as long as it is needed."""

import contextlib
import logging
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from tfstab.errors import InputError
from tfstab.execution.executor import require_dask

# TensorFlow reads these when it starts.
ONE_CORE = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
# Scheduler and client share the cores with the workers. Dask watches itself many times a second, which takes 2 % of a
# core in each process, and nobody looks at what it finds here.
UNWATCHED = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
}


class LocalWorkers:
    """Worker processes that are started when they are first needed, and end with the `with` block.

    Parameters
    ----------
    count : int
        How many processes of one core each.

    Raises
    ------
    InputError
        `count` is below 1, or Dask is not installed.

    Examples
    --------
    >>> from tfstab.execution import LocalWorkers
    >>> with LocalWorkers(2) as workers:  # started only if work is left
    ...     again = tfstab.run_sweep(classifier, digits, sweep.config, "runs/sweep", cluster=workers)
    >>> again.complete
    True
    """

    def __init__(self, count: int) -> None:
        _check_count(count)
        self.count = count
        self._stack = contextlib.ExitStack()
        self._client: Any = None

    def __enter__(self) -> "LocalWorkers":
        """Return the workers themselves, not started yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the worker processes, if they were started."""
        self._stack.__exit__(kind, error, traceback)
        self._client = None

    def client(self) -> Any:
        """Return a distributed.Client of the workers, which are started unless they run already."""
        if self._client is None:
            self._client = self._stack.enter_context(local_workers(self.count))
        return self._client


@contextlib.contextmanager
def local_workers(count: int) -> Iterator[Any]:
    """Yield a distributed.Client of worker processes on this machine, which end with the `with` block.

    Parameters
    ----------
    count : int
        How many processes of one core each.

    Raises
    ------
    InputError
        `count` is below 1, or Dask is not installed.
    """
    _check_count(count)
    import dask
    from distributed import Client, LocalCluster

    from tfstab.execution.plugin import PartOfCommand

    with dask.config.set(UNWATCHED):  # the workers get it too
        cluster = LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            env=ONE_CORE,
            dashboard_address="127.0.0.1:0",
            memory_limit=None,
            silence_logs=logging.CRITICAL,
        )
        with cluster, Client(cluster, set_as_default=False) as client:
            client.register_plugin(PartOfCommand())
            yield client


def _check_count(count: int) -> None:
    """Raise InputError unless this many workers can be started."""
    if count < 1:
        raise InputError(f"the number of workers is {count}; expected 1 or more.")
    require_dask()
