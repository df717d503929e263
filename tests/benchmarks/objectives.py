"""Eq. 2 against the older eq. 1, by the paper's procedure with the same budget, over a grid of lambda.

    python tests/benchmarks/objectives.py --model mnist-lenet --data mnist-5k --images 20

The paper claims that eq. 1 goes on lowering the score of the true class after the flip and so ends with more noise.
Printed are, at each lambda, the share of images solved and the medians of L2, PSNR and margin L[k] - L[c], and the
median of eq. 2's L2 over eq. 1's for the same image; then each at its best lambda, that of the least median L2.
"""

import argparse
import warnings

import numpy as np
from rich.console import Console
from rich.table import Table

import tfstab
from tfstab.datasets import Dataset

LAMBDAS = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
EQUATIONS = ("eq1", "eq2")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="mnist-lenet")
    parser.add_argument("--data", default="mnist-5k")
    parser.add_argument("--data-dir")
    parser.add_argument("--images", type=int, default=20)
    parser.add_argument("--queries", type=int, default=20_000)
    options = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)  # that eq. 1 asks for no noise at all where lambda is large
    classifier = tfstab.load_classifier(options.model)
    dataset = tfstab.load_dataset(options.data, data_dir=options.data_dir)
    right = np.flatnonzero(classifier.scores(dataset.images).argmax(axis=1) == dataset.labels)
    dataset = dataset.select(right).take(options.images)
    table = Table(title=f"{classifier.name}, {len(dataset)} images of {dataset.name}, {options.queries:,} queries")
    for column in ("lambda", "objective", "solved", "median L2", "median PSNR", "median margin", "L2 / eq. 1's"):
        table.add_column(column, justify="right")
    found = {(e, x): _search(classifier, dataset, e, x, options.queries) for x in LAMBDAS for e in EQUATIONS}
    for (equation, lambda_), results in found.items():
        table.add_row(f"{lambda_:g}", equation, *_figures(results, found["eq1", lambda_]))
    table.add_section()
    best = {e: min(LAMBDAS, key=lambda x: np.median(_l2(found[e, x]))) for e in EQUATIONS}
    for equation, lambda_ in best.items():
        table.add_row(f"best: {lambda_:g}", equation, *_figures(found[equation, lambda_], found["eq1", best["eq1"]]))
    Console(width=100).print(table)


def _search(
    classifier: tfstab.Classifier, dataset: Dataset, equation: str, lambda_: float, queries: int
) -> list[tfstab.MinimumNoise]:
    config = tfstab.SearchConfig(
        preset="paper", objective=equation, lambda_=lambda_, max_queries=queries, patience=10**9
    )
    results = tfstab.search_minimum_noise(classifier, dataset.images, dataset.labels, config)
    print(equation, lambda_, np.median(_l2(results)), flush=True)
    return results


def _l2(results: list[tfstab.MinimumNoise]) -> np.ndarray:
    return np.array([r.l2 if r.found else np.inf for r in results])


def _figures(results: list[tfstab.MinimumNoise], eq1: list[tfstab.MinimumNoise]) -> list[str]:
    l2, solved = _l2(results), [r for r in results if r.found]
    psnr, margin = (np.median([getattr(r, name) for r in solved] or [np.nan]) for name in ("psnr", "margin"))
    both = np.isfinite(l2) & np.isfinite(_l2(eq1))
    ratio = np.median(l2[both] / _l2(eq1)[both]) if both.any() else np.nan
    return [f"{len(solved) / len(results):.0%}", *(f"{x:.4g}" for x in (np.median(l2), psnr, margin)), f"{ratio:.3f}"]


if __name__ == "__main__":
    main()
