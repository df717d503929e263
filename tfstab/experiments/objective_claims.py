"""What the paper says about its objective, eq. 2, in contrast to the older eq. 1 (Szegedy et al., 2013).

Neither paper states lambda, the weight of the norm. So each equation is tried at several, and is judged by its best.
The best of several looks better than it is, and even a lambda that is chosen on other images can be a lucky or unlucky
choice for one of the equations. So eq. 2 counts as better only if one of its lambdas beats eq. 1 at every lambda, with
Bonferroni's correction for the choice of that one. The ratio that is shown beside it has lambda chosen on half of the
images for the other half. `tests/benchmarks/equations_level.py` simulates how often each way decides although the
equations are alike.
"""

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tfstab.experiments.claim import UNTESTED, Claim, images_of, untested
from tfstab.experiments.deciding import Finding, Question, toward
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.reproduction_steps import LAMBDAS, OBJECTIVES, objective_name
from tfstab.experiments.scales import FEWEST, SCALES
from tfstab.metrics.paired import Ratio, median_ratio
from tfstab.search import SearchRun

ALIKE = 1.1  # a difference by a smaller factor does not count, where it is to be shown that there is none


def smaller_noise(r: Reproduction) -> Question:
    """Ask whether eq. 2 finds smaller noise than eq. 1."""
    said = "its objective, eq. 2, finds smaller noise than the older one, eq. 1"
    criterion = (
        "by the median ratio of the same search of the same images, eq. 2 at one lambda finds less than eq. 1 at every "
        "lambda; it does not hold if eq. 1 at one lambda is shown to find less than 1.1 times the noise of eq. 2 at "
        "every lambda instead"
    )

    def found(pair: Equations) -> Finding:
        ratio = median_ratio(*pair.best_l2)
        tenth = median_ratio(pair.best_l2[0] / ALIKE, pair.best_l2[1])
        needed = [ratio.needed()] * (ratio.value < 1) + [tenth.needed()] * (tenth.value > 1)
        evidence = f"The paper's genetic search. {pair.in_words()}"
        return Finding(evidence, pair.p_smaller, pair.p_not_smaller, min(needed, default=math.nan), len(LAMBDAS))

    return _question(r, said, criterion, found)


def smaller_margin(r: Reproduction) -> Question:
    """Ask whether eq. 2 ends nearer to the decision boundary than eq. 1."""
    said = "its objective, eq. 2, ends nearer to the decision boundary than the older one, eq. 1"
    criterion = (
        "of images that both flip, the margin L[k] - L[c] is smaller, by the median ratio, where each equation has the "
        "lambda with which it finds the least noise (if the halves of the images disagree about it, with either)"
    )

    def found(pair: Equations) -> Finding:
        ratios = pair.best_margins
        evidence = f"The paper's genetic search. {pair.margins_in_words(ratios[0])}"
        holds, fails = (max(toward(ratio, sign) for ratio in ratios) for sign in (-1, 1))
        return Finding(evidence, holds, fails, max(ratio.needed() for ratio in ratios))

    return _question(r, said, criterion, found)


