"""What the paper says about its objective, eq. 2, in contrast to the older eq. 1 (Szegedy et al., 2013).

Neither paper states lambda, the weight of the norm. So each equation is tried at several, and each is compared at its
best. Which one is best is chosen on half of the images and counts for the other half, and the other way round: a lambda
that was chosen on the images that decide would look better than it is.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tfstab.experiments.claim import UNTESTED, Claim, images_of, untested
from tfstab.experiments.deciding import Finding, Question, of_sign, toward
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.reproduction_steps import LAMBDAS, OBJECTIVES, objective_name
from tfstab.experiments.scales import FEWEST, SCALES
from tfstab.metrics.paired import Ratio, median_ratio
from tfstab.search import SearchRun

ALIKE = 1.1  # noise that is less by a smaller factor is not called smaller if the data do not show that it is less
_BEST = "each equation has the lambda that did best on the other half of the images"


def smaller_noise(r: Reproduction) -> Question:
    """Ask whether eq. 2 finds smaller noise than eq. 1."""
    said = "its objective, eq. 2, finds smaller noise than the older one, eq. 1"
    criterion = (
        f"the same search of the same images finds less, by the median ratio, if {_BEST}; it does not hold if it is "
        "ruled out that eq. 2 finds less by a tenth or more"
    )

    def found(pair: Equations) -> Finding:
        one, other = pair.best_l2
        ratio, tenth = median_ratio(one, other), median_ratio(one / ALIKE, other)
        needed = [ratio.needed()] * (ratio.value < 1) + [tenth.needed()] * (tenth.value > 1)
        evidence = f"The paper's genetic search. {pair.in_words()}"
        return Finding(evidence, toward(ratio, -1), toward(tenth, 1), min(needed, default=math.nan))

    return _question(r, said, criterion, found)


def smaller_margin(r: Reproduction) -> Question:
    """Ask whether eq. 2 ends nearer to the decision boundary than eq. 1."""
    said = "its objective, eq. 2, ends nearer to the decision boundary than the older one, eq. 1"
    criterion = f"of images that both flip, the margin L[k] - L[c] is smaller, by the median ratio, if {_BEST}"

    def found(pair: Equations) -> Finding:
        ratio = median_ratio(*pair.best_margins)
        return of_sign(f"The paper's genetic search. {pair.margins_in_words(ratio)}", ratio, -1)

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
    def best_margins(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Margin of each image that both equations flip, each at its best lambda."""
        one, other = (self._at_best(self.margin, equation) for equation in OBJECTIVES)
        both = (one > 0) & (other > 0)  # False for NaN
        return one[both], other[both]

    def in_words(self) -> str:
        """Compare the noise of both at their best lambda and at each, and say how much it depends on lambda."""
        ratio, missing = median_ratio(*self.best_l2), [int((l2 == self.most).sum()) for l2 in self.best_l2]
        chosen = [" and ".join(f"{LAMBDAS[k]:g}" for k in dict.fromkeys(self.best[e])) for e in OBJECTIVES]
        each = ", ".join(f"{lambda_:g}: {_ratio(self._ratio_at(k))}" for k, lambda_ in enumerate(LAMBDAS))
        swing = [_swing(self.l2[equation]) for equation in OBJECTIVES]
        return (
            f"At the best lambda of each ({chosen[0]} for eq. 1, {chosen[1]} for eq. 2), the median L2 is "
            f"{ratio.first:.1f} grey levels with eq. 1 and {ratio.second:.1f} with eq. 2 on {ratio.count} images, "
            f"median ratio {_ratio(ratio)}; not found: {missing[0]} and {missing[1]}. Median ratios at the same "
            f"lambda: {each}. From the best to the worst lambda, the median L2 grows by a factor of {swing[0]} with "
            f"eq. 1 and {swing[1]} with eq. 2."
        )

    def margins_in_words(self, ratio: Ratio) -> str:
        """Compare the margins of both at their best lambda and at each."""
        medians = [_medians(np.where(np.isnan(self.margin[e]), np.inf, self.margin[e])) for e in OBJECTIVES]
        each = ", ".join(f"{x:g}: {a:.2g} and {b:.2g}" for x, a, b in zip(LAMBDAS, *medians, strict=True))
        return (
            f"at the best lambda of each median {ratio.first:.2g} and {ratio.second:.2g} on {ratio.count} images, "
            f"median ratio {_ratio(ratio)}. Medians with eq. 1 and eq. 2 at the same lambda: {each}."
        )

    def _at_best(self, values: Mapping[str, NDArray[np.float64]], equation: str) -> NDArray[np.float64]:
        """Return each image's value at the lambda that was chosen on the other half of the images."""
        chosen = np.empty(values[equation].shape[1])
        for half, k in zip(self.halves, self.best[equation], strict=True):
            chosen[half] = values[equation][k, half]
        return chosen

    def _ratio_at(self, k: int) -> Ratio:
        """Compare both equations at one lambda."""
        one, other = (np.minimum(self.l2[equation][k], self.most) for equation in OBJECTIVES)
        found = np.minimum(one, other) < self.most
        return median_ratio(one[found], other[found])


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


def _ratio(ratio: Ratio) -> str:
    """Write a ratio with its interval."""
    return f"{ratio.value:.3f} ({ratio.low:.3f} to {ratio.high:.3f})"
