"""Several searches as islands of one PyGAD population, so that one model call of fixed shape scores them all.

An island holds one image's search: its first rows are the best chromosomes so far (elitism), the others the offspring
of this generation. The module adapts strategies, which ask and tell, to PyGAD's loop: PyGAD's selection keeps every row
in its place, its crossover asks each island's strategy for offspring, and its mutation clips them to grey levels. Each
island has its own random generator, so that a result does not depend on the images searched beside it. When a search
ends, its island takes the next image.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pygad
from numpy.typing import NDArray

from tfstab.search.engines.pygad.strategy import Strategy
from tfstab.search.objective import Evaluation
from tfstab.search.result import Generation
from tfstab.search.trace import StopReason, Trace

UNSCORED = -np.inf
# PyGAD logs every error that it passes on; what is printed is decided where the error is caught.
_quiet = logging.getLogger("tfstab.pygad")
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False


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


class Session(Protocol):
    """What the islands need from the search that they belong to; I islands have B offspring each."""

    def score(
        self, islands: list[Island | None], offspring: np.ndarray
    ) -> list[tuple[Evaluation, NDArray[np.float64]] | None]:
        """Score offspring, float32 noise (I, B, G), in one call; None for an island without an image."""

    def stop_reason(self, island: Island, shown: StopReason | None) -> StopReason | None:
        """Return why the island's search is over, or None; `shown` is what `Trace.record` returned."""

    def finish(self, island: Island, noise: np.ndarray, reason: StopReason) -> Island | None:
        """Hand out the island's result for its best noise (G,); return the island of the next image, if any."""


class IslandGA(pygad.GA):
    """PyGAD's loop on islands; only offspring are scored."""

    def __init__(self, islands: list[Island], session: Session) -> None:
        self.islands: list[Island | None] = list(islands)
        self.elites, self.session = islands[0].strategy.elites, session
        self.genes = len(islands[0].pixels)
        self.size = self.elites + islands[0].strategy.offspring
        # What `Trace.record` returned for the last generation, by island.
        self._shown: dict[int, StopReason | None] = {}
        self.island_fitness = np.full((len(islands), self.size), UNSCORED)
        for k, island in enumerate(islands):
            self.island_fitness[k, 0] = island.start_fitness
        rows = len(islands) * self.size
        super().__init__(
            # No limit: each island counts its own, and `_after_generation` stops.
            num_generations=np.iinfo(np.int64).max,
            num_parents_mating=rows,
            initial_population=np.zeros((rows, 1), np.float32),
            fitness_func=_scored_by_cal_pop_fitness,
            gene_type=np.float32,
            parent_selection_type=_keep_rows,
            crossover_type=_ask,
            mutation_type=_clip,
            keep_elitism=0,  # done inside each island
            keep_parents=0,
            on_generation=_after_generation,
            suppress_warnings=True,
            logger=_quiet,
        )
        # Set here and not in the call above: PyGAD checks a first population value by value, which takes 20 s for 250
        # images of 224 x 224.
        self.num_genes, self.pop_size = self.genes, (rows, self.genes)
        self.population = np.zeros((rows, self.genes), np.float32)
        self.initial_population = self.population[:0]
        self.spare = np.zeros_like(self.population)  # memory of the next generation: reuse is faster than allocation

    def rows(self, population: np.ndarray) -> NDArray[np.float32]:
        """Return a view (I, P, G) of a population (I * P, G)."""
        return population.reshape(len(self.islands), self.size, self.genes)

    def active(self) -> Iterator[tuple[int, Island]]:
        """Return the islands that have an image, with their places."""
        return ((k, island) for k, island in enumerate(self.islands) if island is not None)

    def change_population_dtype_and_round(self, population: np.ndarray) -> np.ndarray:
        """Skip PyGAD's copy after each operator, which converts the genes' type; these have the right one."""
        if population.dtype == np.float32:
            return population
        return np.asarray(super().change_population_dtype_and_round(population))

    def _validate_population_fitness(self, fitness: np.ndarray, source: str, check_shape: bool = True) -> np.ndarray:
        """Skip PyGAD's check value by value: the classifier guarantees float64 without NaN."""
        return fitness

    def cal_pop_fitness(self) -> NDArray[np.float64]:
        """Return the fitness of all rows: elites keep theirs, offspring are scored in one call."""
        if self.generations_completed:
            population = self.rows(self.population)
            scored = self.session.score(self.islands, population[:, self.elites :])
            for k, island in self.active():
                result = scored[k]
                assert result is not None
                evaluation, log_scores = result
                self.island_fitness[k, self.elites :] = evaluation.fitness
                island.strategy.tell(population[k, self.elites :], log_scores, evaluation)
                self._record(k, island, evaluation)
        return self.island_fitness.reshape(-1).copy()

    def _record(self, k: int, island: Island, evaluation: Evaluation) -> None:
        """Move the best rows to the elites' places and record the generation."""
        population, count = self.rows(self.population)[k], self.elites
        order = np.argsort(-self.island_fitness[k], kind="stable")[:count]  # stable: an older elite wins a tie
        if order.any() or count > 1:  # a single elite that stays in its place is not copied
            population[:count] = population[order]
            self.island_fitness[k, :count] = self.island_fitness[k, order]
        island.trace.queries += len(evaluation.fitness)
        improved = self.island_fitness[k, 0] > island.best_fitness
        island.unchanged = 0 if improved else island.unchanged + 1
        if improved:
            island.best_fitness = float(self.island_fitness[k, 0])
            new = order[0] - count
            island.best_objective = float(evaluation.objective[new]) if new >= 0 else island.start_objective
            island.found = bool(evaluation.flipped[new]) if new >= 0 else False
            island.best_norm = float(island.trace.task.norm.length(population[:1])[0])
        share = float(evaluation.flipped.mean())
        generation = Generation(island.best_objective, float(evaluation.objective.mean()), island.best_norm, share)
        self._shown[k] = island.trace.record(generation, population[0], island.found)

    def stop_reason(self, k: int, island: Island) -> StopReason | None:
        """Return why this island's search is over, or None."""
        return self.session.stop_reason(island, self._shown.pop(k, None))

    def replace(self, k: int, island: Island | None) -> None:
        """Put another image on an island, or leave it empty."""
        self.islands[k] = island
        self.rows(self.population)[k] = 0
        self.island_fitness[k] = UNSCORED
        if island is not None:
            self.island_fitness[k, 0] = island.start_fitness
        self.last_generation_fitness = self.island_fitness.reshape(-1).copy()


