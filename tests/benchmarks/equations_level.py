"""How often the comparison of eq. 1 with eq. 2 decides although both are alike, by simulation.

    python tests/benchmarks/equations_level.py

For each image, both equations find noise of the same distribution at each lambda: an effect of the image, one of lambda
and a rest. A test at 5 % should then say in at most 5 % of the experiments that eq. 2 finds less. Printed is how often
it does if one lambda of eq. 2 must beat eq. 1 at every lambda, as `reproduce` asks; if each has the lambda that is best
on the other half of the images; and if eq. 2 at its best lambda, chosen on all images, is compared with eq. 1 at the
first. The last column is how often `reproduce` finds it if eq. 2 really ends with 10 % less noise at every lambda.
"""

import argparse

import numpy as np

from tfstab.experiments.deciding import toward
from tfstab.experiments.objective_claims import Equations
from tfstab.experiments.reproduction_steps import LAMBDAS, OBJECTIVES
from tfstab.metrics.paired import median_ratio


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiments", type=int, default=1000)
    parser.add_argument("--images", type=int, nargs="+", default=[8, 20, 60])
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    print("images  reproduce  other half  best on all  reproduce, if 10 % less")
    for images in options.images:
        found = np.zeros(4)
        for _ in range(options.experiments):
            pair, less = _pair(rng, images, 1.0), _pair(rng, images, 0.9)
            best = int(np.median(pair.l2["eq2"], axis=1).argmin())
            careless = median_ratio(pair.l2["eq1"][0], pair.l2["eq2"][best])
            halves = toward(median_ratio(*pair.best_l2), -1)
            p_values = pair.p_smaller, halves, toward(careless, -1), less.p_smaller
            found += np.array(p_values) < 0.05
        print(f"{images:6}  " + "  ".join(f"{share:10.1%}" for share in found / options.experiments), flush=True)


def _pair(rng: np.random.Generator, images: int, factor: float) -> Equations:
    """Return two equations that are alike up to a factor, but whose searches end by chance with more or less noise."""
    image, lambda_ = rng.normal(0, 0.5, images), rng.normal(0, 0.05, (len(LAMBDAS), 1))
    l2 = {e: np.exp(4 + image + lambda_ + rng.normal(0, 0.1, (len(LAMBDAS), images))) for e in OBJECTIVES}
    return Equations({"eq1": l2["eq1"], "eq2": factor * l2["eq2"]}, l2, 1e9)


if __name__ == "__main__":
    main()
