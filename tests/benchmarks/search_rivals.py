"""Minimum noise found, against Foolbox's and ART's attacks on the same images (extra `bench`).

    python tests/benchmarks/search_rivals.py --model mnist-lenet --data mnist --images 100 --out mnist.json
    python tests/benchmarks/search_rivals.py --model gtsrb-aghdam --data gtsrb --per-class 1 --out gtsrb.json

The reference of an image is the least L2 that Foolbox's DDN (1000 steps), Carlini & Wagner and Brendel & Bethge find
for it, all with gradients. The rivals without gradients, at `--rival-queries`, are Foolbox's Boundary and HopSkipJump
(labels only), ART's Square-L2 and SimBA (scores). Printed are the median and the 90th percentile of L2 over the
reference, the share of images solved, the queries of one image (counted by a wrapper around the model) and the seconds
of processor time for all images. `--methods` chooses some; with `--out` each method's figures are kept in a file as
soon as it is done, and not measured again.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from rivals import CountingClassifier, CountingModel, art_attacks, decisions, foolbox_l2, references

import tfstab
from tfstab.datasets import Dataset

BUDGETS = (1_000, 5_000, 20_000)
REFINED, PAPER = "tfstab, 1,000 queries, refined", "tfstab, paper's procedure"
METHODS = ("references", "refined", "tfstab", "rivals", "paper")
Run = Callable[[], dict[str, np.ndarray]]  # L2 of each image, by the method's name


def main() -> None:
    options = _options()
    classifier = tfstab.load_classifier(options.model)
    dataset = _images(options, classifier)
    rows = json.loads(options.out.read_text()) if options.out and options.out.exists() else {}
    for name, run, count in _methods(options, classifier, dataset):
        if name in rows:
            continue
        count.queries, started = 0, time.process_time()
        found = run()
        seconds = time.process_time() - started
        for label, l2 in found.items():  # of a search's smaller budgets only the noise is known
            cost = {"queries": count.queries / len(dataset), "seconds": seconds} if label == name else {}
            rows[label] = {"l2": l2.tolist()} | cost
        print(f"{name}: {seconds:.0f} s", flush=True)
        if options.out:
            options.out.write_text(json.dumps(rows))
    _print(rows, f"{classifier.name} on {dataset.name} ({dataset.note}), {len(dataset)} images")


def _images(options: argparse.Namespace, classifier: tfstab.Classifier) -> Dataset:
    """Images that are classified correctly: a stratified sample, or so many of each class."""
    dataset = tfstab.load_dataset(options.data, data_dir=options.data_dir)
    right = np.flatnonzero(classifier.scores(dataset.images).argmax(axis=1) == dataset.labels)
    if not options.per_class:
        return dataset.select(right).take(options.images)
    mixed = np.random.default_rng(0).permutation(right)
    labels = dataset.labels[mixed]
    rows = [mixed[labels == label][: options.per_class] for label in range(dataset.num_classes)]
    return dataset.select(np.concatenate(rows))


def _methods(
    options: argparse.Namespace, classifier: tfstab.Classifier, dataset: Dataset
) -> Iterator[tuple[str, Run, CountingModel | CountingClassifier]]:
    """(name, run, what counts its queries) of each method."""
    model, counting = CountingModel(classifier), CountingClassifier(classifier)
    for group in options.methods:
        if group in ("references", "rivals"):
            gradients = references(options.carlini_steps, options.brendel_steps)
            attacks = gradients if group == "references" else decisions(options.rival_queries)
            for name, attack in attacks.items():
                yield name, lambda name=name, attack=attack: {name: foolbox_l2(attack, model, dataset)}, model
        if group == "rivals":
            for name, art in art_attacks(model, classifier, dataset, options.rival_queries).items():
                yield name, lambda name=name, art=art: {name: art()}, model
        if group == "refined":
            config = tfstab.SearchConfig(max_queries=1_000, refine=True)
            yield REFINED, lambda config=config: {REFINED: _l2(_search(counting, dataset, config))}, counting
        if group == "tfstab":
            name = f"tfstab, {max(options.budgets):,} queries"
            yield name, lambda: _by_budget(counting, dataset, options.budgets), counting
        if group == "paper":
            paper = tfstab.SearchConfig(preset="paper", max_queries=max(options.budgets))
            yield PAPER, lambda paper=paper: {PAPER: _l2(_search(counting, dataset, paper))}, counting


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
    reference = np.min([rows[name]["l2"] for name in references() if name in rows], axis=0)
    table = Table(title=title)
    for column in ("method", "solved", "median L2", "median ratio", "90th percentile", "queries", "processor, s"):
        table.add_column(column, justify="left" if column == "method" else "right")
    for name, row in rows.items():
        l2 = np.array(row["l2"])
        middle, high = np.quantile(l2 / reference, [0.5, 0.9], method="inverted_cdf")
        table.add_row(
            name,
            f"{np.isfinite(l2).mean():.0%}",
            f"{np.median(l2):.1f}",
            f"{middle:.3f}",
            f"{high:.3f}",
            *(f"{row[key]:,.0f}" if key in row else "" for key in ("queries", "seconds")),
        )
    Console(width=120).print(table)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="mnist-lenet")
    parser.add_argument("--data", default="mnist-5k")
    parser.add_argument("--data-dir")
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("--per-class", type=int, help="so many images of each class, instead of --images")
    parser.add_argument("--budgets", type=lambda text: [int(q) for q in text.split(",")], default=list(BUDGETS))
    parser.add_argument("--carlini-steps", type=int, default=1_000, help="of each of C&W's 9 searches")
    parser.add_argument("--brendel-steps", type=int, default=1_000)
    parser.add_argument("--methods", type=lambda text: text.split(","), default=METHODS, help=",".join(METHODS))
    parser.add_argument("--rival-queries", type=int, default=5_000)
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
