"""The genetic operators do what the literature says they do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfstab.search.engines.pygad.operators import INTERMEDIATE_REACH, cross, mutate, tournament

seeds = st.integers(0, 2**32)


@given(seeds, st.integers(2, 40), st.integers(1, 8))
def test_a_tournament_is_won_by_its_best_entrant(seed, population, size):
    fitness = np.random.default_rng(seed).normal(size=population)
    winners = tournament(fitness, 50, size, np.random.default_rng(seed))
    entrants = np.random.default_rng(seed).integers(0, population, (50, size))
    assert (fitness[winners] == fitness[entrants].max(axis=1)).all()


@given(seeds)
def test_crossovers_stay_where_they_should(seed):
    rng = np.random.default_rng(seed)
    parents = rng.uniform(-10, 10, (6, 30)).astype(np.float32)
    mothers = np.roll(parents, -1, axis=0)
    low, high = np.minimum(parents, mothers), np.maximum(parents, mothers)
    reach = INTERMEDIATE_REACH * (high - low) + 1e-4

    arithmetic = cross(parents, 6, "arithmetic", rng)
    weight = (arithmetic - parents) / np.where(mothers == parents, 1, mothers - parents)
    safe = np.abs(mothers - parents) > 1
    assert all(np.ptp(weight[k][safe[k]]) < 1e-3 for k in range(6) if safe[k].any())
    assert ((arithmetic >= low - 1e-4) & (arithmetic <= high + 1e-4)).all()

    intermediate = cross(parents, 6, "intermediate", rng)
    assert ((intermediate >= low - reach) & (intermediate <= high + reach)).all()

    uniform = cross(parents, 6, "uniform", rng)
    from_mother = np.isclose(uniform, mothers, atol=1e-5)
    assert (from_mother | (uniform == parents)).all()
    assert 0.2 < from_mother.mean() < 0.8


def test_mixed_crossover_uses_all_three():
    rng = np.random.default_rng(1)
    parents = np.stack([np.zeros(500), np.ones(500)]).astype(np.float32)
    offspring = cross(parents, 300, "mixed", rng)
    constant = np.ptp(offspring, axis=1) == 0
    binary = np.isin(offspring, (0, 1)).all(axis=1)
    outside = ((offspring < 0) | (offspring > 1)).any(axis=1)
    assert min(constant.sum(), binary.sum(), outside.sum()) > 60
    assert (constant | binary | outside).all()


@pytest.mark.parametrize("rate", [0.001, 0.02, 1.0])
def test_mutation_changes_a_share_of_the_genes_within_its_range(rate):
    offspring = mutate(np.zeros((50, 784), np.float32), rate, 10.0, np.random.default_rng(0))
    changed = offspring != 0
    # Drawn with replacement: the share hit at least once is 1 - exp(-rate).
    assert changed.mean() == pytest.approx(1 - np.exp(-rate), rel=0.05)
    assert np.abs(offspring).max() <= 10
    assert abs(offspring[changed].mean()) < 2


def test_at_least_one_gene_mutates():
    assert np.count_nonzero(mutate(np.zeros((5, 784), np.float32), 1e-9, 10.0, np.random.default_rng(0))) == 1
