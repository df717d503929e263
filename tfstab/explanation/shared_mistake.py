"""Whether a mistake is shared: whether many images of other classes are taken for the same class.

That may be so at the severity of an image, or only at stronger ones. Runs no model.
"""

from dataclasses import dataclass, replace

from tfstab.metrics.classification import NEARLY_ALL
from tfstab.metrics.intervals import wilson_interval
from tfstab.names import quoted
from tfstab.runs import RunFolder
from tfstab.sweep import SweepRun
from tfstab.wording import percent

FEWEST = 20  # copies of images of other classes; with fewer, it is not judged
# The share must exceed this, and also an even share among the classes, which is larger if there are fewer than ten.
MANY = 0.1
HALF = 0.5  # of these images: if more share the mistake and no cause is found in the image, the title says so


@dataclass(frozen=True)
class SharedMistake:
    """Many images of other classes that are taken for one class at a severity of a sweep.

    Attributes
    ----------
    share : float
        Share of the images of other classes that are taken for it.
    clean : float
        The same of the clean images.
    where : str
        The severity, such as "density 80 %", if it is a stronger one than that of the image; otherwise "".
    low : float
        The lower end of the 95 % interval of the share.
    """

    share: float
    clean: float
    where: str = ""
    low: float = 0.0

    @property
    def nearly_all(self) -> bool:
        """Whether nearly all of them are, at the image's severity; then the cause is the degradation, not one image."""
        return self.share >= NEARLY_ALL and not self.where

    @property
    def most(self) -> bool:
        """Whether more than half of them certainly are, at the image's severity."""
        return self.low > HALF and not self.where

    @property
    def means_little(self) -> bool:
        """Whether being right means little, as most images get the same answer at the image's severity."""
        return self.most or self.nearly_all

    def of_right(self, actual: str) -> str:
        """Return what `means_little` says, in words. actual: name of the class, of the image and of the answer."""
        taken = f"{percent(self.share)} of the images of other classes are taken for {quoted(actual)}, too"
        return f"At this severity, {taken} ({percent(self.clean)} when clean), so being right says little here."

    def sentence(self, predicted: str) -> str:
        """Return how many they are, and what that means for one image. predicted: name of the class."""
        taken = f"{percent(self.share)} of the images of other classes are taken for {quoted(predicted)}"
        if self.where:
            return (
                f"At stronger severities, this mistake is a common one: at {self.where}, {taken} "
                f"({percent(self.clean)} when clean)."
            )
        if self.nearly_all:
            return f"At this severity, {taken}, so the cause is the degradation rather than this image."
        return (
            f"At this severity, {taken}, too ({percent(self.clean)} when clean): the mistake is not this image's alone."
        )


def shared_mistake(run: RunFolder, severity_index: int | None, predicted: int) -> SharedMistake | None:
    """Return the share of images of other classes that are taken for `predicted` at a severity of a sweep, if large.

    It is large if it is certainly larger than when clean, than an even share among the classes and than `MANY`, or if
    it is at least `NEARLY_ALL`. If it is not, return the largest share at stronger severities, if that is large and
    they are of the same direction. Otherwise, return None; likewise if there are too few such images, and without a
    severity, as in a search. Copies of one image are much alike, so the interval counts images, not copies.
    """
    if not isinstance(run, SweepRun) or severity_index is None:
        return None
    here = shared_at(run, severity_index, predicted)
    if here is not None or not run.config.one_sided:
        return here
    order = run.config.mildest_first.tolist()
    found = [(k, shared_at(run, k, predicted)) for k in order[order.index(severity_index) + 1 :]]
    large = [(shared, k) for k, shared in found if shared is not None]
    if not large:
        return None
    shared, k = max(large, key=lambda each: each[0].share)
    return replace(shared, where=run.degradation.at(f"{run.severities[k]:g}"))


def shared_at(run: SweepRun, severity_index: int, predicted: int) -> SharedMistake | None:
    """Return the share at one severity, if it is large, as `shared_mistake` explains; otherwise None."""
    m = run.measures
    copies = int(m.total[m.labels != predicted, severity_index].sum())
    if copies < FEWEST:
        return None
    images = max(1, round(copies / run.config.copies))
    share = float(m.taken_by_severity[severity_index, predicted])
    when_clean = run.clean.predicted[run.clean.class_index != predicted] == predicted
    _, clean_high = wilson_interval(int(when_clean.sum()), len(when_clean))
    low, _ = wilson_interval(round(share * images), images)
    many = low > max(1 / m.classes, MANY, clean_high)
    return SharedMistake(share, float(when_clean.mean()), low=low) if many or share >= NEARLY_ALL else None
