"""The strategy of preset "paper": the paper's own procedure (section 3), operator by operator."""

from typing import TYPE_CHECKING

import numpy as np

from tfstab.search.engines.pygad import operators
from tfstab.search.engines.pygad.strategy import clip
from tfstab.search.objective import Evaluation
from tfstab.search.task import Task

if TYPE_CHECKING:
    from tfstab.search.config import SearchConfig


class PaperStrategy:
    """Tournament selection, arithmetic, intermediate and uniform crossover, mutation by U(-range, range), elitism.

    The paper does not say how the search starts; all chromosomes are drawn at random, so the clean image is not one.
    """

    from_clean = False

    def __init__(self, task: Task, config: "SearchConfig") -> None:
        self.settings, self.free, self.pixels = config.options, task.free, task.pixels
        self.elites = self.settings.elites
        self.offspring = self.settings.population - self.elites
        self.rng = task.generator(config.seed)

    def start(self, offspring: np.ndarray) -> None:
        """Draw the first population, uniform within the start range."""
        spread = (self.rng.random(offspring.shape, np.float32) * 2 - 1) * np.float32(self.settings.start_range)
        offspring[:] = spread * self.free
        clip(offspring, self.pixels)

    def ask(self, population: np.ndarray, fitness: np.ndarray, offspring: np.ndarray) -> None:
        """Select parents by tournament, cross neighbours, mutate some genes."""
        settings = self.settings
        parents = population[operators.tournament(fitness, len(fitness), settings.tournament_size, self.rng)]
        offspring[:] = operators.cross(parents, len(offspring), settings.crossover, self.rng)
        operators.mutate(offspring, settings.mutation_rate, settings.mutation_range, self.rng)
        if not self.free.all():
            offspring *= self.free
        clip(offspring, self.pixels)

    def tell(self, noise: np.ndarray, log_scores: np.ndarray, evaluation: Evaluation) -> None:
        """Do nothing: a genetic algorithm remembers its population alone."""
