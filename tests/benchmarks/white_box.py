"""Minimum noise with gradients, in any norm: the search and its refinement against Foolbox's and adv-lib's attacks.

    python tests/benchmarks/white_box.py --model mnist-lenet --data mnist --images last:20 --out build/mnist.json
    python tests/benchmarks/white_box.py --model cifar10-quick --data cifar10 --norm linf --out build/cifar10-linf.json

The reference of an image is the least noise that any of the attacks finds for it in the network's PyTorch port. Printed
are the share of images whose class changed, the median noise in grey levels, its ratio to the reference (median and
90th percentile), and for each image the gradients, the forward passes without a gradient, and the seconds of processor
time. With `--out`, each method's results are saved as soon as it is done, and the same command later measures only the
methods that are missing; `--again NAME` measures one of them again. A file of other images is refused.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import held_out
import numpy as np
import torch
from attacks import attacked, rivals, sizes
from ported import port
from rich.console import Console
from rich.table import Table
from spent import CountingClassifier

import tfstab
from tfstab.datasets import Dataset

OURS: dict[str, dict[str, Any]] = {
    "tfstab, refined": {"refine": True},
    "tfstab, 50 gradients": {"refine": 50},
    "tfstab, 32 gradients": {"refine": 32},
}
QUERIES = 1_000  # of the search that the refinement starts from


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    classifier = tfstab.load_classifier(options.model)
    dataset = held_out.parse(options.images, classifier, tfstab.load_dataset(options.data, data_dir=options.data_dir))
    stored = _stored(options, dataset)
    methods = stored["methods"]
    for name in options.again:
        methods.pop(name, None)
    network, attacks = port(classifier, dataset.images), rivals(options.norm, dataset.num_classes, options.steps)
    for name, attack in attacks.items():
        if name not in methods and _chosen(name, options.methods):
            try:
                row = attacked(attack, network, dataset, options.norm).row()
            except Exception as error:  # other libraries' attacks can end in any error; the others go on
                print(f"{name} failed: {type(error).__name__}: {error}", flush=True)
                continue
            _keep(stored, options.out, name, row)
    for name, settings in OURS.items():
        if name not in methods and _chosen(name, options.methods):
            row = _searched(classifier, dataset, options.norm, settings)
            if row:
                _keep(stored, options.out, name, row)
    print_table(stored, f"{classifier.name}, {len(dataset)} images of {dataset.name}, {options.norm}", list(attacks))


def _searched(
    classifier: tfstab.Classifier, dataset: Dataset, norm: str, settings: dict[str, Any]
) -> dict[str, Any] | None:
    """Search with the default engine and refine; None if tfstab cannot minimise this norm."""
    try:
        config = tfstab.SearchConfig(max_queries=QUERIES, norm=norm, **settings)
    except tfstab.TfstabError as error:
        print(f"left out: {error}")
        return None
    counting, started = CountingClassifier(classifier), time.process_time()
    results = tfstab.search_minimum_noise(counting, dataset.images, dataset.labels, config)
    seconds = time.process_time() - started
    size = sizes(np.array([r.noise for r in results]), norm)
    return {
        "size": np.where([r.found for r in results], size, np.inf).tolist(),
        "predicted": [int(r.predicted) for r in results],
        "forwards": (counting.queries + counting.gradients_made) / len(dataset),
        "gradients": counting.gradients_made / len(dataset),
        "seconds": seconds / len(dataset),
    }


def _stored(options: argparse.Namespace, dataset: Dataset) -> dict[str, Any]:
    """Return what the file holds, or the beginning of a new one."""
    about = {
        "model": options.model,
        "data": options.data,
        "norm": options.norm,
        "images": dataset.indices.tolist(),
        "labels": dataset.labels.tolist(),
    }
    if options.out and options.out.exists():
        stored = json.loads(options.out.read_text())
        if {name: stored[name] for name in about} != about:
            raise SystemExit(f"{options.out} holds other images, or another network or norm.")
        return stored
    return about | {"methods": {}}


def _keep(stored: dict[str, Any], out: Path | None, name: str, row: dict[str, Any]) -> None:
    stored["methods"][name] = row
    print(f"{name}: median {np.median(row['size']):.3f}, {row['seconds']:.1f} s an image", flush=True)
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        unfinished = out.with_suffix(".part")
        unfinished.write_text(json.dumps(stored))
        unfinished.replace(out)


def _chosen(name: str, wanted: list[str]) -> bool:
    kind = "ours" if name in OURS else "rivals"
    return not wanted or name in wanted or kind in wanted


def print_table(stored: dict[str, Any], title: str, attacks: list[str]) -> None:
    """Print the methods of a file; the reference is the best of its attacks, or of all if there are none."""
    methods = stored["methods"]
    rows = [methods[name]["size"] for name in attacks if name in methods] or [row["size"] for row in methods.values()]
    reference = np.min(rows, axis=0)
    table = Table(title=title)
    columns = ("method", "changed", "median", "ratio", "90th percentile", "gradients", "other passes", "seconds")
    for column in columns:
        table.add_column(column, justify="left" if column == "method" else "right")
    for name, row in sorted(methods.items(), key=lambda item: _ratios(item[1], reference)[0]):
        size = np.array(row["size"])
        middle, high = _ratios(row, reference)
        table.add_row(
            name,
            f"{np.isfinite(size).mean():.0%}",
            f"{np.median(size):.2f}",
            f"{middle:.3f}",
            f"{high:.3f}",
            f"{row['gradients']:,.0f}",
            f"{max(row['forwards'] - row['gradients'], 0):,.0f}",
            f"{row['seconds']:.2f}",
        )
    Console(width=120).print(table)


def _ratios(row: dict[str, Any], reference: np.ndarray) -> np.ndarray:
    return np.quantile(np.array(row["size"]) / reference, [0.5, 0.9], method="inverted_cdf")


def _options() -> argparse.Namespace:
    parser = held_out.options(__doc__ or "", "mnist")
    parser.add_argument("--norm", default="l2", choices=("l2", "linf", "l1", "l0"))
    parser.add_argument("--methods", action="append", default=[], help="rivals, ours, or a name; several are possible")
    parser.add_argument("--again", action="append", default=[], help="measure this method again")
    parser.add_argument("--steps", type=int, default=1_000, help="gradients of an attack, roughly")
    parser.add_argument("--threads", type=int, default=1, help="of PyTorch")
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
