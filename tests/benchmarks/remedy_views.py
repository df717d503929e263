"""How much processor time the views of each trained remedy take.

    python tests/benchmarks/remedy_views.py
    python tests/benchmarks/remedy_views.py --size 96

On one core, so that other work on the machine hardly matters. The limit is 400 µs for each colour image of 32 x 32, all
its views together, so that two cores prepare at least 5,000 images a second; exit code 1 means that it is exceeded.
"""

import argparse
import time
from statistics import median

import numpy as np
from rich.console import Console
from rich.table import Table

from tfstab.classifier import backend
from tfstab.degradations import augment
from tfstab.training.remedies import REMEDIES, Remedy

LIMIT, SIZE = 400.0, 32  # µs of a core for each image; pixels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--batches", type=int, default=15)
    options = parser.parse_args()
    threading = backend.tensorflow().config.threading
    threading.set_intra_op_parallelism_threads(1)
    threading.set_inter_op_parallelism_threads(1)
    images = (
        np.random.default_rng(0).integers(0, 256, (options.batch, options.size, options.size, 3)).astype(np.float32)
    )
    table = Table(title=f"{options.size} x {options.size} x 3, batches of {options.batch}, one core")
    for column in ("", "views", "µs for an image", "images/s", "views/s"):
        table.add_column(column, justify="right" if column else "left")
    slow = []
    for remedy in REMEDIES.values():
        seconds = _measured(remedy, images, options.batches)
        figures = (f"{seconds * 1e6:,.0f}", f"{1 / seconds:,.0f}", f"{remedy.passes / seconds:,.0f}")
        table.add_row(remedy.title, str(remedy.passes), *figures)
        slow += [remedy.title] * (seconds * 1e6 > LIMIT)
    Console(width=100).print(table)
    if options.size == SIZE and slow:
        raise SystemExit(f"more than {LIMIT:g} µs: {', '.join(slow)}")


def _measured(remedy: Remedy, images: np.ndarray, batches: int) -> float:
    """Seconds of processor time for each image, the median of all batches except the first, which builds the graph."""
    tf = backend.tensorflow()
    mixture = augment()
    views = tf.function(lambda batch, seed: remedy.views(batch, seed, mixture))
    batch, used = tf.constant(images), []
    for k in range(batches + 1):
        started = time.process_time()
        views(batch, tf.constant([0, k], tf.int64))
        used.append(time.process_time() - started)
    return median(used[1:]) / len(images)


if __name__ == "__main__":
    main()
