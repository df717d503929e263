"""How many training images a second a tf.data pipeline degrades, in TensorFlow and through the NumPy functions.

    python tests/benchmarks/augmentation_throughput.py
    python tests/benchmarks/augmentation_throughput.py --sizes 32 96 224 --seconds 4

The limit is for two idle cores: at least 5,000 colour images of 32 x 32 a second for the mixture of all families, in
batches of 128. Both ways are measured in turns. Processor time is given too, because
it hardly depends on other work on the machine: two cores reach the limit at 400 µs or less for an image; exit code 1
means that it takes more. On small images, NumPy's
functions mostly take turns, because Python runs in one thread at a time.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from tfstab.classifier import backend
from tfstab.degradations import BUILT_IN, Degradation, augment

LIMIT, SIZE, CORES = 5_000, 32, 2  # images a second; pixels
ROUNDS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[SIZE])
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--seconds", type=float, default=1, help="for each measurement")
    options = parser.parse_args()
    for size in options.sizes:
        clean = np.random.default_rng(0).integers(0, 256, (options.batch, size, size, 3), np.uint8)
        # Smooth like photographs: JPEG and Poisson noise take longer on images of noise.
        clean = clean.cumsum(axis=1, dtype=np.uint64).cumsum(axis=2) % 511 // 2
        core = _compare(clean.astype(np.uint8), options.seconds)
        if size == SIZE:
            reached = CORES * 1e6 / core
            print(
                f"the mixture on two idle cores, by its processor time: {reached:,.0f} images/s; the limit is {LIMIT:,}"
            )
            if reached < LIMIT:
                raise SystemExit(1)


def _compare(clean: np.ndarray, seconds: float) -> float:
    """Measure all families and the mixture, print a table, and return the mixture's µs of a core for an image."""
    table = Table(title=f"{clean.shape[1]} x {clean.shape[2]} x 3, batches of {len(clean)}")
    for column in ("", "images/s", "µs of a core", "NumPy: images/s", "µs of a core", "images/s, ratio"):
        table.add_column(column, justify="right" if column else "left")
    everything = list(BUILT_IN.values())
    for name, families in (*((family.name, [family]) for family in everything), ("mixture of all", everything)):
        ways = [_pipeline(way, clean) for way in (families, [replace(family, batched="") for family in families])]
        rounds = [[_measured(way, len(clean), seconds / ROUNDS) for way in ways] for _ in range(ROUNDS)]
        (speed, core), (numpy_speed, numpy_core) = np.median(rounds, axis=0)
        ratio = f"{speed / numpy_speed:.1f}"
        table.add_row(name, *(f"{n:,.0f}" for n in (speed, core, numpy_speed, numpy_core)), ratio)
    Console(width=100).print(table)
    return float(core)


def _pipeline(families: list[Degradation], clean: np.ndarray) -> Iterator[Any]:
    """Return an endless iterator of degraded batches, after a few that are drawn to warm up."""
    tf = backend.tensorflow()
    options = tf.data.Options()
    options.autotune.enabled = False
    batches = tf.data.Dataset.from_tensors(clean).repeat().apply(augment(families).epoch(0)).with_options(options)
    found = iter(batches)
    for _ in range(4):
        next(found)
    return found


def _measured(batches: Iterator[Any], size: int, seconds: float) -> tuple[float, float]:
    """Images a second, and µs of a core for each."""
    started, used, count = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - started < seconds:
        next(batches)
        count += size
    return count / (time.perf_counter() - started), (time.process_time() - used) / count * 1e6


if __name__ == "__main__":
    main()
