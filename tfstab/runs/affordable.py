"""How many images a run with limited time takes: it scores all of them clean before anything else."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets import Dataset
from tfstab.datasets.lazy import pick
from tfstab.errors import TfstabError
from tfstab.runs.folder import RunFolder
from tfstab.runs.info import is_run
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

MEASURED = 0.05  # of the time, at most, for a second measurement of the speed
FEWEST = 2  # images of a new run
FORMS = 4  # about so many other forms of inputs are then tried on up to SAMPLE of a run's images


def seconds_an_image(classifier: "Classifier", images: np.ndarray, seconds: float) -> float:
    """Return how long it takes to score one of many images, measured on two batches at most. seconds: all the time.

    A function may be a service that takes seconds for an image, so it gets two images before a batch. Its first call
    may be slow.
    """
    classifier.compile()
    fastest, batch = 0.0, classifier.batch_size
    for size in (2, 2, batch) if classifier.any_batch else (batch, batch):
        some = np.asarray(pick(images, np.arange(min(size, len(images)))))
        if fastest * size > MEASURED * seconds:
            break
        began = time.perf_counter()
        classifier.scores(some)
        taken = (time.perf_counter() - began) / (len(some) if classifier.any_batch else size)
        fastest = min(fastest or taken, taken)
    return fastest


def known_images(run: Path, dataset: Dataset) -> NDArray[np.bool_]:
    """Return which images a run has; all if it cannot be read, as opening it for writing raises the error."""
    if not is_run(run):
        return np.zeros(len(dataset), bool)
    try:
        return np.isin(dataset.indices, RunFolder(run).clean.indices)
    except TfstabError:
        return np.ones(len(dataset), bool)


def rows_in_time(
    order: NDArray[np.int64], known: NDArray[np.bool_], scored: float, each: float, waiting: float
) -> NDArray[np.int64]:
    """Return the rows of the images for which there is time: those of the run, and further ones in their order.

    Parameters
    ----------
    order : ndarray of int64 (N,)
        Rows of all images, in the order in which they are taken.
    known : ndarray of bool (N,)
        Which images the run has.
    scored : float
        Number of clean images that can be scored in the time.
    each : float
        Number of clean images that take as long as the degraded images of one image.
    waiting : float
        The same for the degraded images that come first: those of the run's own images.

    Examples
    --------
    >>> import numpy as np
    >>> from tfstab.runs.affordable import rows_in_time
    >>> rows_in_time(np.array([3, 1, 2, 0]), np.array([True, False, False, False]), scored=24, each=2, waiting=4)
    array([0, 3, 1])
    """
    from tfstab.classifier.input_sample import SAMPLE  # imports SciPy

    mine, there = known[order], int(known.sum())
    free = scored - waiting - FORMS * min(SAMPLE, there)
    more = free / (1 + each + FORMS)
    if there + more > SAMPLE:
        more = (free - FORMS * max(0, SAMPLE - there)) / (1 + each)
    return np.concatenate([order[mine], order[~mine]])[: max(there + max(0, int(more)), FEWEST)]


def too_few(taken: int, given: int) -> str:
    """Return the warning that a run took only some of the images it was given."""
    return (
        f"the time is not enough for all images, so the run has {taken:,} of {counted(given)}. Run it again to "
        "add others, or give it more time with --minutes (minutes= in Python)."
    )
