"""The analysis `spectrum`: at which frequencies the minimum noise of each image has its energy."""

import numpy as np

from tfstab.explanation import fourier
from tfstab.explanation.analysis import Analysis, Arrays, Field, Material

ROUNDING = 1e-9


def compute(material: Material) -> Arrays:
    """Measure the spectrum of each minimum noise, and that of the clean image without its mean."""
    noise = fourier.energy(material.noise.astype(np.float64))
    noise[~material.found] = 0
    images = material.images.astype(np.float64)
    image = fourier.energy(images - images.mean(axis=(1, 2), keepdims=True))
    image[:, 0, 0] = 0  # of the mean that was taken off, rounding is left
    return {
        "noise": fourier.by_ring(fourier.shares(noise)),
        "image": fourier.by_ring(fourier.shares(image)),
        "noise_median": fourier.median_radius(noise),
        "image_median": fourier.median_radius(image),
    }


def _share() -> Field:
    """Return the field of the share of each image's energy in each ring."""
    return Field(np.floating, ("image", fourier.RINGS), 0, 1 + ROUNDING, missing=True)


def _radius() -> Field:
    """Return the field of a radius for each image."""
    return Field(np.floating, ("image",), 0, 2, missing=True)


SPECTRUM = Analysis(
    "spectrum",
    compute,
    {
        "noise": _share(),  # NaN without minimum noise
        "image": _share(),  # NaN for an image of one grey level
        "noise_median": _radius(),  # half of the energy lies below, in units of the Nyquist frequency
        "image_median": _radius(),
    },
    noise=True,
    work=1,
)
