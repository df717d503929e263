"""A cluster on this machine, for as long as it is needed."""

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from tfstab.errors import InputError
from tfstab.execution.executor import require_dask

# TensorFlow reads these when it starts.
ONE_CORE = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
# Scheduler and client share the cores with the workers: what Dask does many times a second to watch itself, 2 % of a
# core in each process, is work that nobody looks at here.
UNWATCHED = {
    "distributed.worker.profile.enabled": False, "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
}  # fmt: skip


@contextlib.contextmanager
def local_workers(count: int) -> Iterator[Any]:
    """A distributed.Client of `count` worker processes of one core each, which end with it.

    Raises InputError for a count below 1, or where Dask is not installed.
    """
    if count < 1:
        raise InputError(f"the number of workers is {count}; expected 1 or more.")
    require_dask()
    import dask
    from distributed import Client, LocalCluster

    from tfstab.execution.plugin import InterruptIgnored

    with dask.config.set(UNWATCHED):  # the workers get it too
        cluster = LocalCluster(
            n_workers=count, threads_per_worker=1, processes=True, env=ONE_CORE, dashboard_address="127.0.0.1:0",
            memory_limit=None, silence_logs=logging.CRITICAL,
        )  # fmt: skip
        with cluster, Client(cluster, set_as_default=False) as client:
            client.register_plugin(InterruptIgnored())
            yield client
