"""Whether a model gets its images in the form that it was trained on, as far as its accuracy tells."""

import warnings
from typing import Any

import numpy as np

from tfstab.classifier import backend
from tfstab.classifier.classifier import Classifier
from tfstab.classifier.preprocess import ABOUT, FORMS, RGB_ONLY
from tfstab.datasets import Dataset
from tfstab.metrics import wilson_interval

SAMPLE = 64  # images that every form is tried on
FEWEST = 8  # images that say anything of an accuracy
GOOD = 0.5  # an accuracy that raises no doubt


def warn_of_doubtful_inputs(classifier: Classifier, dataset: Dataset, correct: np.ndarray) -> None:
    """Warn where the accuracy is low and another form of preprocessing has a far better one.

    dataset: as `fit` gives it. correct: bool (N,), which images the classifier gets right. The forms are tried on a
    stratified sample where the accuracy is below one half; far better is an interval above that of the form chosen.
    """
    if not classifier.differentiable or len(dataset) < FEWEST or correct.mean() >= GOOD:
        return
    if classifier.preprocess == "none" and _normalises(classifier.model):
        return
    sample = dataset.take(SAMPLE)
    right = {form: _right(classifier, form, sample) for form in _forms(classifier)}
    best, chosen = max(right, key=lambda form: right[form]), classifier.preprocess
    count = len(sample)
    if wilson_interval(right[best], count)[0] > wilson_interval(right[chosen], count)[1]:
        warnings.warn(
            f"accuracy {right[chosen] / count:.1%} with inputs {ABOUT[chosen]}; with {ABOUT[best]} it is "
            f"{right[best] / count:.1%} ({count} images): use --preprocess {best}.", stacklevel=3,
        )  # fmt: skip


def _forms(classifier: Classifier) -> list[str]:
    channels = 3 if classifier.takes_colours else 1
    return [form for form in FORMS if channels == 3 or form not in RGB_ONLY]


def _right(classifier: Classifier, form: str, sample: Dataset) -> int:
    other = classifier if form == classifier.preprocess else classifier.with_preprocess(form)
    scores = other.with_batch_size(SAMPLE).scores(sample.images)
    return int((scores.argmax(axis=1) == sample.labels).sum())


def _normalises(model: Any) -> bool:
    """Whether a model has a layer that scales its images, and so is taken as it is."""
    layers = backend.keras().layers
    kinds = (layers.Rescaling, layers.Normalization)
    return any(isinstance(layer, kinds) for layer in model._flatten_layers(include_self=False, recursive=True))
