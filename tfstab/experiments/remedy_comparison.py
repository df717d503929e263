"""A network before and after a remedy: paired figures of the same degraded images. No TensorFlow is imported."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations import GAUSSIAN_NOISE
from tfstab.degradations.directions import one_way_note
from tfstab.errors import InputError
from tfstab.experiments.alike_searches import why_unlike
from tfstab.experiments.clean_comparison import ClassChange
from tfstab.experiments.false_alarms import AlarmChange, alarm_changes
from tfstab.experiments.folders_compared import common_images, largest, recalls_of, shares_right
from tfstab.experiments.recall_changes import RecallChange, taken_record
from tfstab.experiments.remedy_change import Change, FamilyChange
from tfstab.experiments.remedy_text import sentences
from tfstab.experiments.robustness import check_one_network
from tfstab.experiments.same_images import check_clipped_alike, check_pixels
from tfstab.experiments.search_comparison import SearchComparison
from tfstab.experiments.sweep_comparison import SweepComparison
from tfstab.metrics.kept import Kept
from tfstab.metrics.multiple import decided
from tfstab.metrics.paired import Difference, Paired, kept_difference, mean_difference
from tfstab.names import html_summary
from tfstab.runs import RunFolder
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun
from tfstab.wording import counted

if TYPE_CHECKING:
    import pandas as pd


class RemedyComparison:
    """A network before and after a remedy, on the same degraded images.

    Only families and images that both networks have count; each image, severity and family counts equally. What is of
    a single family is of all images that both have under it, and what is of several families of the images that they
    have under all; `FolderComparison` has the same figures. Clean accuracy is of all clean images that both have
    scored, degraded or not. All 95 % intervals are paired by image; see `tfstab.metrics.paired`. Those of accuracies
    have a width even if no image changes.

    Parameters
    ----------
    before, after : sequence of SweepRun and SearchRun
        Runs of the original network and of the other one: a sweep for each family, with the same severities, and at
        most one search.
    trained : collection of str
        Names of the families that the network was hardened against; () if there are none, or they are not known.

    Attributes
    ----------
    before, after : str
        Names of the networks.
    images : ndarray of int64, (N,)
        Indices, in the full split, of the images that all sweeps have finished.
    compared : list of SweepComparison
        Both networks under each family, in the order of `before`.
    on_clean : CleanComparison
        Both networks on the clean images of the family that has most of them, degraded or not.
    pairs : list of tuple of SweepRun
        The sweeps before and after of each family, in the order of `before`.
    search : SearchComparison or None
        Comparison of the searches, if both were given and can be compared.
    unlike : str
        Why the searches cannot be compared, in sentences; "" if they can.

    Raises
    ------
    InputError
        The runs do not fit each other, or have no family or no image in common.

    References
    ----------
    The accuracy kept follows Hendrycks and Dietterich, Benchmarking Neural Network Robustness to Common
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
    ) -> None:
        """Find what the runs have in common."""
        before, after = ([run.snapshot() for run in runs] for runs in (before, after))
        self.pairs = _pairs(_sweeps(before, "runs before"), _sweeps(after, "runs after"))
        self.trained = frozenset(trained)
        self.before, self.after = (str(run.info["model"]["name"]) for run in self.pairs[0])
        check_pixels([run for pair in self.pairs for run in pair])
        self.compared = [SweepComparison(*pair) for pair in self.pairs]
        self.images: NDArray[np.int64] = common_images(self.compared)
        if not len(self.images):
            raise InputError("the sweeps have no finished image in common: make all with the same images.")
        self.on_clean = largest(self.compared).on_clean
        one, other = _search(before), _search(after)
        self.search, self.unlike = None, ""
        if one is not None and other is not None:
            self.unlike = why_unlike(one, other)
            self.search = None if self.unlike else SearchComparison(one, other)

    def __repr__(self) -> str:
        """Return the networks and the numbers of families and images."""
        families, images = counted(len(self.pairs), "family", "families"), counted(len(self.images))
        return f"RemedyComparison({self.before!r}, {self.after!r}, {families}, {images})"

    @property
    def unchanged(self) -> bool:
        """Whether the remedy left the network as it was."""
        one, other = (run.info["model"]["fingerprint"] for run in self.pairs[0])
        return bool(one == other)

    @cached_property
    def clean_right(self) -> NDArray[np.float64]:
        """Whether each image is classified correctly when clean, before and after: float64 (2, N), 0 or 1."""
        return np.stack([_rows(run, run.measures.clean_correct, self.images) for run in self.pairs[0]]).astype(float)

    @cached_property
    def shares_right(self) -> NDArray[np.float64]:
        """Share of each image's degraded copies classified correctly, before and after: float64 (2, families, N)."""
        return shares_right(self.compared, self.images)

    @cached_property
    def changes(self) -> list[Change]:
        """The figures before and after: clean accuracy, accuracies over several families, minimum noise."""
        families = [pair[0].degradation for pair in self.pairs]
        several = f"{len(families)} degradations" if len(families) > 1 else families[0].title
        accuracy = mean_difference(*self.shares_right.mean(axis=1))
        changes = [Change("clean", "clean accuracy", len(self.on_clean.images), self.on_clean.accuracy)]
        changes.append(self._change("accuracy", f"accuracy under {several}", accuracy))
        trained = np.array([family.name in self.trained for family in families])
        changes.append(self._change("kept", f"accuracy kept under {several}", self._relative()))
        if trained.any() and not trained.all():
            for name, which, chosen in (
                ("accuracy_trained", f"degradations hardened against ({trained.sum()})", trained),
                ("accuracy_other", f"other degradations ({(~trained).sum()})", ~trained),
            ):
                mean = mean_difference(*self.shares_right[:, chosen].mean(axis=1))
                changes.append(self._change(name, f"accuracy under {which}", mean))
        if len(families) > 1:
            noise = [family for family in self.families if family.name == GAUSSIAN_NOISE.name]
            changes += [Change(c.name, f"accuracy under {c.title}", c.images, c.paired) for c in noise]
        if self.search is not None and self.search.compared.any():
            found = int(self.search.compared.sum())
            ratio, near = self.search.ratio(), self.search.decides
            changes.append(Change("minimum_noise", "minimum noise, median L2", found, ratio, decides=near))
        return changes

    @cached_property
    def families(self) -> list[FamilyChange]:
        """Accuracy under each family before and after, in the order of the runs."""
        paired = [pair.accuracy() for pair in self.compared]
        families = []
        for pair, difference, sign in zip(self.compared, paired, decided(paired), strict=True):
            name, title = pair.first.degradation.name, pair.first.degradation.title
            families.append(FamilyChange(name, title, len(pair.images), difference, name in self.trained, sign))
        return families

    @cached_property
    def false_alarms(self) -> list[AlarmChange]:
        """Certain changes of false alarms, decided for all at once; the largest first."""
        return alarm_changes(self.on_clean, self.compared)

    @cached_property
    def recalls(self) -> list[RecallChange]:
        """The recall of each class under each family, decided for all at once; the lowest after the remedy first."""
        return recalls_of(self.compared)

    def _change(self, name: str, title: str, paired: Paired) -> Change:
        """Return a figure of the images that all families have."""
        return Change(name, title, len(self.images), paired)

    def _relative(self) -> Difference:
        """Return the mean accuracy, divided by each network's own clean accuracy on the same images, before and after.

        It may rise because clean accuracy falls, so it is no measure of what a remedy gains.
        """
        kept = self.shares_right.mean(axis=1)
        before, after = (Kept(self.images, kept[side], self.clean_right[side]) for side in (0, 1))
        return kept_difference(before, after)

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

    @property
    def one_way(self) -> str:
        """Which degradations were measured in one of two directions only, as a sentence; "" if none was."""
        return one_way_note((before.degradation, before.severities) for before, _ in self.pairs)

    def summary(self) -> str:
        """Return what changed in a few sentences, with 95 % intervals."""
        return "\n".join(sentences(self))

    def __str__(self) -> str:
        """Return the summary, and which directions were not measured."""
        return "\n".join(filter(None, [self.summary(), self.one_way]))

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
        titles = {name: every[name].title for name in names}
        if "minimum_noise" in titles:
            titles["minimum_noise"] += " (change: ratio)"
        rows = [{"title": titles[name], **every[name].numbers, "images": every[name].images} for name in names]
        return pd.DataFrame(rows, pd.Index(list(names), name="figure"))

    def to_json(self) -> dict[str, Any]:
        """Return all figures as values that JSON can hold; what cannot be computed is None."""
        return {
            "before": self.before,
            "after": self.after,
            "images": len(self.images),
            "mcnemar": asdict(self.on_clean.mcnemar),
            "figures": {change.name: change.record() for change in self.changes},
            "families": {family.name: family.record() for family in self.families},
            "classes": {c.name: _recall(c).record() | {"decided": c.sign} for c in self.on_clean.class_changes},
            "recalls": [_recall_under(c) for c in self.recalls],
        }

    def _repr_html_(self) -> str:
        """Return the printed text and the table as HTML, for a notebook."""
        return html_summary(str(self), self.to_pandas())


def _recall(change: ClassChange) -> Change:
    """Return the recall of a class on clean images before and after."""
    return Change(change.name, f"class {change.name}", change.recall.count, change.recall)


def _recall_under(c: RecallChange) -> dict[str, Any]:
    """Return the recall of a class under a family before and after as values that JSON can hold."""
    numbers = Change("", "", c.paired.count, c.paired).numbers
    taken = taken_record(c, "before", "after")
    of = {"class": c.class_name, "degradation": c.family, "images": c.paired.count}
    return {**of, **numbers, "decided": c.sign, **taken}


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
        check_clipped_alike(one, other)
        if one.severities != other.severities:
            raise InputError(f"{one.path} and {other.path} have different severities: sweep both with the same ones.")
    return pairs


def _rows(run: SweepRun, values: np.ndarray, images: np.ndarray) -> NDArray[np.float64]:
    """Return these images' values, of values of all images of a sweep."""
    return np.asarray(values[np.searchsorted(run.measures.images, images)], np.float64)
