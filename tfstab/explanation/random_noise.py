"""Does random noise do to a clean image what its degradation does? Measured in random directions, and in words.

White noise in `TRIES` random directions is added to the clean image: first as strong (L2) as the image's own noise or
change, then stronger, until clearly more than half of the tries change the prediction. Somewhere between two of the
strengths tried, it is exactly half. These two are the interval that is reported: at the lower one clearly fewer than
half of the tries change the prediction, at the upper one clearly more. *Clearly* means that the 95 % interval of the
share does not contain a half.

As everywhere, the strength of noise is its L2 after clipping to grey levels 0..255.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.degraded_image import BATCH, TYPICAL, DegradedImage
from tfstab.explanation.noise_of_length import directions, noisy
from tfstab.metrics import wilson_interval
from tfstab.names import quoted

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.runs import CleanImages

TRIES = 64  # random directions at each strength
HALF = 0.5  # of the tries
STRENGTHS = (1, 2, 4, 8, 16)  # tried first, in units of the L2 of the image's own noise
RANGE = 64  # grey levels: stronger noise, a quarter of their range, is left out
STEPS = 6  # more strengths that are tried between two of these
FINE = 1.06  # until they are this close
SPECIAL = 4  # random noise must be so many times as strong: the noise lies in a direction that is hard to find
NEARLY_ALL = 0.9  # of the other images: noise that changes so many of them says nothing about this one
BRIGHTER = 10  # grey levels on average: such a shift of the brightness alone may change the prediction


@dataclass(frozen=True)
class RandomNoise:
    """What random noise makes of a clean image that is classified correctly.

    Attributes
    ----------
    strengths : tuple of float
        The strengths (L2) that were tried, in units of the image's own noise, in increasing order; () without noise.
    changed : tuple of int
        In how many of the `TRIES` directions noise of each strength changes the prediction.
    same : int
        In how many directions noise as strong as the image's own leads to the class of the degraded image.
    mostly : str
        The wrong class to which it leads most often; "" if it never changes the prediction.
    most : int
        In how many directions it leads there.
    others : tuple of int and int
        How many other images it changes as well, and of how many; (0, 0) if this was not measured. Counted are images
        that are right when clean and not of the class of the degraded image.
    shift : float
        By how many grey levels noise as strong as the image's own makes the image brighter on average (darker if
        negative); 0 if this was not measured. On a black background, clipping leaves only what is brighter.
    taken : tuple of int and int
        How many images of other classes are taken for the image's own class under noise of the first strength of
        `needed`, and of how many; (0, 0) if this was not measured.
    own : str
        Name of the image's own class; "" if `taken` was not measured.

    Examples
    --------
    >>> from tfstab.explanation.random_noise import RandomNoise
    >>> found = RandomNoise((1, 2, 2.1, 2.3, 4), (0, 12, 30, 50, 64))
    >>> found.needed, found.special
    ((2, 2.3), False)
    >>> found.sentence("noise", "dog")
    'Random noise must be 2 to 2.3 times as strong (L2) as this noise to change the prediction in half of the tries.'
    """

    strengths: tuple[float, ...] = ()
    changed: tuple[int, ...] = ()
    same: int = 0
    mostly: str = ""
    most: int = 0
    others: tuple[int, int] = (0, 0)
    shift: float = 0.0
    taken: tuple[int, int] = (0, 0)
    own: str = ""

    @property
    def needed(self) -> tuple[float, float]:
        """The strengths between which half of the tries change the prediction.

        Up to the first, clearly fewer do: 0 if this does not even hold for noise as strong as the image's own. At the
        second, clearly more do: infinite if this holds at no strength that was tried.
        """
        sides = [_side(count) for count in self.changed]
        fewer = next((k for k, side in enumerate(sides) if side >= 0), len(sides))
        more = next((strength for strength, side in zip(self.strengths, sides, strict=True) if side > 0), math.inf)
        return self.strengths[fewer - 1] if fewer else 0.0, more

    @property
    def special(self) -> bool:
        """Whether random noise must clearly be much stronger than the image's own, and none as strong is enough.

        The prediction of an image near a boundary may change under weak noise, too; then the direction is not special.
        Nor is it known to be if the network takes most noisy images for the class of this one.
        """
        return self.needed[0] >= SPECIAL and not self.changed[0] and not self.attracts

    @property
    def attracts(self) -> bool:
        """Whether clearly more than half of the images of other classes are taken for the image's class under noise."""
        taken, images = self.taken
        return images > 0 and wilson_interval(taken, images)[0] > HALF

    @property
    def enough(self) -> bool:
        """Whether noise as strong as the image's own changes the prediction in clearly more than half of the tries."""
        return bool(self.changed) and _side(self.changed[0]) > 0

    @property
    def does_the_same(self) -> bool:
        """Whether clearly more than half of these tries lead to the class of the degraded image."""
        return _side(self.same) > 0

    @property
    def shifts(self) -> bool:
        """Whether such noise makes the image so much brighter or darker that this may be the reason."""
        return abs(self.shift) >= BRIGHTER

    @property
    def strength_is_enough(self) -> bool:
        """Whether such noise does the same as the image's own, and that is due to nothing but its strength."""
        return self.does_the_same and not self.changes_all and not self.shifts

    @property
    def changes_all(self) -> bool:
        """Whether noise as strong as the image's own changes nearly every image."""
        changed, images = self.others
        return images > 0 and changed >= NEARLY_ALL * images

    def sentence(self, change: str, predicted: str) -> str:
        """Return what was found in words; "" without noise.

        change: what the image's own noise is called. predicted: the class that the degraded image is taken for.
        """
        if not self.changed:
            return ""
        equal = "Random noise of the same strength (L2)"
        return self._equal(equal, predicted) if self.enough else f"{self._stays(equal, change)}{self._attraction()}"

    def _attraction(self) -> str:
        """Return that being right under noise says little if most noisy images get the same answer; else ""."""
        if not self.attracts:
            return ""
        taken, images = self.taken
        return (
            f" This says little, because under noise as strong, {taken} of {images} images of other classes are taken "
            f"for {quoted(self.own)}, too."
        )

    def _stays(self, equal: str, change: str) -> str:
        """Return the sentence for noise that is not strong enough. equal: the noise. change: as of `sentence`."""
        low, high = self.needed
        if low == 0 or len(self.strengths) == 1:
            return f"{equal} changes the prediction in {self.changed[0]} of {TRIES} tries."
        already = ""
        if self.changed[0]:
            tries = f"{self.changed[0]} of {TRIES} tries"
            already = f" Random noise only as strong as this {change} already changes it in {tries}."
        if high < math.inf:
            return (
                f"Random noise must be {_written(low, math.floor)} to {_written(high, math.ceil)} times as strong (L2) "
                f"as this {change} to change the prediction in half of the tries.{already}"
            )
        last = f"{self.strengths[-1]:g} times as strong (L2) as this {change}"
        if low == self.strengths[-1]:
            said = f"Random noise changes the prediction in fewer than half of the tries, even if it is {last}."
            return f"{said}{already}"
        return f"Random noise up to {last} changes the prediction in at most {max(self.changed)} of {TRIES} tries."

    def _equal(self, equal: str, predicted: str) -> str:
        """Return the sentence for noise that is strong enough: whether it does the same, and how many others."""
        if not self.does_the_same:
            said = f"{equal} changes the prediction, too, in {self.changed[0]} of {TRIES} tries, but to class"
            if self.mostly == predicted:
                return f"{said} {quoted(predicted)} in only {self.same} of them."
            same = f"in {self.same}" if self.same else "in none"
            return f"{said} {quoted(self.mostly)} in {self.most} of them, and to class {quoted(predicted)} {same}."
        text = f"{equal} leads to {quoted(predicted)}, too, in {self.same} of {TRIES} tries."
        if self.shifts:
            text += (
                f" It also makes the image {'brighter' if self.shift > 0 else 'darker'}, by {abs(self.shift):.0f} grey "
                "levels on average, because grey levels beyond 0 and 255 are cut off. So this may be due to the "
                "brightness, and not to the strength alone."
            )
        changed, images = self.others
        if not images:
            return text
        nothing = ", so this says nothing about this image in particular" if self.changes_all else ""
        return f"{text} It changes the prediction of {changed} of {images} other images{nothing}."


