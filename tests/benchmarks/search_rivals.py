"""Minimum noise found, against Foolbox's and ART's attacks on the same images (extra `bench`).

    python tests/benchmarks/search_rivals.py --model mnist-lenet --data mnist --images 100 --rivals --out mnist.json

The reference of an image is the least L2 that Foolbox's DDN (1000 steps), Carlini & Wagner and Brendel & Bethge find
for it, all with gradients. Printed are the median and the 90th percentile of L2 over the reference, the share of images
solved, the queries of one image (counted by a wrapper around the model) and the seconds for all images.
`--rivals` adds those without gradients, at `--rival-queries`: Foolbox's Boundary and HopSkipJump (labels only), ART's
Square-L2 and SimBA (scores). With `--out` each method's figures are kept in a file, and not measured again.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from rivals import CountingClassifier, CountingModel, art_attacks, foolbox_attacks, foolbox_l2, references

import tfstab
from tfstab.datasets import Dataset

BUDGETS = (1_000, 5_000, 20_000, 50_000)
Run = Callable[[], dict[str, np.ndarray]]  # L2 of each image, by the method's name


def main() -> None:
    options = _options()
    classifier = tfstab.load_classifier(options.model)
    dataset = tfstab.load_dataset(options.data, data_dir=options.data_dir)
    if len(dataset) > 20 * options.images:
        dataset = dataset.take(20 * options.images)
    right = np.flatnonzero(classifier.scores(dataset.images).argmax(axis=1) == dataset.labels)
    dataset = dataset.select(right).take(options.images)
    rows = json.loads(options.out.read_text()) if options.out and options.out.exists() else {}
    for name, run, count in _methods(options, classifier, dataset):
        if name in rows:
            continue
        count.queries, started = 0, time.perf_counter()
        found = run()
        seconds = time.perf_counter() - started
        for label, l2 in found.items():
            rows[label] = {"l2": l2.tolist(), "queries": count.queries / len(dataset), "seconds": seconds}
        print(f"{name}: {seconds:.0f} s", flush=True)
        if options.out:
            options.out.write_text(json.dumps(rows))
    _print(rows, f"{classifier.name} on {dataset.name} ({dataset.note}), {len(dataset)} images")


def _methods(
    options: argparse.Namespace, classifier: tfstab.Classifier, dataset: Dataset
) -> Iterator[tuple[str, Run, CountingModel | CountingClassifier]]:
    """(name, run, what counts its queries) of each method."""
    model, counting = CountingModel(classifier), CountingClassifier(classifier)
    for name, attack in references(options.carlini_steps).items():
        yield name, lambda name=name, attack=attack: {name: foolbox_l2(attack, model, dataset)}, model
    for queries in (1_000, 5_000):
        name = f"tfstab, {queries:,} queries, refined"
        config = tfstab.SearchConfig(max_queries=queries, refine=True)
        yield name, lambda name=name, config=config: {name: _l2(_search(counting, dataset, config))}, counting
    yield f"tfstab, {max(options.budgets):,} queries", lambda: _by_budget(counting, dataset, options.budgets), counting
    if options.rivals:
        paper = tfstab.SearchConfig(preset="paper", max_queries=max(options.budgets))
        yield "tfstab, paper's procedure", lambda: {
            "tfstab, paper's procedure": _l2(_search(counting, dataset, paper))
        }, counting
        for name, attack in foolbox_attacks(options.rival_queries).items():
            yield name, lambda name=name, attack=attack: {name: foolbox_l2(attack, model, dataset)}, model
        for name, art in art_attacks(model, classifier, dataset, options.rival_queries).items():
            yield name, lambda name=name, art=art: {name: art()}, model


def _search(classifier: CountingClassifier, data: Dataset, config: tfstab.SearchConfig) -> list[tfstab.MinimumNoise]:
    return tfstab.search_minimum_noise(classifier, data.images, data.labels, config)


def _l2(results: list[tfstab.MinimumNoise]) -> np.ndarray:
    return np.array([r.l2 if r.found else np.inf for r in results])


def _by_budget(classifier: CountingClassifier, dataset: Dataset, budgets: list[int]) -> dict[str, np.ndarray]:
    """One search with the largest budget: it does not depend on its budget, so its history holds the smaller ones."""
    results = _search(classifier, dataset, tfstab.SearchConfig(max_queries=max(budgets)))
    found = {}
    for budget in sorted(budgets)[:-1]:
        l2 = []
        for r in results:
            last = min(budget * r.generations // r.queries, r.generations) - 1
            flipped = r.history[: last + 1, 3].any()  # a share of the offspring, of which the best is kept
            l2.append(r.history[last, 2] if flipped else np.inf)
        found[f"tfstab, {budget:,} queries"] = np.array(l2)
    return found | {f"tfstab, {max(budgets):,} queries": _l2(results)}


def _print(rows: dict[str, dict[str, list[float]]], title: str) -> None:
    reference = np.min([rows[name]["l2"] for name in references()], axis=0)
    table = Table(title=title)
    for column in ("method", "solved", "median L2", "median ratio", "90th percentile", "queries", "seconds"):
        table.add_column(column, justify="left" if column == "method" else "right")
    for name, row in rows.items():
        l2 = np.array(row["l2"])
        middle, high = np.quantile(l2 / reference, [0.5, 0.9], method="inverted_cdf")
        table.add_row(
            name, f"{np.isfinite(l2).mean():.0%}", f"{np.median(l2):.1f}", f"{middle:.3f}", f"{high:.3f}",
            f"{row['queries']:,.0f}", f"{row['seconds']:.0f}",
        )  # fmt: skip
    Console(width=120).print(table)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="mnist-lenet")
    parser.add_argument("--data", default="mnist-5k")
    parser.add_argument("--data-dir")
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("--budgets", type=lambda text: [int(q) for q in text.split(",")], default=list(BUDGETS))
    parser.add_argument("--carlini-steps", type=int, default=1_000, help="of each of C&W's 9 searches")
    parser.add_argument("--rivals", action="store_true")
    parser.add_argument("--rival-queries", type=int, default=5_000)
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
