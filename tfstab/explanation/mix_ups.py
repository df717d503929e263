"""Mistakes in how a picture was taken or saved that can be undone, and whether undoing one makes the picture right.

A quarter turn, a negative, red and blue in the wrong order: any of these may also make a wrong picture right by chance.
So the same is done to images of a run that are misclassified as they are.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.appearance import stands_out
from tfstab.wording import capital, listed, scored

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.runs import CleanImages

# Clean images that are misclassified, to which the same is done: `rare` allows 1 of these, and none of fewer.
WRONG = 99
LEAST_WRONG = 20  # of fewer, the share that becomes right is not known well enough

Images = NDArray[np.uint8]


@dataclass(frozen=True)
class MixUp:
    """One such mistake.

    Attributes
    ----------
    lead, ways : str, tuple of str
        What undoes it, as in "turned by" with "180 degrees"; several ways if it is not known how much was done.
    undo : callable
        Returns images (N, H, W, C) once for each way, with the mistake undone.
    check : str
        What to look at, as in "check whether the picture is upright".
    condition : str
        What holds if becoming right is chance, as in "if the picture is upright".
    by : str
        What was done, as in "gets such a score by a turn".
    after : str
        What was done to each of some images, as in "right after at least one of the three turns".
    square, channels : bool, int
        Whether images must be square, and how many channels they must have; 0 for any number.
    """

    lead: str
    ways: tuple[str, ...]
    undo: Callable[[Images], list[Images]]
    check: str
    condition: str
    by: str
    after: str
    square: bool = False
    channels: int = 0

    def suits(self, images: Images) -> bool:
        """Whether images (..., C) have the channels that it takes."""
        return self.channels in (0, images.shape[-1])


MIX_UPS = (
    MixUp(
        "turned by ",
        ("90 degrees counter-clockwise", "180 degrees", "90 degrees clockwise"),
        lambda images: [np.rot90(images, turn, (1, 2)) for turn in (1, 2, 3)],
        "check whether the picture is upright",
        "if the picture is upright",
        "by a turn",
        "after at least one of the three turns",
        square=True,
    ),
    MixUp(
        "",
        ("as a negative",),
        lambda images: [255 - images],
        "check whether dark and bright are swapped in the picture",
        "if the picture is no negative",
        "as a negative",
        "as negatives",
    ),
    MixUp(
        "",
        ("with red and blue swapped",),
        lambda images: [images[..., ::-1]],
        "check in which order the picture's colours were saved",
        "if red and blue are not swapped",
        "with red and blue swapped",
        "with red and blue swapped",
        channels=3,
    ),
)


def undone(image: Images) -> list[Images]:
    """Return a picture (H, W, C) once for each way of undoing a mix-up, in the order of `MIX_UPS`."""
    return [one[0] for mix_up in MIX_UPS if mix_up.suits(image) for one in mix_up.undo(image[None])]


@dataclass(frozen=True)
class Suitable:
    """A mix-up that makes a picture right when undone.

    Attributes
    ----------
    mix_up : MixUp
        The mix-up.
    scores : dict
        The score of the picture's true class for each way that makes it right.
    """

    mix_up: MixUp
    scores: Mapping[str, float]

    @property
    def best(self) -> float:
        """The highest of the scores."""
        return max(self.scores.values())

    @property
    def ways(self) -> str:
        """What makes it right: "turned by 90 degrees clockwise or 180 degrees"."""
        return self.mix_up.lead + listed(list(self.scores), "or")

    @property
    def right(self) -> str:
        """What makes it right, and its scores then: the highest need not be that of the right way."""
        if len(self.scores) > 1:
            ways = listed([f"{way} (score {scored(score)})" for way, score in self.scores.items()], "or")
            return f"{self.mix_up.lead}{ways}, it is right"
        return f"{self.ways}, it is right with a score of {scored(self.best)}"

    def sentence(self, others: "Rate | None") -> str:
        """Say what makes the picture right, and how often that is chance. others: what it does to images of a run."""
        score = ("up to " if len(self.scores) > 1 else "") + scored(self.best)
        said = f"{capital(self.ways)}, it is right with a score of {score}: {self.mix_up.check}."
        if others is None:
            return (
                f"{said} This may be chance: some misclassified images in which nothing is mixed up also become right."
            )
        return f"{said} {others.sentence}"


def suitable(scores: NDArray[np.float32] | None, channels: int, k: int) -> list[Suitable]:
    """Return the mix-ups that make a picture right when undone, the surest first.

    Parameters
    ----------
    scores : ndarray of float32 (W, K) or None
        Its scores after each way of `undone`; None if they are not known.
    channels : int
        The number of its channels.
    k : int
        Its true class.
    """
    if scores is None:
        return []
    rows, found = iter(scores), []
    for mix_up in MIX_UPS:
        if mix_up.channels in (0, channels):
            right = {way: float(row[k]) for way, row in zip(mix_up.ways, rows, strict=False) if row.argmax() == k}
            found += [Suitable(mix_up, right)] if right else []
    return sorted(found, key=lambda one: -one.best)


@dataclass(frozen=True)
class Rate:
    """What undoing a mix-up does to images of a run that are wrong when clean.

    Attributes
    ----------
    mix_up : MixUp
        The mix-up.
    right, images : int
        How many of them are right after at least one of its ways, and of how many.
    as_sure : int
        How many are right then with at least the score that the picture has after the way that suits it best.
    """

    mix_up: MixUp
    right: int
    images: int
    as_sure: int

    @property
    def rare(self) -> bool:
        """Whether a wrong image in which nothing is mixed up would rarely get such a score."""
        return stands_out(self.images - self.as_sure, self.images)

    @property
    def sentence(self) -> str:
        """How often this makes misclassified images of the run right."""
        are = "is" if self.right <= 1 else "are"
        rate = (
            f"of {self.images} misclassified images of the run, {self.right or 'none'} {are} right {self.mix_up.after}"
        )
        such = f", {self.as_sure or 'none'} of them with such a score" if self.right else ""
        return f"{'For comparison, ' if self.rare else 'This may be chance: '}{rate}{such}."

    @property
    def reached(self) -> str:
        """How many of them get such a score: "only 1 of 99 misclassified images of the run gets such a score"."""
        number = f"{'only ' if self.rare else ''}{self.as_sure}" if self.as_sure else "none"
        gets = "gets" if self.as_sure <= 1 else "get"
        return f"{number} of {self.images} misclassified images of the run {gets} such a score {self.mix_up.by}"

    def to_json(self) -> dict[str, Any]:
        """Return the counts."""
        return {"right": self.right, "images": self.images, "as_sure": self.as_sure}


def rate_of(
    classifier: "Classifier", clean: "CleanImages", order: NDArray[np.int64], right: Suitable
) -> Generator[None, None, Rate | None]:
    """Return what undoing a mix-up does to images of a run that are wrong when clean.

    None if they are too few, or of another shape than it takes. It yields after each way.

    Parameters
    ----------
    classifier : Classifier
        The model.
    clean : CleanImages
        The images.
    order : ndarray of int64
        Rows, in the order in which they are taken.
    right : Suitable
        The mix-up, and what it makes of a picture.
    """
    rows, mix_up = order[~clean.correct[order]][:WRONG], right.mix_up
    images = clean.images[rows]
    if len(rows) < LEAST_WRONG or (mix_up.square and images.shape[1] != images.shape[2]):
        return None
    best, actual = np.zeros(len(rows)), clean.class_index[rows]
    for changed in mix_up.undo(images):
        scores = classifier.scores(changed)
        hit = scores.argmax(axis=1) == actual
        best = np.maximum(best, np.where(hit, scores[np.arange(len(rows)), actual], 0))
        yield
    return Rate(mix_up, int((best > 0).sum()), len(rows), int((best >= right.best).sum()))
