"""The analysis `attribution`: which pixels carry an image's logit margin, and which pixels of the noise take it away.

The margin is f_c - f_j, with the true class c and the rival j of `tfstab.explanation.rival`: the difference of two
logits, in nats (of an ensemble: of two log-scores). Maps are summed over the channels. There are four:

- `clean` and `degraded`: integrated gradients of the margin from a baseline to the image. The baseline is a uniform
  image of the clean image's mean colour, which has no structure. A black one would give dark pixels nothing, whatever
  they show (Sturmfels, Lundberg and Lee 2020). Positive pixels speak for the true class.
- `path`: integrated gradients from the clean image to the image with its minimum noise, with the sign turned: by how
  much the noise of each pixel lowers the margin. Its sum is the whole fall of the margin.
- `gradient_noise`: the same to first order, the gradient at the clean image times the noise, with the sign turned.

The integrals are means over the midpoints of 16 equal steps. For each image, the steps are divided in three until the
map's sum agrees with the difference of the margins (completeness) within `TOLERANCE` of it, or of 1 nat if the
difference is smaller; at most `MOST_STEPS`. The gradients of a ReLU network jump along the path, so that Gauss-Legendre
nodes are hardly better than midpoints (measured on the three bundled networks), and steps can be divided without
computing the earlier midpoints again. The ends of the path are left out because the gradient of a uniform image, where
all places of a feature map are equal, is unlike the others: with the trapezoidal rule, the error of the GTSRB network
is three times as large. `error` records what remains. Completeness is necessary, not sufficient: maps of 16 steps
differ from those of 256 by 7 % of their sum of absolute values, those of 64 by 2 % (CIFAR-10 network).

References
----------
Sundararajan, Taly and Yan, Axiomatic Attribution for Deep Networks, ICML 2017.
Sturmfels, Lundberg and Lee, Visualizing the Impact of Feature Attribution Baselines, Distill 2020.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.analysis import Analysis, Arrays, Field, Material
from tfstab.explanation.rival import batches_of, margin_weights, mean_colour, rivals_of

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

TOLERANCE = 0.05
FIRST_STEPS, MOST_STEPS = 16, 432
LARGEST = float(np.finfo(np.float16).max)  # maps are kept in 16 bits; larger values of odd networks are cut off


class Integral(NamedTuple):
    """Integrated gradients of n images.

    Attributes
    ----------
    attributions : ndarray of float64 (n, H, W, C)
        By how much each value of the image changes the weighted sum of log-scores along the path.
    start, stop : ndarray of float64 (n,)
        The weighted sums at both ends of the path.
    error : ndarray of float64 (n,)
        How far the attributions' sum is from stop - start, relative to this difference, or to 1 if it is smaller.
    steps : ndarray of int64 (n,)
        Steps into which the path was divided.
    """

    attributions: NDArray[np.float64]
    start: NDArray[np.float64]
    stop: NDArray[np.float64]
    error: NDArray[np.float64]
    steps: NDArray[np.int64]


def integrated_gradients(
    classifier: "Classifier",
    start: NDArray[np.float32],
    stop: NDArray[np.float32],
    weights: NDArray[np.float32],
    tolerance: float = TOLERANCE,
    first: int = FIRST_STEPS,
    most: int = MOST_STEPS,
) -> Integral:
    """Return the integrated gradients of a weighted sum of log-scores along straight paths between images.

    Parameters
    ----------
    classifier : Classifier
        A network with gradients.
    start, stop : ndarray of float32 (n, H, W, C)
        Both ends of each path, grey levels.
    weights : ndarray of float32 (n, K)
        Weight of each log-score in the sum.
    tolerance : float
        Relative error of completeness at which an image is finished.
    first, most : int
        Steps to begin with, and at most; each is divided in three in between.
    """
    away = (stop - start).astype(np.float64)
    before, after = ((weights * classifier.log_scores(images)).sum(axis=1) for images in (start, stop))
    mean = _mean_gradients(classifier, start, stop, weights, _middles(first))
    steps, count = np.full(len(start), first), first

    def error() -> NDArray[np.float64]:
        change, found = after - before, (mean * away).sum(axis=(1, 2, 3))
        return np.asarray(np.abs(found - change) / np.maximum(np.abs(change), 1))

    while 3 * count <= most and (left := np.flatnonzero(error() > tolerance)).size:
        count *= 3
        new = np.delete(_middles(count), np.s_[1::3])  # every third midpoint was one before
        more = _mean_gradients(classifier, start[left], stop[left], weights[left], new)
        mean[left] = mean[left] / 3 + more * 2 / 3
        steps[left] = count
    return Integral(mean * away, before, after, error(), steps)


def _middles(steps: int) -> NDArray[np.float64]:
    """Return the midpoints of equal steps from 0 to 1."""
    return np.asarray((np.arange(steps) + 0.5) / steps)


def _mean_gradients(
    classifier: "Classifier",
    start: NDArray[np.float32],
    stop: NDArray[np.float32],
    weights: NDArray[np.float32],
    points: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the mean (n, H, W, C) of the gradients at points 0..1 of each path."""
    total = np.zeros(start.shape)
    for row, point in batches_of(len(start), len(points), classifier.batch_size):
        t = points[point].astype(np.float32)[:, None, None, None]
        _, gradients = classifier.gradients((1 - t) * start[row] + t * stop[row], weights[row])
        for one in np.unique(row):
            total[one] += gradients[row == one].sum(axis=0, dtype=np.float64)
    return total / len(points)


