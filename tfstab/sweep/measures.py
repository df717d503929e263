"""What a sweep measures: accuracy and calibration, classes, and where each image fails. Needs no TensorFlow."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.threshold import own_scores
from tfstab.errors import InputError
from tfstab.metrics import Calibration, area_under_curve, certified_radius, largest_radius, ratio, sigma50
from tfstab.metrics.certificate import CONFIDENCE, fewest_copies
from tfstab.sweep.confusion_shares import ConfusionShares
from tfstab.sweep.intervals import SweepIntervals
from tfstab.sweep.tally import Tally

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class SeverityAccuracy:
    """Correct predictions at one severity, of all images and of those that are right when clean.

    Attributes
    ----------
    severity : float
        The severity.
    correct, total : int
        Degraded images classified correctly, and all of them; multiplied by `Tally.weights` if images have different
        numbers of copies.
    correct_of_clean_correct, total_of_clean_correct : int
        The same of images that are right when clean.
    """

    severity: float
    correct: int
    total: int
    correct_of_clean_correct: int
    total_of_clean_correct: int

    @property
    def accuracy(self) -> float:
        """Share of correct predictions; NaN if nothing has been swept yet."""
        return self.correct / self.total if self.total else float("nan")

    @property
    def accuracy_of_clean_correct(self) -> float:
        """The same of images that are right when clean; NaN if there are none."""
        total = self.total_of_clean_correct
        return self.correct_of_clean_correct / total if total else float("nan")


class SweepMeasures(Tally):
    """Measures of the images that had been swept when it was made. See `Tally` for M, S, K and the attributes."""

    # --- all images together ---

    @property
    def clean_accuracy(self) -> float:
        """Accuracy of the clean images; NaN if there are none."""
        return float(self.clean_correct.mean()) if len(self) else float("nan")

    def accuracy_by_severity(self) -> list[SeverityAccuracy]:
        """Return correct predictions at each severity, in the run's order."""
        right, correct, total = self.clean_correct, self.weighted_correct, self.weighted_total
        rows = (correct.sum(0), total.sum(0), correct[right].sum(0), total[right].sum(0))
        return [SeverityAccuracy(s, *map(int, n)) for s, *n in zip(self.config.severities, *rows, strict=True)]

    @cached_property
    def accuracy(self) -> NDArray[np.float64]:
        """Accuracy at each severity, (S,); NaN where nothing is swept."""
        return ratio(self.weighted_correct.sum(axis=0), self.weighted_total.sum(axis=0))

    @property
    def severity50(self) -> float | None:
        """The severity, interpolated, at which accuracy is half of the clean accuracy.

        None if accuracy does not fall so far, or if severities lie on both sides of the neutral one.
        """
        value = float(self.config.at_distance(sigma50(self.config.distances, self.accuracy, self.clean_accuracy)))
        return value if np.isfinite(value) else None

    @property
    def area(self) -> float:
        """Normalised area under the curve: mean accuracy over severities from the neutral one to the strongest.

        NaN if severities lie on both sides of the neutral one.
        """
        if not self.config.one_sided:
            return float("nan")
        return float(area_under_curve(self.config.distances, self.accuracy, self.clean_accuracy))

    @property
    def psnr(self) -> NDArray[np.float64]:
        """PSNR of the mean squared error over all degraded images at each severity, in dB, (S,).

        Infinite if they equal the clean ones.
        """
        with np.errstate(divide="ignore"):
            return -10 * np.log10(ratio(self._counts.squared_error, self.total.sum(axis=0)))

    @property
    def calibration(self) -> Calibration:
        """The model's own scores against accuracy, one group for each severity; `error` is the ECE at each, (S,)."""
        return self._counts.calibration

    @property
    def clean_calibration(self) -> Calibration:
        """The same of the clean images, as one group."""
        own = own_scores(self.clean_scores.max(axis=1, initial=0), self.clean_predicted, self.threshold)
        return Calibration.of(own, self.clean_correct)

    @cached_property
    def intervals(self) -> SweepIntervals:
        """95 % intervals of these measures, from the differences between images."""
        return SweepIntervals(self)

    # --- classes ---

    @cached_property
    def clean_recall(self) -> NDArray[np.float64]:
        """Recall of each class on the clean images, (K,)."""
        right = np.bincount(self.labels, self.clean_correct, self.classes)
        return ratio(right, np.bincount(self.labels, minlength=self.classes))

    @property
    def class_severity50(self) -> NDArray[np.float64]:
        """severity50 of each class's recall, (K,): infinite if recall does not fall so far."""
        distances = sigma50(self.config.distances, self.recall_by_severity.T, self.clean_recall)
        return self.config.at_distance(distances)

    @property
    def class_wrong(self) -> NDArray[np.int64]:
        """The class that each class is most often mistaken for, over all severities, (K,); -1 for none."""
        return _largest(self.class_metrics().confusion * ~np.eye(self.classes, dtype=bool))

    def confusion_shares(self, severity: float | None = None, clean_correct: bool = False) -> ConfusionShares:
        """Return how often each class is taken for each other one, with intervals; arguments as of `class_metrics`."""
        return ConfusionShares(self, severity, clean_correct)

    def weakest_classes(self) -> NDArray[np.int64]:
        """Return the classes that have images, by recall over all severities, the lowest first."""
        recall = self.class_metrics().recall
        there = np.flatnonzero(~np.isnan(recall))
        return there[np.argsort(recall[there], kind="stable")]

    # --- each image ---

    @property
    def wrong_share(self) -> NDArray[np.float64]:
        """Share of each image's copies that is misclassified at each severity, (M, S)."""
        return ratio(self.total - self.correct, self.total)

    def taken_share(self, class_index: int) -> NDArray[np.float64]:
        """Return the share of each image's copies that is taken for a class at each severity, (M, S)."""
        return ratio(self.votes(np.full(len(self), class_index)), self.total)

    def failing_severity(self, share: float = 0.0) -> NDArray[np.float64]:
        """Return the mildest severity at which this share of each image's copies is misclassified, (M,).

        It is the neutral severity if the image is wrong when clean, infinite if that share is never reached. share 0:
        at least one copy.
        """
        wrong = self.total - self.correct
        fails = wrong >= np.maximum(1, share * self.total)
        order = self.config.mildest_first
        mildest = np.append(self.severities[order], np.inf)[np.where(fails.any(1), fails[:, order].argmax(1), -1)]
        return np.where(self.clean_correct, mildest, self.config.degradation.neutral)

    @property
    def failing_psnr(self) -> NDArray[np.float32]:
        """PSNR of the mildest degradation by which each image is misclassified, in dB, (M,).

        Infinite if the image is wrong when clean, -infinite if no copy is misclassified.
        """
        psnr = np.full(len(self), -np.inf, np.float32)
        np.maximum.at(psnr, np.searchsorted(self.images, self._counts.wrong_image), self._counts.wrong_psnr)
        return np.where(self.clean_correct, psnr, np.float32(np.inf))

    @cached_property
    def copy_failing_severity(self) -> NDArray[np.float64] | None:
        """With common noise, the smallest severity at which each copy is misclassified, (M, copies).

        0 if the image is wrong when clean, infinite if the copy never fails, NaN if it has not been made yet. None with
        independent noise, where the copies at different severities have nothing in common.
        """
        if not self.config.common_noise:
            return None
        failing = np.full((len(self), self.config.copies), np.nan)
        failing[np.searchsorted(self.images, self._counts.failing_image), self._counts.failing_copy] = (
            self._counts.failing
        )
        return np.where(self.clean_correct[:, None], failing, 0.0)

    def weakest_images(self, clean_correct: bool = True, class_index: int | None = None) -> NDArray[np.int64]:
        """Return images (rows of M), the weakest first.

        They are sorted by the severity at which half of their copies fail, then by the share of copies that fails.
        Of images that tie, the one whose true class has the lowest score when clean comes first, then the one with the
        lowest index. Ties among images that are wrong when clean go by the index alone.

        clean_correct: only images that are right when clean. class_index: only images of this class.
        """
        rows = self._listed(clean_correct, class_index)
        score = np.where(self.clean_correct, self.clean_true_score, 0)
        return rows[np.lexsort((score[rows], *self._strength[:, rows]))]

    def tied_weakest(self, class_index: int | None = None) -> int:
        """Return how many images, right when clean and of this class, tie with the weakest, whatever their scores."""
        strength = self._strength[:, self._listed(True, class_index)]
        first = strength[:, np.lexsort(strength)[:1]]
        return int((strength == first).all(axis=0).sum())

    def _listed(self, clean_correct: bool, class_index: int | None) -> NDArray[np.int64]:
        """Return the rows of images of a class, or of all for None."""
        keep = self.clean_correct if clean_correct else np.ones(len(self), bool)
        return np.flatnonzero(keep if class_index is None else keep & (self.labels == class_index))

    @property
    def _strength(self) -> NDArray[np.float64]:
        """Sort keys of the images, the last row first: the share of copies that are right, where half fail, (2, M).

        Equal shares may differ in their last bits, as these are sums in another order.
        """
        half = np.abs(self.failing_severity(0.5) - self.config.degradation.neutral)
        return np.stack([np.round(1 - self.wrong_share.mean(axis=1), 9), half])

    # --- certificate ---

    def certified_radii(self, of: str = "label", confidence: float = CONFIDENCE) -> NDArray[np.float64]:
        """Return the certified L2 radius of each image at each severity (sigma), in grey levels, (M, S).

        It is 0 if the smoothed classifier abstains.
        No noise of smaller L2 norm changes the prediction of the classifier smoothed at that sigma, which clips its
        noisy copies if the sweep does. This says
        nothing about the network itself (see `tfstab.metrics.certificate`). of: the class that is certified, "label"
        or "clean" (the prediction of the clean image); both are fixed before the votes are seen. An image's radii hold
        at all severities together, with this confidence. Raises InputError for another `of`, and for a degradation
        that certifies no radius.
        """
        if not self.config.degradation.certifies:
            title = self.config.degradation.title
            raise InputError(f"{title} certifies no radius; expected a sweep of Gaussian noise.")
        if of not in ("label", "clean"):
            raise InputError(f"of is '{of}'; expected 'label' or 'clean', the class that is certified.")
        if not 0 < confidence < 1:
            raise InputError(f"confidence is {confidence}; expected a number between 0 and 1.")
        votes = self.votes(self.labels if of == "label" else self.clean_predicted)
        return certified_radius(votes, self.total, self.config.severities, confidence, len(self.severities))

    def largest_certified(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return each image's largest certified radius (M,), of the true class, and the sigma (M,) at which it is.

        Each sigma gives a different smoothed classifier, so a radius means nothing without its sigma. Where the
        classifier abstains at every sigma, the radius is 0 and the sigma NaN. Raises InputError as `certified_radii`.
        """
        radii = self.certified_radii()
        if not len(self):
            return np.empty(0), np.empty(0)
        best = radii.argmax(axis=1)
        largest = radii[np.arange(len(radii)), best]
        return largest, np.where(largest > 0, self.severities[best], np.nan)

    def largest_certifiable(self, confidence: float = CONFIDENCE) -> float:
        """Return the largest radius that the copies made so far can certify, in sigmas: 1.55 for the paper's sweep."""
        return largest_radius(self.most_copies, confidence, len(self.severities))

    @property
    def can_certify(self) -> bool:
        """Whether any radius can be certified: the noise is Gaussian, and an image has enough copies."""
        return self.config.degradation.certifies and self.most_copies >= self.copies_to_certify

    @property
    def copies_to_certify(self) -> int:
        """Number of copies of an image that certified radii need at least."""
        return fewest_copies(comparisons=len(self.severities))

    @property
    def most_copies(self) -> int:
        """Number of copies of the image that has most."""
        return int(self.total.max(initial=0))

    def to_pandas(self) -> "pd.DataFrame":
        """Return one row for each image: class, clean prediction, where it fails, shares misclassified.

        Classes are given by their indices; `wrong_class` is -1 where no copy is misclassified.

        `certified_l2` is the radius of the classifier smoothed at `certified_sigma`; see `largest_certified`.
        """
        import pandas as pd

        frame = pd.DataFrame(
            {
                "image": self.images,
                "class_index": self.labels,
                "clean_predicted": self.clean_predicted,
                "any_failing_severity": self.failing_severity(),
                "half_failing_severity": self.failing_severity(0.5),
                "failing_psnr": self.failing_psnr,
                "wrong_share": self.wrong_share.mean(axis=1),
                "wrong_class": self.wrong_class,
            }
        )
        if self.config.degradation.certifies:
            frame["certified_l2"], frame["certified_sigma"] = self.largest_certified()
        for s, severity in enumerate(self.config.severities):
            frame[f"wrong_share_{severity:g}"] = self.wrong_share[:, s]
        return frame


def _largest(counts: np.ndarray) -> NDArray[np.int64]:
    """Return the index of the largest count in each row (R, K); -1 if all are 0."""
    return np.where(counts.any(axis=-1), counts.argmax(axis=-1), -1)
