"""What a generation of the search costs, over the bare forward pass of the same batch.

    python tests/benchmarks/generation_cost.py [NETWORK ...]
    python tests/benchmarks/generation_cost.py --observer [NETWORK ...]

For the three networks (784, 3,072 and 6,912 genes) and MobileNetV2 at 224 x 224 (150,528 genes, random weights), whose
images are random too: the cost does not depend on what is in them. With --observer, what `on_generation` costs: the
time that goes into asking whether a search is to end, as a share of the whole search's, without an observer and with
one that does nothing.
"""

import argparse
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

import tfstab
from tfstab.classifier import Classifier, backend
from tfstab.classifier.classifier import default_batch
from tfstab.search.engines.pygad import session
from tfstab.search.engines.pygad.default import DefaultStrategy

GENERATIONS = {784: 100, 3072: 40, 6912: 12, 150528: 5}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", default=["mnist-lenet", "cifar10-quick", "gtsrb-aghdam", "mobilenet"])
    parser.add_argument("--observer", action="store_true", help="what an observer costs")
    options = parser.parse_args()
    Console(width=110).print(_observers(options.networks) if options.observer else _generations(options.networks))


def _generations(networks: list[str]) -> Table:
    table = Table(title="A generation of the search, and the forward pass of its batch")
    for column in ("network", "genes", "forward, ms", "default, ms", "ratio", "paper, ms", "ratio"):
        table.add_column(column, justify="left" if column == "network" else "right")
    for name in networks:
        classifier = _classifier(name)
        genes = int(np.prod(classifier.input_shape))
        row = [name, f"{genes:,}"]
        for preset, offspring in (("default", DefaultStrategy.offspring), ("paper", 99)):
            images = max(1, default_batch(classifier.input_shape) // offspring)  # as the search does
            rows = images * offspring
            forward, generation = _measure(classifier, preset, images, rows, GENERATIONS[genes])
            row += [f"{forward:.1f}"] if preset == "default" else []
            row += [f"{generation:.1f}", f"{generation / forward:.2f}"]
        table.add_row(*row)
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


def _measure(classifier: Classifier, preset: str, count: int, rows: int, generations: int) -> tuple[float, float]:
    """(milliseconds of a forward pass, of a generation): medians, a pass after each generation."""
    images, labels, batched = _images(classifier, count, rows)
    batch = np.repeat(images, rows // count, axis=0).astype(np.float32)
    batched.log_scores(batch)  # compiles
    forward: list[float] = []
    generation: list[float] = []
    reports, started = 0, time.perf_counter()

    def observe(progress: tfstab.SearchProgress) -> None:
        nonlocal reports, started
        reports += 1
        if reports % count == 0:  # the generation's last island
            ended = time.perf_counter()
            generation.append(ended - started)
            batched.log_scores(batch)
            started = time.perf_counter()
            forward.append(started - ended)

    config = tfstab.SearchConfig(preset=preset, max_queries=(generations + 3) * rows // count, patience=10**9)
    tfstab.search_minimum_noise(classifier, images, labels, config, observe)
    return 1000 * statistics.median(forward), 1000 * statistics.median(generation[2:])  # the first ones compile


if __name__ == "__main__":
    main()
