"""PyGAD's loop on batches of islands, so that one call of the model scores several searches.

The module adapts strategies, which ask and tell, to PyGAD's loop: PyGAD's selection keeps every row in its place, and
its crossover asks each island's strategy for offspring, which have been mutated already. Two batches take turns, a
generation each: while the model scores one, the other learns from its scores and is bred.
"""

import logging
from typing import Any

import numpy as np
import pygad
from numpy.typing import NDArray

from tfstab.search.engines.pygad.islands import Batch, Session

# PyGAD logs every error that it passes on; what is printed is decided where the error is caught.
_quiet = logging.getLogger("tfstab.pygad")
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False


class IslandGA(pygad.GA):
    """PyGAD's loop on one batch of islands, or on two of the same size that take turns; only offspring are scored."""

    def __init__(self, batches: list[Batch], session: Session) -> None:
        self.batches, self.session = list(batches), session
        islands, size, genes = batches[0].population.shape
        rows = islands * size
        super().__init__(
            # No limit: each island counts its own, and `_after_generation` stops.
            num_generations=np.iinfo(np.int64).max,
            num_parents_mating=rows,
            initial_population=np.zeros((rows, 1), np.float32),
            fitness_func=_scored_by_cal_pop_fitness,
            gene_type=np.float32,
            parent_selection_type=_keep_rows,
            crossover_type=_breed,
            mutation_type=None,
            keep_elitism=0,  # done inside each island
            keep_parents=0,
            on_generation=_after_generation,
            suppress_warnings=True,
            logger=_quiet,
        )
        # Set here and not in the call above: PyGAD checks a first population value by value, which takes 20 s for 250
        # images of 224 x 224.
        self.num_genes, self.pop_size = genes, (rows, genes)
        self.population = self.batch.population.reshape(self.pop_size)
        self.initial_population = self.population[:0]

    @property
    def batch(self) -> Batch:
        """The batch whose turn it is."""
        return self.batches[0]

    def change_population_dtype_and_round(self, population: np.ndarray) -> np.ndarray:
        """Skip PyGAD's copy after each operator, which converts the genes' type; these have the right one."""
        if population.dtype == np.float32:
            return population
        return np.asarray(super().change_population_dtype_and_round(population))

    def _validate_population_fitness(self, fitness: np.ndarray, source: str, check_shape: bool = True) -> np.ndarray:
        """Skip PyGAD's check value by value: the classifier guarantees float64 without NaN."""
        return fitness

    def cal_pop_fitness(self) -> NDArray[np.float64]:
        """Begin to score the offspring, pass the turn on, and return the fitness of the batch that has it then."""
        if self.generations_completed:
            if any(self.batch.active()):
                self.batch.scores = self.session.score(self.batch)
            self.batches.append(self.batches.pop(0))
            self.population = self.batch.population.reshape(self.pop_size)
            if self.batch.scores is not None:
                self.batch.take(self.batch.scores())
                self.batch.scores = None
        return self.batch.fitness.reshape(-1).copy()


def _scored_by_cal_pop_fitness(ga: Any, solution: Any, index: Any) -> float:
    """Take the place of the fitness function that PyGAD demands; never called."""
    raise AssertionError("IslandGA scores whole populations")


def _keep_rows(fitness: np.ndarray, count: int, ga: IslandGA) -> tuple[np.ndarray, np.ndarray]:
    """Select every row, in its place: the selection of parents is the strategies' task."""
    return ga.population, np.arange(count)


def _breed(parents: np.ndarray, size: tuple[int, int], ga: IslandGA) -> np.ndarray:
    """Return the next population of the batch whose turn it is."""
    ga.batch.breed()
    return ga.batch.population.reshape(size)


def _after_generation(ga: IslandGA) -> str | None:
    """Give the islands whose search is over the next images; return "stop" when no island has an image."""
    ga.batch.succeed(ga.session)
    return None if any(any(batch.active()) for batch in ga.batches) else "stop"
