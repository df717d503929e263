"""Verdicts from p-values, corrected for the number of claims that are tested.

Each claim is tested at the 5 % level. Of thirty such tests, one or two would be significant by chance alone. So all
p-values are adjusted by Holm's method before any verdict is given: then the probability of one or more wrong verdicts
is at most 5 %. The same tests without clipping are a second group, which is corrected by itself.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from tfstab.experiments.claim import FAILS, HOLDS, UNDECIDED, Claim
from tfstab.metrics.multiple import holm
from tfstab.metrics.outlook import MOST, images_advised, round_up
from tfstab.metrics.paired import Paired
from tfstab.metrics.signs import POWER

LEVEL = 0.05


@dataclass(frozen=True)
class Finding:
    """What was measured for a claim, and the p-values of both verdicts that it could lead to.

    Attributes
    ----------
    evidence : str
        The measured values in words.
    holds, fails : float
        P-values of the tests that would show that the claim holds, and that it does not hold; 1 if the data point the
        other way, NaN without data.
    needed : float
        Number of images with which the test would be significant on its own, with the probability `POWER`; infinite if
        no number would do.
    tests : int
        Number of tests for which both p-values are already corrected.
    measured : int
        Number of images from which `needed` was estimated; 0 if it is not known.
    """

    evidence: str
    holds: float
    fails: float
    needed: float
    tests: int = 1
    measured: int = 0

    @property
    def p_value(self) -> float:
        """The smaller p-value; NaN without data."""
        return min(self.holds, self.fails)

    def verdict(self, times: float) -> str:
        """Return the verdict if p-values are multiplied by a factor, which corrects for other claims."""
        if self.holds * times < LEVEL:
            return HOLDS
        return FAILS if self.fails * times < LEVEL else UNDECIDED


@dataclass(frozen=True)
class Question:
    """A claim of the paper that is still to be decided.

    Attributes
    ----------
    claim : Claim
        The claim. Without a finding it has its verdict already; with one, its evidence is what the paper measured.
    finding : Finding or None
        What was measured to decide it.
    unclipped : Finding or None
        What was measured without clipping.
    images : int
        Number of images in the test set; 0 if it is not known.
    """

    claim: Claim
    finding: Finding | None = None
    unclipped: Finding | None = None
    images: int = 0


def toward(paired: Paired, sign: int) -> float:
    """Return the p-value of a comparison for an effect of this sign, 1 or -1.

    Parameters
    ----------
    paired : Paired
        The comparison.
    sign : int
        1 for a larger second value, -1 for a smaller one.

    Returns
    -------
    float
        The two-sided p-value; 1 if the effect has the other sign, NaN without data.
    """
    if math.isnan(paired.value):
        return float("nan")
    return paired.p_value if sign * (paired.value - paired.neutral) > 0 else 1.0


def of_sign(evidence: str, paired: Paired, sign: int) -> Finding:
    """Return the finding of a claim that holds if a comparison has this sign, and fails if it has the other one."""
    return Finding(evidence, toward(paired, sign), toward(paired, -sign), paired.needed(), measured=paired.count)


def decide(questions: Sequence[Question]) -> list[Claim]:
    """Give all claims their verdicts.

    Parameters
    ----------
    questions : sequence of Question
        All claims that are examined together.

    Returns
    -------
    list of Claim
        The claims in the same order.

    References
    ----------
    Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 6, 1979.
    """
    clipped = _corrected([question.finding for question in questions])
    unclipped = _corrected([question.unclipped for question in questions])
    return [_decided(*each) for each in zip(questions, clipped, unclipped, strict=True)]


@dataclass(frozen=True)
class _Correction:
    """A verdict with the adjusted p-value that it rests on, and the number of tests that it was corrected for."""

    verdict: str
    adjusted: float | None
    tests: int


def _corrected(findings: Sequence[Finding | None]) -> list[_Correction | None]:
    """Return the verdict of each finding, after Holm's correction for all of them."""
    p_values = np.array([float("nan") if f is None else f.p_value for f in findings])
    corrections: list[_Correction | None] = []
    for finding, p, adjusted in zip(findings, p_values, holm(p_values), strict=True):
        if finding is None:
            corrections.append(None)
        elif math.isnan(p):
            corrections.append(_Correction(UNDECIDED, None, 1))
        else:
            verdict = finding.verdict(float(adjusted / p) if p else 1.0)
            corrections.append(_Correction(verdict, float(adjusted), int((p_values >= p).sum())))
    return corrections


def _decided(question: Question, mine: _Correction | None, unclipped: _Correction | None) -> Claim:
    """Return the claim with its verdict, and with everything that was measured as evidence."""
    claim, finding = question.claim, question.finding
    if finding is None or mine is None:
        return claim
    texts, needed = [finding.evidence], None
    if mine.verdict == UNDECIDED and mine.adjusted is not None:
        if finding.p_value < LEVEL:
            texts.append(
                f"Taken alone, this would be significant (p = {finding.p_value:.2g}), but not among all claims that "
                f"are tested (corrected p = {mine.adjusted:.2g})."
            )
        there = _needed(finding, mine.tests * finding.tests)
        advised = images_advised(there, finding.measured or question.images)
        needed = round_up(advised) if math.isfinite(advised) else None
        texts.append(_outlook(there, advised, question.images))
    if question.unclipped is not None and unclipped is not None:
        texts.append(f"Without clipping: {question.unclipped.evidence} Verdict: {unclipped.verdict}.")
    return replace(
        claim,
        verdict=mine.verdict,
        evidence=" ".join(filter(None, [*texts, claim.evidence])).strip(),
        p_value=None if mine.adjusted is None else finding.p_value,
        adjusted=mine.adjusted,
        needed=needed,
        unclipped=None if unclipped is None else unclipped.verdict,
    )


def _needed(finding: Finding, tests: int) -> float:
    """Return how many images would decide although so many claims are tested; infinite if no number would."""
    standard = NormalDist()
    distances = [standard.inv_cdf(1 - LEVEL / 2 / times) + standard.inv_cdf(POWER) for times in (1, tests)]
    return finding.needed * (distances[1] / distances[0]) ** 2


def _outlook(needed: float, advised: float, images: int) -> str:
    """Say in one sentence how many images would decide a claim; nothing if too few were measured to say."""
    if math.isnan(advised):
        return ""
    if math.isinf(needed):
        return "If the true effect is as small as the measured one, no number of images would decide."
    if math.isinf(advised):
        return (
            f"If the true effect is as small as the measured one, it takes more than {MOST} times as many images to "
            "decide this."
        )
    text = f"If the true effect is as large as the measured one, about {round_up(advised):,} images would decide"
    return f"{text}, more than the test set's {images:,}." if round_up(advised) > images > 0 else f"{text}."
