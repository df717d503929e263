"""States how much work a command is about to do, and roughly how long it takes."""

import time
from typing import TYPE_CHECKING

import numpy as np

from tfstab.cli.output import remark
from tfstab.wording import roughly

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

NOTE = "at the speed of the clean images"


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
    most: bool = False,
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
    most : bool
        Whether fewer images may be scored.
    minutes : float, optional
        After how many minutes the work stops earlier.
    known : str, optional
        What must be known for the work to stop earlier, such as "an accuracy within 2 points".
    """
    said = [what]
    if speed is not None:
        said.append(f"{'up to about' if most else 'about'} {roughly(scored / speed)} {NOTE}")
    if known is not None:
        said.append(f"stops at {known}")
    if minutes is not None:
        said.append(f"stops after {minutes:g} min")
    remark("; ".join(said))
