"""The analysis `occlusion`: which windows of an image a network needs, and how few of the noise's pixels flip it.

Neither needs gradients.

**Occlusion.** The image is divided into at most 8 x 8 windows, whatever its size; each is filled with the image's mean
colour in turn, and the fall of the margin f_c - f_j is recorded (Zeiler and Fergus 2014): once for the clean image,
once for the image with its minimum noise. A positive fall means that the window speaks for the true class. This takes
64 passes forward for each of the two.

**Share of the noise's pixels.** Pixels are ranked by how much their noise lowers the margin (`path` of the analysis
`attribution`, within 5 %; without gradients, by the size of the noise there). The noise is kept in the first pixels of
the ranking only, and a search by thirds finds the smallest share of the image's pixels that still flips it. Another
choice of pixels may do with fewer, and the flip need not be monotone in the share, so the result is an upper bound: "at
most".

The minimum noise itself needs nearly all of its pixels by construction: what remains after leaving some out is shorter,
and no shorter noise flips the image. It can only lack what the search left over, 0.5 to 2 % of its length. So the share
is also found for the noise multiplied by `FACTORS`. White Gaussian noise doubled would need 12 % of the pixels of grey
images and 23 % of colour images if the margin were linear (`even_share` in tfstab.explanation.places); a smaller share
means that the noise works in fewer places.

References
----------
Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014.
"""

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.analysis import Analysis, Arrays, Field, Material
from tfstab.explanation.attribution import integrated_gradients
from tfstab.explanation.rival import batches_of, margin_weights, mean_colour, rivals_of

WINDOWS = 8  # along each side; 64 in all, each of which costs a pass through the network
FACTORS = (1.0, 2.0, 4.0)
RANKING_TOLERANCE, RANKING_STEPS = 0.05, (5, 15)  # of the attributions by which pixels are ranked


def compute(material: Material) -> Arrays:
    """Occlude each clean and degraded image, and find the share of the noise's pixels that flips it."""
    weights = margin_weights(material, rivals_of(material))
    fill = mean_colour(material.images)
    clean = falls(material, material.images, fill, weights, np.arange(len(weights)))
    found = np.flatnonzero(material.found)
    degraded = np.full(clean.shape, np.nan)
    degraded[found] = falls(material, material.degraded[found], fill[found], weights[found], found)
    count, mask = smallest_masks(material, found, ranks_of(noise_falls(material, found, weights[found])))
    share = np.full((len(weights), len(FACTORS)), np.nan)
    share[found] = np.where(count > 0, count / math.prod(mask.shape[2:]), np.nan)
    masks = np.zeros((len(weights), *mask.shape[1:]), bool)
    masks[found] = mask
    return {"clean": clean, "degraded": degraded, "factors": np.array(FACTORS), "share": share, "mask": masks}


def window_edges(size: int) -> NDArray[np.int64]:
    """Return where the windows along a side of `size` pixels begin and end: up to 9 positions from 0 to `size`."""
    return np.linspace(0, size, min(WINDOWS, size) + 1).round().astype(np.int64)


def falls(
    material: Material,
    images: NDArray[np.float32],
    fill: NDArray[np.float32],
    weights: NDArray[np.float32],
    rows: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Return by how much the weighted sum of log-scores falls when each window is filled, (n, rows, columns)."""
    tall, wide = window_edges(images.shape[1]), window_edges(images.shape[2])
    windows = [
        (slice(top, bottom), slice(left, right))
        for top, bottom in itertools.pairwise(tall)
        for left, right in itertools.pairwise(wide)
    ]
    whole = (weights * material.classifier.log_scores(images)).sum(axis=1)
    found = np.empty((len(images), len(windows)))
    for row, window in batches_of(len(images), len(windows), material.classifier.batch_size):
        batch = images[row]
        for one, r, w in zip(batch, row, window, strict=True):
            one[windows[w]] = fill[r][windows[w]]
        found[row, window] = whole[row] - (weights[row] * material.classifier.log_scores(batch)).sum(axis=1)
    return found.reshape(len(images), len(tall) - 1, len(wide) - 1)


def noise_falls(material: Material, found: NDArray[np.intp], weights: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return how much the noise of each pixel matters, (m, H, W): by the network's gradients, or its squared size."""
    if not material.classifier.differentiable:
        return np.asarray(np.square(material.noise[found], dtype=np.float64).sum(axis=3))
    first, most = RANKING_STEPS
    clean, degraded = material.images[found], material.degraded[found]
    path = integrated_gradients(material.classifier, clean, degraded, weights, RANKING_TOLERANCE, first, most)
    return np.asarray(-path.attributions.sum(axis=3))


def ranks_of(falls_of_pixels: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the rank (m, H, W) of each pixel of an image: 0 for the one that lowers the margin most."""
    flat = falls_of_pixels.reshape(len(falls_of_pixels), math.prod(falls_of_pixels.shape[1:]))
    order = np.argsort(-flat, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(flat.shape[1])[None], axis=1)
    return ranks.reshape(falls_of_pixels.shape)


def smallest_masks(
    material: Material, found: NDArray[np.intp], ranks: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the number (m, F) of first-ranked pixels whose noise flips an image, 0 if none do, and their masks.

    Two numbers of pixels are tried at a time for every image and factor, which divide what is left into thirds: so the
    batches of a block of images are nearly full.
    """
    low = np.zeros((len(found), len(FACTORS)), np.int64)
    high = np.full(low.shape, math.prod(ranks.shape[1:]))
    flipped = _flips(material, found, ranks, high[..., None])[..., 0]
    while (high - low > 1).any():
        tried = low[..., None] + (high - low)[..., None] * np.array([1, 2]) // 3
        fell = _flips(material, found, ranks, tried) & (tried > low[..., None])
        first, second = fell[..., 0], fell[..., 1]
        high, low = (
            np.where(first, tried[..., 0], np.where(second, tried[..., 1], high)),
            np.where(first, low, np.where(second, tried[..., 0], tried[..., 1])),
        )
    count = np.where(flipped, high, 0)
    return count, ranks[:, None] < count[:, :, None, None]


def _flips(
    material: Material, found: NDArray[np.intp], ranks: NDArray[np.int64], counts: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return whether each image is flipped by the noise of its first pixels, times each factor.

    counts: numbers of these pixels (m, F, C), like what is returned.
    """
    flat = counts.reshape(len(found), counts.shape[1] * counts.shape[2])
    factors = np.repeat(np.array(FACTORS, np.float32), counts.shape[2])
    flips = np.empty(flat.shape, bool)
    for row, point in batches_of(*flat.shape, material.classifier.batch_size):
        kept = (ranks[row] < flat[row, point][:, None, None])[..., None]
        noise = factors[point][:, None, None, None] * material.noise[found[row]] * kept
        flips[row, point] = material.margins(np.clip(material.images[found[row]] + noise, 0, 255), found[row]) < 0
    return flips.reshape(counts.shape)


OCCLUSION = Analysis(
    "occlusion",
    compute,
    {
        "clean": Field(np.floating, ("image", "row", "column")),  # nats by which a window's filling lowers the margin
        "degraded": Field(np.floating, ("image", "row", "column"), missing=True),  # NaN where there is no minimum noise
        "factors": Field(np.floating, (len(FACTORS),), 0),  # by which the noise is multiplied
        "share": Field(np.floating, ("image", len(FACTORS)), 0, 1, missing=True),  # of pixels; NaN where nothing flips
        "mask": Field(np.bool_, ("image", len(FACTORS), "h", "w")),  # these pixels; none where nothing flips
    },
    noise=True,
    work=200,
)
