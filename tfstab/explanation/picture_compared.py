"""A picture of the user's own beside the images of a run: how it looks different, and what changes do to the others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations import NoiseStreams
from tfstab.explanation.appearance import Standing, standings
from tfstab.explanation.picture import PictureFindings
from tfstab.explanation.picture_trials import BATCH
from tfstab.explanation.tried import Tried
from tfstab.explanation.weak_class import WeakClass, weak_class

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.runs import CleanImages

MOST = 2000  # images whose brightness, contrast, sharpness and noise are compared
OTHERS = 48  # images of other classes; the changes that make the picture right are tried on them
LEAST_OTHERS = 20  # of fewer, the share that is taken for the class is not known well enough
WRONG = 96  # images that are wrong when clean; quarter turns are tried on them
LEAST_WRONG = 20  # of fewer, the share that a turn makes right is not known well enough
RIGHT = 24  # images that are right when clean; all changes are tried on them


@dataclass(frozen=True)
class Compared:
    """What the images of a run say about a picture.

    Attributes
    ----------
    run : str
        The run's folder.
    standings : tuple of Standing
        How the picture stands among its images in brightness, contrast, sharpness and noise.
    altered : tuple of int
        How many of the changes alter the prediction, for each of some images of the run that are right when clean; in
        increasing order; () if the picture is wrong.
    weak_class : WeakClass or None
        The true class of a picture that is wrong, if it is a weak one in the run.
    with_classes : bool
        Whether the classes of the run's images are known, and so which of them are right.
    turned : tuple of int or None
        How many of the run's images that are wrong when clean are right after at least one of three quarter turns, and
        of how many; None unless the picture is such an image, too.
    """

    run: str
    standings: tuple[Standing, ...]
    altered: tuple[int, ...] = ()
    weak_class: WeakClass | None = None
    with_classes: bool = True
    turned: tuple[int, int] | None = None

    def looks(self, found: PictureFindings) -> list[str]:
        """Return how the picture stands out among the images of the run, or that it does not, if that is known."""
        wrong = found.true_class if found.right is False else None
        said = [one.sentence(found.tried, wrong) for one in self.standings if one.unusual]
        if said or not all(one.decided for one in self.standings):
            return said
        images = f"{max(one.images for one in self.standings):,} images of the run"
        return [f"In brightness, contrast, sharpness and noise, the picture is not unusual among the {images}."]

    def sentences(self, found: PictureFindings) -> list[str]:
        """Return what else there is to say, given what was found out about the picture."""
        looks = [] if found.right is False else self.looks(found)  # said first if it is wrong
        altered = [self._altered(found)] if self.altered else []
        return [*altered, *looks, *([self.weak_class.sentence] if self.weak_class else [])]

    def _altered(self, found: PictureFindings) -> str:
        """Return how many changes alter the prediction for right images of the run, and for this picture."""
        number, own = sum(len(one.severities) for one in found.tried), _altering(found)
        low, middle, high = (round(float(q)) for q in np.percentile(self.altered, (25, 50, 75)))
        fewer, more = sum(one < own for one in self.altered), sum(one > own for one in self.altered)
        rank = f"more than for {fewer} of" if fewer >= more else f"fewer than for {more} of"
        rank = rank if fewer or more else "as for each of"
        right = " that is right" if self.with_classes else ""
        return (
            f"For a typical image of the run{right}, the prediction is altered by {middle} of these {number} changes "
            f"(by {low} to {high} for the middle half of the images). For this picture, it is altered by {own}, {rank} "
            f"the {len(self.altered)} images compared."
        )

    def to_json(self, found: PictureFindings) -> dict[str, Any]:
        """Return all figures."""
        return {
            "run": self.run,
            "appearance": [one.to_json() for one in self.standings],
            "changes_altering_prediction": _altering(found),
            "changes_altering_right_images": list(self.altered),
            "wrong_images_right_when_turned": self.turned and dict(zip(("right", "images"), self.turned, strict=True)),
        }


def compared(
    classifier: "Classifier", found: PictureFindings, clean: "CleanImages", run: str, *, with_classes: bool = True
) -> PictureFindings:
    """Return the findings with what the images of a run say about the picture.

    Of a picture that is wrong, the changes that make it right are tried on images of other classes: if many of these
    are taken for its class, too, the change says nothing about the picture. Of any other picture, all changes are tried
    on images that are right when clean.

    Parameters
    ----------
    classifier : Classifier
        The model.
    found : PictureFindings
        What was found without a run.
    clean : CleanImages
        The clean images of the run.
    run : str
        The run's folder.
    with_classes : bool
        Whether the classes of the images are known.
    """
    small = classifier.with_batch_size(BATCH)
    order, standing = _order(clean), stands(found.image, clean)
    if found.right is not False:
        altered = _altered(small, found.tried, clean, order[clean.correct[order]][:RIGHT])
        return replace(found, compared=Compared(run, standing, altered, None, with_classes))
    k = int(found.true_class or 0)
    others = order[clean.class_index[order] != k][:OTHERS]
    if not with_classes:
        return replace(found, compared=Compared(run, standing, with_classes=False))
    tried = found.tried
    if len(others) >= LEAST_OTHERS:
        tried = tuple(_with_others(small, one, clean, others, k) for one in tried)
    turned = _turned(small, clean, order[~clean.correct[order]][:WRONG]) if k in found.turned else None
    return replace(found, tried=tried, compared=Compared(run, standing, (), weak_class(clean, k), turned=turned))


def stands(image: NDArray[np.uint8], clean: "CleanImages") -> tuple[Standing, ...]:
    """Return how a picture (H, W, C) stands in brightness, contrast, sharpness and noise among a run's clean images."""
    return standings(image, clean.select(_order(clean)[:MOST]).images)


