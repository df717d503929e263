"""Which classes are weak when clean, which suffer most, what they are mistaken for, and an example of each."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE, accuracy_of
from tfstab.metrics.kept import Kept, estimate, share_of

if TYPE_CHECKING:
    from tfstab.assessment.family_figures import FamilyFigures


@dataclass(frozen=True)
class Example:
    """A degraded image that is misclassified although the clean one is right.

    Attributes
    ----------
    family : str
        Name of the degradation.
    image : int
        Index of the image in the full split.
    severity_index, copy : int
        Which degraded image it is, as `SweepRun.degraded_image` takes them.
    severity : float
        The severity.
    predicted : int
        The class that it is taken for.
    """

    family: str
    image: int
    severity_index: int
    copy: int
    severity: float
    predicted: int


@dataclass(frozen=True, eq=False)
class ClassFigures:
    """Numbers of one class over all families, from the images that all families have; each family weighs the same.

    Attributes
    ----------
    index, name
        The class.
    images : int
        Number of its images that all families have, to which all numbers refer.
    right : Kept
        Share of each of its images' degraded copies that are right.
    accuracy : Estimate
        Mean of these shares.
    clean : Estimate
        Share of the same images that are right when clean, with Wilson's interval.
    kept : Kept
        The same shares, in relation to the same images when clean: 1 if right, 0 if wrong.
    counted : ndarray
        bool (M,): images that count where several classes are taken together, so that each has its share: without
        further images of rare classes.
    mistaken_for : int or None
        The wrong class that its images are most often predicted as; None if there are no errors.
    share_of_errors : Estimate or None
        Share of this class's errors that are predictions of `mistaken_for`.
    taken, taken_clean : Estimate
        Share of the images of the other classes that are taken for this class, degraded and clean: from the same images
        as its own numbers.
    worst : FamilyFigures
        The family under which the fewest of its images are right.
    """

    index: int
    name: str
    images: int
    right: Kept
    accuracy: Estimate
    clean: Estimate
    kept: Kept
    counted: NDArray[np.bool_]
    mistaken_for: int | None
    share_of_errors: Estimate | None
    taken: Estimate
    taken_clean: Estimate
    worst: "FamilyFigures" = field(repr=False)
    _families: Sequence["FamilyFigures"] = field(repr=False)

    def example(self) -> Example | None:
        """Return a degraded image of this class that is taken for `mistaken_for`, or None if there is none.

        The clean image is right. It is one at the mildest severity of the worst family that has one.
        """
        if self.mistaken_for is None:
            return None
        for family in self._families:
            found = _example(family, self.index, self.mistaken_for)
            if found is not None:
                return found
        return None


@dataclass(frozen=True, eq=False)
class CleanClass:
    """How often the clean images of one class are right.

    Attributes
    ----------
    index, name
        The class.
    predicted : ndarray
        int64 (M,): what its images are predicted as.
    """

    index: int
    name: str
    predicted: NDArray[np.int64]

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """Which of its images are right, bool (M,)."""
        return np.asarray(self.predicted == self.index)

    @cached_property
    def mistaken_for(self) -> tuple[int, int]:
        """The wrong class that it is most often predicted as, and how often; (-1, 0) if all its images are right."""
        wrong, counts = np.unique(self.predicted[~self.right], return_counts=True)
        return (int(wrong[counts.argmax()]), int(counts.max())) if len(wrong) else (-1, 0)

    @cached_property
    def accuracy(self) -> Estimate:
        """Share of its images that are right (the recall of the class), with Wilson's interval."""
        return accuracy_of(self.right)


def clean_classes(labels: NDArray[np.int64], predicted: NDArray[np.int64], names: Sequence[str]) -> list[CleanClass]:
    """Return all classes that have images, the lowest clean accuracy first.

    labels, predicted: the true and the predicted class of each clean image, (N,).
    """
    classes = [CleanClass(int(k), names[k], predicted[labels == k]) for k in np.unique(labels)]
    return sorted(classes, key=lambda c: c.accuracy.value)


def class_figures(families: Sequence["FamilyFigures"], names: Sequence[str]) -> list[ClassFigures]:
    """Return the figures of all classes that have images, the lowest accuracy first."""
    if not families:
        return []
    found = [f.of_classes for f in families]
    images: NDArray[np.int64] = reduce(np.intersect1d, [one.images for one in found])
    if not len(images):
        return []
    rows = [np.searchsorted(one.images, images) for one in found]
    labels, clean = found[0].labels[rows[0]], found[0].clean_right[rows[0]]
    counted = _in_proportion(labels, np.all([one.sampled[r] for one, r in zip(found, rows, strict=True)], axis=0))
    clean_predicted = _clean_predicted(families[0], images)
    each = np.stack([one.share_right[r].mean(axis=1) for one, r in zip(found, rows, strict=True)])
    right = each.mean(axis=0)
    place, predicted, share = _errors(families, images, labels)
    errors_of, errors_to = _grouped(labels[place]), _grouped(predicted)
    figures = []
    for k in np.unique(labels).tolist():
        mine = labels == k
        part = Kept(images[mine], right[mine], np.ones(int(mine.sum())))
        own, as_k = errors_of(k), errors_to(k)
        mistaken, share_of_errors = _most_frequent(place[own], predicted[own], share[own], mine)
        kept = replace(part, whole=clean[mine].astype(np.float64))
        numbers = int(mine.sum()), part, estimate(part), accuracy_of(clean[mine]), kept, counted[mine]
        as_this = np.bincount(place[as_k], share[as_k], len(images)).clip(0, 1)
        rest = ~mine & counted
        taken = (
            (share_of(as_this[rest]), accuracy_of(clean_predicted[rest] == k))
            if rest.any()
            else (NO_ESTIMATE, NO_ESTIMATE)
        )
        worst = families[int(each[:, mine].sum(axis=1).argmin())]
        figures.append(ClassFigures(k, names[k], *numbers, mistaken, share_of_errors, *taken, worst, families))
    return sorted(figures, key=lambda c: c.accuracy.value)


