"""Memory of a search (150,528 genes) and a sweep with MobileNetV2, 224 x 224 x 3 to 1,000 classes, random weights.

    python tests/benchmarks/large_images.py [IMAGES]

The images are random too: what is asked is how much memory it takes, and that it does not grow with the images.
"""

import resource
import sys
import tempfile
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

import tfstab
from tfstab.classifier import backend


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    table = Table(title=f"Peak memory so far, {count} images")
    table.add_column("after")
    table.add_column("MB", justify="right")

    def note(what: str) -> None:
        table.add_row(what, f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f}")

    keras = backend.keras()
    note("TensorFlow's start")
    keras.utils.set_random_seed(1)
    network = keras.applications.MobileNetV2(weights=None)
    classifier = tfstab.Classifier(network, preprocess="mobilenet_v2")
    images = np.random.default_rng(0).integers(0, 256, (count, 224, 224, 3), np.uint8)
    labels = classifier.with_batch_size(8).scores(images).argmax(axis=1)
    note("the model and its first scores")
    dataset = tfstab.Dataset.from_arrays("random", "test", images, labels, tuple(map(str, range(1000))))
    with tempfile.TemporaryDirectory() as folder:
        config = tfstab.SearchConfig(max_queries=500)
        search = tfstab.run_search(classifier, dataset, config, Path(folder) / "search")
        note(f"a search, {sum(result.queries for result in search):,} queries")
        config = tfstab.SweepConfig(sigmas=(1, 20), copies=25)
        sweep = tfstab.run_sweep(classifier, dataset, config, Path(folder) / "sweep")
        note(f"a sweep, {count * config.rows_per_image:,} degraded images, complete: {sweep.complete}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
