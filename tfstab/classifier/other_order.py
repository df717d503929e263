"""Another assignment of a model's outputs to the classes of images: how it is named, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier import from_one
from tfstab.classifier.class_names import classes_option, classes_value
from tfstab.names import printed

if TYPE_CHECKING:
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
    """

    dataset: "Dataset"
    outputs: NDArray[np.int64]

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
    def in_python(self) -> str:
        """The argument that names the outputs in Python; without its value if that is long."""
        names, named = self.dataset.class_names, self._named
        if len(names) > LISTED:
            return "class_names="
        return f"class_names={[named[k] for k in sorted(named)] if len(named) == len(names) else named}"

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
        return f"If these are right, use {self.whole} ({argument_remark(self.in_python)})."

    @property
    def names(self) -> Sequence[str] | None:
        """The names of all outputs in their order, empty if labels are to be changed instead; None if some lack."""
        if self.dataset.numbered:
            return ()
        named = self._named
        return [named[k] for k in sorted(named)] if len(named) == self.dataset.num_classes else None

    @property
    def options(self) -> dict[str, str]:
        """The option of `ModelOptions` that names the outputs; {} if labels are to be changed instead."""
        return {} if self.dataset.numbered else {"classes": classes_value(self._named, self.dataset.num_classes)}

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
