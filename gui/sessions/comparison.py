"""Base of the comparisons of an open run with others."""

from collections.abc import Iterable, Sequence
from itertools import chain, permutations
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, SignalInstance

from tfstab.gui.sessions.session import Session
from tfstab.runs.together import hardening_around, is_hardened_from
from tfstab.wording import distinct_names


class Comparison(QObject):
    """The runs that a session is compared with.

    Attributes
    ----------
    runs : list of Session
        Their sessions, of the same kind.

    Signals
    -------
    runs_changed
        Other runs are compared.
    """

    runs_changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session: Session = session
        self.runs: list[Any] = []

    @property
    def names(self) -> list[str]:
        """What the session and `runs`, in this order, are called beside each other; no two have the same name."""
        return distinct_names([session.real_path for session in self._all])

    def name_of(self, session: Session) -> str:
        """Return what the session, or one of `runs`, is called beside the others."""
        return self.names[self._all.index(session)]

    @property
    def _all(self) -> list[Session]:
        return [self._session, *self.runs]

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
        self.runs_changed.emit()

    def _news(self, session: Any) -> SignalInstance:
        """Return the signal that a compared run emits when it has something new."""
        raise NotImplementedError

    def _read_again(self) -> None:
        """Handle news of a compared run, the sender."""
        self._tell()

    def _tell(self) -> None:
        """Report that other runs are compared, or that they have something new."""
        raise NotImplementedError


def compare_hardened(new: Sequence[Session], sessions: Iterable[Session]) -> None:
    """Compare each of the runs that are new with the open run of the same network before or after hardening."""
    together: dict[Path | None, list[Session]] = {}  # by hardening: comparing all pairs of open runs would be slow
    for session in sessions:
        together.setdefault(hardening_around(session.path), []).append(session)
    together.pop(None, None)
    for one, other in chain.from_iterable(permutations(group, 2) for group in together.values()):
        if (one in new or other in new) and is_hardened_from(one.path, other.path):
            for run, beside in ((one, other), (other, one)):
                if run.comparison is not None and run.comparable(beside) and beside not in run.comparison.runs:
                    run.comparison.compare([*run.comparison.runs, beside])
