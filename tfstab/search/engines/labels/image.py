"""One image whose search is guided by labels: what can be asked about it, and the least noise found."""

from collections.abc import Generator
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from tfstab.search.basis import Basis
from tfstab.search.task import Task

T = TypeVar("T")
# Yields noise (B, G), is sent which of it has flipped (B,), and returns something at the end.
Asking: TypeAlias = Generator[NDArray[np.float32], NDArray[np.bool_], T]

PRECISE = 0.4  # L2 in grey levels to which the distance of the boundary is found


class Image:
    """An image, and the least noise so far.

    Attributes
    ----------
    best : ndarray
        The least noise so far that flips, (G,), float32; none at first.
    best_norm : float
        Its norm; infinite at first.
    """

    def __init__(self, task: Task, seed: int) -> None:
        self.clean, self.pixels, self.free, self.norm = task.clean, task.pixels, task.free, task.norm
        self.rng, self.basis = task.generator(seed), Basis(task.clean.shape)
        self.prior = self.basis.prior / self.basis.prior.sum()
        self.visible = self.basis.share(self.free).astype(np.float32)
        self.best, self.best_norm = np.zeros_like(self.pixels), np.inf

    def clipped(self, noise: np.ndarray) -> NDArray[np.float32]:
        """Return the noise (..., G) that keeps grey levels, on free pixels only."""
        return np.asarray(np.clip(self.pixels + noise * self.free, 0, 255) - self.pixels, np.float32)

    def of_norm(self, noise: np.ndarray, norm: float) -> NDArray[np.float32]:
        """Return noise (..., G) scaled to this norm before it is clipped to grey levels."""
        norms = np.maximum(self.norm.length(noise * self.free), 1e-12)
        return np.asarray(noise * (norm / norms)[..., None], np.float32)

    def ask(self, noise: np.ndarray) -> Asking[tuple[NDArray[np.float32], NDArray[np.bool_]]]:
        """Have noise (B, G) labelled; return it within grey levels, and which has flipped (B,)."""
        noise = self.clipped(noise)
        flipped = yield noise
        norms = np.where(flipped, self.norm.quick_length(noise), np.inf)
        if norms.min() < self.best_norm:
            self.best, self.best_norm = noise[norms.argmin()].copy(), float(norms.min())
        return noise, flipped

    def flips(self, noise: np.ndarray) -> Asking[bool]:
        """Return whether one noise (G,) flips."""
        _, flipped = yield from self.ask(noise[None])
        return bool(flipped[0])

    def shortened(self, noise: np.ndarray, step: float, exact: float) -> Asking[NDArray[np.float32]]:
        """Return noise (G,) that flips, shortened until it is just beyond the boundary.

        Parameters
        ----------
        noise : ndarray
            The noise (G,).
        step : float
            The first step back, as a share of the noise; doubled until the label returns.
        exact : float
            How exactly the boundary's place is found, as a share of the noise.
        """
        high, low = 1.0, max(1.0 - step, 0.0)
        while (yield from self.flips(low * noise)):
            step *= 2
            high, low = low, max(low - step, 0.0)
        while high - low > exact:
            middle = (low + high) / 2
            flips = yield from self.flips(middle * noise)
            low, high = (low, middle) if flips else (middle, high)
        return self.clipped(high * noise)

    def back(self, noise: np.ndarray) -> Asking[NDArray[np.float32]]:
        """Return noise (G,) that flips, shortened to within `PRECISE`."""
        length = float(np.linalg.norm(noise))
        return (yield from self.shortened(noise, max(12 * PRECISE / length, 0.01), PRECISE / length))
