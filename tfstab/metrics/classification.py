"""Precision and recall of each class, and accuracy: the columns of the paper's Tables 1 to 6."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEARLY_ALL = 0.9  # of the degraded images of other classes: if so many are taken for one class, this is said


def ratio(part: np.ndarray, whole: np.ndarray) -> NDArray[np.float64]:
    """Return part / whole, with NaN for 0 / 0.

    Parameters
    ----------
    part, whole : ndarray
        Numbers of the same shape.

    Returns
    -------
    ndarray of float64
        The quotients.

    Examples
    --------
    >>> from tfstab.metrics import ratio
    >>> ratio(np.array([1, 0]), np.array([4, 0])).tolist()
    [0.25, nan]
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(part / whole)


MOST_PRINTED = 20  # classes


@dataclass(frozen=True, repr=False)
class ClassMetrics:
    """Precision and recall of each of K classes, computed from a confusion matrix.

    Printed, it is a table of the classes; if there are many, of those with the lowest recall.

    Attributes
    ----------
    confusion : ndarray of int64, (K, K)
        Number of images by true class (row) and predicted class (column), which may be multiplied by weights.
    counts : ndarray of int64, (K, K)
        The same without weights; by default there are none.
    class_names : tuple of str
        Names of the classes; by default their numbers.
    counted : str
        What is counted: "images", or "copies" for the degraded ones of a sweep.

    Examples
    --------
    >>> from tfstab.metrics import ClassMetrics
    >>> metrics = ClassMetrics(np.array([[8, 2], [0, 10]]))
    >>> metrics.recall.tolist(), metrics.support.tolist(), metrics.accuracy, metrics.mean_recall
    ([0.8, 1.0], [10, 10], 0.9, 0.9)
    >>> ClassMetrics(np.array([[8, 2], [0, 10]]), class_names=("cat", "dog"))
    20 images, accuracy 0.9000, mean recall 0.9000
    class  images  precision  recall  most often taken for
    cat        10     1.0000  0.8000  dog (2)
    dog        10     0.8333  1.0000
    """

    confusion: NDArray[np.int64]
    counts: NDArray[np.int64] = None  # type: ignore[assignment]  # set below
    class_names: tuple[str, ...] = ()
    counted: str = "images"

    def __post_init__(self) -> None:
        """Count images as `confusion` does if they have no weights; name classes by number if they have no names."""
        if self.counts is None:
            object.__setattr__(self, "counts", self.confusion)
        if not self.class_names:
            object.__setattr__(self, "class_names", tuple(map(str, range(len(self.confusion)))))

    @property
    def precision(self) -> NDArray[np.float64]:
        """Correct share of the images predicted as each class: float64 (K,); NaN for a class never predicted."""
        return ratio(np.diag(self.confusion), self.confusion.sum(axis=0))

    @property
    def recall(self) -> NDArray[np.float64]:
        """Correct share of the images of each class: float64 (K,); NaN for a class without images."""
        return ratio(np.diag(self.confusion), self.confusion.sum(axis=1))

    @property
    def shares(self) -> NDArray[np.float64]:
        """Share of the images of each class (row) that is predicted as each class (column): float64 (K, K).

        The diagonal is the recall; NaN in the row of a class without images.
        """
        return ratio(self.confusion, self.confusion.sum(axis=1, keepdims=True))

    @property
    def mean_recall(self) -> float:
        """Mean recall of the classes that have images, each class counting the same; NaN if there are none."""
        return float(np.nanmean(self.recall)) if self.total else float("nan")

    @property
    def support(self) -> NDArray[np.int64]:
        """Number of images of each class: int64 (K,)."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def correct(self) -> int:
        """Number of images that are classified correctly."""
        return int(np.trace(self.counts))

    @property
    def total(self) -> int:
        """Number of images."""
        return int(self.counts.sum())

    @property
    def accuracy(self) -> float:
        """Share of images that are classified correctly; NaN if there are none."""
        return float(np.trace(self.confusion) / self.confusion.sum()) if self.total else float("nan")

    def __str__(self) -> str:
        """Return accuracy and mean recall, and a table of the classes."""
        count, chosen = len(self.class_names), np.arange(len(self.class_names))
        if count > MOST_PRINTED:
            chosen = np.argsort(self.recall, kind="stable")[:MOST_PRINTED]
        width = max(map(len, ["class", *(self.class_names[k] for k in chosen)]))
        lines = [
            f"{self.total:,} {self.counted}, accuracy {self.accuracy:.4f}, mean recall {self.mean_recall:.4f}",
            f"{'class':{width}}  {self.counted:>6}  precision  recall  most often taken for",
            *(self._line(k, width) for k in chosen.tolist()),
        ]
        if count > MOST_PRINTED:
            lines.append(f"The {MOST_PRINTED} of {count:,} classes with the lowest recall.")
        return "\n".join(lines)

    __repr__ = __str__

    def _line(self, k: int, width: int) -> str:
        wrong = np.where(np.arange(len(self.counts)) == k, 0, self.counts[k])
        rival = int(wrong.argmax())
        taken = f"{self.class_names[rival]} ({wrong[rival]:,})" if wrong[rival] else ""
        shares = self.precision[k], self.recall[k]
        precision, recall = ("–" if np.isnan(share) else f"{share:.4f}" for share in shares)
        name = self.class_names[k]
        return f"{name:{width}}  {self.support[k]:6,}  {precision:>9}  {recall:>6}  {taken}".rstrip()


def class_metrics(labels: np.ndarray, predicted: np.ndarray, num_classes: int) -> ClassMetrics:
    """Compare predicted with true classes.

    Parameters
    ----------
    labels : ndarray of int, (N,)
        True class of each image, 0..num_classes - 1.
    predicted : ndarray of int, (N,)
        Predicted class of each image.
    num_classes : int
        Number of classes, K.

    Returns
    -------
    ClassMetrics
        Precision, recall and accuracy.

    Examples
    --------
    >>> from tfstab.metrics import class_metrics
    >>> class_metrics(np.array([0, 0, 1]), np.array([0, 1, 1]), num_classes=2).confusion.tolist()
    [[1, 1], [0, 1]]
    """
    pairs = np.ravel_multi_index((labels, predicted), (num_classes, num_classes))
    return ClassMetrics(np.bincount(pairs, minlength=num_classes**2).reshape(num_classes, num_classes))


def taken_for(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return which share of the images of other classes is taken for each class; NaN without such images.

    Parameters
    ----------
    counts : ndarray of int, (..., K, K)
        Counts by true and predicted class.

    Returns
    -------
    ndarray of float, (..., K)
        The shares.
    """
    mistaken = counts.sum(axis=-2) - np.diagonal(counts, axis1=-2, axis2=-1)
    return ratio(mistaken, counts.sum(axis=(-2, -1))[..., None] - counts.sum(axis=-1))
