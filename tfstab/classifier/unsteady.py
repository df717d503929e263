"""Finds out if a model gives different scores for the same images, so that its results cannot be relied on."""

from typing import TYPE_CHECKING

import numpy as np

from tfstab.names import printed
from tfstab.wording import out_of

if TYPE_CHECKING:
    from tfstab.classifier.classifier import Classifier
    from tfstab.datasets import Dataset

IMAGES = 16  # that are scored again
DIFFERENCE = 0.05  # of a score; rounding, also to 16 bits, changes it by far less
UNSTEADY = "gives different scores for the same images"  # in each text on such a model


def unsteady_text(classifier: "Classifier", dataset: "Dataset", scores: np.ndarray) -> str:
    """Return that a model's scores depend on chance or on the batch, in sentences; "" if they do not.

    Parameters
    ----------
    classifier : Classifier
        The model.
    dataset : Dataset
        Images, of which up to 16 are scored again, in the opposite order.
    scores : ndarray (N, K)
        The model's scores of the images.
    """
    # Spread evenly, as images may be sorted by class.
    rows = np.unique(np.linspace(0, len(dataset) - 1, IMAGES).astype(np.int64))[::-1]
    before, again = scores[rows], classifier.scores(np.asarray(dataset.select(rows).images))
    apart = float(np.abs(again - before).max())
    if not apart > DIFFERENCE:
        return ""
    other = int((again.argmax(axis=1) != before.argmax(axis=1)).sum())
    changed = f"a score changes by up to {round(100 * apart)} percentage points"
    if other:
        changed = f"{out_of(other, len(rows))} images {'gets' if other == 1 else 'get'} another prediction"
    return (
        f"{printed(classifier.name)} {UNSTEADY}: when some are scored again, in another batch, {changed}. So its "
        "results depend on chance or on how images are put into batches. In inference, a model must not use dropout, "
        "random augmentation or the statistics of a batch. If it was exported from Keras, use the `.keras` file that "
        "`model.save` writes, or export it without the layers that augment images."
    )
