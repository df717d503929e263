"""Causes that lie in the direction of the noise: one special direction, or high or low frequencies."""

from tfstab.explanation.bands import HIGH, LOW, FrequencyFigures, frequency_figures, kernel_ratio
from tfstab.explanation.cause import RIGHT, Cause, measured_on
from tfstab.explanation.classes import LEAST_OF_NETWORK
from tfstab.explanation.flatness import FlatnessFigures, flatness_of
from tfstab.explanation.run import ExplanationRun
from tfstab.metrics import Estimate, shares
from tfstab.wording import percent

# Minimum noise this much smaller than random noise implies lies in a direction that random noise does not find. The
# eleven bundled networks have 0.75 to 1.3 at sigma 10 (the guide: measurements/explanation-measured.md).
SPECIAL = 0.5
# First kernels that pass high frequencies on so many times as strongly as low ones make a network sensitive to them. 1
# is what weights drawn at random do; those of untouched networks have 0.1 to 0.9. Missed: 0 of 30; named without
# reason: none.
HIGH_RATIO = 1.2
# A network that loses this little of its margin to high frequencies, compared with low ones, is sensitive to low ones,
# if more images are lost to these too: a margin may rise on average while single images are lost.
# Of the bundled networks, those trained without noise have 0.8 to 1, and those trained on noise down to 0.2.
LOW_RATIO = 0.15


def direction_causes(run: ExplanationRun) -> list[Cause]:
    """Return the cause that the minimum noise is much smaller than random noise implies, if it is."""
    figures = direction_figures(run)
    if figures is None or not figures.ratio.high < SPECIAL:
        return []
    text = (
        f"{direction_text(figures)}: it lies in a special direction, which random noise does not find. "
        f"{measured_on(figures.images)}"
    )
    return [Cause("direction", text, figures.ratio, SPECIAL)]


def direction_figures(run: ExplanationRun) -> FlatnessFigures | None:
    """Return the minimum noise compared with random noise; None if not measured, or of fewer than 20 images."""
    if not (run.has("noise") and run.has("copies")):
        return None
    flatness = flatness_of(run)
    figures = flatness.figures(flatness.headline)
    return figures if figures.images >= LEAST_OF_NETWORK else None


def direction_text(figures: FlatnessFigures) -> str:
    """Return how large the minimum noise is, compared with what random noise implies."""
    ratio = figures.ratio
    return (
        f"The minimum noise of a typical image is {ratio.value:.2f} times ({ratio.low:.2f} to {ratio.high:.2f}) as "
        f"large as random noise of sigma {figures.sigma:g} implies"
    )


def high_causes(run: ExplanationRun) -> list[Cause]:
    """Return the networks whose first kernels pass high frequencies on more strongly than low ones."""
    if not run.has("kernels"):
        return []
    found = []
    for network, ratio in enumerate(map(kernel_ratio, run.arrays("kernels")["response"])):
        if ratio > HIGH_RATIO:
            text = (
                f"The first kernels pass on frequencies above {HIGH:g} of the Nyquist frequency with {ratio:.1f} times "
                f"the power of those below {LOW:g}. This is read from the weights and needs no images."
            )
            found.append(Cause("high", text, Estimate(ratio, ratio, ratio), HIGH_RATIO, network=network))
    return found


def low_causes(run: ExplanationRun) -> list[Cause]:
    """Return the cause that low frequencies do far more harm than high ones, if they do.

    They do if they lower the margin far more, and more predictions are wrong under them as well.
    """
    figures = frequency_figures(run)
    ratio = figures.fall_ratio
    if figures.images < LEAST_OF_NETWORK or not ratio.high < LOW_RATIO or not figures.error_difference.low > 0:
        return []
    return [Cause("low", f"{low_text(figures)} {measured_on(figures.images, RIGHT)}", ratio, LOW_RATIO)]


def low_text(figures: FrequencyFigures) -> str:
    """Return how much stripes of low and of high frequency lower the margin, and how often they change predictions."""
    ratio, fall = figures.fall_ratio, figures.low_fall
    wrong = (
        f"Under the low ones {percent(figures.low_error.value)} of the predictions are wrong, under the high ones "
        f"{percent(figures.high_error.value)}."
    )
    if ratio.low > 0:
        return (
            f"Stripes of high frequency (from {HIGH:g} of the Nyquist frequency) lower the margin {ratio.value:.2f} "
            f"times ({ratio.low:.2f} to {ratio.high:.2f}) as much as those of low frequency (below {LOW:g}). {wrong}"
        )
    return (
        f"Stripes of low frequency (below {LOW:g} of the Nyquist frequency) take {shares.percent(fall)} "
        f"of the margin of the clean images; those of high frequency (from {HIGH:g}) do not clearly "
        f"lower it. {wrong}"
    )
