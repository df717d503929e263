"""Flatness of the decision boundary: the distance that random noise implies, compared with the minimum noise.

If the boundary near an image is a plane at distance D, a noisy copy of standard deviation sigma crosses it with
probability Phi(-D / sigma), and the logit margin of copies is normal with mean / standard deviation = D / sigma. So the
copies imply a distance (Ford et al. 2019):

- from their errors, -sigma Phi^-1(error rate), which needs copies that fail and copies that do not;
- from their logit margins, sigma * mean / standard deviation, which does not need errors.

The minimum noise divided by the implied distance is the **flatness ratio**. Near 1, the boundary is as flat as random
noise takes it to be. A small ratio means that a special direction leads out of the class much sooner than random noise
finds (Fawzi et al. 2016). Above 1, the boundary bends towards the image, as around a small region of the class.

Distances are in grey levels (L2), the ratio has no unit.

References
----------
Ford, Gilmer, Carlini and Cubuk, Adversarial Examples Are a Natural Consequence of Test Error in Noise, ICML 2019.
Fawzi, Moosavi-Dezfooli and Frossard, Robustness of Classifiers: from Adversarial to Random Noise, NeurIPS 2016.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations import GAUSSIAN_NOISE
from tfstab.errors import InputError
from tfstab.explanation.config import SIGMA
from tfstab.explanation.noisy_copies import Copies, copies_of_explanation, copies_of_sweep
from tfstab.explanation.run import ExplanationRun
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE, normal_quantile
from tfstab.metrics.median import estimate_median

if TYPE_CHECKING:
    from tfstab.search import SearchRun
    from tfstab.sweep import SweepRun

# Copies that must fail, and that must not, for the error rate to be used: one or two of twenty say too little, and an
# image of which by chance one copy fails would seem nearer to the boundary than one of which none does.
LEAST_ERRORS = 3
LEAST_COPIES = 10  # for a standard deviation, which is then known within a quarter
# Share of an image's values at 0 or 255 above which it is flagged. Below it, the median ratio is within 1 % of that
# without clipping; at 0.2 it is 6 % smaller, at 0.45 (MNIST) 15 % (tests/benchmarks/flatness_correlation.py).
MOST_CLIPPED = 0.15
MOST_BEYOND = 0.25  # share of the images with an implied distance of 0 or less, above which sigma is too strong
LEAST_IMAGES = 4  # for an interval of a correlation
SAME_SCORES = 1e-3  # by which two runs' scores of a clean image may differ between machines

WRONG, NOT_FOUND = "wrong when clean", "no minimum noise found"
CLIPPED, FEW, SATURATED = "too much clipped", "too few copies", "scores saturated"
REASONS = (WRONG, NOT_FOUND, CLIPPED, FEW, SATURATED)


@dataclass(frozen=True)
class FlatnessFigures:
    """Flatness over all images at one sigma.

    Attributes
    ----------
    sigma : float
        Standard deviation of the random noise, in grey levels.
    ratio : Estimate
        Median of minimum noise / implied distance, with its 95 % interval over images.
    correlation : Estimate
        Spearman correlation over images of the two distances, with its 95 % interval.
    images : int
        Images that are compared.
    beyond : int
        How many of them have an implied distance of 0 or less: half of the copies or more fail. Their ratio counts as
        infinite.
    flagged : dict of str to int
        Images that are not compared, by reason; an image can have several.
    """

    sigma: float
    ratio: Estimate
    correlation: Estimate
    images: int
    beyond: int
    flagged: dict[str, int]


@dataclass(frozen=True, eq=False)
class Flatness:
    """The two distances of n images at S sigmas.

    Attributes
    ----------
    images : ndarray of int64 (n,)
        Indices of the images in the full split.
    sigmas : ndarray of float64 (S,)
        Standard deviations of the random noise, in grey levels.
    minimum : ndarray of float64 (n,)
        L2 of the minimum noise, in grey levels; NaN where none was found or needed.
    copies : Copies
        The noisy copies.
    flags : dict of str to ndarray of bool (n, S)
        By reason, the images that cannot be compared.
    sigma : float
        The sigma near which the headline should be.
    """

    images: NDArray[np.int64]
    sigmas: NDArray[np.float64]
    minimum: NDArray[np.float64]
    copies: Copies
    flags: dict[str, NDArray[np.bool_]]
    sigma: float

    @cached_property
    def by_errors(self) -> NDArray[np.float64]:
        """Distance implied by the error rate, (n, S); NaN if fewer than three copies fail or do not fail."""
        from scipy.special import ndtri

        count, failed = self.copies.count, self.copies.failed
        enough = np.minimum(failed, count - failed) >= LEAST_ERRORS
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(enough, -self.sigmas * ndtri(failed / count), np.nan)

    @cached_property
    def by_margin(self) -> NDArray[np.float64]:
        """Distance implied by mean and standard deviation of the logit margin, (n, S); NaN where not known."""
        copies = self.copies
        known = (copies.count >= LEAST_COPIES) & ~copies.saturated & (copies.deviation > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(known, self.sigmas * copies.mean / copies.deviation, np.nan)

    @property
    def implied(self) -> NDArray[np.float64]:
        """Implied distance, (n, S): by the error rate if enough copies fail, otherwise by the margin."""
        return np.where(np.isfinite(self.by_errors), self.by_errors, self.by_margin)

    @property
    def ratio(self) -> NDArray[np.float64]:
        """Flatness ratio, (n, S): infinite where the implied distance is 0 or less, NaN where it is not known."""
        implied = self.implied
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = self.minimum[:, None] / implied
        return np.where(implied <= 0, np.where(np.isfinite(self.minimum)[:, None], np.inf, np.nan), ratio)

    def comparable(self, despite: tuple[str, ...] = ()) -> NDArray[np.bool_]:
        """Return which images can be compared at each sigma, (n, S): those without flags, except these reasons."""
        usable = np.isfinite(self.implied) & np.isfinite(self.minimum)[:, None]
        for reason, flagged in self.flags.items():
            if reason not in despite:
                usable &= ~flagged
        return usable

    @property
    def headline(self) -> int:
        """Position in `sigmas` of the sigma that stands for the network.

        It is the one nearest to the run's sigma (10 for a sweep), by their quotient, at which at least half of the
        images with minimum noise can be compared, and at most a quarter of these have an implied distance of 0 or less:
        stronger noise leaves the images' surroundings. If there is none, it is the one with the most images that can be
        compared.
        """
        comparable = self.comparable()
        counts, steps = comparable.sum(axis=0), np.abs(np.log(self.sigmas / self.sigma))
        beyond = (comparable & (self.implied <= 0)).sum(axis=0)
        good = (2 * counts >= np.isfinite(self.minimum).sum()) & (beyond <= MOST_BEYOND * counts)
        good = good if good.any() else counts == counts.max(initial=0)
        return int(np.argmin(np.where(good, steps, np.inf)))

    def figures(self, position: int, despite: tuple[str, ...] = ()) -> FlatnessFigures:
        """Return the figures over all images at one sigma, given by its position.

        Parameters
        ----------
        position : int
            Position in `sigmas`.
        despite : tuple of str
            Reasons for which images are not left out, such as CLIPPED.
        """
        rows = np.flatnonzero(self.comparable(despite)[:, position])
        implied, minimum = self.implied[rows, position], self.minimum[rows]
        return FlatnessFigures(
            float(self.sigmas[position]),
            estimate_median(self.ratio[rows, position]),
            spearman(implied, minimum),
            len(rows),
            int((implied <= 0).sum()),
            {reason: int(flagged[:, position].sum()) for reason, flagged in self.flags.items()},
        )


def spearman(first: NDArray[np.float64], second: NDArray[np.float64]) -> Estimate:
    """Return the Spearman correlation of two series with its 95 % interval; NaN if it is not defined.

    References
    ----------
    Bonett and Wright, Sample Size Requirements for Estimating Pearson, Kendall and Spearman Correlations, Psychometrika
    65, 2000.
    """
    from scipy.stats import spearmanr

    if len(first) < LEAST_IMAGES or not (np.ptp(first) and np.ptp(second)):
        return NO_ESTIMATE
    value = float(spearmanr(first, second).statistic)
    width = normal_quantile(0.95) * np.sqrt((1 + value**2 / 2) / (len(first) - 3))
    middle = np.arctanh(np.clip(value, -1 + 1e-12, 1 - 1e-12))
    return Estimate(value, float(np.tanh(middle - width)), float(np.tanh(middle + width)))


def flatness_of(run: ExplanationRun) -> Flatness:
    """Return the flatness at each image of an explanation.

    The margins are exact: an explanation computes them from the logits.

    Parameters
    ----------
    run : ExplanationRun
        The run, finished or not.

    Raises
    ------
    RunError
        Nothing is explained yet.
    """
    arrays, noise = run.arrays("copies"), run.arrays("noise")
    right = run.clean.correct[run.rows]
    minimum = np.where(noise["found"], noise["l2"], np.nan)
    copies = copies_of_explanation(arrays)
    return flatness(run.images, arrays["sigmas"], minimum, copies, right, run.config.sigma)


def flatness_of_runs(sweep: "SweepRun", search: "SearchRun") -> Flatness:
    """Return the flatness at the images that a sweep and a search of the same network share, without scoring any.

    Error rates are exact. Margins come from rounded scores, as `tfstab.explanation.noisy_copies` describes: they are
    approximated for copies that are not misclassified, and not known for images whose scores are saturated. No copy of
    a sweep without clipping counts as clipped; the search's noise keeps to grey levels 0..255 all the same.

    Parameters
    ----------
    sweep : SweepRun
        A sweep of Gaussian noise, finished or not.
    search : SearchRun
        A search for any wrong class, finished or not.

    Raises
    ------
    InputError
        The runs are of different networks or images, or of other settings than these.

    Examples
    --------
    >>> from tfstab.explanation.flatness import flatness_of_runs
    >>> found = flatness_of_runs(sweep, search)
    >>> found.ratio.shape == (len(found.images), len(sweep.severities))
    True
    """
    if sweep.degradation.name != GAUSSIAN_NOISE.name:
        raise InputError(f"{sweep.path} is a sweep of {sweep.degradation.name}; expected one of Gaussian noise.")
    if search.target is not None or search.info["settings"].get("mask") is not None:
        raise InputError(f"{search.path} was aimed at a class or at some pixels; expected a search without an aim.")
    if sweep.info["model"]["fingerprint"] != search.info["model"]["fingerprint"]:
        raise InputError(f"{sweep.path} and {search.path} are of different networks; expected runs of the same one.")
    images = np.intersect1d(sweep.clean.indices, search.images)
    rows = np.array([(sweep.clean.row(int(k)), search.clean.row(int(k))) for k in images], np.int64).reshape(-1, 2)
    same = np.isclose(sweep.clean.scores[rows[:, 0]], search.clean.scores[rows[:, 1]], atol=SAME_SCORES).all()
    if not len(images) or not same:
        raise InputError(f"{sweep.path} and {search.path} have different images; expected runs of the same ones.")
    copies = copies_of_sweep(sweep, images)
    results = [search.result(int(image)) for image in images]
    minimum = np.array([result.l2 if result.found else np.nan for result in results])
    return flatness(images, np.array(sweep.severities), minimum, copies, sweep.clean.correct[rows[:, 0]])


def flatness(
    images: NDArray[np.int64],
    sigmas: NDArray[np.float64],
    minimum: NDArray[np.float64],
    copies: Copies,
    right: NDArray[np.bool_],
    sigma: float = SIGMA,
) -> Flatness:
    """Return the flatness at images from their minimum noise and noisy copies, with flags.

    Parameters
    ----------
    images : ndarray of int64 (n,)
        Their indices.
    sigmas : ndarray of float64 (S,)
        Standard deviations of the random noise, in grey levels.
    minimum : ndarray of float64 (n,)
        L2 of their minimum noise, NaN without.
    copies : Copies
        Their noisy copies.
    right : ndarray of bool (n,)
        Whether the clean image is classified correctly.
    sigma : float
        The sigma near which the headline should be.
    """
    whole = np.ones(copies.count.shape, bool)
    minimum = np.where(right & (minimum > 0), minimum, np.nan)
    found = Flatness(images, sigmas, minimum, copies, {}, sigma)
    unknown = np.isnan(found.implied)
    found.flags.update(
        {
            WRONG: whole & ~right[:, None],
            NOT_FOUND: whole & (right & np.isnan(minimum))[:, None],
            CLIPPED: copies.clipped > MOST_CLIPPED,
            FEW: unknown & ~copies.saturated,
            SATURATED: unknown & copies.saturated,
        }
    )
    return found
