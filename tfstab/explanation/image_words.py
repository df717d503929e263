"""What is known of one degraded image, in words: a few words of cause, and the sentences that it rests on.

The figures are those of `tfstab.explanation.degraded_image`. They may come one after the other; a figure that is not
known yet is not mentioned. Works without TensorFlow.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation import fourier
from tfstab.explanation.amplified import Amplified
from tfstab.explanation.highest_scores import scores_when_wrong
from tfstab.explanation.random_noise import RandomNoise
from tfstab.explanation.shortfall import HIDDEN, SHORT, Place, culprit, relative_margin, where_lost
from tfstab.explanation.tried import Tried, right_again
from tfstab.explanation.weak_class import WeakClass
from tfstab.names import quoted
from tfstab.wording import capital, percent, rounded_to, scored

if TYPE_CHECKING:
    from tfstab.explanation.lost_class import LostClass
    from tfstab.explanation.shared_mistake import SharedMistake

HALF = 0.5  # in units of the Nyquist frequency
LIKE_WHITE = 0.05  # noise whose share of high frequencies is this close to that of white noise is like it
NEARLY_ALL = 0.97  # of the noise; what the search for minimum noise leaves over is less
NOISE = "Noise"  # the heading of a difference that is noise, such as that of Gaussian noise and of a search
OF_CLASS = (
    "Most images of the same class are misclassified at this severity, so this strong reaction may be due to the class "
    "rather than to this image, and is not named as a cause."
)
ONLY_CLASSES = "This model does not return scores that vary smoothly, so margins, layers and pixels cannot be examined."


@dataclass(frozen=True)
class ImageFindings:
    """What is known of one degraded image.

    Attributes
    ----------
    actual, predicted : str
        Names of the true class, and of the one that the degraded image is taken for.
    clean_prediction : str
        Name of the class that the clean image is taken for.
    clean_score : float
        The score of that class.
    next_class : str
        Name of the class with the next highest score of the clean image; "" if not known.
    next_score : float
        The score of that class.
    actual_index, actual_score : int and float
        Index of the true class, and its score of the clean image.
    margins : sequence of float
        Logit margins from the clean to the degraded image, in equal steps; () if not known.
    random : RandomNoise, optional
        What random noise makes of the clean image.
    places : list of Place, optional
        What each place of the network does to its margin; [] if that could not be measured.
    unseen : str, optional
        Why that could not be measured, if it is known, as `where_unknown` returns it.
    gains : dict of str to float
        By hidden layer, in their order, how many times as far its noise moves what the layer returns as random noise of
        the same L2 does.
    others : sequence of sequences of float, or None
        The same for images that stay right under the degradation; None for minimum noise.
    spectrum : Spectrum, optional
        The frequencies of its minimum noise; None for a degradation.
    change : str
        What the difference to the clean image is called: "noise", or "change" for blur or fog.
    weak_class : WeakClass, optional
        The class of an image that is wrong when clean, if it is a weak one, as `weak_class_of` returns it.
    shared : SharedMistake, optional
        How many images of other classes are taken for `predicted` at the same severity, if they are many, as
        `shared_mistake` returns it.
    lost : LostClass, optional
        The class of the image, if most of its images are misclassified at the same severity, as `lost_class` returns
        it.
    tried : sequence of Tried
        What is predicted of an image that is wrong when clean under the degradations that were tried; () if not known.
    """

    actual: str
    predicted: str
    clean_prediction: str
    clean_score: float
    next_class: str = ""
    next_score: float = 0.0
    actual_index: int = 0
    actual_score: float = 0.0
    margins: tuple[float, ...] = ()
    random: RandomNoise | None = None
    places: list[Place] | None = None
    unseen: str = ""
    gains: dict[str, float] = field(default_factory=dict)
    others: Sequence[Sequence[float]] | None = None
    spectrum: "Spectrum | None" = None
    change: str = "noise"
    weak_class: "WeakClass | None" = None
    shared: "SharedMistake | None" = None
    lost: "LostClass | None" = None
    tried: tuple[Tried, ...] = ()

    @property
    def title(self) -> str:
        """The cause in a sentence, or what is known instead."""
        if self.clean_prediction != self.actual:
            return "Wrong already when clean"
        if self.predicted == self.actual:
            means_little = self.shared is not None and self.shared.means_little
            others = ", as are most images of other classes at this severity" if means_little else ""
            return f"Not lost: still {quoted(self.actual)}{others}"
        if self.shared and self.shared.nearly_all:
            return f"At this severity, nearly all images are taken for {quoted(self.predicted)}"
        if self.lost and self.lost.nearly_all:
            return self.lost.title(self.actual)
        if self.random is None or self.places is None:
            return f"Lost: taken for {quoted(self.predicted)}"
        return capital(", and ".join(self._causes(self.random, self.places))) or self._without_cause()

    def _causes(self, random: RandomNoise, places: list[Place]) -> list[str]:
        """Return what stands out: in the clean image, and in its change."""
        place = None if self._leads_elsewhere else culprit(places)
        amplified, this = self.amplified, "the" if self.others is None else "this"
        reacts = f"layer {amplified.layer} reacts more strongly to {this} {self.change}"
        reacts += f" than to {amplified.more_than(self.change)}"
        parts = []
        if place is not None and place.name == HIDDEN:
            parts.append("the clean image has a slim margin")
        elif place is not None:
            parts.append(f"layer {place.name} amplifies small changes of this image more than those of a typical one")
        if random.special:
            to = f"; {reacts}" if self._of_layer else ""
            what = "pattern of the noise" if self.change == "noise" else "kind of change"
            parts.append(f"the {what} matters, not only its strength{to}")
        elif random.strength_is_enough:
            parts.append(f"the strength of the {self.change} alone is enough")
        elif self._of_layer and not random.enough:  # what random noise does as well is not due to the layers
            parts.append(reacts)
        return parts

    def _without_cause(self) -> str:
        """Return the title if no cause is found: a loss that many images share, or that no cause stands out."""
        if self.lost:
            return self.lost.title(self.actual)
        if self.shared and self.shared.most:
            return f"At this severity, most images of other classes are taken for {quoted(self.predicted)}, too"
        return "No single cause stands out"

    @property
    def sentences(self) -> list[str]:
        """The findings, one after the other; those that are not known yet are missing."""
        wrong = self.clean_prediction != self.actual
        return [
            *self._clean(),
            *self._lost(),
            *self._shared(),
            *self._margin(),
            *self._direction(),
            *([] if wrong else self._where()),
            *self._frequency(),
        ]

    @property
    def amplified(self) -> Amplified:
        """How far its noise moves the last hidden layer, compared with random noise and images that stay right."""
        return Amplified.of(self.gains, self.others)

    @property
    def _of_layer(self) -> bool:
        """Whether a layer's reaction may be called a cause; if most of a class is lost, it may be due to the class."""
        return self.amplified.explains and not self.lost

    @property
    def _leads_elsewhere(self) -> bool:
        """Whether a degradation leads to another class than the one to which the clean image's margin was measured."""
        return self.others is not None and self.next_class not in ("", self.predicted)

    def _clean(self) -> list[str]:
        """Return the highest scores of the clean image; if it is wrong, also what makes it right, and a weak class."""
        if self.clean_prediction != self.actual:
            ranked = [(self.clean_prediction, self.clean_score), (self.next_class, self.next_score)]
            return [
                scores_when_wrong(ranked, self.actual, self.actual_score),
                *right_again(self.tried, self.actual_index),
                *([self.weak_class.sentence] if self.weak_class else []),
            ]
        if not self.next_class:
            return []
        score, following = map(scored, (self.clean_score, self.next_score))
        next_class = quoted(self.next_class)
        return [f"When clean, it is right with a score of {score}; the next class, {next_class}, has {following}."]

    def _lost(self) -> list[str]:
        """Return a sentence if most images of its class are lost at this severity; else []."""
        if not self.lost or not self.clean_prediction == self.actual != self.predicted:
            return []
        follows = self.shared is not None and self.shared.nearly_all  # from the sentence on all images
        return [] if follows else [self.lost.sentence(self.actual)]

    def _shared(self) -> list[str]:
        """Return a sentence if many images of other classes get the same answer at this severity; else []."""
        if not self.shared or self.clean_prediction != self.actual:
            return []
        if self.predicted != self.actual:
            return [self.shared.sentence(self.predicted)]
        return [self.shared.of_right(self.actual)] if self.shared.means_little else []

    def _margin(self) -> list[str]:
        """Return how far from the clean to the degraded image the prediction changes."""
        if not self.margins or self.clean_prediction != self.actual:
            return []
        if self.predicted == self.actual:
            before, after = self.margins[0], self.margins[-1]
            return [f"Its margin over the next class is {rounded_to(after)}; when clean, it is {rounded_to(before)}."]
        share = crossing(self.margins)
        if share is None:
            return []
        return [self._enough(share)]

    def _enough(self, share: float) -> str:
        """Return that this share of the difference to the clean image changes the prediction."""
        enough = percent(math.ceil(100 * share - 1e-6) / 100)  # rounded up, as less may not be enough
        if self.change == "noise":
            if share > NEARLY_ALL:
                return "All of the noise is needed to change the prediction."
            return f"About {enough} of the noise is enough to change the prediction."
        # Half of a shift or of a blur is no blend with the clean image, so a share of "the change" would mislead.
        if share > NEARLY_ALL:
            return "Blended with a little of the clean image, it is right again."
        again = any(margin > 0 for margin in self.margins[math.ceil(share * (len(self.margins) - 1)) :])
        but = ", though right again at some larger shares" if again else ""
        return f"Blended with the clean image, it is wrong once about {enough} of the blend is the degraded image{but}."

    def _direction(self) -> list[str]:
        """Return what random noise of the same strength, or stronger, does."""
        if self.random is None or self.clean_prediction != self.actual:
            return []
        said = self.random.sentence(self.change, self.predicted)
        return [said] if said else []

    def _where(self) -> list[str]:
        """Return what the layers do to its margin and to its noise."""
        if self.predicted == self.actual:
            return []
        found = [] if self.places is None else [self._where_lost(self.places)]
        found += filter(None, [self.amplified.sentence(self.change)])
        return [*found, OF_CLASS] if self.lost and self.amplified.explains else found

    def _where_lost(self, places: list[Place]) -> str:
        """Return where in the network it is lost, or why this is not known."""
        if self.unseen and not places:
            return self.unseen
        if not (self._leads_elsewhere and relative_margin(places) < SHORT):
            return where_lost(places)
        return (
            f"{where_lost(places)} But this margin is the one over {quoted(self.next_class)}, and the degraded image "
            f"is taken for {quoted(self.predicted)}. So the small margin is not named as the cause."
        )

    def _frequency(self) -> list[str]:
        """Return the frequencies of its minimum noise, unless they are those of white noise.

        The frequencies of a degradation explain nothing about one image. Blur and fog always differ from white noise.
        Gaussian noise is white: where it seems not to be, clipping is the cause, for example on a black background.
        """
        if self.spectrum is None or not abs(self.spectrum.high - self.spectrum.white_high) > LIKE_WHITE:
            return []
        pace = "slowly" if self.spectrum.high < self.spectrum.white_high else "quickly"
        return [
            f"The noise varies more {pace} from pixel to pixel than white noise does: "
            f"{percent(self.spectrum.high)} of its energy is above half of the highest frequency "
            f"(white noise: {percent(self.spectrum.white_high)})."
        ]


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The frequencies of noise.

    Attributes
    ----------
    noise, image, white : ndarray of float64 (R,)
        Share of the energy of the noise, of the clean image without its mean, and of white noise in each ring of
        `tfstab.explanation.fourier`; NaN for noise that is zero and an image of one grey level.
    high, white_high : float
        Share of the noise's and of white noise's energy above half of the Nyquist frequency.
    """

    noise: NDArray[np.float64]
    image: NDArray[np.float64]
    white: NDArray[np.float64]
    high: float
    white_high: float


def spectrum_of(clean: np.ndarray, noise: np.ndarray) -> Spectrum:
    """Return the spectrum of the noise (H, W, C) of a clean image (H, W, C)."""
    image = np.asarray(clean, np.float64)
    image = image - image.mean(axis=(0, 1))
    energy = fourier.energy(np.stack([np.asarray(noise, np.float64), image]))
    energy[1, 0, 0] = 0  # of the mean that was taken off, rounding is left
    parts, high = fourier.shares(energy), fourier.radii(*image.shape[:2]) > HALF
    rings = fourier.by_ring(parts)
    return Spectrum(
        rings[0], rings[1], fourier.white(*image.shape[:2]), float(parts[0][high].sum()), float(high.mean())
    )


def clean_scores(names: Sequence[str], scores: np.ndarray, label: int) -> dict[str, Any]:
    """Return the fields of `ImageFindings` on the scores (K,) of a clean image. label: its true class."""
    first, following = np.argsort(-scores, kind="stable")[:2].tolist()
    return {
        "clean_prediction": names[first],
        "clean_score": float(scores[first]),
        "next_class": names[following],
        "next_score": float(scores[following]),
        "actual_index": label,
        "actual_score": float(scores[label]),
    }


def called(heading: str) -> str:
    """Return what a difference to the clean image is called in a sentence, given its heading: "noise" or "change"."""
    return "noise" if heading == NOISE else "change"


def gain_ratios(names: list[str], gain: list[float], random_gain: list[float]) -> dict[str, float]:
    """Return how many times as far the noise moves each hidden layer as random noise does; NaN without noise.

    names, gain, random_gain: as of `tfstab.explanation.degraded_image.LayersOfImage`, whose last layer is the logits.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.asarray(gain, float) / np.asarray(random_gain, float)
    return dict(zip(names[:-1], ratios[:-1].tolist(), strict=True))


def crossing(margins: "tuple[float, ...]") -> float | None:
    """Return at which share of the way margins, in equal steps, first fall below 0; None if they do not."""
    below = next((k for k, margin in enumerate(margins) if margin < 0), None)
    if below is None or below == 0:
        return None if below is None else 0.0
    before, after = margins[below - 1], margins[below]
    return float((below - 1 + before / (before - after)) / (len(margins) - 1))
