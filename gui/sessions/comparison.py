"""The other open runs that a run is compared with."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, SignalInstance

from tfstab.gui.sessions.session import Session


class Comparison(QObject):
    """Base of what stands beside a session. runs: the other sessions, of its kind."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.runs: list[Any] = []

    def compare(self, runs: Sequence[Session]) -> None:
        """Compare with these runs."""
        if runs == self.runs:
            return
        for gone in (s for s in self.runs if s not in runs):
            self._news(gone).disconnect(self._read_again)
        for new in (s for s in runs if s not in self.runs):
            self._news(new).connect(self._read_again)
        self.runs = list(runs)
        self._tell()

    def _news(self, session: Any) -> SignalInstance:
        """The signal by which a run that is compared tells of something new."""
        raise NotImplementedError

    def _read_again(self) -> None:
        """A run that is compared, the sender, has something new."""
        self._tell()

    def _tell(self) -> None:
        """There are other runs, or new things in them."""
        raise NotImplementedError
