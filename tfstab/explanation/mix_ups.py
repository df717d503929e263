"""Mistakes in how a picture was taken or saved that can be undone, and whether undoing one makes the picture right.

Mistakes are a quarter turn, a negative, and red and blue in the wrong order. Undoing one may also make a wrong picture
right by chance, or because the model has the habit of taking such images right then. What the images of a run say about
this is in `tfstab.explanation.mix_up_rate`; how it is said, in `tfstab.explanation.mix_up_words`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.traits import Values, brightness
from tfstab.wording import listed, scored

if TYPE_CHECKING:
    from tfstab.explanation.mix_up_rate import Rate

Images = NDArray[np.uint8]


@dataclass(frozen=True)
class MixUp:
    """One such mistake.

    Attributes
    ----------
    name : str
        What it is called in JSON.
    lead, ways : str, tuple of str
        What undoes it, as in "turned by" with "180 degrees"; several ways if it is not known how much was done.
    undo : callable
        Returns images (N, H, W, C) once for each way, with the mistake undone.
    check : str
        What to look at, as in "check whether the picture is upright".
    condition : str
        What rules this mistake out, as in "if the picture is upright".
    after : str
        What was done to other images, as in "right after a turn", which means at least one of them.
    square, channels : bool, int
        Whether images must be square, and how many channels they must have; 0 for any number.
    of_all : bool
        Whether software that makes this mistake makes it in all images, so that a single image of a run hardly ever has
        it alone.
    explains : callable or None
        The measure of a trait in which the mix-up makes a picture stand out; None if it does not.
    """

    name: str
    lead: str
    ways: tuple[str, ...]
    undo: Callable[[Images], list[Images]]
    check: str
    condition: str
    after: str
    square: bool = False
    channels: int = 0
    of_all: bool = False
    explains: Callable[[NDArray[Any]], Values] | None = None


MIX_UPS = (
    MixUp(
        "turn",
        "turned by ",
        ("90 degrees counter-clockwise", "180 degrees", "90 degrees clockwise"),
        lambda images: [np.rot90(images, turn, (1, 2)) for turn in (1, 2, 3)],
        "check whether the picture is upright",
        "if the picture is upright",
        "after a turn",
        square=True,
    ),
    MixUp(
        "negative",
        "",
        ("as a negative",),
        lambda images: [255 - images],
        "check whether dark and bright are swapped in the picture",
        "if the picture is not a negative",
        "as negatives",
        explains=brightness,
    ),
    MixUp(
        "red and blue swapped",
        "",
        ("with red and blue swapped",),
        lambda images: [images[..., ::-1]],
        "check whether red and blue are swapped in the picture",
        "if red and blue are not swapped",
        "after the same swap",
        channels=3,
        of_all=True,
    ),
)


def possible(channels: int) -> list[MixUp]:
    """Return the mix-ups that a picture with so many channels can have."""
    return [mix_up for mix_up in MIX_UPS if mix_up.channels in (0, channels)]


def ways_of(channels: int) -> list[tuple[MixUp, str]]:
    """Return the ways of undoing each of these mix-ups, in the order in which `undone` takes them."""
    return [(mix_up, way) for mix_up in possible(channels) for way in mix_up.ways]


def undone(image: Images) -> list[Images]:
    """Return a picture (H, W, C) once for each of its `ways_of` undoing a mix-up."""
    return [one[0] for mix_up in possible(image.shape[-1]) for one in mix_up.undo(image[None])]


@dataclass(frozen=True)
class Suitable:
    """A mix-up that makes a picture right when undone.

    Attributes
    ----------
    mix_up : MixUp
        The mix-up.
    scores : dict
        The score of the picture's true class for each way that makes it right, the highest first.
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
        """What makes it right, with the score of each way, as the highest need not be that of the true one."""
        if len(self.scores) > 1:
            return f"{self.scored_ways}, it is right"
        return f"{self.ways}, it is right with a score of {scored(self.best)}"

    @property
    def scored_ways(self) -> str:
        """What makes it right, each way with its score: "as a negative (score 0.975)"."""
        ways = [f"{way} (score {scored(score)})" for way, score in self.scores.items()]
        return self.mix_up.lead + listed(ways, "or")

    @property
    def all_ways(self) -> bool:
        """Whether each of several ways makes it right, so that they do not tell how it was taken."""
        return len(self.scores) == len(self.mix_up.ways) > 1

    def is_sign(self, others: "Rate | None", *, unusual: bool = False) -> bool:
        """Return whether this is a sign of the mix-up.

        others: what the same does to images of a run, if known. unusual: whether the picture also stands out
        in the trait that the mix-up changes.
        """
        if others is None or self.all_ways or others.says_little:
            return False
        return others.rarely_taken and (unusual or others.rarely_right)


def suitable(scores: NDArray[np.float32] | None, channels: int, k: int) -> list[Suitable]:
    """Return the mix-ups that make a picture right when undone, the surest first.

    Parameters
    ----------
    scores : ndarray of float32 (W, K) or None
        Its scores after each of its `ways_of` undoing a mix-up; None if they are not known.
    channels : int
        The number of its channels.
    k : int
        Its true class.
    """
    right: dict[MixUp, dict[str, float]] = {}
    for (mix_up, way), row in zip(ways_of(channels), () if scores is None else scores, strict=False):
        if row.argmax() == k:
            right.setdefault(mix_up, {})[way] = float(row[k])
    found = [Suitable(mix_up, dict(sorted(ways.items(), key=lambda way: -way[1]))) for mix_up, ways in right.items()]
    return sorted(found, key=lambda one: -one.best)
