"""How long a job has still to go, and how long one would take. No Qt in here."""

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from tfstab.gui.jobs.plan import config_of
from tfstab.gui.jobs.protocol import RunOrder

# Degraded images a second on two cores, by network, for a machine that has not run anything yet.
ROUGH_RATES = {
    ("search", "mnist-lenet"): 8_000.0, ("search", "cifar10-quick"): 4_000.0, ("search", "gtsrb-aghdam"): 700.0,
    ("sweep", "mnist-lenet"): 15_000.0, ("sweep", "cifar10-quick"): 5_000.0, ("sweep", "gtsrb-aghdam"): 800.0,
}  # fmt: skip
ROUGH_RATE = 1_000.0  # of a network that is not known
START_SECONDS = 8.0  # until TensorFlow is there and the data are read
REFINE_QUERIES = 2_100
LEAST_SHARE = 0.005  # below it no time left is said


class Pace:
    """Tells the time left from the share of the work that is done; pauses do not count."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._start: tuple[float, float] | None = None  # (time, share)
        self._paused: float | None = None
        self.share = 0.0

    def advance(self, share: float) -> None:
        self.share = share
        if self._start is None:
            self._start = (self._now(), share)

    def pause(self) -> None:
        self._paused = self._now()

    def go_on(self) -> None:
        if self._paused is not None and self._start is not None:
            begun, share = self._start
            self._start = (begun + self._now() - self._paused, share)
        self._paused = None

    @property
    def seconds_left(self) -> float | None:
        """None while nothing can be said."""
        if self._start is None:
            return None
        begun, share = self._start
        made = self.share - share
        if made < LEAST_SHARE:
            return None
        until = self._now() if self._paused is None else self._paused
        return (until - begun) * (1 - self.share) / made


def degraded_images(order: RunOrder, images: int) -> int:
    """How many degraded images a run of so many clean ones scores at most. Raises InputError for wrong settings."""
    config = config_of(order)
    if order.kind == "sweep":
        return images * int(config.rows_per_image)
    return images * int(config.limits[0] + (REFINE_QUERIES if config.refine else 0))


def estimate(work: float, rate: float | None, kind: str, model: str) -> tuple[float, bool]:
    """(seconds, whether it is known from earlier runs here) for scoring `work` degraded images."""
    known = rate is not None and rate > 0
    assumed = rate if known else ROUGH_RATES.get((kind, model), ROUGH_RATE)
    assert assumed is not None
    return START_SECONDS + work / assumed, known


def rate_of_runs(folders: Iterable[Path], kind: str, model: str) -> float | None:
    """Degraded images a second of the first of these runs that is of this kind and model and says so in its log."""
    for folder in folders:
        try:
            info = json.loads((folder / "run.json").read_text("utf-8"))
            if info["kind"] == kind and info["model"]["name"] == Path(model).stem:
                rate = _rate_of_log(folder / "log.jsonl", kind)
                if rate is not None:
                    return rate
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def _rate_of_log(log: Path, kind: str) -> float | None:
    """A search's parts tell the seconds since it was (re)started, a sweep's the seconds that each took."""
    work, earlier, last, summed = 0.0, 0.0, 0.0, 0.0
    for line in log.read_text("utf-8").splitlines():
        entry = json.loads(line)
        if entry["event"] == "opened":
            earlier, last = earlier + last, 0.0
        elif entry["event"] == "part":
            work += entry.get("queries", entry.get("rows", 0))
            last = float(entry["seconds"])
            summed += last
    seconds = earlier + last if kind == "search" else summed
    return work / seconds if seconds > 0 else None


def spoken(seconds: float) -> str:
    """A time as one says it: "8 s", "3 min", "2 h 10 min"."""
    whole = round(seconds)
    if whole < 90:
        return f"{max(whole, 1)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
