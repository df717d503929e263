"""Says what to do if labels begin at 1, while a model numbers its outputs from 0."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.class_names import are_numbers, classes_option

SUBTRACT = "The labels seem to begin at 1: subtract 1 from them"


def begin_at_1(outputs: NDArray[np.int64], labels: Iterable[int]) -> bool:
    """Return whether the output of each of these labels is the one before it."""
    return all(outputs[label] == label - 1 for label in labels)


def advice(names: Mapping[int, str] | None, count: int) -> str:
    """Return what to do if the labels begin at 1, as a sentence.

    names: {output: name of the class that it should be}; None if the labels have no names. count: number of the model's
    outputs.
    """
    if names is None:
        return f"{SUBTRACT}."
    option = classes_option(names, count)
    if are_numbers(names.values()):
        python = f"class_names={{k: str(k + 1) for k in range({len(names)})}}"
        return f"{SUBTRACT}, or use {option} (in Python {python})."
    return (
        "If the classes of the data are numbers, these seem to begin at 1: subtract 1 from them. If the classes have "
        f"names, use {option} (class_names= in Python)."
    )
