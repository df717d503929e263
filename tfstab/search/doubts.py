"""What makes it doubtful that a search comes near the minimum: found before it begins, and kept in run.json."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tfstab.search.misfit import MISFIT, UNFIT, do_not_fit, has_misfit
from tfstab.search.plateau import IN_STEPS, STEPS, changes_in_steps, has_steps

if TYPE_CHECKING:
    import numpy as np

    from tfstab.classifier import Classifier
    from tfstab.search.config import SearchConfig


def find_doubts(classifier: "Classifier", images: "np.ndarray", config: "SearchConfig") -> dict[str, bool]:
    """Return the doubts about a search as entries of run.json, after trying a few images (N, H, W, C).

    Gradients are tried if the search uses them, and otherwise whether the scores change in steps.
    """
    if config.needs_gradients:
        return {MISFIT: True} if do_not_fit(classifier, images) else {}
    return {STEPS: True} if changes_in_steps(classifier, images) else {}


def doubts_in_words(info: Mapping[str, Any]) -> list[str]:
    """Return the doubts about a search in sentences, or []. info: its run.json, or what `find_doubts` returned."""
    return [text for there, text in ((has_steps(info), IN_STEPS), (has_misfit(info), UNFIT)) if there]
