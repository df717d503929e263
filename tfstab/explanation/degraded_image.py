"""Why one degraded image is lost, without a run: its margin on the way, its layers, its pixels, its neighbours.

Each function answers one question about a `DegradedImage`, in tens of milliseconds for small networks once they are
compiled, so that the questions can be asked one after the other while somebody looks at the image. What is measured is
defined in the analyses of this package. Images to compare with are in a `Reference`, which serves all images of a run.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.analysis import Arrays, margins
from tfstab.explanation.attribution import FIRST_STEPS, integrated_gradients
from tfstab.explanation.features import features_of
from tfstab.explanation.gain import Gains, gains_from
from tfstab.explanation.layers import measured
from tfstab.explanation.neighbours import NEAREST, Neighbour, nearest_where, typical_distance
from tfstab.explanation.noise_of_length import directions, noisy
from tfstab.explanation.rival import mean_colour
from tfstab.explanation.shortfall import Place, places_of, weakest_network

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.runs import CleanImages

BATCH = 16  # images at a time: few, because one image is looked at
BLENDS = 11  # from the clean to the degraded image
TYPICAL = 64  # images that say what is typical of the layers; their margins vary by a factor, not by a few percent
DIRECTIONS = 8  # of random noise, with which the image's own is compared; distances hardly depend on the direction
OTHERS = 5  # images from which each is told apart in the layers, as in the analysis `layers`
# Images among which neighbours are searched; of a large network fewer, which take about as long.
MOST, MOST_OF_LARGE, LARGE = 2000, 256, 1e8  # images, images, multiply-adds of one image
ROOM = 64 << 20  # bytes of these images
STEP = 4  # images of the reference measured at a time, after which a more urgent question may come
MOST_STEPS = 48  # of integrated gradients: maps differ from those of an explanation by a few percent


@dataclass(frozen=True, eq=False)
class DegradedImage:
    """One image and its degraded copy.

    Attributes
    ----------
    image : int
        Its index in the full split.
    clean, degraded : ndarray of float32 (H, W, C)
        Grey levels 0..255.
    class_index : int
        Its true class.
    rival : int
        The class that is compared with it: the one predicted for the clean image if that is wrong; else the one
        predicted for the degraded image, or the second there if this prediction is right.
    """

    image: int
    clean: NDArray[np.float32]
    degraded: NDArray[np.float32]
    class_index: int
    rival: int

    @classmethod
    def of(
        cls, classifier: "Classifier", image: int, clean: np.ndarray, degraded: np.ndarray, class_index: int
    ) -> "DegradedImage":
        """Return the pair of images with the rival that the classifier sees in them."""
        clean, degraded = (np.asarray(one, np.float32) for one in (clean, degraded))
        before, now = classifier.with_batch_size(BATCH).log_scores(np.stack([clean, degraded]))
        predicted = int(before.argmax())
        now[class_index] = -np.inf
        return cls(image, clean, degraded, class_index, int(now.argmax()) if predicted == class_index else predicted)

    @property
    def noise(self) -> NDArray[np.float32]:
        """The difference (H, W, C), grey levels."""
        return self.degraded - self.clean


def blend_margins(
    classifier: "Classifier", pair: DegradedImage, points: int = BLENDS
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the logit margins (P,) and the predicted classes (P,) of equal steps from the clean to the degraded image.

    The margin is by how much the true class leads, in nats; below 0, another class is predicted.
    """
    parts = np.linspace(0, 1, points, dtype=np.float32)[:, None, None, None]
    images = pair.clean + parts * pair.noise
    log_scores = classifier.with_batch_size(BATCH).log_scores(images)
    return margins(log_scores, np.full(points, pair.class_index)), np.asarray(log_scores.argmax(axis=1))


