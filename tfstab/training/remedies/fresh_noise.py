"""Fresh noise: each image with Gaussian noise that is drawn anew in each epoch, at a sigma drawn at random."""

from typing import Any

from tfstab.training.noise import LARGEST_SIGMA
from tfstab.training.remedies import draws
from tfstab.training.remedies.remedy import Remedy


def _views(images: Any, seed: Any, mixture: Any) -> tuple[Any, ...]:
    """Return the noisy images."""
    for_sigma, for_noise = draws.split(seed, 2)
    return (draws.add_noise(images, draws.for_each(images, for_sigma, 0.0, LARGEST_SIGMA), for_noise),)


REMEDY = Remedy(
    "fresh_noise",
    "fresh noise",
    f"adds Gaussian noise, drawn anew in each epoch, at a sigma drawn evenly from 0 to {LARGEST_SIGMA:g}",
    "Aghdam, Heravi and Puig, Analyzing the Stability of Convolutional Neural Networks against Image Degradation, "
    "section 4, with noise drawn anew instead of fixed copies",
    _views,
    families=("gaussian_noise",),
)
