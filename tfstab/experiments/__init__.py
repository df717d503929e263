"""Experiments: evaluation on clean images, comparisons, robustness and the paper's experiments.

Each name is imported when it is first used (PEP 562), because a comparison needs no Keras.
"""

from typing import TYPE_CHECKING

from tfstab.lazy import importing

if TYPE_CHECKING:
    from tfstab.experiments.clean_comparison import CleanComparison
    from tfstab.experiments.evaluation import Evaluation, evaluate
    from tfstab.experiments.folders_compared import FolderComparison
    from tfstab.experiments.robustness import FamilyRobustness, Robustness
    from tfstab.experiments.search_comparison import SearchComparison
    from tfstab.experiments.sweep_comparison import SweepComparison

_HOMES = {
    "CleanComparison": "tfstab.experiments.clean_comparison",
    "Evaluation": "tfstab.experiments.evaluation",
    "FamilyRobustness": "tfstab.experiments.robustness",
    "FolderComparison": "tfstab.experiments.folders_compared",
    "Robustness": "tfstab.experiments.robustness",
    "SearchComparison": "tfstab.experiments.search_comparison",
    "SweepComparison": "tfstab.experiments.sweep_comparison",
    "evaluate": "tfstab.experiments.evaluation",
}

__all__ = [
    "CleanComparison",
    "Evaluation",
    "FamilyRobustness",
    "FolderComparison",
    "Robustness",
    "SearchComparison",
    "SweepComparison",
    "evaluate",
]


__getattr__, __dir__ = importing(__name__, _HOMES, __all__)
