"""How often a sweep says wrongly which confusion leads: `ConfusionShares.leaders`, in samples of known populations.

    python tests/benchmarks/leading_confusions.py --replications 4000        # 4 minutes

certain: the first confusion of the sample is called certainly ahead. wrong: it is, but it is not the one that leads in
the population, or another one is as frequent there. left out: a number of first confusions is named, and the one that
leads (of equals, the first) is not among them. All in %; wrong and left out should be 5 at most. named: the median
number; "more" if no number is named.
"""

import argparse
from typing import NamedTuple

import numpy as np

from tfstab.sweep.confusion_shares import ConfusionShares

SEVERITIES = 5
WHOLE, PART, ONE = "all copies", "1 to 5 copies", "1 copy"  # of an image that is confused


class Cell(NamedTuple):
    """A confusion: classes, mean number of images' copies in it (in images), and how many copies of an image."""

    actual: int
    predicted: int
    images: float
    how: str = WHOLE


class Sample:
    """What `ConfusionShares` needs of a sweep."""

    def __init__(self, sizes, rng, cells):
        self.classes, self.labels = len(sizes), np.repeat(np.arange(len(sizes)), sizes)
        counts = np.zeros((len(self.labels), self.classes), np.int64)
        start = np.concatenate([[0], np.cumsum(sizes)])
        for actual in {cell.actual for cell in cells}:
            own = [cell for cell in cells if cell.actual == actual]
            mean = {WHOLE: 1, PART: 0.6, ONE: 1 / SEVERITIES}
            share = np.array([cell.images / sizes[actual] / mean[cell.how] for cell in own])
            which = rng.choice(len(own) + 1, sizes[actual], p=[*share, 1 - share.sum()])
            for k, cell in enumerate(own):
                rows = start[actual] + np.flatnonzero(which == k)
                some = {WHOLE: SEVERITIES, PART: rng.integers(1, SEVERITIES + 1, len(rows)), ONE: 1}
                counts[rows, cell.predicted] = some[cell.how]
        counts[np.arange(len(counts)), self.labels] = SEVERITIES - counts.sum(axis=1)
        self._entries = (*np.nonzero(counts), counts[counts > 0])
        self.counts = np.zeros((self.classes,) * 2, np.int64)
        np.add.at(self.counts, self.labels, counts)
        np.fill_diagonal(self.counts, 0)

    def __len__(self):
        return len(self.labels)

    def entries(self, severity, clean_correct):
        """Row, predicted class and count."""
        return self._entries


def others(classes):
    """All confusions of so many classes, those of different true classes first."""
    pairs = [(k, j) for k in range(classes) for j in range(classes) if k != j]
    return sorted(pairs, key=lambda pair: ((pair[1] - pair[0]) % classes, pair[0]))


def population(title, sizes, means, how=(WHOLE,), same=False):
    """Confusions with these mean numbers of images, the most frequent first."""
    pairs = others(len(sizes))
    pairs = sorted(pairs) if same else pairs
    cells = [Cell(*pair, mean, how[n % len(how)]) for n, (pair, mean) in enumerate(zip(pairs, means, strict=False))]
    return title, sizes, cells


TEN = [50] * 10
POPULATIONS = [
    population("2 alike, 4 images each", TEN, [4] * 2),
    population("2 alike, 10 images each", TEN, [10] * 2),
    population("2 alike, 10 images, one class", TEN, [10] * 2, same=True),
    population("2 alike, 20 images, one class", TEN, [20] * 2, same=True),
    population("2 classes, 10 images each", [50, 50], [10] * 2),
    population("3 alike, 10 images each", TEN, [10] * 3),
    population("10 alike, 10 images each", TEN, [10] * 10),
    population("90 alike, 4 images each", TEN, [4] * 90),
    population("2 alike, parts of the copies", TEN, [6] * 2, (PART,)),
    population("2 alike, 1 copy of an image", TEN, [6] * 2, (ONE,)),
    population("2 alike, all copies and 1 copy", TEN, [6] * 2, (WHOLE, ONE)),
    population("2 alike, 1 copy and all copies", TEN, [6] * 2, (ONE, WHOLE)),
    population("20 alike, all copies or 1 copy", TEN, [5] * 20, (ONE, WHOLE)),
    population("30 alike, 1 of 11 in 1 copy", TEN, [4] * 30, (ONE, *[WHOLE] * 10)),
    population("rare class of 8 and others of 50", [8, *[50] * 9], [5] * 5),
    population("classes of 10 to 1,000, alike", [10, 20, 50, 100, 200, 500, 1000], [6] * 7),
    population("20 alike, parts of the copies", TEN, [6] * 20, (PART,)),
    population("40 alike, 20 images each", [200] * 10, [20] * 40),
    population("9 alike, 3 images; others 1", TEN, [3] * 9 + [1] * 60),
    population("100 classes, 40 alike, 10 images", [50] * 100, [10] * 40),
    population("100 classes, 2,000 rare ones", [50] * 100, [0.5] * 2000),
    population("10 and 7, others 7 to 1 (as B1)", TEN, [10, 7, 7, 4, 4, 3, 3, 2, 2, 2, 1, 1, 1, 1]),
    population("20 and 7, others 7 to 1", TEN, [20, 7, 7, 4, 4, 3, 3, 2, 2, 2, 1, 1, 1, 1]),
    population("20 and 18, others 5 to 1", TEN, [20, 18, 5, 4, 3, 2, 2, 1, 1, 1]),
    population("30 and 15, 100 classes, long tail", [50] * 100, [30, 15, *(12 / k for k in range(2, 400))]),
]  # fmt: skip


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=1000)
    replications = parser.parse_args().replications
    print(f"{'':36s}{'certain':>9s}{'wrong':>9s}{'left out':>10s}{'named':>8s}")
    for title, sizes, cells in POPULATIONS:
        rng, certain, wrong, left_out, named = np.random.default_rng(0), 0, 0, 0, []
        best, tied = cells[0], cells[0].images == cells[1].images
        for _ in range(replications):
            sample = Sample(sizes, rng, cells)
            leaders = ConfusionShares(sample).leaders()
            order = np.argsort(-sample.counts, axis=None, kind="stable")
            place = int(np.flatnonzero(order == best.actual * len(sizes) + best.predicted)[0])
            certain += leaders == 1
            wrong += leaders == 1 and (tied or place > 0)
            left_out += bool(leaders) and place >= leaders
            named.append(leaders or np.inf)
        figures = (100 * n / replications for n in (certain, wrong, left_out))
        median = np.median(named)
        shown = "more" if np.isinf(median) else f"{median:g}"
        print(f"{title:36s}" + "{:9.1f}{:9.1f}{:10.1f}".format(*figures) + f"{shown:>8s}", flush=True)


if __name__ == "__main__":
    main()
