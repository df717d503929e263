"""Where in a network the margin of an image falls short of a typical image's.

In each layer, a typical image has the median margin of the images that the network is right about
(`Gains.typical_margins`). Another sample of images has other medians. So a cause is named only if nearly all resamples
of these images name the same one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.gain import Gains
from tfstab.wording import rounded_to

SHORT = 0.5  # an image with less than this share of the typical margin is one that is lost easily
MOST = 0.5  # one place has caused it if it accounts for at least this share of the shortfall
SURE = 0.95  # of the resamples of the typical images must agree on the place; if a few do not, it is not certain
RESAMPLES = 400
LEAST = 6  # typical images: the 95 % interval of a median of fewer has no ends


@dataclass(frozen=True)
class Place:
    """One place in a network, and what it does to an image's margin.

    The factors of all places, multiplied, are the image's relative margin at the input over that of a typical image:
    the margin at the input is that in the last hidden layer divided by the slopes of all layers before it.

    Attributes
    ----------
    name : str
        "last hidden layer" for the margin there, or a layer, for how steep it is for this image.
    factor : float
        Its factor; below 1 if it makes the margin smaller than usual.
    agreed : float
        The share, 0..1, of resamples of the typical images in which the margin is small and mainly due to this place.
    """

    name: str
    factor: float
    agreed: float = 1.0


HIDDEN = "last hidden layer"


def place_factors(gains: Gains, network: int) -> tuple[list[str], NDArray[np.float64]]:
    """Return the names of the P places of a network and their factors (n, P); NaN for images that it is wrong about."""
    layers = gains.layers(network)[:-1]  # without the logits
    margins = np.where(gains.usable(network)[:, None], gains.margin[:, layers], np.nan)
    return [HIDDEN, *gains.names[layers[1:]].tolist()], _factors(margins, gains.typical_margins(network)[:-1])


def _factors(margins: NDArray[np.float64], typical: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the factors (..., P) of margins (..., P), from the input to the last hidden layer, over typical ones."""
    own = np.log(margins) - np.log(typical)
    # The margin before a layer is the margin after it, divided by how steep the layer is.
    return np.asarray(np.exp(np.concatenate([own[..., -1:], own[..., :-1] - own[..., 1:]], axis=-1)))


def lost_places(gains: Gains, network: int = 0) -> tuple[int, dict[str, int]]:
    """Return how many images are lost easily, and at which places, with the number of images that each accounts for."""
    names, factors = place_factors(gains, network)
    short, worst = _worst(factors)
    counts = np.bincount(worst[worst >= 0], minlength=len(names))
    places = sorted(zip(names, counts, strict=False), key=lambda one: -one[1])
    return int(short.sum()), {name: int(count) for name, count in places if count}


def _worst(factors: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return which rows of factors (n, P) have a small margin, and the place that accounts for it, or -1."""
    with np.errstate(invalid="ignore"):
        share = factors.prod(axis=1)
        short = np.asarray(share < SHORT)
        accounted = short & (np.log(factors.min(axis=1)) <= MOST * np.log(share))
    return short, np.where(accounted, factors.argmin(axis=1), -1)


def weakest_network(gains: Gains, position: int) -> int:
    """Return the network in which the margin of the image at this position is smallest."""
    margins = [gains.margin[position, gains.layers(network)[0]] for network in gains.networks]
    return int(np.argmin(margins))


def places_of(gains: Gains, network: int, position: int) -> list[Place]:
    """Return what each place of a network does to the margin of an image, the worst first; [] if it is wrong."""
    names, factors = place_factors(gains, network)
    own = factors[position]
    if not np.isfinite(own).all():
        return []
    agreed = _agreed(gains, network, position)
    places = [Place(name, float(factor), float(one)) for name, factor, one in zip(names, own, agreed, strict=True)]
    return sorted(places, key=lambda place: place.factor)


def _agreed(gains: Gains, network: int, position: int) -> NDArray[np.float64]:
    """Return in which share of resamples of the typical images each place (P,) accounts for an image's small margin."""
    layers = gains.layers(network)[:-1]
    margins = gains.margin[np.ix_(gains.typical_images(network), layers)]
    if len(margins) < LEAST:
        return np.zeros(len(layers))
    drawn = np.random.default_rng(0).integers(len(margins), size=(RESAMPLES, len(margins)))
    typical = np.array([np.median(margins[rows], axis=0) for rows in drawn])
    _, worst = _worst(_factors(gains.margin[position, layers], typical))
    return np.bincount(worst[worst >= 0], minlength=len(layers)) / RESAMPLES


def _accounting(places: list[Place]) -> Place | None:
    """Return the place that accounts for most of the shortfall of an image that is lost easily; None if none does."""
    if not places:
        return None
    _, (worst,) = _worst(np.array([[place.factor for place in places]]))
    return places[worst] if worst >= 0 else None


def culprit(places: list[Place]) -> Place | None:
    """Return the place that has surely caused the small margin of an image; None if it is not small, or not certain."""
    place = _accounting(places)
    return place if place is not None and place.agreed >= SURE else None


def relative_margin(places: list[Place]) -> float:
    """Return the margin at the input of an image over that of a typical one; NaN if it is not known."""
    return float(np.prod([place.factor for place in places])) if places else float("nan")


def where_lost(
    places: list[Place],
    subject: str = "When clean, the image",
    otherwise: str = "a small margin is not why it is lost",
) -> str:
    """Return where in the network an image is lost, in one or two sentences.

    places: as of `places_of`. subject: the image. otherwise: what follows if its margin is not small.
    """
    if not places:
        return (
            "It is not known where in the network it is lost: its margins in the layers could not be measured. This is "
            "so for ensembles, and if the run has too few other images that are right."
        )
    share, worst = relative_margin(places), _accounting(places)
    alike = round(share, 1) == 1
    far = "about as far" if alike else f"{rounded_to(share)} times as far"
    lead = f"{subject} is {far} from another class as a typical image is (margin at the input)"
    if share >= SHORT:
        if share >= 1 or alike:
            return f"{lead}, so {otherwise}."
        near = sum(place.agreed for place in places) > 1 - SURE
        too_near = ". This image is too near that limit for a certain answer" if near else ""
        return f"{lead}. A small margin is named as a cause only below {SHORT:g} times{too_near}."
    if worst is None:
        return f"{lead}. No single layer accounts for most of this shortfall."
    if worst.name == HIDDEN:
        why = f"a slim margin in the last hidden layer, {worst.factor:.2g} times the typical one"
    else:
        steep = f"{1 / worst.factor:.1f} times as much for this image as for a typical one"
        why = f"layer {worst.name}, which amplifies small changes of its input {steep}"
    if worst.agreed >= SURE:
        return f"{lead}. This is mainly due to {why}."
    return (
        f"{lead}. This shortfall may be mainly due to {why}. It is not certain: compared with other typical images, "
        "the answer might be different."
    )
