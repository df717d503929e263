"""A network before and after a remedy: paired figures of the same degraded images. No TensorFlow is imported."""

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations import GAUSSIAN_NOISE
from tfstab.errors import InputError
from tfstab.experiments.comparison import SearchComparison
from tfstab.experiments.remedy_change import Change, FamilyChange
from tfstab.experiments.remedy_text import sentences
from tfstab.experiments.robustness import check_one_network
from tfstab.experiments.same_images import check_pixels
from tfstab.metrics import RESAMPLES, percentile_interval, ratio, resample, resampled_sums
from tfstab.metrics.estimate import estimate_difference
from tfstab.metrics.paired import Difference
from tfstab.names import html_summary
from tfstab.runs import RunFolder
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun

if TYPE_CHECKING:
    import pandas as pd

CONFIDENCE = 0.95


class RemedyComparison:
    """A network compared with what a remedy made of it, on the same degraded images.

    Only families and images that both networks have count, and each image, severity and family counts equally. The
    intervals are 95 % percentile intervals from resampling images, for all families together; one of no width means
    only that none of these images changed.

    Parameters
    ----------
    before, after : sequence of SweepRun and SearchRun
        Sweeps of the original and of the other network, each of another family, with the same severities; and at most
        one search of each.
    trained : collection of str
        Names of the families that the remedy was trained on; by default none is known.
    seed : int
        Seed of the resampling.

    Attributes
    ----------
    before, after : str
        Names of the networks.
    images : ndarray of int64, (N,)
        Indices, in the full split, of the images that all sweeps have finished.
    pairs : list of tuple of SweepRun
        The sweeps before and after of each family, in the order of `before`.
    search : SearchComparison or None
        Comparison of the searches, if both were given.

    Raises
    ------
    InputError
        The runs do not fit each other, or have no family or no image in common.

    References
    ----------
    The relative accuracies follow Hendrycks and Dietterich, Benchmarking Neural Network Robustness to Common
    Corruptions and Perturbations, ICLR 2019.

    Examples
    --------
    >>> from tfstab.experiments.remedy_comparison import RemedyComparison
    >>> same = RemedyComparison([sweep, search], [sweep, search], trained=["gaussian_noise"])
    >>> same.change("accuracy").paired.value, same.change("minimum_noise").paired.value
    (0.0, 1.0)
    """

    def __init__(
        self,
        before: Sequence[RunFolder],
        after: Sequence[RunFolder],
        trained: Collection[str] = (),
        seed: int = 0,
    ) -> None:
        """Find what the runs have in common."""
        self.pairs = _pairs(_sweeps(before, "runs before"), _sweeps(after, "runs after"))
        self.trained, self._seed = frozenset(trained), seed
        self.before, self.after = (str(run.info["model"]["name"]) for run in self.pairs[0])
        every = [run for pair in self.pairs for run in pair]
        self.images: NDArray[np.int64] = every[0].measures.images
        for run in every[1:]:
            self.images = np.intersect1d(self.images, run.measures.images)
        if not len(self.images):
            raise InputError("the sweeps have no finished image in common: make all with the same images.")
        searches = _search(before), _search(after)
        check_pixels([*every, *(run for run in searches if run is not None)])
        self.search = SearchComparison(*searches) if searches[0] is not None and searches[1] is not None else None

    def __repr__(self) -> str:
        """Return the networks and the numbers of families and images."""
        return (
            f"RemedyComparison({self.before!r}, {self.after!r}, {len(self.pairs)} families, {len(self.images)} images)"
        )

    @cached_property
    def clean_right(self) -> NDArray[np.float64]:
        """Whether each image is right when clean, before and after: float64 (2, N), 0 or 1."""
        return np.stack([_rows(run, run.measures.clean_correct, self.images) for run in self.pairs[0]]).astype(float)

    @cached_property
    def shares_right(self) -> NDArray[np.float64]:
        """Share of each image's degraded copies that is right, before and after, by family: float64 (2, F, N)."""
        sides = zip(*self.pairs, strict=True)
        return np.array(
            [[_rows(run, 1 - run.measures.wrong_share.mean(axis=1), self.images) for run in side] for side in sides]
        )

    @cached_property
    def changes(self) -> list[Change]:
        """The figures before and after, those of all families together first."""
        trained = np.array([pair[0].degradation.name in self.trained for pair in self.pairs])
        every, count = np.ones(len(trained), bool), len(self.images)
        clean, accuracy = self._means
        several = f"{len(self.pairs)} degradations" if len(self.pairs) > 1 else self.pairs[0][0].degradation.title
        changes = [
            Change("clean", "clean accuracy", count, _difference(clean)),
            Change("accuracy", f"accuracy under {several}", count, _difference(accuracy.mean(axis=1))),
        ]
        if trained.any() or len(trained) > 1:
            kept = ratio(accuracy, clean[:, None])
            groups = [("relative", several, every)]
            if trained.any() and not trained.all():
                groups.append(("relative_trained", f"{trained.sum()} of them, trained on", trained))
                groups.append(("relative_other", f"{(~trained).sum()} others, not trained on", ~trained))
            for name, title, which in groups:
                paired = _difference(kept[:, which].mean(axis=1))
                changes.append(Change(name, f"relative accuracy: {title}", count, paired))
        gaussian = next((f for f in self.families if f.name == GAUSSIAN_NOISE.name), None)
        if gaussian is not None and len(self.pairs) > 1:
            sigmas = self.pairs[self.families.index(gaussian)][0].severities
            title = f"accuracy under Gaussian noise of sigma {min(sigmas):g} to {max(sigmas):g}"
            changes.append(Change(gaussian.name, title, count, gaussian.paired))
        if self.search is not None and self.search.compared.any():
            found = int(self.search.compared.sum())
            changes.append(Change("minimum_noise", "minimum noise, median L2", found, self.search.ratio()))
        return changes

    @cached_property
    def families(self) -> list[FamilyChange]:
        """Accuracy under each family before and after, in the order of the runs."""
        confidence = 1 - (1 - CONFIDENCE) / len(self.pairs)
        families = []
        for k, (run, _) in enumerate(self.pairs):
            sure = estimate_difference(*self.shares_right[:, k], confidence)
            decided = int(sure.low > 0) - int(sure.high < 0)
            name, paired = run.degradation.name, _difference(self._means[1][:, k])
            told = name, run.degradation.title, len(self.images), paired
            families.append(FamilyChange(*told, name in self.trained, decided))
        return families

    @cached_property
    def _means(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Clean accuracy (2, 1 + B) and accuracy under each family (2, F, 1 + B), of all images, then of resamples."""
        values = np.concatenate([self.clean_right[:, None], self.shares_right], axis=1)  # (2, 1 + F, N)
        sides, columns, count = values.shape
        once = np.ones((1, count), np.uint16)
        weights = np.concatenate([once, resample(count, RESAMPLES, self._seed)])
        means = resampled_sums(weights, values.reshape(-1, count).T).T.reshape(sides, columns, -1) / count
        return means[:, 0], means[:, 1:]

    def change(self, name: str) -> Change:
        """Return the figure, or the family, of this name.

        Raises
        ------
        InputError
            There is none.
        """
        found = next((change for change in [*self.changes, *self.families] if change.name == name), None)
        if found is None:
            known = ", ".join(change.name for change in self.changes)
            raise InputError(f"no figure is called '{name}'; expected one of {known}, or a family that was swept.")
        return found

    def summary(self) -> str:
        """Return what changed in a few sentences, with 95 % intervals."""
        return "\n".join(sentences(self))

    def to_pandas(self) -> "pd.DataFrame":
        """Return one row for each figure and then for each family.

        Returns
        -------
        DataFrame
            Indexed by the name, with the columns `title`, `before`, `after`, `change` (after minus before, or for the
            minimum noise the median ratio), `low` and `high` (the ends of its 95 % interval) and `images`.
        """
        import pandas as pd

        every = {change.name: change for change in [*self.families, *self.changes]}
        names = dict.fromkeys([change.name for change in [*self.changes, *self.families]])
        rows = [{"title": c.title, **c.numbers, "images": c.images} for c in (every[name] for name in names)]
        return pd.DataFrame(rows, pd.Index(list(names), name="figure"))

    def to_json(self) -> dict[str, Any]:
        """Return all figures as values that JSON can hold; what cannot be computed is None."""
        return {
            "before": self.before,
            "after": self.after,
            "images": len(self.images),
            "figures": {change.name: change.record() for change in self.changes},
            "families": {family.name: family.record() for family in self.families},
        }

    def _repr_html_(self) -> str:
        """Return summary and table as HTML, for a notebook."""
        return html_summary(self.summary(), self.to_pandas())


def _sweeps(runs: Sequence[RunFolder], what: str) -> list[SweepRun]:
    """Return the sweeps among runs of one network; raises InputError for runs of several."""
    sweeps = [run for run in runs if isinstance(run, SweepRun)]
    check_one_network(sweeps, what)
    return sweeps


def _search(runs: Sequence[RunFolder]) -> SearchRun | None:
    """Return the search among runs, if there is one."""
    return next((run for run in runs if isinstance(run, SearchRun)), None)


def _pairs(before: list[SweepRun], after: list[SweepRun]) -> list[tuple[SweepRun, SweepRun]]:
    """Return the sweeps of each family that both have; raises InputError if there is none, or severities differ."""
    known = {run.degradation.name: run for run in after}
    pairs = [(run, known[run.degradation.name]) for run in before if run.degradation.name in known]
    if not pairs:
        raise InputError(
            "the networks were swept with different degradations, so they cannot be compared: sweep both with the same."
        )
    for one, other in pairs:
        if one.severities != other.severities:
            raise InputError(f"{one.path} and {other.path} have different severities: sweep both with the same ones.")
    return pairs


def _rows(run: SweepRun, values: np.ndarray, images: np.ndarray) -> NDArray[np.float64]:
    """Return these images' values, of values of all images of a sweep."""
    return np.asarray(values[np.searchsorted(run.measures.images, images)], np.float64)


def _difference(figures: np.ndarray) -> Difference:
    """Return the difference of a figure before and after, (2, 1 + B): the value and its resamples."""
    change = figures[1] - figures[0]
    low, high = percentile_interval(change[1:])
    return Difference(*(float(x) for x in (figures[0, 0], figures[1, 0], change[0], low, high)))
