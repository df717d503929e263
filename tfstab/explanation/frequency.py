"""The analysis `frequency`: the Fourier heat map, which tells to which frequencies a network is sensitive.

Stripes of one frequency, one direction and the L2 norm eps are added to each image, with a random phase and a random
sign for each channel; then the same stripes are taken away. Wrong predictions are counted, and the fall of the logit
margin tells something where no image is lost. Small images get every frequency, large ones or slow networks a few of
each ring.

The stripes are not clipped to grey levels 0..255: on a black or white background, clipping would leave half of them,
which is a change of brightness, and so another frequency. Only a predict function, which may not take other values,
gets clipped images.

References
----------
Yin, Gontijo Lopes, Shlens, Cubuk and Gilmer, A Fourier Perspective on Model Robustness in Computer Vision, NeurIPS
2019.
"""

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation import fourier
from tfstab.explanation.analysis import Analysis, Arrays, Field, Material

LARGEST_BASIS = 48  # pixels: images up to this size get every frequency, if the network is fast enough
PER_RING = 6  # frequencies of each ring for other images
MOST_IMAGES, LEAST_IMAGES = 32, 8
WORK = 1.6e12  # multiply-adds: about 20 s on two cores
ERRORS = 0.05, 0.6  # eps is doubled or halved until the error rate is within
COARSE = 16  # frequencies on which eps is chosen
LARGEST = 64.0  # root mean square of the strongest stripes, in grey levels: they reach from 0 to 180
HALVINGS = 12


def compute(material: Material) -> Arrays:
    """Measure the margins of the first images that are right when clean, under stripes of each frequency."""
    _, height, width, _ = material.clean.images.shape
    images, whole = sampling(height, width, material.classifier.multiply_adds)
    clean = material.margins(material.images, np.arange(len(material.images)))
    rows = np.flatnonzero(clean > 0)[:images]
    frequencies = fourier.half_plane(height, width)
    places = np.arange(len(frequencies)) if whole else in_rings(frequencies, height, width, material.config.seed)
    eps = chosen_eps(material, rows) if len(rows) else start_eps(material)
    margins, kept = margins_under(material, rows, places, eps)
    return {
        "frequencies": frequencies[places],
        "images": material.clean.indices[rows],
        "eps": np.array([eps]),
        "kept": np.array([kept]),
        "clean_margin": clean[rows],
        "margin": margins.astype(np.float32),
    }


def sampling(height: int, width: int, multiply_adds: float) -> tuple[int, bool]:
    """Return how many images are degraded, and whether by every frequency."""
    passes = WORK / max(1.0, multiply_adds)
    images = int(passes / (height * width))  # half of the frequencies, added and taken away
    if max(height, width) <= LARGEST_BASIS and images >= LEAST_IMAGES:
        return min(images, MOST_IMAGES), True
    return int(np.clip(passes / (2 * PER_RING * fourier.RINGS), LEAST_IMAGES, MOST_IMAGES)), False


def in_rings(frequencies: NDArray[np.int64], height: int, width: int, seed: int) -> NDArray[np.int64]:
    """Return the places of a few frequencies (F, 2) of each ring, drawn by chance."""
    rng = np.random.default_rng(seed)
    rings = fourier.ring_of(fourier.radii_of(frequencies, height, width))
    drawn = [rng.permutation(np.flatnonzero(rings == ring))[:PER_RING] for ring in range(fourier.RINGS)]
    return np.sort(np.concatenate(drawn))


def start_eps(material: Material) -> float:
    """Return the L2 norm of the run's random noise."""
    return float(material.config.sigma * np.sqrt(material.images[0].size))