def random_noise(
    classifier: "Classifier", pair: DegradedImage, names: Sequence[str], clean: Callable[[], "CleanImages"]
) -> RandomNoise:
    """Find out how strong random noise must be to change the prediction of the clean image of a pair.

    The noise is white, and as strong after clipping to grey levels 0..255 as its L2 says.

    Parameters
    ----------
    classifier : Classifier
        The network.
    pair : DegradedImage
        The image.
    names : sequence of str
        The names of the classes.
    clean : callable
        Returns images to compare with. It is only called if random noise clearly does the same as the image's own, or
        clearly does not change the prediction.
    """
    size = float(np.linalg.norm(pair.noise.astype(np.float64)))
    if size == 0:
        return RandomNoise()
    small = classifier.with_batch_size(BATCH)
    at_first = _predicted(small, pair, size)
    classes = np.bincount(at_first, minlength=classifier.num_classes)
    classes[pair.class_index] = 0
    tried = {1.0: int(classes.sum())}

    def at(strength: float) -> int:
        """Return in how many directions noise of a strength changes the prediction, and remember it."""
        tried[strength] = int((_predicted(small, pair, strength * size) != pair.class_index).sum())
        return tried[strength]

    for strength in STRENGTHS[1:]:
        if _side(tried[max(tried)]) > 0 or strength * size > RANGE * math.sqrt(pair.clean.size):
            break
        at(strength)
    for _ in range(STEPS):
        if (between := _next(_found(tried))) is None:
            break
        at(between)
    same, mostly = int(classes[pair.rival]), int(classes.argmax())
    alike = _side(same) > 0  # only then, what else it does is of interest
    others, shift = (_others(small, pair, size, clean()), _shift(pair, size)) if alike else ((0, 0), 0.0)
    found, most = _found(tried), int(classes[mostly])
    known = RandomNoise(found.strengths, found.changed, same, names[mostly] if most else "", most, others, shift)
    if (stays := found.needed[0]) == 0:
        return known
    return replace(known, taken=_taken(small, pair, stays * size, clean()), own=names[pair.class_index])


