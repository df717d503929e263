"""Whether nearly all images are taken for one class at a severity; then no single image explains it. Runs no model."""

from tfstab.metrics.classification import NEARLY_ALL, taken_for
from tfstab.runs import RunFolder
from tfstab.sweep import SweepRun

FEWEST = 20  # of these images; fewer are too few to tell


def taken_by_nearly_all(run: RunFolder, severity_index: int | None, predicted: int) -> float:
    """Return the share of images of other classes that are taken for the class `predicted` at a severity of a sweep.

    0 if it is less than `NEARLY_ALL`, if there are too few such images to tell, or without a severity, as in a search.
    """
    if not isinstance(run, SweepRun) or severity_index is None:
        return 0.0
    counts = run.confusion[:, severity_index].sum(axis=0)
    if counts.sum() - counts[predicted].sum() < FEWEST:
        return 0.0
    share = float(taken_for(counts)[predicted])
    return share if share >= NEARLY_ALL else 0.0
