"""Causes that lie in the direction of the noise: one special direction, or low frequencies."""

import numpy as np

from tfstab.explanation.bands import HIGH, LOW, frequency_figures
from tfstab.explanation.cause import Cause
from tfstab.explanation.classes import LEAST_OF_NETWORK
from tfstab.explanation.flatness import flatness_of
from tfstab.explanation.run import ExplanationRun

# Minimum noise this much smaller than random noise implies lies in a direction that random noise does not find. The
# eleven bundled networks have 0.75 to 1.3 at sigma 10 (the guide: measurements/explanation-measured.md).
SPECIAL = 0.5
# A network that loses this little of its margin to high frequencies, compared with low ones, is sensitive to low ones.
# Of the bundled networks, those trained without noise have 0.8 to 1, and those trained on noise down to 0.2.
LOW_RATIO = 0.15


def direction_causes(run: ExplanationRun) -> list[Cause]:
    """Return the cause that the minimum noise is much smaller than random noise implies, if it is."""
    if not (run.has("noise") and run.has("copies")):
        return []
    flatness = flatness_of(run)
    figures = flatness.figures(flatness.headline)
    if figures.images < LEAST_OF_NETWORK or not figures.ratio.high < SPECIAL:
        return []
    ratio = figures.ratio
    text = (
        f"The minimum noise of a typical image is {ratio.value:.2f} times ({ratio.low:.2f} to {ratio.high:.2f}) as "
        f"large as random noise of sigma {figures.sigma:g} implies: it lies in a special direction, which random noise "
        "does not find."
    )
    return [Cause("direction", text, ratio, SPECIAL)]


def low_causes(run: ExplanationRun) -> list[Cause]:
    """Return the cause that low frequencies do far more harm than high ones, if they do."""
    figures = frequency_figures(run)
    ratio = figures.fall_ratio
    if figures.images < LEAST_OF_NETWORK or not (np.isfinite(ratio.high) and ratio.high < LOW_RATIO):
        return []
    text = (
        f"Stripes of high frequency (from {HIGH:g} of the Nyquist frequency) lower the margin {ratio.value:.2f} times "
        f"({ratio.low:.2f} to {ratio.high:.2f}) as much as those of low frequency (below {LOW:g})."
    )
    return [Cause("low", text, ratio, LOW_RATIO)]
