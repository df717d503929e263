"""The strategy of preset "default": a genetic search that learns the slopes of the log-scores from its mutations.

Each generation mutates one parent in many random directions. The difference that a mutation makes to the log-scores is
a directional derivative, so a generation is a sketch of their Jacobian. It updates the sketch of all earlier
generations: in the directions just measured the new values replace the old ones, everything else stays (SEGA: Hanzely,
Mishchenko and Richtarik, *SEGA: Variance Reduction via Gradient Sketching*, 2018). Crossover recombines the mutants,
weighted by this sketch, into the point of the linearised decision boundary that is nearest to the clean image within
grey levels 0..255 (the projection of DeepFool, Moosavi-Dezfooli et al. 2016, and of FAB, Croce and Hein 2020, which
have gradients where we have a sketch), and tries steps of several lengths towards it. Selection makes the trial with
the least estimated distance to the boundary the next parent.

The model is asked for scores only. Nothing depends on the budget, the data set or the size of the network's margins.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.search.goal import FLIP_MARGIN
from tfstab.search.objective import Evaluation
from tfstab.search.task import Task

if TYPE_CHECKING:
    from tfstab.search.config import SearchConfig

PROBES = 45  # mutants of the parent in each generation
# The trials of a generation. STEPS: shares of the way along the linearised boundary to its point nearest to the clean
# image. BEYOND: shares of ||r|| by which a trial goes past the linearised boundary, because the real one is curved.
STEPS = np.array([0.8, 0.4, 0.15, 0.15, 0.0], np.float32)
BEYOND = np.array([0.0, 0.0, 0.0, 0.003, 0.003], np.float32)
TRIALS = len(STEPS)
PROBE_LENGTH = 10.0  # L2 of a mutation in grey levels; 2 to 30 work equally well
BOUNDARY = 10 * FLIP_MARGIN  # how far beyond the boundary to aim, in log-scores
RIVALS = 3  # nearest boundaries onto which the clean image is projected within grey levels, in each generation
CLASSES = 10  # leading rivals that are watched
RESTART = 20  # generations without any flip at all after which the search restarts from random noise
RESTART_SIGMA = 8.0  # sigma of that noise in grey levels; doubled each time
# Weight of the estimated distance to the boundary against the norm of the noise: above 1, so that flipping is worth it.
PENALTY = 1.5
# On an ensemble, some members may have flipped while the sketch says little about the slopes of the others. After
# PATIENCE generations without a flip, each further one multiplies the weight by RISE (at most MOST_RISES times), and
# trials go further past the boundary.
PATIENCE, RISE, MOST_RISES = 10, 1.3, 40
OVERDUE_STEPS = np.array([0.4, 0.0, 0.0, 0.0, 0.0], np.float32)
OVERDUE_BEYOND = np.array([0.0, 0.0, 0.05, 0.1, 0.2], np.float32)


class SketchStrategy:
    """State of one image's search: parent (G,), its log-scores (k,) and the sketch of their Jacobian (k, G).

    The k watched classes are the goal's pivot and its leading rivals.
    """

    elites = 1
    from_clean = True
    offspring = PROBES + TRIALS

    def __init__(self, task: Task, config: "SearchConfig") -> None:
        self.clean, self.free, genes = task.pixels, task.free, len(task.pixels)
        self.rng, self.goal, self.norm = task.generator(config.seed), task.goal, task.norm
        self.classes = self.goal.watched(task.clean_log_scores, CLASSES)
        self.parent = np.zeros(genes, np.float32)
        self.log_scores = task.clean_log_scores[self.classes]
        self.jacobian = np.zeros((len(self.classes), genes), np.float32)
        self.trials, self.trial_scores = np.empty((0, genes), np.float32), np.empty((0, len(self.classes)))
        self.crossed = 0  # how many of the next offspring are trials: none in the first generation
        self.generations, self.flipped = 0, False
        self.without_flip = 0  # generations since the last one with a flip
        self.anew = False  # whether the first trial is random noise to restart from

    def start(self) -> NDArray[np.float32]:
        """Return mutants of the clean image."""
        offspring = np.zeros((self.offspring, len(self.clean)), np.float32)
        self._mutate(offspring)
        return offspring

    def ask(self, population: np.ndarray, fitness: np.ndarray, offspring: np.ndarray) -> None:
        """Select the next parent, cross towards the boundary, mutate the parent's copies."""
        self._select()
        self._cross(offspring)
        self._mutate(offspring[TRIALS:])

    def _mutate(self, parents: np.ndarray) -> None:
        """Move every gene of the parents (B, G) up or down by the same amount, with random signs."""
        count, genes = parents.shape
        step = np.float32(PROBE_LENGTH / np.sqrt(np.count_nonzero(self.free)))
        drawn = np.frombuffer(self.rng.bytes(count * -(-genes // 8)), np.uint8).reshape(count, -1)
        parents += np.unpackbits(drawn, axis=1, count=genes) * (2 * step * self.free)
        parents -= step * self.free

    def tell(self, noise: np.ndarray, log_scores: np.ndarray, evaluation: Evaluation) -> None:
        """Update the sketch with the mutants, and keep the trials for the next selection."""
        self.generations += 1
        flipped = bool(evaluation.flipped.any())
        self.flipped = self.flipped or flipped
        self.without_flip = 0 if flipped else self.without_flip + 1
        watched = log_scores[:, self.classes]
        count = self.crossed
        self.trials, self.trial_scores = noise[:count].copy(), watched[:count]
        self._sketch(noise[count:] - self.parent, watched[count:] - self.log_scores)

    def _sketch(self, moves: np.ndarray, changes: np.ndarray) -> None:
        """Change the Jacobian (k, G) as little as explains the changes (B, k) of log-scores under moves (B, G)."""
        gram = (moves @ moves.T).astype(np.float64)
        diagonal = gram.reshape(-1)[:: len(gram) + 1]
        diagonal += 1e-6 * diagonal.mean() + 1e-12
        weights = np.linalg.solve(gram, changes - moves @ self.jacobian.T)
        self.jacobian += weights.T.astype(np.float32) @ moves

    def _select(self) -> None:
        """Make the best trial the parent."""
        if not len(self.trials):
            return
        best = int(self._merits(self.trials, self.trial_scores).argmin())
        move, change = self.trials[best] - self.parent, self.trial_scores[best] - self.log_scores
        if self.anew and not self.flipped:
            best = 0
            self.jacobian[:] = 0  # it was measured elsewhere
        elif move.any():
            self._sketch(move[None], change[None])
        self.parent, self.log_scores = self.trials[best], self.trial_scores[best]

    def _gaps(self, log_scores: np.ndarray) -> NDArray[np.float64]:
        """Return the gaps (..., k-1) that must fall below 0, for the watched classes' log-scores (..., k)."""
        return self.goal.gap(log_scores) + BOUNDARY

    def _gradients(self) -> tuple[NDArray[np.floating], NDArray[np.float64]]:
        """Return the gradients (k-1, G) of the gaps and their lengths (k-1,)."""
        gradients = self.goal.difference(self.jacobian[0], self.jacobian[1:])
        if not self.free.all():
            gradients *= self.free
        return gradients, np.maximum(self.norm.quick_length(gradients), 1e-12)

    def _merits(self, noise: np.ndarray, log_scores: np.ndarray) -> NDArray[np.float64]:
        """Return the estimated norms (T,) of the nearest flips, from noises (T, G) with log-scores (T, k)."""
        distances = np.maximum(self._gaps(log_scores), 0) / self._gradients()[1]
        price = PENALTY * RISE**self._overdue
        return self.norm.quick_length(noise) + price * self.goal.remaining(distances)

    @property
    def _overdue(self) -> int:
        """The number of generations for which a flip has been overdue."""
        return min(max(0, self.without_flip - PATIENCE), MOST_RISES)

    def _cross(self, offspring: np.ndarray) -> None:
        """Fill in trials on the way to the nearest point of the boundary, then copies of the parent."""
        nearest, back, beyond = self._boundary()
        steps, past = (OVERDUE_STEPS, OVERDUE_BEYOND) if self._overdue else (STEPS, BEYOND)
        offspring[:TRIALS] = back + steps[:, None] * (nearest - back) + past[:, None] * beyond
        self.anew = not self.flipped and self.generations % RESTART == 0
        if self.anew:
            sigma = RESTART_SIGMA * 2.0 ** (self.generations // RESTART - 1)
            offspring[0] = self.rng.standard_normal(len(self.clean), np.float32) * np.float32(sigma) * self.free
        offspring[TRIALS:] = self.parent
        self.crossed = TRIALS

    def _boundary(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Find where the linearised boundary comes nearest to the clean image.

        Returns
        -------
        nearest, back, beyond : ndarray
            (G,) each: the shortest noise within grey levels that reaches the boundary, the boundary's point nearest to
            the parent, and a move across the boundary as long as the noise is there.
        """
        gaps, (gradients, slopes) = self._gaps(self.log_scores), self._gradients()
        # On the boundary with class k, gradients[k] . r = -excess[k]; without the box the least r has length norms[k].
        excess = gaps - gradients @ self.parent
        norms = excess / slopes
        rivals = list(self.goal.candidates(norms, RIVALS))
        nearest, k, least = np.zeros_like(self.parent), int(rivals[0]), np.inf
        for rival in rivals:
            if norms[rival] >= least:  # within grey levels the noise can only be longer
                break
            found = self.norm.project(self.clean, gradients[rival], float(excess[rival]))
            length = float(self.norm.quick_length(found))
            if length < least:
                nearest, k, least = found, int(rival), length
        back = self.parent - np.float32(gaps[k] / slopes[k] ** 2) * gradients[k]
        return nearest, back, np.float32(-self.norm.quick_length(back) / slopes[k]) * gradients[k]
