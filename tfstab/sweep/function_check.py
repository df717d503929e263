"""Tries the function of a degradation of the user's own on a test image, and says what does not fit its settings."""

import numpy as np

from tfstab.degradations import Degradation
from tfstab.degradations.base import COPIES
from tfstab.sweep.config import SweepConfig
from tfstab.sweep.probe import image_for_tests
from tfstab.warning import warn


def warn_of_function(config: SweepConfig, shape: tuple[int, ...]) -> None:
    """Warn if a degradation draws random numbers but makes one copy, the other way round, or changes nothing.

    Parameters
    ----------
    config : SweepConfig
        Settings of a new sweep.
    shape : tuple of int
        Shape (H, W, C) of its images.
    """
    family, clean = config.degradation, image_for_tests(shape)
    if family.built_in:
        return
    severity = config.severities[int(config.mildest_first[-1])]
    made, drew = _made(family, clean, severity, 0)
    other, _ = _made(family, clean, severity, 1)
    drew = drew or not np.array_equal(made, other)
    if drew and not family.random:
        warn(
            f"degradation '{family.name}' draws random numbers, and its `copies` is {family.copies}, so each image is "
            f"degraded only once at each severity: give it more, as in Degradation(..., copies={COPIES})."
        )
    if not drew and config.copies > 1:
        warn(
            f"degradation '{family.name}' drew no random numbers for a test image, so the {config.copies} copies of an "
            "image seem to be equal, and each is scored: set copies=1 in its Degradation, or draw from its argument "
            "`rng`."
        )
    if np.array_equal(made, clean) and np.array_equal(other, clean):
        warn(
            f"degradation '{family.name}' did not change a test image at {family.parameter} {severity:g}: check that "
            "its function uses the severity and returns the degraded image."
        )


def _made(family: Degradation, clean: np.ndarray, severity: float, seed: int) -> tuple[np.ndarray, bool]:
    """Return the degraded image, and whether the function drew from its generator."""
    rng = np.random.default_rng(seed)
    generator = rng.bit_generator
    before = generator.state
    degraded = family.degrade(clean, severity, rng)
    spawned = getattr(generator.seed_seq, "n_children_spawned", 0)
    return degraded, generator.state != before or spawned > 0
