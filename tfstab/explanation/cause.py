"""Why a network loses images: the causes that stand out, from stated thresholds, with their evidence.

Each detector looks at one figure. It names a cause only if the whole interval of the figure lies beyond a threshold.
tests/benchmarks/planted_causes.py plants known causes in many networks; the thresholds were fixed on half of them, and
its README says how often causes are named rightly in the other half. "No single cause" is a valid answer.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.gain import Gains, edge_step, gains_of
from tfstab.explanation.run import ExplanationRun
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import CONFIDENCE, NO_ESTIMATE, estimate_median, share_of

# A layer whose weights amplify noise so many times as much as differences between images has a high gain. 1 is what
# weights drawn at random do; layers of untouched networks that take other layers' outputs have 0.5 to 1.05.
GAIN_STEP = 1.2
# The same for a layer that takes the image itself, as a power of `edge_step`: 0 for random weights, 1 for a filter of
# differences between neighbouring pixels, which answers to nothing but fine detail. Untouched networks have -0.7 to 0.4.
FIRST_STEP = 0.5
# A class whose images have this share of the other classes' relative margin, in the last layer before the logits, has a
# slim margin.
SLIM = 0.5
# A class whose clean accuracy is this much lower than that of the other classes is wrong already when clean.
CLEAN_GAP = 0.15
MOST_EDGES = 100  # images that say how smooth they are
LEAST_IMAGES = 5  # of a class; fewer say nothing of it

TITLES = {
    "gain": "High gain for noise",
    "margin": "Slim margin",
    "clean": "Wrong or unsure already when clean",
    "high": "Sensitive to high frequencies",
    "low": "Sensitive to low frequencies",
    "direction": "One special direction",
}


@dataclass(frozen=True)
class Cause:
    """One cause of lost images.

    Attributes
    ----------
    kind : str
        One of `TITLES`.
    text : str
        The evidence: one or two plain sentences with the figure and its interval.
    figure : Estimate
        The figure on which it rests.
    threshold : float
        The value that the whole interval lies beyond.
    layer : str
        The layer that it is about; "" for none.
    network : int
        The member of an ensemble that it is about; 0 for any other model.
    classes : tuple of int
        The classes that it is about.
    """

    kind: str
    text: str
    figure: Estimate
    threshold: float
    layer: str = ""
    network: int = 0
    classes: tuple[int, ...] = ()

    @property
    def title(self) -> str:
        """The cause in a few words: "High gain for noise at layer conv2d_1"."""
        return TITLES[self.kind] + (f" at layer {self.layer}" if self.layer else "")

    @property
    def strength(self) -> float:
        """How far the figure lies beyond its threshold, as a factor of 1 or more."""
        ratio = self.figure.value / self.threshold if self.threshold else np.inf
        return float(max(ratio, 1 / ratio)) if ratio > 0 else float("inf")


def causes_of(run: ExplanationRun) -> list[Cause]:
    """Return the causes that stand out in a network, the clearest first; [] if none does."""
    if not len(run.rows):
        return []
    found = [cause for detect in DETECTORS for cause in detect(run)]
    return sorted(found, key=lambda cause: -cause.strength)


def lead(run: ExplanationRun) -> str:
    """Return the answer in one sentence: the causes, or that none stands out."""
    causes = causes_of(run)
    name = run.info["model"]["name"]
    if not causes:
        return (
            f"No single cause stands out: what was measured of {name} lies within the range of networks in which no "
            "cause was planted."
        )
    titles = [cause.title[0].lower() + cause.title[1:] for cause in causes]
    if len(titles) == 1:
        return f"One cause stands out in {name}: {titles[0]}."
    return f"{len(titles)} causes stand out in {name}: {', '.join(titles[:-1])} and {titles[-1]}."


def gain_causes(run: ExplanationRun) -> list[Cause]:
    """Return the layers that amplify noise: in each network the one with the largest step over its threshold."""
    gains = gains_of(run)
    if gains is None:
        return []
    edges = edge_step(run.clean.images[run.rows[:MOST_EDGES]])
    takes_image, found = gains.takes_image, list[Cause]()
    for network in gains.networks:
        layers = gains.layers(network)[1:]
        steps = [_median(gains.step[:, k], CONFIDENCE, len(layers)) for k in layers]
        limits = [first_step(edges) if takes_image[k] else GAIN_STEP for k in layers]
        beyond = [step.low / limit for step, limit in zip(steps, limits, strict=True)]
        best = int(np.argmax(np.nan_to_num(beyond)))
        if beyond[best] > 1:
            step, position = steps[best], layers[best]
            name = str(gains.names[position])
            text = (
                f"The weights of layer {name} amplify noise {step.value:.1f} times ({step.low:.1f} to {step.high:.1f}) "
                "as much as the differences between images."
            )
            if takes_image[position]:
                text += (
                    f" It takes the image itself; differences between neighbouring pixels alone would give {edges:.1f}, "
                    "so it answers to fine detail."
                )
            found.append(Cause("gain", text, step, limits[best], name, network))
    return found


def first_step(edges: float) -> float:
    """Return the threshold for the step of a layer that takes the image itself, at least that of other layers."""
    return max(GAIN_STEP, float(edges**FIRST_STEP)) if np.isfinite(edges) else GAIN_STEP


def margin_causes(run: ExplanationRun) -> list[Cause]:
    """Return the classes whose images are much closer to the boundary than others, in the last hidden layer."""
    gains = gains_of(run)
    if gains is None:
        return []
    classes, found = run.clean.class_index[run.rows], list[Cause]()
    for network in gains.networks:
        slim = [(c, ratio) for c, ratio in _margin_ratios(gains, network, classes).items() if ratio.high < SLIM]
        if slim:
            names = " and ".join(run.class_names[c] for c, _ in slim)
            worst = min((ratio for _, ratio in slim), key=lambda ratio: ratio.value)
            text = (
                f"Images of {names} have {worst.value:.0%} ({worst.low:.0%} to {worst.high:.0%}) of the margin of "
                "other images in the last layer before the logits."
            )
            found.append(Cause("margin", text, worst, SLIM, network=network, classes=tuple(c for c, _ in slim)))
    return found


def _margin_ratios(gains: Gains, network: int, classes: NDArray[np.int64]) -> dict[int, Estimate]:
    """Return for each class the ratio of its images' relative margin to that of the others, as geometric means."""
    from scipy.stats import ttest_ind

    hidden = gains.last_hidden(network)
    right = gains.right[:, hidden] & (gains.margin[:, hidden] > 0)
    logs, there = np.log(gains.margin[right, hidden]), classes[right]
    counts = np.bincount(there, minlength=1)
    tested = [c for c in np.flatnonzero(counts >= LEAST_IMAGES) if counts.sum() - counts[c] >= LEAST_IMAGES]
    ratios = {}
    for c in tested:
        test = ttest_ind(logs[there == c], logs[there != c], equal_var=False)
        interval = test.confidence_interval(1 - (1 - CONFIDENCE) / len(tested))
        value = logs[there == c].mean() - logs[there != c].mean()
        ratios[int(c)] = Estimate(*(float(np.exp(x)) for x in (value, interval.low, interval.high)))
    return ratios


