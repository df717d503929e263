"""One network against several degradations, summed up. Needs no TensorFlow."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import InputError
from tfstab.experiments.comparison import check_same_images
from tfstab.metrics import RESAMPLES, percentile_interval, ratio, resample, resampled_sums
from tfstab.sweep import SweepRun


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval; NaN where there is none."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class FamilyRobustness:
    """What a sweep of one degradation comes to, all severities counting alike.

    accuracy: the mean over severities. relative: it over the clean accuracy. ce: the corruption error, the sum of the
    errors over the severities over that of the baseline. relative_ce: the same of what the errors are above the clean
    one. Both as shares, None without a baseline, and NaN where the baseline makes no such error.
    """

    run: SweepRun
    accuracy: Estimate
    relative: Estimate
    ce: Estimate | None
    relative_ce: Estimate | None


class Robustness:
    """Relative accuracy for each degradation, and the mean corruption error against a baseline network.

    After Hendrycks and Dietterich, Benchmarking Neural Network Robustness to Common Corruptions and Perturbations,
    2019, section 4.1. runs: sweeps of one network, each of another degradation; baselines: sweeps of another network,
    of the same degradations and severities. All of the same images, of which those count that all have finished.
    Intervals are percentile bootstraps over images, of all runs together.

    Raises InputError for runs that do not fit each other.

    images: int64 (M,), indices in the full split. families: in the order of the runs. mce, relative_mce: the means over
    the families that have a value.
    """

    def __init__(self, runs: Sequence[SweepRun], baselines: Sequence[SweepRun] = (), seed: int = 0) -> None:
        _check_one_network(runs, "runs")
        paired = list(zip(runs, _partners(runs, baselines), strict=True))
        every = [run for pair in paired for run in pair if run is not None]
        self.model: str = runs[0].info["model"]["name"]
        self.baseline: str | None = baselines[0].info["model"]["name"] if baselines else None
        self.images: NDArray[np.int64] = reduce(np.intersect1d, [run.measures.images for run in every])
        for run in every:
            check_same_images(every[0], run, self.images)
        errors = np.stack([column for run in every for column in _errors(run, self.images)], axis=1)
        weights = np.ones((1, len(self.images)), np.uint16)  # the first replicate is the value itself
        weights = np.concatenate([weights, resample(len(self.images), RESAMPLES, seed)])
        mean = resampled_sums(weights, errors) / len(self.images)
        self.clean_accuracy = _estimate(1 - mean[:, 0])
        self.families: list[FamilyRobustness] = []
        place, relative, ces, relative_ces = 0, [], [], []
        for run, other in paired:
            clean, error = mean[:, place], mean[:, place + 1]
            place += 2
            relative.append(ratio(1 - error, 1 - clean))
            if other is not None:
                ces.append(ratio(error, mean[:, place + 1]))
                relative_ces.append(_above_zero(error - clean, mean[:, place + 1] - mean[:, place]))
                place += 2
            ce, relative_ce = (_estimate(x[-1]) if other is not None else None for x in (ces, relative_ces))
            self.families.append(
                FamilyRobustness(run, _estimate(1 - error), _estimate(relative[-1]), ce, relative_ce)
            )
        self.relative = _estimate(np.mean(relative, axis=0))
        self.mce = _estimate(_mean(ces)) if ces else None
        self.relative_mce = _estimate(_mean(relative_ces)) if ces else None


def _errors(run: SweepRun, images: np.ndarray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each image, (M,): whether it is wrong when clean, and the share of wrong copies, mean over severities."""
    m = run.measures
    rows = np.searchsorted(m.images, images)
    return (~m.clean_correct[rows]).astype(np.float64), m.wrong_share[rows].mean(axis=1)


def _partners(runs: Sequence[SweepRun], baselines: Sequence[SweepRun]) -> list[SweepRun | None]:
    """For each run the baseline's run of the same degradation, None for each where there is no baseline."""
    if not baselines:
        return [None] * len(runs)
    _check_one_network(baselines, "baselines")
    known = {run.degradation.name: run for run in baselines}
    partners: list[SweepRun | None] = []
    for run in runs:
        name = run.degradation.name
        if name not in known:
            raise InputError(f"the baseline has no sweep of {name}: sweep it with the baseline too, or leave it out.")
        if known[name].severities != run.severities:
            raise InputError(
                f"{run.path} and {known[name].path} have other severities ({_list(run)} and {_list(known[name])}): "
                "sweep both with the same."
            )
        partners.append(known[name])
    return partners


def _check_one_network(runs: Sequence[SweepRun], what: str) -> None:
    if not runs:
        raise InputError("no sweep was given; expected one for each degradation.")
    seen: dict[str, SweepRun] = {}
    for run in runs:
        if run.info["model"]["fingerprint"] != runs[0].info["model"]["fingerprint"]:
            raise InputError(
                f"the {what} are of several networks ({runs[0].info['model']['name']} in {runs[0].path}, "
                f"{run.info['model']['name']} in {run.path}); expected one."
            )
        if run.degradation.name in seen:
            raise InputError(
                f"{seen[run.degradation.name].path} and {run.path} are both of {run.degradation.name}; expected each "
                "degradation once."
            )
        if not len(run.measures):
            raise InputError(f"{run.path} has no finished part yet: resume the sweep first.")
        seen[run.degradation.name] = run


def _mean(several: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Of the families that have a value: the baseline makes errors there."""
    there = [replicates for replicates in several if np.isfinite(replicates[0])]
    return np.mean(there, axis=0) if there else np.full_like(several[0], np.nan)


def _estimate(replicates: np.ndarray) -> Estimate:
    low, high = percentile_interval(replicates[1:])
    return Estimate(float(replicates[0]), float(low), float(high))


def _above_zero(part: np.ndarray, whole: np.ndarray) -> NDArray[np.float64]:
    """part / whole, NaN where the whole is no loss."""
    return np.where(whole > 0, ratio(part, np.where(whole > 0, whole, np.nan)), np.nan)


def _list(run: SweepRun) -> str:
    return ", ".join(f"{s:g}" for s in run.severities)
