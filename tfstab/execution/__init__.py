"""Where shards of work run: in this process, or on a Dask cluster."""

from tfstab.execution.cores import cores
from tfstab.execution.executor import Executor, executor
from tfstab.execution.workers import local_workers

__all__ = ["Executor", "cores", "executor", "local_workers"]
