"""Hardening without training: the choice among the remedies that need none."""

import math
import time
from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np

from tfstab.classifier import Classifier
from tfstab.datasets import Dataset
from tfstab.metrics.paired import mean_difference
from tfstab.training.hardening_config import LARGE_IMAGE, SMALL_BATCH
from tfstab.training.remedies.averaging import ROUNDING
from tfstab.training.remedies.candidates import COPIES, SIGMAS, ensemble, not_copied, single_candidates
from tfstab.training.remedies.degrader import Degrader
from tfstab.training.remedies.kept import KeptArrays
from tfstab.training.remedies.measure import ACCURACY, image_weights, measure_for
from tfstab.training.remedies.measuring import Measured, measure, measured_ensemble
from tfstab.training.remedies.trainable import cannot_save

LEVEL = 0.05  # of the tests by which remedies are compared
STATISTICS_SHARE = 0.2  # of the time, at most, for measuring BatchNorm statistics


def without_training(
    classifier: Classifier,
    fitting: Dataset,
    validation: Dataset,
    mixture: Any,
    keep_clean: float,
    seed: int,
    *,
    minutes: float | None = None,
    on_progress: Callable[[float], None] | None = None,
    kept: KeptArrays | None = None,
) -> tuple[Classifier, dict[str, Any]]:
    """Harden a classifier by the best remedy that needs no training.

    BatchNorm statistics re-estimated on degraded images, smoothing, and ensembles of the original network with these
    are tried; for a predict function, smoothing alone. `choose` decides. The chosen remedy's figures are slightly too
    high, because they were used to choose it; measure its effect on other images.

    Parameters
    ----------
    classifier : Classifier
        The classifier, which stays unchanged.
    fitting : Dataset
        Training images, on which BatchNorm statistics are measured. Their labels are outputs of the classifier.
    validation : Dataset
        Images of the same shape, on which the remedies are compared.
    mixture : RandomDegradation
        The families of degradations to harden against.
    keep_clean : float
        How many percentage points of accuracy on clean images may be lost.
    seed : int
        Seed of all draws.
    minutes : float, optional
        Time for the comparison; if it is short, fewer images are used, but at least one batch.
    on_progress : callable, optional
        Called as on_progress(share) with the share of the work that is done, 0 to 1.
    kept : KeptArrays, optional
        Keeps what is measured, so that the same call goes on after an interruption.

    Returns
    -------
    hardened : Classifier
        The hardened classifier, "NAME-hardened", or the given one if no remedy helps.
    card : dict
        Part of its model card: the remedy, how often an image passes through the network ("inference_cost"), why the
        result cannot be saved as a `.keras` file ("not_saved"; None if it can), the figures of all remedies, a summary.

    References
    ----------
    Schneider et al., Improving robustness against common corruptions by covariate shift adaptation, NeurIPS 2020.
    Cohen, Rosenfeld and Kolter, Certified adversarial robustness via randomized smoothing, ICML 2019.
    """
    end = math.inf if minutes is None else time.monotonic() + 60 * minutes
    classifier, given = classifier.with_batch_size(measuring_batch(classifier)), classifier
    degrader = Degrader(mixture, classifier.batch_size, classifier.input_shape)
    share = None if minutes is None else STATISTICS_SHARE * minutes
    candidates, left_out = single_candidates(classifier, fitting, degrader, seed, share, kept)
    rest = None if minutes is None else max(0.0, end - time.monotonic()) / 60
    measured = measure(candidates, validation, degrader, seed, rest, on_progress, kept, classifier.num_classes)
    if not not_copied(classifier):
        measured += _ensembles(measured)
    chosen = choose(measured, keep_clean)
    original = measured[0]
    hardened = given if chosen is original else chosen.candidate.make(f"{given.name}-hardened")
    return hardened, {
        "remedy": chosen.candidate.name,
        "about": chosen.candidate.about,
        "inference_cost": chosen.candidate.cost,
        "not_saved": cannot_save(hardened),
        "validation_images": len(original.labels),
        "measure": measure_for(original.labels),
        "degraded_copies": original.degraded_scores.shape[1],
        "compared": [_row(each, original) for each in measured],
        "left_out": left_out,
        "summary": summary(chosen, original, keep_clean),
    }


def measuring_batch(classifier: Classifier) -> int:
    """Return how many images are scored at a time: few if they are large, as the time is looked at after each batch."""
    slow = classifier.any_batch or math.prod(classifier.input_shape) > LARGE_IMAGE
    return min(classifier.batch_size, SMALL_BATCH) if slow else classifier.batch_size


