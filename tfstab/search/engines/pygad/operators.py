"""The genetic operators of the paper (section 3) on whole populations: pure functions of arrays and a generator.

Arithmetic and intermediate crossover after Michalewicz, *Genetic Algorithms + Data Structures = Evolution Programs*
(1996), and Muehlenbein and Schlierkamp-Voosen, *Predictive Models for the Breeder Genetic Algorithm* (1993).
"""

import numpy as np
from numpy.typing import NDArray

INTERMEDIATE_REACH = 0.25  # how far beyond its parents an intermediate offspring's gene may lie (their d)


def tournament(fitness: np.ndarray, count: int, size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the winners' rows (count,) of tournaments between `size` rows drawn with replacement; fitness (P,)."""
    entrants = rng.integers(0, len(fitness), (count, size))
    winners = fitness[entrants].argmax(axis=1)
    return np.asarray(entrants[np.arange(count), winners])


def cross(parents: np.ndarray, count: int, kind: str, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return offspring (count, G), float32, of each parent (P, G) and the next one.

    Parameters
    ----------
    kind : str
        "arithmetic" (one weight in 0..1 for all genes), "intermediate" (a weight in -0.25..1.25 for each gene),
        "uniform" (each gene from either parent), or "mixed", which draws one of these for each offspring.
    """
    first = np.arange(count) % len(parents)
    father, mother = parents[first], parents[(first + 1) % len(parents)]
    kinds = ("arithmetic", "intermediate", "uniform")
    drawn = rng.integers(0, 3, count) if kind == "mixed" else np.full(count, kinds.index(kind))
    weight = rng.random((count, parents.shape[1]), np.float32)
    weight[drawn == 0] = weight[drawn == 0, :1]
    weight[drawn == 1] = weight[drawn == 1] * (1 + 2 * INTERMEDIATE_REACH) - INTERMEDIATE_REACH
    weight[drawn == 2] = weight[drawn == 2] < 0.5
    mother -= father
    mother *= weight
    mother += father
    return mother


def mutate(offspring: np.ndarray, rate: float, reach: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Add U(-reach, reach), in grey levels, to a share `rate` of the genes of all offspring (B, G), in place."""
    flat = offspring.reshape(-1)
    genes = rng.integers(0, flat.size, max(1, round(rate * flat.size)))
    flat[genes] += rng.uniform(-reach, reach, len(genes)).astype(np.float32)
    return offspring
