"""Another assignment of a model's outputs to the classes of images: how it is named, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier import from_one
from tfstab.classifier.class_names import are_numbers, classes_option, classes_value
from tfstab.classifier.threshold import DEFAULT, of_other_class
from tfstab.names import printed

if TYPE_CHECKING:
    from tfstab.classifier.classifier import Classifier
    from tfstab.datasets import Dataset

LISTED = 12  # class names that a message has as a Python list too
SHOWN = 3  # classes whose outputs a message names one by one


@dataclass(frozen=True)
class OtherOrder:
    """Another assignment of the outputs to the classes.

    Names of classes are given to the outputs that stand for them, with --classes. Labels without names are the numbers
    of outputs, whatever these are called, so these labels are changed instead.

    Attributes
    ----------
    dataset : Dataset
        Images with labels that `match_classes` has matched to the model.
    outputs : ndarray of int64 (K,)
        The output of each class.
    threshold : float
        The decision threshold in use, if there are two outputs.
    named : bool
        Whether the user has named the outputs, so that the threshold was meant for the class named second.
    """

    dataset: "Dataset"
    outputs: NDArray[np.int64]
    threshold: float = DEFAULT
    named: bool = False

    @classmethod
    def of(cls, classifier: "Classifier", dataset: "Dataset", outputs: NDArray[np.int64]) -> "OtherOrder":
        """Return another order of a model's outputs, with what is known of its threshold and its names."""
        return cls(dataset, outputs, classifier.threshold, named=not are_numbers(classifier.class_names))

    @property
    def moved(self) -> str:
        """The first outputs that stand for other classes, as in "output 9 = cat, 8 = dog"."""
        names, outputs = self.dataset.class_names, self.outputs
        if self.dataset.numbered:
            names = tuple(f"label {k}" for k in range(len(names)))
        moved = sorted((int(outputs[k]), names[k]) for k in np.unique(self.dataset.labels) if outputs[k] != k)
        shown = ", ".join(f"{output} = {printed(name)}" for output, name in moved[:SHOWN])
        return f"output {shown}" + " and so on" * (len(moved) > SHOWN)

    @property
    def whole(self) -> str:
        """The whole order: the option that names the outputs, or a line of Python that changes the labels."""
        if self.dataset.numbered:
            return f"labels = np.array({self.outputs.tolist()})[labels]"
        return classes_option(self._named, len(self.dataset.class_names))

    @property
    def other_threshold(self) -> str:
        """The threshold to give for output 1, as text, if this order changes it; "" if it does not."""
        return f"{1 - self.threshold:.15g}" if self._moves_threshold and self.named else ""

    @property
    def to_type(self) -> str:
        """The options that name the outputs and, if need be, give the threshold of the other class."""
        return f"{self.whole} --threshold {self.other_threshold}" if self.other_threshold else self.whole

    @property
    def in_python(self) -> str:
        """The arguments in Python for the same; without the names if there are many."""
        names, named = self.dataset.class_names, self._named
        if len(names) > LISTED:
            return "class_names="
        threshold = f", threshold={self.other_threshold}" if self.other_threshold else ""
        return f"class_names={[named[k] for k in sorted(named)] if len(named) == len(names) else named}{threshold}"

    @property
    def threshold_remark(self) -> str:
        """What a sentence adds behind the options: to which class the threshold then applies; "" if to the same."""
        if not self._moves_threshold:
            return ""
        other, meant = map(printed, self.dataset.class_names)
        if self.other_threshold:
            same = f"{self.threshold:g} for {meant} is {self.other_threshold} for {other}"
            return f", because a threshold of {same}, which is then output 1"
        return f"; the threshold {self.threshold:g} then applies to {other}, output 1"

    @property
    def renumbering(self) -> str:
        """What to do with labels without names."""
        return f"renumber the labels, as in {self.whole}"

    @property
    def advice(self) -> str:
        """What to do if this order is right, as a sentence."""
        if from_one.begin_at_1(self.outputs, np.unique(self.dataset.labels)):
            named = None if self.dataset.numbered else self._named
            return from_one.advice(named, self.dataset.num_classes)
        if self.dataset.numbered:
            return f"If these are right, {self.renumbering}."
        python = argument_remark(self.in_python)
        return f"If these are right, use {self.to_type} ({python}){self.threshold_remark}."

    @property
    def names(self) -> Sequence[str] | None:
        """The names of all outputs in their order, empty if labels are to be changed instead; None if some lack."""
        if self.dataset.numbered:
            return ()
        named = self._named
        return [named[k] for k in sorted(named)] if len(named) == self.dataset.num_classes else None

    @property
    def options(self) -> dict[str, str]:
        """The options that `to_type` gives, by name of parameter; {} if labels are to be changed instead."""
        if self.dataset.numbered:
            return {}
        named = {"classes": classes_value(self._named, self.dataset.num_classes)}
        return named | ({"threshold": self.other_threshold} if self.other_threshold else {})

    def scores(self, scores: np.ndarray) -> np.ndarray:
        """Return scores shifted by the threshold of this order, given scores shifted by the one in use."""
        return of_other_class(scores, self.threshold) if self.other_threshold else scores

    def right(self, scores: np.ndarray) -> NDArray[np.bool_]:
        """Return which images are right in this order. scores: shifted by the threshold in use."""
        return np.asarray(self.scores(scores).argmax(axis=1) == self.outputs[self.dataset.labels])

    @property
    def _moves_threshold(self) -> bool:
        """Whether a threshold is set, and would apply to another class in this order."""
        exchanged = self.outputs.tolist() == [1, 0] and len(np.unique(self.dataset.labels)) > 1
        return exchanged and self.threshold != DEFAULT and not self.dataset.numbered

    @property
    def _named(self) -> dict[int, str]:
        """{output: name} of the classes that have images; of all but the first if each has the output before it."""
        there = np.unique(self.dataset.labels)
        if from_one.begin_at_1(self.outputs, there):
            there = np.arange(1, self.dataset.num_classes)
        return {int(self.outputs[label]): self.dataset.class_names[label] for label in there}


def argument_remark(argument: str) -> str:
    """Return the remark that names an argument in Python."""
    return f"{argument} in Python" if argument.endswith("=") else f"in Python {argument}"
