"""Minimum noise without gradients: the search at several budgets of scored images, against Square and SimBA.

    python tests/benchmarks/few_queries.py --reference build/mnist.json --out build/mnist-queries.json

The reference of an image, and which images, come from a file that `white_box.py` has written: the least noise that any
attack with gradients finds. Printed are the share of images whose class changed and the ratio to the reference (median
and 90th percentile). An older version of the search is measured by running this script in a checkout of that version
with `--label "before"` and the same `--out`, which keeps what was measured.

Rivals: ART's Square-L2 at a grid of radii, and SimBA with two lengths of step, in pixels and in DCT coefficients. They
get the whole budget for each radius and each length, and the least noise of an image counts. Their queries are those
that the algorithm needs (Square one an iteration, SimBA two); ART asks for more. SimBA stops at the first change.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from art.attacks.evasion import SimBA, SquareAttack
from art.estimators.classification import PyTorchClassifier
from ported import Ported, port, to_grey_levels, to_torch
from rich.console import Console
from rich.table import Table
from spent import CountingClassifier

import tfstab
from tfstab.datasets import Dataset
from tfstab.search.result import HISTORY

BUDGETS = (1_000, 5_000, 20_000)
RIVAL_BUDGETS = (1_000, 5_000)
RADII = np.geomspace(0.1, 10, 14)  # L2 of images in 0..1, for Square
STEPS = (0.05, 0.2)  # of SimBA, whose own is 0.2


def main() -> None:
    options = _options()
    torch.set_num_threads(1)
    reference = json.loads(options.reference.read_text())
    least = np.min([row["size"] for name, row in reference["methods"].items() if "tfstab" not in name], axis=0)
    classifier = tfstab.load_classifier(reference["model"])
    whole = tfstab.load_dataset(reference["data"], data_dir=options.data_dir)
    dataset = whole.select(np.searchsorted(whole.indices, reference["images"]))
    if options.images:
        dataset, least = dataset.select(np.arange(options.images)), least[: options.images]
    methods = json.loads(options.out.read_text()) if options.out and options.out.exists() else {}
    for name, found in _methods(options, classifier, dataset):
        if name not in methods:
            started = time.process_time()
            rows = found()
            seconds = (time.process_time() - started) / len(dataset)
            methods[name] = {"size": {b: size.tolist() for b, size in rows.items()}, "seconds": seconds}
            print(f"{name}: {seconds:.1f} s an image", flush=True)
            if options.out:
                options.out.write_text(json.dumps(methods))
    _print(methods, least, f"{classifier.name}, {len(dataset)} images of {dataset.name}, l2")


Found = Callable[[], dict[int, np.ndarray]]  # L2 in grey levels of each image, infinite where none was found, by budget


def _methods(options: argparse.Namespace, classifier: tfstab.Classifier, dataset: Dataset) -> list[tuple[str, Found]]:
    ours: list[tuple[str, Found]] = [(options.label, lambda: _ours(classifier, dataset, max(options.budgets)))]
    if not options.rivals:
        return ours
    box = _Box(port(classifier, dataset.images), dataset)
    budgets = [b for b in RIVAL_BUDGETS if b <= max(options.budgets)]
    return [
        *ours,
        ("Square", lambda: {b: box.square(b) for b in budgets}),
        ("SimBA, pixels", lambda: {b: box.simba("px", b) for b in budgets}),
        ("SimBA, DCT", lambda: {b: box.simba("dct", b) for b in budgets}),
    ]


def _ours(classifier: tfstab.Classifier, dataset: Dataset, largest: int) -> dict[int, np.ndarray]:
    """One search with the largest budget: it does not depend on its budget, so its history holds the smaller ones."""
    counting = CountingClassifier(classifier)
    config = tfstab.SearchConfig(max_queries=largest)
    results = tfstab.search_minimum_noise(counting, dataset.images, dataset.labels, config)
    print(f"{counting.queries / len(dataset):,.0f} images scored for one image at most {largest:,}", flush=True)
    size, share = HISTORY.index("norm"), HISTORY.index("share_misclassified")
    found: dict[int, np.ndarray] = {}
    for budget in BUDGETS:
        if budget > largest:
            break
        sizes = []
        for r in results:
            engine = r.queries - r.repair_queries
            last = min(budget * r.generations // engine, r.generations) - 1
            changed = r.history[: last + 1, share].any()  # a share of the offspring, of which the best is kept
            sizes.append(r.history[last, size] if changed else np.inf)
        found[budget] = np.array(sizes)
    return found


class _Box:
    """ART's attacks without gradients on one network and data set."""

    def __init__(self, network: Ported, dataset: Dataset) -> None:
        height, width, channels = dataset.image_shape
        self.network, self.dataset = network, dataset
        self.images = to_torch(dataset.images).numpy()
        module = torch.nn.Sequential(network, torch.nn.Softmax(dim=1))
        shape = (channels, height, width)
        self.art = PyTorchClassifier(
            module, None, shape, dataset.num_classes, clip_values=(0, 1), device_type="cpu", channels_first=True
        )

    def square(self, budget: int) -> np.ndarray:
        """Return the least L2 over all radii."""
        best, rows = np.full(len(self.dataset), np.inf), np.arange(len(self.dataset))
        for radius in RADII[::-1]:  # a smaller one only where the larger one succeeded
            attack = SquareAttack(self.art, norm=2, eps=radius, max_iter=budget, batch_size=64, verbose=False)
            found = attack.generate(self.images[rows].copy(), self.dataset.labels[rows])
            found = np.where(np.isfinite(found), found, self.images[rows])  # it divides by a norm that can be 0
            size = self._sizes(found, rows)
            best[rows] = np.minimum(best[rows], size)
            rows = rows[np.isfinite(size)]
            if not len(rows):
                break
        return best

    def simba(self, kind: str, budget: int) -> np.ndarray:
        """Return the least L2 over the lengths of step."""
        every, one_hot = np.arange(len(self.dataset)), np.eye(self.dataset.num_classes)[self.dataset.labels]
        size = self.images.shape[2]
        results = []
        for step in STEPS:
            attack = SimBA(self.art, attack=kind, max_iter=budget // 2, epsilon=step, freq_dim=size, verbose=False)
            results.append(self._sizes(attack.generate(self.images.copy(), one_hot), every))
        return np.min(results, axis=0)

    def _sizes(self, found: np.ndarray, rows: np.ndarray) -> np.ndarray:
        tensor = torch.from_numpy(found.astype(np.float32)).clamp(0, 1)
        with torch.no_grad():
            changed = self.network(tensor).argmax(1).numpy() != self.dataset.labels[rows]
        noise = to_grey_levels(tensor) - self.dataset.images[rows].astype(np.float32)
        return np.where(changed, np.sqrt(np.square(noise).sum(axis=(1, 2, 3))), np.inf)


def _print(methods: dict[str, Any], least: np.ndarray, title: str) -> None:
    table = Table(title=title)
    table.add_column("method")
    for budget in BUDGETS:
        table.add_column(f"{budget:,}: ratio (90th), changed", justify="right")
    table.add_column("seconds", justify="right")
    for name, row in methods.items():
        cells = []
        for budget in BUDGETS:
            size = row["size"].get(str(budget), row["size"].get(budget))
            if size is None:
                cells.append("")
                continue
            middle, high = np.quantile(np.array(size) / least, [0.5, 0.9], method="inverted_cdf")
            cells.append(f"{middle:.3f} ({high:.3f}), {np.isfinite(size).mean():.0%}")
        table.add_row(name, *cells, f"{row['seconds']:.1f}")
    Console(width=140).print(table)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", type=Path, required=True, help="a file that white_box.py has written")
    parser.add_argument("--data-dir")
    parser.add_argument("--images", type=int, help="only the first N of the file")
    parser.add_argument("--budgets", type=lambda text: [int(q) for q in text.split(",")], default=list(BUDGETS))
    parser.add_argument("--label", default="tfstab", help="the name of this version's row")
    parser.add_argument("--rivals", action="store_true", help="measure the rivals too")
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
