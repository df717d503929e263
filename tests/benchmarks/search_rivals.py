"""Minimum noise found, against Foolbox's and ART's attacks on the same images (extra `bench`).

    python tests/benchmarks/search_rivals.py --model mnist-lenet --data mnist --images 100 --queries 5000,20000

The reference of an image is the least L2 that Foolbox's DDN (1000 steps), Carlini & Wagner and Brendel & Bethge find
for it, all with gradients. Printed are the median and the 90th percentile of L2 over the reference, the share of images
solved, the queries of one image (counted by a wrapper around the model) and the seconds for all images.
`--rivals` adds those without gradients, at the largest number of queries: Foolbox's Boundary and HopSkipJump (labels
only), ART's Square-L2 and SimBA (scores).
"""

import argparse
import time
from collections.abc import Callable

import eagerpy
import foolbox
import numpy as np
import tensorflow as tf
from rich.console import Console
from rich.table import Table

import tfstab
from tfstab.classifier import Classifier
from tfstab.datasets import Dataset

REFERENCES = {
    "DDN": lambda: foolbox.attacks.DDNAttack(steps=1000),
    "C&W": lambda: foolbox.attacks.L2CarliniWagnerAttack(steps=1000, stepsize=0.01, initial_const=1.0),
    "Brendel-Bethge": lambda: foolbox.attacks.L2BrendelBethgeAttack(steps=1000),
}


class CountingModel:
    """Images in 0..1 to logits, counting the images that it is asked about."""

    def __init__(self, classifier: Classifier) -> None:
        self.logits_model, self.head = tfstab.classifier.classifier._logits_of(classifier.model)
        self.forward = tf.function(self._forward, reduce_retracing=True)
        self.queries = 0

    def __call__(self, images: tf.Tensor) -> tf.Tensor:
        self.queries += int(images.shape[0])
        return self.forward(images)

    def _forward(self, images: tf.Tensor) -> tf.Tensor:
        output = self.logits_model(images * 255.0, training=False)
        return output if self.head is None else self.head(output)


def foolbox_l2(attack: foolbox.Attack, model: CountingModel, dataset: Dataset, batch: int = 10) -> np.ndarray:
    """L2 in grey levels of each image, infinite where the attack fails."""
    wrapped = foolbox.TensorFlowModel(model, bounds=(0, 1))
    found = []
    for start in range(0, len(dataset), batch):
        images = eagerpy.astensor(tf.constant(dataset.images[start : start + batch].astype(np.float32) / 255))
        labels = eagerpy.astensor(tf.constant(dataset.labels[start : start + batch]))
        try:
            adversarial, _, success = attack(wrapped, images, labels, epsilons=None)
        except AssertionError:  # Brendel-Bethge's own check that what it gives is adversarial
            print(f"{type(attack).__name__} failed on images {start} to {start + len(images) - 1}")
            found.append(np.full(len(images), np.inf))
            continue
        l2 = (adversarial - images).flatten(1).norms.l2(axis=1).numpy() * 255
        found.append(np.where(success.numpy(), l2, np.inf))
    return np.concatenate(found)


def art_l2(attack: Callable[[np.ndarray, np.ndarray], np.ndarray], classifier: Classifier, data: Dataset) -> np.ndarray:
    """L2 in grey levels of each image for an ART attack, which takes and gives images in 0..1."""
    adversarial = attack(data.images.astype(np.float32) / 255, data.labels) * 255
    l2 = np.sqrt(np.square(adversarial - data.images).sum(axis=(1, 2, 3)))
    return np.where(classifier.scores(adversarial).argmax(axis=1) != data.labels, l2, np.inf)