def least_scored(classifier: Classifier, validation: int) -> int:
    """Return how many images are scored at least: a batch of the validation images and a degraded copy of each."""
    batch = measuring_batch(classifier)
    count = min(batch, validation) if classifier.any_batch else batch  # others pad their batches
    return 2 * count * (1 + COPIES * len(SIGMAS))  # by the original and by smoothed networks


def choose(measured: Sequence[Measured], keep_clean: float) -> Measured:
    """Return the cheapest of the best remedies that lose at most `keep_clean` percentage points of clean accuracy.

    Where one class is common, the mean recall of the classes takes the place of the accuracy. A remedy helps if
    it is more accurate on degraded images than the original network, by a paired z test at the 5 % level; at least one
    remedy must also pass the test with Bonferroni's correction for their number. A remedy that helps is among the best
    if the most accurate one is not better than it by the same test.

    Parameters
    ----------
    measured : sequence of Measured
        The remedies, the original network first.
    keep_clean : float
        Percentage points that may be lost.

    Returns
    -------
    Measured
        The remedy with the lowest cost, and among these the most accurate one; the original network if nothing helps.
    """
    original, *others = measured
    floor = original.clean - keep_clean / 100 - ROUNDING
    helping = [other for other in others if other.clean >= floor and is_better(other, original)]
    if not any(is_better(other, original, len(others)) for other in helping):
        return original
    best = max(helping, key=lambda each: each.degraded)
    as_good = [other for other in helping if not is_better(best, other)]
    return min(as_good, key=lambda each: (each.candidate.cost, -each.degraded))


def is_better(other: Measured, than: Measured, comparisons: int = 1) -> bool:
    """Return whether a remedy is significantly more accurate on degraded images than another."""
    difference = image_weights(than.labels) * (other.right - than.right)
    error = difference.std(ddof=1) / np.sqrt(len(difference)) if len(difference) > 1 else np.inf
    return bool(difference.mean() > max(0, NormalDist().inv_cdf(1 - LEVEL / 2 / comparisons) * error))


def summary(chosen: Measured, original: Measured, keep_clean: float) -> str:
    """Return what was chosen and what it gains and costs, in words."""
    images, measure = f"{len(original.labels):,} validation images", measure_for(original.labels)
    if chosen is original:
        points = "point" if keep_clean == 1 else "points"
        gains = "makes the network clearly more accurate" if measure == ACCURACY else f"clearly raises the {measure}"
        return (
            f"No remedy that needs no training {gains} on degraded images and loses at most {keep_clean:g} {points} of "
            f"clean {measure} ({images}): it stays unchanged."
        )
    gain = _gain(chosen, original)
    cost = chosen.candidate.cost
    return (
        f"Chosen without training: {chosen.candidate.about}. On degraded copies of {images}, {measure} rises from "
        f"{100 * original.degraded:.1f} to {100 * chosen.degraded:.1f} %, by {gain[0]:.1f} points (95 % interval "
        f"{gain[1]:.1f} to {gain[2]:.1f}); on clean ones, it goes from {100 * original.clean:.1f} to "
        f"{100 * chosen.clean:.1f} %. Scoring an image takes "
        f"{'as long as before' if cost == 1 else f'about {cost} times as long'}."
    )


def _ensembles(measured: Sequence[Measured]) -> list[Measured]:
    """Return ensembles of the original network with the most accurate remedy of each kind, and with both."""
    original, *others = measured
    cheap = [each for each in others if each.candidate.cost == 1]
    smoothed = [each for each in others if each.candidate.cost > 1]
    best = [max(kind, key=lambda each: each.degraded) for kind in (cheap, smoothed) if kind]
    groups = [[original, each] for each in best] + ([[original, *best]] if len(best) > 1 else [])
    return [measured_ensemble(ensemble([each.candidate for each in group]), group) for group in groups]


def _gain(measured: Measured, original: Measured) -> tuple[float, float, float]:
    """Return by how many points a remedy is better on degraded images, and the ends of the 95 % interval."""
    weights = image_weights(original.labels)
    gain = mean_difference(weights * original.right, weights * measured.right, largest=float(weights.max()))
    return 100 * gain.value, 100 * gain.low, 100 * gain.high


def _row(measured: Measured, original: Measured) -> dict[str, Any]:
    """Return a remedy's figures for the model card."""
    candidate = measured.candidate
    gain, low, high = _gain(measured, original)
    return {
        "remedy": candidate.name,
        "about": candidate.about,
        "inference_cost": candidate.cost,
        "clean": measured.clean,
        "degraded": measured.degraded,
        "gain_points": gain,
        "interval_95": [low, high],
    }
