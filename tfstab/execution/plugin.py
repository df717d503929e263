"""What is installed on the workers of a local cluster."""

import signal
from typing import Any

from distributed import WorkerPlugin

from tfstab.classifier import backend


class PartOfCommand(WorkerPlugin):
    """Makes workers parts of the process that starts them.

    They ignore Ctrl-C, which a terminal sends to them too; only the command itself acts on it. If the command imports
    Keras without its optional packages, so do they.
    """

    name = "tfstab-part-of-command"

    def __init__(self) -> None:
        self.left_out = frozenset(backend.left_out)

    def setup(self, worker: Any) -> None:
        """Ignore SIGINT in the worker's process, and leave out the same packages."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        backend.left_out.update(self.left_out)
