"""Islands, each with the search of one image, in batches that are scored together.

An island holds one image's search: its first rows are the best chromosomes so far (elitism), the others the offspring
of this generation. Each island has its own random generator, so that a result does not depend on the images searched
beside it. When a search ends, its island takes the next image.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tfstab.search.engines.pygad.strategy import Strategy
from tfstab.search.objective import Evaluation
from tfstab.search.result import Generation
from tfstab.search.trace import StopReason, Trace

UNSCORED = -np.inf


@dataclass(eq=False)
class Island:
    """One image's search.

    Attributes
    ----------
    trace : Trace
        The record of its generations.
    strategy : Strategy
        Makes the offspring.
    start_objective, start_fitness : float
        Objective and fitness of the clean image if the first population contains it; otherwise the worst there are.
    unchanged : int
        Generations since the last improvement.
    best_fitness, best_objective, best_norm : float
        Fitness, objective and norm of the best chromosome so far.
    found : bool
        Whether the best chromosome reaches the goal.
    """

    trace: Trace
    strategy: Strategy
    start_objective: float = np.inf
    start_fitness: float = UNSCORED
    unchanged: int = 0
    best_fitness: float = UNSCORED
    best_objective: float = np.inf
    best_norm: float = 0.0
    found: bool = False

    def __post_init__(self) -> None:
        """Keep the clean image as a vector (G,), float32."""
        self.pixels = self.trace.task.pixels

    @property
    def begun(self) -> bool:
        """Whether a generation has been scored."""
        return bool(self.trace.history)


# Waits for the scores of a batch: the evaluation of the offspring of each island with an image, and their log-scores.
Scores = Callable[[], list[tuple[Evaluation, NDArray[np.float64]]]]


class Session(Protocol):
    """What the islands need from the search that they belong to."""

    def score(self, batch: "Batch") -> Scores:
        """Begin to score a batch's offspring; return what waits for the scores."""

    def stop_reason(self, island: Island, shown: StopReason | None) -> StopReason | None:
        """Return why the island's search is over, or None; `shown` is what `Trace.record` returned."""

    def finish(self, island: Island, noise: np.ndarray, reason: StopReason) -> Island | None:
        """Hand out the island's result for its best noise (G,); return the island of the next image, if any."""


class Batch:
    """Islands whose offspring are scored in one call of the model: I islands of P rows, of which B are offspring.

    Parameters
    ----------
    islands : list of Island or None
        The islands; None for one without an image.

    Attributes
    ----------
    population : ndarray
        The noise (I, P, G) of all rows, float32.
    images : ndarray
        The offspring as degraded images (I, B, G), float32.
    fitness : ndarray
        The fitness (I, P), float64, of the rows that were scored last.
    scores : callable or None
        Waits for the scores of the offspring; None if they are not being scored.
    """

    def __init__(self, islands: list[Island | None]) -> None:
        self.islands = islands
        first = next(island for _, island in self.active())
        self.elites, shape = first.strategy.elites, (len(islands), first.strategy.offspring, len(first.pixels))
        self.images = np.zeros(shape, np.float32)
        self.population = np.zeros((len(islands), self.elites + shape[1], shape[2]), np.float32)
        self._spare = np.zeros_like(self.population)  # memory of the next generation: reuse is faster than allocation
        self.fitness = np.full(self.population.shape[:2], UNSCORED)
        for k, island in self.active():
            self.fitness[k, 0] = island.start_fitness
        self.scores: Scores | None = None
        # What `Trace.record` returned for the last generation, by island.
        self._shown: dict[int, StopReason | None] = {}

    def active(self) -> Iterator[tuple[int, Island]]:
        """Return the islands that have an image, with their places."""
        return ((k, island) for k, island in enumerate(self.islands) if island is not None)

    @property
    def offspring(self) -> NDArray[np.float32]:
        """The offspring (I, B, G)."""
        return self.population[:, self.elites :]

    def breed(self) -> None:
        """Make the next population: each island's elites, and the offspring that its strategy makes."""
        before, self.population, self._spare = self.population, self._spare, self.population
        for k, island in self.active():
            self.population[k, : self.elites] = before[k, : self.elites]
            offspring = self.offspring[k]
            if island.begun:
                island.strategy.ask(before[k], self.fitness[k], offspring)
            else:
                island.strategy.start(offspring)
            # Within grey levels, because the noise was clipped and rounding is monotone.
            np.add(offspring, island.pixels, out=self.images[k])

    def take(self, scored: list[tuple[Evaluation, NDArray[np.float64]]]) -> None:
        """Tell the strategies their scores, and record the generation."""
        for (k, island), (evaluation, log_scores) in zip(self.active(), scored, strict=True):
            self.fitness[k, self.elites :] = evaluation.fitness
            island.strategy.tell(self.offspring[k], log_scores, evaluation)
            self._record(k, island, evaluation)

    def _record(self, k: int, island: Island, evaluation: Evaluation) -> None:
        """Move the best rows to the elites' places and record the generation."""
        population, count = self.population[k], self.elites
        order = np.argsort(-self.fitness[k], kind="stable")[:count]  # stable: an older elite wins a tie
        if order.any():  # a single elite that stays in its place is not copied
            population[:count] = population[order]
            self.fitness[k, :count] = self.fitness[k, order]
        island.trace.queries += len(evaluation.fitness)
        improved = self.fitness[k, 0] > island.best_fitness
        island.unchanged = 0 if improved else island.unchanged + 1
        if improved:
            island.best_fitness = float(self.fitness[k, 0])
            new = order[0] - count
            island.best_objective = float(evaluation.objective[new]) if new >= 0 else island.start_objective
            island.found = bool(evaluation.flipped[new]) if new >= 0 else False
            island.best_norm = float(island.trace.task.norm.length(population[:1])[0])
        offspring = len(evaluation.fitness)
        mean, share = float(evaluation.objective.sum()) / offspring, np.count_nonzero(evaluation.flipped) / offspring
        generation = Generation(island.best_objective, mean, island.best_norm, share)
        self._shown[k] = island.trace.record(generation, population[0], island.found)

    def succeed(self, session: Session) -> None:
        """Give the islands whose search is over the next images."""
        for k, island in list(self.active()):
            reason = session.stop_reason(island, self._shown.pop(k, None)) if island.begun else None
            if reason:
                self._replace(k, session.finish(island, self.population[k, 0].copy(), reason))

    def _replace(self, k: int, island: Island | None) -> None:
        """Put another image on an island, or leave it empty."""
        self.islands[k] = island
        self.population[k] = 0
        self.fitness[k] = UNSCORED
        if island is not None:
            self.fitness[k, 0] = island.start_fitness
