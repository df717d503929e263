"""Causes that lie in single classes: a slim margin, or wrong or unsure already when clean."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.cause import RIGHT, Cause, measured_on
from tfstab.explanation.classes import SURE, at_once, class_ratios, is_sure, short_names, sure_share, weaker_classes
from tfstab.explanation.gain import Gains, gains_of
from tfstab.explanation.run import ExplanationRun
from tfstab.metrics import Estimate, shares
from tfstab.metrics.estimate import accuracy_of
from tfstab.names import all_quoted
from tfstab.wording import capital, listed, percent

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
MOST_NAMED = 3  # classes in a title before "and 2 others"


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
            text = (
                f"Images of {names_of(run, slim)} have {shares.share(worst)} ({shares.interval(worst)}"
                f"{of_margins(run, len(ratios))}) of the margin of other images in the last layer before the logits. "
                f"{_on_margins(gains, network)}"
            )
            found.append(
                Cause("margin", text, worst, SLIM, network=network, classes=tuple(slim), named=_slim(run, slim))
            )
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
                f"The output weights of {names_of(run, pair)} are alike: their distance is {percent(near)} of that of "
                f"two typical classes. Images of these two classes have {shares.percent(ratio)} of the margin of other "
                "images in the last layer before the logits. "
                f"{_on_margins(gains, network)}"
            )
            found.append(Cause("margin", text, ratio, 1, network=network, classes=pair, named=_slim(run, pair)))
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
        found.append(_lower(run, wrong, run.clean.correct, CLEAN_GAP, "are right", "misclassified"))
    known = {c for cause in found + pair_causes(run) for c in cause.classes}
    weaker = weaker_classes(run, is_sure(run), SURE_GAP)
    unsure = {c: pair for c, pair in weaker.items() if c not in known and sure_share(run, (c,)) >= SURE_OTHERS}
    if unsure:
        are = f"have a score of {SURE:g} or more for their class"
        found.append(_lower(run, unsure, is_sure(run), SURE_GAP, are, "unsure"))
    return found


def _lower(
    run: ExplanationRun,
    found: dict[int, tuple[Estimate, float]],
    good: NDArray[np.bool_],
    gap: float,
    are: str,
    bad: str,
) -> Cause:
    """Return the cause that these classes have fewer good images than the others.

    are, bad: what good images are, and in a word what others are.
    """
    own, others = min(found.values(), key=lambda one: one[0].value)
    text = (
        f"{_of_lowest(run, found, good)} {are}; of the other classes {percent(others)}.{_too(run, found)} "
        f"{measured_on(len(run.clean.class_index))}"
    )
    verb = "is" if len(found) == 1 else "are"
    named = f"{capital(_which(run, found))} {verb} often {bad} even when clean"
    return Cause("clean", text, own, others - gap, classes=tuple(found), named=named)


def _slim(run: ExplanationRun, classes: Iterable[int]) -> str:
    """Return what the cause is called that these classes have a slim margin."""
    return f"Slim margin of {_which(run, classes)}"


def _which(run: ExplanationRun, classes: Iterable[int]) -> str:
    """Return classes in a title: "class dog", "classes cat and dog"."""
    names = short_names(run, classes)
    return f"class{'es' * (len(names) > 1)} {listed(names, most=MOST_NAMED)}"


def _of_lowest(run: ExplanationRun, found: dict[int, tuple[Estimate, float]], good: NDArray[np.bool_]) -> str:
    """Return the share of good images of the lowest of these classes, with Wilson's interval, as other pages have it.

    That the class is named was decided by an exact interval that holds for all classes at once.
    """
    lowest = min(found, key=lambda c: found[c][0].value)
    own = accuracy_of(good[run.clean.class_index == lowest])
    return f"Of the clean images of {names_of(run, [lowest])}, {shares.percent(own)}"


def _too(run: ExplanationRun, found: dict[int, tuple[Estimate, float]]) -> str:
    """Return which classes other than the lowest one are far below the others; "" if none is."""
    rest = sorted(found, key=lambda c: found[c][0].value)[1:]
    return f" Far below the others, too: {names_of(run, rest)}." if rest else ""


def _on_margins(gains: Gains, network: int) -> str:
    """Return from how many images the margins in the last layer before the logits are."""
    margins = gains.margin[:, gains.last_hidden(network)]
    return measured_on(int((np.isfinite(margins) & (margins > 0)).sum()), RIGHT)


def of_margins(run: ExplanationRun, tested: int) -> str:
    """Return for which classes the interval of a class's margin holds; "" for two, which are one test."""
    return f", {at_once(run, tested)}" if tested > 2 else ""


def names_of(run: ExplanationRun, classes: Iterable[int]) -> str:
    """Return the names of classes."""
    return " and ".join(all_quoted(run.class_names[c] for c in classes))
