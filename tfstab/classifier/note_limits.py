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

    Where one class is common, the accuracy hides how many of the others are lost. Inputs that are far too large can
    also raise the recall of a rare class, by chance; then the scores tell which inputs are right.
    """
    sizes = np.bincount(dataset.labels).tolist()
    if not one_is_common(sizes):
        return ""
    if other < used:
        return (
            f" The mean recall of the classes is {percent(used)} with the inputs in use and {percent(other)} with the "
            "others, but a model's scores say more about the inputs it was trained with than the number of right "
            "answers does."
        )
    common = printed(dataset.class_names[int(np.argmax(sizes))])
    return (
        f" Most images are of class {common}, so the mean recall of the classes says more: {percent(used)} with the "
        f"inputs in use, {percent(other)} with the others."
    )


def best_known_text(classifier: "Classifier", form: str, rival: str = "") -> str:
    """Return sentences on what an advised form does not rule out; "" for nothing.

    rival: another form that fits about as well, "" for none.
    """
    as_well = (
        f" Inputs {about(rival)} ({rival}) fit about as well, so look up which of the two the model was trained with."
        if rival
        else ""
    )
    if form in UNSCALED or is_own_scale(form):
        return as_well
    how = "" if classifier.prepares_itself else ": --preprocess mean=M/std=S"
    return (
        f"{as_well} This is only the best of the forms that tfstab knows. If the model was trained with its own mean "
        f"and standard deviation, use these instead{how}."
    )