def _order(clean: "CleanImages") -> NDArray[np.int64]:
    """Return the rows of clean images, in the order in which the run takes them."""
    return np.arange(len(clean.indices)) if clean.order is None else clean.order


def _altering(found: PictureFindings) -> int:
    """Return at how many severities most copies of a picture get another prediction."""
    return sum(int((one.predicted != found.predicted).sum()) for one in found.tried)


def _altered(
    classifier: "Classifier", tried: Sequence[Tried], clean: "CleanImages", rows: NDArray[np.int64]
) -> tuple[int, ...]:
    """Return under how many of the changes the prediction for each image at these rows changes, in increasing order."""
    counts = np.zeros(len(rows), np.int64)
    for one in tried if len(rows) else ():
        for predicted in _predictions(classifier, one, range(len(one.severities)), clean, rows):
            counts += predicted != clean.predicted[rows]
    return tuple(sorted(counts.tolist()))


def _with_others(classifier: "Classifier", one: Tried, clean: "CleanImages", rows: NDArray[np.int64], k: int) -> Tried:
    """Return a change with the share of these images that are taken for class k, where it makes the picture right."""
    right, shares = np.flatnonzero(one.right(k)), np.full(len(one.severities), np.nan)
    for s, predicted in zip(right, _predictions(classifier, one, right.tolist(), clean, rows), strict=True):
        shares[s] = (predicted == k).mean()
    return replace(one, others=shares)


def _turned(classifier: "Classifier", clean: "CleanImages", rows: NDArray[np.int64]) -> tuple[int, int] | None:
    """Return how many of the images at these rows a quarter turn makes right, and of how many; None if of too few."""
    images = clean.images[rows]
    if len(rows) < LEAST_WRONG or images.shape[1] != images.shape[2]:
        return None
    turns = np.array([classifier.scores(np.rot90(images, turn, (1, 2))).argmax(axis=1) for turn in (1, 2, 3)])
    return int((turns == clean.class_index[rows]).any(axis=0).sum()), len(rows)


def _predictions(
    classifier: "Classifier", one: Tried, severities: Sequence[int], clean: "CleanImages", rows: NDArray[np.int64]
) -> Iterator[NDArray[np.int64]]:
    """Yield the classes (n,) predicted for a degraded copy of each image at these rows, for each of the severities."""
    streams = NoiseStreams(0)
    for s in severities:
        degraded = [
            one.family.degrade(clean.images[row], one.severities[s], streams.at(int(clean.indices[row]), s, 0))
            for row in rows
        ]
        yield np.asarray(classifier.scores(np.stack(degraded)).argmax(axis=1))
