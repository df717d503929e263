"""Says what to do if labels begin at 1, while a model numbers its outputs from 0."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.class_names import are_numbers, classes_option


def begin_at_1(outputs: NDArray[np.int64], labels: Iterable[int]) -> bool:
    """Return whether the output of each of these labels is the one before it."""
    return all(outputs[label] == label - 1 for label in labels)


def advice(names: Mapping[int, str], count: int) -> str:
    """Return what to do if the labels begin at 1, as a sentence.

    names: {output: name of the class that it should be}. count: number of the model's outputs.
    """
    option = classes_option(names, count)
    if are_numbers(names.values()):
        python = f"class_names={{k: str(k + 1) for k in range({len(names)})}}"
        return f"The labels seem to begin at 1: subtract 1 from them, or use {option} (in Python {python})."
    return (
        "If the data have labels without names, they seem to begin at 1: subtract 1 from them. If the classes of the "
        f"data have names, use {option} (class_names= in Python)."
    )
