"""Table 1: how good a classifier is on clean images."""

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
    """metrics: precision, recall, confusion. interval: Wilson's 95 % interval of the top-1 accuracy."""

    model: dict[str, str]
    data: dict[str, Any]
    class_names: tuple[str, ...]
    metrics: ClassMetrics
    interval: tuple[float, float]

    @property
    def summary(self) -> str:
        """The accuracy in a sentence."""
        m, (low, high) = self.metrics, self.interval
        return f"accuracy (top-1): {m.accuracy:.2%}, 95 % interval {low:.2%} to {high:.2%} ({m.correct} of {m.total})"

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values; NaN, for a class without predictions, is None."""
        m = self.metrics
        classes = [
            {
                "class": k, "name": name, "images": int(m.support[k]),
                "precision": _number(m.precision[k]), "recall": _number(m.recall[k]),
            }
            for k, name in enumerate(self.class_names)
        ]  # fmt: skip
        return {
            "model": self.model, "data": self.data, "accuracy": m.accuracy, "interval_95": list(self.interval),
            "correct": m.correct, "images": m.total, "classes": classes, "confusion": m.confusion.tolist(),
        }  # fmt: skip


def evaluate(classifier: "Classifier", dataset: Dataset) -> Evaluation:
    """Classify all images. Raises InputError where the model does not fit the data; warns where its inputs may not."""
    from tfstab.classifier.doubt import warn_of_doubtful_inputs

    dataset, classifier = match_classes(classifier, dataset), classifier.for_images(dataset.image_shape)
    predicted = classifier.scores(dataset.images).argmax(axis=1)
    warn_of_doubtful_inputs(classifier, dataset, predicted == dataset.labels)
    metrics = class_metrics(dataset.labels, predicted, dataset.num_classes)
    model = {"name": classifier.name, "fingerprint": classifier.fingerprint}
    data = {
        "name": dataset.name, "split": dataset.split, "note": dataset.note, "images": len(dataset),
        "fingerprint": dataset.fingerprint,
    }  # fmt: skip
    return Evaluation(model, data, dataset.class_names, metrics, wilson_interval(metrics.correct, metrics.total))


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
