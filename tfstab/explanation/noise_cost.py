"""Whether noise makes a network lose images at all, in words: if it does not, a cause costs little."""

from collections.abc import Sequence

from tfstab.explanation.cause import Cause
from tfstab.explanation.classes import LEAST_OF_NETWORK, short_names
from tfstab.explanation.noisy_copies import kept_under_noise, weakest_under_noise
from tfstab.explanation.run import ExplanationRun
from tfstab.metrics import Estimate
from tfstab.metrics.shares import percent
from tfstab.names import named

LITTLE_HARM = 0.9  # share of noisy copies that stay right, as in an assessment

OTHER_DEGRADATIONS = (
    "This explanation looks for reasons why noise does harm, so it says little about images that are lost under other "
    "degradations."
)
ONLY_CLEAN = (
    "This does not explain why noise changes predictions that are right when clean: no cause stands out for that."
)
COSTS_LITTLE = "What stands out costs little unless the noise is stronger, or made to mislead the network."
IN_SOME_CLASSES = "What stands out may cost little on average, but more in some classes."
MAY_COST_LITTLE = "What stands out may cost little; more images may decide this."


def is_harmless(run: ExplanationRun) -> bool:
    """Return whether noise certainly costs hardly any images, and certainly not many of any class."""
    return kept_under_noise(run).low >= LITTLE_HARM and _weak_class(run) is None


def noise_cost(run: ExplanationRun) -> str:
    """Return how many images noise costs, in a sentence; "" if that was not measured, or on too few images."""
    kept, sigma, weak = kept_under_noise(run), f"{run.config.sigma:g}", _weak_class(run)
    if is_harmless(run):
        costs = f"Noise of sigma {sigma} costs {named(run.model)} hardly any images"
        return f"{costs}: of the noisy copies of images that are right when clean, {percent(kept)} are right."
    if len(run.rows) < LEAST_OF_NETWORK or not kept.value >= 0:
        return ""
    if kept.high < LITTLE_HARM:
        costs = f"Noise of sigma {sigma} makes {named(run.model)} lose images"
        return f"{costs}: of the noisy copies of images that are right when clean, {percent(kept)} are right."
    some = "" if weak is None else f"; of class {short_names(run, [weak[0]])[0]}, only {percent(weak[1])}"
    return f"Of the noisy copies (sigma {sigma}) of images that are right when clean, {percent(kept)} are right{some}."


def what_it_means(run: ExplanationRun, causes: Sequence[Cause]) -> str:
    """Return what the cost of noise means for the causes, in a sentence to follow them; "" for nothing.

    causes: as `causes_of` returns them for this run.
    """
    if causes and all(cause.kind == "clean" for cause in causes):
        return ONLY_CLEAN
    if is_harmless(run):
        return COSTS_LITTLE if causes else OTHER_DEGRADATIONS
    if not causes or not kept_under_noise(run).value >= LITTLE_HARM:
        return ""
    return MAY_COST_LITTLE if _weak_class(run) is None else IN_SOME_CLASSES


def _weak_class(run: ExplanationRun) -> tuple[int, Estimate] | None:
    """Return the class that loses most under noise, and what it keeps; None if none certainly loses much."""
    weakest = weakest_under_noise(run)
    return weakest if weakest is not None and weakest[1].high < LITTLE_HARM else None
