"""How often a verdict claims what is false, over networks whose truth is known: at most 5 % of the time.

    PYTHONPATH=tests python tests/benchmarks/verdict_claims.py --trials 2000

Each row is one network under 18 families, assessed with so many images. A column is the share of the assessments that
make a false claim of this kind about any family: that one is the "worst" or the "least" harmful, that it "breaks" the
network or "hardly touches" it, on which side of these limits it is ("decided"), that it "never loses" 10 % or half up
to the strongest severity; or that leave the true worst one out of the candidates. The other columns are intervals that
miss the truth: of the accuracy kept under one family, below and above (2.5 % each), and of other figures (5 % each).
The rows "harm" are of classes that keep the same share of their accuracy, of which one is called more harmed than the
others. The rows "recalls" are of classes that keep 90 % of their recall or all of it, or less: then "found" is the
share of the falls that are claimed.
"""

import argparse
import itertools
import time

import numpy as np
from simulated import (
    chancy,
    count_claims,
    count_class_claims,
    count_harm_claims,
    count_recall_claims,
    graded,
    rare,
    tuned,
)

FAMILIES = 18
EVEN = np.full(FAMILIES, 0.7)
NETWORKS = {
    "all alike": lambda make: tuned(make, EVEN),
    "all at 50 %": lambda make: tuned(make, np.full(FAMILIES, 0.5)),
    "all at 90 %": lambda make: tuned(make, np.full(FAMILIES, 0.9)),
    "two worst alike": lambda make: tuned(make, [0.4, 0.4, *np.linspace(0.45, 0.95, FAMILIES - 2)]),
    "near ties": lambda make: tuned(make, np.linspace(0.49, 0.53, FAMILIES)),
    "like cifar10-quick": lambda make: tuned(make, np.linspace(0.40, 0.92, FAMILIES), copies=2),
    "like mnist-lenet": lambda make: tuned(make, np.linspace(0.86, 0.995, FAMILIES), copies=2, clean=0.99),
}
RECALLS = (  # of the classes when clean, and what they keep
    ([0.6] * 10, 0.9),
    ([0.995] * 10, 1),
    ([0.3, *[0.9] * 9], 0.9),
    ([0.9] * 2, [0.9, 1]),
)
FALLS = [0.93] * 3, (0.8, 0.7, 0.6, 0.5)  # recalls of the classes when clean, and what they keep
WAYS = "chance", "lost", "alike", "repaired"


def main():
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--images", type=int, nargs="+", default=[50, 200, 1000])
    given = parser.parse_args()
    highest, start = {}, time.time()
    for make in (graded, chancy, rare):
        for name, network in NETWORKS.items():
            population = network(make)
            for images in given.images:
                shares = count_claims(population, images, given.trials)
                for kind, share in shares.items():
                    highest[kind] = max(highest.get(kind, 0), share)
                told = "  ".join(f"{kind} {share:.1%}" for kind, share in shares.items())
                print(f"{make.__name__:7} {name:19} {images:5}  {told}", flush=True)
    count_of_classes(given.trials, highest)
    for recalls, kept in RECALLS:
        for images in (10, 30, 60, 100, 400):
            for way in WAYS if min(recalls) > 0.55 else WAYS[:-1]:  # of lower recalls, not so many can be repaired
                shares = count_recall_claims(recalls, kept, images, given.trials // 4, FAMILIES, way)
                del shares["found"]
                highest.update({kind: max(highest.get(kind, 0), share) for kind, share in shares.items()})
                told = "  ".join(f"{kind} {share:.1%}" for kind, share in shares.items())
                print(f"recalls {len(recalls):3} of {min(recalls):.2f}, {images:4}, {way}: {told}", flush=True)
    recalls, falls = FALLS
    for families in (3, FAMILIES):
        for images in (30, 60):
            for way in WAYS:
                found = [count_recall_claims(recalls, k, images, 40, families, way)["found"] for k in falls]
                told = "  ".join(f"{kept:.0%} kept {share:.0%}" for kept, share in zip(falls, found, strict=True))
                print(f"falls found, {families:2} degradations, {images} images, {way}: {told}", flush=True)
    print("highest", {kind: f"{share:.1%}" for kind, share in highest.items()}, f"{time.time() - start:.0f} s")


def count_of_classes(trials, highest):
    """Print how often a class is called weak or harmed more, falsely, and raise the highest shares.

    highest: of each kind, changed in place.
    """
    for recalls in (np.full(10, 0.6), np.full(43, 0.95), [0.3, *np.full(9, 0.7)], np.full(10, 0.995)):
        for images in (5, 20, 100):
            share = count_class_claims(recalls, images, trials)
            highest["weak class"] = max(highest.get("weak class", 0), share)
            print(
                f"classes {len(recalls):3} of {np.min(recalls):.2f} to {np.max(recalls):.2f}, {images:4}: {share:.1%}"
            )
    for recalls in (np.full(2, 0.9), np.full(10, 0.6), np.full(43, 0.95), np.linspace(0.5, 0.99, 10)):
        for kept, images, way in itertools.product((0.5, 0.7, 0.95), (10, 30, 100), WAYS[:2]):
            share = count_harm_claims(recalls, kept, images, trials, way)
            highest["harmed class"] = max(highest.get("harmed class", 0), share)
            print(f"harm {len(recalls):3} from {recalls[0]:.2f}, {kept:.0%} kept, {images:4}, {way}: {share:.1%}")


if __name__ == "__main__":
    main()
