"""How far short walks along the boundary end from the least noise that is known, and what they cost.

    python tests/benchmarks/boundary_walks.py --model cifar10-quick --data cifar10 --images 16

For each search it prints the mean and the largest ratio of the noise found to the least noise that any of the searches
finds, and the seconds for an image. Then it prints whether gradients are the same to the bit whichever images share a
batch, for batches of several sizes.
"""

import argparse
import time

import numpy as np

from tfstab import Classifier, Dataset, SearchConfig, load_classifier, load_dataset, search_minimum_noise

CONFIGS = {
    "boundary, 200 queries": SearchConfig(engine="boundary", max_queries=200),
    "boundary, 400 queries": SearchConfig(engine="boundary", max_queries=400),
    "boundary, 1,000 queries": SearchConfig(engine="boundary", max_queries=1000),
    "genetic, 2,000 queries": SearchConfig(max_queries=2000),
    "genetic, 5,000 queries": SearchConfig(max_queries=5000),
    "genetic, 20,000 queries, refined": SearchConfig(refine=True),
}


def compare(classifier: Classifier, images: Dataset) -> None:
    """Print the noise that each search finds, against the least, and its time."""
    found, seconds = {}, {}
    for name, config in CONFIGS.items():
        began = time.perf_counter()
        results = search_minimum_noise(classifier, images.images, images.labels, config)
        seconds[name] = (time.perf_counter() - began) / len(images)
        found[name] = np.array([result.l2 if result.found else np.inf for result in results])
    least = np.min(list(found.values()), axis=0)
    for name, norms in found.items():
        ratio = norms / least
        print(f"{name:34}  mean {ratio.mean():.3f}  largest {ratio.max():.3f}  {seconds[name]:.2f} s an image")


def compare_bits(classifier: Classifier, count: int = 48) -> None:
    """Print in how many images the gradients stay the same when the images are in another order."""
    rng = np.random.default_rng(0)
    images = rng.uniform(0, 255, (count, *classifier.input_shape)).astype(np.float32)
    weights, order = rng.normal(size=(count, classifier.num_classes)), rng.permutation(count)
    for batch in (2, 3, 8, 16, 24):
        same = classifier.with_batch_size(batch)
        equal = same.gradients(images, weights)[1][order] == same.gradients(images[order], weights[order])[1]
        rows = int(equal.reshape(count, -1).all(axis=1).sum())
        print(f"batches of {batch:2}: the gradients of {rows} of {count} images are equal")


def main() -> None:
    """Read the options and print both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="mnist-lenet")
    parser.add_argument("--data", default="mnist-5k")
    parser.add_argument("--images", type=int, default=16)
    options = parser.parse_args()
    classifier, images = load_classifier(options.model), load_dataset(options.data).take(20 * options.images)
    right = np.flatnonzero(classifier.scores(images.images).argmax(axis=1) == images.labels)
    compare(classifier, images.select(right).take(options.images))
    compare_bits(classifier)


if __name__ == "__main__":
    main()
