"""What makes it doubtful that a search comes near the minimum, or finds noise at all.

Doubts about the model are found before a search begins, and kept in run.json.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tfstab.search.engines import engine_names, get_engine
from tfstab.search.misfit import MISFIT, UNFIT, do_not_fit, has_misfit
from tfstab.search.plateau import IN_STEPS, STEPS, changes_in_steps, has_steps
from tfstab.search.trace import StopReason
from tfstab.wording import counted

if TYPE_CHECKING:
    import numpy as np

    from tfstab.classifier import Classifier
    from tfstab.search.config import SearchConfig
    from tfstab.search.result import MinimumNoise


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


def too_few_queries(config: "SearchConfig", results: "Iterable[MinimumNoise]") -> list[str]:
    """Return for how many images no noise was found with queries that may be too few, in a sentence; [] for none."""
    short = get_engine(config.engine).short if config.engine in engine_names() else None
    why = short(config) if short is not None else ""
    if not why:
        return []
    none = sum(not result.found and result.stop_reason == StopReason.QUERIES for result in results)
    return [f"For {counted(none)}, no noise was found. {why}"] if none else []
