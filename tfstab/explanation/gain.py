"""Gain and margin of each layer, from the distances and gradients that the analysis `layers` measured.

- **Relative gain**: how far noise moves what a layer returns, compared with how far another image moves it, divided by
  the same at the input, where it is 1. Above 1, the network amplifies noise more than what tells images apart.
- **Relative margin**: the distance to the decision boundary in the layer's own space, if the rest of the network were
  linear, in units of the layer's spread, which is the root mean square distance of images from their mean.
- **Quotient** of the two, margin / gain: how much noise it takes as seen from this layer.

All three stay the same if a layer is scaled up and the next one down. A layer that amplifies noise shows in both: the
gain rises at this layer, and the margins of the layers before it are smaller. So the quotient falls at all layers, and
the layer gain says which layer it was:

- **Layer gain** (`step`): the relative gain of a layer's linear map alone, from what the layer takes to what it
  computes before its activation. 1 for weights drawn at random; below 1 if the layer passes on the differences between
  images rather than noise. Activations and poolings between the linear maps, which differ between architectures, are
  not part of it.
- **Gain before** (`before`): what these do. The relative gain of what a layer takes, divided by that of what the layer
  before it computes before its activation. So the relative gain before activations is the product of all gains before
  and layer gains up to a layer.

References
----------
Elsayed et al., Large Margin Deep Networks for Classification, NeurIPS 2018 (margin).
Jiang et al., Predicting the Generalization Gap in Deep Networks with Margin Distributions, ICLR 2019 (spread).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.analysis import Arrays
from tfstab.explanation.run import ExplanationRun
from tfstab.metrics import Estimate
from tfstab.metrics.median import estimate_median

if TYPE_CHECKING:
    import pandas as pd

# Columns of `ExplanationRun.layers`, and the figures in them.
COLUMNS = {
    "relative_gain": "gain", "gain_before": "before", "layer_gain": "step", "relative_margin": "margin",
    "margin_per_gain": "quotient",
}  # fmt: skip
SAME = 0.1  # a relative gain this close to 1 for every image: the layer takes the image, scaled by channel at most


@dataclass(frozen=True)
class LayerFigures:
    """One layer of a network, over all images; medians with 95 % intervals.

    Attributes
    ----------
    network : int
        Which member of an ensemble; 0 for any other model.
    name : str
        The layer's name; "input" for the images themselves.
    gain : Estimate
        Relative gain; 1 at the input.
    step : Estimate
        Relative gain of the layer's linear map: from what it takes to what it computes before its activation.
    margin : Estimate
        Relative margin of the images that are right when clean.
    quotient : Estimate
        Their relative margin divided by their relative gain.
    before : Estimate
        Gain between the linear map of the layer before and that of this one; NaN at the input and for a second branch.
    """

    network: int
    name: str
    gain: Estimate
    step: Estimate
    margin: Estimate
    quotient: Estimate
    before: Estimate


@dataclass(frozen=True, eq=False)
class Gains:
    """Gains and margins of each image in each layer; the layers of an ensemble's members follow each other.

    Attributes
    ----------
    names : ndarray of str (L,)
        Names of the layers; each network begins with "input" and ends with "logits".
    network : ndarray of int (L,)
        The network of each layer.
    gain, taken, step, margin : ndarray of float64 (n, L)
        Relative gain of what the layer returns and of what it takes, the layer's own step, and relative margin of each
        image. The margin is negative if the network is wrong about it.
    gradient : ndarray of float64 (n, L)
        Norm of the gradient of f_c - f_j by what the layer returns.
    right : ndarray of bool (n, L)
        Whether the layer's network is right about the clean image.
    compared : int, optional
        How many of the images, the first ones, say what is typical; by default all.
    """

    names: NDArray[np.str_]
    network: NDArray[np.int64]
    gain: NDArray[np.float64]
    taken: NDArray[np.float64]
    step: NDArray[np.float64]
    margin: NDArray[np.float64]
    gradient: NDArray[np.float64]
    right: NDArray[np.bool_]
    compared: int | None = None

    @property
    def takes_image(self) -> NDArray[np.bool_]:
        """Whether a layer (L,) takes the image itself, or each of its channels scaled and shifted."""
        with np.errstate(invalid="ignore"):
            return np.asarray((np.abs(self.taken - 1) < SAME).all(axis=0))

    @property
    def before(self) -> NDArray[np.float64]:
        """Gain (n, L) between the linear map of the layer before and that of this one.

        NaN at the input, and for a layer that takes the same as one before it: both begin branches, so it does not take
        what the layer before it returns.
        """
        found = np.full(self.taken.shape, np.nan)
        for network in self.networks:
            taken = set[bytes]()
            for k in self.layers(network)[1:]:
                same = self.taken[:, k].tobytes()
                if same not in taken:
                    with np.errstate(divide="ignore", invalid="ignore"):
                        found[:, k] = self.taken[:, k] / (self.taken[:, k - 1] * self.step[:, k - 1])
                taken.add(same)
        return found

    @property
    def compare_images(self) -> bool:
        """Whether there are several images: without another image, neither gain nor margin has a scale."""
        return bool(np.isfinite(self.gain).any())

    @property
    def networks(self) -> list[int]:
        """The networks, 0 to M - 1."""
        return sorted(set(self.network.tolist()))

    def layers(self, network: int) -> NDArray[np.int64]:
        """Return the positions of a network's layers, from the input to the logits."""
        return np.flatnonzero(self.network == network)

    def last_hidden(self, network: int) -> int:
        """Return the position of the layer before the logits."""
        return int(self.layers(network)[-2])

    def usable(self, network: int) -> NDArray[np.bool_]:
        """Return which images (n,) a network is right about and has a margin of in every layer."""
        margins = self.margin[:, self.layers(network)[:-1]]
        return np.asarray(((margins > 0) & np.isfinite(margins)).all(axis=1))

    def typical_images(self, network: int) -> NDArray[np.int64]:
        """Return the positions of the images that say what is typical of a network: of `compared`, the usable ones."""
        usable = self.usable(network)
        return np.flatnonzero(usable[: len(usable) if self.compared is None else self.compared])

    def typical_margins(self, network: int) -> NDArray[np.float64]:
        """Return a typical image's relative margin in each layer of a network, the median; NaN without such images.

        This is what "typical image" means wherever the margin of one image is compared with it.
        """
        of, layers = self.typical_images(network), self.layers(network)
        return np.median(self.margin[np.ix_(of, layers)], axis=0) if len(of) else np.full(len(layers), np.nan)

    def figures(self) -> list[LayerFigures]:
        """Return the figures of each layer over all images."""
        with np.errstate(divide="ignore", invalid="ignore"):
            quotient = self.margin / self.gain
        before = self.before
        return [
            LayerFigures(
                int(self.network[k]),
                str(self.names[k]),
                _median(self.gain[:, k]),
                _median(self.step[:, k]),
                _median(self.margin[self.right[:, k], k]),
                _median(quotient[self.right[:, k], k]),
                _median(before[:, k]),
            )
            for k in range(len(self.names))
        ]