def art_attacks(model: CountingModel, dataset: Dataset, queries: int) -> dict[str, Callable[..., np.ndarray]]:
    """ART's score-based attacks. Square is run at growing radii, and keeps each image's first success."""
    from art.attacks.evasion import SimBA, SquareAttack
    from art.estimators.classification import BlackBoxClassifier

    def softmax(images: np.ndarray) -> np.ndarray:
        return tf.nn.softmax(model(tf.constant(images.astype(np.float32)))).numpy()

    box = BlackBoxClassifier(softmax, dataset.image_shape, dataset.num_classes, clip_values=(0, 1))
    radii = np.geomspace(0.05, 8, 12)  # of images in 0..1

    def square(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        best, left = images.copy(), np.arange(len(images))
        for radius in radii:
            attack = SquareAttack(box, norm=2, eps=radius, max_iter=queries // len(radii), batch_size=64, verbose=False)
            found = attack.generate(images[left], labels[left])
            best[left] = found
            left = left[softmax(found).argmax(axis=1) == labels[left]]
            if not len(left):
                break
        return best

    def simba(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        side = images.shape[1] // 4 * 4
        attack = SimBA(box, attack="dct", max_iter=queries // 2, epsilon=0.2, freq_dim=side, verbose=False)
        return attack.generate(images, labels)

    return {"ART Square-L2": square, "ART SimBA": simba}


def main() -> None:
    options = _options()
    classifier = tfstab.load_classifier(options.model)
    dataset = tfstab.load_dataset(options.data, data_dir=options.data_dir)
    right = np.flatnonzero(classifier.scores(dataset.images).argmax(axis=1) == dataset.labels)
    dataset = dataset.select(right).take(options.images)
    model = CountingModel(classifier)
    rows: list[tuple[str, np.ndarray, float, float]] = []

    def measure(name: str, run: Callable[[], np.ndarray]) -> None:
        model.queries, started = 0, time.perf_counter()
        l2 = run()
        rows.append((name, l2, model.queries / len(dataset), time.perf_counter() - started))
        print(f"{name}: {rows[-1][3]:.0f} s", flush=True)

    for name, attack in REFERENCES.items():
        measure(name, lambda attack=attack: foolbox_l2(attack(), model, dataset))
    references = len(rows)
    for queries in options.queries:
        for refine in (False, True):
            config = tfstab.SearchConfig(max_queries=queries, refine=refine)
            name = f"tfstab, {queries:,} queries" + (", refined" if refine else "")
            rows.append((name, *_searched(classifier, dataset, config)))
            print(f"{name}: {rows[-1][3]:.0f} s", flush=True)
    rows.append(("tfstab, paper's procedure", *_searched(classifier, dataset, tfstab.SearchConfig(preset="paper"))))
    if options.rivals:
        queries = max(options.queries)
        boundary = foolbox.attacks.BoundaryAttack(steps=queries)
        jump = foolbox.attacks.HopSkipJumpAttack(steps=64, max_gradient_eval_steps=max(queries // 64 - 25, 50))
        measure("Foolbox Boundary", lambda: foolbox_l2(boundary, model, dataset))
        measure("Foolbox HopSkipJump", lambda: foolbox_l2(jump, model, dataset))
        for name, attack in art_attacks(model, dataset, queries).items():
            measure(name, lambda attack=attack: art_l2(attack, classifier, dataset))
    _print(rows, references, f"{classifier.name} on {dataset.name} ({dataset.note}), {len(dataset)} images")


def _searched(classifier: Classifier, dataset: Dataset, config: tfstab.SearchConfig) -> tuple[np.ndarray, float, float]:
    started = time.perf_counter()
    results = tfstab.search_minimum_noise(classifier, dataset.images, dataset.labels, config)
    l2 = np.array([r.l2 if r.found else np.inf for r in results])
    return l2, float(np.mean([r.queries for r in results])), time.perf_counter() - started


def _print(rows: list[tuple[str, np.ndarray, float, float]], references: int, title: str) -> None:
    reference = np.min([row[1] for row in rows[:references]], axis=0)
    table = Table(title=title)
    for column in ("method", "solved", "median L2", "median ratio", "90th percentile", "queries", "seconds"):
        table.add_column(column, justify="left" if column == "method" else "right")
    for name, l2, queries, seconds in rows:
        ratio = l2 / reference
        middle, high = np.quantile(ratio, [0.5, 0.9], method="inverted_cdf")
        table.add_row(
            name, f"{np.isfinite(l2).mean():.0%}", f"{np.median(l2):.1f}", f"{middle:.3f}", f"{high:.3f}",
            f"{queries:,.0f}", f"{seconds:.0f}",
        )  # fmt: skip
    Console(width=120).print(table)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="mnist-lenet")
    parser.add_argument("--data", default="mnist-5k")
    parser.add_argument("--data-dir")
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("--queries", type=lambda text: [int(q) for q in text.split(",")], default=[1000, 5000, 20000])
    parser.add_argument("--rivals", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
