"""The settings of a search: their ranges, their defaults and the presets."""

import json
import math

import numpy as np
import pytest

from tfstab import SearchConfig
from tfstab.errors import InputError


@pytest.mark.parametrize(
    "edge",
    [
        {"preset": "paper", "population": 4, "elites": 2}, {"max_queries": 100}, {"patience": 1}, {"patience": 2**64},
        {"preset": "paper", "tournament_size": 1}, {"engine": "lbfgs", "targets": 1}, {"preset": "paper", "elites": 50},
        {"preset": "paper", "mutation_rate": 1}, {"preset": "paper", "mutation_rate": 1e-9}, {"seed": 2**63 - 1},
        {"preset": "paper", "population": 101, "max_queries": 100}, {"seed": np.int64(3)}, {"beta": 1e-300},
        {"lambda_": 5}, {"preset": "paper", "objective": "eq1"}, {"engine": "random", "max_queries": 1000},
        {"refine": 8}, {"refine": 10**12},
        {"refine": np.int64(8), "max_queries": np.int64(100), "patience": np.int64(2)},
    ],
)  # fmt: skip
def test_settings_at_the_edge_of_their_range_are_taken(edge):
    config = SearchConfig(**edge)
    recorded = config.settings | {"seed": config.seed}
    assert all(recorded[name] == value for name, value in edge.items())
    assert json.loads(json.dumps(recorded)) == recorded  # as run.json records it


@pytest.mark.parametrize(
    ("beyond", "said"),
    [
        ({"preset": "paper", "population": 3}, "population is 3; expected 4 or more"),
        ({"max_queries": 99}, "max_queries is 99; expected 100 or more"),
        ({"patience": 0}, "patience is 0; expected 1"),
        ({"preset": "paper", "tournament_size": 0}, "tournament_size is 0; expected 1"),
        ({"preset": "paper", "elites": 0}, "elites is 0; expected 1"),
        ({"preset": "paper", "elites": 51}, "at most half of the population of 100"),
        ({"engine": "lbfgs", "targets": 0}, "targets is 0; expected 1"),
        ({"preset": "paper", "mutation_rate": 1.0001},
         "mutation_rate is 1.0001; expected a number above 0 and at most 1"),
        ({"preset": "paper", "mutation_range": 0}, "mutation_range is 0; expected a number above 0"),
        ({"preset": "paper", "start_range": -1.0}, "start_range is -1.0; expected a number above 0"),
        ({"refine": 7}, "refine is 7; expected True, False or a number of gradients, 8 or more"),
        ({"refine": 1}, "refine is 1"),
        ({"refine": 0.5}, "refine is 0.5"),
        ({"refine": 8.5}, "refine is 8.5"),
        ({"refine": 10**12 + 1}, "refine is 1000000000001"),
        ({"seed": 2**63}, "expected a whole number from 0"),
        ({"seed": -1}, "seed is -1"), ({"seed": 1.0}, "seed is 1.0"), ({"max_queries": 999.5}, "max_queries is 999.5"),
        ({"beta": 0}, "beta is 0; expected a number above 0"), ({"beta": math.inf}, "beta is inf"),
        ({"lambda_": math.nan}, "lambda_ is nan"), ({"lambda_": 10**400}, "lambda_ is 10000"),
        ({"lambda_": "1"}, "lambda_ is '1'; expected a number"),
        ({"patience": True}, "patience is True; expected 1 or more"), ({"patience": 7.0}, "patience is 7.0"),
        ({"preset": "paper", "mutation_range": math.inf}, "mutation_range is inf"),
        ({"preset": "paper", "mutation_range": math.nan}, "mutation_range is nan"),
        ({"preset": "paper", "mutation_range": "2"}, "mutation_range is '2'; expected a number"),
        ({"preset": "paper", "population": 102, "max_queries": 100}, "expected at least a population of 102"),
        ({"preset": "paper", "engine": "random"},
         "preset is paper with engine 'random', which has no such setting; expected engine 'pygad'"),
        ({"patience": 99, "engine": "lbfgs"},
         "patience is 99 with engine 'lbfgs', which has no such setting; expected engine 'pygad'"),
        ({"targets": 2}, "targets is 2 with engine 'pygad', which has no such setting; expected engine 'lbfgs'"),
        ({"norm": "l3"}, "unknown norm 'l3'"),
        ({"engine": "PGD"}, "unknown engine 'PGD': did you mean 'boundary', which uses gradients, too"),
        ({"norm": "l1", "engine": "lbfgs"},
         "norm is l1, which engine 'lbfgs' does not minimise; expected norm l2, or engine 'boundary' or "),
        ({"norm": "l0", "engine": "labels"}, "expected norm l2 or linf or l1, or engine 'boundary' or "),
        ({"norm": "l0", "preset": "paper"}, "norm is l0, which engine 'pygad' with preset 'paper' does not minimise"),
        ({"start_range": 9.0},
         "start_range is 9.0 with preset 'default', which has no such setting; expected preset 'paper'"),
    ],
)  # fmt: skip
def test_settings_just_beyond_their_range_are_refused(beyond, said):
    with pytest.raises(InputError, match=said):
        SearchConfig(**beyond)