def gains_of(run: ExplanationRun) -> Gains | None:
    """Return the gains and margins of a run; None if the network's layers could not be looked at."""
    return gains_from(run.arrays("layers")) if run.has("layers") else None


def gains_from(layers: Arrays) -> Gains:
    """Return the gains and margins that follow from the arrays of the analysis `layers`."""
    noise, gradient, network = layers["noise_distance"], layers["gradient"], layers["network"]
    spread, taken, linear = (_spread(layers[name]) for name in ("image_distance", "image_taken", "image_linear"))
    first = np.array([np.flatnonzero(network == one)[0] for one in network])
    margin = layers["margin"][:, network]
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = noise[:, first] / spread[first]
        gain = noise / spread / unit
        given = layers["noise_taken"] / taken
        step = layers["noise_linear"] / linear / given
        relative = np.where(gradient > 0, margin / gradient / spread, np.nan)
        taken_gain = given / unit
    return Gains(layers["names"], network, gain, taken_gain, step, relative, gradient, margin > 0)


def edge_step(images: NDArray[np.uint8]) -> float:
    """Return the relative gain of a filter of differences between neighbouring pixels: what it would be as a layer.

    It says how smooth images (n, H, W, C) are: 1.9 for MNIST's digits, 3.8 for CIFAR-10's photographs. NaN if there is
    only one image, or if all are the same or flat.
    """
    values = np.asarray(images, np.float64)
    values -= values.mean(axis=0)
    edges = np.mean([(np.diff(values, axis=axis) ** 2).mean() for axis in (1, 2) if values.shape[axis] > 1] or [0.0])
    return float(np.sqrt(2 * (values**2).mean() / edges)) if edges > 0 else float("nan")


def _spread(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the root mean square distance (L,) of images from their mean, from those (n, L) of images from others."""
    return np.asarray(np.sqrt((distances**2).mean(axis=0) / 2))  # half the mean square distance is the variance


def layer_table(run: ExplanationRun) -> list[LayerFigures]:
    """Return the figures of each layer of a run; [] if its layers could not be looked at, or it has one image."""
    gains = gains_of(run)
    return gains.figures() if gains is not None and gains.compare_images else []


def layers_frame(figures: list[LayerFigures]) -> "pd.DataFrame":
    """Return the table of `ExplanationRun.layers`."""
    import pandas as pd

    several = len({one.network for one in figures}) > 1
    columns: dict[str, list[int] | list[float]] = {"member": [one.network + 1 for one in figures]} if several else {}
    for column, field in COLUMNS.items():
        for ending, end in (("", "value"), ("_low", "low"), ("_high", "high")):
            columns[column + ending] = [getattr(getattr(one, field), end) for one in figures]
    return pd.DataFrame(columns, index=pd.Index([one.name for one in figures], name="layer"))


def _median(values: NDArray[np.float64]) -> Estimate:
    """Return the median of the values that are numbers."""
    return estimate_median(values[np.isfinite(values)])
