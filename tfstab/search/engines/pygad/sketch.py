"""What preset "default" knows of an image's surroundings: a parent, its log-scores and a sketch of their Jacobian.

The difference that a move makes to the log-scores is a directional derivative, so the moves of a generation are a
sketch of the Jacobian. They update the sketch of all earlier moves: in the directions just measured the new values
replace the old ones, everything else stays (SEGA: Hanzely, Mishchenko and Richtarik, *SEGA: Variance Reduction via
Gradient Sketching*, 2018).
"""

import numpy as np
from numpy.typing import NDArray

from tfstab.search.goal import FLIP_MARGIN
from tfstab.search.task import Task

BOUNDARY = 10 * FLIP_MARGIN  # how far beyond the boundary to aim, in log-scores
CLASSES = 10  # leading rivals that are watched
# Genes from which on an image is large: a few generations say next to nothing about so many slopes, and the log-scores
# are not linear as far as such a sketch makes the boundary appear.
LARGE = 20_000
PIECE = 1024  # genes that are updated at a time: OpenBLAS takes twice as long for all at once


class Sketch:
    """A linear model of the log-scores around a parent, for one image of G genes.

    The k watched classes are the goal's pivot and its leading rivals.

    Attributes
    ----------
    parent : ndarray
        The noise (G,), float32, in grey levels, around which the model holds.
    log_scores : ndarray
        The watched classes' log-scores (k,) there, float64.
    masked : bool
        Whether some genes may not change.
    large : bool
        Whether the image has many more genes than a search has queries.
    jacobian : ndarray
        Their estimated slopes (k, G), float32, per grey level.
    """

    def __init__(self, task: Task) -> None:
        self.clean, self.free = task.pixels, task.free
        self.goal, self.norm = task.goal, task.norm
        self.large = len(self.clean) >= LARGE
        self.classes = self.goal.watched(task.clean_log_scores, CLASSES)
        self.parent = np.zeros(len(self.clean), np.float32)
        self.log_scores = task.clean_log_scores[self.classes]
        self.jacobian = np.zeros((len(self.classes), len(self.clean)), np.float32)
        self.masked = not self.free.all()
        self._gradients: tuple[NDArray[np.floating], NDArray[np.float64]] | None = None  # of the present Jacobian

    def learn(self, moves: np.ndarray, changes: np.ndarray) -> None:
        """Change the Jacobian (k, G) as little as explains the changes (B, k) of log-scores under moves (B, G)."""
        gram = (moves @ moves.T).astype(np.float64)
        diagonal = gram.reshape(-1)[:: len(gram) + 1]
        diagonal += 1e-6 * (diagonal.sum() / len(diagonal)) + 1e-12
        surprises = changes - moves @ self.jacobian.T
        if len(moves) == 1:
            self.jacobian += (surprises / gram).T.astype(np.float32) * moves
        else:
            weights = np.linalg.solve(gram, surprises).T.astype(np.float32)
            for start in range(0, moves.shape[1], PIECE):
                piece = slice(start, start + PIECE)
                self.jacobian[:, piece] += weights @ moves[:, piece]
        self._gradients = None

    def forget(self) -> None:
        """Forget all slopes, because they were measured elsewhere."""
        self.jacobian[:] = 0
        self._gradients = None

    def gaps(self, log_scores: np.ndarray) -> NDArray[np.float64]:
        """Return the gaps (..., k-1) that must fall below 0, for the watched classes' log-scores (..., k)."""
        return self.goal.gap(log_scores) + BOUNDARY

    def gradients(self) -> tuple[NDArray[np.floating], NDArray[np.float64]]:
        """Return the gradients (k-1, G) of the gaps and their slopes (k-1,) in the norm; not to be changed."""
        if self._gradients is None:
            gradients = self.goal.difference(self.jacobian[0], self.jacobian[1:])
            if self.masked:
                gradients *= self.free
            self._gradients = gradients, np.maximum(self.norm.slope(gradients), 1e-12)
        return self._gradients

    def nearest(self) -> tuple[int, NDArray[np.floating]]:
        """Return the gap (of k-1) whose linearised boundary is nearest to the clean image, and its gradient (G,)."""
        gradients, slopes = self.gradients()
        distances = (self.gaps(self.log_scores) - gradients @ self.parent) / slopes
        rival = int(next(iter(self.goal.candidates(distances, 1))))
        return rival, np.asarray(gradients[rival])