def clean_causes(run: ExplanationRun) -> list[Cause]:
    """Return the classes that are wrong much more often than others when clean."""
    classes, correct = run.clean.class_index, run.clean.correct  # of all images, also those not explained yet
    there = [c for c in np.unique(classes) if (classes == c).sum() >= LEAST_IMAGES and (classes != c).any()]
    weak = []
    for c in there:
        own = share_of(correct[classes == c], 1 - (1 - CONFIDENCE) / len(there))
        others = float(correct[classes != c].mean())
        if own.high < others - CLEAN_GAP:
            weak.append((int(c), own, others))
    if not weak:
        return []
    c, own, others = min(weak, key=lambda one: one[1].value)
    names = " and ".join(run.class_names[c] for c, _, _ in weak)
    text = (
        f"Of the clean images of {names}, {own.value:.0%} ({own.low:.0%} to {own.high:.0%}) are right; of the other "
        f"classes {others:.0%}."
    )
    return [Cause("clean", text, own, others - CLEAN_GAP, classes=tuple(c for c, _, _ in weak))]


def _median(values: NDArray[np.float64], confidence: float, tests: int) -> Estimate:
    """Return the median of the values that are numbers, with an interval that holds for so many tests together."""
    values = values[np.isfinite(values)]
    return estimate_median(values, 1 - (1 - confidence) / tests) if len(values) else NO_ESTIMATE


DETECTORS: tuple[Callable[[ExplanationRun], list[Cause]], ...] = (gain_causes, margin_causes, clean_causes)
