"""Images that stand for what a run shows: leading confusions as pairs of pictures, and the weakest images.

Every function may run in a worker thread.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.words import severity
from tfstab.errors import RunError, TfstabError
from tfstab.gui.content.colours import as_levels
from tfstab.gui.content.confusion import certainty
from tfstab.gui.content.points import Key
from tfstab.gui.content.triple import copy_of
from tfstab.wording import counted, percent

if TYPE_CHECKING:
    from tfstab.gui.content.entry import Entry
    from tfstab.runs import CleanImages
    from tfstab.search import SearchRun
    from tfstab.sweep import SweepRun
    from tfstab.sweep.confusion_shares import ConfusionShares
    from tfstab.sweep.measures import SweepMeasures

MOST_PAIRS = 5
MOST_WEAK = 8
LARGEST = 192  # pixels; larger pictures are reduced in the worker, as that takes long


@dataclass(frozen=True, eq=False)
class Pair:
    """One class that is taken for another, with a picture of each.

    Attributes
    ----------
    actual, predicted : int
        The classes.
    name, other_name : str
        Their names.
    said : str
        How often the class is taken for the other, such as "19 % of its copies".
    image : int
        Index of an image of the true class that is taken for the other.
    key : tuple of int or None
        Its degraded copy (image, severity index, copy) that is shown; None in a search, which has one for each image.
    taken : ndarray of uint8, shape (H, W, C)
        That degraded copy.
    tip : str
        What `taken` is.
    example : int or None
        Index of a typical image of the other class that is right when clean; None if there is none.
    typical : ndarray of uint8, shape (H, W, C), or None
        That image.
    certainty : str
        How sure the share is, and how large that of the opposite confusion, in sentences; "" in a search.
    """

    actual: int
    predicted: int
    name: str
    other_name: str
    said: str
    image: int
    key: Key | None
    taken: NDArray[np.uint8]
    tip: str
    example: int | None
    typical: NDArray[np.uint8] | None
    certainty: str = ""


@dataclass(frozen=True, eq=False)
class Weak:
    """An image that is right when clean and lost early.

    Attributes
    ----------
    image, class_index : int
        Index of the image, and its class.
    picture : ndarray of uint8, shape (H, W, C)
        The clean image.
    classes : str
        Its class and the one that it is taken for, such as "cat → frog".
    said : str
        How early it is lost, such as "half lost at sigma 5"; with one copy at each severity, "lost at sigma 5".
    tip : str
        The same, as a sentence with the image's title.
    copy : tuple of (str, int), or None
        In an assessment, family and severity index at which all copies of the image are wrong; None if there is none.
    """

    image: int
    class_index: int
    picture: NDArray[np.uint8]
    classes: str
    said: str
    tip: str
    copy: tuple[str, int] | None = None


# --- sweeps ---


def pairs_of_sweep(
    run: "SweepRun", measures: "SweepMeasures", shares: "ConfusionShares", most: int = MOST_PAIRS
) -> list[Pair]:
    """Return the commonest confusions of a sweep over all severities, the commonest first.

    Of each, the picture shows the mildest copy, taken for the other class, of the image that is taken for it most
    often; images that are right when clean are preferred.

    Parameters
    ----------
    run : SweepRun
        The sweep.
    measures : SweepMeasures
        Its measures, of at least one image.
    shares : ConfusionShares
        Its confusions over all severities.
    most : int
        How many confusions at most.

    Returns
    -------
    list of Pair
        Shares are those of the true class's copies, with images weighing equally.
    """
    confusion = measures.class_metrics().confusion
    row, predicted, count = measures.entries()
    pairs = []
    for actual, other in _largest(confusion, most):
        these = (measures.labels[row] == actual) & (predicted == other)
        counts = np.bincount(row[these], count[these], len(measures))
        right = np.where(measures.clean_correct, counts, 0)
        image = int(measures.images[(right if right.any() else counts).argmax()])
        key = _mildest(run, image, other)
        example = _typical(run.clean, other)
        said = f"{_percent(shares.estimate(actual, other).value)} of its copies"
        title = ", ".join([run.clean.title(image), *copy_of(run, *key[1:])])
        tip = f"{title}: {run.class_names[actual]}, taken for {run.class_names[other]}"
        pair = _pair(run, actual, other, said, image, key, _degraded(run, key), tip, example)
        pairs.append(replace(pair, certainty=certainty(int(shares.images[actual]), shares.estimate, actual, other)))
    return pairs


def weakest_of_sweep(run: "SweepRun", measures: "SweepMeasures", most: int = MOST_WEAK) -> list[Weak]:
    """Return the images that are right when clean and lost first, the weakest first.

    Parameters
    ----------
    run : SweepRun
        The sweep.
    measures : SweepMeasures
        Its measures.
    most : int
        How many images at most.

    Returns
    -------
    list of Weak
        In the order of `SweepMeasures.weakest_images`; without images none of whose copies is misclassified.
    """
    half, share, wrong = measures.failing_severity(0.5), measures.wrong_share.mean(axis=1), measures.wrong_class
    rows = measures.weakest_images()
    found = []
    for place in rows[share[rows] > 0][:most].tolist():
        image, at = int(measures.images[place]), severity(run.degradation, half[place])
        lost, single = bool(np.isfinite(half[place])), int(measures.total[place].max()) == 1
        how = "lost" if single else "half lost"
        said = f"{how} at {at}" if lost else f"{_percent(share[place])} of copies wrong"
        names = f"{run.class_names[measures.labels[place]]} → {run.class_names[wrong[place]]}"
        tip = f"{run.clean.title(image)}, {names}: {_percent(share[place])} of its copies are misclassified"
        if lost:
            tip += f", the mildest of them at {at}" if single else f", and at least half of those at {at}"
        found.append(Weak(image, int(measures.labels[place]), _clean(run, image), names, said, tip))
    return found


# --- searches ---


def pairs_of_search(run: "SearchRun", entries: "Sequence[Entry]", most: int = MOST_PAIRS) -> list[Pair]:
    """Return the commonest pairs of true class and class found, of images that are right when clean.

    The picture shows the degraded image with the least noise.

    Parameters
    ----------
    run : SearchRun
        The search.
    entries : sequence of Entry
        Its results.
    most : int
        How many pairs at most.
    """
    needed = [entry for entry in entries if not entry.wrong_when_clean]
    found = [entry for entry in needed if entry.found]
    counts = np.zeros((len(run.class_names),) * 2, np.int64)
    for entry in found:
        counts[entry.class_index, entry.predicted] += 1
    pairs = []
    for actual, other in _largest(counts, most):
        entry = min((e for e in found if (e.class_index, e.predicted) == (actual, other)), key=lambda e: e.size)
        total = sum(e.class_index == actual for e in needed)
        said = f"{counts[actual, other]} of {counted(total)}"
        tip = f"{run.clean.title(entry.image)}: {run.class_names[actual]}, taken for {run.class_names[other]} with "
        tip += f"noise of {entry.amount}"
        taken = small(run.result(entry.image).degraded)
        pairs.append(_pair(run, actual, other, said, entry.image, None, taken, tip, _typical(run.clean, other)))
    return pairs


def weakest_of_search(run: "SearchRun", entries: "Sequence[Entry]", most: int = MOST_WEAK) -> list[Weak]:
    """Return the images that the least noise flips, the weakest first; images wrong when clean are left out."""
    found = sorted((e for e in entries if e.found and not e.wrong_when_clean), key=lambda e: e.size)
    return [
        Weak(
            e.image,
            e.class_index,
            small(e.clean),
            names := f"{run.class_names[e.class_index]} → {run.class_names[e.predicted]}",
            e.amount,
            f"{run.clean.title(e.image)}, {names}: noise of {e.amount} changes the prediction",
        )
        for e in found[:most]
    ]


# --- both ---


def _pair(
    run: "SweepRun | SearchRun",
    actual: int,
    predicted: int,
    said: str,
    image: int,
    key: Key | None,
    taken: NDArray[np.uint8],
    tip: str,
    example: int | None,
) -> Pair:
    names = run.class_names[actual], run.class_names[predicted]
    typical = None if example is None else _clean(run, example)
    return Pair(actual, predicted, *names, said, image, key, taken, tip, example, typical)


def _largest(counts: NDArray[np.int64], most: int) -> list[tuple[int, int]]:
    """Return the cells (actual, predicted) beside the diagonal with the largest counts, without empty ones."""
    mistakes = counts * ~np.eye(len(counts), dtype=bool)
    order = np.argsort(-mistakes, axis=None, kind="stable")[:most]
    cells = [divmod(int(place), len(counts)) for place in order]
    return [cell for cell in cells if mistakes[cell]]


def _mildest(run: "SweepRun", image: int, predicted: int) -> Key:
    """Return the mildest copy of an image that is taken for this class."""
    table = run.samples(image=image, columns=("severity_index", "copy", "predicted"))
    severity_index, copy, taken = (table[name].to_numpy() for name in ("severity_index", "copy", "predicted"))
    places = np.flatnonzero(taken == predicted)
    if not len(places):  # what was counted is no longer there
        raise RunError(f"{run.path} was replaced while it was being read: refresh the run (F5).")
    first = places[np.lexsort((copy[places], run.config.distances[severity_index[places]]))[0]]
    return image, int(severity_index[first]), int(copy[first])


def _degraded(run: "SweepRun", key: Key) -> NDArray[np.uint8]:
    """Return a degraded copy, or the clean image if it cannot be made again here."""
    try:
        return small(run.degraded_image(*key))
    except TfstabError:  # said when the copy is selected
        return _clean(run, key[0])


def _typical(clean: "CleanImages", class_index: int) -> int | None:
    """Return the image of a class that is right when clean with the median score; None if there is none."""
    rows = np.flatnonzero(clean.correct & (clean.class_index == class_index))
    if not len(rows):
        return None
    order = np.argsort(clean.scores[rows, class_index], kind="stable")
    return int(clean.indices[rows[order[len(order) // 2]]])


def _clean(run: "SweepRun | SearchRun", image: int) -> NDArray[np.uint8]:
    return small(np.asarray(run.clean.images[run.clean.row(image)]))


def small(image: np.ndarray) -> NDArray[np.uint8]:
    """Return an image (H, W, C) of grey levels as one that a screen can show, reduced if it is large."""
    levels = as_levels(image)
    step = max(image.shape[:2]) // LARGEST
    if step < 2:
        return levels
    from PIL import Image

    picture = Image.fromarray(levels[..., 0] if levels.shape[2] == 1 else levels)
    reduced = np.asarray(picture.reduce(step), np.uint8)
    return reduced if reduced.ndim == 3 else reduced[..., None]


def _percent(share: float) -> str:
    """Format a share as whole percent; "under 1 %" rather than 0."""
    return "under 1 %" if 0 < share <= 0.005 else percent(share)
