"""The time of an explanation: which of its parts still fit into it."""

import math
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tfstab.errors import InputError
from tfstab.execution.stopping import check_stops
from tfstab.explanation.analyses import analyses
from tfstab.explanation.classes import LEAST_OF_NETWORK
from tfstab.explanation.plan import Piece, pieces_of
from tfstab.explanation.run import ExplanationRun, parse_part
from tfstab.runs.log import read_log
from tfstab.wording import counted, roughly

CAUTION = 1.25  # a part may take so much longer than predicted, because other work slows the machine down
MARGIN, START_SECONDS = 1.5, 15.0  # of the minutes that a message names: the next call loads and compiles again
# To keep for the page, which takes 3 to 6 s on two cores; more if other work slows the machine down, but no larger
# share of the time than this.
PAGE_SECONDS, PAGE_SHARE = 8.0, 0.25
LONGEST = 1e7  # seconds of a part that a log may tell


class Budget:
    """The time of an explanation, and predictions of what its parts take.

    A part is predicted from the latest part of the same analysis, in this run or when the run was made earlier. Before
    there is one, it is predicted from the speed of all parts so far. The first part of all cannot be predicted.

    Parameters
    ----------
    minutes : float, optional
        The time; by default without end.
    page : bool
        Whether the page is to be written in this time, too.

    Attributes
    ----------
    began : float
        When the time began, in the time of `time.perf_counter`.

    Raises
    ------
    InputError
        The minutes are out of range.
    """

    def __init__(self, minutes: float | None = None, *, page: bool = False) -> None:
        check_stops(minutes)
        self.began, self._computed = time.perf_counter(), time.process_time()
        self._seconds_given = math.inf if minutes is None else 60 * minutes
        self._page = page
        self.start = START_SECONDS  # seconds until the first part, at least
        self._latest: dict[str, float] = {}  # seconds for an image, by analysis
        self._seconds = self._work = 0.0

    @property
    def limited(self) -> bool:
        """Whether the time has an end."""
        return math.isfinite(self._seconds_given)

    def learn_from(self, run: Path) -> None:
        """Learn how long the parts of a run folder took, and how long it took until now to begin."""
        self.start = max(START_SECONDS, time.perf_counter() - self.began)
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
        kept = min(self.page_seconds, PAGE_SHARE * self._seconds_given) if self._page else 0.0
        return time.perf_counter() + CAUTION * self.seconds_of(pieces) <= self.began + self._seconds_given - kept

    @property
    def page_seconds(self) -> float:
        """The seconds that the page takes, which is computed by one core, when the machine is as slow as until now."""
        passed, computed = time.perf_counter() - self.began, time.process_time() - self._computed
        return PAGE_SECONDS * max(1.0, passed / computed if passed > 1 and computed else 1.0)

    def seconds_of(self, pieces: Iterable[Piece]) -> float:
        """Return the seconds that parts take, without caution; -inf if nothing is known of how long they take."""
        return sum(map(self._predicted, pieces))

    def _predicted(self, piece: Piece) -> float:
        """Return the seconds that a part takes, without caution."""
        if piece.analysis.name in self._latest:
            return self._latest[piece.analysis.name] * piece.images
        return piece.work * self._seconds / self._work if self._work else -math.inf


def minutes_for_cause(image_seconds: float) -> int:
    """Return roughly how many minutes it takes to explain enough images to name a cause.

    image_seconds: how long the network takes to score an image.
    """
    each = sum(one.work for one in analyses().values())  # what is computed once takes as many images, or a few more
    return math.ceil((MARGIN * LEAST_OF_NETWORK * each * image_seconds + START_SECONDS + PAGE_SECONDS) / 60)


def check_explained(run: ExplanationRun, budget: Budget) -> None:
    """Raise InputError, with the minutes that it may take, if a run with limited time has explained no image.

    budget: the time that it had.
    """
    first = [piece for piece in pieces_of(run.info["parts"]) if piece.analysis.of_images and piece.first == 0]
    if len(run.rows) or not first:
        return
    taken = {entry["part"]: entry["seconds"] for entry in read_log(run.path / "log.jsonl") if _place_of(entry)}
    done = [piece for piece in first if piece.name in run.parts and piece.name in taken]
    seconds, work = sum(taken[piece.name] for piece in done), sum(piece.work for piece in done)
    left = CAUTION * sum(piece.work for piece in first if piece.name not in run.parts) * seconds / max(1.0, work)
    minutes = _minutes_for(left, budget)
    images = counted(first[0].images).removeprefix("1 ")
    more = ""
    if first[0].images < LEAST_OF_NETWORK <= len(run.clean.indices):
        others = (LEAST_OF_NETWORK - first[0].images) * sum(piece.analysis.work for piece in first)
        enough = _minutes_for(left + CAUTION * others * seconds / max(1.0, work), budget)
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


def _minutes_for(seconds: float, budget: Budget) -> float:
    """Return the minutes, with a margin, that the next call needs for so many seconds of work."""
    return math.ceil((MARGIN * seconds + budget.page_seconds + budget.start) / 6) / 10


def _place_of(entry: dict[str, Any]) -> tuple[str, int, int] | None:
    """Return the analysis and the images of the part that an entry of the log tells of, or None."""
    name = entry.get("part")
    place = parse_part(name) if isinstance(name, str) else None
    return place if place is not None and place[1] < place[2] else None
