"""Which quarter turns make a misclassified picture right, and whether they also do so to images of a run by chance."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.appearance import stands_out
from tfstab.wording import listed, scored

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.runs import CleanImages

TURNS = ("90 degrees counter-clockwise", "180 degrees", "90 degrees clockwise")
# Clean images that are misclassified, on which quarter turns are tried: `rare` allows 1 of these, and none of fewer.
WRONG = 99
LEAST_WRONG = 20  # of fewer, the share that a turn makes right is not known well enough


@dataclass(frozen=True)
class Turns:
    """What quarter turns do to images of a run that are wrong when clean.

    Attributes
    ----------
    right, images : int
        How many of them are right after at least one of the three turns, and of how many.
    as_sure : int
        How many are right then with at least the score that the picture has after the turn that suits it best.
    """

    right: int
    images: int
    as_sure: int

    @property
    def rare(self) -> bool:
        """Whether a wrong image that is upright would rarely get such a score by a turn."""
        return stands_out(self.images - self.as_sure, self.images)

    @property
    def sentence(self) -> str:
        """How often a turn makes misclassified images of the run right."""
        are = "is" if self.right <= 1 else "are"
        rate = (
            f"of {self.images} misclassified images of the run, {self.right or 'none'} {are} right after at least one "
            "of the three turns"
        )
        such = f", {self.as_sure or 'none'} of them with such a score" if self.right else ""
        return f"{'For comparison, ' if self.rare else 'This may be chance: '}{rate}{such}."

    @property
    def reached(self) -> str:
        """How many of them get such a score: "only 1 of 99 misclassified images of the run gets such a score"."""
        number = f"{'only ' if self.rare else ''}{self.as_sure}" if self.as_sure else "none"
        gets = "gets" if self.as_sure <= 1 else "get"
        return f"{number} of {self.images} misclassified images of the run {gets} such a score by a turn"


def suitable(turned: NDArray[np.float32] | None, k: int) -> dict[str, float]:
    """Return the turns that make a picture right, with its score then.

    turned: its scores (3, K) after the `TURNS`, or None. k: its true class.
    """
    scores = () if turned is None else turned
    return {turn: float(row[k]) for turn, row in zip(TURNS, scores, strict=False) if row.argmax() == k}


def turned_right(turned: NDArray[np.float32] | None, k: int, others: Turns | None = None) -> list[str]:
    """Say which quarter turns make a picture right that is wrong, and how often they do so by chance.

    Parameters
    ----------
    turned, k
        As in `suitable`.
    others : Turns, optional
        What turns do to images of the run; None if this is not known.
    """
    right = suitable(turned, k)
    if not right:
        return []
    score = ("up to " if len(right) > 1 else "") + scored(max(right.values()))
    turns = listed(list(right), "or")
    said = f"Turned by {turns}, it is right with a score of {score}: check whether the picture is upright."
    if others is None:
        return [f"{said} This may be chance: some upright images that are misclassified also become right by a turn."]
    return [f"{said} {others.sentence}"]


def turns_of(
    classifier: "Classifier", clean: "CleanImages", order: NDArray[np.int64], turned: Sequence[float]
) -> Generator[None, None, Turns | None]:
    """Return what turns do to images of a run that are wrong when clean; None if they are too few, or not square.

    It yields after each turn.

    Parameters
    ----------
    classifier : Classifier
        The model.
    clean : CleanImages
        The images.
    order : ndarray of int64
        Rows, in the order in which they are taken.
    turned : sequence of float
        The scores of a picture after the turns that make it right.
    """
    rows = order[~clean.correct[order]][:WRONG]
    images = clean.images[rows]
    if len(rows) < LEAST_WRONG or images.shape[1] != images.shape[2]:
        return None
    best, actual = np.zeros(len(rows)), clean.class_index[rows]
    for turn in (1, 2, 3):
        scores = classifier.scores(np.rot90(images, turn, (1, 2)))
        right = scores.argmax(axis=1) == actual
        best = np.maximum(best, np.where(right, scores[np.arange(len(rows)), actual], 0))
        yield
    return Turns(int((best > 0).sum()), len(rows), int((best >= max(turned)).sum()))
