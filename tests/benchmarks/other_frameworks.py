"""Bundled networks in PyTorch and ONNX: whether a search finds the same noise there, and what it asks the network for.

    python tests/benchmarks/other_frameworks.py mnist-lenet mnist --images last:6 --refine 32

prints for Keras, for PyTorch through `from_function` with gradients, and for an ONNX file the median L2, its ratio to
Keras' (median over the images, and the largest), the queries and gradients that the results state, the images that the
network was really asked to score, and seconds of processor time. ONNX has no gradients, so that its search is compared
with Keras' unrefined one.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from held_out import parse
from ported import Ported, port, to_torch
from torch.nn import functional

from tfstab import Classifier, SearchConfig, load_classifier, load_dataset, search_minimum_noise
from tfstab.datasets import Dataset


class OfTorch:
    """The functions that `Classifier.from_function` takes, of a network in PyTorch; they count the images."""

    def __init__(self, network: Ported) -> None:
        self.network, self.scored, self.differentiated = network, 0, 0

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Return the logits (B, K) of images in grey levels."""
        self.scored += len(images)
        with torch.no_grad():
            return self.network(to_torch(images)).numpy()

    def gradients(self, images: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Return the gradients of the weighted sums of log-scores, per grey level."""
        self.differentiated += len(images)
        batch = to_torch(images).requires_grad_()
        log_scores = functional.log_softmax(self.network(batch), dim=1)
        (gradient,) = torch.autograd.grad((log_scores * torch.from_numpy(weights)).sum(), batch)
        return gradient.numpy().transpose(0, 2, 3, 1) / np.float32(255)


def searched(classifier: Classifier, data: Dataset, **settings: Any) -> tuple[np.ndarray, int, int, float]:
    """Return the L2 of each image, the queries and gradients of all images, and the seconds of processor time."""
    began = time.process_time()
    results = search_minimum_noise(classifier, data.images, data.labels, SearchConfig(**settings))
    l2 = np.array([result.l2 if result.found else np.inf for result in results])
    counts = (sum(getattr(result, name) for result in results) for name in ("queries", "gradients"))
    return l2, *counts, time.process_time() - began


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("data")
    parser.add_argument("--images", default="last:6")
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--refine", type=int, default=0, help="gradients of an image; 0 for no refinement")
    chosen = parser.parse_args()
    keras = load_classifier(chosen.model)
    data = parse(chosen.images, keras, load_dataset(chosen.data))
    network = port(keras, data.images)
    functions = OfTorch(network)
    of_torch = Classifier.from_function(
        functions.logits,
        keras.input_shape,
        keras.num_classes,
        fingerprint=keras.fingerprint,
        outputs="logits",
        gradients=functions.gradients,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        names = {"input_names": ["images"], "output_names": ["logits"]}
        free = {"images": {0: "n"}, "logits": {0: "n"}}
        torch.onnx.export(network, (to_torch(data.images[:2]),), path, **names, dynamic_axes=free, dynamo=False)
        of_onnx = load_classifier(path, preprocess="unit")
    print(f"{'':16}{'median L2':>10}{'ratio':>8}{'largest':>9}{'queries':>9}{'gradients':>11}{'asked':>14}{'CPU s':>7}")
    for refine in sorted({0, chosen.refine}):
        before = None
        for name, classifier in {"Keras": keras, "PyTorch": of_torch, "ONNX": of_onnx}.items():
            if refine and not classifier.differentiable:
                continue
            functions.scored = functions.differentiated = 0
            settings = {"max_queries": chosen.queries, "refine": refine or False}
            l2, queries, gradients, seconds = searched(classifier, data, **settings)
            before = l2 if before is None else before
            neither = np.isinf(l2) & np.isinf(before)  # has found noise, which counts as equal
            ratios = np.where(neither, 1, l2 / np.where(neither, 1, before))
            asked = f"{functions.scored} + {functions.differentiated}" if functions.scored else ""
            print(
                f"{name + ', refined' * bool(refine):16}{np.median(l2):10.2f}{np.median(ratios):8.4f}"
                f"{ratios.max():9.4f}{queries:9}{gradients:11}{asked:>14}{seconds:7.1f}"
            )


if __name__ == "__main__":
    main()