def compute(material: Material) -> Arrays:
    """Attribute the margin to pixels: of each clean image, of its degraded image, and along the way between them."""
    classifier, images, found = material.classifier, material.images, np.flatnonzero(material.found)
    rivals = rivals_of(material)
    weights, baseline, degraded = margin_weights(material, rivals), mean_colour(images), material.degraded
    _, gradients = classifier.gradients(images, weights)
    first_order = -gradients * (degraded - images)
    clean = integrated_gradients(classifier, baseline, images, weights)
    some = weights[found]
    noisy = integrated_gradients(classifier, baseline[found], degraded[found], some)
    path = integrated_gradients(classifier, images[found], degraded[found], some)

    def spread(values: np.ndarray) -> np.ndarray:
        everywhere = np.full((len(images), *values.shape[1:]), np.nan)
        everywhere[found] = values
        return everywhere

    return {
        "rival": rivals,
        "clean": _map(clean.attributions),
        "degraded": _map(spread(noisy.attributions)),
        "path": _map(spread(-path.attributions)),
        "gradient_noise": _map(spread(first_order[found])),
        "margins": np.stack([clean.start, clean.stop, spread(path.stop)], axis=1),
        "error": np.stack([clean.error, spread(noisy.error), spread(path.error)], axis=1),
        "steps": np.stack([clean.steps, *(np.nan_to_num(spread(one.steps)) for one in (noisy, path))], axis=1).astype(
            np.int64
        ),
    }


def _map(attributions: np.ndarray) -> NDArray[np.float16]:
    """Return attributions (n, H, W, C) summed over the channels, in 16 bits."""
    return np.asarray(np.clip(attributions.sum(axis=3), -LARGEST, LARGEST), np.float16)


ATTRIBUTION = Analysis(
    "attribution",
    compute,
    {
        "rival": Field(np.integer, ("image",), 0, along="class"),
        "clean": Field(np.floating, ("image", "h", "w")),  # nats that a pixel adds to the margin
        "degraded": Field(np.floating, ("image", "h", "w"), missing=True),  # NaN where no minimum noise was found
        "path": Field(np.floating, ("image", "h", "w"), missing=True),  # nats by which a pixel's noise lowers it
        "gradient_noise": Field(np.floating, ("image", "h", "w"), missing=True),  # the same to first order
        "margins": Field(np.floating, ("image", 3), missing=True),  # f_c - f_j of baseline, clean, degraded image
        "error": Field(np.floating, ("image", 3), 0, missing=True),  # of completeness: clean, degraded, path
        "steps": Field(np.integer, ("image", 3), 0, MOST_STEPS),  # of the same; 0 where no minimum noise was found
    },
    gradients=True,
    noise=True,
    work=300,
)
