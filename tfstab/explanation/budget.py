"""The time of an explanation: which of its parts still fit into it."""

import math
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tfstab.errors import InputError
from tfstab.execution.stopping import check_stops
from tfstab.explanation.classes import LEAST_OF_NETWORK
from tfstab.explanation.plan import Piece, pieces_of
from tfstab.explanation.run import ExplanationRun, parse_part
from tfstab.runs.log import read_log
from tfstab.wording import counted, roughly

CAUTION = 1.25  # a part may take so much longer than predicted, because other work slows the machine down
MARGIN, START_SECONDS = 1.5, 15.0  # of the minutes that a message names: the next call loads and compiles again
PAGE_SECONDS = 8.0  # to keep for the page, of which a quarter of the time is the most; it takes 3 to 6 s on two cores
LONGEST = 1e7  # seconds of a part that a log may tell


class Budget:
    """The time of an explanation, and predictions of what its parts take.

    A part is predicted from the latest part of the same analysis, in this run or when the run was made earlier. Before
    there is one, it is predicted from the speed of all parts so far. The first part of all cannot be predicted.

    Parameters
    ----------
    minutes : float, optional
        Time from now; by default without end.

    Raises
    ------
    InputError
        The minutes are out of range.
    """

    def __init__(self, minutes: float | None = None) -> None:
        check_stops(minutes)
        self._end = math.inf if minutes is None else time.perf_counter() + 60 * minutes
        self._latest: dict[str, float] = {}  # seconds for an image, by analysis
        self._seconds = self._work = 0.0

    def learn_from(self, run: Path) -> None:
        """Learn how long the parts of a run folder took."""
        for entry in read_log(run / "log.jsonl"):
            place, seconds = _place_of(entry), entry.get("seconds")
            if place is not None and isinstance(seconds, int | float) and 0 <= seconds <= LONGEST:
                self._latest[place[0]] = seconds / (place[2] - place[1])

    def learn(self, piece: Piece, seconds: float) -> None:
        """Learn how long a part took."""
        self._latest[piece.analysis.name] = seconds / piece.images
        self._seconds += seconds
        self._work += piece.work

    def fits(self, pieces: Iterable[Piece]) -> bool:
        """Return whether there is time for all these parts; True if nothing is known of how long they take."""
        return time.perf_counter() + CAUTION * self.seconds_of(pieces) <= self._end

    def seconds_of(self, pieces: Iterable[Piece]) -> float:
        """Return the seconds that parts take, without caution; -inf if nothing is known of how long they take."""
        return sum(map(self._predicted, pieces))

    def _predicted(self, piece: Piece) -> float:
        """Return the seconds that a part takes, without caution."""
        if piece.analysis.name in self._latest:
            return self._latest[piece.analysis.name] * piece.images
        return piece.work * self._seconds / self._work if self._work else -math.inf


def minutes_without_page(minutes: float | None) -> float | None:
    """Return what is left of the time of an explanation if some is kept for its page; raise InputError for none."""
    check_stops(minutes)
    return None if minutes is None else minutes - min(PAGE_SECONDS / 60, minutes / 4)


def check_explained(run: ExplanationRun) -> None:
    """Raise InputError, with the minutes that it may take, if a run with limited time has explained no image."""
    first = [piece for piece in pieces_of(run.info["parts"]) if piece.analysis.of_images and piece.first == 0]
    if len(run.rows) or not first:
        return
    taken = {entry["part"]: entry["seconds"] for entry in read_log(run.path / "log.jsonl") if _place_of(entry)}
    done = [piece for piece in first if piece.name in run.parts and piece.name in taken]
    seconds, work = sum(taken[piece.name] for piece in done), sum(piece.work for piece in done)
    left = CAUTION * sum(piece.work for piece in first if piece.name not in run.parts) * seconds / max(1.0, work)
    minutes = _minutes_for(left)
    images = counted(first[0].images).removeprefix("1 ")
    more = ""
    if first[0].images < LEAST_OF_NETWORK <= len(run.clean.indices):
        others = (LEAST_OF_NETWORK - first[0].images) * sum(piece.analysis.work for piece in first)
        enough = _minutes_for(left + CAUTION * others * seconds / max(1.0, work))
        more = f", or --minutes {enough:g} for {LEAST_OF_NETWORK} images, without which no cause is named"
    raise InputError(
        f"the time was not enough for the first {images}: what is left takes at most about {roughly(left)}, judged by "
        f"what is finished and kept ({roughly(seconds)}); give --minutes {minutes:g} (in Python minutes={minutes:g}) "
        f"to go on from there{more}."
    )


def too_little(pieces: Sequence[Piece], budget: Budget) -> str:
    """Return that the time is probably too short for these parts, those left of the first images."""
    images, left = counted(pieces[0].images).removeprefix("1 "), roughly(budget.seconds_of(pieces))
    return (
        f"the time will probably not be enough for the first {images}, which may take about {left} more: give more "
        "--minutes (in Python minutes). What is finished is kept, and the next call goes on from there."
    )


def _minutes_for(seconds: float) -> float:
    """Return the minutes, with a margin, that the next call needs for so many seconds of work."""
    return math.ceil((MARGIN * seconds + PAGE_SECONDS + START_SECONDS) / 6) / 10


def _place_of(entry: dict[str, Any]) -> tuple[str, int, int] | None:
    """Return the analysis and the images of the part that an entry of the log tells of, or None."""
    name = entry.get("part")
    place = parse_part(name) if isinstance(name, str) else None
    return place if place is not None and place[1] < place[2] else None
