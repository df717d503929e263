"""Sentences on what the check of the inputs cannot know, and on what its accuracies do not show."""

from typing import TYPE_CHECKING

import numpy as np

from tfstab.classifier.own_scale import is_own_scale
from tfstab.classifier.preprocess import about
from tfstab.metrics.chance import one_is_common
from tfstab.names import printed
from tfstab.wording import percent

if TYPE_CHECKING:
    from tfstab.classifier.classifier import Classifier
    from tfstab.datasets import Dataset

UNSCALED = ("none", "bgr")  # forms of grey levels 0..255


def untested_text(classifier: "Classifier", form: str, reason: str) -> str:
    """Return a sentence on a model that failed in all other forms, such as this one, for a reason."""
    return (
        f"It is not known whether other inputs fit {printed(classifier.name)} better: it failed on all that were "
        f"tried, such as inputs {about(form)} ({reason}). If its accuracy is lower than you expect, check that "
        "grey levels 0..255 in the order red, green, blue are scaled as in training before they reach the model."
    )


def recall_text(dataset: "Dataset", used: float, other: float) -> str:
    """Return a sentence on the mean recall with the form in use and with another, "" if no class is common.

    Where one class is common, the accuracy hides how many of the others are lost.
    """
    sizes = np.bincount(dataset.labels).tolist()
    if not one_is_common(sizes):
        return ""
    common = printed(dataset.class_names[int(np.argmax(sizes))])
    return (
        f" Most images are of class {common}, so the mean recall of the classes says more: {percent(used)} with the "
        f"inputs in use, {percent(other)} with the others."
    )


def best_known_text(classifier: "Classifier", form: str) -> str:
    """Return a sentence on what an advised form does not rule out, "" for grey levels or the user's own numbers."""
    if form in UNSCALED or is_own_scale(form):
        return ""
    how = "" if classifier.prepares_itself else ": --preprocess mean=M/std=S"
    return (
        " This is only the best of the forms that tfstab knows. If the model was trained with its own mean and "
        f"standard deviation, use these instead{how}."
    )