def test_what_the_presets_stand_for():
    ours, paper = SearchConfig(), SearchConfig(preset="paper")
    assert (ours.max_queries, ours.options.patience) == (20_000, 100)
    assert (paper.max_queries, paper.options.patience) == (50_000, 50)
    few = SearchConfig(max_queries=500, patience=7)
    assert (few.max_queries, few.options.patience) == (500, 7)
    own = paper.options
    assert (own.population, own.tournament_size, own.mutation_rate, own.mutation_range) == (100, 5, 0.02, 10.0)
    assert (own.elites, own.start_range, own.crossover, own.objective) == (1, 10.0, "mixed", "eq2")
    assert (paper.beta, paper.lambda_, SearchConfig(engine="lbfgs").options.targets) == (1e8, 1.0, 3)
    assert (paper.engine, paper.objective, paper.refine, paper.seed) == ("pygad", "eq2", False, 0)


def test_what_a_search_scores_at_most_by_hand():
    """Each gradient of a refinement comes with 3 images or, in L0, 16; each result is checked once and repaired."""
    assert SearchConfig(max_queries=1000).most_scored == 1000 + 101
    assert SearchConfig(max_queries=1000, refine=100).most_scored == 1000 + 101 + 300 + 101
    assert SearchConfig(max_queries=1000, refine=100, norm="l0").most_scored == 1000 + 101 + 1600 + 101
    assert [SearchConfig(refine=wanted).most_gradients for wanted in (False, True, 9)] == [0, 670, 9]


@pytest.mark.parametrize(
    ("settings", "also"),
    [
        ({}, {}), ({"max_queries": 20_000, "patience": 100}, None), ({"seed": 3, "beta": 2.0, "refine": 9}, {}),
        ({"engine": "lbfgs"}, {}), ({"engine": "lbfgs", "targets": 2}, {}), ({"engine": "labels", "norm": "l1"}, {}),
        ({"preset": "paper"}, {}), ({"preset": "paper", "population": 40, "max_queries": 9_000}, {}),
        ({"preset": "paper", "patience": 50, "max_queries": 50_000}, {"preset": "paper"}),
    ],
)  # fmt: skip
def test_what_differs_from_the_defaults_of_engine_and_preset(settings, also):
    assert SearchConfig(**settings).changed == ((settings | also) if also == {} else also or {})


def test_a_run_records_its_norm_unless_it_is_the_one_of_older_runs():
    assert "norm" not in SearchConfig().settings
    config = SearchConfig(norm="linf")
    assert config.settings["norm"] == config.changed["norm"] == "linf"
    assert SearchConfig.of_settings(config.settings, 0) == config
    assert SearchConfig.of_settings(SearchConfig().settings, 0).norm == "l2"
