"""The estimated time of a run that has not started. No Qt in here."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tfstab.errors import TfstabError
from tfstab.gui.jobs.command_order import CommandOrder
from tfstab.gui.jobs.plan import awaits_code, checked, config_of, subject_of
from tfstab.gui.jobs.protocol import RunOrder
from tfstab.gui.jobs.tasks import LOOK, TASKS
from tfstab.gui.kinds import KINDS
from tfstab.runs.info import read_info
from tfstab.runs.log import read_log
from tfstab.wording import counted, spoken

ROUGH_RATE = 1_000.0  # degraded images a second, of an unknown network
START_SECONDS = 8.0  # to import TensorFlow and read the data


@dataclass(frozen=True)
class Estimate:
    """An estimate in words.

    Attributes
    ----------
    text : str
        The time.
    problem : str
        What is wrong with the order, or "".
    """

    text: str
    problem: str = ""


def estimate_order(order: RunOrder | CommandOrder, known_rate: float | None, recent: Iterable[Path]) -> Estimate:
    """Estimate the time of a run.

    Parameters
    ----------
    order : RunOrder or CommandOrder
        The run.
    known_rate : float or None
        Degraded images a second, as measured in an earlier run.
    recent : iterable of Path
        Run folders whose logs may contain a rate.
    """
    if isinstance(order, CommandOrder):
        return _estimate_command(order)
    try:
        waits = awaits_code(order)
        if not waits:
            config_of(order)  # raises what is wrong with the settings before the images are counted
        images = subject_of(order).images.count()
        if waits:
            return Estimate("not known until the file in Code, which registers the degradation, is run")
        if images is None:
            return Estimate("not known before the data are read")
        work = degraded_images(order, images)
    except (TfstabError, OSError) as error:
        return Estimate("–", str(error))
    rate = known_rate or rate_of_runs(recent, order.kind, order.model)
    source = "from earlier runs on this machine"
    if rate is None:
        rate, source = KINDS[order.kind].rates.get(order.model, ROUGH_RATE), "roughly guessed before the first run"
    seconds = START_SECONDS + work / rate
    return Estimate(f"about {spoken(seconds)}, {source}, for {counted(work, 'degraded image')}")


def _estimate_command(order: CommandOrder) -> Estimate:
    """Estimate the time of a command from its minutes, if it has any, unless something is wrong with its order."""
    if problem := checked(order):
        return Estimate("–", problem)
    minutes = order.values.get("minutes", TASKS[order.task].minutes)
    if order.values.get("quick"):
        minutes = 1
    if isinstance(minutes, int | float) and 0 < minutes < math.inf:
        said = f"{minutes:g} min" if 1 <= minutes < 90 else spoken(60 * minutes)  # 1.5 would be rounded to 2
        return Estimate(f"about {said}, limited by Minutes")
    return Estimate(
        "shown while it runs; it can be stopped and resumed" if TASKS[order.task].group != LOOK else "short"
    )


def degraded_images(order: RunOrder, images: int) -> int:
    """Return the maximum number of degraded images that a run scores; raise InputError for wrong settings."""
    return images * int(config_of(order).most_scored)


def rate_of_runs(folders: Iterable[Path], kind: str, model: str) -> float | None:
    """Return the degraded images a second of the first run of this kind and model with a rate in its log."""
    inside = (path.parent for folder in folders for path in (folder / "run.json", *sorted(folder.glob("*/run.json"))))
    for folder in inside:  # an assessment has its runs in folders of their own
        try:
            info = read_info(folder)
            if info["kind"] == kind and info["model"]["name"] == Path(model).stem:
                rate = _rate_of_log(folder / "log.jsonl", kind)
                if rate is not None:
                    return rate
        except (TfstabError, OSError, ValueError, KeyError, TypeError, ArithmeticError):
            continue
    return None


def _rate_of_log(log: Path, kind: str) -> float | None:
    """Return the degraded images a second that a log records, or None."""
    work, earlier, last, summed = 0.0, 0.0, 0.0, 0.0
    for entry in read_log(log):
        if entry["event"] == "opened":
            earlier, last = earlier + last, 0.0
        elif entry["event"] == "part":
            work += entry.get("queries", entry.get("rows", 0))
            last = float(entry["seconds"])
            summed += last
    seconds = summed if KINDS[kind].seconds_add_up else earlier + last
    rate = work / seconds if seconds > 0 else 0.0
    return rate if 0 < rate < math.inf else None  # 0 if no image needed a search
