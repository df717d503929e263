"""Per-class precision and recall, and accuracy (the paper's Tables 1 to 6)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


def ratio(part: np.ndarray, whole: np.ndarray) -> NDArray[np.float64]:
    """part / whole, NaN where both are 0.

    >>> from tfstab.metrics import ratio
    >>> ratio(np.array([1, 0]), np.array([4, 0])).tolist()
    [0.25, nan]
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(part / whole)


@dataclass(frozen=True)
class ClassMetrics:
    """Precision and recall of each class, float64 (K,), and what they come from.

    confusion: int64 (K, K), actual class by predicted class. Precision is NaN for a class never predicted, recall
    for one that has no images.

    >>> from tfstab.metrics import ClassMetrics
    >>> metrics = ClassMetrics(np.array([[8, 2], [0, 10]]))
    >>> metrics.recall.tolist(), metrics.support.tolist(), metrics.accuracy
    ([0.8, 1.0], [10, 10], 0.9)
    """

    confusion: NDArray[np.int64]

    @property
    def precision(self) -> NDArray[np.float64]:
        return ratio(np.diag(self.confusion), self.confusion.sum(axis=0))

    @property
    def recall(self) -> NDArray[np.float64]:
        return ratio(np.diag(self.confusion), self.confusion.sum(axis=1))

    @property
    def support(self) -> NDArray[np.int64]:
        """Images of each class."""
        return self.confusion.sum(axis=1)

    @property
    def correct(self) -> int:
        return int(np.trace(self.confusion))

    @property
    def total(self) -> int:
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """NaN where there are no images."""
        return self.correct / self.total if self.total else float("nan")


def class_metrics(labels: np.ndarray, predicted: np.ndarray, num_classes: int) -> ClassMetrics:
    """Metrics of predicted classes (N,) against actual classes (N,).

    >>> from tfstab.metrics import class_metrics
    >>> class_metrics(np.array([0, 0, 1]), np.array([0, 1, 1]), num_classes=2).confusion.tolist()
    [[1, 1], [0, 1]]
    """
    from sklearn.metrics import confusion_matrix

    return ClassMetrics(confusion_matrix(labels, predicted, labels=np.arange(num_classes)))
