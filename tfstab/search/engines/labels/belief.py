"""What labels say about the slope of the decision boundary: a Gaussian belief that each labelled image sharpens.

Near a point of the boundary the gap to it is modelled as  gradient . move + offset.  Gradient and offset are unknown
and Gaussian, at first with a standard deviation of their own for each coefficient. The label of an image near the point
is the sign of its gap, with the linear model's error as noise: a probit regression, whose posterior is kept by assumed
density filtering (Minka, *A Family of Algorithms for Approximate Bayesian Inference*, 2001). Signs say nothing about
the length of the gradient, which stays that of the prior; only its direction is used.
"""

import numpy as np
from numpy.typing import NDArray

OUTLIERS = 0.02  # share of labels that contradict the linear model whatever its noise

TINY = 1e-12  # variance that keeps a move of no length from dividing by 0


class Belief:
    """A Gaussian belief about gradient (G,) and offset.

    In units of the prior's standard deviations, the covariance is the identity less the products of the `known` rows
    with themselves: each observation adds a row, the newest replaces the oldest, and a factor below 1 forgets.

    Parameters
    ----------
    scale : ndarray
        The prior's standard deviations (G,) of the gradient's coefficients.
    memory : int
        Rows to keep.
    """

    def __init__(self, scale: np.ndarray, memory: int) -> None:
        self._scale = np.append(scale, 0).astype(np.float32)  # the last one is the offset's
        self._mean = np.zeros_like(self._scale)
        self._known = np.zeros((memory, len(self._scale)), np.float32)
        self._rows = 0

    @property
    def scale(self) -> NDArray[np.float32]:
        """The prior's standard deviations (G,) of the gradient's coefficients."""
        return self._scale[:-1]

    @property
    def gradient(self) -> NDArray[np.float32]:
        """The expected gradient (G,)."""
        return np.asarray(self._mean[:-1] * self._scale[:-1])

    @property
    def learnt(self) -> NDArray[np.float32]:
        """The share (G,), 0..1, of each coefficient's variance that observations have removed."""
        known = self._held[:, :-1]
        return np.asarray(np.minimum(np.einsum("ng,ng->g", known, known), 1))

    @property
    def _held(self) -> NDArray[np.float32]:
        return self._known[: min(self._rows, len(self._known))]

    def rescale(self, scale: np.ndarray) -> None:
        """Replace the prior's standard deviations (G,); the expected gradient stays."""
        self._mean[:-1] *= self._scale[:-1] / scale
        self._scale[:-1] = scale

    def move(self, offset: float, forget: float) -> None:
        """Go to another point of the boundary.

        Parameters
        ----------
        offset : float
            Standard deviation of the gap there.
        forget : float
            The share, 0..1, of what is known about the gradient that no longer holds.
        """
        self._held[...] *= np.float32(np.sqrt(1 - forget))
        self._held[:, -1] = 0
        self._mean[-1], self._scale[-1] = 0, offset

    def gaps(self, moves: np.ndarray) -> NDArray[np.float32]:
        """Return the expected gaps (B,) after moves (B, G)."""
        return np.asarray(self._scaled(moves) @ self._mean)

    def label(self, moves: np.ndarray, beyond: np.ndarray, noise: np.ndarray) -> None:
        """Learn labels.

        Parameters
        ----------
        moves : ndarray
            Moves (B, G) from the current point to the labelled images, as coefficients.
        beyond : ndarray
            Which of them have flipped, (B,), bool: their gap is negative.
        noise : ndarray
            Standard deviation (B,) of the linear model's error there.
        """
        scaled = self._scaled(moves)
        spread = scaled - (scaled @ self._held.T) @ self._held
        for k, sign in enumerate(np.where(beyond, -1.0, 1.0)):
            deviation = np.sqrt(max(float(spread[k] @ scaled[k]), 0) + float(noise[k]) ** 2 + TINY)
            sure = sign * float(scaled[k] @ self._mean) / deviation
            pull = _pull(sure)
            row = spread[k] / np.float32(deviation)
            self._mean += np.float32(sign * pull) * row
            row *= np.float32(np.sqrt(max(pull * (pull + sure), 0)))
            self._remember(row)
            spread[k + 1 :] -= (scaled[k + 1 :] @ row)[:, None] * row

    def reach(self, move: np.ndarray, noise: float) -> None:
        """Learn that a move (G,) ends on the boundary, up to this standard deviation of the gap."""
        scaled = self._scaled(move[None])[0]
        spread = scaled - (self._held @ scaled) @ self._held
        deviation = np.sqrt(max(float(spread @ scaled), 0) + noise**2 + TINY)
        row = spread / np.float32(deviation)
        self._mean -= np.float32(float(scaled @ self._mean) / deviation) * row
        self._remember(row)

    def _scaled(self, moves: np.ndarray) -> NDArray[np.float32]:
        """Return moves (B, G) with the offset's 1 behind, in units of the prior's standard deviations (B, G + 1)."""
        return np.concatenate((moves, np.ones((len(moves), 1), np.float32)), axis=1) * self._scale

    def _remember(self, row: np.ndarray) -> None:
        """Keep a row (G + 1,), in place of the oldest one if there is no room."""
        self._known[self._rows % len(self._known)] = row
        self._rows += 1


def _pull(sure: float) -> float:
    """Return by how many standard deviations an observed sign moves the mean.

    `sure` is how many standard deviations the mean was on that sign's side of 0; negative on the other side.
    """
    from scipy.special import log_ndtr  # here, as every command's start would wait for it

    share = 1 - 2 * OUTLIERS
    density = float(np.exp(-sure * sure / 2) / np.sqrt(2 * np.pi))
    return share * density / (OUTLIERS + share * float(np.exp(log_ndtr(sure))))
