"""Where shards of work run: in this process, or on a Dask cluster."""

from tfstab.execution.cores import cores
from tfstab.execution.execute import execute

__all__ = ["cores", "execute"]
