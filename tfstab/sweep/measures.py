"""What a sweep measures: accuracy, precision and recall, and each image's failures. Needs no TensorFlow."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import InputError
from tfstab.metrics import Calibration, ClassMetrics, area_under_curve, certified_radius, largest_radius, ratio, sigma50
from tfstab.metrics.certificate import CONFIDENCE
from tfstab.runs import CleanImages
from tfstab.sweep.counts import Counts
from tfstab.sweep.intervals import SweepIntervals

if TYPE_CHECKING:
    import pandas as pd

    from tfstab.sweep.config import SweepConfig


@dataclass(frozen=True)
class SeverityAccuracy:
    """Correct predictions at one severity, over all images and over those that are right when clean."""

    severity: float
    correct: int
    total: int
    correct_of_clean_correct: int
    total_of_clean_correct: int

    @property
    def sigma(self) -> float:
        """The severity, by its name for Gaussian noise."""
        return self.severity

    @property
    def accuracy(self) -> float:
        """NaN where nothing has been swept yet."""
        return self.correct / self.total if self.total else float("nan")

    @property
    def accuracy_of_clean_correct(self) -> float:
        """NaN where no image is right when clean."""
        total = self.total_of_clean_correct
        return self.correct_of_clean_correct / total if total else float("nan")


class SweepMeasures:
    """The measures of the images that were swept when this was made; it does not change while a sweep goes on.

    In all shapes M is the number of these images, S of severities (in the run's order) and K of classes.

    images: int64 (M,), indices in the full split, ascending. labels, clean_predicted: int64 (M,), actual class and
    prediction of the clean image. severities: float64 (S,).
    """

    def __init__(self, counts: Counts, clean: CleanImages, config: "SweepConfig", classes: int) -> None:
        self.config, self.classes = config, classes
        self.severities = np.array(config.severities, np.float64)
        self.images: NDArray[np.int64] = np.unique(counts.image)
        order = np.argsort(clean.indices)
        rows = order[np.searchsorted(clean.indices[order], self.images)]
        self.labels = clean.class_index[rows]
        self.clean_scores = clean.scores[rows]
        self.clean_predicted: NDArray[np.int64] = self.clean_scores.argmax(axis=1)
        self._counts = counts
        self._row = np.searchsorted(self.images, counts.image)

    def __len__(self) -> int:
        return len(self.images)

    # --- counts ---

    @property
    def clean_correct(self) -> NDArray[np.bool_]:
        """Which images are right when clean, (M,)."""
        return self.clean_predicted == self.labels

    @property
    def clean_accuracy(self) -> float:
        """Of the swept images; NaN where there are none."""
        return float(self.clean_correct.mean()) if len(self) else float("nan")

    def votes(self, classes: np.ndarray) -> NDArray[np.int64]:
        """How many copies of each image are taken for its class in `classes` (M,), at each severity: (M, S)."""
        return self._by_image(self._counts.predicted == classes[self._row])

    @cached_property
    def total(self) -> NDArray[np.int64]:
        """Copies of each image at each severity, (M, S)."""
        return self._by_image(np.ones(len(self._row), bool))

    @cached_property
    def correct(self) -> NDArray[np.int64]:
        """Copies classified correctly, (M, S)."""
        return self.votes(self.labels)

    def _by_image(self, which: np.ndarray) -> NDArray[np.int64]:
        shape = len(self), len(self.severities)
        code = self._row[which] * shape[1] + self._counts.severity_index[which]
        return np.bincount(code, self._counts.count[which], np.prod(shape)).astype(np.int64).reshape(shape)

    def entries(self, severity: float | None = None, clean_correct: bool = False) -> tuple[np.ndarray, ...]:
        """(row, predicted, count), int64 (E,): what images (rows of M) were taken for, at one severity or at all."""
        keep = np.ones(len(self._row), bool)
        if severity is not None:
            keep &= self._counts.severity_index == self.severity_index(severity)
        if clean_correct:
            keep &= self.clean_correct[self._row]
        return self._row[keep], self._counts.predicted[keep], self._counts.count[keep]

    def severity_index(self, severity: float) -> int:
        """The place of a severity. Raises InputError for one that was not swept."""
        if float(severity) not in self.config.severities:
            known = ", ".join(f"{s:g}" for s in self.config.severities)
            raise InputError(f"{self.config.degradation.parameter} {severity} is not in this run; it has {known}.")
        return self.config.severities.index(float(severity))

    @cached_property
    def confusion(self) -> NDArray[np.int64]:
        """Counts (2, S, K, K): images wrong or right when clean, severity, actual class, predicted class."""
        shape = 2, len(self.severities), self.classes, self.classes
        place = self.clean_correct[self._row] * shape[1] + self._counts.severity_index
        code = (place * shape[2] + self.labels[self._row]) * shape[3] + self._counts.predicted
        return np.bincount(code, self._counts.count, np.prod(shape)).astype(np.int64).reshape(shape)

    # --- all images together ---

    def class_metrics(self, severity: float | None = None, clean_correct: bool = False) -> ClassMetrics:
        """Precision and recall over all noise or one severity (Tables 2 to 5).

        clean_correct: only images that are right when clean. Raises InputError for a severity that was not swept.
        """
        row, predicted, count = self.entries(severity, clean_correct)
        shape = self.classes, self.classes
        counts = np.bincount(self.labels[row] * self.classes + predicted, count, np.prod(shape))
        return ClassMetrics(counts.astype(np.int64).reshape(shape))

    def accuracy_by_severity(self) -> list[SeverityAccuracy]:
        """One entry a severity, in the run's order."""
        right = self.clean_correct
        rows = (self.correct.sum(0), self.total.sum(0), self.correct[right].sum(0), self.total[right].sum(0))
        return [
            SeverityAccuracy(s, *map(int, numbers))
            for s, *numbers in zip(self.config.severities, *rows, strict=True)
        ]  # fmt: skip

    @cached_property
    def accuracy(self) -> NDArray[np.float64]:
        """At each severity, (S,); NaN where nothing is swept."""
        return ratio(self.correct.sum(axis=0), self.total.sum(axis=0))

    @property
    def severity50(self) -> float | None:
        """The severity, interpolated, at which accuracy is half of the clean accuracy: sigma50 of Gaussian noise.

        None where it never is, or where severities lie on both sides of the neutral one.
        """
        value = float(self.config.at_distance(sigma50(self.config.distances, self.accuracy, self.clean_accuracy)))
        return value if np.isfinite(value) else None

    @property
    def area(self) -> float:
        """The normalised area under the curve: the mean accuracy over severities from the neutral to the strongest one.

        NaN where severities lie on both sides of the neutral one.
        """
        if not self.config.one_sided:
            return float("nan")
        return float(area_under_curve(self.config.distances, self.accuracy, self.clean_accuracy))

    @property
    def psnr(self) -> NDArray[np.float64]:
        """Of the mean squared error over all degraded images at each severity, in dB, (S,); infinite without any."""
        with np.errstate(divide="ignore"):
            return -10 * np.log10(ratio(self._counts.squared_error, self.total.sum(axis=0)))

    @property
    def calibration(self) -> Calibration:
        """Scores against accuracy, a group a severity; its `error` is the ECE at each severity (S,)."""
        return self._counts.calibration

    @property
    def clean_calibration(self) -> Calibration:
        """The same of the clean images, one group."""
        return Calibration.of(self.clean_scores.max(axis=1, initial=0), self.clean_correct)

    @cached_property
    def intervals(self) -> SweepIntervals:
        """95 % intervals of all of these, from resampling images."""
        return SweepIntervals(self)

    # --- classes ---

    @cached_property
    def recall_by_severity(self) -> NDArray[np.float64]:
        """(S, K); NaN for a class without images."""
        return self._right_of(self.labels[self._row])

    @cached_property
    def precision_by_severity(self) -> NDArray[np.float64]:
        """(S, K); NaN for a class never predicted."""
        return self._right_of(self._counts.predicted)

    def _right_of(self, classes: np.ndarray) -> NDArray[np.float64]:
        """The share of right predictions among those of each class, whether this is the actual or the predicted one."""
        shape = len(self.severities), self.classes
        code, count = self._counts.severity_index * self.classes + classes, self._counts.count
        right = self._counts.predicted == self.labels[self._row]
        hits = np.bincount(code[right], count[right], np.prod(shape))
        return ratio(hits, np.bincount(code, count, np.prod(shape))).reshape(shape)

    @cached_property
    def clean_recall(self) -> NDArray[np.float64]:
        """Of the swept images, (K,)."""
        right = np.bincount(self.labels, self.clean_correct, self.classes)
        return ratio(right, np.bincount(self.labels, minlength=self.classes))

    @property
    def class_severity50(self) -> NDArray[np.float64]:
        """severity50 of each class's recall, (K,): infinite where it does not fall so far."""
        distances = sigma50(self.config.distances, self.recall_by_severity.T, self.clean_recall)
        return self.config.at_distance(distances)

    @property
    def class_wrong(self) -> NDArray[np.int64]:
        """What each class is most often mistaken for, over all noise, (K,); -1 where it never is."""
        return _largest(self.class_metrics().confusion * ~np.eye(self.classes, dtype=bool))

    def weakest_classes(self) -> NDArray[np.int64]:
        """Classes that have images, those with the least recall over all noise first."""
        recall = self.class_metrics().recall
        there = np.flatnonzero(~np.isnan(recall))
        return there[np.argsort(recall[there], kind="stable")]

    # --- each image ---

    @property
    def wrong_share(self) -> NDArray[np.float64]:
        """The share of its copies that is misclassified, (M, S)."""
        return ratio(self.total - self.correct, self.total)

    def failing_severity(self, share: float = 0.0) -> NDArray[np.float64]:
        """The mildest severity at which that share of an image's copies, and at least one, is misclassified: (M,).

        The neutral one where the image is wrong when clean, infinite where it never happens. share 0: any copy.
        """
        wrong = self.total - self.correct
        fails = wrong >= np.maximum(1, share * self.total)
        order = self.config.mildest_first
        mildest = np.append(self.severities[order], np.inf)[np.where(fails.any(1), fails[:, order].argmax(1), -1)]
        return np.where(self.clean_correct, mildest, self.config.degradation.neutral)

    @property
    def failing_psnr(self) -> NDArray[np.float32]:
        """The PSNR of the mildest noise that makes each image misclassified, in dB, (M,).

        Infinite where the image is wrong when clean, -infinite where no copy is misclassified.
        """
        psnr = np.full(len(self), -np.inf, np.float32)
        psnr[np.searchsorted(self.images, self._counts.wrong_image)] = self._counts.wrong_psnr
        return np.where(self.clean_correct, psnr, np.float32(np.inf))

    @cached_property
    def copy_failing_sigma(self) -> NDArray[np.float32] | None:
        """With common noise, the smallest sigma at which each copy is misclassified: (M, copies), as above.

        None with independent noise, where the copies of different severities have nothing in common.
        """
        if not self.config.common_noise:
            return None
        failing = self._counts.failing[np.argsort(self._counts.failing_image)]
        return np.where(self.clean_correct[:, None], failing, np.float32(0))

    @cached_property
    def wrong_class(self) -> NDArray[np.int64]:
        """The wrong class that each image is most often taken for, over all noise, (M,); -1 where there is none."""
        wrong = self._counts.predicted != self.labels[self._row]
        code, place = np.unique((self._row * self.classes + self._counts.predicted)[wrong], return_inverse=True)
        count = np.bincount(place, self._counts.count[wrong], len(code))
        best = np.full(len(self), -1, np.int64)
        order = np.lexsort((-code, count))  # the most frequent last; of equals the first class
        best[code[order] // self.classes] = code[order] % self.classes
        return best

    def weakest_images(self, clean_correct: bool = True) -> NDArray[np.int64]:
        """Rows (of M) of the images that fail first: by where half of their copies fail, then by the share that does.

        clean_correct: only images that are right when clean.
        """
        rows = np.flatnonzero(self.clean_correct) if clean_correct else np.arange(len(self))
        half = np.abs(self.failing_severity(0.5) - self.config.degradation.neutral)
        return rows[np.lexsort((-self.wrong_share.mean(axis=1)[rows], half[rows]))]

    # --- certificate ---

    def certified_radii(self, of: str = "label", confidence: float = CONFIDENCE) -> NDArray[np.float64]:
        """The certified L2 radius in grey levels of each image at each sigma, (M, S); 0 where it abstains.

        No noise of smaller L2 norm changes the class that the smoothed, clipped classifier of that sigma gives; it
        says nothing of the network itself (see `tfstab.metrics.certificate`). of: "label", the actual class, or
        "clean", the prediction of the clean image; both are fixed before the votes are seen. With the given
        confidence, an image's radii hold at all sigmas together. Raises InputError for another `of`, and where the
        degradation is no Gaussian noise.
        """
        if of not in ("label", "clean"):
            raise InputError(f"of is '{of}'; expected 'label' or 'clean', the class that is certified.")
        if not 0 < confidence < 1:
            raise InputError(f"confidence is {confidence}; expected a number between 0 and 1.")
        votes = self.votes(self.labels if of == "label" else self.clean_predicted)
        return certified_radius(votes, self.total, self.config.sigmas, confidence, len(self.severities))

    def largest_certifiable(self, confidence: float = CONFIDENCE) -> float:
        """The radius, in sigmas, that so many copies cannot exceed (1.55 for 150 copies and 12 sigmas)."""
        return largest_radius(self.config.copies, confidence, len(self.severities))

    def to_pandas(self) -> "pd.DataFrame":
        """A row an image: class, clean prediction, failing severities, share misclassified at each, and so on."""
        import pandas as pd

        frame = pd.DataFrame({
            "image": self.images, "class_index": self.labels, "clean_predicted": self.clean_predicted,
            "any_failing_severity": self.failing_severity(), "half_failing_severity": self.failing_severity(0.5),
            "failing_psnr": self.failing_psnr, "wrong_share": self.wrong_share.mean(axis=1),
            "wrong_class": self.wrong_class,
        })  # fmt: skip
        if self.config.gaussian:
            frame["certified_l2"] = self.certified_radii().max(axis=1, initial=0)
        for s, severity in enumerate(self.config.severities):
            frame[f"wrong_share_{severity:g}"] = self.wrong_share[:, s]
        return frame


def _largest(counts: np.ndarray) -> NDArray[np.int64]:
    """The place of the largest count in each row (R, K); -1 where all are 0."""
    return np.where(counts.any(axis=-1), counts.argmax(axis=-1), -1)
