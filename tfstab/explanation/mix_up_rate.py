"""What undoing a mix-up does to images of a run in which nothing is mixed up.

It is done to misclassified images, to see how many become right, and to images of other classes, to see how many are
then taken for the picture's class. Among the misclassified ones, those of the picture's class come first: a model may
have the habit of taking images of one class right as negatives, though it misclassifies them as they are.
"""

from collections.abc import Generator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.kept import kept_of
from tfstab.explanation.mix_ups import MixUp, Suitable
from tfstab.explanation.run_looks import stands
from tfstab.explanation.standing import stands_out, unusual_in
from tfstab.explanation.tried import HALF
from tfstab.wording import out_of, percent

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.explanation.picture import PictureFindings
    from tfstab.runs import CleanImages

# The same is done to so many misclassified clean images, and to so many images of other classes: `Rate` allows 1 of
# 99, and none of fewer.
TRIED = 99
LEAST = 20  # with fewer, too little is known: even if none of 20 becomes right, about 1 in 21 may
LEAST_ALIKE = 5  # images that are misclassified in the same way; with fewer, their share is not judged
OFTEN = 0.4  # if this share of misclassified images becomes right with a score as high, it says little
CHANCE = 0.1  # if this share does, chance is so likely that the answer does not mention it
USUAL = 0.5  # if a larger share of these images becomes right, this is usual


@dataclass(frozen=True)
class OfItsClass:
    """What undoing a mix-up does to those of the misclassified images that are of the picture's class.

    Attributes
    ----------
    images, as_sure : int
        How many there are, and how many of them become right with a score at least as high as the picture's.
    alike, alike_right : int
        How many of them are also taken for the same class as the picture, and how many of these become right, with
        any score.
    """

    images: int = 0
    as_sure: int = 0
    alike: int = 0
    alike_right: int = 0

    @property
    def usual(self) -> bool:
        """Whether most images that are misclassified in the same way become right, so that this says little."""
        return self.alike >= LEAST_ALIKE and self.alike_right > USUAL * self.alike


@dataclass(frozen=True)
class Rate:
    """What undoing a mix-up does to images of a run in which nothing is mixed up.

    Attributes
    ----------
    mix_up : MixUp
        The mix-up.
    right, images : int
        How many misclassified clean images become right after at least one of its ways, and how many were tried.
    as_sure : int
        How many of these become right with a score at least as high as the highest one of the picture.
    taken, others : int
        How many images of other classes are taken for the picture's class with such a score, and how many were tried.
    of_its_class : OfItsClass
        The misclassified images that are of the picture's class.
    taken_often : float
        The share of the images of other classes that is taken for the picture's class, with any score; the mean share
        if there are several ways.
    unlike : str
        How the picture looks with the mix-up undone, if it is unusual only then: "as a negative, it is brighter than
        all 901 images of the run"; "" otherwise.
    """

    mix_up: MixUp
    right: int
    images: int
    as_sure: int
    taken: int
    others: int
    of_its_class: OfItsClass = OfItsClass()
    taken_often: float = 0.0
    unlike: str = ""

    @property
    def rarely_right(self) -> bool:
        """Whether misclassified images in which nothing is mixed up rarely get such a score, in its class too."""
        own = self.of_its_class
        return self.images >= LEAST and rare(self.as_sure, self.images) and rare(own.as_sure, own.images)

    @property
    def rarely_taken(self) -> bool:
        """Whether an image of another class would rarely get such a score for the picture's class."""
        return stands_out(self.others - self.taken, self.others)

    @property
    def says_little(self) -> str:
        """Why being right then says little about the picture, in a sentence; "" if it may be a sign of the mix-up."""
        if self.unlike:
            return f"This says little: the picture's brightness is usual, but {self.unlike}"
        if self.of_its_class.usual:
            return f"This says little: {self.habit}"
        if self.as_sure >= OFTEN * max(self.images, LEAST):
            how = f"{out_of(self.as_sure, self.images)} misclassified images of the run are"
            return f"This says little: {self.mix_up.after}, {how} right with a score as high, too"
        if self.taken_often < HALF:
            return ""
        after = "on average over the three turns" if len(self.mix_up.ways) > 1 else self.mix_up.after
        share = f"{percent(self.taken_often)} of {self.others} images of other classes"
        return f"This says little: {after}, {share} are taken for the picture's class, too"

    @property
    def only_habit(self) -> bool:
        """Whether most images that are misclassified like the picture become right, but few with such a score.

        Then this is no sign of the mix-up, but the picture may have it nevertheless.
        """
        if self.unlike or not self.of_its_class.usual or self.taken_often >= HALF:
            return False
        return not self._often_as_sure and self.taken < CHANCE * self.others

    @property
    def likely_chance(self) -> bool:
        """Whether so many images get such a score that the answer does not mention it."""
        return not self.only_habit and (bool(self.says_little) or self._often_as_sure)

    @property
    def _often_as_sure(self) -> bool:
        """Whether at least a tenth of the misclassified images become right with a score as high."""
        return self.as_sure >= CHANCE * max(self.images, LEAST)

    @property
    def habit(self) -> str:
        """How many images that are misclassified like the picture are right then, too."""
        how_many = out_of(self.of_its_class.alike_right, self.of_its_class.alike)
        of = "other images of its class that are taken for the same wrong class"
        return f"{self.mix_up.after}, {how_many} {of} are right, too"

    def to_json(self) -> dict[str, Any]:
        """Return the counts."""
        names = ("right", "images", "as_sure", "taken", "others", "taken_often", "unlike")
        return {name: getattr(self, name) for name in names} | {"of_its_class": asdict(self.of_its_class)}


