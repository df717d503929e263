"""How long a Dask cluster may take for each step, in seconds, before a warning or an error says so."""

# Connecting, registering and listing the workers. A scheduler answers in milliseconds; the rest is for slow networks.
CONNECT = 10.0
# A first worker, so that `dask worker` may be started just before the command.
FIRST_WORKER = 10.0
# A worker's first answer. It imports tfstab for it, which takes long from a cold network disk.
FIRST_ANSWER = 60.0
# Between two looks at the workers' heartbeats. Listing them costs the scheduler about a kilobyte a worker.
CHECK = 2.0
# Without a heartbeat until a warning. Workers send two a second, but loading TensorFlow can hold them up for seconds.
SILENT = 30.0
# Without a sign of life of any worker until the run ends with an error; Dask too gives a worker up after five minutes.
LOST = 300.0
