"""Seconds that a Dask cluster may take for each step before a warning or an error says so."""

# To connect, register and list the workers. A scheduler answers in milliseconds; the rest is for slow networks.
CONNECT = 10.0
# Until the first worker registers, so that `dask worker` may be started just before the command.
FIRST_WORKER = 10.0
# For a worker's first answer, for which it imports tfstab. That is slow from a network disk.
FIRST_ANSWER = 60.0
# Between two checks of the workers' heartbeats. A check transfers about a kilobyte for each worker.
CHECK = 2.0
# Without a heartbeat until a warning. Workers send two a second, but loading TensorFlow can hold them up for seconds.
SILENT = 30.0
# Without a heartbeat of any worker until the run ends with an error. Dask too gives up a worker after five minutes.
LOST = 300.0
