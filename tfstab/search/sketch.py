"""The strategy "default": a genetic search that remembers what its mutations have told it.

Each generation mutates one parent in many random directions and crosses what comes of it. The difference that a
mutation makes to the log-scores is a directional derivative, so a generation is a sketch of their Jacobian; it is
added to the sketch of all generations before (SEGA: Hanzely, Mishchenko and Richtarik, *SEGA: Variance Reduction via
Gradient Sketching*, 2018): what was measured in these directions replaces what was believed of them, all else stays.
Crossover recombines the mutants, weighted by this sketch, into the point on the linearised decision boundary that is
nearest to the clean image within grey levels 0..255 (the projection of DeepFool, Moosavi-Dezfooli et al. 2016, and of
FAB, Croce and Hein 2020, who have gradients where we have a sketch), and tries steps of several lengths towards it.
Selection takes the trial with the least estimated distance to the boundary as the next parent.

Only scores are asked of the model. Nothing depends on the budget, the data set or the size of the network's margins.
"""

import numpy as np
from numpy.typing import NDArray

from tfstab.search.config import SearchConfig
from tfstab.search.objective import FLIP_MARGIN, Evaluation
from tfstab.search.projection import project
from tfstab.search.task import Task

PROBES = 45  # mutants of the parent in each generation
# The trials: shares of the way along the linearised boundary to its nearest point, and shares of ||r|| that each goes
# past the boundary, which curves.
STEPS = np.array([0.8, 0.4, 0.15, 0.15, 0.0], np.float32)
BEYOND = np.array([0.0, 0.0, 0.0, 0.003, 0.003], np.float32)
TRIALS = len(STEPS)
PROBE_LENGTH = 10.0  # grey levels of L2; anything from 2 to 30 serves as well
BOUNDARY = 10 * FLIP_MARGIN  # how far beyond the boundary to aim, in log-scores
RIVALS = 3  # classes whose boundary is tried within grey levels in each generation
CLASSES = 10  # the leading classes that are watched as those to flip to
RESTART = 20  # generations without any flip, after which the walk begins anew from random noise
RESTART_SIGMA = 8.0  # of that noise, in grey levels; doubled each time
# The price of a log-score not yet overcome, against what it costs in L2 by the sketch: above 1, so that a flip pays.
PENALTY = 1.5
# Ensembles have ledges, where some members have flipped and the sketch tells little of the others. After PATIENCE
# generations without a flip the price rises with each (MOST_RISES times), and trials go further past the boundary.
PATIENCE, RISE, MOST_RISES = 10, 1.3, 40
OVERDUE_STEPS = np.array([0.4, 0.0, 0.0, 0.0, 0.0], np.float32)
OVERDUE_BEYOND = np.array([0.0, 0.0, 0.05, 0.1, 0.2], np.float32)


