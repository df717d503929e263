"""How much faster two workers of one core each are than one of them, for a sweep.

    python tests/benchmarks/cluster_scaling.py --images 200 --rounds 3

It needs two cores that nothing else uses. Both clusters have the model loaded before the clock runs; the client, which
writes the run, shares the cores with them. Connecting and packing the model take the same second for both, so that few
images would say little.
"""

import argparse
import tempfile
import time
from statistics import median
from typing import Any

import tfstab
from tfstab.execution import local_workers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="mnist-lenet")
    parser.add_argument("--data", default="mnist-5k")
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    classifier = tfstab.load_classifier(options.model)
    dataset = tfstab.load_dataset(options.data).take(options.images)
    ratios = []
    with local_workers(1) as one, local_workers(2) as two:
        for cluster in (one, two):
            images_a_second(classifier, dataset.take(20), cluster)  # loads the model on all workers
        for _ in range(options.rounds):
            alone, both = images_a_second(classifier, dataset, one), images_a_second(classifier, dataset, two)
            ratios.append(both / alone)
            print(f"one worker {alone:,.0f} images/s, two {both:,.0f}: {both / alone:.2f} x as fast")
    print(f"median {median(ratios):.2f} x as fast")


def images_a_second(classifier: tfstab.Classifier, dataset: tfstab.Dataset, cluster: Any) -> float:
    """Of a whole sweep, from the clean scores to the last part on the disk."""
    config = tfstab.SweepConfig()
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        tfstab.run_sweep(classifier, dataset, config, folder + "/run", cluster=cluster)
        return len(dataset) * config.rows_per_image / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
