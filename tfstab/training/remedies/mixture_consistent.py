"""The mixture with consistency: training on clean and degraded images, which should get the same scores."""

from collections.abc import Sequence
from typing import Any

from tfstab.training.remedies.consistency import jensen_shannon
from tfstab.training.remedies.remedy import Remedy, cross_entropy

WEIGHT = 1.0  # of the divergence; the cross-entropy is the mean of both views'


def _views(images: Any, seed: Any, mixture: Any) -> tuple[Any, ...]:
    """Return the clean images and the degraded ones."""
    return images, mixture.degrade(images, seed)


def _loss(labels: Any, log_scores: Sequence[Any]) -> Any:
    """Return the mean cross-entropy of both views plus their divergence."""
    both = (cross_entropy(labels, log_scores[:1]) + cross_entropy(labels, log_scores[1:])) / 2
    return both + WEIGHT * jensen_shannon(log_scores)


REMEDY = Remedy(
    "mixture_consistent",
    "mixture with consistency",
    "trains on each clean image and on a copy degraded by a family and a severity drawn at random, and asks for the "
    "same scores for both",
    "",
    _views,
    _loss,
    passes=2,
)
