"""What the paper says about the margin between classes, decided in feature space and in the input.

The paper concludes from mistakes at weak noise that the margin "of the feature space" is slim, and that training on
noisy copies does not increase it. But a network can also be unstable because it amplifies noise on the way to that
space. So two claims are decided: one on the margin before the last layer, one on the distance to the boundary in the
input.
"""

import math

import numpy as np

from tfstab.experiments.claim import KIND_NAMES, UNTESTED, Claim, compared_with, images_of, untested
from tfstab.experiments.deciding import Finding, Question, toward
from tfstab.experiments.margins import MEASURES, Margins, margins_of, paired_ratio, paired_values
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.scales import FEWEST
from tfstab.experiments.search_comparison import SearchComparison
from tfstab.metrics.equivalence import equivalence
from tfstab.metrics.paired import median_ratio
from tfstab.wording import capital, rounded_to

# A margin that grows by less than a tenth is not called wider. Without such a bound, stated before anything is
# measured, no number of images could show that a margin stays the same.
NOT_WIDER = 1.1
_DECIDES = (
    f"on the same images, the median ratio to the network trained without noise is shown to be below {NOT_WIDER} "
    f"(one-sided sign test). It does not hold if that ratio is shown to be above 1, but not to be below {NOT_WIDER}"
)
_WALKED, _SEARCHED = "by walks along the decision boundary", "by the genetic search"
_DECIDING = "The ratio of the minimum noise decides; everything else is for comparison."
# Measures that the evidence mentions beside the minimum noise, which decides.
_BESIDE = ("input_margin", "flatness")


def feature_margin(r: Reproduction) -> Question:
    """Ask whether training on noisy copies leaves the margin before the last layer as it was."""
    said = "training on noisy copies does not widen the margin between classes in feature space"
    where = "abstract; sections 3 and 5"
    criterion = f"the relative margin before the last layer grows by less than a tenth: {_DECIDES}"
    pair = _explained(r, "single", "augmented", "feature_margin")
    if pair is None:
        return Question(_not_explained(r, said, where, criterion))
    texts = "; ".join(in_words(*pair, measure) for measure in ("feature_margin", "gain"))
    evidence = f"{_compared('augmented', 'single')}: {texts}."
    finding = not_wider(*paired_values(*pair, "feature_margin"), "the margin before the last layer", evidence)
    return Question(Claim(r.data, said, where, UNTESTED, criterion, ""), finding, images=images_of(r))


def input_margin(r: Reproduction) -> Question:
    """Ask whether training on noisy copies leaves the minimum noise as small as it was."""
    said = "training on noisy copies does not widen the margin between classes in the input"
    where = "abstract; section 4"
    criterion = f"the minimum noise grows by less than a tenth: {_DECIDES}"
    pair, searches = _explained(r, "single", "augmented", "noise"), {"single", "augmented"} <= r.searches.keys()
    if pair is None and not searches:
        return Question(untested(r, said, where, criterion, "augmented"))
    values, evidence = (np.empty(0), np.empty(0)), []
    if pair is not None:
        values = paired_values(*pair, "noise")
        there = [measure for measure in _BESIDE if paired_ratio(*pair, measure).count >= FEWEST]
        texts = [in_words(*pair, measure) for measure in ("noise", *there)]
        evidence.append(f"{_compared('augmented', 'single')}, {_WALKED}: {'; '.join(texts)}. {_DECIDING}")
    if searches:
        found = SearchComparison(r.searches["single"], r.searches["augmented"])
        if pair is None:
            values = found.size[0][found.compared], found.size[1][found.compared]
        evidence.append(f"{_compared('augmented', 'single')}, {_SEARCHED}: {noise_ratio(found)}")
    evidence += _of_ensemble(r)
    finding = not_wider(*values, "the minimum noise", " ".join(evidence))
    return Question(Claim(r.data, said, where, UNTESTED, criterion, ""), finding, images=images_of(r))


