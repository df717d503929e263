"""Give right images of a run a fault of a picture: darken or blur them as much, add noise, or remove their colours.

If this makes many of them wrong, the fault is probably why the picture is misclassified, too.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.traits import LUMA, Trait, Values, brightness, colours, contrast, grey_levels, noise, sharpness
from tfstab.wording import out_of

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.runs import CleanImages

TRIED = 48  # images that are made like the picture
FEWEST = 20  # of fewer right images of its class, those of all classes are taken; of fewer in all, none
LEAST_LOST = 3  # of the images tried: fewer prove nothing, even if hardly any image is wrong anyway
LEAST_SIGMA = 0.25  # pixels; doubled until an image is blurred enough
LEAST_NOISE = 2.0  # grey levels; doubled until an image is grainy enough
MOST_NOISE = 512.0  # grey levels; values are clipped to 0..255, so a higher sigma hardly changes an image further
HALVINGS = 6  # of the interval between the last two sigmas
PASSES = 8  # corrections, at most, of how much light an image gets: what becomes too bright is clipped
NEARLY = 0.1  # grey levels: an image that differs by less is as bright as the picture


@dataclass(frozen=True)
class Lost:
    """How many right images are misclassified when they are made like a picture.

    Attributes
    ----------
    how : str
        How they are made like it: "when blurred as much".
    wrong, images : int
        How many are misclassified then, and of how many.
    clean_wrong, clean_images : int
        How many images of the run are misclassified as they are, and of how many.
    of_class : bool
        Whether all these are images of the picture's class; else of all classes.
    """

    how: str
    wrong: int
    images: int
    clean_wrong: int
    clean_images: int
    of_class: bool

    def explains(self, right_when_undone: float = 1.0) -> bool:
        """Return whether looking like this makes more images wrong than are wrong for other reasons.

        right_when_undone: as in `share`.
        """
        because, anyway = self._wrong(right_when_undone)
        return self.wrong >= LEAST_LOST and because > anyway

    def share(self, right_when_undone: float = 1.0) -> float:
        """Return the share of the misclassified images looking like this that would be right if they did not.

        right_when_undone: share of the images that are misclassified anyway which become right when these looks are
        undone. Only these are counted, if the picture is right then, too.
        """
        because, anyway = self._wrong(right_when_undone)
        return because / (because + anyway) if because else 0.0

    def _wrong(self, right_when_undone: float) -> tuple[float, float]:
        """Return the share of all images that is wrong because of these looks, and that wrong for other reasons."""
        anyway = self.clean_wrong / self.clean_images
        return self.wrong / self.images * (1 - anyway), anyway * right_when_undone

    @property
    def anyway(self) -> str:
        """How many are misclassified as they are, as a part of a sentence."""
        number = f"{self.clean_wrong:,}" if self.clean_wrong else "none"
        return f"{number} of all {self.clean_images:,} {'are' if self.clean_wrong > 1 else 'is'} wrong anyway"

    @property
    def alike(self) -> str:
        """How many are misclassified when made like the picture, as a part of a sentence."""
        right = f"right images of {'its class' if self.of_class else 'the run'}"
        if self.images < self.clean_images - self.clean_wrong:
            right += " that were tried"
        if not self.wrong:
            return f"none of {self.images} {right} becomes wrong {self.how}"
        only, become = "only " if self.wrong < LEAST_LOST else "", "becomes" if self.wrong == 1 else "become"
        return f"{only}{out_of(self.wrong, self.images)} {right} {become} wrong {self.how}"


def lost_alike(
    classifier: "Classifier",
    trait: Trait,
    image: NDArray[np.uint8],
    clean: "CleanImages",
    order: NDArray[np.int64],
    k: int,
) -> Lost | None:
    """Return how many right images are misclassified when made like a picture; None if there are too few of them.

    Parameters
    ----------
    classifier : Classifier
        The model.
    trait : Trait
        The trait in which the picture stands out; its measure is a key of `ALIKE`.
    image : ndarray of uint8 (H, W, C)
        The picture.
    clean : CleanImages
        The images of the run.
    order : ndarray of int64
        Their rows, in the order in which the run takes them.
    k : int
        The picture's true class.
    """
    own = clean.class_index[order] == k
    of_class = int((own & clean.correct[order]).sum()) >= FEWEST
    among = order[own] if of_class else order
    right = among[clean.correct[among]][:TRIED]
    if len(right) < FEWEST:
        return None
    made_like = ALIKE[trait.measure]
    made = np.stack([made_like(np.asarray(clean.images[row]), image) for row in right])
    wrong = int((classifier.scores(made).argmax(axis=1) != clean.class_index[right]).sum())
    return Lost(trait.alike, wrong, len(right), int((~clean.correct[among]).sum()), len(among), of_class)


def as_bright(image: NDArray[np.uint8], picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Multiply the grey levels of an image (H, W, C) so that their mean is that of a picture of the same size."""
    wanted, lit, light = brightness(grey_levels(picture[None]))[0], image, 1.0
    for _ in range(PASSES):
        own = brightness(grey_levels(lit[None]))[0]
        if not own or abs(own - wanted) < NEARLY:  # a black image stays black
            break
        light *= wanted / own
        lit = np.rint(light * image.astype(np.float64)).clip(0, 255).astype(np.uint8)
    return lit


