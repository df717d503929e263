"""How often the largest loss that a comparison calls possible is smaller than the true one.

    python tests/benchmarks/possible_loss.py      # 1 minute

Two networks are compared on n clean images, and on the same images under several degradations. The sentence of
`tfstab.experiments.possible_loss` names a limit for clean images and one for all degradations: the largest of theirs.
It is wrong if the true loss on clean images, or the largest true loss under a degradation, is above its limit. Each
cell has the share of wrong sentences in %, which may be up to 5 %. Which images the networks classify differently is
drawn at random for each degradation.

one: a single degradation, with the same true difference as the clean images.
19: so many degradations, all with this difference.
worst of 19: only one of them has this difference; in the others, the second network is better by 20 points.
"""

import argparse

import numpy as np
from paired_coverage import DIFFERENCES, Draw

from tfstab.metrics.differences import difference_interval

SIZES, DEGRADATIONS = (50, 200, 1000), 19
METHODS = ("one", "19", "worst of 19")
AT_ONCE = 100  # samples in memory


def wrong(draw: Draw, mean: float, n: int, replications: int, seed: int) -> np.ndarray:
    """Share of wrong sentences (2, METHODS): for the population, and with both networks exchanged."""
    rng, found = np.random.default_rng(seed), np.zeros((2, len(METHODS)))
    for _ in range(replications // AT_ONCE):
        sample = draw(rng, (AT_ONCE * (1 + DEGRADATIONS), n)).reshape(AT_ONCE, 1 + DEGRADATIONS, n)
        ends = difference_interval(sample.mean(axis=2), sample.var(axis=2), n)
        for k, (limits, loss) in enumerate(((-ends[0], -mean), (ends[1], mean))):  # the ends beside the larger loss
            missed = limits < loss - 1e-12
            of_better = (limits[:, 2:] - 0.2).max(axis=1)  # of the degradations with 20 points less loss
            worst = np.maximum(limits[:, 1], of_better) < loss - 1e-12
            for m, degraded in enumerate((missed[:, 1], missed[:, 1:].all(axis=1), worst)):
                found[k, m] += (missed[:, 0] | degraded).sum()
    return found / (replications // AT_ONCE * AT_ONCE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(" " * 50 + "".join(f"{name:>21s}" for name in METHODS))
    print(f"{'n =':50s}" + "".join(f"{n:7d}" for n in SIZES) * len(METHODS))
    for name, (draw, mean) in DIFFERENCES.items():
        shares = np.array([wrong(draw, mean, n, options.replications, options.seed) for n in SIZES])
        for k, exchanged in enumerate(("", ", exchanged")):
            print(f"{name + exchanged:50s}" + "".join(f"{100 * x:7.1f}" for x in shares[:, k].T.ravel()), flush=True)


if __name__ == "__main__":
    main()
