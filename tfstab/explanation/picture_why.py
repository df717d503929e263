"""How firm the prediction for a picture of the user's own is, compared with the images of a run.

For a picture that is wrong, the question is how firm the wrong prediction is, so its margin is that of the predicted
class. The figures are those of `explain_failure`, without a degraded copy: the margin in each layer, the random noise
that changes the prediction, and the images of the run that look most similar to the network.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.exported import ExportedClassifier
from tfstab.degradations import NoiseStreams
from tfstab.errors import InputError
from tfstab.explanation.degraded_image import BATCH, STEP, TYPICAL, DegradedImage, LayersOfImage, Reference, layers_of
from tfstab.explanation.features import features_of
from tfstab.explanation.image_words import ONLY_CLASSES
from tfstab.explanation.layers import has_layers
from tfstab.explanation.picture_trials import OnProgress, silent
from tfstab.explanation.random_noise import HALF, TRIES
from tfstab.explanation.shortfall import HIDDEN, SHORT, Place, culprit, where_lost
from tfstab.explanation.similar_images import NEAREST, Similar, cosines, similar_words
from tfstab.wording import out_of, rounded_to

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.runs import CleanImages

SIGMAS = (2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)  # grey levels of noise that are tried, the mildest first
STEPS, STEPS_OF_OTHERS = 4, 2  # halvings, on a logarithmic scale, of the range below the first that is enough
RIGHT = 24  # images that are right when clean, compared under random noise
OF_OTHERS = 8  # directions of noise that are tried on each of them
PICTURE, FIRM = "As given, the picture", "its margin is not slim"
MANY, FEW = 0.5, 0.25  # shares of the images compared for which weaker noise is enough
UNCERTAIN = "Probably not firm (no single cause is certain)"
LESS_FIRM, AS_TYPICAL = "Less firm than for a typical image", "About as firm as for a typical image"
FIRMLY = "Firm: its margin is not slim"
EASILY = (
    "Its margin is not slim, but random noise changes the prediction more easily than for most of the images compared"
)
WORST = "against changes in the worst direction"
FIRMER = "firmer against random noise than for most of the images compared"
AS_FIRM = "about as firm against random noise as for a typical image"
BOTH = (
    "These two findings do not contradict each other: a class boundary is nearer than for a typical image, but random "
    "noise crosses it {}. This happens, for example, if only few directions lead to this boundary, or if the network "
    "takes very noisy images for the predicted class anyway."
)
NEARER = {
    FIRMER: f"Less firm {WORST} than for a typical image, but {FIRMER}",
    AS_FIRM: f"Less firm {WORST} than for a typical image, but about as firm against random noise",
}
EASE = {FIRMER: "less easily than for most of the images compared", AS_FIRM: "about as easily as for a typical image"}
BOTH_WRONG = (
    "The class with the second-highest score, {}, is wrong, too, so a slim margin between it and the predicted class "
    "does not mean that the picture is nearly right."
)
NO_LAYERS = "The layers of this model cannot be examined"
OF_KERAS_MODEL = (
    "If the file was made from a Keras model, assess that model and give its assessment instead of this one: it also "
    "shows the margin, the layers and the most similar images."
)
NO_IMAGE = -1  # the index of the picture, which is not among the images of the run


@dataclass(frozen=True)
class PictureWhy:
    """What was found out about the prediction for a picture.

    Attributes
    ----------
    predicted : str
        Name of the predicted class.
    places : list of Place or None
        What each place of the network does to the margin of the predicted class; None if it has no layers to look at.
    sigma : float
        Sigma of the random noise that changes the prediction in half of the tries, in grey levels; infinite if none
        that was tried does.
    sigmas : tuple of float
        The same for images of the run that are right when clean, in increasing order.
    nearest : tuple of Similar
        The images of the run that are most similar in the last hidden layer, by the cosine of their features, the most
        similar first; () if it could not be looked at.
    with_classes : bool
        Whether the classes of the run's images are known; otherwise they are those predicted.
    searched : tuple of int or None
        How many images of the run were compared to find the most similar ones, and how many it has.
    margins : tuple of float
        The margins at the input of the typical images, over their median, in increasing order.
    second : str
        Name of the class with the second-highest score if this and the predicted class are wrong; otherwise "".
    exported : bool
        Whether the model is a TFLite or ONNX file, which may have been made from a Keras model.
    """

    predicted: str
    places: list[Place] | None
    sigma: float
    sigmas: tuple[float, ...]
    nearest: tuple[Similar, ...] = ()
    with_classes: bool = True
    searched: tuple[int, int] | None = None
    margins: tuple[float, ...] = ()
    second: str = ""
    exported: bool = False

    @property
    def cause(self) -> str:
        """How firm the prediction is and, if it is not, mainly why, in a few words."""
        if not self.places:
            return NO_LAYERS
        share, place = self._share, culprit(self.places)
        but = f", but {self._in_noise}" if self._nearer and self._in_noise else ""
        if place is not None:
            why = "a slim margin" if place.name == HIDDEN else f"layer {place.name} steep for this picture"
            return f"Not firm {WORST} ({why}){but}" if but else f"Not firm: {why}"
        if share < SHORT:
            return f"Probably not firm {WORST} (no single cause is certain){but}" if but else UNCERTAIN
        if self._nearer:
            return NEARER.get(self._in_noise, LESS_FIRM)
        if sum(one > self.sigma for one in self.sigmas) > (1 - FEW) * len(self.sigmas):
            return EASILY
        return FIRMLY if round(share, 1) >= 1 else AS_TYPICAL

    @property
    def not_slim(self) -> bool:
        """Whether the margin is known, and not clearly smaller than that of a typical image."""
        return self.cause in (FIRMLY, AS_TYPICAL, EASILY)

    @property
    def _share(self) -> float:
        """The margin at the input over that of a typical image; 1 if it is not known."""
        return math.prod(one.factor for one in self.places or ())

    @property
    def _middle_half(self) -> tuple[float, float] | None:
        """Between which margins the middle half of the typical images is, over their median; None if not known."""
        if not self.margins:
            return None
        low, high = np.quantile(self.margins, (0.25, 0.75)).tolist()
        return low, high

    @property
    def _nearer(self) -> bool:
        """Whether a class boundary is clearly nearer than for a typical image, nearer than for three quarters of them.

        Half of all images are nearer than the median, many of them only slightly.
        """
        middle = self._middle_half
        slightly = round(self._share, 1) >= 1 or middle is None or self._share >= middle[0]
        return self._share < SHORT or not slightly

    @property
    def _weaker(self) -> int:
        """For how many of the images compared weaker noise is enough."""
        return sum(one < self.sigma for one in self.sigmas)

    @property
    def _in_noise(self) -> str:
        """How firm the prediction is against random noise, unless it is less firm than for a typical image."""
        if self._weaker > MANY * len(self.sigmas):
            return FIRMER
        # If no sigma that was tried is enough, no image compared is known to be firmer.
        return AS_FIRM if math.isinf(self.sigma) or self._weaker >= FEW * len(self.sigmas) else ""

    @property
    def sentences(self) -> list[str]:
        """The findings that it rests on."""
        margin = [f"{where_lost(self.places, PICTURE, FIRM)}{self._compared()}"] if self.places else []
        both = [BOTH.format(EASE[self._in_noise])] if self._nearer and self._in_noise else []
        wrong = [BOTH_WRONG.format(self.second)] if self.second and self._nearer else []
        keras = [OF_KERAS_MODEL] if self.exported and not self.places else []
        return [*margin, *wrong, self._noise(), *both, *([self._similar()] if self.nearest else []), *keras]

    def _compared(self) -> str:
        """Return the margins of the middle half of the images, to follow one that is below the typical but not slim."""
        if self._middle_half is None or self._share < SHORT or round(self._share, 1) >= 1:
            return ""
        low, high = self._middle_half
        middle = f"{rounded_to(low)} to {rounded_to(high)}"
        return f" Of the {len(self.margins)} images compared, the middle half are {middle} times as far."

    def _noise(self) -> str:
        """Return how strong random noise must be, and for how many other images weaker noise is enough."""
        right = " that are right" if self.with_classes else ""
        weaker = out_of(self._weaker, len(self.sigmas)) if self._weaker else f"none of {len(self.sigmas)}"
        others = f"for {weaker} images of the run{right}."
        if math.isfinite(self.sigma):
            found = (
                f"Gaussian noise of sigma {rounded_to(self.sigma)} is enough to change the prediction in half of the"
            )
            return f"{found} tries; weaker noise is enough {others}"
        found = f"At no sigma that was tried, up to {SIGMAS[-1]:g}, does Gaussian noise change the prediction in half"
        return f"{found} of the tries; it does {others}"

    def _similar(self) -> str:
        """Return of which classes the most similar images are, and how many of them are misclassified."""
        return similar_words(self.nearest, self.predicted, others=self.searched, with_classes=self.with_classes)

    def to_json(self) -> dict[str, Any]:
        """Return the cause, sentences and figures."""
        return {
            "cause": self.cause,
            "sentences": self.sentences,
            "places": None if self.places is None else {place.name: place.factor for place in self.places},
            "margins_of_typical_images": list(self.margins),
            "second_wrong_class": self.second or None,
            "noise_sigma": self.sigma if math.isfinite(self.sigma) else None,
            "noise_sigma_of_right_images": [one if math.isfinite(one) else None for one in self.sigmas],
            "most_similar": [
                {"image": one.image, "class": one.label, "predicted": one.predicted} for one in self.nearest
            ],
        }


def why_of(
    classifier: "Classifier",
    image: NDArray[np.uint8],
    clean: "CleanImages",
    names: Sequence[str],
    true_class: int | None = None,
    *,
    with_classes: bool = True,
    on_progress: OnProgress = silent,
) -> PictureWhy:
    """Return how firm the prediction of a model for a picture is.

    Parameters
    ----------
    classifier : Classifier
        The model.
    image : ndarray of uint8 (H, W, C)
        The picture, as large as the images of the run.
    clean : CleanImages
        The clean images of the run.
    names : sequence of str
        Names of the classes.
    true_class : int, optional
        The picture's true class, if it is known.
    with_classes : bool
        Whether the classes of these images are known.
    on_progress : callable
        As in `findings_of`.

    Raises
    ------
    InputError
        The model returns only classes, or no image of the run is right when clean.
    """
    if classifier.labels_only or classifier.combine == "vote":
        raise InputError(ONLY_CLASSES)
    order = np.arange(len(clean.indices)) if clean.order is None else clean.order
    right = order[clean.correct[order]][:RIGHT]
    if not len(right):
        raise InputError("no image of the run is right when clean, so there is nothing to compare the picture with.")
    small = classifier.with_batch_size(BATCH)
    scores = small.scores(image[None])[0]
    predicted = int(scores.argmax())
    scores[predicted] = -np.inf
    second = int(scores.argmax())
    others = []
    for done, row in enumerate(right, 1):
        label, index = int(clean.class_index[row]), int(clean.indices[row])
        others.append(_sigma(small, clean.images[row], label, index, OF_OTHERS, STEPS_OF_OTHERS))
        on_progress("adding noise to other images", done, len(right))
    inside, taken = has_layers(classifier), clean.predicted
    layers, nearest, compared = _inside(classifier, image, predicted, clean, on_progress) if inside else (None, [], 0)
    similar = [
        Similar(clean.name(int(clean.indices[row])), names[int(clean.class_index[row])], names[int(taken[row])])
        for row in nearest
    ]
    return PictureWhy(
        names[predicted],
        None if layers is None else layers.places,
        _sigma(small, image, predicted, 0, TRIES, STEPS),
        tuple(sorted(others)),
        tuple(similar),
        with_classes,
        (compared, len(clean.indices)),
        () if layers is None else layers.typical,
        "" if true_class in (None, predicted, second) else names[second],
        isinstance(classifier, ExportedClassifier),
    )


def _inside(
    classifier: "Classifier",
    image: NDArray[np.uint8],
    predicted: int,
    clean: "CleanImages",
    on_progress: OnProgress,
) -> tuple[LayersOfImage, list[int], int]:
    """Return what the layers of the network do to the margin, the rows of the most similar images, and among how many.

    clean: the images of the run, of which the first in its order are compared, all if they are not too many.
    """
    reference = Reference(classifier, clean)
    images = len(reference.clean.indices)
    layers, steps = min(TYPICAL, images), ("looking into the layers", "comparing images")
    for done, _ in enumerate(reference.read_layers(), 1):
        on_progress(steps[0], min(STEP * done, layers), layers)
    for done, _ in enumerate(reference.read_features(), 1):
        on_progress(steps[1], min(BATCH * done, images), images)
    pair = DegradedImage.of(classifier, NO_IMAGE, image, image, predicted)
    own = features_of(reference.classifier, pair.clean[None])[0]
    order = np.argsort(-cosines(reference.features, own), kind="stable")[: NEAREST + 1].tolist()
    others = [row for row in order if not np.array_equal(reference.clean.images[row], image)][:NEAREST]
    rows = [clean.row(int(index)) for index in reference.clean.indices[others]]
    return layers_of(reference, pair), rows, images


def _sigma(
    classifier: "Classifier", image: NDArray[np.uint8], predicted: int, index: int, tries: int, steps: int
) -> float:
    """Return the mildest sigma that changes a prediction in half of the tries; infinite if none that is tried does.

    Stronger noise need not change more: it may lead the network back to the predicted class.
    """
    fields, streams = np.empty((tries, *image.shape), np.float32), NoiseStreams(0)
    for copy, one in enumerate(fields):
        streams.fill(one, index, 0, copy)

    def changes(sigma: float) -> bool:
        noisy = np.clip(image + np.float32(sigma) * fields, 0, 255)
        return bool((classifier.scores(noisy).argmax(axis=1) != predicted).mean() >= HALF)

    high = next(filter(changes, SIGMAS), math.inf)
    if math.isinf(high):
        return high
    low = high / 2
    for _ in range(steps):
        middle = math.sqrt(low * high)
        low, high = (low, middle) if changes(middle) else (middle, high)
    return math.sqrt(low * high)
