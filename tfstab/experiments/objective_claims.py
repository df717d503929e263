"""What the paper says about its objective, eq. 2, in contrast to the older eq. 1 (Szegedy et al., 2013).

Neither paper states lambda, the weight of the norm, so each equation is tried at several. The best of several looks
better than it is, and even a lambda that is chosen on other images can be a lucky or unlucky choice for one of the
equations. So eq. 2 counts as better only if it finds less noise at one lambda than eq. 1 at every lambda, with
Bonferroni's correction for the choice of that one lambda. The ratio that the evidence shows is another one: there, the
lambda for each half of the images is chosen on the other half. `tests/benchmarks/equations_level.py` simulates how
often each of these methods finds a difference although the equations are alike.
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

ALIKE = 1.1  # noise that is larger by a smaller factor counts as equal, so that "not smaller" can be shown


def smaller_noise(r: Reproduction) -> Question:
    """Ask whether eq. 2 finds smaller noise than eq. 1."""
    said = "its objective, eq. 2, finds smaller noise than the older one, eq. 1"
    criterion = (
        "eq. 2 at one of the lambdas finds less noise than eq. 1 at every lambda, by the median ratio over the same "
        "images. It does not hold if eq. 1 at one of the lambdas is shown to find less than 1.1 times the noise that "
        "eq. 2 finds at every lambda"
    )

    def found(pair: Equations) -> Finding:
        ratio = median_ratio(*pair.best_l2)
        tenth = median_ratio(pair.best_l2[0] / ALIKE, pair.best_l2[1])
        needed = [ratio.needed()] * (ratio.value < 1) + [tenth.needed()] * (tenth.value > 1)
        if pair.compared < FEWEST:
            return _too_few(pair.in_words(), pair.compared)
        least, tests = min(needed, default=math.nan), len(LAMBDAS)
        return Finding(pair.in_words(), pair.p_smaller, pair.p_not_smaller, least, tests, pair.compared)

    return _question(r, said, criterion, found)


def smaller_margin(r: Reproduction) -> Question:
    """Ask whether eq. 2 ends nearer to the decision boundary than eq. 1."""
    said = "its objective, eq. 2, ends nearer to the decision boundary than the older one, eq. 1"
    criterion = (
        "the margin L[k] - L[c] of images that both flip is smaller with eq. 2, by the median ratio. Each equation has "
        "the lambda at which it finds the least noise; if that is not the same for both halves of the images, the "
        "margin must be smaller at either"
    )

    def found(pair: Equations) -> Finding:
        ratios = pair.best_margins
        evidence = pair.margins_in_words(ratios[0])
        if (fewest := min(ratio.count for ratio in ratios)) < FEWEST:
            return _too_few(evidence, fewest)
        holds, fails = (max(toward(ratio, sign) for ratio in ratios) for sign in (-1, 1))
        return Finding(evidence, holds, fails, max(ratio.needed() for ratio in ratios), measured=fewest)

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
        """L2 of each image by both equations, each at its best lambda, without images for which neither found noise.

        If only one found noise for an image, the other counts as the largest noise that there can be.
        """
        one, other = (np.minimum(self._at_best(self.l2, equation), self.most) for equation in OBJECTIVES)
        found = np.minimum(one, other) < self.most
        return one[found], other[found]

    @cached_property
    def best_margins(self) -> list[Ratio]:
        """Compare the margins of images that both equations flip, each at its best lambda.

        If the halves of the images have different best lambdas, there is a ratio for each combination of them.
        """
        one, other = (self.margin[equation] for equation in OBJECTIVES)
        chosen = itertools.product(*(dict.fromkeys(self.best[equation]) for equation in OBJECTIVES))
        pairs = [(one[i], other[k], (one[i] > 0) & (other[k] > 0)) for i, k in chosen]  # False for NaN
        return [median_ratio(a[both], b[both]) for a, b, both in pairs]

    @property
    def compared(self) -> int:
        """Number of images with which the noise of both is compared, at the lambdas at which it is largest."""
        return max(self._ratio(i, k).count for i in range(len(LAMBDAS)) for k in range(len(LAMBDAS)))

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
        each = ", ".join(f"{_text(self._ratio(k, k))} at {lambda_:g}" for k, lambda_ in enumerate(LAMBDAS))
        none = f" Eq. 1 found no noise for {missing[0]} of them, eq. 2 for {missing[1]}." if any(missing) else ""
        return (
            "By the paper's genetic search, each equation at its best lambda, chosen on the other half of the images "
            f"({chosen[0]} for eq. 1, {chosen[1]} for eq. 2), the median L2 is {ratio.first:.1f} grey levels with eq. "
            f"1 and {ratio.second:.1f} with eq. 2 on {ratio.count} images, median ratio of eq. 2 to eq. 1 "
            f"{_text(ratio)}.{none} Median ratios at the same lambda: {each}. "
            + " ".join(_growth(self.l2[e], e) for e in OBJECTIVES)
        )

    def margins_in_words(self, ratio: Ratio) -> str:
        """Compare the margins of both at their best lambda and at each."""
        medians = [_medians(np.where(np.isnan(self.margin[e]), np.inf, self.margin[e])) for e in OBJECTIVES]
        each = ", ".join(
            f"{a:.2g} and {b:.2g} at {x:g}"
            for x, a, b in zip(LAMBDAS, *medians, strict=True)
            if np.isfinite([a, b]).all()
        )
        return (
            f"By the paper's genetic search, each equation at its best lambda, the median margin is {ratio.first:.2g} "
            f"with eq. 1 and {ratio.second:.2g} with eq. 2 on {ratio.count} images that both flip, median ratio of eq. "
            f"2 to eq. 1 {_text(ratio)}."
            + (f" Median margins with eq. 1 and eq. 2 at the same lambda: {each}." if each else "")
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
        few = f"At least {FEWEST} images that are right when clean are needed; {pair.count} were searched."
        return Question(claim, Finding(few, math.nan, math.nan, math.nan))
    return Question(claim, found(pair), images=images_of(r))


def _too_few(evidence: str, count: int) -> Finding:
    """Return a finding that decides nothing, because only so many images could be compared."""
    few = f"Images that could be compared: {count}; at least {FEWEST} are needed to decide."
    return Finding(f"{evidence} {few}", *(math.nan,) * 3)


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
    reason = "At this scale, these images are not searched by the paper's procedure: choose a larger --scale."
    return replace(claim, evidence=reason)


def _medians(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median over images at each lambda, infinite if half of the values are; float64 (L,)."""
    return np.asarray(np.sort(values, axis=1)[:, values.shape[1] // 2])


def _growth(l2: NDArray[np.float64], equation: str) -> str:
    """Say by which factor the median over images grows from the best to the worst lambda with an equation."""
    medians, name = _medians(l2), equation.replace("eq", "eq. ")
    if not np.isfinite(medians).all():
        return f"At some lambda, {name} finds no noise for half of the images or more."
    factor = medians.max() / medians.min()
    return f"From the best to the worst lambda, the median L2 grows by a factor of {factor:.2f} with {name}."


def _text(ratio: Ratio) -> str:
    """Write a ratio with its interval."""
    return f"{ratio.value:.3f} ({ratio.ends(3) or 'no interval'})"
