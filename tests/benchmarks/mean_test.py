"""How often Gaffke's test finds a difference on the wrong side: the exact probability, for many distributions.

    python tests/benchmarks/mean_test.py      # 1 minute

It is a conjecture that the test of `tfstab.metrics.bounded_mean` errs no more often than promised, so this looks for a
counterexample. Each distribution has three values: a loss, a gain, and one in between. Its true mean is 0, or 0.01 on
the other side. Among them are those with rare large gains, which a sample without gains does not show. The largest
probability, over all distributions, that a fall is claimed is given in % of the permitted one, which is half of 5 %
divided by the number of comparisons: it should be 100 at most.
"""

import itertools

import numpy as np
from scipy.stats import binom

from tfstab.metrics.bounded_mean import mean_p_value

SIZES, COMPARISONS, MEANS = (30, 100, 300), (1, 20, 228), (0.0, 0.01)
LOSSES, GAINS = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0), (0.2, 0.5, 1.0)
MIDDLE = (0.0, -0.5, 0.5)  # the third value, as a share of the loss if it is negative, and of the gain otherwise
MIDDLE_SHARES = (0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.98, 0.995)  # of the images


def claimed_from(values: tuple[float, float, float], n: int, tail: float) -> np.ndarray:
    """For each number of gains among n images, with how many losses a fall is claimed, (n + 1,); n + 1 if never."""
    loss, gain, middle = values
    fewest = np.full(n + 1, n + 1)
    for gains in range(n + 1):
        never, always = max(0, fewest[gains - 1] - 1 if gains else 0) - 1, n - gains + 1
        while always - never > 1:  # more losses are more evidence
            losses = (never + always) // 2
            sample = np.repeat([loss, -gain, -middle], [losses, gains, n - gains - losses])
            never, always = (never, losses) if mean_p_value(sample) < tail else (losses, always)
        if always > n - gains:
            break  # nor with more gains
        fewest[gains] = always
    return fewest


def probability(fewest: np.ndarray, shares: tuple[float, float, float]) -> float:
    """Probability that a fall is claimed, from the shares of losses, gains and values in between."""
    n, (losses, gains, _) = len(fewest) - 1, shares
    some = np.arange(n + 1)
    given = binom.sf(fewest - 1, n - some, min(1.0, losses / (1 - gains)) if gains < 1 else 0.0)
    return float((binom.pmf(some, n, gains) * given).sum())


def main() -> None:
    print(f"{'':14s}" + "".join(f"{f'n = {n}':>24s}" for n in SIZES))
    print(f"{'comparisons':14s}" + "".join(f"{f'mean {mean:g}':>12s}" for _ in SIZES for mean in MEANS))
    for comparisons in COMPARISONS:
        tail, cells = 0.025 / comparisons, []
        for n in SIZES:
            worst = dict.fromkeys(MEANS, 0.0)
            for loss, gain, part in itertools.product(LOSSES, GAINS, MIDDLE):
                middle = part * (loss if part < 0 else gain)
                fewest = claimed_from((loss, gain, middle), n, tail)
                for mean, share in itertools.product(MEANS, MIDDLE_SHARES):
                    gains = (mean - share * middle + (1 - share) * loss) / (loss + gain)
                    shares = 1 - share - gains, gains, share
                    if min(shares) >= 0:
                        worst[mean] = max(worst[mean], probability(fewest, shares) / tail)
            cells += [100 * worst[mean] for mean in MEANS]
        print(f"{comparisons:<14d}" + "".join(f"{cell:12.0f}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
