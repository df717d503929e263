"""The norms that measure grey levels: L2, Linf and L1."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

MOST_ROUNDS = 40  # of Newton's method, which has never needed more than 12


class _Grey(ABC):
    """What the norms that measure grey levels have in common."""

    unit = "grey levels"

    @abstractmethod
    def length(self, noise: np.ndarray) -> NDArray[np.float64]:
        """Return the norms (...) of noise (..., G), computed in float64."""

    def shaken(
        self, noise: np.ndarray, free: np.ndarray, share: float, rng: np.random.Generator
    ) -> NDArray[np.float64]:
        """Return noise (G,) with random noise of a share of its own length added."""
        shake = rng.standard_normal(len(noise)) * free
        return np.asarray(noise + share * float(self.length(noise) / self.length(shake)) * shake)


class L2(_Grey):
    """The Euclidean norm ||r||_2 of the paper."""

    name, title, momentum, straight = "l2", "L2", 0.0, True

    def length(self, noise: np.ndarray) -> NDArray[np.float64]:
        """Return the Euclidean norms (...) of noise (..., G)."""
        return np.asarray(np.linalg.norm(noise.astype(np.float64), axis=None if noise.ndim == 1 else -1))

    def quick_length(self, noise: np.ndarray) -> NDArray[np.float64]:
        """Return the Euclidean norms (...) of noise (..., G), summed in its own precision."""
        return np.asarray(np.sqrt(np.einsum("...g,...g->...", noise, noise), dtype=np.float64))

    def slope(self, gradient: np.ndarray) -> NDArray[np.float64]:
        """Return the Euclidean norms (...) of gradients (..., G): the norm is its own dual."""
        return self.quick_length(gradient)

    def project(self, pixels: np.ndarray, gradient: np.ndarray, excess: float) -> NDArray[np.floating]:
        """Return the shortest r (G,) with gradient . r = -excess and pixels + r within 0..255.

        By the conditions of Karush, Kuhn and Tucker r is clip(-t gradient) for some t >= 0 (as in FAB, Croce and Hein
        2020). What gradient . r reaches is concave and piecewise linear in t, so Newton's method climbs to the root
        from below and ends on exactly the piece that holds it.
        """
        if excess <= 0:
            return np.zeros_like(pixels)
        low, high = -pixels, 255 - pixels
        descent = -gradient.astype(pixels.dtype, copy=False)
        square, rise, t = descent * descent, float(descent @ descent), 0.0
        reached, r = 0.0, np.zeros_like(pixels)
        for _ in range(MOST_ROUNDS):
            if rise <= 1e-12 * excess or excess - reached <= 1e-6 * excess:
                break
            t += (excess - reached) / rise
            unclipped = t * descent
            unclipped.clip(low, high, out=r)
            reached = float(descent @ r)
            rise = float(square @ (unclipped == r))
        return r

    def approach(
        self, pixels: np.ndarray, noise: np.ndarray, gradient: np.ndarray, excess: np.ndarray, share: float
    ) -> NDArray[np.float64]:
        """Return a point that divides the straight line to the shortest noise, and others right beyond it.

        The line begins at the point of the first boundary that is nearest to the noise.
        """
        square = max(float(gradient @ gradient), 1e-24)
        back = noise - (excess[0] + float(gradient @ noise)) / square * gradient
        first = back + share * (self.project(pixels, gradient, float(excess[0])) - back)
        return np.asarray(first - (excess - excess[0])[:, None] / square * gradient)


class Linf(_Grey):
    """The maximum norm ||r||_inf: the largest change of a value."""

    name, title, straight = "linf", "Linf", False
    momentum = 0.7  # the shortest noise depends on the gradient's signs alone, many of which change at every step

    def length(self, noise: np.ndarray) -> NDArray[np.float64]:
        """Return the largest absolute values (...) of noise (..., G)."""
        return np.asarray(np.abs(noise).max(axis=-1), np.float64)

    quick_length = length

    def slope(self, gradient: np.ndarray) -> NDArray[np.float64]:
        """Return the sums (...) of the absolute values of gradients (..., G)."""
        return np.asarray(np.abs(gradient).sum(axis=-1), np.float64)

    def project(self, pixels: np.ndarray, gradient: np.ndarray, excess: float) -> NDArray[np.floating]:
        """Return an r (G,) of the least maximum with gradient . r = -excess and pixels + r within 0..255.

        It is clip(-t sign(gradient)) for the least t that suffices. Once t exceeds what a value has left, that value
        adds no more, so t follows from sums over the values in the order of what they have left.
        """
        if excess <= 0:
            return np.zeros_like(pixels)
        slopes, room = np.abs(gradient).astype(np.float64), _room(pixels, gradient)
        order = room.argsort()
        room_by_size, slopes_by_room = room[order], slopes[order]
        ended = np.concatenate(([0.0], np.cumsum(slopes_by_room * room_by_size)))  # by values at their limits
        rising = np.maximum(slopes.sum() - np.concatenate(([0.0], np.cumsum(slopes_by_room))), 0)
        k = int(np.searchsorted(ended[:-1] + room_by_size * rising[:-1], excess))
        t = (excess - ended[k]) / rising[k] if k < len(room) and rising[k] > 0 else np.inf
        return np.asarray(-np.sign(gradient) * np.minimum(t, room), pixels.dtype)

    def approach(
        self, pixels: np.ndarray, noise: np.ndarray, gradient: np.ndarray, excess: np.ndarray, share: float
    ) -> NDArray[np.float64]:
        """Return the points, nearest to the noise in L2, of those on a boundary whose norm is small enough.

        What the norm exceeds the least norm on the boundary must fall by twice the share. Values that are small enough
        keep what they have: to divide the straight line to the shortest noise would move them all by the same amount,
        back and forth with the signs of their slopes.
        """
        least = np.array([float(self.length(self.project(pixels, gradient, float(e)))) for e in excess])
        length = float(self.length(noise))
        most = (least * (1 + 1e-9) + max(0.0, 1 - 2 * share) * np.maximum(length - least, 0))[:, None]
        slopes, direction, room = np.abs(gradient), np.where(gradient > 0, -1.0, 1.0), _room(pixels, gradient)
        along = direction * noise
        places = []
        # No value can pass its other limit: the noise lies within grey levels, and only moves against the gradient.
        for low, high, fall in zip(-most, np.minimum(room, most), excess, strict=True):
            start = np.clip(along, low, high)
            way = _way(low - along, high - along, slopes, fall - float(slopes @ start))
            places.append(np.clip(along + way * slopes, low, high))
        return np.asarray(direction * np.stack(places))


class L1(_Grey):
    """The sum norm ||r||_1: the sum of all changes."""

    name, title, momentum, straight = "l1", "L1", 0.0, False

    def length(self, noise: np.ndarray) -> NDArray[np.float64]:
        """Return the sums (...) of the absolute values of noise (..., G)."""
        return np.asarray(np.abs(noise).sum(axis=-1, dtype=np.float64))

    def quick_length(self, noise: np.ndarray) -> NDArray[np.float64]:
        """Return the sums (...) of the absolute values of noise (..., G), summed in its own precision."""
        return np.asarray(np.abs(noise).sum(axis=-1), np.float64)

    def slope(self, gradient: np.ndarray) -> NDArray[np.float64]:
        """Return the largest absolute values (...) of gradients (..., G)."""
        return np.asarray(np.abs(gradient).max(axis=-1), np.float64)

    def project(self, pixels: np.ndarray, gradient: np.ndarray, excess: float) -> NDArray[np.floating]:
        """Return an r (G,) of the least sum with gradient . r = -excess and pixels + r within 0..255.

        A grey level is worth most where the gradient is largest: the values with the largest gradients go to their
        limits, one after the other, and the last one goes as far as is still needed.
        """
        if excess <= 0:
            return np.zeros_like(pixels)
        slopes, room = np.abs(gradient).astype(np.float64), _room(pixels, gradient)
        order = (-slopes).argsort()
        reached = np.cumsum((slopes * room)[order])
        k = int(np.searchsorted(reached, excess))
        size = np.zeros(len(room))
        size[order[:k]] = room[order[:k]]
        if k < len(room):
            last = order[k]
            size[last] = (excess - (reached[k - 1] if k else 0.0)) / slopes[last]
        return np.asarray(-np.sign(gradient) * size, pixels.dtype)

    def approach(
        self, pixels: np.ndarray, noise: np.ndarray, gradient: np.ndarray, excess: np.ndarray, share: float
    ) -> NDArray[np.float64]:
        """Return noise of which all values lost the same amount, as far as the boundaries do not need them.

        It is the least sum of the norm and the squared distance from the noise, weighted so that a value loses the
        share of the largest one (soft thresholding, as in EAD, Chen et al. 2018). Small values become 0. The shortest
        noise of the linearised boundary would move a few pixels to their limits, where the boundary is another one.
        """
        if share >= 1 or not noise.any():
            return np.stack([self.project(pixels, gradient, float(fall)) for fall in excess])
        loss = share * float(np.abs(noise).max())
        slopes, direction, room = np.abs(gradient), np.where(gradient > 0, -1.0, 1.0), _room(pixels, gradient)
        along = direction * noise

        def shrunk(values: np.ndarray) -> NDArray[np.float64]:
            # The other limit is out of reach: noise lies within grey levels, and only shrinks on that side of 0.
            return np.asarray(np.minimum(np.sign(values) * np.maximum(np.abs(values) - loss, 0), room))

        # A value stays at 0 between -loss and loss.
        begins = np.concatenate((np.zeros(len(room)), loss - along))
        ends = np.concatenate((-loss - along, room + loss - along))
        falls, both = excess - float(slopes @ shrunk(along)), np.concatenate((slopes, slopes))
        return np.asarray(
            direction * np.stack([shrunk(along + _way(begins, ends, both, fall) * slopes) for fall in falls])
        )


def _room(pixels: np.ndarray, gradient: np.ndarray) -> NDArray[np.float64]:
    """Return how far each value (G,) can move against the gradient within grey levels."""
    return np.where(gradient > 0, pixels, 255 - pixels).astype(np.float64)


def _way(begins: np.ndarray, ends: np.ndarray, slopes: np.ndarray, fall: float) -> float:
    """Return how far to go against a gradient for a gap to fall by `fall`; 0 if it need not fall.

    On a way w, value i of n moves by w slopes[i], but only from begins[i] to ends[i] (n,) grey levels of its own
    movement does the gap fall, by slopes[i] for each. The fall is therefore linear between the sorted begins and ends.
    """
    if fall <= 0:
        return 0.0
    rates = np.maximum(slopes, 1e-9 * slopes.max() + 1e-30)
    turns = np.maximum(np.concatenate((begins, ends)), 0) / np.concatenate((rates, rates))
    order = turns.argsort()
    turns = turns[order]
    rate = np.cumsum(np.concatenate((slopes**2, -(slopes**2)))[order])
    fallen = np.concatenate(([0.0], np.cumsum(rate[:-1] * np.diff(turns))))
    k = int(np.searchsorted(fallen, fall))
    return float(turns[k - 1] + (fall - fallen[k - 1]) / rate[k - 1]) if k < len(turns) else float(turns[-1])
