"""Evaluation of a classifier on clean images, as in the paper's Table 1."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tfstab.classifier.matching import match_classes
from tfstab.datasets import Dataset
from tfstab.metrics import ClassMetrics, class_metrics, wilson_interval

if TYPE_CHECKING:
    from tfstab.classifier import Classifier


@dataclass(frozen=True)
class Evaluation:
    """Accuracy, precision and recall of a classifier on clean images.

    Attributes
    ----------
    model : dict
        Name and fingerprint of the model.
    data : dict
        Name, split, note, number of images and fingerprint of the data set.
    class_names : tuple of str
        Names of the classes.
    metrics : ClassMetrics
        Precision, recall and confusion matrix.
    interval : tuple of float
        Wilson's 95 % interval of the top-1 accuracy.
    """

    model: dict[str, str]
    data: dict[str, Any]
    class_names: tuple[str, ...]
    metrics: ClassMetrics
    interval: tuple[float, float]

    @property
    def summary(self) -> str:
        """The accuracy and its interval in a sentence."""
        m, (low, high) = self.metrics, self.interval
        return f"accuracy (top-1): {m.accuracy:.2%}, 95 % interval {low:.2%} to {high:.2%} ({m.correct} of {m.total})"

    def to_json(self) -> dict[str, Any]:
        """Return the evaluation as values that JSON can represent.

        Returns
        -------
        dict
            All attributes; None instead of NaN, which is the precision of a class that is never predicted and the
            recall of one without images.
        """
        m = self.metrics
        classes = [
            {
                "class": k,
                "name": name,
                "images": int(m.support[k]),
                "precision": _number(m.precision[k]),
                "recall": _number(m.recall[k]),
            }
            for k, name in enumerate(self.class_names)
        ]
        return {
            "model": self.model,
            "data": self.data,
            "accuracy": m.accuracy,
            "interval_95": list(self.interval),
            "correct": m.correct,
            "images": m.total,
            "classes": classes,
            "confusion": m.confusion.tolist(),
        }


def evaluate(classifier: "Classifier", dataset: Dataset) -> Evaluation:
    """Evaluate a classifier on all images of a data set.

    It warns if the model seems to expect inputs of another range, or other classes.

    Parameters
    ----------
    classifier : Classifier
        The model.
    dataset : Dataset
        Images (N, H, W, C), uint8 grey levels 0..255, with labels (N,).

    Returns
    -------
    Evaluation
        Accuracy, precision and recall.

    Raises
    ------
    InputError
        The images or classes do not fit the model.

    References
    ----------
    Aghdam, Heravi and Puig, Table 1.
    """
    from tfstab.classifier.input_check import check_inputs

    dataset, classifier = match_classes(classifier, dataset), classifier.for_images(dataset.image_shape)
    scores = classifier.scores(dataset.images)
    check_inputs(classifier, dataset, scores)
    predicted = scores.argmax(axis=1)
    metrics = class_metrics(dataset.labels, predicted, dataset.num_classes)
    model = {"name": classifier.name, "fingerprint": classifier.fingerprint}
    data = {
        "name": dataset.name,
        "split": dataset.split,
        "note": dataset.note,
        "images": len(dataset),
        "fingerprint": dataset.fingerprint,
    }
    return Evaluation(model, data, dataset.class_names, metrics, wilson_interval(metrics.correct, metrics.total))


def _number(value: float) -> float | None:
    """Return the value, or None for NaN."""
    return None if math.isnan(value) else float(value)
