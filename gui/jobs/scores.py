"""The question "scores": the scores of a few images, for which the user waits."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

SMALL_BATCH = 8  # a full batch would compute scores of images that nobody has asked for


def scores(classifier: "Classifier", arguments: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the scores float32 (N, K) of the `images` as "scores"."""
    small = classifier.with_batch_size(SMALL_BATCH)
    yield "scores", {"scores": small.scores(np.asarray(arguments["images"]))}
