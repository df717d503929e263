"""States how much work a command is about to do, and roughly how long it takes."""

import time
from typing import TYPE_CHECKING

import numpy as np

from tfstab.cli.output import remark
from tfstab.wording import roughly

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

NOTE = "at the speed of the clean images"
SCORING = "scoring so many takes about {} " + NOTE + ", without the search's own work"


def clean_speed(classifier: "Classifier", images: np.ndarray) -> float:
    """Return how many images a second the classifier scores, measured on one batch after one to warm up."""
    classifier.compile()
    few = np.asarray(images[: classifier.batch_size])
    batch = few[np.arange(classifier.batch_size) % len(few)]
    classifier.scores(batch)
    begun = time.perf_counter()
    classifier.scores(batch)
    return len(batch) / max(time.perf_counter() - begun, 1e-9)


def state_work(
    what: str,
    scored: int,
    speed: float | None,
    *,
    searching: bool = False,
    minutes: float | None = None,
    known: str | None = None,
) -> None:
    """Print one line on standard error: what is done, and how long it takes.

    Parameters
    ----------
    what : str
        The work in words, such as "noise sweep: 6,000 degraded images of 100 images".
    scored : int
        Number of images to score.
    speed : float or None
        Images scored a second; None if it is not known.
    searching : bool
        Whether a search scores the images: perhaps fewer, and with much work of its own that is not in the estimate.
    minutes : float, optional
        After how many minutes the work stops earlier.
    known : str, optional
        What must be known for the work to stop earlier, such as "an accuracy within 2 points".
    """
    said = [what]
    if speed is not None:
        time_taken = roughly(scored / speed)
        said.append(SCORING.format(time_taken) if searching else f"about {time_taken} {NOTE}")
    if known is not None:
        said.append(f"stops at {known}")
    if minutes is not None:
        said.append(f"stops after {minutes:g} min")
    remark("; ".join(said))
