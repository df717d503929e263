"""The analysis `copies`: how random noise of several strengths changes the logit margin of each image."""

import numpy as np

from tfstab.explanation.analysis import Analysis, Arrays, Field, Material

# Multiples of the run's sigma: far below it, where a network is nearly linear, at it, and above it.
MULTIPLES = (0.1, 1.0, 4.0)


def compute(material: Material) -> Arrays:
    """Score noisy copies of each image and record their logit margins, and how much was clipped."""
    config, images = material.config, material.images
    sigmas = np.array(MULTIPLES) * config.sigma
    margins = np.empty((len(images), len(sigmas), config.copies))
    clipped = np.empty((len(images), len(sigmas)))
    for row, image in enumerate(images):
        fields = material.random_noise(row, config.copies)
        noisy = np.clip(image + sigmas.astype(np.float32)[:, None, None, None, None] * fields, 0, 255)
        clipped[row] = ((noisy == 0) | (noisy == 255)).mean(axis=(1, 2, 3, 4))
        flat = noisy.reshape(-1, *image.shape)
        margins[row] = material.margins(flat, np.full(len(flat), row)).reshape(margins.shape[1:])
    clean = material.margins(images, np.arange(len(images)))
    return {"sigmas": sigmas, "margins": margins, "clipped": clipped, "clean_margin": clean}


COPIES = Analysis(
    "copies",
    compute,
    {
        "sigmas": Field(np.floating, (len(MULTIPLES),), 1e-300),
        "margins": Field(np.floating, ("image", len(MULTIPLES), "copy")),
        "clipped": Field(np.floating, ("image", len(MULTIPLES)), 0, 1),  # share of values at 0 or 255 after clipping
        "clean_margin": Field(np.floating, ("image",)),
    },
    work=60,
)
