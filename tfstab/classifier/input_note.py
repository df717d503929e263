"""The sentence that a model's images should be scaled in another way, or that its outputs are other classes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.class_names import classes_option
from tfstab.classifier.preprocess import ABOUT
from tfstab.names import printed

if TYPE_CHECKING:
    from tfstab.classifier.classifier import Classifier
    from tfstab.datasets import Dataset

LISTED = 12  # class names that a message has as a Python list too
SHOWN = 3  # classes whose outputs a message names one by one


@dataclass(frozen=True)
class FormGain:
    """Another form of preprocessing that is better, and what it changes.

    Attributes
    ----------
    form : str
        The form.
    accuracy : float
        Accuracy with it, estimated from the sample.
    log_score, used_log_score : float
        Mean log-score of the actual class with it and with the form in use, estimated from the sample.
    sample : int
        Number of images in the sample.
    """

    form: str
    accuracy: float
    log_score: float
    used_log_score: float
    sample: int


def classes_note(dataset: "Dataset", outputs: NDArray[np.int64], predicted: NDArray[np.int64]) -> str:
    """Return the message that another assignment of the classes to the outputs is far better."""
    used, found = (predicted == dataset.labels).mean(), (predicted == outputs[dataset.labels]).mean()
    moved, option, in_python = _classes_advice(dataset, outputs)
    return (
        f"accuracy is {used:.1%}; it is {found:.1%} if the model's outputs are taken for other classes, "
        f"output {moved}: if these are right, use {option} ({_in_python(in_python)})."
    )


def form_note(
    classifier: "Classifier", dataset: "Dataset", used: float, gain: FormGain, outputs: NDArray[np.int64] | None
) -> str:
    """Return the message that another form of preprocessing is better, if need be together with other classes.

    Parameters
    ----------
    classifier : Classifier
        The model, with the form in use.
    dataset : Dataset
        All images, with the labels in use.
    used : float
        Accuracy with the form and the classes in use.
    gain : FormGain
        What the other form changes.
    outputs : ndarray of int64 (K,), optional
        The output of each class for which the figures of the other form hold; None for those in use.
    """
    all_of_them = gain.sample == len(dataset)
    images = f"{gain.sample} images" if all_of_them else f"estimated from {gain.sample} of {len(dataset):,} images"
    text = (
        f"accuracy is {used:.1%} and the mean log-score of the actual class {gain.used_log_score:.2f} with inputs "
        f"{ABOUT[classifier.preprocess]}; with {ABOUT[gain.form]} "
    )
    figures = f"they are {gain.accuracy:.1%} and {gain.log_score:.2f}"
    scale = f"let the function scale its images to {ABOUT[gain.form]}"
    if outputs is None:
        option = f"use --preprocess {gain.form} (preprocess='{gain.form}' in Python)"
        return f"{text}{figures} ({images}): {scale if classifier.prepares_itself else option}."
    moved, option, in_python = _classes_advice(dataset, outputs)
    text += (
        f"and the model's outputs taken for other classes, output {moved}, {figures} ({images}): if these are right,"
    )
    if classifier.prepares_itself:
        return f"{text} {scale} and use {option} ({_in_python(in_python)})."
    return f"{text} use --preprocess {gain.form} {option} (in Python preprocess='{gain.form}', {in_python})."


def _classes_advice(dataset: "Dataset", outputs: NDArray[np.int64]) -> tuple[str, str, str]:
    """Return which outputs are other classes, the option that says so, and the argument in Python."""
    names = dataset.class_names
    there = np.unique(dataset.labels)
    named = {int(outputs[label]): names[label] for label in there}
    moved = sorted((int(outputs[label]), names[label]) for label in there if outputs[label] != label)
    shown = ", ".join(f"{output} = {printed(name)}" for output, name in moved[:SHOWN]) + ", ..." * (len(moved) > SHOWN)
    argument = "class_names="
    if len(names) <= LISTED:
        argument += f"{[named[k] for k in sorted(named)] if len(named) == len(names) else named}"
    return shown, classes_option(named, len(names)), argument


def _in_python(argument: str) -> str:
    """Return the remark that names an argument in Python."""
    return f"{argument} in Python" if argument.endswith("=") else f"in Python {argument}"
