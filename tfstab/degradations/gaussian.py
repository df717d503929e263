"""Additive Gaussian noise (section 4 of the paper), whose definition never changes.

Every degraded image has its own random stream: NumPy's counter-based Philox (Salmon et al. 2011) with the run's seed as
key and (image, severity, copy) in the counter. So any image of any run can be made again alone, in any order and on
any machine. tests/degradations guards this with frozen values. NumPy does not promise its streams for ever, so a run
keeps a probe of them (`tfstab.runs.probe`).
"""

import math

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations.base import COPIES, Degradation

PAPER_SIGMAS = (1.0, 2.0, 4.0, 8.0, 10.0, 14.0, 18.0, 20.0, 25.0, 30.0, 35.0, 40.0)
# In place of a severity's index: the field that is scaled to all severities. No list of severities is so long.
COMMON = 2**64 - 1


class NoiseStreams:
    """The random streams of one seed, all drawn by one generator. Not to be shared between threads.

    Moving a generator to another stream takes a tenth of the time of making a new one, which takes longer than drawing
    a small image's noise.

    Parameters
    ----------
    seed : int
        Seed of the run, from 0 to 2**63 - 1.

    Examples
    --------
    >>> from tfstab.degradations import NoiseStreams, standard_normal
    >>> field = np.empty((2, 3), np.float32)
    >>> NoiseStreams(seed=0).fill(field, image=7, severity_index=1, copy=4)
    >>> bool((field == standard_normal((2, 3), 0, 7, 1, 4)).all())
    True
    """

    def __init__(self, seed: int) -> None:
        # As uint64: NumPy turns a list with a number of 2^63 or more into floats.
        self._philox = np.random.Philox(key=np.array([seed, 0], np.uint64), counter=np.zeros(4, np.uint64))
        self._generator = np.random.Generator(self._philox)
        self._start = self._philox.state  # nothing drawn: all buffers empty
        self._counter = self._start["state"]["counter"]

    def fill(self, out: NDArray[np.float32], image: int, severity_index: int, copy: int) -> None:
        """Draw the standard normal field of one degraded image.

        Parameters
        ----------
        out : ndarray
            Receives the field: contiguous float32 of any shape.
        image, severity_index, copy : int
            As in `standard_normal`.
        """
        self.at(image, severity_index, copy).standard_normal(dtype=np.float32, out=out)

    def at(self, image: int, severity_index: int, copy: int) -> np.random.Generator:
        """Return the generator, moved to the start of one degraded image's stream.

        Parameters
        ----------
        image, severity_index, copy : int
            As in `standard_normal`.

        Returns
        -------
        numpy.random.Generator
            The generator, valid until the next call.
        """
        # The counter's lowest word counts the blocks drawn; the other three identify the stream.
        self._counter[1], self._counter[2], self._counter[3] = copy, severity_index, image
        self._philox.state = self._start
        return self._generator


def standard_normal(
    shape: tuple[int, ...], seed: int, image: int, severity_index: int, copy: int
) -> NDArray[np.float32]:
    """Draw the standard normal field of one degraded image.

    Parameters
    ----------
    shape : tuple of int
        Shape of the field.
    seed : int
        Seed of the run.
    image : int
        Index of the image in the full split.
    severity_index : int
        Index of the severity in the run; COMMON for the field that all severities share.
    copy : int
        Number of the copy, from 0.

    Returns
    -------
    ndarray
        The field, float32.

    Examples
    --------
    >>> from tfstab.degradations import standard_normal
    >>> standard_normal((3,), seed=0, image=7, severity_index=1, copy=4)
    array([-2.1030965 ,  1.1255051 ,  0.13755904], dtype=float32)
    """
    field = np.empty(shape, np.float32)
    NoiseStreams(seed).fill(field, image, severity_index, copy)
    return field


def add_gaussian_noise(
    clean: np.ndarray, sigma: float, seed: int, image: int, severity_index: int, copy: int, clip: bool = True
) -> NDArray[np.float32]:
    """Add Gaussian noise r to an image x: clip(x + r, 0, 255), or x + r.

    The paper does not say whether it clips. A camera clips, and a file of grey levels cannot hold anything else.

    Parameters
    ----------
    clean : ndarray
        The clean image (H, W, C), in grey levels 0..255.
    sigma : float
        Standard deviation of r, in grey levels.
    seed, image, severity_index, copy : int
        Which noise to draw; see `standard_normal`.
    clip : bool
        Whether to clip the sum to grey levels 0..255.

    Returns
    -------
    ndarray
        The degraded image, float32 (H, W, C), 0..255 if it is clipped.

    References
    ----------
    Section 4 of Aghdam, Heravi and Puig.

    Examples
    --------
    >>> from tfstab.degradations import add_gaussian_noise
    >>> image, clean = int(digits.indices[0]), digits.images[0]
    >>> noisy = add_gaussian_noise(clean, 80, seed=0, image=image, severity_index=1, copy=3)
    >>> bool((noisy == sweep.degraded_image(image, severity_index=1, copy=3)).all())
    True
    """
    noise = standard_normal(clean.shape, seed, image, severity_index, copy)
    return scale_and_add(noise, np.float32(sigma), clean, out=noise, clip=clip)


def scale_and_add(
    field: NDArray[np.float32],
    sigma: np.ndarray | np.float32,
    clean: np.ndarray,
    out: NDArray[np.float32],
    clip: bool = True,
) -> NDArray[np.float32]:
    """Compute clip(clean + sigma * field, 0, 255), rounding to float32 after each step, as the definition requires.

    Parameters
    ----------
    field : ndarray
        Standard normal field, float32.
    sigma : ndarray or float32
        Standard deviation, float32, in grey levels.
    clean : ndarray
        Clean image, in grey levels 0..255. The arguments are broadcast to the shape of `out`.
    out : ndarray
        Receives the result, float32; may be `field` itself.
    clip : bool
        Whether to clip the sum.

    Returns
    -------
    ndarray
        `out`.

    Examples
    --------
    >>> from tfstab.degradations import scale_and_add
    >>> field = np.array([-2, 0, 1], np.float32)
    >>> scale_and_add(field, np.float32(10), np.array([5, 100, 250]), out=np.empty(3, np.float32))
    array([  0., 100., 255.], dtype=float32)
    """
    np.multiply(field, sigma, out=out)
    np.add(out, clean, out=out)
    return np.clip(out, 0, 255, out=out) if clip else out


def _add_noise(x: NDArray[np.float32], sigma: float, rng: np.random.Generator) -> np.ndarray:
    """Add Gaussian noise to one image, without clipping."""
    noise = rng.standard_normal(x.shape, np.float32)
    return scale_and_add(noise, np.float32(sigma), x, out=noise, clip=False)


GAUSSIAN_NOISE = Degradation(
    "gaussian_noise",
    "Gaussian noise",
    "adds noise from a normal distribution with standard deviation sigma",
    _add_noise,
    "sigma",
    "grey levels",
    PAPER_SIGMAS,
    neutral=0,
    low=0,
    high=math.inf,
    version="1",
    copies=COPIES,
    singular="sigma",
    plural="sigmas",
    together="all noise",
    difference="Noise",
    noun="noise",
    digits=1,
    certifies=True,
    scalable=True,
    additive=True,
    batched="tfstab.degradations.batched.noise:gaussian_noise",
)
