"""What is said if a model's images should be scaled in another way, or if its outputs mean other classes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.class_check import Doubt, doubt_about
from tfstab.classifier.class_names import MOST_PROPOSED, parse_class_names
from tfstab.classifier.grey_level_note import FEW_LEVELS
from tfstab.classifier.note_limits import best_known_text, recall_text
from tfstab.classifier.other_order import OtherOrder, argument_remark
from tfstab.classifier.preprocess import about, preprocess_form
from tfstab.classifier.source import FORM
from tfstab.classifier.unsteady import UNSTEADY
from tfstab.errors import WrongInputsError
from tfstab.metrics import Estimate, shares
from tfstab.names import printed
from tfstab.warning import warn
from tfstab.wording import capital, counted, percent

if TYPE_CHECKING:
    from tfstab.classifier.classifier import Classifier
    from tfstab.datasets import Dataset


@dataclass(frozen=True)
class InputNote:
    """What the check of the inputs noticed.

    Attributes
    ----------
    text : str
        A few sentences: what was noticed, and which option to use; "" if nothing was noticed.
    certain : bool
        Whether the model is far more accurate with this option, beyond doubt. Then figures that are measured without it
        say little about the model.
    lasting : str
        A sentence on how to set this for all commands, "" if that is not known.
    options : mapping
        The values of "preprocess", "classes" and "threshold" that the text advises, as they are typed.
    of_model : bool
        Whether the problem lies in the model itself, so that other inputs or classes do not help.
    untested : str
        Why it is not known whether other inputs are better, as a sentence; "" if that is known.
    """

    text: str = ""
    certain: bool = False
    lasting: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    of_model: bool = False
    untested: str = ""

    @property
    def said(self) -> str | None:
        """The text, None if nothing was noticed because other inputs could not be tried."""
        return None if self.untested and not self.text else self.text

    @property
    def whole(self) -> str:
        """The text, and how to set this for all commands."""
        return " ".join(filter(None, [self.text, self.lasting]))


def heed(note: InputNote, *, as_is: bool = True) -> None:
    """Warn with the text of a note, if it has any, and also if other inputs could not be tried.

    as_is: whether to go on with inputs or classes that are certainly wrong; otherwise WrongInputsError is raised.
    """
    if note.certain and not as_is:
        raise WrongInputsError(note.text, note.lasting, note.options)
    for text in filter(None, (note.whole, note.untested)):
        warn(text)


@dataclass(frozen=True)
class InUse:
    """Figures of the form of preprocessing and the classes in use, over all images.

    Attributes
    ----------
    accuracy : float
        The accuracy.
    recall : float
        Mean recall of the classes that have images.
    typical : float
        Geometric mean of the score of the true class.
    """

    accuracy: float
    recall: float
    typical: float


@dataclass(frozen=True)
class FormGain:
    """Another form of preprocessing that is better, and what it changes.

    Attributes
    ----------
    form : str
        The form.
    accuracy : Estimate
        Accuracy with it.
    recall : float
        Mean recall of the classes that have images with it.
    typical : float
        Geometric mean of the score of the true class with it.
    images : int
        Number of images that these three are from.
    certain : bool
        As in `InputNote`.
    doubt : Doubt, optional
        Why another assignment of the classes, if it belongs to the form, is not convincing.
    rival : str
        A form that fits about as well, so that the images do not show which one is right; "" for none.
    """

    form: str
    accuracy: Estimate
    recall: float
    typical: float
    images: int
    certain: bool
    doubt: Doubt | None = None
    rival: str = ""


def as_reported(text: str, model: str = "") -> str:
    """Return a note as reports repeat it; model: the name of the model, if it is to be named."""
    if (
        text.startswith(FEW_LEVELS) or UNSTEADY in text
    ):  # few grey levels may be right; in the other case, the model is at fault
        return printed(text)
    return f"The inputs or classes{f' of {model}' if model else ''} seem to be wrong. {printed(text)}"


def classes_note(
    classifier: "Classifier",
    dataset: "Dataset",
    outputs: NDArray[np.int64],
    scores: np.ndarray,
    *,
    shown: bool = False,
    certain: bool = True,
) -> InputNote:
    """Return the note that another assignment of the classes to the outputs is better.

    scores: of all images. shown: whether the images of each class that it moves speak for it; then it need not explain
    all errors. certain: as in `InputNote`.
    """
    order = OtherOrder.of(classifier, dataset, outputs)
    used, right = scores.argmax(axis=1) == dataset.labels, order.right(scores)
    now, then = percent(used.mean(), 1), percent(right.mean(), 1)
    text = f"Accuracy is {now}. It is {then} if the model's outputs mean other classes: {order.moved}."
    if (doubt := doubt_about(right, dataset.labels)) and not shown:
        return InputNote(f"{text} {_doubt_text(classifier, dataset, doubt, order.whole)}", certain)
    lasting = set_for_all(classifier, order.names, threshold=order.other_threshold) if order.options else ""
    return InputNote(f"{text} {order.advice}", certain, lasting, order.options)


def form_note(
    classifier: "Classifier",
    dataset: "Dataset",
    used: InUse,
    gain: FormGain,
    outputs: NDArray[np.int64] | None,
) -> InputNote:
    """Return the note that another form of preprocessing is better, if need be together with other classes.

    Parameters
    ----------
    classifier : Classifier
        The model, with the form in use.
    dataset : Dataset
        All images, with the labels in use.
    used : InUse
        Figures of the form and the classes in use.
    gain : FormGain
        What the other form changes.
    outputs : ndarray of int64 (K,), optional
        The output of each class for which the figures of the other form hold; None for those in use.
    """
    from_all = gain.images == len(dataset)
    images = counted(gain.images) if from_all else f"estimated from {counted(gain.images)}"
    accuracy = percent(gain.accuracy.value, 1) if from_all else shares.percent(gain.accuracy)
    before, after = f"with inputs {about(classifier.preprocess)}", f"with inputs {about(gain.form)}"
    text = f"Accuracy is {percent(used.accuracy, 1)} {before}"
    if gain.certain:
        text = f"{text}. It is {accuracy} {after}"
    else:
        typical = percent(gain.typical, 1 if from_all else 0)
        text = f"{text}, and the true class gets a score of {percent(used.typical, 1)} (geometric mean). "
        text = f"{text}{capital(after)}, accuracy is {accuracy} and this score is {typical}"
    if classifier.prepares_itself:
        advice, remark, options = f"let the function scale its images to {about(gain.form)}", "", {}
    else:
        advice, remark = f"use --preprocess {gain.form}", f" (in Python preprocess='{gain.form}')"
        options = {"preprocess": gain.form}
    recall = recall_text(dataset, used.recall, gain.recall)
    if outputs is None:
        known = best_known_text(classifier, gain.form, gain.rival)
        text = f"{text} ({images}).{recall} {capital(advice)}{remark}.{known}"
        return InputNote(text, gain.certain, set_for_all(classifier, (), gain.form), options)
    order = OtherOrder.of(classifier, dataset, outputs)
    if dataset.numbered:
        advice = f"{advice}{remark} and {order.renumbering}"
    elif classifier.prepares_itself:
        advice = f"{advice} and use {order.whole} ({argument_remark(order.in_python)})"
    else:
        advice = f"{advice} {order.to_type} (in Python preprocess='{gain.form}', {order.in_python})"
        advice += order.threshold_remark
    text = f"{text} if the model's outputs mean other classes: {order.moved} ({images}).{recall}"
    if gain.doubt is not None:
        return InputNote(f"{text} {_doubt_text(classifier, dataset, gain.doubt, order.whole)}", gain.certain)
    text = f"{text} If these are right, {advice}.{best_known_text(classifier, gain.form)}"
    lasting = set_for_all(classifier, order.names, gain.form, order.other_threshold)
    return InputNote(text, gain.certain, lasting, options | order.options)


def _doubt_text(classifier: "Classifier", dataset: "Dataset", doubt: Doubt, order: str) -> str:
    """Return the sentences on another order of the classes that explains the errors only in part."""
    scale = "" if classifier.prepares_itself else " (--preprocess)"
    meaning = "" if dataset.numbered else " (--classes)"
    name = str(doubt.label) if dataset.numbered else printed(dataset.class_names[doubt.label])
    return (
        f"This explains the errors only in part, so do not rely on this order: accuracy on the class {name} would be "
        f"only {percent(doubt.accuracy, 1)} ({counted(doubt.images)}). The whole order is {order}. Look up how images "
        f"were scaled in training{scale} and which output stands for which class{meaning}, and check the labels."
    )


def set_for_all(
    classifier: "Classifier", names: Sequence[str] | None, form: str | None = None, threshold: str = ""
) -> str:
    """Return how to set options of the model for all commands, in a file beside it; "" if that cannot be.

    names, form, threshold: the names of the outputs, the preprocessing and the threshold; what is not given is left
    unchanged.
    """
    source = classifier.source
    if source is None or names is None:
        return ""
    if not names and "classes" in source.options:
        given = parse_class_names(source.options["classes"])
        names = given if isinstance(given, list) else names
    shown = list(names) if len(names) <= MOST_PROPOSED else ["..."]
    used = {name: value for name, value in source.options.items() if name in FORM}
    if "preprocess" in used:  # as a card names it
        used["preprocess"] = preprocess_form(used["preprocess"])
    used |= ({"preprocess": form} if form else {}) | ({"threshold": float(threshold)} if threshold else {})
    read = {name: used[name] for name in FORM if name in used}  # all that is known, as it replaces what the file says
    settings = ({"form": read} if read and (form or read != source.told) else {}) | (
        {"class_names": shown} if names else {}
    )
    written, card = json.dumps(settings, ensure_ascii=False), Path(source.path).with_suffix(".json")
    dots = ", with all names in this order in place of the dots" if len(names) > MOST_PROPOSED else ""
    do = f"write {written} into"
    if card.exists():
        do = f"set {written[1:-1]} in" if "form" in settings and source.told else f"add {written[1:-1]} to"
    return f"To set this for all commands, {do} {card.name} beside the model{dots}."
