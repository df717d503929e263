"""Many searches as islands of one PyGAD population, so that a generation of all is one model call of fixed shape.

An island is one image's search: its first rows are the best so far (elitism), the others this generation's offspring.
Selection, crossover and mutation are those of the island's strategy and stay inside it, and each island draws from a
generator of its own, so that a result does not depend on which images are searched beside it. An island that is done
takes the next image.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pygad
from numpy.typing import NDArray

from tfstab.search.objective import Evaluation
from tfstab.search.task import Task

UNSCORED = -np.inf
# PyGAD logs every error that it passes on; whoever catches it decides what is said.
_quiet = logging.getLogger("tfstab.pygad")
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False


class Strategy(Protocol):
    """The operators of one island. B offspring of G genes, float32 noise in grey levels; P rows with the elites."""

    def start(self) -> NDArray[np.float32]:
        """The first offspring (B, G)."""

    def learn(self, noise: np.ndarray, log_scores: np.ndarray, evaluation: Evaluation) -> None:
        """Look at a generation that has been scored: noise (B, G), log_scores (B, K)."""

    def select(self, fitness: np.ndarray) -> NDArray[np.int64]:
        """Rows of the parents (P,), from the fitness of all rows (P,)."""

    def cross(self, parents: np.ndarray, offspring: np.ndarray) -> None:
        """Fill in the offspring (B, G) of the parents (P, G)."""

    def mutate(self, offspring: np.ndarray) -> None:
        """Change the offspring (B, G) in place."""


@dataclass(eq=False)
class Island:
    """One image's search: its strategy, its account, and `start_objective` and `start_fitness` of r = 0.

    started: of `time.perf_counter`.
    """

    task: Task
    strategy: Strategy
    start_objective: float
    start_fitness: float
    generations: int = 0
    queries: int = 0
    unchanged: int = 0
    history: list[tuple[float, float, float, float]] = field(default_factory=list)
    best_fitness: float = UNSCORED
    best_objective: float = np.inf
    found: bool = False
    started: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        self.pixels = self.task.pixels


class IslandGA(pygad.GA):
    """PyGAD's loop with operators that work on islands, and a fitness that scores only new rows.

    search.score(islands, offspring): offspring float32 (I, B, G) to (Evaluation, log_scores (B, K)) for each island,
    None where there is no image. search.stop_reason(island, best noise) and search.finish(island, best noise, reason),
    which gives the next Island or None.
    """

    def __init__(self, islands: list[Island], elites: int, offspring: int, search: Any) -> None:
        self.islands: list[Island | None] = list(islands)
        self.elites, self.search = elites, search
        self.genes = len(islands[0].pixels)
        self.size = elites + offspring
        self.island_fitness = np.full((len(islands), self.size), UNSCORED)
        for k, island in enumerate(islands):
            self.island_fitness[k, 0] = island.start_fitness
        rows = len(islands) * self.size
        super().__init__(
            num_generations=np.iinfo(np.int64).max,  # each island counts its own; the search stops the whole
            num_parents_mating=rows,
            initial_population=np.zeros((rows, 1), np.float32),
            fitness_func=_scored_by_cal_pop_fitness,
            gene_type=np.float32,
            parent_selection_type=_select,
            crossover_type=_cross,
            mutation_type=_mutate,
            keep_elitism=0,  # done inside each island
            keep_parents=0,
            on_generation=_after_generation,
            suppress_warnings=True,
            logger=_quiet,
        )
        # PyGAD looks at every number of a first population by itself, which takes 20 s for 250 images of 224 x 224.
        self.num_genes, self.pop_size = self.genes, (rows, self.genes)
        self.population = np.zeros((rows, self.genes), np.float32)
        self.initial_population = self.population[:0]
        self.spare = np.zeros_like(self.population)  # where the next generation goes: fresh memory would cost more

    def rows(self, population: np.ndarray) -> NDArray[np.float32]:
        """(I, P, G) view of a population (I * P, G)."""
        return population.reshape(len(self.islands), self.size, self.genes)

    def active(self) -> Iterator[tuple[int, Island]]:
        """The islands that have an image, with their places."""
        return ((k, island) for k, island in enumerate(self.islands) if island is not None)

    def change_population_dtype_and_round(self, population: np.ndarray) -> np.ndarray:
        """PyGAD copies the population after each operator to give it the genes' type; ours have it already."""
        if population.dtype == np.float32:
            return population
        return super().change_population_dtype_and_round(population)

    def _validate_population_fitness(self, fitness: np.ndarray, source: str, check_shape: bool = True) -> np.ndarray:
        """PyGAD looks at every number by itself; ours are float64 and never NaN, as the classifier has seen to it."""
        return fitness

    def cal_pop_fitness(self) -> NDArray[np.float64]:
        """Fitness of all rows: elites keep theirs, offspring are scored in one call."""
        if self.generations_completed:
            population = self.rows(self.population)
            scored = self.search.score(self.islands, population[:, self.elites :])
            for k, island in self.active():
                evaluation, log_scores = scored[k]
                self.island_fitness[k, self.elites :] = evaluation.fitness
                island.strategy.learn(population[k, self.elites :], log_scores, evaluation)
                self._account(k, island, evaluation)
        return self.island_fitness.reshape(-1).copy()

    def _account(self, k: int, island: Island, evaluation: Evaluation) -> None:
        """Move the best to the elite rows and note the generation in the island's history."""
        population, count = self.rows(self.population)[k], self.elites
        order = np.argsort(-self.island_fitness[k], kind="stable")[:count]  # stable: an older elite wins a tie
        population[:count] = population[order]
        self.island_fitness[k, :count] = self.island_fitness[k, order]
        island.generations += 1
        island.queries += len(evaluation.fitness)
        improved = self.island_fitness[k, 0] > island.best_fitness
        island.unchanged = 0 if improved else island.unchanged + 1
        if improved:
            island.best_fitness = float(self.island_fitness[k, 0])
            new = order[0] - count
            island.best_objective = float(evaluation.objective[new]) if new >= 0 else island.start_objective
            island.found = bool(evaluation.flipped[new]) if new >= 0 else False
        best_norm = float(np.sqrt(np.sum(np.square(population[0], dtype=np.float64))))
        island.history.append(
            (island.best_objective, float(evaluation.objective.mean()), best_norm, float(evaluation.flipped.mean()))
        )

    def replace(self, k: int, island: Island | None) -> None:
        """Put another image on an island, or none."""
        self.islands[k] = island
        self.rows(self.population)[k] = 0
        self.island_fitness[k] = UNSCORED
        if island is not None:
            self.island_fitness[k, 0] = island.start_fitness
        self.last_generation_fitness = self.island_fitness.reshape(-1).copy()


