"""The analysis `curvature`: whether a network bends between an image and its decision boundary.

**Margins along lines.** The margin f_c - f_j (the rival j is that of `tfstab.explanation.rival`) at t = 0 to 2 along
the minimum noise, where t = 1 is the minimum noise itself, and along random directions of the same length. To random
noise this length is short: if the boundary is flat, only the part along its normal counts, 1 / sqrt(d) of the length
(Fawzi et al. 2016), so random noise needs about sqrt(d) times the length of the minimum noise. The same random
directions are therefore followed at the run's sigma too, where t = 1 is a noisy copy of length sigma sqrt(d).

**Curvature** of a line is its second difference (m(0) - 2 m(1/2) + m(1)) / (1/2)^2, divided by |m(0)|, the clean
margin. A straight line has 0; m(0) (1 - t)^2 has 2. Positive: the margin falls fast at first, then more slowly. To
second order this is L^2 v'Hv / m along a direction v followed over the length L. If the margin m is linear, L = m /
|grad|, and this is L times v'Hv / |grad|: the distance from the boundary times the curvature that Fawzi et al. (2018)
measure along it. ReLU networks are piecewise linear: they have no second derivative, but differences over a finite
length, which Moosavi-Dezfooli et al. (2019) use as well.

**Plane.** The decision margin (true class minus the best other) at 11 x 11 points of the plane through the image that
is spanned by its minimum noise and the first of its noisy copies, made orthogonal to it.

All images are clipped to 0..255. Of the random directions of the same length, the part that points out of this range is
left out first, so that black or white areas do not shorten them. This takes 194 passes forward for each image, 121 of
them for the plane.

References
----------
Fawzi, Moosavi-Dezfooli and Frossard, Robustness of Classifiers: From Adversarial to Random Noise, NeurIPS 2016.
Fawzi, Moosavi-Dezfooli, Frossard and Soatto, Empirical Study of the Topology and Geometry of Deep Networks, CVPR 2018.
Moosavi-Dezfooli, Fawzi, Uesato and Frossard, Robustness via Curvature Regularization, and Vice Versa, CVPR 2019.
"""

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.analysis import Analysis, Arrays, Field, Material, margins
from tfstab.explanation.rival import batches_of, margin_weights, rivals_of

RANDOM = 4  # random directions of each length
STEPS = np.linspace(0, 2, 9)  # t along each line
ALONG, ACROSS = np.linspace(-0.5, 2, 11), np.linspace(-2, 2, 11)  # of the plane: minimum noise, noisy copy
LINES = 1 + 2 * RANDOM
HALF, WHOLE = int(np.flatnonzero(STEPS == 0.5)[0]), int(np.flatnonzero(STEPS == 1)[0])


def compute(material: Material) -> Arrays:
    """Score each image along lines and on a plane; NaN where no minimum noise was found."""
    rivals = rivals_of(material)
    weights = margin_weights(material, rivals)
    found = np.flatnonzero(material.found)
    lines = np.full((len(rivals), LINES, len(STEPS)), np.nan)
    plane = np.full((len(rivals), len(ALONG), len(ACROSS)), np.nan)
    length = np.full((len(rivals), 2), np.nan)
    directions: dict[int, NDArray[np.float32]] = {}
    coefficients = _coefficients()
    scored = np.empty((len(found), len(coefficients), 2))
    for place, point in batches_of(len(found), len(coefficients), material.classifier.batch_size):
        images = np.empty((len(place), *material.images.shape[1:]), np.float32)
        for one in np.unique(place):
            row = int(found[one])
            if row not in directions:
                directions = {row: directions_of(material, row)}
                length[row] = np.linalg.norm(directions[row][[0, 1 + RANDOM]].reshape(2, -1).astype(np.float64), axis=1)
            of_one = place == one
            moved = np.tensordot(coefficients[point[of_one]], directions[row], 1)
            images[of_one] = np.clip(material.images[row] + moved, 0, 255)
        log_scores, rows = material.classifier.log_scores(images), found[place]
        scored[place, point, 0] = (weights[rows] * log_scores).sum(axis=1)
        scored[place, point, 1] = margins(log_scores, material.clean.class_index[rows])
    on_lines = 1 + LINES * (len(STEPS) - 1)
    lines[found, :, 0] = scored[:, :1, 0]
    lines[found, :, 1:] = scored[:, 1:on_lines, 0].reshape(len(found), LINES, len(STEPS) - 1)
    plane[found] = scored[:, on_lines:, 1].reshape(len(found), len(ALONG), len(ACROSS))
    return {
        "t": STEPS,
        "noise": lines[:, 0],
        "random": lines[:, 1 : 1 + RANDOM],
        "copies": lines[:, 1 + RANDOM :],
        "bends": bends_of(lines),
        "length": length,
        "along": ALONG,
        "across": ACROSS,
        "plane": plane,
    }