def _found(tried: dict[float, int]) -> RandomNoise:
    """Return what was found at the strengths that were tried."""
    strengths = tuple(sorted(tried))
    return RandomNoise(strengths, tuple(tried[one] for one in strengths))


def _next(found: RandomNoise) -> float | None:
    """Return the next strength to try: in the middle of the widest gap of the interval; None if it is narrow enough."""
    low, high = found.needed
    if low == 0 or high == math.inf:
        return None
    inside = [one for one in found.strengths if low <= one <= high]
    ratio, start = max((after / before, before) for before, after in itertools.pairwise(inside))
    return start * math.sqrt(ratio) if ratio > FINE else None


def _predicted(classifier: "Classifier", pair: DegradedImage, length: float) -> NDArray[np.int64]:
    """Return the classes (TRIES,) predicted under noise of an L2, in the same directions for every L2."""
    fields = (directions(pair.image, pair.clean.shape, BATCH, start) for start in range(0, TRIES, BATCH))
    tried = (noisy(pair.clean, some, length) for some in fields)
    return np.concatenate([classifier.log_scores(images).argmax(axis=1) for images in tried])


def _shift(pair: DegradedImage, length: float) -> float:
    """Return by how many grey levels noise of an L2 makes the image brighter on average, over one batch of tries."""
    return float((noisy(pair.clean, directions(pair.image, pair.clean.shape, BATCH), length) - pair.clean).mean())


def _others(classifier: "Classifier", pair: DegradedImage, length: float, clean: "CleanImages") -> tuple[int, int]:
    """Return how many other images random noise of this L2 changes, and of how many."""
    counted = clean.correct & (clean.class_index != pair.rival) & (clean.indices != pair.image)
    labels, predicted = _noisy_others(classifier, length, clean, counted)
    return int((predicted != labels).sum()), len(labels)


def _taken(classifier: "Classifier", pair: DegradedImage, length: float, clean: "CleanImages") -> tuple[int, int]:
    """Return how many images of other classes random noise of this L2 takes to a pair's class, and of how many."""
    labels, predicted = _noisy_others(classifier, length, clean, clean.class_index != pair.class_index)
    return int((predicted == pair.class_index).sum()), len(labels)


def _noisy_others(
    classifier: "Classifier", length: float, clean: "CleanImages", counted: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the classes of some of the images that count, and the classes predicted under random noise of an L2."""
    order = np.arange(len(counted)) if clean.order is None else clean.order  # data may be sorted by class, this is not
    rows, predicted = order[counted[order]][:TYPICAL], [np.empty(0, np.int64)]
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        images = np.asarray(clean.images[part], np.float32)
        fields = np.concatenate([directions(index, images.shape[1:], 1) for index in clean.indices[part].tolist()])
        predicted.append(classifier.log_scores(noisy(images, fields, length)).argmax(axis=1))
    return clean.class_index[rows], np.concatenate(predicted)


def _side(count: int) -> int:
    """Return 1 if the count is clearly more than half of the tries, -1 if it is clearly fewer, and 0 otherwise."""
    low, high = wilson_interval(count, TRIES)
    return 1 if low > HALF else -1 if high < HALF else 0


def _written(strength: float, rounded: Callable[[float], int]) -> str:
    """Return a strength in two digits, rounded up or down."""
    scale = 10 if strength < 10 else 1
    return f"{rounded(round(strength * scale, 6)) / scale:g}"
