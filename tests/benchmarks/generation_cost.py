"""What a generation of the search costs, over the bare forward pass of the same batch.

    python tests/benchmarks/generation_cost.py [NETWORK ...]

For the three networks (784, 3,072 and 6,912 genes) and MobileNetV2 at 224 x 224 (150,528 genes, random weights), whose
images are random too: the cost does not depend on what is in them.
"""

import statistics
import sys
import time

import numpy as np
from rich.console import Console
from rich.table import Table

import tfstab
from tfstab.classifier import Classifier, backend
from tfstab.search import sketch

GENERATIONS = {784: 100, 3072: 40, 6912: 12, 150528: 5}


def main() -> None:
    table = Table(title="A generation of the search, five images together, and the forward pass of its batch")
    for column in ("network", "genes", "forward, ms", "default, ms", "ratio", "paper, ms", "ratio"):
        table.add_column(column, justify="left" if column == "network" else "right")
    for name in sys.argv[1:] or ("mnist-lenet", "cifar10-quick", "gtsrb-aghdam", "mobilenet"):
        classifier = _classifier(name)
        genes = int(np.prod(classifier.input_shape))
        row = [name, f"{genes:,}"]
        for preset, images, rows in (("default", 5, 5 * (sketch.PROBES + sketch.TRIALS)), ("paper", 2, 2 * 99)):
            forward, generation = _measure(classifier, preset, images, rows, GENERATIONS[genes])
            row += [f"{forward:.1f}"] if preset == "default" else []
            row += [f"{generation:.1f}", f"{generation / forward:.2f}"]
        table.add_row(*row)
    Console(width=110).print(table)


def _classifier(name: str) -> Classifier:
    if name != "mobilenet":
        return Classifier(tfstab.build_model(name, seed=1))
    keras = backend.keras()
    return Classifier(keras.applications.MobileNetV2(weights=None), name=name)


def _measure(classifier: Classifier, preset: str, count: int, rows: int, generations: int) -> tuple[float, float]:
    """(milliseconds of a forward pass, of a generation): medians, a pass after each generation."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (count, *classifier.input_shape), dtype=np.uint8)
    labels = classifier.scores(images).argmax(axis=1)
    batched = classifier.with_batch_size(rows)
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
