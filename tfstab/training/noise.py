"""Gaussian noise on training images (the paper's section 4, "Augmenting Noisy Images"), drawn batch by batch.

The noise of an image is determined by (seed, image, copy) or (seed, image, epoch), as `tfstab.degradations` defines it,
so it does not depend on the batches, on threads or on whether a training was resumed.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.checks import as_float, whole_number
from tfstab.degradations import NoiseStreams
from tfstab.errors import InputError
from tfstab.wording import as_given

STREAM = 2**64 - 2  # used instead of the severity index of a sweep, so that no sweep draws the same noise
LARGEST_SIGMA = 40.0  # grey levels; the largest sigma in the paper's test
MOST_COPIES = 1000


@dataclass(frozen=True)
class TrainingNoise:
    """The noise that is added to each training image.

    Parameters
    ----------
    sigmas : tuple of float
        Standard deviations in grey levels, 0 or more.
    copies : int, optional
        If given, each epoch contains every image once without noise and `copies` times with noise, which is the same in
        every epoch; the copies use the sigmas in turn. If None, each epoch contains every image once, with new noise
        whose sigma is drawn from `sigmas` with equal probability; a sigma of 0 leaves the image clean.

    Raises
    ------
    InputError
        A value is out of range.

    References
    ----------
    Aghdam, Heravi and Puig, section 4, "Augmenting Noisy Images".

    Examples
    --------
    >>> from tfstab.training import TrainingNoise
    >>> noise = TrainingNoise.fixed(2, sigmas=(10, 20))
    >>> noise.per_image
    3
    >>> batch = noise.draw((28, 28, 1), seed=0, epoch=0, images=np.array([7, 7]), copies=np.array([0, 2]))
    >>> batch.std(axis=(1, 2, 3)).round().tolist()
    [0.0, 20.0]
    """

    sigmas: tuple[float, ...]
    copies: int | None = None

    def __post_init__(self) -> None:
        """Check the values."""
        given = self.sigmas if isinstance(self.sigmas, Iterable) and not isinstance(self.sigmas, str) else ()
        sigmas = [as_float(sigma) for sigma in given]
        if not sigmas or not all(sigma is not None and 0 <= sigma < math.inf for sigma in sigmas):
            shown = as_given(list(given) or self.sigmas)
            raise InputError(f"noise sigmas are {shown}; expected one or more numbers from 0, in grey levels.")
        object.__setattr__(self, "sigmas", tuple(sigmas))
        if self.copies is not None:
            object.__setattr__(self, "copies", whole_number("noise copies", self.copies, 1, MOST_COPIES))

    @classmethod
    def fixed(cls, copies: int, sigmas: tuple[float, ...] = ()) -> "TrainingNoise":
        """Return noise that is the same in every epoch.

        Parameters
        ----------
        copies : int
            Number of noisy copies of each image.
        sigmas : tuple of float
            Standard deviations in grey levels; by default one for each copy, evenly spaced from 1 to 40.

        Returns
        -------
        TrainingNoise
            The noise.
        """
        return cls(sigmas or _even(copies), copies)

    @classmethod
    def fresh(cls, sigmas: tuple[float, ...] = ()) -> "TrainingNoise":
        """Return noise that is drawn anew in every epoch.

        Parameters
        ----------
        sigmas : tuple of float
            Standard deviations in grey levels; by default 0 and the 15 that `fixed(15)` uses.

        Returns
        -------
        TrainingNoise
            The noise.
        """
        return cls(sigmas or (0.0, *_even(15)))

    @property
    def per_image(self) -> int:
        """How many times an epoch contains each image."""
        return 1 if self.copies is None else 1 + self.copies

    def draw(
        self, shape: tuple[int, int, int], seed: int, epoch: int, images: np.ndarray, copies: np.ndarray
    ) -> NDArray[np.float32]:
        """Return the noise of a batch.

        Parameters
        ----------
        shape : tuple of int
            Shape of an image, (H, W, C).
        seed, epoch : int
            Seed of the training, and the epoch counted from 0.
        images : ndarray of int, (B,)
            Indices of the images in the full split.
        copies : ndarray of int, (B,)
            Copy of each image: 0 is the clean one, the noisy ones count from 1. Used only if `copies` is set.

        Returns
        -------
        ndarray of float32, (B, H, W, C)
            Noise in grey levels.
        """
        out = np.zeros((len(images), *shape), np.float32)
        streams = NoiseStreams(seed)
        if self.copies is None:
            rng = np.random.Generator(np.random.Philox(key=[seed, 2], counter=[0, 0, 0, epoch]))
            chosen = rng.random(int(images.max(initial=0)) + 1, np.float32)[images]
            sigmas = np.array(self.sigmas, np.float32)[(chosen * len(self.sigmas)).astype(np.int64)]
            numbers = np.full(len(images), epoch)
        else:
            sigmas = np.array(self.sigmas, np.float32)[(copies - 1) % len(self.sigmas)] * (copies > 0)
            numbers = copies
        for k in np.flatnonzero(sigmas):
            streams.fill(out[k], int(images[k]), STREAM, int(numbers[k]))
            out[k] *= sigmas[k]
        return out


def _even(copies: int) -> tuple[float, ...]:
    """Return this many sigmas, evenly spaced from 1 to 40."""
    return tuple(float(s) for s in np.linspace(1, LARGEST_SIGMA, max(copies, 1)).round(1))
