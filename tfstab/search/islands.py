"""Many searches as islands of one PyGAD population, so that a generation of all is one model call of fixed shape.

An island is one image's search: `population` rows, of which the first `elites` are the best so far and the others
this generation's offspring. Selection, crossover, mutation and elitism stay inside an island, and each island draws
from a generator of its own, so that a result does not depend on which images are searched beside it. An island that
is done takes the next image.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pygad
from numpy.typing import NDArray

from tfstab.search import operators
from tfstab.search.config import SearchConfig
from tfstab.search.objective import Evaluation

UNSCORED = -np.inf


@dataclass(eq=False)
class Island:
    """One image's search. image: index in the full split. clean: float32 (G,), grey levels, flattened."""

    image: int
    class_index: int
    clean: NDArray[np.float32]
    rng: np.random.Generator
    start_objective: float
    start_fitness: float
    generations: int = 0
    queries: int = 0
    unchanged: int = 0
    history: list[tuple[float, float, float, float]] = field(default_factory=list)
    best_fitness: float = UNSCORED
    best_objective: float = np.inf
    best_flipped: bool = False

    @property
    def fresh(self) -> bool:
        """Whether its first population has yet to be drawn."""
        return self.generations == 0


class IslandGA(pygad.GA):
    """PyGAD's loop with operators that work on islands, and a fitness that scores only new rows.

    score(islands, offspring): offspring float32 (I, P - elites, G) to one Evaluation and norms for each island.
    finished(island, population rows): called when an island has stopped; gives the next Island or None.
    """

    def __init__(self, islands: list[Island], config: SearchConfig, search: Any) -> None:
        self.islands: list[Island | None] = list(islands)
        self.config, self.search = config, search
        self.genes = len(islands[0].clean)
        shape = (len(islands), config.population)
        self.island_fitness = np.full(shape, UNSCORED)
        for k, island in enumerate(islands):
            self.island_fitness[k, 0] = island.start_fitness
        super().__init__(
            num_generations=np.iinfo(np.int64).max,  # each island counts its own; the search stops the whole
            num_parents_mating=shape[0] * shape[1],
            initial_population=np.zeros((shape[0] * shape[1], self.genes), np.float32),
            fitness_func=_scored_by_cal_pop_fitness,
            gene_type=np.float32,
            parent_selection_type=_select,
            crossover_type=_cross,
            mutation_type=_mutate,
            keep_elitism=0,  # done inside each island
            keep_parents=0,
            on_generation=_after_generation,
            suppress_warnings=True,
        )

    def rows(self, population: np.ndarray) -> NDArray[np.float32]:
        """(I, P, G) view of a population (I * P, G)."""
        return population.reshape(len(self.islands), self.config.population, self.genes)

    def active(self) -> Iterator[tuple[int, Island]]:
        """The islands that have an image, with their places."""
        return ((k, island) for k, island in enumerate(self.islands) if island is not None)

    def cal_pop_fitness(self) -> NDArray[np.float64]:
        """Fitness of all rows: elites keep theirs, offspring are scored in one call."""
        elites = self.config.elites
        if self.generations_completed:
            population = self.rows(self.population)
            evaluations = self.search.score(self.islands, population[:, elites:])
            for k, island in self.active():
                evaluation, norm = evaluations[k]
                self.island_fitness[k, elites:] = evaluation.fitness
                self._account(k, island, evaluation, norm)
        return self.island_fitness.reshape(-1).copy()

    def _account(self, k: int, island: Island, evaluation: Evaluation, norm: np.ndarray) -> None:
        """Move the best to the elite rows and note the generation in the island's history."""
        population = self.rows(self.population)[k]
        count = self.config.elites
        order = np.argsort(-self.island_fitness[k], kind="stable")[:count]  # stable: an older elite wins a tie
        population[:count] = population[order].copy()
        self.island_fitness[k, :count] = self.island_fitness[k, order]
        island.generations += 1
        island.queries += len(evaluation.fitness)
        improved = self.island_fitness[k, 0] > island.best_fitness
        island.unchanged = 0 if improved else island.unchanged + 1
        if improved:
            island.best_fitness = float(self.island_fitness[k, 0])
            if order[0] >= count:
                island.best_objective = float(evaluation.objective[order[0] - count])
                island.best_flipped = bool(evaluation.flipped[order[0] - count])
            else:
                island.best_objective = island.start_objective
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
    size, config = ga.config.population, ga.config
    indices = np.arange(count)
    for k, island in ga.active():
        if not island.fresh:
            won = operators.tournament(ga.island_fitness[k], size, config.tournament_size, island.rng)
            indices[k * size : (k + 1) * size] = k * size + won
    return ga.population[indices], indices


def _cross(parents: np.ndarray, size: tuple[int, int], ga: IslandGA) -> np.ndarray:
    config, elites = ga.config, ga.config.elites
    parents, population = ga.rows(parents), ga.rows(ga.population)
    offspring = np.zeros((len(ga.islands), config.population, ga.genes), np.float32)
    offspring[:, :elites] = population[:, :elites]
    for k, island in ga.active():
        if not island.fresh:
            count = config.population - elites
            offspring[k, elites:] = operators.cross(parents[k], count, config.crossover, island.rng)
    return offspring.reshape(size)


def _mutate(offspring: np.ndarray, ga: IslandGA) -> np.ndarray:
    config, elites = ga.config, ga.config.elites
    rows = ga.rows(offspring)
    for k, island in ga.active():
        new = rows[k, elites:]
        if island.fresh:
            new[:] = (island.rng.random(new.shape, np.float32) * 2 - 1) * np.float32(config.start_range)
        else:
            operators.mutate(new, config.mutation_rate, config.mutation_range, island.rng)
        # The noise is what remains after clipping to grey levels.
        new += island.clean
        np.clip(new, 0, 255, out=new)
        new -= island.clean
    return offspring


def _after_generation(ga: IslandGA) -> str | None:
    for k, island in list(ga.active()):
        reason = ga.search.stop_reason(island, ga.rows(ga.population)[k, 0])
        if reason:
            ga.replace(k, ga.search.finish(island, ga.rows(ga.population)[k, 0].copy(), reason))
    return "stop" if not any(ga.active()) else None