def rare(number: int, images: int) -> bool:
    """Return whether a number of images is zero, or so small that it is rare."""
    return not number or stands_out(images - number, images)


def rate_of(
    classifier: "Classifier",
    clean: "CleanImages",
    order: NDArray[np.int64],
    undone: Suitable,
    found: "PictureFindings",
) -> Generator[None, None, Rate | None]:
    """Return what undoing a mix-up does to images of a run in which nothing is mixed up.

    None if too few are of other classes, or if they are of another shape than it takes. It yields after each way.

    Parameters
    ----------
    classifier : Classifier
        The model.
    clean : CleanImages
        The images. If the picture is among them, it is left out.
    order : ndarray of int64
        Rows, in the order in which they are taken: first the misclassified images of the picture's class (of these,
        first the ones that are taken for the same wrong class as the picture), then all others.
    undone : Suitable
        The mix-up, and what it makes of the picture.
    found : PictureFindings
        The picture.
    """
    k, mix_up = int(found.true_class or 0), undone.mix_up
    wrong, others = order[~clean.correct[order]], order[clean.class_index[order] != k]
    wrong = wrong[np.argsort(-_likeness(wrong, clean, found), kind="stable")]
    wrong, others = wrong[: TRIED + 1], others[: TRIED + 1]  # one may be the picture
    rows = np.unique(np.concatenate([wrong, others]))
    wrong, others = (_without(found.image, some, clean)[:TRIED] for some in (wrong, others))
    height, width = clean.images.shape[1:3]
    if len(others) < LEAST or (mix_up.square and height != width):
        return None
    kept, key = kept_of(classifier, clean), (mix_up.name, k, rows.tobytes())
    if key not in kept:
        wanted = np.stack([clean.class_index[rows], np.full(len(rows), k)])
        best, often = np.zeros(wanted.shape), np.zeros(len(rows))
        for changed in mix_up.undo(clean.images[rows]):
            scores = classifier.scores(changed)
            score = scores[np.arange(len(rows)), wanted]
            best = np.maximum(best, np.where(scores.argmax(axis=1) == wanted, score, 0))
            often += (scores.argmax(axis=1) == k) / len(mix_up.ways)
            yield
        kept[key] = best, often
    (best, often), at = kept[key], np.searchsorted(rows, others)
    of_wrong, of_others = best[0, np.searchsorted(rows, wrong)], best[1, at]
    right, as_sure = of_wrong > 0, of_wrong >= undone.best
    likeness = _likeness(wrong, clean, found)
    own, alike = likeness > 0, likeness > 1
    of_its_class = OfItsClass(*(int(at.sum()) for at in (own, own & as_sure, alike, alike & right)))
    taken = int((of_others >= undone.best).sum())
    taken_often, unlike = float(often[at].mean()), _unlike(found.image, clean, undone)
    counts = int(right.sum()), len(wrong), int(as_sure.sum()), taken, len(others)
    return Rate(mix_up, *counts, of_its_class, taken_often, unlike)


def _unlike(picture: NDArray[np.uint8], clean: "CleanImages", undone: Suitable) -> str:
    """Return how a picture looks with a mix-up undone, as `Rate.unlike` says."""
    measure = undone.mix_up.explains
    if measure is None or unusual_in(stands(picture, clean), measure):
        return ""
    after = unusual_in(stands(undone.mix_up.undo(picture[None])[0][0], clean), measure)
    return "" if after is None else f"{undone.ways}, it {after.words}"


def _likeness(rows: NDArray[np.int64], clean: "CleanImages", found: "PictureFindings") -> NDArray[np.int64]:
    """Return 1 for images of the picture's class, 2 if they are also taken for the same class, and 0 for others."""
    own = clean.class_index[rows] == found.true_class
    return np.where(own, 1 + (clean.predicted[rows] == found.predicted), 0)


def _without(picture: NDArray[np.uint8], rows: NDArray[np.int64], clean: "CleanImages") -> NDArray[np.int64]:
    """Return these rows without those whose clean image equals the picture."""
    return np.array([row for row in rows if not np.array_equal(clean.images[row], picture)], np.int64)
