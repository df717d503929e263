"""How often a verdict says of a class that most images of the others are taken for it, if exactly half of them are.

    PYTHONPATH=tests python tests/benchmarks/taken_claims.py --trials 5000

Each trial is a sweep of one family with five severities, in which each of 60 to 600 images of other classes is taken
for the class with a probability of one half. The claim is false, so the family alone may make it in at most 5 % of the
trials, and as one of 19 families, which are judged together, in at most 5 / 19 = 0.26 %.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.assessment import Figures
from tfstab.assessment.mostly_taken import taken_finding
from tfstab.metrics.intervals import wilson_interval

FOG = SweepConfig(degradation="fog", copies=1, severities=(20, 40, 55, 70, 80))
SIZES = 60, 200, 600  # images of the other classes
FAMILIES = 1, 19


def claims(rng, images):
    """Return for each number of families whether the claim is made."""
    labels = np.append(rng.integers(1, 4, images), [0] * (images // 3))
    half = (rng.random((len(labels), 5)) < 0.5) & (labels != 0)[:, None]
    with tempfile.TemporaryDirectory() as folder:
        run = made_sweep(
            Path(folder) / "fog", FOG, np.where(half, 0, labels[:, None])[:, :, None], labels, labels, classes=4
        )
        (family,) = Figures.of([run]).families
        return [taken_finding([family] * judged) is not None for judged in FAMILIES]


def main():
    """Print the share of trials with a claim."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=5)
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    found = np.array([claims(rng, int(rng.choice(SIZES))) for _ in range(given.trials)]).sum(axis=0)
    for judged, count in zip(FAMILIES, found.tolist(), strict=True):
        low, high = wilson_interval(count, given.trials)
        print(f"{judged:2} families judged: {count} of {given.trials}, {100 * low:.2f} to {100 * high:.2f} %")


if __name__ == "__main__":
    main()
