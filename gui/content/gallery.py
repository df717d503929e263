"""All images of a run as arrays: what a gallery shows, sorts by and filters by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.gui.content.points import Key
from tfstab.gui.content.selection import sort_places
from tfstab.sweep.unswept import not_swept
from tfstab.wording import at_severity, scored

ARROW = " → "  # between the names of classes
FOR_COPY = ("severity_index", "copy", "predicted", "true_score")

if TYPE_CHECKING:
    from tfstab.gui.content.entry import Entry
    from tfstab.sweep import SweepRun
    from tfstab.sweep.measures import SweepMeasures


WRONG_WHEN_CLEAN, LOST, FLIPPED = (  # titles
    "misclassified when clean", "correct when clean, misclassified when degraded", "found by the search",
)  # fmt: skip
WITH_CARD = f"{WRONG_WHEN_CLEAN}, with a card"
ABOUT_CLEAN = WRONG_WHEN_CLEAN, WITH_CARD  # subsets whose captions are about the clean images


@dataclass(frozen=True, eq=False)
class SortKey:
    """A sort order: its title, a value for each image (N,), and whether it starts with the largest value."""

    title: str
    values: np.ndarray
    descending: bool = False


@dataclass(frozen=True, eq=False)
class Gallery:
    """The N images of a run and what is known about each.

    Attributes
    ----------
    image : ndarray of int64, shape (N,)
        Index of each image in the full split.
    class_index : ndarray of int64, shape (N,)
        True class.
    pictures : sequence of uint8 arrays of shape (H, W, C)
        Clean images; `rows` (N,) tells which of them belongs to each image.
    keys : tuple of SortKey
        Sort orders on offer.
    only : tuple of (title, mask)
        Subsets on offer; each mask is bool, shape (N,).
    names : tuple of str
        Class names.
    predicted : ndarray of int64, shape (N,)
        The wrong class predicted; -1 if there is none.
    outcome : tuple of str, or None
        Result for each image in words; None to derive it from `failing`, `mildest` and `share`.
    failing : ndarray, shape (N,)
        Mildest severity at which a copy is misclassified; infinite if there is none.
    mildest : ndarray, shape (N,)
        PSNR in dB of the mildest degradation that causes a misclassification.
    share : ndarray, shape (N,)
        Share of copies misclassified, 0 to 1.
    parameter, unit : str
        What `failing` measures, such as "sigma", and its unit.
    degraded : tuple of (title, severity index or None)
        Degraded images on offer: at a severity, or the first that is misclassified (None).
    neutral : float
        Severity that leaves an image unchanged; as a value of `failing` it means misclassified when clean.
    titles : callable
        Returns the title of the image with an index, such as "Image 17: cat/a.png".
    clean : Gallery or None
        All images that were scored when clean, degraded or not, with captions about the clean images; None if the
        captions of this gallery are already about these.
    undegraded : Gallery or None
        The same images for when they are shown clean: the caption of one that is misclassified when clean says as what,
        with its score, since its copies may happen to be right. None if the captions are the same.
    with_card : ndarray of bool, shape (N,), or None
        Which images have a card, because they were degraded; None if all have one.
    """

    image: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    class_index: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    pictures: Sequence[np.ndarray] | np.ndarray = ()
    rows: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    keys: tuple[SortKey, ...] = ()
    only: tuple[tuple[str, NDArray[np.bool_]], ...] = ()
    names: tuple[str, ...] = ()
    predicted: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    outcome: tuple[str, ...] | None = None
    failing: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    mildest: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))
    share: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    parameter: str = "sigma"
    neutral: float = 0.0
    titles: Callable[[int], str] = "Image {}".format
    degraded: tuple[tuple[str, int | None], ...] = ()
    clean: "Gallery | None" = None
    undegraded: "Gallery | None" = None
    unit: str = ""
    with_card: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.image)

    def picture(self, place: int) -> NDArray[np.uint8]:
        """Return the clean image at this position, uint8 (H, W, C)."""
        return np.asarray(self.pictures[self.rows[place]])

    def classes(self, place: int) -> tuple[str, ...]:
        """Return the names of the true class, and of the wrong one that is predicted if there is one."""
        actual, wrong = self.names[self.class_index[place]], self.predicted[place]
        return (actual, self.names[wrong]) if wrong >= 0 else (actual,)

    @property
    def all_classes(self) -> set[tuple[str, ...]]:
        """What `classes` returns, of all images."""
        both = np.unique(np.stack([self.class_index, self.predicted]), axis=1, return_index=True)[1]
        return {self.classes(place) for place in both.tolist()}

    def result(self, place: int) -> str:
        """Return how easily the image is misclassified, in a few words."""
        return f"{100 * self.share[place]:.1f} % wrong" if self.outcome is None else self.outcome[place]

    def caption(self, place: int) -> str:
        """Return two short lines: the classes, and how easily the image is misclassified."""
        return f"{ARROW.join(self.classes(place))}\n{self.result(place)}"

    def tip(self, place: int) -> str:
        """Return the caption and further details as one sentence."""
        words = self.caption(place).replace("\n", ", ")
        if len(self.failing):
            severity, psnr = self.failing[place], self.mildest[place]
            fails = f"first misclassified at {at_severity(self.parameter, severity, self.unit)} and PSNR {psnr:.1f} dB"
            if severity == self.neutral:
                fails = "misclassified when clean"
            words += f", {fails}" if np.isfinite(severity) else ", never misclassified"
        words += "" if self.with_card is None or self.with_card[place] else ", no card"
        return f"{self.titles(int(self.image[place]))}: {words}"

    def select(
        self, class_index: int | None, only: int | None, key: int, descending: bool, predicted: int | None = None
    ) -> NDArray[np.intp]:
        """Return the positions of the images to show, sorted.

        Parameters
        ----------
        class_index : int or None
            True class to show, or None for all.
        only : int or None
            Number of a subset in `self.only`, or None for all images.
        key : int
            Number of a sort order in `self.keys`.
        descending : bool
            Sort from the largest value to the smallest.
        predicted : int or None
            Wrong class predicted, or None for images with any prediction.
        """
        keep = np.ones(len(self), bool)
        if class_index is not None:
            keep &= self.class_index == class_index
        if predicted is not None:
            keep &= self.predicted == predicted
        if only is not None and only < len(self.only):
            keep &= self.only[only][1]
        places = np.flatnonzero(keep)
        return sort_places(places, self.keys[key].values, descending) if key < len(self.keys) else places


def gallery_of_search(
    entries: "Sequence[Entry]", names: tuple[str, ...], titles: Callable[[int], str] = "Image {}".format
) -> Gallery:
    """Return the images of a search; images for which nothing was found have an infinite norm."""
    found = np.array([e.found for e in entries], np.bool_)
    wrong = np.array([e.wrong_when_clean for e in entries], np.bool_)
    size = np.where(found, [e.size for e in entries], np.inf)
    norm = entries[0].title if len(entries) else "L2"
    psnr = np.where(found, [e.psnr for e in entries], -np.inf)
    image, class_index = (np.array([getattr(e, name) for e in entries], np.int64) for name in ("image", "class_index"))
    return Gallery(
        image,
        class_index,
        [e.clean for e in entries],
        np.arange(len(entries)),
        keys=(SortKey("index", image), SortKey("class", class_index), SortKey(norm, size), SortKey("PSNR", psnr, True)),
        only=((WRONG_WHEN_CLEAN, wrong), (FLIPPED, found & ~wrong), ("not found", ~found)),
        names=names,
        predicted=np.array([e.predicted if e.found else -1 for e in entries], np.int64),
        outcome=tuple(e.outcome for e in entries),
        titles=titles,
        degraded=(("with the noise found", None),),
    )


def gallery_of_sweep(run: "SweepRun", measures: "SweepMeasures") -> Gallery:
    """Return the images of a sweep that have been swept so far."""
    rows = np.array([run.clean.row(image) for image in measures.images.tolist()], np.int64)
    clean = _gallery_of_clean(run, rows)
    of_clean = [SortKey(key.title, key.values[rows], key.descending) for key in clean.keys]
    failing, share = measures.failing_severity(), measures.wrong_share.mean(axis=1)
    mildest = measures.failing_psnr  # sorting by its L2 would give the same order
    family, wrong = run.degradation, ~measures.clean_correct
    of_degraded = [
        SortKey("share misclassified", share, True),
        SortKey(f"first failing {family.parameter}", np.abs(failing - family.neutral)),  # mildest first
        SortKey("first failing PSNR", mildest, True),
    ]
    gallery = Gallery(
        measures.images,
        measures.labels,
        run.clean.images,
        rows,
        keys=(*of_clean, *of_degraded),
        only=(
            *((title, wrong) for title, _ in clean.only),
            (LOST, measures.clean_correct & np.isfinite(failing)),
            ("never misclassified", ~np.isfinite(failing)),
        ),
        names=run.class_names,
        predicted=measures.wrong_class,
        failing=failing,
        mildest=mildest,
        share=share,
        parameter=family.parameter,
        unit=family.unit,
        neutral=family.neutral,
        titles=run.clean.title,
        degraded=(
            ("first failure", None),
            *((family.at(f"{run.severities[s]:g}"), s) for s in run.config.mildest_first.tolist()),
        ),
        clean=replace(clean, keys=(*clean.keys, *(_of_all(key, rows, len(clean)) for key in of_degraded))),
    )
    said = [(clean if wrong[k] else gallery).result(rows[k] if wrong[k] else k) for k in range(len(gallery))]
    predicted = np.where(wrong, clean.predicted[rows], gallery.predicted)
    return replace(gallery, undegraded=replace(gallery, predicted=predicted, outcome=tuple(said)))


def _gallery_of_clean(run: "SweepRun", degraded: NDArray[np.int64]) -> Gallery:
    """Return all images of a sweep that were scored when clean, with their predicted classes.

    degraded: rows of the images that were degraded, too, and so have a card.
    """
    clean, scores = run.clean, np.asarray(run.clean.scores)
    predicted = scores.argmax(axis=1)
    right, highest = predicted == clean.class_index, scores.max(axis=1)
    with_card = np.isin(np.arange(len(right)), degraded)
    some = not with_card.all()
    return Gallery(
        clean.indices,
        clean.class_index,
        clean.images,
        np.arange(len(clean.indices)),
        keys=(
            SortKey("index", clean.indices),
            SortKey("class", clean.class_index),
            SortKey("score when clean", highest, True),  # so that the surest mistakes come first
        ),
        only=((WRONG_WHEN_CLEAN, ~right), *(((WITH_CARD, ~right & with_card),) if some else ())),
        names=run.class_names,
        predicted=np.where(right, -1, predicted),
        outcome=tuple(f"score {scored(score)}" for score in highest.tolist()),
        titles=clean.title,
        with_card=with_card if some else None,
    )


def _of_all(key: SortKey, rows: NDArray[np.int64], count: int) -> SortKey:
    """Return a sort key of the degraded images, those in `rows`, as a key of all images; the others come last."""
    values = np.full(count, np.nan)
    values[rows] = key.values
    return SortKey(key.title, values, key.descending)


def shown_copy(run: "SweepRun", image: int, severity_index: int | None) -> Key:
    """Return the copy that stands for an image: of those at a severity, or of all (None), the first that fails.

    The first failure is the misclassified copy of the mildest severity with the lowest score of the true class; if no
    copy is misclassified, it is the one with the lowest score. Runs in a worker.

    Raises
    ------
    RunError
        The image has not been swept yet, or a part is damaged.
    """
    severity = None if severity_index is None else run.severities[severity_index]
    table = run.samples(image=image, severity=severity, columns=FOR_COPY)
    if not table.num_rows:
        raise not_swept(run, image)
    where, copy, predicted, true_score = (table[name].to_numpy() for name in FOR_COPY)
    right = predicted == run.clean.class_index[run.clean.row(image)]
    distance = np.where(right, np.inf, run.config.distances[where])
    place = np.lexsort((true_score, distance))[0]
    return image, int(where[place]), int(copy[place])
