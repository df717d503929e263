"""What a generation of the search costs, over the bare forward pass of the same batch.

    python tests/benchmarks/generation_cost.py [NETWORK ...]
    python tests/benchmarks/generation_cost.py --observer [NETWORK ...]

For the three networks (784, 3,072 and 6,912 genes) and MobileNetV2 at 224 x 224 (150,528 genes, random weights), whose
images are random too: the cost does not depend on what is in them. The search has as many images as it searches at a
time, which are two batches. Forward passes and searches take turns, and the table has medians of the time that passed,
which mean something on idle cores only, and the ratio of processor time. With --observer, what `on_generation` costs:
the time that goes into asking whether a search is to end, as a share of the whole search's, without an observer and
with one that does nothing.
"""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

import tfstab
from tfstab.classifier import Classifier, backend
from tfstab.classifier.inputs import default_batch
from tfstab.search.engines.pygad import session
from tfstab.search.engines.pygad.default import DefaultStrategy

GENERATIONS = {784: 100, 3072: 40, 6912: 12, 150528: 5}
ROUNDS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", default=["mnist-lenet", "cifar10-quick", "gtsrb-aghdam", "mobilenet"])
    parser.add_argument("--observer", action="store_true", help="what an observer costs")
    options = parser.parse_args()
    Console(width=110).print(_observers(options.networks) if options.observer else _generations(options.networks))


def _generations(networks: list[str]) -> Table:
    table = Table(title="A generation of the search, and the forward pass of its batch")
    for column in ("network", "genes", "preset", "forward, ms", "generation, ms", "ratio", "ratio, processor"):
        table.add_column(column, justify="left" if column in ("network", "preset") else "right")
    for name in networks:
        classifier = _classifier(name)
        genes = int(np.prod(classifier.input_shape))
        for preset, offspring in (("default", DefaultStrategy.offspring), ("paper", 99)):
            islands = max(1, default_batch(classifier.input_shape) // offspring)  # as the search does
            forward, generation = _measure(classifier, preset, islands, offspring, GENERATIONS[genes])
            (passed, _), ratios = 1000 * forward, generation / forward
            times = f"{passed:.1f}", f"{1000 * generation[0]:.1f}"
            table.add_row(name, f"{genes:,}", preset, *times, *(f"{ratio:.2f}" for ratio in ratios))
    return table


def _observers(networks: list[str]) -> Table:
    table = Table(title="What it costs that a search can be observed, as a share of its time")
    for column in ("network", "without an observer", "with one"):
        table.add_column(column, justify="left" if column == "network" else "right")
    for name in networks:
        classifier = _classifier(name)
        images, labels, batched = _images(classifier, 5, 5 * DefaultStrategy.offspring)
        generations = GENERATIONS[int(np.prod(classifier.input_shape))]
        config = tfstab.SearchConfig(max_queries=generations * DefaultStrategy.offspring)
        shares = []
        for observe in (None, lambda progress: None):
            with _timed(session._Session, "stop_reason") as spent:
                started = time.perf_counter()
                tfstab.search_minimum_noise(batched, images, labels, config, observe)
                shares.append(sum(spent) / (time.perf_counter() - started))
        table.add_row(name, *(f"{share:.3%}" for share in shares))
    return table


@contextmanager
def _timed(owner: type, name: str) -> Iterator[list[float]]:
    """The seconds of each call of a method, while the context lasts."""
    method, spent = getattr(owner, name), []

    def timed(*values: Any) -> Any:
        started = time.perf_counter()
        answer = method(*values)
        spent.append(time.perf_counter() - started)
        return answer

    setattr(owner, name, timed)
    try:
        yield spent
    finally:
        setattr(owner, name, method)


def _classifier(name: str) -> Classifier:
    if name != "mobilenet":
        return Classifier(tfstab.build_model(name, seed=1))
    keras = backend.keras()
    return Classifier(keras.applications.MobileNetV2(weights=None), name=name)


def _images(classifier: Classifier, count: int, rows: int) -> tuple[np.ndarray, np.ndarray, Classifier]:
    """(images of noise, the classes they are taken for, the classifier with batches of so many rows)."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (count, *classifier.input_shape), dtype=np.uint8)
    return images, classifier.scores(images).argmax(axis=1), classifier.with_batch_size(rows)


def _measure(
    classifier: Classifier, preset: str, islands: int, offspring: int, generations: int
) -> tuple[np.ndarray, np.ndarray]:
    """[seconds, processor seconds] of a forward pass, and of a generation of one batch: medians."""
    images, labels, batched = _images(classifier, 2 * islands, islands * offspring)
    batch = np.repeat(images[:islands], offspring, axis=0).astype(np.float32)
    config = tfstab.SearchConfig(preset=preset, max_queries=(generations + 3) * offspring, patience=10**9)
    forward: list[np.ndarray] = []
    generation: list[np.ndarray] = []
    for _ in range(ROUNDS):
        batched.log_scores(batch)  # compiles
        forward += np.diff([_now(batched.log_scores(batch)) for _ in range(generations)], axis=0).tolist()
        ends: list[np.ndarray] = []

        def observe(progress: tfstab.SearchProgress, ends: list[np.ndarray] = ends) -> None:
            if progress.image == 0:
                ends.append(_now())

        tfstab.search_minimum_noise(classifier, images, labels, config, observe)
        generation += (np.diff(ends[2:], axis=0) / 2).tolist()  # of both batches; the first ones compile
    return np.median(forward, axis=0), np.median(generation, axis=0)


def _now(*_: Any) -> np.ndarray:
    """[seconds, processor seconds] so far."""
    return np.array([time.perf_counter(), time.process_time()])


if __name__ == "__main__":
    main()
