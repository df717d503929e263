"""How far above the noise that is enough a search of a quantised network ends, whose scores change in steps.

    python tests/benchmarks/quantised_noise.py [--images 50] [--queries 5000] [--seed 0]

Bundled networks are quantised to eight bits (inputs, weights and outputs; TFLite's converter, calibrated with 200
images). Of images that are right in both forms, the quantised one is searched as `tfstab assess` does (engine
`labels`). The network before quantisation is searched with its gradients (engine `boundary`); this noise is then
lengthened in steps of 5 %, up to four times, and rounded to whole grey levels, until the quantised network changes its
prediction. Printed is how many times as large the noise of the search is, as L2: median and 10th and 90th percentile.
Takes 6 to 9 minutes on two cores.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf

import tfstab
from tfstab.classifier import Classifier
from tfstab.datasets import Dataset

NETWORKS = {"mnist-lenet": "mnist-5k", "cifar10-quick": "cifar10"}
CALIBRATION = 200
LENGTHS = np.append(np.arange(1, 4, 0.05), np.inf)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=50)
    parser.add_argument("--queries", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for name, data in NETWORKS.items():
        network, dataset = tfstab.load_classifier(name), tfstab.load_dataset(data).take(20 * options.images)
        with tempfile.TemporaryDirectory() as folder:
            quantised = tfstab.load_classifier(
                _quantised(network, dataset, Path(folder)), class_names=network.class_names
            )
            right = np.all(
                [one.scores(dataset.images).argmax(1) == dataset.labels for one in (network, quantised)], axis=0
            )
            chosen = dataset.select(np.flatnonzero(right)[: options.images])
            searched = _noise(quantised, chosen, "labels", options)
            enough = _lengthened(quantised, chosen, _noise(network, chosen, "boundary", options))
        ratio = np.linalg.norm(searched.reshape(len(searched), -1), axis=1) / enough
        known = ratio[np.isfinite(ratio)]
        low, median, high = np.percentile(known, (10, 50, 90))
        print(f"{name}: {len(known)} of {len(chosen)} images, ratio {median:.1f} ({low:.1f} to {high:.1f})", flush=True)


def _quantised(network: Classifier, dataset: Dataset, folder: Path) -> Path:
    """Write a network as a TFLite file of eight bits, and return its path."""
    converter = tf.lite.TFLiteConverter.from_keras_model(network.model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    images = dataset.images[:CALIBRATION].astype(np.float32)
    converter.representative_dataset = lambda: ([image[None]] for image in images)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.uint8
    path = folder / f"{network.name}.tflite"
    path.write_bytes(converter.convert())
    return path


def _noise(classifier: Classifier, images: Dataset, engine: str, options: argparse.Namespace) -> np.ndarray:
    """Return the noise (N, H, W, C) that a search finds."""
    config = tfstab.SearchConfig(engine=engine, max_queries=options.queries, seed=options.seed)
    return np.stack([result.noise for result in tfstab.search_minimum_noise(classifier, images, config=config)])


def _lengthened(classifier: Classifier, images: Dataset, noise: np.ndarray) -> np.ndarray:
    """Return the L2 of the shortest of the lengthened noises that changes the prediction; infinite if none does."""
    found = np.full(len(noise), np.inf)
    for length in LENGTHS[:-1]:
        noisy = np.clip(np.rint(images.images + length * noise), 0, 255).astype(np.uint8)
        changed = classifier.scores(noisy).argmax(1) != images.labels
        size = np.linalg.norm((noisy.astype(float) - images.images).reshape(len(noise), -1), axis=1)
        found = np.where(changed & np.isinf(found), size, found)
    return found


if __name__ == "__main__":
    main()
