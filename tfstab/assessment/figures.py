"""Numbers of one network on one data set, from any collection of its runs. Needs no TensorFlow."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from tfstab.assessment.classes import ClassFigures, CleanClass, class_figures, clean_classes
from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.noise import NoiseFigures, noise_figures
from tfstab.assessment.other_threshold import OtherThreshold, threshold_of
from tfstab.assessment.results import earlier_available
from tfstab.datasets.groups import drawn_in
from tfstab.datasets.remarks import DAMAGED_LEFT_OUT, count_in, remarks_of
from tfstab.degradations.alone import applied_alone
from tfstab.degradations.directions import one_way_note
from tfstab.errors import InputError
from tfstab.experiments.same_images import check_pixels
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE, accuracy_of
from tfstab.metrics.kept import estimate_mean
from tfstab.names import html_summary
from tfstab.runs import RunFolder
from tfstab.runs.files import is_side
from tfstab.runs.info import clean_percent
from tfstab.runs.together import misfit
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun
from tfstab.wording import counted

SIGMA = 20.0  # grey levels: the noise at which networks are compared


@dataclass(frozen=True, eq=False)
class Figures:
    """Numbers of one network on one data set.

    Attributes
    ----------
    model, data : str
        Names of the network and of the data.
    info : dict
        The run.json of the run with the most images: network, data, environment.
    images : int
        Number of distinct images of the runs.
    classes : tuple of str
        Names of the classes.
    clean : Estimate
        Accuracy of all these images when clean, with Wilson's interval.
    families : list of FamilyFigures
        Families of degradations, the one under which least accuracy is kept first.
    search : SearchRun or None
        The search for minimum noise.
    available : int or None
        Number of images that were given, of which `images` were used; None if that is not known.
    limited : bool
        Whether the data are known to have more images than were given, because a limit left some out. Of a span that
        begins with the first image, such as "0:100", this is not known. In a hardening, these may also be images that
        were set aside for validation.
    of_hardening : bool
        Whether the network is one of the two that a hardening compares.
    clean_classes : list of CleanClass
        Classes that have images, the lowest accuracy of all their clean images first.
    threshold : OtherThreshold or None
        A better decision threshold of a network for two classes.
    """

    model: str
    data: str
    info: dict[str, Any]
    images: int
    classes: tuple[str, ...]
    clean: Estimate
    families: list[FamilyFigures]
    search: SearchRun | None
    available: int | None = None
    limited: bool = False
    of_hardening: bool = False
    clean_classes: list[CleanClass] = field(default_factory=list)
    threshold: OtherThreshold | None = None

    @classmethod
    def of(cls, runs: Sequence[RunFolder], available: int | None = None) -> "Figures":
        """Compute the figures of a network from its runs.

        Parameters
        ----------
        runs : sequence of SweepRun, SearchRun or ExplanationRun
            Sweeps, each of another family, and at most one search and one explanation, of one network and the same
            data. They may have different numbers of images and copies, and be unfinished.
        available : int, optional
            Number of images that were given; by default what assessment.json beside the runs records.

        Returns
        -------
        Figures
            The numbers; families that have no finished part are left out.

        Raises
        ------
        InputError
            The runs do not fit each other.
        """
        _check(runs)
        runs = [run.snapshot() for run in runs]
        largest = max(runs, key=lambda run: len(run.clean.indices))
        indices, once = np.unique(np.concatenate([run.clean.indices for run in runs]), return_index=True)
        labels = np.concatenate([run.clean.class_index for run in runs])[once]
        predicted = np.concatenate([run.clean.predicted for run in runs])[once]
        families = [FamilyFigures.of(run) for run in runs if isinstance(run, SweepRun) and len(run.measures)]
        if available is None:
            available = earlier_available(largest.path.parent)
        if available is not None and available < len(labels):
            available = None  # it was recorded before there were more runs
        families.sort(key=lambda f: f.kept.value if np.isfinite(f.kept.value) else np.inf)
        return cls(
            model=largest.info["model"]["name"],
            data=largest.info["data"]["name"],
            info=largest.info,
            images=len(labels),
            classes=largest.class_names,
            clean=accuracy_of(predicted == labels),
            families=families,
            search=next((run for run in runs if isinstance(run, SearchRun)), None),
            available=available,
            limited=available is not None and len(indices) > 0 and _limited(largest, int(indices[-1]), available),
            of_hardening=is_side(largest.path.parent),
            clean_classes=clean_classes(labels, predicted, largest.class_names),
            threshold=threshold_of(runs, once),
        )

    def __repr__(self) -> str:
        """Return the class, network, data, and the numbers of images and degradations."""
        return f"{type(self).__name__}({self.model!r}, {self.data!r}, {self._counts})"

    def _repr_html_(self) -> str:
        """Return clean accuracy and the table of the degradations as HTML, for a notebook."""
        from tfstab.assessment.frames import degradations_frame  # which imports this module

        clean = f"clean accuracy: {clean_percent(self.clean, self.info)}"
        return html_summary(f"{self.model} on {self.data}: {self._counts}, {clean}", degradations_frame(self))

    @property
    def _counts(self) -> str:
        """The numbers of images and degradations in words."""
        return f"{counted(self.images)}, {counted(len(self.families), 'degradation')}"

    @property
    def label(self) -> str:
        """Name of the network, with ", not clipped" if none of its sweeps clips grey levels."""
        unclipped = self.families and not any(family.run.config.clip for family in self.families)
        return f"{self.model}, not clipped" if unclipped else self.model

    @property
    def one_way(self) -> str:
        """Which degradations were measured in one of two directions only, as a sentence; "" if none was."""
        return one_way_note((family.run.degradation, family.run.severities) for family in self.families)

    @property
    def how_applied(self) -> list[str]:
        """Sentences on how the degradations were applied: each of several alone, and some in one direction only."""
        alone = [self.applied_alone] if len(self.families) > 1 else []
        return [*alone, *filter(None, [self.one_way])]

    @property
    def applied_alone(self) -> str:
        """That several degradations were applied one at a time, in sentences."""
        return applied_alone([family.title for family in self.families if family.run.degradation.steps])

    def family(self, name: str) -> FamilyFigures | None:
        """Return the figures of the family with this name, or None."""
        return next((f for f in self.families if f.name == name), None)

    @cached_property
    def sigma20(self) -> Estimate | None:
        """Share still right under Gaussian noise of sigma 20, of images right when clean; None if it is not swept."""
        gaussian = self.family("gaussian_noise")
        if gaussian is None or SIGMA not in gaussian.run.severities:
            return None
        return gaussian.still_right(gaussian.run.config.severity_index(SIGMA))

    @cached_property
    def mean_kept(self) -> Estimate:
        """Mean of the accuracy kept over the families; NaN unless each has a figure."""
        enough = all(f.overall.enough for f in self.families)
        return estimate_mean([f.overall for f in self.families]) if enough else NO_ESTIMATE

    @cached_property
    def chance_kept(self) -> float:
        """Share of the clean accuracy that always answering the same class would keep, mean over the families; or NaN.

        To be compared with `mean_kept`.
        """
        return float(np.mean([f.chance_kept for f in self.families])) if self.families else float("nan")

    @cached_property
    def weakest_classes(self) -> list[ClassFigures]:
        """Classes that have images, the lowest accuracy over all families first."""
        return class_figures(self.families, self.classes)

    @cached_property
    def noise(self) -> NoiseFigures | None:
        """Minimum noise, and how much more random noise the same images tolerate; None without a search."""
        if self.search is None:
            return None
        gaussian = self.family("gaussian_noise")
        return noise_figures(self.search, gaussian.run if gaussian else None)


def _limited(run: RunFolder, last: int, available: int) -> bool:
    """Return whether the data of a run have more images than were given. last: the largest index of its images."""
    remarks = remarks_of(run.info["data"])
    if drawn := drawn_in(remarks):
        return available < drawn[0]
    return last >= available + count_in(remarks, DAMAGED_LEFT_OUT)  # files that have an index, too


def _check(runs: Sequence[RunFolder]) -> None:
    """Raise InputError unless these are runs of one network on the same data, each sweep of another family."""
    if not runs:
        raise InputError("no run was given; expected sweeps of one network, and a search.")
    problem = misfit([(run.path, run.info) for run in runs])
    if problem is not None:
        raise InputError(problem)
    check_pixels(runs)