class SketchStrategy:
    """State of one image's search: parent (G,), its log-scores (k,) and the Jacobian's sketch (k, G)."""

    def __init__(self, task: Task, config: SearchConfig) -> None:
        self.clean, self.free, genes = task.pixels, task.free, len(task.pixels)
        self.rng = task.generator(config.seed)
        self.target = task.target
        self.classes = self._watched(task)
        self.parent = np.zeros(genes, np.float32)
        self.log_scores = task.clean_log_scores[self.classes]
        self.jacobian = np.zeros((len(self.classes), genes), np.float32)
        self.trials, self.trial_scores = np.empty((0, genes), np.float32), np.empty((0, len(self.classes)))
        self.crossed = 0  # how many of the offspring to come are trials: none in the first generation
        self.generations, self.flipped = 0, False
        self.without_flip = 0  # generations since one had a flip
        self.anew = False  # whether the first trial is random noise to go on from

    @staticmethod
    def _watched(task: Task) -> NDArray[np.int64]:
        """The class to leave first, then those to flip to. With a target, the target first, then those to overcome."""
        first = task.class_index if task.target is None else task.target
        order = np.argsort(-task.clean_log_scores, kind="stable")
        return np.concatenate([[first], order[order != first][:CLASSES]])

    def start(self) -> NDArray[np.float32]:
        """Mutants of the clean image."""
        offspring = np.zeros((PROBES + TRIALS, len(self.clean)), np.float32)
        self._mutate(offspring)
        return offspring

    def _mutate(self, parents: np.ndarray) -> None:
        """Move every gene of the parents (B, G), all alike, up or down by the same, drawn bit by bit."""
        count, genes = parents.shape
        step = np.float32(PROBE_LENGTH / np.sqrt(np.count_nonzero(self.free)))
        drawn = np.frombuffer(self.rng.bytes(count * -(-genes // 8)), np.uint8).reshape(count, -1)
        parents += np.unpackbits(drawn, axis=1, count=genes) * (2 * step * self.free)
        parents -= step * self.free

    def learn(self, noise: np.ndarray, log_scores: np.ndarray, evaluation: Evaluation) -> None:
        """Take the mutants into the sketch, and note the trials. noise: (B, G); log_scores: (B, K)."""
        self.generations += 1
        flipped = bool(evaluation.flipped.any())
        self.flipped = self.flipped or flipped
        self.without_flip = 0 if flipped else self.without_flip + 1
        watched = log_scores[:, self.classes]
        count = self.crossed
        self.trials, self.trial_scores = noise[:count].copy(), watched[:count]
        self._sketch(noise[count:] - self.parent, watched[count:] - self.log_scores)

    def _sketch(self, moves: np.ndarray, changes: np.ndarray) -> None:
        """Change the Jacobian (k, G) least so that it gives the changes (B, k) of log-scores under moves (B, G)."""
        gram = (moves @ moves.T).astype(np.float64)
        diagonal = gram.reshape(-1)[:: len(gram) + 1]
        diagonal += 1e-6 * diagonal.mean() + 1e-12
        weights = np.linalg.solve(gram, changes - moves @ self.jacobian.T)
        self.jacobian += weights.T.astype(np.float32) @ moves

    def select(self, fitness: np.ndarray) -> NDArray[np.int64]:
        """Make the best trial the parent; all rows then take part in the crossover."""
        if len(self.trials):
            best = int(self._merits(self.trials, self.trial_scores).argmin())
            move, change = self.trials[best] - self.parent, self.trial_scores[best] - self.log_scores
            if self.anew and not self.flipped:
                best = 0
                self.jacobian[:] = 0  # of another place
            elif move.any():
                self._sketch(move[None], change[None])
            self.parent, self.log_scores = self.trials[best], self.trial_scores[best]
        return np.arange(len(fitness))

    @property
    def _sign(self) -> float:
        """The first watched class must fall behind another, or with a target before all."""
        return 1.0 if self.target is None else -1.0

    def _gaps(self, log_scores: np.ndarray) -> NDArray[np.float64]:
        """What must fall below 0, (..., k-1), for log-scores (..., k): first watched class against each other."""
        return self._sign * (log_scores[..., :1] - log_scores[..., 1:]) + BOUNDARY

    def _gradients(self) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """(gradients float32 (k-1, G) of the gaps, their lengths (k-1,))."""
        first, others = self.jacobian[0], self.jacobian[1:]
        gradients = first - others if self.target is None else others - first
        if not self.free.all():
            gradients *= self.free
        return gradients, np.maximum(_lengths(gradients), 1e-12)

    def _merits(self, noise: np.ndarray, log_scores: np.ndarray) -> NDArray[np.float64]:
        """Estimated L2 of the nearest flip, (T,), from noises (T, G) with log-scores (T, k): less is better."""
        distances = np.maximum(self._gaps(log_scores), 0) / self._gradients()[1]
        # Any other class may lead for a flip; with a target, every other class must fall behind.
        left = distances.min(axis=1) if self.target is None else distances.max(axis=1)
        return _lengths(noise) + PENALTY * RISE**self._overdue * left

    @property
    def _overdue(self) -> int:
        """For how many generations a flip has been overdue."""
        return min(max(0, self.without_flip - PATIENCE), MOST_RISES)

    def cross(self, parents: np.ndarray, offspring: np.ndarray) -> None:
        """Trials on the way to the nearest point of the boundary, and copies of the parent."""
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
        """(nearest, back, beyond), all (G,), for the class whose linearised boundary comes nearest to the clean image.

        nearest: its least noise within grey levels. back: its point nearest to the parent. beyond: a move across it,
        as long as the noise is there.
        """
        gaps, (gradients, slopes) = self._gaps(self.log_scores), self._gradients()
        # On the boundary with class k, gradients[k] . r = -excess[k]; without the box the least r has length norms[k].
        excess = gaps - gradients @ self.parent
        norms = excess / slopes
        order = np.argsort(norms)[:RIVALS] if self.target is None else [norms.argmax()]  # a target: take the hardest
        nearest, k, least = np.zeros_like(self.parent), int(order[0]), np.inf
        for rival in order:
            if norms[rival] >= least:  # the box can only make it longer
                break
            found = project(self.clean, gradients[rival], float(excess[rival]))
            length = float(_lengths(found))
            if length < least:
                nearest, k, least = found, int(rival), length
        back = self.parent - np.float32(gaps[k] / slopes[k] ** 2) * gradients[k]
        return nearest, back, np.float32(-_lengths(back) / slopes[k]) * gradients[k]

    def mutate(self, offspring: np.ndarray) -> None:
        """Turn the copies of the parent into mutants; the trials stay."""
        self._mutate(offspring[TRIALS:])


def _lengths(vectors: np.ndarray) -> NDArray[np.float64]:
    """Euclidean lengths (...) of float32 vectors (..., G)."""
    return np.sqrt(np.einsum("...g,...g->...", vectors, vectors), dtype=np.float64)
