"""Figures of given shares of right images, and a network to compare them with."""

import numpy as np
from assessment_runs import CLASSES, first_of, sweep_of

from tfstab.assessment import Figures
from tfstab.assessment.reference import Reference, ReferenceFamily

FAMILIES = ("fog", "contrast", "gaussian_blur", "jpeg", "rotation")

SEVERITIES = {"contrast": (0.75, 0.5, 0.3), "gaussian_blur": (1, 2, 3), "jpeg": (90, 50, 10), "rotation": (5, 10, 20)}


def figures_of(folder, shares, images=200, clean=None):
    """Figures of the first families, each with these shares of the images right at its three severities."""
    order = np.random.default_rng(0).permuted(np.tile(np.arange(images), (len(shares), 1)), axis=1)
    right = [first_of(share, images)[row] for share, row in zip(shares, order, strict=True)]
    if clean is not None:
        right = [r & clean[:, None, None] for r in right]
    names = FAMILIES[: len(shares)]
    return Figures.of(
        [
            sweep_of(folder, name, r, SEVERITIES.get(name, (20, 40, 60)), clean=clean)
            for name, r in zip(names, right, strict=True)
        ]
    )


def other_network(own, kept, name="other", severities=None, classes=CLASSES):
    """A reference with the families of these figures, each keeping `kept`."""
    families = {
        f.name: ReferenceFamily(f.name, f.run.degradation.version, severities or f.run.severities, kept)
        for f in own.families
    }
    return Reference(name, name, "photographs", (64, 64, 3), 500, classes, kept, kept, families)
