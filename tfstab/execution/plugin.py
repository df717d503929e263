"""What is installed on the workers of a local cluster."""

import signal
from typing import Any

from distributed import WorkerPlugin


class InterruptIgnored(WorkerPlugin):
    """Makes workers ignore Ctrl-C, which a terminal sends to them too; only the command itself acts on it."""

    name = "tfstab-interrupt"

    def setup(self, worker: Any) -> None:
        """Ignore SIGINT in the worker's process."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
