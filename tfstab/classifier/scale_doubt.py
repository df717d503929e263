"""Notices, without labels, that a model was hardly trained with grey levels 0..255."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.preprocess import FORMS
from tfstab.errors import TfstabError

if TYPE_CHECKING:
    from tfstab.classifier.classifier import Classifier

SMALL = "unit"  # the form with the smallest inputs
# Log-odds of the predicted class over the next one from which its score is shown as 1.000. The median over a picture
# and mild changes of it reaches this for photographs rarely, but for digits often, so that it is not enough alone.
SATURATED = 7.6
# How large logits are if inputs are 0..1, and how much they differ between a picture and its mild changes, relative to
# their size. A network that was trained with grey levels hardly tells such inputs from black, so that its logits have
# little size or hardly differ: no such network was above both limits.
SIZE, RESPONSE = 0.5, 0.05
LEAST = -1e4  # log-scores of a model that returns scores may be minus infinity


def may_be_unscaled(classifier: "Classifier") -> bool:
    """Return whether a model is given grey levels 0..255 only because nothing says how its inputs are scaled."""
    told = {} if classifier.source is None else classifier.source.told | classifier.source.options
    chosen = classifier.preprocess != "none" or "preprocess" in told or classifier.prepares_itself
    return not (chosen or classifier.normalises or classifier.labels_only)


def scores_if_unscaled(classifier: "Classifier", images: NDArray[np.float32]) -> tuple[float, float] | None:
    """Return typical scores with grey levels 0..255 and with inputs 0..1 if the latter fit far better; None if not.

    Two signs must agree: with grey levels the scores are saturated, also those of changed pictures; and the model
    distinguishes inputs 0..1, which a network trained with grey levels hardly can.

    Parameters
    ----------
    classifier : Classifier
        A model that gets grey levels 0..255.
    images : ndarray of float32 (N, H, W, C)
        A picture and mild changes of it.
    """
    try:
        used, small = (np.maximum(classifier.log_scores(taken), LEAST) for taken in (images, FORMS[SMALL](images)))
    except TfstabError:  # the model fails on such inputs
        return None
    highest = np.sort(used, axis=1)
    logits = small - small.mean(axis=1, keepdims=True)
    size, differ = float(np.sqrt((logits**2).mean())), float(np.sqrt(logits.var(axis=0).mean()))
    saturated = np.median(highest[:, -1] - highest[:, -2]) >= SATURATED
    if not (saturated and size >= SIZE and differ >= RESPONSE * size):
        return None
    given, with_small = (float(np.exp(np.median(of.max(axis=1)))) for of in (used, small))
    return given, with_small
