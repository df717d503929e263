"""What the paper says about accuracy under noise, decided with clipping and without.

The accuracy over all noise is the mean over images of the share of an image's noisy copies that are right. All sigmas
count equally.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from tfstab.experiments.claim import ALL, KIND_NAMES, NAMES, UNTESTED, Claim, compared_with, images_of, untested
from tfstab.experiments.deciding import Finding, Question, of_sign, toward
from tfstab.experiments.paper import paper_table
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.sweep_comparison import SweepComparison
from tfstab.metrics.independent import independent_difference
from tfstab.metrics.paired import Difference, mean_difference
from tfstab.metrics.shares import signed, signed_ends
from tfstab.sweep import SweepRun

LITTLE = 0.01  # loss of accuracy, one percentage point: a network that loses less at a sigma "holds" there
Sweeps = Mapping[str, SweepRun]

# What the evidence says about the network that another is compared with.
_SUBJECTS = {
    "single": "",
    "member": "The ensemble is compared with its first member, because the single network was trained differently. ",
}


def more_accurate(r: Reproduction, kind: str, said: str, where: str) -> Question:
    """Ask whether a network is more accurate under noise than the one it is compared with."""
    criterion = (
        "its accuracy over all noise is higher, on the same images, than that of the network without this remedy"
    )
    one = compared_with(r, kind)

    def found(sweeps: Sweeps) -> Finding:
        pair = SweepComparison(sweeps[one], sweeps[kind])
        difference, right = pair.accuracy(), pair.accuracy(clean_correct=True)
        evidence = (
            f"{_SUBJECTS[one]}Accuracy over all noise: {points(difference, KIND_NAMES[one], KIND_NAMES[kind])}. Of "
            f"the images that both get right when clean: {points(right)}. Without noise: {points(pair.clean)}."
        )
        return of_sign(evidence, difference, 1)

    theirs = [paper_table(r.data, k, True) for k in ("single", kind)]
    paper = "" if None in theirs else "The paper: " + " and ".join(f"{t.accuracy:.2f} %" for t in theirs if t) + "."
    return _question(r, (one, kind), kind, Claim(r.data, said, where, UNTESTED, criterion, paper), found)


def below_clean(r: Reproduction) -> Question:
    """Ask whether an ensemble under noise is less accurate than one network without noise."""
    said, where = "an ensemble under noise is less accurate than one network without noise", "abstract; section 4"
    criterion = "the ensemble's accuracy over all noise is lower, on the same images, than one network's without noise"
    one = compared_with(r, "ensemble")

    def found(sweeps: Sweeps) -> Finding:
        pair = SweepComparison(sweeps[one], sweeps["ensemble"])
        difference = mean_difference(pair.clean_correct[0], pair.right_shares[1].mean(axis=1))
        return of_sign(
            f"{_SUBJECTS[one]}Accuracy: {points(difference, f'{KIND_NAMES[one]}, clean', 'ensemble, over all noise')}.",
            difference,
            -1,
        )

    clean, noisy = paper_table(r.data, "single", False), paper_table(r.data, "ensemble", True)
    paper = f"The paper: {clean.accuracy:.2f} % and {noisy.accuracy:.2f} %." if clean and noisy else ""
    return _question(r, (one, "ensemble"), "ensemble", Claim(r.data, said, where, UNTESTED, criterion, paper), found)


def holds_until_eight(r: Reproduction) -> Question:
    """Ask whether the accuracy on traffic signs begins to fall at sigma 8."""
    said, where = "the network for traffic signs holds until sigma = 8, where mistakes begin", "section 4"
    criterion = (
        "the accuracy falls, compared with clean images, by less than 1 point at each sigma up to 4, and at each sigma "
        "from 8 on it falls by more than at any of these"
    )
    claim = Claim(r.data, said, where, UNTESTED, criterion, "")
    return _question(r, ("single",), "single", claim, lambda sweeps: _until_eight(sweeps["single"]))


def largest_drop(reproductions: Mapping[str, Reproduction]) -> Question:
    """Ask whether MNIST has the largest difference between clean and noisy accuracy."""
    said, where = "the drop from clean to noisy images is more obvious on MNIST than on the others", "section 4"
    criterion = "the accuracy falls by more percentage points on MNIST than on each of the others"
    printed: dict[str, str] = {}
    for data in ("mnist", "cifar10"):
        clean, noisy = paper_table(data, "single", False), paper_table(data, "single", True)
        if clean is not None and noisy is not None:
            printed[data] = f"{clean.accuracy - noisy.accuracy:.2f} points"
    claim = Claim(ALL, said, where, UNTESTED, criterion, f"By the paper's own Tables 1 and 3: {_of_each(printed)}.")
    found = _drops({data: r.sweeps["single"] for data, r in reproductions.items() if "single" in r.sweeps})
    unclipped = _drops({data: r.unclipped["single"] for data, r in reproductions.items() if "single" in r.unclipped})
    return Question(
        claim, found, unclipped if found is not None else None, sum(images_of(r) for r in reproductions.values())
    )


def points(d: Difference, first: str = "", second: str = "") -> str:
    """Write two accuracies, of the networks with these names, and their difference with its 95 % interval."""
    one, other = (f" ({name})" if name else "" for name in (first, second))
    ends = signed_ends(d.low, d.high, 2)
    return f"{d.first:.2%}{one} and {d.second:.2%}{other}, difference {signed(d.value, 2)} points ({ends})"


def _question(
    r: Reproduction, kinds: tuple[str, ...], kind: str, claim: Claim, found: Callable[[Sweeps], Finding]
) -> Question:
    """Return the question, with what was found in the sweeps of these kinds and in those without clipping."""
    if not {*kinds} <= r.sweeps.keys():
        return Question(untested(r, claim.said, claim.where, claim.criterion, kind))
    unclipped = found(r.unclipped) if {*kinds} <= r.unclipped.keys() else None
    return Question(claim, found(r.sweeps), unclipped, images_of(r))


def _until_eight(run: SweepRun) -> Finding:
    """Return what decides the claim on traffic signs.

    The claim holds if each of its parts holds, so its p-value is the largest of theirs (an intersection-union test:
    Berger, Technometrics 24, 1982). It fails if any part is shown to be false. As any of several tests can show this,
    the smallest of their p-values is multiplied by their number (Bonferroni).
    """
    m = run.measures
    clean, right = m.clean_correct.astype(np.float64), dict(zip(run.severities, (1 - m.wrong_share).T, strict=True))
    weak, strong = [s for s in right if s <= 4], [s for s in right if s >= 8]
    little = [mean_difference(clean - LITTLE, right[s], largest=1 + LITTLE) for s in weak]
    more = [mean_difference(right[t], right[s]) for s in weak for t in strong]
    parts = [*little, *more]
    losses = {s: mean_difference(right[s], clean) for s in right}
    shown = [s for s in (1.0, 2.0, 4.0, 8.0, 10.0, 14.0, 20.0, 40.0) if s in losses]
    listed = ", ".join(f"sigma {s:g}: {_drop_text(losses[s])}" for s in shown)
    lost = right_when_clean_lost(m.clean_correct, right, shown)
    evidence = (
        f"Accuracy lost compared with clean images: {listed}. Share of misclassified copies, of images that are right "
        f"when clean: {lost}."
    )
    if not (weak and strong):
        return Finding(evidence, float("nan"), float("nan"), math.inf)
    fails = min(1.0, len(parts) * min(toward(part, -1) for part in parts))
    holds = max(toward(part, 1) for part in parts)
    return Finding(evidence, holds, fails, _most_needed(parts), measured=parts[0].count)


def right_when_clean_lost(correct: np.ndarray, right: Mapping[float, np.ndarray], sigmas: list[float]) -> str:
    """Write the share of wrong copies, in %, of the images that are right when clean, at each of these sigmas."""
    return ", ".join(f"sigma {s:g}: {1 - right[s][correct].mean():.2%}" for s in sigmas) if correct.any() else "none"


def _drops(sweeps: Mapping[str, SweepRun]) -> Finding | None:
    """Compare MNIST's drop with the others'; None without MNIST or without another."""
    measured = {data: _drop(run) for data, run in sweeps.items()}
    if len(measured) < 2 or "mnist" not in measured:
        return None
    evidence = f"Accuracy lost under noise: {_of_each({data: _drop_text(d) for data, d in measured.items()})}."
    mnist = measured.pop("mnist")
    apart = [independent_difference(other, mnist) for other in measured.values()]
    fails = min(1.0, len(apart) * min(toward(d, -1) for d in apart))
    fewest = min(d.count for d in apart)
    return Finding(evidence, max(toward(d, 1) for d in apart), fails, _most_needed(apart), measured=fewest)


def _most_needed(parts: Sequence[Difference]) -> float:
    """Return how many images would decide all parts of a claim."""
    return max(part.needed() for part in parts)


def _drop(run: SweepRun) -> Difference:
    """Return the clean minus the noisy accuracy of the swept images."""
    m = run.measures
    return mean_difference(1 - m.wrong_share.mean(axis=1), m.clean_correct)


def _drop_text(d: Difference) -> str:
    """Write a loss of accuracy in percentage points, with its interval."""
    return f"{100 * d.value:.2f} points ({100 * d.low:.2f} to {100 * d.high:.2f})"


def _of_each(texts: Mapping[str, str]) -> str:
    """Join texts by data set into one, each preceded by the name of its data set."""
    return ", ".join(f"{NAMES[data]} {text}" for data, text in texts.items())
