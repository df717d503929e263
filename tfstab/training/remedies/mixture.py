"""The mixture: each image under a family of degradations drawn at random, at a severity drawn at random."""

from typing import Any

from tfstab.training.remedies.remedy import Remedy


def _views(images: Any, seed: Any, mixture: Any) -> tuple[Any, ...]:
    """Return the degraded images."""
    return (mixture.degrade(images, seed),)


REMEDY = Remedy(
    "mixture",
    "mixture of degradations",
    "degrades each image by a family and a severity drawn at random",
    "",
    _views,
)
