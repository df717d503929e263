"""Robustness of one network against several degradations, summarised. No TensorFlow is imported."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.checks import list_of
from tfstab.datasets.groups import together_note
from tfstab.datasets.remarks import remarks_of
from tfstab.errors import InputError
from tfstab.experiments.same_images import (
    check_clipped_alike,
    check_degraded_alike,
    check_finished,
    check_same_images,
)
from tfstab.metrics import Estimate, wilson_interval
from tfstab.metrics.error_ratios import error_ratio, mean_error_ratio
from tfstab.metrics.estimate import NO_ESTIMATE
from tfstab.metrics.kept import TOO_FEW, Kept, estimate_kept, estimate_mean, share_of
from tfstab.metrics.shares import percent
from tfstab.names import html_summary
from tfstab.runs import RunFolder
from tfstab.runs.info import clean_percent, without_classes
from tfstab.sweep import SweepRun
from tfstab.wording import counted

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class FamilyRobustness:
    """Robustness against one degradation; all severities count alike.

    Attributes
    ----------
    run : SweepRun
        The sweep.
    accuracy : Estimate
        Mean accuracy over the severities, 0..1.
    kept : Estimate
        Mean accuracy divided by the clean accuracy.
    ce : Estimate or None
        Corruption error: the sum of the errors over the severities, divided by the baseline's sum. It is None without a
        baseline, and infinite or NaN if the baseline's sum is 0.
    relative_ce : Estimate or None
        Relative corruption error: the same for the increases of the error over the clean error; NaN if the baseline's
        error does not increase.

    Examples
    --------
    >>> from tfstab.experiments import Robustness
    >>> [family] = Robustness([sweep]).families
    >>> family.run.degradation.name, family.ce is None
    ('gaussian_noise', True)
    """

    run: SweepRun
    accuracy: Estimate
    kept: Estimate
    ce: Estimate | None
    relative_ce: Estimate | None


class Robustness:
    """Accuracy kept under each degradation, and the mean corruption error relative to a baseline network.

    The clean accuracy has Wilson's interval; accuracy and accuracy kept have those of
    `tfstab.metrics.estimate`, which cover near 100 % too. Corruption errors have those of
    `tfstab.metrics.error_ratios`, which are wider than 0 even if the networks agree on all images. Their upper end is
    infinite if the baseline makes too few errors on these images.

    Parameters
    ----------
    runs : sequence of SweepRun
        Sweeps of one network, each of another degradation, of the same images. Other runs, such as the search among
        those of an assessment, are left out.
    baselines : sequence of SweepRun
        Sweeps of the baseline network with the same degradations, severities and images.

    Attributes
    ----------
    model : str
        Name of the network.
    baseline : str or None
        Name of the baseline network.
    images : ndarray of int64, (M,)
        Indices, in the full split, of the images that all runs have finished; only these are used.
    remarks : tuple of str
        What the runs recorded of their images, such as that several are of the same group.
    clean_accuracy : Estimate
        Clean accuracy. For images without classes it is 100 % by definition, so the ends of its interval are NaN.
    families : list of FamilyRobustness
        Robustness against each degradation, in the order of the runs.
    accuracy : Estimate
        Accuracy, the mean over the degradations.
    kept : Estimate
        Accuracy kept, the mean over the degradations.
    mce, relative_mce : Estimate or None
        Mean (relative) corruption error over the degradations that have one; None without a baseline.

    Raises
    ------
    InputError
        The runs do not fit each other.

    References
    ----------
    Hendrycks and Dietterich, Benchmarking Neural Network Robustness to Common Corruptions and Perturbations, ICLR 2019,
    section 4.1.

    Examples
    --------
    >>> from tfstab.experiments import Robustness
    >>> fog = tfstab.run_sweep(classifier, digits, tfstab.SweepConfig(degradation="fog"), "runs/fog")
    >>> robustness = Robustness([sweep, fog])
    >>> len(robustness.images), list(robustness.to_pandas().index)
    (10, ['gaussian_noise', 'fog'])
    """

    def __init__(self, runs: Sequence[SweepRun], baselines: Sequence[SweepRun] = ()) -> None:
        """Compute all estimates."""
        runs, baselines = (
            [
                run.snapshot()
                for run in list_of(name, given, RunFolder, "[tfstab.open_run(folder)]")
                if isinstance(run, SweepRun)
            ]
            for name, given in (("runs", runs), ("baselines", baselines))
        )
        check_one_network(runs, "runs")
        paired = list(zip(runs, _partners(runs, baselines), strict=True))
        every = [run for pair in paired for run in pair if run is not None]
        self.model: str = runs[0].info["model"]["name"]
        self.baseline: str | None = baselines[0].info["model"]["name"] if baselines else None
        self.remarks = tuple(dict.fromkeys(remarks_of(run.info["data"]) for run in every))
        self.images: NDArray[np.int64] = reduce(np.intersect1d, [run.measures.images for run in every])
        for run in every:
            check_finished(every[0], run, self.images)
            check_same_images(every[0], run, self.images)
        for run, other in paired:
            if other is not None:
                check_degraded_alike(run, other)
        clean = _clean_errors(runs[0], self.images)
        right = int((~clean).sum())
        known = not without_classes(runs[0].info)
        ends = wilson_interval(right, len(self.images)) if known else (math.nan, math.nan)
        self.clean_accuracy = Estimate(right / len(self.images), *ends)
        self.families: list[FamilyRobustness] = []
        kept, errors, increases = [], [], []
        for run, other in paired:
            mine, clean = _errors(run, self.images), _clean_errors(run, self.images)
            accuracy = 1 - mine
            kept.append(Kept(self.images, accuracy, (~clean).astype(np.float64)))
            ce = relative_ce = None
            if other is not None:
                theirs = _errors(other, self.images)
                more, theirs_more = mine - clean, theirs - _clean_errors(other, self.images)
                errors.append((mine, theirs))
                increases.append((more, theirs_more))
                ce, relative_ce = error_ratio(mine, theirs), mean_error_ratio(more, theirs_more, least=-math.inf)
            self.families.append(FamilyRobustness(run, share_of(accuracy), estimate_kept(kept[-1]), ce, relative_ce))
        self.accuracy = share_of(np.mean([each.part for each in kept], axis=0))
        self.kept = estimate_mean(kept) if kept[0].enough else NO_ESTIMATE  # all have the same images
        self.mce = _mean_ratio(errors, 0.0) if errors else None
        self.relative_mce = _mean_ratio(increases, -math.inf) if errors else None

    def summary(self) -> str:
        """Return a few lines: the network, its clean accuracy, what it keeps, and what hurts it most."""
        kept = not math.isnan(self.kept.value)  # enough images are right when clean
        worst = sorted(self.families, key=lambda family: family.kept.value)[:3] if kept else []
        lines = [
            f"{self.model}, {counted(len(self.families), 'degradation')}, {counted(len(self.images))}",
            *filter(None, [together_note(*self.remarks)]),
            f"clean accuracy: {clean_percent(self.clean_accuracy, self.families[0].run.info)}",
            f"mean accuracy kept: {percent(self.kept) if kept else f'not known, as {TOO_FEW}'}",
        ]
        lines += [f"{family.run.degradation.title}: {percent(family.kept)}" for family in worst]
        if self.mce is not None:
            known = not math.isnan(self.mce.value)
            mce = percent(self.mce) if known else f"not known, as {self.baseline} makes no error"
            lines.append(f"mean corruption error, compared with {self.baseline}: {mce}")
        return "\n".join(lines)

    __str__ = summary

    def to_pandas(self) -> "pd.DataFrame":
        """Return one row for each degradation.

        Returns
        -------
        DataFrame
            Indexed by the degradation's name, with the columns `images` (how many images all runs have finished),
            `accuracy` and `accuracy_kept` (0..1) and, with a baseline, `corruption_error` and
            `relative_corruption_error`; each but the first also with `_low` and `_high`, the ends of its 95 % interval.
        """
        import pandas as pd

        estimates = [
            {
                "accuracy": family.accuracy,
                "accuracy_kept": family.kept,
                "corruption_error": family.ce,
                "relative_corruption_error": family.relative_ce,
            }
            for family in self.families
        ]
        rows = [
            {"images": len(self.images)}
            | {
                f"{name}{end}": value
                for name, estimate in row.items()
                if estimate is not None
                for end, value in (("", estimate.value), ("_low", estimate.low), ("_high", estimate.high))
            }
            for row in estimates
        ]
        return pd.DataFrame(rows, pd.Index([f.run.degradation.name for f in self.families], name="degradation"))

    def _repr_html_(self) -> str:
        """Return summary and table as HTML, for a notebook."""
        return html_summary(self.summary(), self.to_pandas())


def _errors(run: SweepRun, images: np.ndarray) -> NDArray[np.float64]:
    """Return for each image its share of wrong copies over all severities."""
    m = run.measures
    return np.asarray(m.wrong_share[np.searchsorted(m.images, images)].mean(axis=1))


def _clean_errors(run: SweepRun, images: np.ndarray) -> NDArray[np.bool_]:
    """Return for each image whether it is wrong when clean."""
    m = run.measures
    return np.asarray(~m.clean_correct[np.searchsorted(m.images, images)])


def _mean_ratio(pairs: list[tuple[NDArray[np.float64], NDArray[np.float64]]], least: float) -> Estimate:
    """Return the mean over the degradations of the first network's errors divided by the baseline's."""
    mine, theirs = (np.stack(column, axis=1) for column in zip(*pairs, strict=True))
    return mean_error_ratio(mine, theirs, least=least)


def _partners(runs: Sequence[SweepRun], baselines: Sequence[SweepRun]) -> list[SweepRun | None]:
    """Return for each run the baseline's run of the same degradation, or None if there is no baseline."""
    if not baselines:
        return [None] * len(runs)
    check_one_network(baselines, "baselines")
    known = {run.degradation.name: run for run in baselines}
    partners: list[SweepRun | None] = []
    for run in runs:
        name = run.degradation.name
        if name not in known:
            raise InputError(f"the baseline has no sweep of {name}: sweep it with the baseline too, or leave it out.")
        check_clipped_alike(known[name], run)
        if known[name].severities != run.severities:
            raise InputError(
                f"{run.path} and {known[name].path} have different severities ({_list(run)} and {_list(known[name])}): "
                "sweep both with the same ones."
            )
        partners.append(known[name])
    return partners


def check_one_network(runs: Sequence[SweepRun], what: str) -> None:
    """Check that these are sweeps of one network, each of another degradation, with finished parts.

    Parameters
    ----------
    runs : sequence of SweepRun
        The sweeps.
    what : str
        What an error calls them.

    Raises
    ------
    InputError
        They are not.
    """
    if not runs:
        raise InputError("no sweep was given; expected one for each degradation.")
    seen: dict[str, SweepRun] = {}
    for run in runs:
        if run.info["model"]["fingerprint"] != runs[0].info["model"]["fingerprint"]:
            raise InputError(
                f"the {what} are of several networks ({runs[0].info['model']['name']} in {runs[0].path}, "
                f"{run.info['model']['name']} in {run.path}); expected one: `tfstab compare` compares networks."
            )
        if run.degradation.name in seen:
            raise InputError(
                f"{seen[run.degradation.name].path} and {run.path} are both of {run.degradation.name}; expected each "
                "degradation once."
            )
        if not len(run.measures):
            raise InputError(f"{run.path} has no finished part yet: resume the sweep first.")
        seen[run.degradation.name] = run


def _list(run: SweepRun) -> str:
    """List a run's severities."""
    return ", ".join(f"{s:g}" for s in run.severities)