def with_contrast(image: NDArray[np.uint8], picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lower the contrast of an image (H, W, C) to that of a picture; one with less is returned unchanged."""
    grey = grey_levels(image[None])
    own, wanted = contrast(grey)[0], contrast(grey_levels(picture[None]))[0]
    if own <= wanted:
        return image
    pale: NDArray[np.uint8] = np.rint(grey.mean() + wanted / own * (image - grey.mean())).clip(0, 255).astype(np.uint8)
    return pale


def as_blurred(image: NDArray[np.uint8], picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Blur an image (H, W, C) until it is no sharper than a picture of the same size.

    This takes the Gaussian blur with the smallest sigma. An image that is no sharper already is returned unchanged.
    """
    grey, wanted = grey_levels(image[None])[0], sharpness(grey_levels(picture[None]))[0]

    def blurred_enough(sigma: float) -> bool:
        return not _sharpness(grey, sigma) > wanted

    if blurred_enough(0):
        return image
    sigma = _smallest(blurred_enough, LEAST_SIGMA, max(grey.shape))
    blurred: NDArray[np.uint8] = np.rint(_blurred(image.astype(np.float32), sigma)).clip(0, 255).astype(np.uint8)
    return blurred


def as_noisy(image: NDArray[np.uint8], picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Add noise to an image (H, W, C) until it is as grainy as a picture of the same size.

    This takes Gaussian noise with the smallest sigma. An image that is as grainy already is returned unchanged.
    """
    wanted = noise(grey_levels(picture[None]))[0]
    added = np.random.default_rng(zlib.crc32(image.tobytes())).standard_normal(image.shape)  # the same in every run

    def noisy(sigma: float) -> NDArray[np.uint8]:
        return np.asarray(np.rint(image + sigma * added).clip(0, 255).astype(np.uint8))

    def grainy_enough(sigma: float) -> bool:
        return not noise(grey_levels(noisy(sigma)[None]))[0] < wanted

    return image if grainy_enough(0) else noisy(_smallest(grainy_enough, LEAST_NOISE, MOST_NOISE))


def without_colours(image: NDArray[np.uint8], _picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return an image (H, W, 3) with the same grey level in all channels."""
    grey = np.rint(np.asarray(image, np.float64) @ np.array(LUMA)).astype(np.uint8)
    return np.repeat(grey[..., None], image.shape[-1], axis=-1)


# What makes an image like a picture, by the measure in which the picture stands out; `Trait.alike` says so in words.
ALIKE = {
    brightness: as_bright,
    contrast: with_contrast,
    sharpness: as_blurred,
    noise: as_noisy,
    colours: without_colours,
}


def _smallest(enough: Callable[[float], bool], first: float, most: float) -> float:
    """Return about the smallest sigma that is enough, above 0: `first` is doubled, then the last interval is halved.

    If none up to `most` is enough, the last one tried is returned.
    """
    low, high = 0.0, first
    while not enough(high) and high < most:
        low, high = high, 2 * high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _sharpness(grey: Values, sigma: float) -> float:
    """Return the sharpness of grey levels (H, W) blurred with this sigma; NaN if nothing is left of them."""
    return float(sharpness(_blurred(grey, sigma)[None])[0])


def _blurred(image: NDArray[Any], sigma: float) -> NDArray[Any]:
    """Return an image (H, W) or (H, W, C) blurred by a Gaussian."""
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(image, (sigma, sigma, 0)[: image.ndim], mode="reflect"))
