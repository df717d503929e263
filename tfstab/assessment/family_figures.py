"""Numbers of one network under one family of degradations, from its sweep. Needs no TensorFlow."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.levels import BREAKS, HARMLESS
from tfstab.metrics import Estimate
from tfstab.metrics.chance import one_is_common
from tfstab.metrics.estimate import CONFIDENCE
from tfstab.metrics.kept import Kept, estimate_kept, estimate_kept_each
from tfstab.sweep import SweepRun
from tfstab.sweep.class_images import ClassImages, rare_sweep
from tfstab.sweep.intervals import severity_of_loss
from tfstab.wording import counted

SOME = 20  # images of a family; of fewer, shares of classes say little


@dataclass(frozen=True, eq=False)
class FamilyFigures:
    """Numbers of one network under one family of degradations.

    Each image weighs the same, whatever its number of copies, and each severity too. Intervals are 95 % and come from
    the images of this family's sweep, which may be more or fewer than another's. Only recalls use more images.

    Attributes
    ----------
    run : SweepRun
        The sweep, finished or not; a snapshot if it may grow, so that its measures are of the images below.
    images : ndarray
        int64 (M,): indices of the images that have been swept, ascending.
    share_right : ndarray
        float64 (M, S): share of each image's copies that are right at each severity.
    clean_right : ndarray
        bool (M,): images that are right when clean.
    """

    run: SweepRun
    images: NDArray[np.int64]
    share_right: NDArray[np.float64]
    clean_right: NDArray[np.bool_]

    @classmethod
    def of(cls, run: SweepRun) -> "FamilyFigures":
        """Return the figures of a sweep, of the parts that are there."""
        run = run.snapshot()
        m = run.measures
        return cls(run, m.images, 1 - m.wrong_share, m.clean_correct)

    @property
    def name(self) -> str:
        """Name of the family."""
        return self.run.degradation.name

    @property
    def title(self) -> str:
        """What the family is called in a sentence."""
        return self.run.degradation.title

    def __repr__(self) -> str:
        """Return the name and the accuracy that is kept."""
        return f"FamilyFigures({self.name!r}, kept={self.kept.value:.3f}, {counted(len(self.images))})"

    @property
    def labels(self) -> NDArray[np.int64]:
        """Class of each image, int64 (M,)."""
        return self.run.measures.labels

    @cached_property
    def rare(self) -> SweepRun | None:
        """The sweep of more images of rare classes, if there is one."""
        return rare_sweep(self.run)

    @cached_property
    def of_classes(self) -> ClassImages:
        """The images of which recalls are computed: those of the sweep, and more of rare classes."""
        sampled = np.ones(len(self.images), bool)
        return ClassImages(self.images, self.labels, self.share_right, self.clean_right, sampled).with_more(self.rare)

    @cached_property
    def chance(self) -> float:
        """Accuracy of always answering the same class, the commonest one of the images that have been swept."""
        return float(np.bincount(self.labels).max()) / len(self.images)

    @property
    def one_common(self) -> bool:
        """Whether one class is common among the images that have been swept."""
        return one_is_common(np.bincount(self.labels).tolist())

    @property
    def chance_kept(self) -> float:
        """Share of the clean accuracy that always answering the same class would keep; NaN if no image is right."""
        right = float(self.clean_right.mean())
        return self.chance / right if right else float("nan")

    @property
    def guessing_keeps_half(self) -> bool:
        """Whether always answering the same class would keep half of the accuracy, so that half is hardly lost.

        False for few images, of which half may be of one class by chance.
        """
        return len(self.images) >= SOME and self.chance_kept >= BREAKS

    @property
    def hides_recall(self) -> bool:
        """Whether the accuracy cannot show that the recall of classes falls.

        That is so if always answering the same class would keep more than 90 % of it, and there are other classes.
        False for few images, most of which may be of one class by chance.
        """
        return len(self.images) >= SOME and self.chance < 1 and self.chance_kept > HARMLESS

    @property
    def rare_right(self) -> bool:
        """Whether an image of another class than the commonest one is right when clean, so that it can be lost."""
        of_classes = self.of_classes
        return bool(of_classes.clean_right[of_classes.labels != np.bincount(self.labels).argmax()].any())

    @cached_property
    def overall(self) -> Kept:
        """What each image keeps of its accuracy, averaged over the severities."""
        return Kept(self.images, self.share_right.mean(axis=1), self.clean_right.astype(np.float64))

    @cached_property
    def kept(self) -> Estimate:
        """Accuracy kept: the mean accuracy over the severities divided by the clean accuracy of the same images.

        NaN, like all other shares and severities here, unless enough images are right when clean.
        """
        return estimate_kept(self.overall)

    @property
    def right(self) -> int:
        """Number of images that are right when clean."""
        return int(np.count_nonzero(self.clean_right))

    def kept_at(self, confidence: float = CONFIDENCE) -> NDArray[np.float64]:
        """Return the accuracy kept at each severity, and the ends of its interval: float64 (3, S), or NaN."""
        return estimate_kept_each(self.share_right, self.clean_right, confidence)

    def kept_under(self, severity_index: int) -> Estimate:
        """Return the accuracy kept at a severity: the accuracy there, divided by the clean accuracy of these images."""
        part = self.share_right[:, severity_index]
        return estimate_kept(Kept(self.images, part, self.clean_right.astype(np.float64)))

    def still_right(self, severity_index: int) -> Estimate:
        """Return the share still right at a severity, of the images that are right when clean."""
        return estimate_kept(self.survivors(severity_index))

    def survivors(self, severity_index: int) -> Kept:
        """Return which images are right when clean, and the share of their copies that is still right."""
        right = self.clean_right.astype(np.float64)
        return Kept(self.images, right * self.share_right[:, severity_index], right)

    @property
    def middle_index(self) -> int:
        """Index of the middle severity; of an even number the stronger one of the two in the middle."""
        order = self.run.config.mildest_first
        return int(order[len(order) // 2])

    @property
    def middle_severity(self) -> float:
        """The middle severity."""
        return self.run.severities[self.middle_index]

    @cached_property
    def middle(self) -> Estimate:
        """Share still right at the middle severity, of the images that are right when clean."""
        return self.still_right(self.middle_index)

    @cached_property
    def severity10(self) -> Estimate:
        """Severity at which 10 % of the clean accuracy is lost: see `severity_of_loss`."""
        return self.severity_of_loss(0.1)

    @cached_property
    def severity50(self) -> Estimate:
        """Severity at which half of the clean accuracy is lost: see `severity_of_loss`."""
        return self.severity_of_loss(0.5)

    def severity_of_loss(self, lost: float, confidence: float = CONFIDENCE) -> Estimate:
        """Return the severity at which a share of the clean accuracy is lost: see `tfstab.sweep.intervals`."""
        return severity_of_loss(self.run.config, self.share_right, self.clean_right, lost, confidence)
