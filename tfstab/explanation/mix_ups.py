"""Mistakes in how a picture was taken or saved that can be undone, and whether undoing one makes the picture right.

Mistakes are a quarter turn, a negative, and red and blue in the wrong order. Undoing one may also make a wrong picture
right by chance. So the same is done to misclassified images of a run, to see how many become right, and to images of
other classes, to see how many are then taken for the picture's class.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.appearance import stands_out
from tfstab.explanation.kept import kept_of
from tfstab.explanation.traits import Values, brightness
from tfstab.wording import capital, listed, scored

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.runs import CleanImages

# The same is done to so many misclassified clean images, and to so many images of other classes: `Rate` allows 1 of
# 99, and none of fewer.
TRIED = 99
LEAST = 20  # with fewer, too little is known: even if none of 20 becomes right, about 1 in 21 may

TAKEN = "taken for the picture's class with such a score"
EACH = "each of the three turns makes it right"

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
        What was done to other images, as in "right after at least one of the three turns".
    square, channels : bool, int
        Whether images must be square, and how many channels they must have; 0 for any number.
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
    explains: Callable[[NDArray[Any]], Values] | None = None


MIX_UPS = (
    MixUp(
        "turn",
        "turned by ",
        ("90 degrees counter-clockwise", "180 degrees", "90 degrees clockwise"),
        lambda images: [np.rot90(images, turn, (1, 2)) for turn in (1, 2, 3)],
        "check whether the picture is upright",
        "if the picture is upright",
        "after at least one of the three turns",
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
        """What makes it right, with the score of each way, as the highest need not be that of the true one."""
        if len(self.scores) > 1:
            ways = listed([f"{way} (score {scored(score)})" for way, score in self.scores.items()], "or")
            return f"{self.mix_up.lead}{ways}, it is right"
        return f"{self.ways}, it is right with a score of {scored(self.best)}"

    @property
    def all_ways(self) -> bool:
        """Whether each of several ways makes it right, so that they do not tell how it was taken."""
        return len(self.scores) == len(self.mix_up.ways) > 1

    def is_sign(self, others: "Rate | None", *, unusual: bool = False) -> bool:
        """Return whether this is a sign of the mix-up.

        others: what the same does to images of a run, if known. unusual: whether the picture also stands out
        in the trait that the mix-up changes.
        """
        if others is None or self.all_ways:
            return False
        return others.rarely_taken and (unusual or others.rarely_right)

    def sentence(self, others: "Rate | None", *, unusual: bool = False) -> str:
        """Say what makes the picture right, and how often that is chance. Parameters as in `is_sign`."""
        score = ("up to " if len(self.scores) > 1 else "") + scored(self.best)
        said = f"{capital(self.ways)}, it is right with a score of {score}: {self.mix_up.check}."
        if others is None:
            return (
                f"{said} This may be chance: some misclassified images in which nothing is mixed up also become right."
            )
        lead = "For comparison, " if self.is_sign(others, unusual=unusual) else "This may be chance: "
        each = f"{EACH}; " if self.all_ways else ""
        return f"{said} {lead}{each}{others.words}."


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
    return sorted((Suitable(mix_up, ways) for mix_up, ways in right.items()), key=lambda one: -one.best)


@dataclass(frozen=True)
class Rate:
    """What undoing a mix-up does to images of a run in which nothing is mixed up.

    Attributes
    ----------
    mix_up : MixUp
        The mix-up.
    right, images : int
        How many of so many images that are wrong when clean are right after at least one of its ways.
    as_sure : int
        How many of them have a score at least as high then as the picture has after the way that gives it the highest.
    taken, others : int
        How many of so many images of other classes are then taken for the picture's class with at least this score.
    """

    mix_up: MixUp
    right: int
    images: int
    as_sure: int
    taken: int
    others: int

    @property
    def rarely_right(self) -> bool:
        """Whether a wrong image in which nothing is mixed up would rarely get such a score."""
        return self.images >= LEAST and (not self.as_sure or stands_out(self.images - self.as_sure, self.images))

    @property
    def rarely_taken(self) -> bool:
        """Whether an image of another class would rarely get such a score for the picture's class."""
        return stands_out(self.others - self.taken, self.others)

    @property
    def words(self) -> str:
        """How many misclassified images of the run it makes right, and how many others it turns into the class."""
        taken = f"of {self.others} images of other classes, {_only(self.taken, self.others)}{_are(self.taken)} {TAKEN}"
        if not self.images:
            return taken
        high = f", {self.as_sure or 'none'} of them with a score as high" if self.right else ""
        right = f"of {self.images} misclassified images of the run, {_are(self.right)} right {self.mix_up.after}{high}"
        return f"{right}; {taken}"

    @property
    def reached(self) -> str:
        """How many get such a score: "as negatives, only 1 of 99 misclassified images of the run is right with ..."."""
        taken = f"{_of(self.taken, self.others, 'images of other classes')} {TAKEN}"
        if not self.images:
            return f"{self.mix_up.after}, {taken}"
        wrong = _of(self.as_sure, self.images, "misclassified images of the run")
        return f"{self.mix_up.after}, {wrong} right with a score as high, and {taken}"

    def to_json(self) -> dict[str, int]:
        """Return the counts."""
        names = ("right", "images", "as_sure", "taken", "others")
        return {name: getattr(self, name) for name in names}


def _are(number: int) -> str:
    """Return "2 are", "1 is" or "none is"."""
    return f"{number or 'none'} {'is' if number <= 1 else 'are'}"


def _only(number: int, images: int) -> str:
    """Return "only " if a number of images is not zero, but so small that it is rare."""
    return "only " if number and stands_out(images - number, images) else ""


def _of(number: int, all_of: int, images: str) -> str:
    """Return how many of some images are something: "only 1 of 99 misclassified images of the run is"."""
    count, verb = _are(number).split()
    return f"{_only(number, all_of)}{count} of {all_of} {images} {verb}"


def rate_of(
    classifier: "Classifier", clean: "CleanImages", order: NDArray[np.int64], found: Suitable, k: int
) -> Generator[None, None, Rate | None]:
    """Return what undoing a mix-up does to images of a run in which nothing is mixed up.

    None if too few are of other classes, or if they are of another shape than it takes. It yields after each way.

    Parameters
    ----------
    classifier : Classifier
        The model.
    clean : CleanImages
        The images.
    order : ndarray of int64
        Rows, in the order in which they are taken.
    found : Suitable
        The mix-up, and what it makes of a picture.
    k : int
        The picture's true class.
    """
    wrong, others = order[~clean.correct[order]][:TRIED], order[clean.class_index[order] != k][:TRIED]
    (height, width), mix_up = clean.images.shape[1:3], found.mix_up
    if len(others) < LEAST or (mix_up.square and height != width):
        return None
    kept, key = kept_of(classifier, clean), (mix_up.name, k, wrong.tobytes(), others.tobytes())
    if key not in kept:
        wanted = np.concatenate([clean.class_index[wrong], np.full(len(others), k)])
        best = np.zeros(len(wanted))
        for changed in mix_up.undo(clean.images[np.concatenate([wrong, others])]):
            scores = classifier.scores(changed)
            score = scores[np.arange(len(wanted)), wanted]
            best = np.maximum(best, np.where(scores.argmax(axis=1) == wanted, score, 0))
            yield
        kept[key] = best
    best, number = kept[key], len(wrong)
    as_sure = best >= found.best
    right = int((best[:number] > 0).sum())
    return Rate(mix_up, right, number, int(as_sure[:number].sum()), int(as_sure[number:].sum()), len(others))
