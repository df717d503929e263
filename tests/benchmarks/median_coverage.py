"""How often the 95 % interval of the median covers the truth when a search stops at a precision (`--precision`).

    python tests/benchmarks/median_coverage.py                    # two minutes
    python tests/benchmarks/median_coverage.py --replications 2000

The minimum noise of images is log-normal with a median of 1; in one population, no noise is found for a fifth of the
images. A search looks after groups of 1, 2, 4, 8, 16, 16, ... images, as `run_search` does, and stops by its rule
(`tfstab.search.precision`) or after 3,000 images. Printed are the coverage in % and the mean number of images.
"""

import argparse

import numpy as np
from rich.console import Console
from rich.table import Table

from tfstab.metrics.median import estimate_median
from tfstab.search.precision import LEAST, reach
from tfstab.search.running import LARGEST_GROUP

MOST = 3000
PRECISIONS = (5, 10, 20)
UPPER_FIFTH = 0.8416  # the quantile of a normal distribution above which a fifth lies
# The spread of the logarithm, and the factor of the largest fifth: infinite if it was not found.
POPULATIONS = {"narrow": (0.3, 1.0), "as CIFAR-10": (0.7, 1.0), "wide": (1.2, 1.0), "a fifth not found": (0.7, np.inf)}


def stopped(sizes: np.ndarray, precision: float) -> tuple[int, bool]:
    """(images when the search stops, whether the interval covers the median of 1)."""
    count, group = 0, 1
    while True:
        count = min(len(sizes), count + group)
        group = min(LARGEST_GROUP, 2 * group)
        if count >= LEAST or count == len(sizes):
            median = estimate_median(sizes[:count])
            if reach(median) <= precision or count == len(sizes):
                return count, bool(median.low <= 1 <= median.high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=400)
    options = parser.parse_args()
    table = Table(title=f"Coverage of the median's 95 % interval where a search stops, {options.replications} each")
    for column in ("population", *(f"{p} %: coverage, images" for p in PRECISIONS)):
        table.add_column(column, justify="left" if column == "population" else "right")
    rng = np.random.default_rng(0)
    for name, (spread, missing) in POPULATIONS.items():
        row = []
        for precision in PRECISIONS:
            ends = []
            for _ in range(options.replications):
                normal = rng.standard_normal(MOST)
                sizes = np.where(normal > UPPER_FIFTH, missing, 1) * np.exp(spread * normal)
                ends.append(stopped(sizes, precision))
            images, covered = zip(*ends, strict=True)
            row.append(f"{100 * np.mean(covered):.1f}, {np.mean(images):,.0f}")
        table.add_row(name, *row)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