def not_wider(first: np.ndarray, second: np.ndarray, what: str, evidence: str) -> Finding:
    """Return what decides whether a margin stays as it was, or shrinks.

    Parameters
    ----------
    first, second : ndarray of float, (N,)
        The old and the new margin of each image.
    what : str
        What the margin is called.
    evidence : str
        What was measured.

    Returns
    -------
    Finding
        The claim holds if a ratio of `NOT_WIDER` or more is ruled out; otherwise it fails if the ratio is shown to be
        above 1. A ratio cannot be both 1 or less and `NOT_WIDER` or more, so each test has the full level.
    """
    if len(first) < FEWEST:
        return Finding(evidence, math.nan, math.nan, math.nan)
    plain, bounded = median_ratio(first, second), median_ratio(NOT_WIDER * first, second)
    tested = equivalence(first, second, NOT_WIDER)
    needed = [bounded.needed()] * (bounded.value < 1) + [plain.needed()] * (plain.value > 1)
    if tested.unchanged:
        evidence += (
            f" So {what} changes by less than a tenth in either direction (equivalence test, p = {tested.p_value:.2g})."
        )
    return Finding(evidence, tested.p_not_larger, toward(plain, 1), min(needed, default=math.inf), measured=plain.count)


def in_words(first: Margins, second: Margins, measure: str) -> str:
    """Compare two networks in words by one of `MEASURES`: medians and the median ratio, with its 95 % interval."""
    ratio = paired_ratio(first, second, measure)
    count, title = ratio.count, MEASURES[measure].title
    if count < FEWEST:
        return f"{title}: only {count} images could be compared" if count else f"{title}: no image could be compared"
    both = " that both get right" if MEASURES[measure].of_right else ""
    medians = f"{rounded_to(ratio.second, 3)} instead of {rounded_to(ratio.first, 3)}"
    return (
        f"{title}: median {medians} on {count} images{both}, median ratio "
        f"{ratio.value:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"
    )


def noise_ratio(pair: SearchComparison) -> str:
    """Compare the noise that two searches found, in words."""
    ratio, missing = pair.ratio(), pair.not_found
    left_out = ""
    if missing.first or missing.second:
        left_out = f" No noise was found for {missing.second} images instead of {missing.first}."
    if ratio.count < FEWEST:
        return f"only {ratio.count} images could be compared.{left_out}"
    return (
        f"median L2 {ratio.second:.1f} instead of {ratio.first:.1f} grey levels on {ratio.count} images, median "
        f"ratio {ratio.value:.3f} ({ratio.low:.3f} to {ratio.high:.3f}).{left_out}"
    )


def _of_ensemble(r: Reproduction) -> list[str]:
    """Compare the minimum noise of the ensemble with that of one network, in words, as far as both are there."""
    one, texts = compared_with(r, "ensemble"), []
    whole = _explained(r, one, "ensemble", "noise")
    if whole is not None and paired_ratio(*whole, "noise").count >= FEWEST:
        texts.append(f"{_compared('ensemble', one)}, {_WALKED}: {in_words(*whole, 'noise')}.")
    if "ensemble" in r.searches and one in r.searches:
        found = SearchComparison(r.searches[one], r.searches["ensemble"])
        texts.append(f"{_compared('ensemble', one)}, {_SEARCHED}: {noise_ratio(found)}")
    return texts


def _compared(kind: str, one: str) -> str:
    """Return the beginning of a sentence that compares a network with another, whose values come second."""
    name = KIND_NAMES[kind]
    return f"{capital(name)} instead of the {KIND_NAMES[one]}"


def _explained(r: Reproduction, first: str, second: str, measure: str) -> tuple[Margins, Margins] | None:
    """Return what was measured of two kinds of networks, each as a whole; None if one has no such measure."""
    if not {first, second} <= r.explanations.keys():
        return None
    one, other = (margins_of(*r.explanations[kind])[0] for kind in (first, second))
    return (one, other) if measure in one.values and measure in other.values else None


def _not_explained(r: Reproduction, said: str, where: str, criterion: str) -> Claim:
    """Return a claim for which networks were not explained, with the reason and what to do."""
    kinds = [kind for kind in ("single", "augmented") if kind in r.kinds and r.is_explained(kind) is False]
    if not kinds:
        return untested(r, said, where, criterion, "augmented")
    reason = f"The network '{kinds[0]}' has no gradients: give one that has with --network {kinds[0]}=PATH."
    return Claim(r.data, said, where, UNTESTED, criterion, reason)
