"""What each part of the default search buys: median L2 over the whole search's, with one part taken out at a time.

python tests/benchmarks/search_ablation.py --model mnist-lenet --data mnist-5k --images 20
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

import tfstab
from tfstab.search import basis
from tfstab.search.engines.pygad import default, energy, probes, sketch, steps
from tfstab.search.norm import L2

BUDGETS = (1_000, 5_000, 20_000)


class Forgetful(sketch.Sketch):
    """Each generation's sketch starts from nothing."""

    def learn(self, moves: np.ndarray, changes: np.ndarray) -> None:
        if len(moves) > 1:
            self.jacobian[:] = 0
        super().learn(moves, changes)


class WithoutTrials(sketch.Sketch):
    """What the chosen trial says of the way that was gone is not taken into the sketch."""

    def learn(self, moves: np.ndarray, changes: np.ndarray) -> None:
        if len(moves) > 1:
            super().learn(moves, changes)


def random_signs(self: probes.Probes, parents: np.ndarray) -> None:
    """Move every gene up or down by the same amount, with random signs."""
    signs = self.rng.integers(0, 2, parents.shape).astype(np.float32) * 2 - 1
    parents += signs * np.float32(10 / np.sqrt(np.count_nonzero(self.sketch.free))) * self.sketch.free


def prior_alone(self: energy.EnergyModel, energies: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The energies that are expected of any network, in the scale of those measured."""
    return self.prior * max(float(weights @ energies), 1e-300) / max(float(weights @ self.prior), 1e-300)


def linear(pixels: np.ndarray, gradient: np.ndarray, excess: float) -> np.ndarray:
    """The projection without the limits of grey levels, which clipping restores."""
    return (-max(excess, 0) / max(float(gradient @ gradient), 1e-24) * gradient).astype(np.float32)


# What is changed in each variant: owner, name, replacement.
VARIANTS: dict[str, tuple[Any, ...]] = {
    "whole": (),
    "no memory of earlier generations": (default, "Sketch", Forgetful),
    "no learning from trials": (default, "Sketch", WithoutTrials),
    "projection without grey levels": (L2, "project", staticmethod(linear)),
    "probes of random signs": (probes.Probes, "mutate", random_signs),
    "no model of the energy, only a prior": (energy.EnergyModel, "predict", prior_alone),
    "no prior, only a model of the energy": (basis, "FALL", 0.0),
    "how fast slopes go out of date is not measured": (probes, "faded", lambda fade, *_: fade),
    "old measurements count in full": (probes, "benefits", lambda unknown, energies: unknown * energies),
    "a coefficient's own energy not used": (probes, "OWN", 0.0),
    "one block an image": (basis, "BLOCKS", 1),
    "eight blocks along each axis": (basis, "BLOCKS", 8),
    "only the nearest rival class": (steps, "RIVALS", 1),
    "one length of step (0.4)": (steps, "STEPS", np.full(5, 0.4, np.float32)),
    "no trial beyond the boundary": (steps, "BEYOND", np.zeros(5, np.float32)),
}


@contextmanager
def changed(change: tuple[Any, ...]) -> Iterator[None]:
    """Change a part of the strategy, for a while."""
    if not change:
        yield
        return
    owner, name, replacement = change
    before = getattr(owner, name)
    try:
        setattr(owner, name, replacement)
        yield
    finally:
        setattr(owner, name, before)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="mnist-lenet")
    parser.add_argument("--data", default="mnist-5k")
    parser.add_argument("--data-dir")
    parser.add_argument("--images", type=int, default=20)
    options = parser.parse_args()
    classifier = tfstab.load_classifier(options.model)
    dataset = tfstab.load_dataset(options.data, data_dir=options.data_dir).take(20 * options.images)
    right = np.flatnonzero(classifier.scores(dataset.images).argmax(axis=1) == dataset.labels)
    dataset = dataset.select(right).take(options.images)
    table = Table(title=f"{classifier.name}, {len(dataset)} images of {dataset.name}: L2 over the whole search's")
    table.add_column("without")
    for budget in BUDGETS:
        table.add_column(f"{budget:,} queries", justify="right")
    whole: np.ndarray | None = None
    for name, change in VARIANTS.items():
        with changed(change):
            l2 = _l2(lambda config: tfstab.search_minimum_noise(classifier, dataset.images, dataset.labels, config))
        whole = l2 if whole is None else whole
        table.add_row(name, *(f"{np.median(l2[k] / whole[k]):.3f}" for k in range(len(BUDGETS))))
        print(name, *(f"{np.median(l2[k] / whole[k]):.3f}" for k in range(len(BUDGETS))), flush=True)
    Console(width=100).print(table)


def _l2(search: Callable[[tfstab.SearchConfig], list[tfstab.MinimumNoise]]) -> np.ndarray:
    """(budgets, images): L2 at each budget, from the history of the largest."""
    results = search(tfstab.SearchConfig(max_queries=max(BUDGETS), patience=10**9))
    per_generation = default.DefaultStrategy.offspring
    return np.array(
        [
            [r.history[min(budget // per_generation, r.generations) - 1, 2] if r.found else np.inf for r in results]
            for budget in BUDGETS
        ]
    )


if __name__ == "__main__":
    main()
