"""Applies the changes that were tried on a picture to images of a run, to see what they do to other images."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations import NoiseStreams
from tfstab.explanation.kept import kept_of
from tfstab.explanation.made_alike import lost_alike
from tfstab.explanation.one_kind import FAULTS, OneKind, one_kind
from tfstab.explanation.run_looks import order_of
from tfstab.explanation.standing import Standing
from tfstab.explanation.tried import Tried

WRONG = 32  # misclassified images, on which the changes that undo an unusual trait of the picture are tried
LEAST_WRONG = 20  # of fewer, it is not known well enough how many become right

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.explanation.picture import PictureFindings
    from tfstab.runs import CleanImages


def altered(
    classifier: "Classifier", tried: Sequence[Tried], clean: "CleanImages", rows: NDArray[np.int64]
) -> Generator[None, None, tuple[int, ...]]:
    """Return under how many of the changes the prediction for each image at these rows changes, in increasing order."""
    counts = np.zeros(len(rows), np.int64)
    for one in tried if len(rows) else ():
        for predicted in _predictions(classifier, one, range(len(one.severities)), clean, rows):
            counts += predicted != clean.predicted[rows]
            yield
    return tuple(sorted(counts.tolist()))


def with_others(
    classifier: "Classifier", one: Tried, clean: "CleanImages", rows: NDArray[np.int64], k: int
) -> Generator[None, None, Tried]:
    """Return a change with the share of these images that are taken for class k, where it makes the picture right."""
    right, shares = np.flatnonzero(one.right(k)), np.full(len(one.severities), np.nan)
    for s, predicted in zip(right, _predictions(classifier, one, right.tolist(), clean, rows), strict=True):
        shares[s] = (predicted == k).mean()
        yield
    return replace(one, others=shares)


def tested(
    classifier: "Classifier",
    standing: Standing,
    found: "PictureFindings",
    clean: "CleanImages",
    own: int | None,
) -> Generator[None, None, Standing]:
    """Return a standing with what shows whether it is why a picture is misclassified, if it is unusual or nearly so.

    If its trait can be undone, but this does not make the picture right, nothing more is tried.

    Parameters
    ----------
    classifier : Classifier
        The model.
    standing : Standing
        How the picture stands in one trait.
    found : PictureFindings
        What was found out about the picture, with its true class.
    clean : CleanImages
        The images of the run. On misclassified ones, the trait is undone as well.
    own : int or None
        Row of the picture, which is left out; None if it is not among the images.
    """
    k, undone = int(found.true_class or 0), bool(standing.trait.undone)
    if not standing.told or (undone and not standing.right_when_undone(found.tried, k)):
        return standing
    lost = None
    if standing.trait.alike:
        lost = lost_alike(classifier, standing.trait, found.image, clean, order_of(clean), k)
        yield
    of_class = wrong_rows(clean, own, k)  # classes may react differently, so those of the picture's class are preferred
    own_class = len(of_class) >= LEAST_WRONG if lost is None else lost.of_class  # both tests use the same class
    rows = of_class if own_class else enough_wrong(clean, own)
    if not undone or not len(rows):
        return replace(standing, lost=lost)
    wrong = yield from _wrong_undone(classifier, standing, found.tried, clean, rows)
    return replace(standing, wrong=wrong, wrong_of_class=own_class, lost=lost)


def wrong_rows(clean: "CleanImages", own: int | None = None, k: int | None = None) -> NDArray[np.int64]:
    """Return the rows of the first misclassified images of a run, at most WRONG.

    own: row of the picture, which is left out; None if it is not among the images. k: their class; None for all.
    """
    order = order_of(clean)
    wrong = ~clean.correct[order] & (order != (-1 if own is None else own))
    rows: NDArray[np.int64] = order[wrong if k is None else wrong & (clean.class_index[order] == k)]
    return rows[:WRONG]


def enough_wrong(clean: "CleanImages", own: int | None = None) -> NDArray[np.int64]:
    """Return the same rows, of all classes, but none if there are too few of them. own: as in `wrong_rows`."""
    rows = wrong_rows(clean, own)
    return rows if len(rows) >= LEAST_WRONG else rows[:0]


def _wrong_undone(
    classifier: "Classifier",
    standing: Standing,
    tried: Sequence[Tried],
    clean: "CleanImages",
    rows: NDArray[np.int64],
) -> Generator[None, None, tuple[int, int]]:
    """Return how many of the images at these rows are right when a trait is undone, and how many there are."""
    right = np.zeros(len(rows), bool)
    for one in standing.undoing(tried):
        for predicted in _predictions(classifier, one, range(len(one.severities)), clean, rows):
            right |= predicted == clean.class_index[rows]
            yield
    return int(right.sum()), len(rows)


def alone(
    classifier: "Classifier", tried: Sequence[Tried], clean: "CleanImages", rows: NDArray[np.int64], k: int
) -> Generator[None, None, OneKind | None]:
    """Return the one change that makes the picture right, and what it does to other images.

    rows: of misclassified images.
    """
    found = one_kind(tried, k)
    if found is None:
        return None
    one, at = found
    right, severities = np.zeros(len(rows), bool), np.flatnonzero(at).tolist()
    for predicted in _predictions(classifier, one, severities, clean, rows) if len(rows) else ():
        right |= predicted == clean.class_index[rows]
        yield
    shares = np.array([0.0]) if one.others is None else one.others[at]
    others, wrong = (float(shares.min()), float(shares.max())), (int(right.sum()), len(rows)) if len(rows) else None
    return OneKind(f"{one.title}, {one.at(at)}", FAULTS[one.family.name, one.above], others, wrong)


def _predictions(
    classifier: "Classifier", one: Tried, severities: Sequence[int], clean: "CleanImages", rows: NDArray[np.int64]
) -> Iterator[NDArray[np.int64]]:
    """Yield the classes (n,) predicted for a degraded copy of each image at these rows, for each of the severities."""
    streams, kept = NoiseStreams(0), kept_of(classifier, clean)
    for s in severities:
        key = one.family.name, one.severities[s], s, rows.tobytes()
        if key not in kept:
            degraded = [
                one.family.degrade(clean.images[row], one.severities[s], streams.at(int(clean.indices[row]), s, 0))
                for row in rows
            ]
            kept[key] = classifier.scores(np.stack(degraded)).argmax(axis=1)
        yield kept[key]