def attribution_maps(classifier: "Classifier", pair: DegradedImage) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield "clean", "degraded" and "path" with maps (H, W) of the margin over the rival, in nats.

    Integrated gradients from a uniform image of the clean image's mean colour to the clean and to the degraded image;
    and, with the sign turned, from the clean to the degraded one: by how much the noise of a pixel lowers the margin.

    References
    ----------
    Sundararajan, Taly and Yan, Axiomatic Attribution for Deep Networks, ICML 2017.
    """
    weights = np.zeros((1, classifier.num_classes), np.float32)
    weights[0, pair.class_index], weights[0, pair.rival] = 1, -1
    clean, degraded = pair.clean[None], pair.degraded[None]
    uniform, small = mean_colour(clean), classifier.with_batch_size(BATCH)
    for name, start, stop, sign in (
        ("path", clean, degraded, -1), ("clean", uniform, clean, 1), ("degraded", uniform, degraded, 1),
    ):  # fmt: skip
        found = integrated_gradients(small, start, stop, weights, first=FIRST_STEPS, most=MOST_STEPS)
        yield name, sign * found.attributions[0].sum(axis=2)


class Reference:
    """Clean images of a run, and what a network makes of them.

    Parameters
    ----------
    classifier : Classifier
        A network whose layers can be looked at.
    clean : CleanImages
        The images; the first ones in the run's order are used.
    """

    def __init__(self, classifier: "Classifier", clean: "CleanImages") -> None:
        self.classifier = classifier.with_batch_size(BATCH)
        most = MOST if classifier.multiply_adds < LARGE else MOST_OF_LARGE
        most = max(TYPICAL, min(most, ROOM // clean.images[0].size))
        order = np.arange(len(clean.indices)) if clean.order is None else clean.order
        self.clean = clean.select(order[:most])
        self._features: list[NDArray[np.float32]] = []
        self._layers: list[Arrays] = []

    @property
    def features(self) -> NDArray[np.float32]:
        """The penultimate features (n, F) of all images, once `read_features` is exhausted."""
        return np.concatenate(self._features)

    def read_features(self) -> Iterator[None]:
        """Compute the features, a batch at a time."""
        for start in range(BATCH * len(self._features), len(self.clean.indices), BATCH):
            images = np.asarray(self.clean.images[start : start + BATCH], np.float32)
            self._features.append(features_of(self.classifier, images))
            yield None

    def read_layers(self) -> Iterator[None]:
        """Measure the layers for typical images, a few at a time."""
        for start in range(STEP * len(self._layers), min(TYPICAL, len(self.clean.indices)), STEP):
            rows = np.arange(start, min(start + STEP, TYPICAL, len(self.clean.indices)))
            images = np.asarray(self.clean.images[rows], np.float32)
            others = np.stack([self.others(int(index)) for index in self.clean.indices[rows]])
            copies = images[:, None]  # without noise, as only the margins of typical images are compared
            self._layers.append(measured(self.classifier, images, self.clean.class_index[rows], copies, others))
            yield None

    def others(self, image: int) -> NDArray[np.float32]:
        """Return up to `OTHERS` other images, which differ from image to image."""
        rows = np.flatnonzero(self.clean.indices != image)
        return np.asarray(self.clean.images[np.roll(rows, -image)[:OTHERS]], np.float32)

    def gains_with(self, pair: DegradedImage, copies: NDArray[np.float32]) -> Gains:
        """Return the margins of the typical images and, in the last row, gains and margin of a pair's clean image.

        copies: noisy copies (m, H, W, C) of this image, from which its gains are computed; others have none (NaN).
        """
        others = self.others(pair.image)[None]
        own = measured(self.classifier, pair.clean[None], np.array([pair.class_index]), copies[None], others)
        every = [*self._layers, own]
        joined = {
            name: value if name in ("names", "sizes", "network") else np.concatenate([one[name] for one in every])
            for name, value in own.items()
        }
        return replace(gains_from(joined), compared=sum(len(one["margin"]) for one in self._layers))


@dataclass(frozen=True)
class LayersOfImage:
    """What the layers of a network do to one image and its noise.

    Attributes
    ----------
    names : list of str
        Layers with a kernel, from the first to "logits".
    gain : list of float
        How far the noise moves what a layer returns, compared with another image, relative to the input; NaN without
        noise.
    random_gain : list of float
        The same for random noise of the same L2, on average over `DIRECTIONS` directions.
    margin : list of float
        The image's margin in the layer over that of a typical image, as of `Gains.typical_margins`; NaN if the clean
        image is wrong.
    places : list of Place
        What each place does to the margin, the worst first; [] if the clean image is wrong.
    member : int or None
        The member of an ensemble in which the margin is smallest.
    typical : tuple of float
        The margins at the input of the typical images, over their median, in increasing order.
    others : tuple of tuple of float, or None
        For each image that was compared because it stays right under the same degradation, how many times as far its
        change moves each hidden layer as random noise does; None if the image is not from a sweep.
    """

    names: list[str]
    gain: list[float]
    random_gain: list[float]
    margin: list[float]
    places: list[Place] = field(default_factory=list)
    member: int | None = None
    typical: tuple[float, ...] = ()
    others: tuple[tuple[float, ...], ...] | None = None


def layers_of(reference: Reference, pair: DegradedImage) -> LayersOfImage:
    """Return the gain of the pair's noise and the margin of its clean image in each layer; after `read_layers`."""
    gains = reference.gains_with(pair, pair.degraded[None])
    network = weakest_network(gains, -1)
    first, *layers = gains.layers(network)  # at the input, gain and margin are known
    at_input = gains.margin[gains.typical_images(network), first]
    with np.errstate(divide="ignore", invalid="ignore"):
        typical = gains.typical_margins(network)[1:]
        margin = np.where(gains.right[-1, layers], gains.margin[-1, layers] / typical, np.nan)
    return LayersOfImage(
        gains.names[layers].tolist(),
        gains.gain[-1, layers].tolist(),
        _random_gain(reference, pair)[layers].tolist(),
        margin.tolist(),
        places_of(gains, network, len(gains.margin) - 1),
        network if len(gains.networks) > 1 else None,
        tuple(np.sort(at_input / np.median(at_input)).tolist()) if len(at_input) else (),
    )


def neighbours_of(
    reference: Reference, pair: DegradedImage, count: int = NEAREST
) -> tuple[tuple[Neighbour, ...], tuple[Neighbour, ...]]:
    """Return the clean images nearest to the degraded one, of its true class and of the rival; after `read_features`.

    Distances are between penultimate features, in units of the typical distance between two images of one class.
    """
    points, clean = reference.features.astype(np.float64), reference.clean
    before, now = features_of(reference.classifier, np.stack([pair.clean, pair.degraded])).astype(np.float64)
    typical = typical_distance(points, clean.class_index)
    distances, from_clean = (np.linalg.norm(points - one, axis=1) / typical for one in (now, before))
    there = clean.indices != pair.image

    def nearest(k: int) -> tuple[Neighbour, ...]:
        return nearest_where(there & (clean.class_index == k), clean.indices, k, distances, from_clean, count)

    return nearest(pair.class_index), nearest(pair.rival)


def _random_gain(reference: Reference, pair: DegradedImage) -> NDArray[np.float64]:
    """Return the gain (L,) of random noise as strong as a pair's own; NaN without noise."""
    length = float(np.linalg.norm(pair.noise.astype(np.float64)))
    copies = pair.clean[None]
    if length:
        copies = noisy(pair.clean, directions(pair.image, pair.clean.shape, DIRECTIONS), length)
    return np.asarray(reference.gains_with(pair, copies).gain[-1])
