"""How often the interval of the difference between a sample and the whole holds 0 (tfstab/experiments/agreement.py).

    python tests/benchmarks/agreement_coverage.py        # a minute; seeded

Both have the same networks and test set: the sample has fewer images, or fewer copies of each, or both.
"""

import numpy as np

from tfstab.experiments.agreement import Relation, difference
from tfstab.metrics import mean_interval
from tfstab.metrics.median import estimate_median

TRIALS = 1000
IMAGES = 10_000
DESIGNS = (  # images and copies of the sample, and of the whole
    (200, 4, 2000, 20), (2000, 4, 2000, 20), (1800, 4, 2000, 4), (200, 20, 2000, 4), (1000, 1, 2000, 1),
)  # fmt: skip
MEDIANS = ((60, 300), (24, 300), (8, 43), (250, 300))


def populations(rng):
    """Yield the chance of each image's copies to be right."""
    yield "0.5 % of images are hard", np.repeat([0.0, 1.0], [IMAGES // 200, IMAGES - IMAGES // 200])
    yield "3 % are in doubt", np.append(rng.uniform(0, 1, 300), np.ones(IMAGES - 300))
    yield "80 % are right", np.repeat([0.0, 1.0], [IMAGES // 5, IMAGES - IMAGES // 5])
    yield "any chance, 83 % right", rng.beta(0.5, 0.1, IMAGES)


def holds(some, every, interval):
    """Return whether the interval of the difference holds 0."""
    values = [np.array(interval(x))[:, None] for x in (some, every)]
    _, low, high = difference(*values, Relation.SAME, True)[:, 0]
    return low <= 0 <= high


def mean(shares):
    """Return the mean of shares and its interval."""
    return shares.mean(), *mean_interval(shares)


def median(values):
    """Return the logarithm of the median of values and of its interval."""
    e = estimate_median(values)
    with np.errstate(divide="ignore"):
        return np.log([e.value, e.low, e.high])


def main():
    """Print the coverage of all designs."""
    rng = np.random.default_rng(0)
    for name, chance in populations(rng):
        for few, copies, many, more in DESIGNS:
            inside = 0
            for _ in range(TRIALS):
                p = rng.choice(chance, many, replace=False)
                both = rng.binomial(min(copies, more), p)
                larger = both + rng.binomial(abs(copies - more), p)
                some, every = (both, larger) if copies <= more else (larger, both)
                inside += holds(some[:few] / copies, every / more, mean)
            print(f"{name}: {few} x {copies} of {many} x {more}: {inside / TRIALS:.1%}")
    for few, many in MEDIANS:
        samples = rng.lognormal(4, 1, (TRIALS, many))
        inside = sum(holds(values[:few], values, median) for values in samples)
        print(f"median of {few} of {many} images: {inside / TRIALS:.1%}")


if __name__ == "__main__":
    main()