def chosen_eps(material: Material, rows: NDArray[np.int64]) -> float:
    """Return an L2 norm of stripes at which some images are lost and others not, where there is such a norm."""
    _, height, width, channels = material.clean.images.shape
    count = len(fourier.half_plane(height, width))
    places = np.sort(np.random.default_rng(material.config.seed).permutation(count)[:COARSE])
    most = LARGEST * np.sqrt(height * width * channels)

    def error(eps: float) -> float:
        return float((margins_under(material, rows, places, eps)[0] <= 0).mean())

    eps = min(start_eps(material), most)
    found = error(eps)
    if found < ERRORS[0]:
        while found < ERRORS[0] and 2 * eps <= most:
            eps *= 2
            found = error(eps)
        return float(eps)
    for _ in range(HALVINGS):
        if found <= ERRORS[1]:
            break
        eps /= 2
        found = error(eps)
    return float(eps)


def margins_under(
    material: Material, rows: NDArray[np.int64], places: NDArray[np.int64], eps: float
) -> tuple[NDArray[np.float64], float]:
    """Return the logit margins (F, m, 2) of images with stripes added and taken away, and the share of energy left.

    Parameters
    ----------
    material : Material
        Network and images.
    rows : ndarray of int (m,)
        Rows of the images.
    places : ndarray of int (F,)
        Places of the frequencies in `fourier.half_plane`.
    eps : float
        L2 norm of the stripes over all channels, in grey levels.

    Returns
    -------
    margins : ndarray of float64 (F, m, 2)
        Logit margins, in nats.
    kept : float
        Share of the stripes' energy that is left after clipping to grey levels 0..255; 1 without clipping.
    """
    images = material.images[rows]
    margins, energy = np.empty((len(places), len(rows), 2)), 0.0
    if not len(rows) or not len(places):
        return margins, 1.0
    _, height, width, channels = images.shape
    frequencies = fourier.half_plane(height, width)
    phases, signs = draws(material, rows, len(frequencies))
    step = max(1, material.classifier.batch_size // (2 * len(rows)))
    for start in range(0, len(places), step):
        some = places[start : start + step]
        matrices = fourier.waves(frequencies[some], phases[:, some], height, width).swapaxes(0, 1)
        stripes = matrices[..., None] * signs[:, some].swapaxes(0, 1)[:, :, None, None, :] * (eps / np.sqrt(channels))
        both = np.empty((len(some), len(rows), 2, height, width, channels), np.float32)
        np.add(images, stripes, out=both[:, :, 0], casting="same_kind")
        np.subtract(images, stripes, out=both[:, :, 1], casting="same_kind")
        if material.classifier.prepares_itself:
            both.clip(0, 255, out=both)
            energy += float(((both - images[:, None]) ** 2).sum(dtype=np.float64))
        else:
            energy += both.shape[0] * both.shape[1] * 2 * eps**2
        flat = both.reshape(-1, height, width, channels)
        of_rows = np.tile(np.repeat(rows, 2), len(some))
        margins[start : start + step] = material.margins(flat, of_rows).reshape(len(some), len(rows), 2)
    return margins, energy / (margins.size * eps**2)


def draws(material: Material, rows: NDArray[np.int64], count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return phases (m, count) and the signs of channels (m, count, C), the same for an image in every run."""
    channels = material.clean.images.shape[3]
    phases, signs = np.empty((len(rows), count)), np.empty((len(rows), count, channels))
    for k, row in enumerate(rows):
        rng = np.random.default_rng((material.config.seed, int(material.clean.indices[row])))
        phases[k] = rng.uniform(0, 2 * np.pi, count)
        signs[k] = rng.choice((-1.0, 1.0), (count, channels))
    return phases, signs


FREQUENCY = Analysis(
    "frequency",
    compute,
    {
        # Cycles per image down and across: one of each pair of opposite frequencies.
        "frequencies": Field(np.integer, ("frequency", 2)),
        "images": Field(np.integer, ("tested",), 0),  # indices in the full split
        "eps": Field(np.floating, (1,), 0),  # L2 norm of the stripes over all channels, in grey levels
        "kept": Field(np.floating, (1,), 0, 1 + 1e-3),  # share of their energy that clipping leaves
        "clean_margin": Field(np.floating, ("tested",), 0),  # nats
        "margin": Field(np.floating, ("frequency", "tested", 2)),  # with the stripes added, and taken away
    },
    of_images=False,
    work=600,
)