def _scored_by_cal_pop_fitness(ga: Any, solution: Any, index: Any) -> float:
    """Take the place of the fitness function that PyGAD demands; never called."""
    raise AssertionError("IslandGA scores whole populations")


def _keep_rows(fitness: np.ndarray, count: int, ga: IslandGA) -> tuple[np.ndarray, np.ndarray]:
    """Select every row, in its place: the selection of parents is the strategies' task."""
    return ga.population, np.arange(count)


def _ask(parents: np.ndarray, size: tuple[int, int], ga: IslandGA) -> np.ndarray:
    """Return the next population: each island's elites, and the offspring that its strategy makes."""
    before, population = ga.rows(parents), ga.rows(ga.spare)
    for k, island in enumerate(ga.islands):
        offspring = population[k, ga.elites :]
        population[k, : ga.elites] = before[k, : ga.elites]
        if island is None:
            offspring[:] = 0
        elif island.begun:
            island.strategy.ask(before[k], ga.island_fitness[k], offspring)
        else:
            offspring[:] = island.strategy.start()
    ga.spare = ga.population
    return population.reshape(size)


def _clip(population: np.ndarray, ga: IslandGA) -> np.ndarray:
    """Clip the degraded images to grey levels and return the population with the noise that remains."""
    rows = ga.rows(population)
    for k, island in ga.active():
        new = rows[k, ga.elites :]
        new += island.pixels
        np.clip(new, 0, 255, out=new)
        new -= island.pixels
    return population


def _after_generation(ga: IslandGA) -> str | None:
    """Give the islands whose search is over the next images; return "stop" when no island has an image."""
    for k, island in list(ga.active()):
        reason = ga.stop_reason(k, island)
        if reason:
            ga.replace(k, ga.session.finish(island, ga.rows(ga.population)[k, 0].copy(), reason))
    return "stop" if not any(ga.active()) else None
