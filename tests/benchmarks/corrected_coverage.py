"""How often intervals of differences miss the truth, and decide, at the confidence that each of many comparisons needs.

    python tests/benchmarks/corrected_coverage.py      # 5 minutes

The confidence is that of one of 20, and of one of 152 comparisons, which together are wrong in 5 % of the cases at most
(Bonferroni). Two networks are compared on the same n images; a value is the difference of one image. *By moments* is
the interval of `tfstab.metrics.differences` alone, without that of `tfstab.metrics.bounded_mean`.

missed: the share of the samples whose interval does not contain the truth, in % of the permitted share; it should be
100 at most.
decided: the share of the samples whose interval does not contain 0, in %; empty if the networks are equal.
"""

import argparse

import numpy as np
from paired_coverage import Draw, networks, values

from tfstab.metrics.bounded_mean import mean_p_value
from tfstab.metrics.differences import difference_interval

COMPARISONS, SIZES = (20, 152), (5, 20, 50, 100)
AT_ONCE = 20_000  # samples in memory
POPULATIONS = {
    "no image differs: equal": values((0, 1)),
    "2 % -1, others 0": values((-1, 0.02), (0, 0.98)),
    "5 % -1, others +0.0526: equal on average": values((-1, 0.05), (0.05 / 0.95, 0.95)),
    "10 % -1, others +0.111: equal on average": values((-1, 0.1), (0.1 / 0.9, 0.9)),
    "15 % -1, others +0.176: equal on average": values((-1, 0.15), (0.15 / 0.85, 0.85)),
    "half +1, half -1: equal on average": values((1, 0.5), (-1, 0.5)),
    "30 % +1, 30 % -1: equal on average": values((1, 0.3), (-1, 0.3), (0, 0.4)),
    "5 % +1, 3 % -1": values((1, 0.05), (-1, 0.03), (0, 0.92)),
    "20 % +1, 10 % -1": values((1, 0.2), (-1, 0.1), (0, 0.7)),
    "half +1": values((1, 0.5), (0, 0.5)),
    "half +0.2, 5 % +1, 3 % -0.2": values((0.2, 0.5), (-0.2, 0.03), (1, 0.05), (0, 0.42)),
    "a third +0.4, 5 % -0.2": values((0.4, 0.33), (-0.2, 0.05), (0, 0.62)),
    "80 % +0.3, 5 % -0.4": values((0.3, 0.8), (-0.4, 0.05), (0, 0.15)),
    "two networks near 90 %": networks(1, 0.03, 0.01),
}


def excluded(sample: np.ndarray, mean: float, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Which of the samples (R, N) have an interval without this mean: by moments, and by either interval."""
    m, variance, n = sample.mean(axis=1), sample.var(axis=1), sample.shape[1]
    slack = 1e-12
    (low, high), (usual_low, usual_high) = (difference_interval(m, variance, n, c) for c in (confidence, 0.95))
    by_moments = (low > mean + slack) | (high < mean - slack)
    either = by_moments.copy()
    for sign, possible in ((1, usual_low > mean + slack), (-1, usual_high < mean - slack)):
        rows = np.flatnonzero(possible & ~by_moments)
        different, which = np.unique(np.sort(sign * sample[rows], axis=1), axis=0, return_inverse=True)
        p = np.array([mean_p_value(one, sign * mean) for one in different])
        either[rows] = p[which.ravel()] < (1 - confidence) / 2
    return by_moments, either


def shares(draw: Draw, means: tuple[float, float], n: int, replications: int, seed: int) -> np.ndarray:
    """Share of the samples of n values whose interval does not contain each mean, (comparisons, means, methods)."""
    rng, found = np.random.default_rng(seed), np.zeros((len(COMPARISONS), len(means), 2))
    for start in range(0, replications, AT_ONCE):
        sample = draw(rng, (min(AT_ONCE, replications - start), n))
        for k, comparisons in enumerate(COMPARISONS):
            found[k] += [[e.sum() for e in excluded(sample, mean, 1 - 0.05 / comparisons)] for mean in means]
    return found / replications


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    cells = {
        name: [shares(draw, (truth, 0), n, options.replications, options.seed) for n in SIZES]
        for name, (draw, truth) in POPULATIONS.items()
    }
    for k, comparisons in enumerate(COMPARISONS):
        columns = "".join(f"{n:6d}" for n in SIZES)
        print(f"\n{f'{comparisons} comparisons':44s}{'missed':25s}{'decided by moments':25s}decided")
        print(f"{'n =':42s}{columns} {columns} {columns}")
        for name, row in cells.items():
            missed = "".join(f"{100 * comparisons * cell[k, 0, 1] / 0.05:6.0f}" for cell in row)
            decided = [
                "".join(f"{100 * cell[k, 1, method]:6.1f}" for cell in row) if "equal" not in name else " " * 24
                for method in (0, 1)
            ]
            print(f"{name:42s}{missed} {decided[0]} {decided[1]}".rstrip())


if __name__ == "__main__":
    main()