def directions_of(material: Material, row: int) -> NDArray[np.float32]:
    """Return the directions (2 + 2 R, H, W, C) of an image's lines and plane, each as long as it is at t = 1.

    They are the minimum noise, R random directions of the same length, R noisy copies at the run's sigma, and the first
    of these copies made orthogonal to the minimum noise.
    """
    image, noise = material.images[row], material.noise[row].astype(np.float64)
    copies = material.random_noise(row, RANDOM).astype(np.float64)
    outward = ((image <= 0) & (copies < 0)) | ((image >= 255) & (copies > 0))
    inward = np.where(outward, 0, copies)
    size = np.sqrt((inward**2).sum(axis=(1, 2, 3), keepdims=True))
    short = inward * (np.linalg.norm(noise) / np.maximum(size, np.finfo(float).tiny))
    far = material.config.sigma * copies
    across = far[0] - (far[0] * noise).sum() / (noise**2).sum() * noise
    return np.concatenate([noise[None], short, far, across[None]]).astype(np.float32)


def bends_of(lines: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the curvature (...) of margins (..., T) along lines: in units of the clean margin, 0 if straight."""
    second = lines[..., 0] - 2 * lines[..., HALF] + lines[..., WHOLE]
    return np.asarray(second / STEPS[HALF] ** 2 / np.maximum(np.abs(lines[..., 0]), 1e-9))


def _coefficients() -> NDArray[np.float32]:
    """Return the weights (P, directions) of all points: the image, the lines one by one, the plane row by row."""
    image = np.zeros((1, LINES + 1))
    lines = np.zeros((LINES, len(STEPS) - 1, LINES + 1))
    for line in range(LINES):
        lines[line, :, line] = STEPS[1:]
    plane = np.zeros((len(ALONG), len(ACROSS), LINES + 1))
    plane[..., 0], plane[..., -1] = ALONG[:, None], ACROSS
    return np.concatenate([image, lines.reshape(-1, LINES + 1), plane.reshape(-1, LINES + 1)]).astype(np.float32)


CURVATURE = Analysis(
    "curvature",
    compute,
    {
        "t": Field(np.floating, (len(STEPS),), 0),  # 0: the clean image, 1: the whole length
        "noise": Field(
            np.floating, ("image", len(STEPS)), missing=True
        ),  # margin f_c - f_j, nats, along the minimum noise
        "random": Field(np.floating, ("image", RANDOM, len(STEPS)), missing=True),  # along directions as long as it
        "copies": Field(np.floating, ("image", RANDOM, len(STEPS)), missing=True),  # along noisy copies
        "bends": Field(np.floating, ("image", LINES), missing=True),  # curvature of these lines, in this order
        "length": Field(np.floating, ("image", 2), 0, missing=True),  # grey levels: minimum noise, first noisy copy
        "along": Field(np.floating, (len(ALONG),)),  # of the plane, in units of the minimum noise
        "across": Field(np.floating, (len(ACROSS),)),  # in units of the first noisy copy
        "plane": Field(
            np.floating, ("image", len(ALONG), len(ACROSS)), missing=True
        ),  # margin over the best other class, nats
    },
    noise=True,
    work=200,
)
