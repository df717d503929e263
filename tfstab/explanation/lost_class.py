"""Whether most images of a class are misclassified at a severity of a sweep. Runs no model."""

from dataclasses import dataclass

import numpy as np

from tfstab.metrics.classification import NEARLY_ALL
from tfstab.metrics.intervals import wilson_interval
from tfstab.names import quoted
from tfstab.runs import RunFolder
from tfstab.sweep import SweepRun
from tfstab.wording import counted, percent

HALF = 0.5  # of the images of the class: a class is called lost if certainly fewer than this are right


@dataclass(frozen=True)
class LostClass:
    """A class of which, beyond doubt, fewer than half of the images are right at a severity of a sweep.

    Attributes
    ----------
    share : float
        Share of its degraded images that are right.
    clean : float
        Share of its clean images that are right.
    images : int
        Number of its images.
    """

    share: float
    clean: float
    images: int

    @property
    def nearly_all(self) -> bool:
        """Whether nearly all of them are misclassified; then the cause is the degradation, not one image."""
        return 1 - self.share >= NEARLY_ALL

    def title(self, name: str) -> str:
        """Return a title that says that the class is lost. name: name of the class."""
        many = "nearly all" if self.nearly_all else "most"
        return f"At this severity, {many} images of class {quoted(name)} are misclassified"

    def sentence(self, name: str) -> str:
        """Return how many of its images are right, and what that means for one. name: name of the class."""
        which = f"the {counted(self.images)} of class {quoted(name)}"
        right = f"{percent(self.share)} of {which} are right" if self.share else f"none of {which} is right"
        so = "the cause is the degradation rather than this image"
        if not self.nearly_all:
            so = "this image is no exception"
        return f"At this severity, {right} ({percent(self.clean)} when clean), so {so}."


def lost_class(run: RunFolder, severity_index: int | None, label: int) -> LostClass | None:
    """Return the class of an image if most of its images are lost at a severity of a sweep, and fewer when clean.

    Otherwise, return None; likewise without a severity, as in a search. Copies of one image are much alike, so the
    interval counts images, not copies.

    Parameters
    ----------
    run : RunFolder
        The run.
    severity_index : int or None
        Index of the severity.
    label : int
        Index of the class.
    """
    if not isinstance(run, SweepRun) or severity_index is None:
        return None
    counts = run.confusion[:, severity_index, label].sum(axis=0)
    measured = (run.clean.class_index == label) & np.isin(run.clean.indices, run.measures.images)
    if not counts.sum() or not measured.any():
        return None
    share, clean, images = float(counts[label] / counts.sum()), run.clean.correct[measured].mean(), int(measured.sum())
    _, high = wilson_interval(round(share * images), images)
    return LostClass(share, float(clean), images) if high < min(HALF, clean) else None
