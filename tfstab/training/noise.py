"""Gaussian noise on training images (paper section 4, "Augmenting Noisy Images"), made batch by batch and never kept.

Noise is drawn from streams of its own, by (seed, image, copy) or (seed, image, epoch), as `tfstab.degradations` defines
it, so that it does not depend on batches, threads or where a training was resumed.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations import NoiseStreams
from tfstab.errors import InputError

STREAM = 2**64 - 2  # stands where a sweep has the position of sigma, so that no sweep draws the same noise
LARGEST_SIGMA = 40.0  # of the paper's test
MOST_COPIES = 1000


@dataclass(frozen=True)
class TrainingNoise:
    """Which noise each training image gets in an epoch. sigmas: standard deviations in grey levels.

    copies: an epoch has each image clean and `copies` times with noise, the same noise in every epoch; the j-th copy
    has the j-th sigma, from the first again where there are more copies than sigmas. None: an epoch has each image
    once, with noise drawn afresh, its sigma drawn from all with equal chances; 0 among them is the clean image.
    Raises InputError for values out of range.

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
        object.__setattr__(self, "sigmas", tuple(float(s) for s in self.sigmas))
        if not self.sigmas or not all(math.isfinite(s) and s >= 0 for s in self.sigmas):
            raise InputError(f"noise sigmas are {list(self.sigmas)}; expected one or more numbers from 0, grey levels.")
        if self.copies is not None and not 1 <= self.copies <= MOST_COPIES:
            raise InputError(f"noise copies is {self.copies}; expected 1 to {MOST_COPIES}.")

    @classmethod
    def fixed(cls, copies: int, sigmas: tuple[float, ...] = ()) -> "TrainingNoise":
        """`copies` noisy copies of each image; without sigmas, a sigma each from 1 to 40 in even steps."""
        return cls(sigmas or _even(copies), copies)

    @classmethod
    def fresh(cls, sigmas: tuple[float, ...] = ()) -> "TrainingNoise":
        """Noise drawn afresh every epoch; without sigmas, from what 15 copies and the clean image have."""
        return cls(sigmas or (0.0, *_even(15)))

    @property
    def per_image(self) -> int:
        """How often an epoch has each image."""
        return 1 if self.copies is None else 1 + self.copies

    def draw(
        self, shape: tuple[int, int, int], seed: int, epoch: int, images: np.ndarray, copies: np.ndarray
    ) -> NDArray[np.float32]:
        """The noise of a batch, float32 (B, H, W, C), grey levels.

        images: (B,), indices in the full split. copies: (B,), 0 for the clean one, else 1 to `copies`.
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
    return tuple(float(s) for s in np.linspace(1, LARGEST_SIGMA, max(copies, 1)).round(1))
