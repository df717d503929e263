"""Tries degradations on one picture, in both directions."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations import Degradation
from tfstab.explanation.picture import PictureFindings, stream
from tfstab.explanation.tried import Tried, opposite

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

COPIES = 5  # of each severity of a random degradation, which show where the prediction may change
FRESH = 40  # further copies, which decide it: with so many severities, 3 of 5 copies somewhere change it by chance
BATCH = 32  # pictures at a time: a few hundred are scored in all
TOGETHER = 4 * BATCH  # degraded pictures that are held in memory

# Called with what is done, how much of it is done, and how much there is in all.
OnProgress = Callable[[str, int, int], None]
Change = tuple[Degradation, tuple[float, ...]]  # a degradation and its severities in one direction


def silent(what: str, done: int, total: int) -> None:
    """Ignore progress."""


def changes_of(families: Sequence[Degradation]) -> list[Change]:
    """Return the default severities of degradations, and those in the other direction, if there is one."""
    return [(family, tried) for family in families for tried in (family.severities, opposite(family)) if tried]


def mild_changes(image: NDArray[np.uint8], families: Sequence[Degradation]) -> NDArray[np.float32]:
    """Return a picture and its mildest change by each degradation in each direction, (N, H, W, C)."""
    changed = [family.degrade(image, of[0], stream(0, 0)) for family, of in changes_of(families)]
    return np.stack([image.astype(np.float32), *changed])


def findings_of(
    classifier: "Classifier",
    image: NDArray[np.uint8],
    families: Sequence[Degradation],
    picture: str,
    true_class: int | None = None,
    *,
    on_progress: OnProgress = silent,
    **said: Any,
) -> PictureFindings:
    """Score a picture and its degraded copies at the default severities of some degradations, in both directions.

    Random degradations are drawn `COPIES` times, with seed 0, as a sweep draws them.

    Parameters
    ----------
    classifier : Classifier
        The model.
    image : ndarray of uint8 (H, W, C)
        The picture, in grey levels 0..255.
    families : sequence of Degradation
        The degradations.
    picture, true_class
        As in `PictureFindings`.
    on_progress : callable
        Called with what is done, how much of it is done, and how much there is in all.
    said
        Its other fields.
    """
    small = classifier.with_batch_size(BATCH)
    scores = small.scores(image[None])[0]
    clean, names = int(scores.argmax()), tuple(classifier.class_names)
    changes = changes_of(families)
    copies = [np.full((len(tried), COPIES + FRESH if family.random else 1), -1, np.int64) for family, tried in changes]

    def draw(what: str, wanted: list[tuple[int, int, int]]) -> None:
        """Score copies, given by the indices of change, severity and copy. what: the step, for `on_progress`."""
        for start in range(0, len(wanted), TOGETHER):
            some = wanted[start : start + TOGETHER]
            degraded = [changes[k][0].degrade(image, changes[k][1][s], stream(s, copy)) for k, s, copy in some]
            for (k, s, copy), predicted in zip(some, small.scores(np.stack(degraded)).argmax(axis=1), strict=True):
                copies[k][s, copy] = predicted
            on_progress(what, start + len(some), len(wanted))

    first = [(k, s, copy) for k, of in enumerate(copies) for s, copy in np.ndindex(of[:, :COPIES].shape)]
    draw("changing the picture", first)
    wrong = true_class is not None and true_class != clean
    hits = [of == true_class if wrong else of != clean for of in copies]
    seen = [(k, s) for k, hit in enumerate(hits) for s, row in enumerate(hit) if 2 * int(row[:COPIES].sum()) > COPIES]
    draw("drawing more copies", [(k, s, copy) for k, s in seen for copy in range(COPIES, COPIES + FRESH)])
    found = tuple(
        Tried(family, tried, np.stack([_votes(row, len(names)) for row in of]))
        for (family, tried), of in zip(changes, copies, strict=True)
    )
    return PictureFindings(picture, image, names, scores, true_class, found, tuple(copies), **said)


def _votes(predicted: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Return how many copies at one severity are predicted as each class: of the fresh ones, if they were drawn."""
    fresh = predicted[COPIES:]
    return np.bincount(fresh if (fresh >= 0).any() else predicted[:COPIES], minlength=classes)
