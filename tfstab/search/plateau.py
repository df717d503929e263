"""Whether a model's scores change in steps, as those of a quantised model do: a search then has little to follow."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

STEPS = "scores_in_steps"  # the entry of run.json: true, or missing
SLIGHT = 0.1  # grey levels: rounding removes it, and float16 does not
TRIED = 8  # images, at most
IN_STEPS = (
    "The model's scores change in steps, as those of a quantised model do: in most images, noise of "
    f"{SLIGHT} grey levels changes none of them. A search then has little to follow, so far less noise than it finds "
    "may be enough, even less than a tenth. Do not compare this noise with that of another model, such as the one "
    "before quantisation."
)


def changes_in_steps(classifier: "Classifier", images: np.ndarray) -> bool:
    """Return whether slight noise changes no score of most images; False for a model that returns labels only.

    Scores in steps, as of a quantised model, stay equal, and so do all scores of a model that rounds its inputs to
    whole grey levels.

    Parameters
    ----------
    classifier : Classifier
        The model.
    images : ndarray of uint8 (N, H, W, C)
        Clean images, grey levels 0..255, of which a few are tried.
    """
    if classifier.labels_only or not len(images):
        return False
    clean = np.asarray(images[:TRIED], np.float32)
    signs = np.random.default_rng(0).choice(np.array([-SLIGHT, SLIGHT], np.float32), clean.shape)
    scores = classifier.log_scores(np.concatenate([clean, np.clip(clean + signs, 0, 255)]))
    before, after = np.split(scores, 2)
    return bool((before == after).all(axis=1).mean() > 1 / 2)


def only_labels_help(classifier: "Classifier", images: np.ndarray) -> bool:
    """Return whether a search without gradients should use labels alone: there are no scores, or they are in steps.

    Of a digit classifier quantised to 8 bits, the genetic search found noise of a median L2 of 1,450 with 20,000
    queries for an image, and none for most images with 5,000. The search by labels found 700 with 1,000, and the
    network before quantisation needs 350 (noise from gradients).

    Parameters
    ----------
    classifier, images
        As in `changes_in_steps`.
    """
    return classifier.labels_only or changes_in_steps(classifier, images)


def has_steps(info: Mapping[str, Any]) -> bool:
    """Return whether the scores of a search's model change in steps. info: its run.json."""
    return info.get(STEPS) is True
