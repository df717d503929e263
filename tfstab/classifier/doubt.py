"""Warns if a model's accuracy suggests that its images are preprocessed in another way than in its training."""

import warnings
from dataclasses import replace
from typing import Any

import numpy as np

from tfstab.classifier import backend
from tfstab.classifier.classifier import Classifier
from tfstab.classifier.keras_graph import nested_layers
from tfstab.classifier.preprocess import ABOUT, FORMS, RGB_ONLY
from tfstab.datasets import Dataset
from tfstab.metrics import wilson_interval

SAMPLE = 64  # images on which every form of preprocessing is tried
FEWEST = 8  # with fewer images, an accuracy says nothing
GOOD = 0.5  # from this accuracy on, the form in use is not questioned


def warn_of_doubtful_inputs(classifier: Classifier, dataset: Dataset, correct: np.ndarray) -> None:
    """Warn if the accuracy is low and another form of preprocessing gives a far better one.

    Only an accuracy below one half is looked into. The forms are tried on a stratified sample; another form is far
    better if its 95 % interval lies above that of the form in use.

    Parameters
    ----------
    classifier : Classifier
        Model in question.
    dataset : Dataset
        Images with labels that `match_classes` has matched to the model.
    correct : ndarray of bool (N,)
        Which images the classifier gets right.
    """
    if not classifier.differentiable or len(dataset) < FEWEST or correct.mean() >= GOOD:
        return
    if classifier.preprocess == "none" and _normalises(classifier.model):
        return
    rows = replace(dataset, indices=np.arange(len(dataset))).take(SAMPLE).indices
    sample, chosen, known = dataset.select(rows), classifier.preprocess, int(correct[rows].sum())
    right = {form: known if form == chosen else _right(classifier, form, sample) for form in _forms(classifier)}
    best, count = max(right, key=lambda form: right[form]), len(sample)
    if wilson_interval(right[best], count)[0] > wilson_interval(right[chosen], count)[1]:
        warnings.warn(
            f"accuracy {right[chosen] / count:.1%} with inputs {ABOUT[chosen]}; with {ABOUT[best]} it is "
            f"{right[best] / count:.1%} ({count} images): use --preprocess {best}.",
            stacklevel=3,
        )


def _forms(classifier: Classifier) -> list[str]:
    """Return the forms of preprocessing that the model can take."""
    channels = 3 if classifier.takes_colours else 1
    return [form for form in FORMS if channels == 3 or form not in RGB_ONLY]


def _right(classifier: Classifier, form: str, sample: Dataset) -> int:
    """Return how many images of the sample are classified correctly with this form of preprocessing."""
    scores = classifier.with_preprocess(form).with_batch_size(SAMPLE).scores(sample.images)
    return int((scores.argmax(axis=1) == sample.labels).sum())


def _normalises(model: Any) -> bool:
    """Return whether a model has a layer that scales its images, so that it needs no other preprocessing."""
    layers = backend.keras().layers
    kinds = (layers.Rescaling, layers.Normalization)
    return any(isinstance(layer, kinds) for layer in nested_layers(model))
