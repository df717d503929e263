"""How often the interval of the accuracy kept contains the truth if degradation makes wrong images right.

    python tests/benchmarks/kept_coverage.py        # a minute; seeded

Each row is a network: how many images are right when clean, and how often a copy of these, and of the others, is right.
Half of the images have the same answer for all copies; those of the others are independent.
"""

import numpy as np

from tfstab.metrics.kept import Kept, estimate

TRIALS, COPIES, IMAGES = 2000, 4, (50, 200, 1000)
NETWORKS = (
    (0.5, 0.9, 0.08), (0.5, 0.9, 0.1), (0.5, 0.7, 0.4), (0.2, 0.6, 0.2), (0.8, 0.95, 0.2), (0.8, 0.97, 0.3),
    (0.95, 0.98, 0.4), (0.99, 0.995, 0.5),
)  # fmt: skip


def main():
    """Print a table: coverage in %, with the share of intervals that lie below the truth."""
    rng = np.random.default_rng(0)
    print("| right when clean | these, degraded | the others | truth |", " | ".join(f"n = {n:,}" for n in IMAGES), "|")
    print("| ---: " * (4 + len(IMAGES)) + "|")
    for clean, right, wrong in NETWORKS:
        truth = right + (1 - clean) * wrong / clean
        cells = [_covered(clean, right, wrong, truth, images, rng) for images in IMAGES]
        told = (f"{100 * share:.1f}" for share in (clean, right, wrong, truth))
        print("|", " | ".join(told), "|", " | ".join(cells), "|")


def _covered(clean, right, wrong, truth, images, rng):
    held, below = 0, 0
    for _ in range(TRIALS):
        whole = rng.random(images) < clean
        chance = np.where(whole, right, wrong)
        same, single = rng.random(images) < chance, rng.binomial(COPIES, chance) / COPIES
        part = np.where(rng.random(images) < 0.5, same, single)
        e = estimate(Kept(np.arange(images), part, whole.astype(float)))
        held += e.low <= truth <= e.high
        below += e.high < truth
    return f"{100 * held / TRIALS:.1f} ({100 * below / TRIALS:.1f})"


if __name__ == "__main__":
    main()