def mistaken_under(family: "FamilyFigures", classes: Collection[int]) -> dict[int, tuple[int, Estimate]]:
    """Return what classes are most often mistaken for under one family, and which share of their errors this is.

    Classes without errors are left out. The images are those of the recalls (`FamilyFigures.of_classes`).
    """
    found = family.of_classes
    place, predicted, share = _errors([family], found.images, found.labels)
    errors_of = _grouped(found.labels[place])
    mistaken = {}
    for k in classes:
        own = errors_of(k)
        wrong, share_of_errors = _most_frequent(place[own], predicted[own], share[own], found.labels == k)
        if wrong is not None and share_of_errors is not None:
            mistaken[k] = wrong, share_of_errors
    return mistaken


def _grouped(classes: NDArray[np.int64]) -> Callable[[int], NDArray[np.int64]]:
    """Return a function from a class to its positions in `classes`, in order; one sort serves thousands of classes."""
    order = np.argsort(classes, kind="stable")
    ends = np.cumsum(np.bincount(classes))
    return lambda k: order[ends[k - 1] if k else 0 : ends[k]] if k < len(ends) else order[:0]


def _in_proportion(labels: NDArray[np.int64], sampled: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which images count where several classes are taken together, (N,).

    Of two classes there is nothing to take together, and if the sample lacks a class, its share is not known: then all
    images count.
    """
    classes = np.unique(labels)
    return sampled if len(classes) > 2 and np.isin(classes, labels[sampled]).all() else np.ones_like(sampled)


def _clean_predicted(family: "FamilyFigures", images: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return what images of a family, (N,), are predicted as when clean."""
    predicted: dict[int, int] = {}
    for run in filter(None, (family.rare, family.run)):
        predicted |= dict(zip(run.clean.indices.tolist(), run.clean.predicted.tolist(), strict=True))
    return np.array([predicted[image] for image in images.tolist()], np.int64)


def _predictions(families: Sequence["FamilyFigures"], images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (place in `images`, predicted class, share of the image's degraded copies in all families), (E,) each."""
    entries = []
    for family, run in ((f, run) for f in families for run in (f.run, f.rare) if run is not None):
        measures = run.measures
        row, predicted, count = measures.entries()
        place = np.searchsorted(images, measures.images[row])
        there = images[np.minimum(place, len(images) - 1)] == measures.images[row]
        there &= (run is family.run) | ~np.isin(measures.images[row], family.images)
        share = count / measures.weighted_total.sum(axis=1)[row] / len(families)
        entries.append((place[there], predicted[there], share[there]))
    place, predicted, share = (np.concatenate(column) for column in zip(*entries, strict=True))
    return place, predicted, share


def _errors(
    families: Sequence["FamilyFigures"], images: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the entries of `_predictions` that are wrong. labels: class of each of the images."""
    place, predicted, share = _predictions(families, images)
    wrong = predicted != labels[place]
    return place[wrong], predicted[wrong], share[wrong]


def _most_frequent(
    place: np.ndarray, predicted: np.ndarray, share: np.ndarray, mine: NDArray[np.bool_]
) -> tuple[int | None, Estimate | None]:
    """Return the wrong class that images are most often predicted as, and its share of their errors.

    place, predicted, share: their errors, as `_predictions` returns them; mine: which images they are.
    """
    if not len(place):
        return None, None
    wrong = int(np.bincount(predicted, share).argmax())
    this = predicted == wrong
    part, whole = (np.bincount(place, share * keep, len(mine)).astype(np.float64)[mine] for keep in (this, 1))
    return wrong, estimate(Kept(np.flatnonzero(mine), part, whole))


def _example(family: "FamilyFigures", label: int, wrong: int) -> Example | None:
    """Return a degraded image of a class that is right when clean, taken for another class, at a mild severity."""
    run, measures = family.run, family.run.measures
    for s in run.config.mildest_first:
        severity = run.severities[s]
        row, predicted, count = measures.entries(severity, clean_correct=True)
        there = (predicted == wrong) & (measures.labels[row] == label)
        if not there.any():
            continue
        image = int(measures.images[row[there][count[there].argmax()]])
        for sample in run.samples(image=image, severity=severity, columns=["copy", "predicted"]).to_pylist():
            if sample["predicted"] == wrong:
                return Example(family.name, image, int(s), sample["copy"], severity, wrong)
    return None
