"""The strategy "paper": the paper's own procedure (section 3), operator by operator."""

import numpy as np
from numpy.typing import NDArray

from tfstab.search import operators
from tfstab.search.config import SearchConfig
from tfstab.search.objective import Evaluation
from tfstab.search.task import Task


class PaperStrategy:
    """Tournament selection, arithmetic, intermediate and uniform crossover, mutation by U(-range, range), elitism."""

    def __init__(self, task: Task, config: SearchConfig) -> None:
        self.config, self.free = config, task.free
        self.rng = task.generator(config.seed)

    def start(self) -> NDArray[np.float32]:
        """The first population, uniform within the start range."""
        shape = (offspring(self.config), len(self.free))
        spread = (self.rng.random(shape, np.float32) * 2 - 1) * np.float32(self.config.start_range)
        return spread * self.free

    def learn(self, noise: np.ndarray, log_scores: np.ndarray, evaluation: Evaluation) -> None:
        """A genetic algorithm keeps nothing but its population."""

    def select(self, fitness: np.ndarray) -> NDArray[np.int64]:
        """Rows of the parents (P,)."""
        return operators.tournament(fitness, len(fitness), self.config.tournament_size, self.rng)

    def cross(self, parents: np.ndarray, offspring: np.ndarray) -> None:
        """Offspring of neighbouring parents."""
        offspring[:] = operators.cross(parents, len(offspring), self.config.crossover, self.rng)

    def mutate(self, offspring: np.ndarray) -> None:
        """Change some genes of the offspring."""
        operators.mutate(offspring, self.config.mutation_rate, self.config.mutation_range, self.rng)
        if not self.free.all():
            offspring *= self.free


def offspring(config: SearchConfig) -> int:
    """Rows that are new in each generation."""
    return config.population - config.elites
