"""Why a network loses images: the causes that stand out, from stated thresholds, with their evidence.

Each detector looks at one figure. It names a cause only if the whole interval of the figure lies beyond a threshold.
tests/benchmarks/planted_causes.py plants known causes in many networks; the thresholds were fixed on some of them, and
the guide says in measurements/explanation-measured.md how often the right cause was named in the others. "No single
cause" is a valid answer. The comments on thresholds say how often they were wrong in 30 other untouched networks and
138 with a planted cause.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets.lazy import pick
from tfstab.explanation.bands import HIGH, LOW, kernel_ratio
from tfstab.explanation.classes import LEAST_OF_NETWORK, SURE, class_ratios, is_sure, sure_share, weaker_classes
from tfstab.explanation.gain import Gains, edge_step, gains_of
from tfstab.explanation.run import ExplanationRun
from tfstab.metrics import Estimate, shares
from tfstab.metrics.estimate import CONFIDENCE, NO_ESTIMATE, accuracy_of, estimate_median
from tfstab.names import all_quoted
from tfstab.runs.kinds import imported
from tfstab.wording import counted, percent

# A layer whose weights amplify noise so many times as much as differences between images has a high gain. 1 is what
# weights drawn at random do; layers of untouched networks that take other layers' outputs have 0.5 to 1.07.
# Missed: 2 of 55 planted gains; named without reason: none.
GAIN_STEP = 1.1
# The same for a layer that takes the image itself, as a power of `edge_step`: 0 for random weights, 1 for a filter of
# differences between neighbouring pixels, which answers to nothing but fine detail. Untouched networks: -0.7 to 0.4.
FIRST_STEP = 0.5
# First kernels that pass high frequencies on so many times as strongly as low ones make a network sensitive to them. 1
# is what weights drawn at random do; those of untouched networks have 0.1 to 0.9. Missed: 0 of 30; named without
# reason: none.
HIGH_RATIO = 1.2
# Two classes whose output weights are this close, compared with two typical ones, have a slim margin if their images
# have less margin than others. The closest two of untouched networks have 0.60 to 0.94, below 0.7 only where other
# images have no more margin, or where the network is sure of few images. Missed: 2 of 25 pairs; named
# without reason: none.
NEAR = 0.7
# A class whose images have this share of the other classes' relative margin, in the last layer before the logits, has a
# slim margin. The intervals of untouched networks end above 0.65 where the network is sure of most images.
SLIM = 0.65
# A class whose clean accuracy is this much lower than that of the other classes is wrong already when clean. Named in 1
# of 30 untouched networks: 8 of 24 cats were right, in a network for CIFAR-10.
CLEAN_GAP = 0.15
# A class with a share of sure images that is so much lower than that of the others is one that the network is unsure
# of: 0.0 to 0.1 against 0.9 after training with wrong labels, 0.4 or more otherwise.
# Missed: 3 of 28, one of them called a slim margin.
SURE_GAP = 0.4
# Where a smaller share of the other images is sure, classes differ in margin and score anyway: CIFAR-10's networks are
# sure of 0.2 to 0.6 of the images, of cats of none.
SURE_OTHERS = 0.65
MOST_EDGES = 100  # images that say how smooth they are

RIGHT = "that are right when clean"  # the images whose margin counts

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

    def __str__(self) -> str:
        """Return title and evidence."""
        return f"{self.title}. {self.text}"

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
    """Return the causes that stand out in a network; [] if none does, or if fewer than 20 images are explained.

    Those of the whole network come before those of single classes, whose margin a high gain makes smaller too; and of
    either kind the clearest comes first.
    """
    if len(run.rows) < LEAST_OF_NETWORK:
        return []
    found = [cause for detector in DETECTORS for cause in imported(detector)(run)]
    return sorted(found, key=lambda cause: (bool(cause.classes), -cause.strength))


def measured_on(images: int, which: str = "") -> str:
    """Return from how many images a figure is, as a sentence."""
    return f"Measured on {counted(images)}{' ' * bool(which)}{which}."


def steps_of(run: ExplanationRun, gains: Gains, network: int) -> tuple[list[int], list[Estimate], list[float]]:
    """Return the layers of a network, the layer gain of each with an interval that holds for all, and its threshold."""
    edges, layers = _edges(run), gains.layers(network)[1:]
    steps = [_median(gains.step[:, k], len(layers)) for k in layers]
    return list(layers), steps, [first_step(edges) if gains.takes_image[k] else GAIN_STEP for k in layers]


def _edges(run: ExplanationRun) -> float:
    """Return the layer gain of a filter of differences between the pixels of the first images."""
    return edge_step(pick(run.clean.images, run.rows[:MOST_EDGES]))


def gain_causes(run: ExplanationRun) -> list[Cause]:
    """Return the layers that amplify noise: in each network the one farthest above its threshold."""
    gains = gains_of(run)
    if gains is None:
        return []
    edges, takes_image, found = _edges(run), gains.takes_image, list[Cause]()
    for network in gains.networks:
        layers, steps, limits = steps_of(run, gains, network)
        beyond = [step.low / limit for step, limit in zip(steps, limits, strict=True)]
        best = int(np.argmax(np.nan_to_num(beyond)))
        if beyond[best] > 1:
            step, position = steps[best], layers[best]
            name = str(gains.names[position])
            text = (
                f"The weights of layer {name} amplify noise {step.value:.2f} times ({step.low:.2f} to {step.high:.2f}"
                f"{all_layers(gains, network)}) as much as the differences between images."
            )
            if takes_image[position]:
                text += (
                    " This layer takes the image itself and responds to fine detail: a filter that returns nothing but "
                    f"the differences between neighbouring pixels would have a factor of {edges:.1f}."
                )
            else:
                text += _falling(gains, position)
            text += f" {measured_on(int(np.isfinite(gains.step[:, position]).sum()))}"
            found.append(Cause("gain", text, step, limits[best], name, network))
    return found


def _falling(gains: Gains, position: int) -> str:
    """Return that the gain of a layer is lower than that of the one before, as a chart of gains shows; "" if it is not.

    The weights of a layer can amplify what a pooling before them has damped.
    """
    before, here = (float(np.nanmedian(gains.gain[:, k])) for k in (position - 1, position))
    if round(here, 2) >= round(before, 2):
        return ""
    return (
        " This is about its weights alone. The relative gain, which accumulates from the image and includes activations"
        f" and pooling, falls from {before:.2f} at layer {gains.names[position - 1]} to {here:.2f} at this layer."
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


def first_step(edges: float) -> float:
    """Return the threshold for the layer gain that takes the image itself, at least that of other layers."""
    return max(GAIN_STEP, float(edges**FIRST_STEP)) if np.isfinite(edges) else GAIN_STEP


def margin_causes(run: ExplanationRun) -> list[Cause]:
    """Return the classes that are close to the boundary in the last hidden layer: by output weights or by images."""
    found, gains = pair_causes(run), gains_of(run)
    if gains is None:
        return found
    other = {c for cause in found + clean_causes(run) for c in cause.classes}  # their margin is explained by these
    for network, ratios in enumerate(slim_classes(run)):
        slim = {c: ratio for c, ratio in ratios.items() if c not in other}
        if slim:
            worst = min(slim.values(), key=lambda ratio: ratio.high)
            together = f", for all {len(ratios)} classes at once" if len(ratios) > 2 else ""
            text = (
                f"Images of {_names(run, slim)} have {shares.share(worst)} ({shares.interval(worst)}{together}) of the "
                f"margin of other images in the last layer before the logits. {_on_margins(gains, network)}"
            )
            found.append(Cause("margin", text, worst, SLIM, network=network, classes=tuple(slim)))
    return found


def pair_causes(run: ExplanationRun) -> list[Cause]:
    """Return the pairs of classes whose output weights are alike, and whose images have less margin than others."""
    gains = gains_of(run)
    if gains is None or not run.has("kernels"):
        return []
    arrays, found = run.arrays("kernels"), list[Cause]()
    classes = run.clean.class_index[run.rows]
    for network in gains.networks:
        nearest, nearness = arrays["nearest"][network], arrays["nearness"][network]
        margins, pairs = gains.margin[:, gains.last_hidden(network)], dict[tuple[int, int], Estimate]()
        for c in np.flatnonzero(nearness < NEAR):
            pair = (int(c), int(nearest[c]))
            ratio = class_ratios(margins, np.isin(classes, pair).astype(np.int64)).get(1)
            if ratio is not None and ratio.high < 1 and sure_share(run, pair) >= SURE_OTHERS:
                pairs[pair] = ratio
        if pairs:
            pair = min(pairs, key=lambda pair: pairs[pair].high)
            ratio, near = pairs[pair], float(nearness[pair[0]])
            text = (
                f"The output weights of {_names(run, pair)} are alike: their distance is {percent(near)} of that of "
                f"two typical classes. Images of these two classes have {shares.percent(ratio)} of the margin of other "
                "images in the last layer before the logits. "
                f"{_on_margins(gains, network)}"
            )
            found.append(Cause("margin", text, ratio, 1, network=network, classes=pair))
    return found


def slim_classes(run: ExplanationRun) -> list[dict[int, Estimate]]:
    """Return for each network the classes with a slim margin, and the ratio of their margin to that of the others.

    They stand out: the interval of each lies below the ratio of every class that is not among them.
    """
    gains = gains_of(run)
    if gains is None:
        return []
    classes, found = run.clean.class_index[run.rows], []
    for network in gains.networks:
        ratios = class_ratios(gains.margin[:, gains.last_hidden(network)], classes)
        order = sorted(ratios, key=lambda c: ratios[c].value)
        slim: dict[int, Estimate] = {}
        for count in range(1, len(order) // 2 + 1):
            highest = max(ratios[c].high for c in order[:count])
            if highest < min(SLIM, ratios[order[count]].value):
                slim = {c: ratios[c] for c in order[:count]}
        found.append(slim if sure_share(run, tuple(slim)) >= SURE_OTHERS else {})
    return found


def clean_causes(run: ExplanationRun) -> list[Cause]:
    """Return the classes that are wrong much more often than others when clean, and those that are seldom sure."""
    found = list[Cause]()
    wrong = weaker_classes(run, run.clean.correct, CLEAN_GAP)
    if wrong:
        own, others = min(wrong.values(), key=lambda one: one[0].value)
        text = (
            f"{_of_lowest(run, wrong, run.clean.correct)} are right; of the other classes {percent(others)}."
            f"{_too(run, wrong)} {measured_on(len(run.clean.class_index))}"
        )
        found.append(Cause("clean", text, own, others - CLEAN_GAP, classes=tuple(wrong)))
    known = {c for cause in found + pair_causes(run) for c in cause.classes}
    weaker = weaker_classes(run, is_sure(run), SURE_GAP)
    unsure = {c: pair for c, pair in weaker.items() if c not in known and sure_share(run, (c,)) >= SURE_OTHERS}
    if unsure:
        own, others = min(unsure.values(), key=lambda one: one[0].value)
        text = (
            f"{_of_lowest(run, unsure, is_sure(run))} have a score of {SURE:g} or more for their class; of the other "
            f"classes {percent(others)}.{_too(run, unsure)} {measured_on(len(run.clean.class_index))}"
        )
        found.append(Cause("clean", text, own, others - SURE_GAP, classes=tuple(unsure)))
    return found


def _of_lowest(run: ExplanationRun, found: dict[int, tuple[Estimate, float]], good: NDArray[np.bool_]) -> str:
    """Return the share of good images of the lowest of these classes, with Wilson's interval, as other pages have it.

    That the class is named was decided by an exact interval that holds for all classes at once.
    """
    lowest = min(found, key=lambda c: found[c][0].value)
    own = accuracy_of(good[run.clean.class_index == lowest])
    return f"Of the clean images of {_names(run, [lowest])}, {shares.percent(own)}"


def _too(run: ExplanationRun, found: dict[int, tuple[Estimate, float]]) -> str:
    """Return which classes other than the lowest one are far below the others; "" if none is."""
    rest = sorted(found, key=lambda c: found[c][0].value)[1:]
    return f" Far below the others, too: {_names(run, rest)}." if rest else ""


def all_layers(gains: Gains, network: int) -> str:
    """Return why the interval of a layer gain of `steps_of` is wide: it holds for all layers; "" if there is one."""
    layers = len(gains.layers(network)) - 1
    which = "both" if layers == 2 else f"all {layers}"
    return f", for {which} layers at once" if layers > 1 else ""


def _on_margins(gains: Gains, network: int) -> str:
    """Return from how many images the margins in the last layer before the logits are."""
    margins = gains.margin[:, gains.last_hidden(network)]
    return measured_on(int((np.isfinite(margins) & (margins > 0)).sum()), RIGHT)


def _names(run: ExplanationRun, classes: Iterable[int]) -> str:
    """Return the names of classes."""
    return " and ".join(all_quoted(run.class_names[c] for c in classes))


def _median(values: NDArray[np.float64], tests: int) -> Estimate:
    """Return the median of the values that are numbers, with an interval that holds for so many tests together."""
    values = values[np.isfinite(values)]
    return estimate_median(values, 1 - (1 - CONFIDENCE) / tests) if len(values) else NO_ESTIMATE


# "module:name" of functions that take a run and return the causes they find.
DETECTORS = (
    "tfstab.explanation.cause:gain_causes",
    "tfstab.explanation.cause:high_causes",
    "tfstab.explanation.cause:margin_causes",
    "tfstab.explanation.cause:clean_causes",
    "tfstab.explanation.directions:direction_causes",
    "tfstab.explanation.directions:low_causes",
)
