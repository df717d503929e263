"""Runs shards of work in this process or on a Dask cluster."""

from tfstab.execution.cores import cores
from tfstab.execution.executor import Executor, executor
from tfstab.execution.workers import LocalWorkers, local_workers

__all__ = ["Executor", "LocalWorkers", "cores", "executor", "local_workers"]
