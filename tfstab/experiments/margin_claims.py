"""What the paper says about the margin between classes, decided in feature space and in the input.

The paper concludes from mistakes at weak noise that the margin "of the feature space" is slim, and that training on
noisy copies does not increase it. A network's instability can also come from how much noise grows on the way to that
space; so the margin before the last layer and the distance to the boundary in the input are decided apart.
"""

from tfstab.experiments.claim import (
    FAILS,
    HOLDS,
    UNDECIDED,
    UNTESTED,
    Claim,
    compared_with,
    noise_ratio,
    untested,
)
from tfstab.experiments.comparison import SearchComparison
from tfstab.experiments.margins import MEASURES, Margins, margins_of, paired_ratio
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.scales import FEWEST
from tfstab.metrics.paired import Ratio

# A margin that grows by less than a tenth is not called wider. Without such a bound, no number of images could show
# that it stays the same.
NOT_WIDER = 1.1
_DECIDES = (
    f"the 95 % interval of the median ratio ends below {NOT_WIDER}; it does not hold if the interval lies above 1 "
    "instead"
)


def feature_margin(r: Reproduction) -> Claim:
    """Decide whether training on noisy copies leaves the margin before the last layer as it was."""
    said = "training on noisy copies does not widen the margin between classes in feature space"
    where = "abstract; sections 3 and 5"
    criterion = f"on the same images, the relative margin before the last layer grows by less than a tenth: {_DECIDES}"
    pair = _explained(r, "single", "augmented", "feature_margin")
    if pair is None:
        return _not_explained(r, said, where, criterion)
    ratio, count = paired_ratio(*pair, "feature_margin")
    texts = [in_words(*pair, measure) for measure in ("feature_margin", "gain")]
    return Claim(r.data, said, where, _verdict(ratio, count), criterion, f"Augmented over single: {'; '.join(texts)}.")


def input_margin(r: Reproduction) -> Claim:
    """Decide whether training on noisy copies leaves the minimum noise as small as it was."""
    said = "training on noisy copies does not widen the margin between classes in the input"
    where = "abstract; section 4"
    criterion = f"on the same images, the minimum noise grows by less than a tenth: {_DECIDES}"
    pair, searches = _explained(r, "single", "augmented", "noise"), {"single", "augmented"} <= r.searches.keys()
    if pair is None and not searches:
        return untested(r, said, where, criterion, "augmented")
    verdict, evidence = UNTESTED, []
    if pair is not None:
        verdict = _verdict(*paired_ratio(*pair, "noise"))
        texts = [in_words(*pair, measure) for measure in ("noise", "input_margin", "flatness")]
        evidence.append(f"Augmented over single, along the boundary with gradients: {'; '.join(texts)}.")
    if searches:
        found = SearchComparison(r.searches["single"], r.searches["augmented"])
        if pair is None:
            verdict = _verdict(found.ratio(), int(found.compared.sum()))
        evidence.append(f"Augmented over single network: {noise_ratio(found)[1]}")
    one = compared_with(r, "ensemble")
    whole = _explained(r, one, "ensemble", "noise")
    if whole is not None and paired_ratio(*whole, "noise")[1] >= FEWEST:
        evidence.append(f"Ensemble over {one}, along the boundary: {in_words(*whole, 'noise')}.")
    if "ensemble" in r.searches and one in r.searches:
        found = SearchComparison(r.searches[one], r.searches["ensemble"])
        evidence.append(f"Ensemble over {one}: {noise_ratio(found)[1]}")
    return Claim(r.data, said, where, verdict, criterion, " ".join(evidence))


def in_words(first: Margins, second: Margins, measure: str) -> str:
    """Compare two networks in words by one of `MEASURES`: medians and the median ratio, with its 95 % interval."""
    ratio, count = paired_ratio(first, second, measure)
    title = MEASURES[measure].title
    if count < FEWEST:
        return f"{title}: only {count} images could be compared" if count else f"{title}: no image could be compared"
    both = " that both get right" if MEASURES[measure].of_right else ""
    return (
        f"{title}: median {ratio.first:.3g} and {ratio.second:.3g} on {count} images{both}, median ratio "
        f"{ratio.value:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"
    )


def _verdict(ratio: Ratio, count: int) -> str:
    """Return whether a margin stays as it was, from the ratio of the new one to the old one."""
    if count < FEWEST:
        return UNDECIDED
    return HOLDS if ratio.high < NOT_WIDER else FAILS if ratio.low > 1 else UNDECIDED


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
