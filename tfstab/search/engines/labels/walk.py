"""A walk along the decision boundary, guided by labels alone.

A round of the walk

1. probes the slope of the boundary at the current point: one coefficient of the image's block-wise cosine transform a
   probe, those whose slope is least certain first. The probe also moves along the expected slope, so that it lies on
   the expected boundary: either label is then equally likely, and says most;
2. goes along the arc from the current noise towards the shortest noise on the expected boundary (in L2 the circle whose
   diameter is the current noise, as in SurFree, Maho et al. 2021), on which all noise is smaller than now, as far as
   images flip;
3. goes back from there, straight towards the clean image, until just before the label returns.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tfstab.search.engines.labels.belief import Belief
from tfstab.search.engines.labels.image import PRECISE, Asking, Image
from tfstab.search.engines.labels.spread import refined

MEMORY, MEMORY_BYTES = 2000, 48 << 20  # observations to keep, and at most so much for them
PROBES = 30  # in each round
PROBE_LENGTH = 10.0  # L2 of a probe in grey levels
PROBE_NOISE = 0.01  # standard error of the linear model, for each grey level of a probe (the slope's length is 1)
REACH_NOISE = 0.01  # the same for a step from one point of the boundary to the next
INWARD_NOISE = 0.1  # the same on the way to the clean image
FORGET, MOST_FORGOTTEN = 0.15, 0.3  # share of the knowledge of the slope that is lost: with a step as long as the noise
CLOSE = 1.03  # ratio of norms within which the end of the flipping part of an arc is found
FIRST_TURN = 0.5  # the tangent of the first step's angle
MOST_SHORTER = 5  # how often a step may be shortened before the slope is measured again


def memory(values: int) -> int:
    """Return how many observations of an image of so many values are kept."""
    return max(50, min(MEMORY, MEMORY_BYTES // (4 * values)))


class Walk:
    """A walk along the boundary of one image.

    Parameters
    ----------
    image : Image
        The image.
    here : ndarray
        Noise (G,) just beyond the boundary.
    """

    def __init__(self, image: Image, here: np.ndarray) -> None:
        self.image, self.here, self.turn = image, here, FIRST_TURN
        self.belief = Belief(np.sqrt(image.prior), memory(len(here)))
        inwards = image.basis.coefficients(-here[None])
        self.belief.label(inwards, np.array([False]), INWARD_NOISE * np.linalg.norm(inwards, axis=1))

    @property
    def size(self) -> float:
        """The norm of the current noise."""
        return float(self.image.norm.length(self.here))

    def round(self) -> Asking[None]:
        """Probe, step, and remember what both have shown."""
        yield from self._probe()
        there = yield from self._step()
        forget = 0.0
        if there is not None:
            move = self.image.basis.coefficients(there - self.here)
            length = float(np.linalg.norm(move))
            self.belief.reach(move, REACH_NOISE * length)
            forget = min(FORGET * length / float(np.linalg.norm(self.here)), MOST_FORGOTTEN)
            self.here = there
        outwards = self.image.basis.coefficients(self.here)
        slope = abs(float(outwards @ self.belief.gradient)) / float(np.linalg.norm(outwards))
        self.belief.move(PRECISE * max(slope, 0.02), forget)

    def _probe(self) -> Asking[None]:
        """Learn about the slope of the boundary, and about how slopes are spread."""
        belief, basis = self.belief, self.image.basis
        unknown = (1 - belief.learnt) * belief.scale**2 * self.image.visible
        drawn = unknown * (1 + 1e-3 * self.image.rng.random(len(unknown), np.float32))
        moves = self._moves(basis.atoms(np.argpartition(-drawn, min(PROBES, len(drawn) - 1))[:PROBES]))
        slope = self._slope()
        square = float(slope @ slope)
        for _ in range(2 if square > 0 else 0):  # the second time makes up for what clipping has changed
            gaps = belief.gaps(basis.coefficients(moves))
            moves = self.image.clipped(self.here + moves - (gaps / square)[:, None] * slope) - self.here
        noise, flipped = yield from self.image.ask(self.here + moves)
        moves = noise - self.here
        belief.label(basis.coefficients(moves), flipped, PROBE_NOISE * np.linalg.norm(moves, axis=1))
        belief.rescale(np.sqrt(refined(self.image.prior, basis, belief.gradient, belief.learnt)))

    def _moves(self, atoms: np.ndarray) -> NDArray[np.float32]:
        """Return moves (B, G) along atoms (B, G), in the direction that is clipped less."""
        here, clipped = self.here, self.image.clipped
        up, down = (clipped(here + length * atoms) - here for length in (PROBE_LENGTH, -PROBE_LENGTH))
        longer = np.linalg.norm(up, axis=1) - np.linalg.norm(down, axis=1)
        drawn = self.image.rng.uniform(-0.1, 0.1, len(atoms)) * PROBE_LENGTH
        return np.asarray(np.where((longer > drawn)[:, None], up, down))

    def _slope(self) -> NDArray[np.float32]:
        """Return the expected gradient of the gap (G,), of the free pixels."""
        return np.asarray(self.image.basis.images(self.belief.gradient) * self.image.free)

    def _step(self) -> Asking[NDArray[np.float32] | None]:
        """Return the noise (G,) where a step ends, just beyond the boundary; None if no noise flips."""
        arc = self._arc()
        turn, flips, stays, shortened = self.turn, 0.0, np.inf, 0
        while arc is not None and shortened <= MOST_SHORTER and turn < 50:
            if (yield from self.image.flips(arc(turn))):
                flips = turn
            else:
                stays, shortened = turn, shortened + (flips == 0)
            if flips and np.isfinite(stays):
                if 1 + stays**2 <= CLOSE**2 * (1 + flips**2) or stays < 1.05 * flips:
                    break
                turn = float(np.sqrt(flips * stays))
            else:
                turn = 2 * flips if flips else turn / 4
        self.turn = flips or max(self.turn / 4, 1e-3)
        return (yield from self.image.back(self.image.clipped(arc(flips)))) if arc is not None and flips else None

    def _arc(self) -> Callable[[float], NDArray[np.float32]] | None:
        """Return the arc from here to the shortest noise on the expected boundary, by the angle's tangent."""
        slope, length, size, norm = self._slope(), float(np.linalg.norm(self.here)), self.size, self.image.norm
        outwards = self.here / length
        excess = max(-float(slope @ self.here), 0.05 * float(np.linalg.norm(slope)) * length)
        nearest = norm.project(self.image.pixels, slope, excess)
        across = nearest - float(nearest @ outwards) * outwards
        width = float(np.linalg.norm(across))
        if width < 1e-6 * length:
            return None
        across /= width

        def arc(turn: float) -> NDArray[np.float32]:
            noise = outwards + turn * across
            return np.asarray(noise * (size / np.sqrt(1 + turn**2) / float(norm.quick_length(noise))), np.float32)

        return arc
