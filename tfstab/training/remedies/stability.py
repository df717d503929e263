"""Stability training: a noisy image should get the same scores as the clean one."""

from collections.abc import Sequence
from typing import Any

from tfstab.training.noise import LARGEST_SIGMA
from tfstab.training.remedies import draws
from tfstab.training.remedies.consistency import divergence
from tfstab.training.remedies.remedy import Remedy, cross_entropy

# The paper chooses one sigma and a weight for each network. Here the noise is that of the remedy "fresh_noise".
WEIGHT = 1.0


def _views(images: Any, seed: Any, mixture: Any) -> tuple[Any, ...]:
    """Return the clean images and the noisy ones."""
    for_sigma, for_noise = draws.split(seed, 2)
    return images, draws.add_noise(images, draws.for_each(images, for_sigma, 0.0, LARGEST_SIGMA), for_noise)


def _loss(labels: Any, log_scores: Sequence[Any]) -> Any:
    """Return the cross-entropy of the clean view plus the divergence of the noisy view from it."""
    return cross_entropy(labels, log_scores) + WEIGHT * divergence(log_scores[0], log_scores[1])


REMEDY = Remedy(
    "stability",
    "stability training",
    "trains on clean images, and asks for the same scores under Gaussian noise "
    f"(sigma drawn evenly from 0 to {LARGEST_SIGMA:g})",
    "Zheng et al. 2016, Improving the Robustness of Deep Neural Networks via Stability Training",
    _views,
    _loss,
    passes=2,
    families=("gaussian_noise",),
)
