"""Eq. 2 against the older eq. 1, by the paper's procedure with the same budget, over a grid of lambda.

    python tests/benchmarks/objectives.py --model mnist-lenet --data mnist-5k --images 20

The paper claims that eq. 1 goes on lowering the score of the actual class after the flip and so ends with more noise.
"""

import argparse

import numpy as np
from rich.console import Console
from rich.table import Table

import tfstab

LAMBDAS = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="mnist-lenet")
    parser.add_argument("--data", default="mnist-5k")
    parser.add_argument("--images", type=int, default=20)
    parser.add_argument("--queries", type=int, default=20_000)
    options = parser.parse_args()
    classifier = tfstab.load_classifier(options.model)
    dataset = tfstab.load_dataset(options.data)
    right = np.flatnonzero(classifier.scores(dataset.images).argmax(axis=1) == dataset.labels)
    dataset = dataset.select(right).take(options.images)
    table = Table(title=f"{classifier.name}, {len(dataset)} images of {dataset.name}, {options.queries:,} queries")
    for column in ("objective", "lambda", "solved", "median L2", "median PSNR", "median margin"):
        table.add_column(column, justify="right")
    for lambda_ in LAMBDAS:
        for objective in ("eq1", "eq2"):
            config = tfstab.SearchConfig(
                preset="paper", objective=objective, lambda_=lambda_, max_queries=options.queries, patience=10**9
            )
            results = tfstab.search_minimum_noise(classifier, dataset.images, dataset.labels, config)
            found = [r for r in results if r.found]
            medians = [float(np.median([getattr(r, name) for r in found])) for name in ("l2", "psnr", "margin")]
            solved = f"{len(found) / len(results):.0%}"
            table.add_row(objective, f"{lambda_:g}", solved, *(f"{m:.4g}" for m in medians))
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