def _scored_by_cal_pop_fitness(ga: Any, solution: Any, index: Any) -> float:
    raise AssertionError("IslandGA scores whole populations")


def _select(fitness: np.ndarray, count: int, ga: IslandGA) -> tuple[np.ndarray, np.ndarray]:
    everyone = np.arange(count)
    rows = everyone.copy()
    for k, island in ga.active():
        if island.generations:
            rows[k * ga.size : (k + 1) * ga.size] = k * ga.size + island.strategy.select(ga.island_fitness[k])
    return (ga.population if (rows == everyone).all() else ga.population[rows]), rows


def _cross(parents: np.ndarray, size: tuple[int, int], ga: IslandGA) -> np.ndarray:
    parents, before = ga.rows(parents), ga.rows(ga.population)
    population = ga.rows(ga.spare)
    for k, island in enumerate(ga.islands):
        population[k, : ga.elites] = before[k, : ga.elites]
        if island is None:
            population[k, ga.elites :] = 0
        elif island.generations:
            island.strategy.cross(parents[k], population[k, ga.elites :])
    ga.spare = ga.population
    return population.reshape(size)


def _mutate(population: np.ndarray, ga: IslandGA) -> np.ndarray:
    rows = ga.rows(population)
    for k, island in ga.active():
        new = rows[k, ga.elites :]
        if island.generations:
            island.strategy.mutate(new)
        else:
            new[:] = island.strategy.start()
        # The noise is what remains after clipping to grey levels.
        new += island.pixels
        np.clip(new, 0, 255, out=new)
        new -= island.pixels
    return population


def _after_generation(ga: IslandGA) -> str | None:
    for k, island in list(ga.active()):
        best = ga.rows(ga.population)[k, 0]
        reason = ga.search.stop_reason(island, best)
        if reason:
            ga.replace(k, ga.search.finish(island, best.copy(), reason))
    return "stop" if not any(ga.active()) else None
