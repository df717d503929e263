"""What a local cluster's workers are set up with."""

import signal
from typing import Any

from distributed import WorkerPlugin


class InterruptIgnored(WorkerPlugin):
    """Ctrl-C in a terminal reaches the workers too, and the command alone is to act on it."""

    name = "tfstab-interrupt"

    def setup(self, worker: Any) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