@dataclass(frozen=True, eq=False)
class Equations:
    """Searches of the same images with both equations at each lambda.

    Attributes
    ----------
    l2 : mapping of str to ndarray of float64 (L, N)
        L2 norm of the noise that each equation found at each of `LAMBDAS` for each image, in grey levels; infinite if
        it found none.
    margin : mapping of str to ndarray of float64 (L, N)
        Margin L[k] - L[c] of the degraded image; NaN if none was found.
    most : float
        The largest L2 that noise can have, in grey levels.
    """

    l2: Mapping[str, NDArray[np.float64]]
    margin: Mapping[str, NDArray[np.float64]]
    most: float

    @property
    def count(self) -> int:
        """Number of images."""
        return int(self.l2[OBJECTIVES[0]].shape[1])

    @cached_property
    def halves(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Positions of the images of each half."""
        everyone = np.arange(self.count)
        return everyone[::2], everyone[1::2]

    @cached_property
    def best(self) -> dict[str, tuple[int, int]]:
        """Position of the lambda that each equation uses for the first and the second half of the images."""
        first, second = self.halves
        return {
            equation: (int(_medians(l2[:, second]).argmin()), int(_medians(l2[:, first]).argmin()))
            for equation, l2 in self.l2.items()
        }

    @cached_property
    def best_l2(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """L2 of each image by both equations, each at its best lambda, without images that neither flips.

        Where only one finds noise, the other counts as the largest noise that there can be: more than what was found.
        """
        one, other = (np.minimum(self._at_best(self.l2, equation), self.most) for equation in OBJECTIVES)
        found = np.minimum(one, other) < self.most
        return one[found], other[found]

    @cached_property
    def best_margins(self) -> list[Ratio]:
        """Margins of images that both equations flip, each at its best lambda, or at both if the halves disagree."""
        one, other = (self.margin[equation] for equation in OBJECTIVES)
        chosen = itertools.product(*(dict.fromkeys(self.best[equation]) for equation in OBJECTIVES))
        pairs = [(one[i], other[k], (one[i] > 0) & (other[k] > 0)) for i, k in chosen]  # False for NaN
        return [median_ratio(a[both], b[both]) for a, b, both in pairs]

    @property
    def p_smaller(self) -> float:
        """P-value of the test that eq. 2 at one lambda finds less noise than eq. 1 at every lambda."""
        each = [max(toward(self._ratio(i, k), -1) for i in range(len(LAMBDAS))) for k in range(len(LAMBDAS))]
        return min(1.0, len(LAMBDAS) * min(each))

    @property
    def p_not_smaller(self) -> float:
        """P-value of the test that eq. 1 at one lambda finds less than `ALIKE` times that of eq. 2 at every lambda."""
        each = [max(toward(self._ratio(i, k, ALIKE), 1) for k in range(len(LAMBDAS))) for i in range(len(LAMBDAS))]
        return min(1.0, len(LAMBDAS) * min(each))

    def in_words(self) -> str:
        """Compare the noise of both at their best lambda and at each, and say how much it depends on lambda."""
        ratio, missing = median_ratio(*self.best_l2), [int((l2 == self.most).sum()) for l2 in self.best_l2]
        chosen = [" and ".join(f"{LAMBDAS[k]:g}" for k in dict.fromkeys(self.best[e])) for e in OBJECTIVES]
        each = ", ".join(f"{lambda_:g}: {_text(self._ratio(k, k))}" for k, lambda_ in enumerate(LAMBDAS))
        swing = [_swing(self.l2[equation]) for equation in OBJECTIVES]
        return (
            f"At the best lambda of each ({chosen[0]} for eq. 1, {chosen[1]} for eq. 2), the median L2 is "
            f"{ratio.first:.1f} grey levels with eq. 1 and {ratio.second:.1f} with eq. 2 on {ratio.count} images, "
            f"median ratio {_text(ratio)}; not found: {missing[0]} and {missing[1]}. Median ratios at the same "
            f"lambda: {each}. From the best to the worst lambda, the median L2 grows by a factor of {swing[0]} with "
            f"eq. 1 and {swing[1]} with eq. 2."
        )

    def margins_in_words(self, ratio: Ratio) -> str:
        """Compare the margins of both at their best lambda and at each."""
        medians = [_medians(np.where(np.isnan(self.margin[e]), np.inf, self.margin[e])) for e in OBJECTIVES]
        each = ", ".join(f"{x:g}: {a:.2g} and {b:.2g}" for x, a, b in zip(LAMBDAS, *medians, strict=True))
        return (
            f"at the best lambda of each median {ratio.first:.2g} and {ratio.second:.2g} on {ratio.count} images, "
            f"median ratio {_text(ratio)}. Medians with eq. 1 and eq. 2 at the same lambda: {each}."
        )

    def _at_best(self, values: Mapping[str, NDArray[np.float64]], equation: str) -> NDArray[np.float64]:
        """Return each image's value at the lambda that was chosen on the other half of the images."""
        chosen = np.empty(values[equation].shape[1])
        for half, k in zip(self.halves, self.best[equation], strict=True):
            chosen[half] = values[equation][k, half]
        return chosen

    def _ratio(self, first: int, second: int, factor: float = 1.0) -> Ratio:
        """Compare the noise of eq. 1 at one lambda, divided by a factor, with that of eq. 2 at another."""
        one, other = self.l2[OBJECTIVES[0]][first], self.l2[OBJECTIVES[1]][second]
        found = np.isfinite(one) | np.isfinite(other)
        return median_ratio(np.minimum(one, self.most)[found] / factor, np.minimum(other, self.most)[found])


def _question(r: Reproduction, said: str, criterion: str, found: Callable[[Equations], Finding]) -> Question:
    """Return a question on both equations, with what was found, if all of their searches are there."""
    claim = Claim(r.data, said, "section 3", UNTESTED, criterion, "")
    runs = {e: [r.objectives.get(objective_name(e, lambda_)) for lambda_ in LAMBDAS] for e in OBJECTIVES}
    there = {equation: [run for run in several if run is not None] for equation, several in runs.items()}
    if any(len(several) < len(LAMBDAS) for several in there.values()):
        return Question(_missing(r, claim))
    pair = _equations(there)
    if pair.count < FEWEST:
        nothing = f"Only {pair.count} images that are right when clean were searched; at least {FEWEST} are needed."
        return Question(claim, Finding(nothing, math.nan, math.nan, math.nan))
    return Question(claim, found(pair), images=images_of(r))


def _equations(runs: Mapping[str, list[SearchRun]]) -> Equations:
    """Return what was found for the images that all searches have finished and that are right when clean."""
    results = {e: [{one.image: one for one in run if one.needed_noise} for run in there] for e, there in runs.items()}
    images = sorted(set.intersection(*(set(of_run) for there in results.values() for of_run in there)))
    shape = len(LAMBDAS), len(images)
    l2 = {e: np.full(shape, np.inf) for e in results}
    margin = {e: np.full(shape, np.nan) for e in results}
    for equation, there in results.items():
        for k, of_run in enumerate(there):
            for column, image in enumerate(images):
                if of_run[image].found:
                    l2[equation][k, column], margin[equation][k, column] = of_run[image].l2, of_run[image].margin
    pixels = runs[OBJECTIVES[0]][0].clean.images[0].size
    return Equations(l2, margin, 255 * math.sqrt(pixels))


def _missing(r: Reproduction, claim: Claim) -> Claim:
    """Return a claim without searches, with the reason and what to do."""
    scale = SCALES.get(r.scale, {}).get(r.data)
    if scale is None or scale.compared:
        return untested(r, claim.said, claim.where, claim.criterion, "single")
    reason = "At this scale no searches are made with the paper's procedure on these images: take a larger one."
    return replace(claim, evidence=reason)


def _medians(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median over images at each lambda, infinite if half of the values are; float64 (L,)."""
    return np.asarray(np.sort(values, axis=1)[:, values.shape[1] // 2])


def _swing(l2: NDArray[np.float64]) -> str:
    """Write the quotient of the largest and the smallest median over images, of all lambdas."""
    medians = _medians(l2)
    return f"{medians.max() / medians.min():.2f}" if np.isfinite(medians).all() else "infinity"


def _text(ratio: Ratio) -> str:
    """Write a ratio with its interval."""
    return f"{ratio.value:.3f} ({ratio.low:.3f} to {ratio.high:.3f})"
