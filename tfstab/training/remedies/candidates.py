"""The remedies without training for a given network: their scores, their cost and how to build them."""

import itertools
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier import Classifier
from tfstab.classifier.running import reason_of
from tfstab.datasets import Dataset
from tfstab.datasets.dataset import stratified_order
from tfstab.errors import ModelError
from tfstab.models import make_ensemble, make_smoothed
from tfstab.models.copying import copy_model
from tfstab.models.smoothing import SmoothedScores
from tfstab.training.remedies.batchnorm import (
    batch_norm_layers,
    keep_statistics,
    kept_statistics,
    measure_statistics,
    with_statistics,
)
from tfstab.training.remedies.degrader import Degrader
from tfstab.training.remedies.kept import KeptArrays
from tfstab.training.remedies.trainable import cannot_save

ORIGINAL_SHARES = (0.0, 1 / 3, 2 / 3)  # shares of the original statistics that are tried
SIGMAS, COPIES = (5, 10, 20), 8  # of smoothed classifiers
STATISTICS_IMAGES = 2048  # for measuring statistics, at most; Schneider et al. gain little beyond 512
LEAST_BATCH = 16  # images; smaller batches are too small to be normalised by their own statistics


@dataclass(frozen=True, eq=False)
class Candidate:
    """A remedy that needs no training, for one network.

    Attributes
    ----------
    name : str
        Its name in a model card, such as "smoothed-10".
    about : str
        What the network becomes, as a noun phrase: "the network smoothed over 8 copies with noise of sigma 10".
    cost : int
        How often an image passes through the network to be scored.
    scores : callable
        Maps images (N, H, W, C) to scores (N, K).
    make : callable
        Called as make(name). Returns the classifier.
    """

    name: str
    about: str
    cost: int
    scores: Callable[[np.ndarray], NDArray[np.float32]]
    make: Callable[[str], Classifier]


def single_candidates(
    classifier: Classifier,
    fitting: Dataset,
    degrader: Degrader,
    seed: int,
    minutes: float | None = None,
    kept: KeptArrays | None = None,
) -> tuple[list[Candidate], list[str]]:
    """Return the remedies for a network, except ensembles, and why some do not apply.

    Parameters
    ----------
    classifier : Classifier
        The network.
    fitting : Dataset
        Training images.
    degrader : Degrader
        Degrades them.
    seed : int
        Seed of all draws.
    minutes : float, optional
        Time after which no more images are used to measure BatchNorm statistics.
    kept : KeptArrays, optional
        Keeps the statistics; if it has them, they are not measured again.

    Returns
    -------
    candidates : list of Candidate
        The original network, those with re-estimated BatchNorm statistics, and smoothed ones.
    left_out : list of str
        A sentence for each kind that does not apply.
    """
    candidates = [Candidate("original", "the original network", 1, classifier.scores, lambda _: classifier)]
    left_out = []
    if reason := not_copied(classifier):
        left_out.append(f"BatchNorm statistics are not re-estimated and ensembles not tried, because {reason}.")
    elif reason := _not_re_estimated(classifier, fitting, degrader):
        left_out.append(f"BatchNorm statistics are not re-estimated, because {reason}.")
    else:
        try:
            candidates += _re_estimated(classifier, fitting, degrader, seed, minutes, kept or KeptArrays(None))
        except ModelError as error:  # a user's own layer may not run outside of a graph
            left_out.append(f"BatchNorm statistics are not re-estimated: {error}")
    return candidates + [_smoothed(classifier, sigma, seed) for sigma in SIGMAS], left_out


def ensemble(members: Sequence[Candidate]) -> Candidate:
    """Return the ensemble of several remedies, which averages their scores."""
    *others, last = [member.about for member in members]
    return Candidate(
        "+".join(member.name for member in members),
        f"an ensemble of {', '.join(others)} and {last}",
        sum(member.cost for member in members),
        lambda images: np.mean([member.scores(images) for member in members], axis=0),
        lambda name: make_ensemble([member.make(member.name) for member in members], name=name),
    )


def not_copied(classifier: Classifier) -> str:
    """Return why a classifier cannot be copied into an ensemble, as a clause, or "" if it can."""
    if reason := cannot_save(classifier):
        return reason.replace("it", "the network", 1)
    try:
        copy_model(classifier.model)
    except Exception as error:  # Keras raises nearly anything for a custom model
        return f"the network's layers cannot be copied ({reason_of(error).rstrip('.')})"
    return ""


def _not_re_estimated(classifier: Classifier, fitting: Dataset, degrader: Degrader) -> str:
    """Return why the network's BatchNorm statistics cannot be re-estimated, as a clause, or "" if they can."""
    if not batch_norm_layers(classifier.model):
        return "no BatchNorm layers were found in the network"
    if min(degrader.size, len(fitting)) < LEAST_BATCH:
        return f"a batch has fewer than {LEAST_BATCH} images"
    return ""


def _re_estimated(
    classifier: Classifier, fitting: Dataset, degrader: Degrader, seed: int, minutes: float | None, kept: KeptArrays
) -> list[Candidate]:
    """Return networks with BatchNorm statistics of degraded training images, averaged with the original ones."""
    statistics = kept_statistics(kept, classifier.model)
    if statistics is None:
        order, size = stratified_order(fitting.labels, seed)[:STATISTICS_IMAGES], degrader.size
        rows = np.resize(order, (max(1, len(order) // size), size))  # whole batches, each with all classes
        end = math.inf if minutes is None else time.monotonic() + 60 * minutes
        in_time = itertools.takewhile(lambda each: each[0] == 0 or time.monotonic() < end, enumerate(rows))
        batches = (degrader(fitting.images[few], seed, number) for number, few in in_time)
        statistics = measure_statistics(classifier, batches)
        keep_statistics(statistics, kept)

    def candidate(share: float) -> Candidate:
        """Return the network with this share of the original statistics."""
        changed = with_statistics(classifier, statistics, share / (1 - share) * statistics.images)
        percent = round(100 * (1 - share))
        of_degraded = "the network with BatchNorm statistics of degraded images"
        mixed = f"{of_degraded} ({percent} %) averaged with its original ones ({100 - percent} %)"
        return Candidate(
            f"batchnorm-{percent}",
            mixed if share else of_degraded,
            1,
            changed.scores,
            lambda name: changed.with_model(changed.given, name),
        )

    return [candidate(share) for share in ORIGINAL_SHARES]


def _smoothed(classifier: Classifier, sigma: int, seed: int) -> Candidate:
    """Return the network smoothed with noise of this sigma."""
    return Candidate(
        f"smoothed-{sigma}",
        f"the network smoothed over {COPIES} copies with noise of sigma {sigma}",
        COPIES,
        SmoothedScores(classifier, sigma, COPIES, seed),  # compiles nothing, unlike the classifier that `make` returns
        lambda name: make_smoothed(classifier, sigma, COPIES, seed, name),
    )
