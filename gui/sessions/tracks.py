"""`Tracks`: what the model predicts along the sliders of the explorer, asked of the child process."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from tfstab.gui.content.explorer import Clean, Exploring
from tfstab.gui.content.track import COARSE_SHARES, Track
from tfstab.gui.jobs.severities import ends, severity_at

Ask = Callable[[str, dict[str, Any], Callable[[Any], None]], int | None]


class Tracks(QObject):
    """The tracks of all sliders.

    Parameters
    ----------
    ask : callable
        Takes a question, its arguments and what to do with the answer; returns a ticket.
    drop : callable
        Takes the ticket of a question that needs no answer any more.
    state : callable
        Returns what is explored now.
    parent : QObject, optional

    Attributes
    ----------
    found : list of tuple of Track
        The tracks of each step, one for each direction of its slider; () until they are computed.

    Signals
    -------
    changed
        The tracks of a step were computed or are outdated.
    """

    changed = Signal()

    def __init__(
        self,
        ask: Ask,
        drop: Callable[[int | None], object],
        state: Callable[[], Exploring],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.found: list[tuple[Track, ...]] = []
        self._ask, self._drop, self._state = ask, drop, state
        self._tickets: list[int | None] = []

    def follow(self, before: Exploring, after: Exploring) -> None:
        """Forget the tracks that do not hold any more: all but those of the only step that has changed."""
        kept: list[tuple[Track, ...]] = [()] * len(after.steps)
        if after.names == before.names and (after.subject, after.seed) == (before.subject, before.seed):
            changed = [k for k, (a, b) in enumerate(zip(after.steps, before.steps, strict=True)) if a != b]
            if len(changed) == 1:
                kept[changed[0]] = self.found[changed[0]]
        self.stop()
        self.found = kept
        self.changed.emit()

    def stop(self) -> None:
        """Drop what was asked and is not answered yet."""
        for ticket in self._tickets:
            self._drop(ticket)
        self._tickets = []

    def ask(self, state: Exploring, clean: Clean) -> None:
        """Ask for the tracks that are missing."""
        for place in (k for k, tracks in enumerate(self.found) if not tracks):
            self._ask_along(place, state, clean)

    def _ask_along(self, place: int, state: Exploring, clean: Clean) -> None:
        """Ask for the tracks of one step, which are shown together."""
        family = state.steps[place].family
        tracks: dict[int, Track | None] = dict.fromkeys(ends(family))
        drawn = state.without(place).random
        arguments = {
            "image": clean.image,
            "class_index": clean.actual,
            "image_shape": list(clean.image.shape),
            "names": state.names,
            "severities": [step.severity for step in state.steps],
            "seed": state.seed,
            "place": place,
        }

        def take(side: int, values: Any) -> None:
            if state == self._state():
                tracks[side] = Track.of(family, values["severities"], values["predicted"], clean.actual, drawn=drawn)
                known = tuple(track for track in tracks.values() if track is not None)
                if len(known) == len(tracks):
                    self.found[place] = known
                    self.changed.emit()

        for side in tracks:
            along = np.array([severity_at(family, side * share) for share in COARSE_SHARES])
            self._tickets.append(self._ask("explore", arguments | {"along": along}, partial(take, side)))
