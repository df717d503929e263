"""How often an interval by group holds the true recall, and how wide it is: of one image of each group, and of all.

    python tests/benchmarks/group_coverage.py

Each group has a recall of its own, from a beta distribution whose correlation of two images of a group is given. The
interval is `mean_interval` of the shares of the groups: 0 or 1 for one image each, the mean of 10 images otherwise. The
percentile bootstrap over groups is there for comparison; it covers far less than 95 % for few groups. Takes a minute.
"""

import numpy as np

from tfstab.metrics import interval_of_moments

REPEATS, IMAGES, BOOTSTRAPPED, RESAMPLES = 4000, 10, 200, 400


def coverage_and_width(shares, recall):
    """The shares (R, G) of R simulated tests: how many of their intervals hold the recall, and their mean width."""
    low, high = interval_of_moments(shares.mean(axis=1), shares.var(axis=1), shares.shape[1])
    return ((low <= recall) & (recall <= high)).mean(), (high - low).mean()


def bootstrap(shares, recall, rng):
    """The same of the percentile bootstrap over groups."""
    ends = []
    for row in shares[:BOOTSTRAPPED]:
        means = row[rng.integers(0, len(row), (RESAMPLES, len(row)))].mean(axis=1)
        ends.append(np.quantile(means, [0.025, 0.975]))
    low, high = np.array(ends).T
    return ((low <= recall) & (recall <= high)).mean(), (high - low).mean()


def main():
    rng = np.random.default_rng(0)
    print("groups  correlation  recall   one image: covers, width   all: covers, width   bootstrap: covers, width")
    for groups in (20, 50, 100, 200, 800):
        for correlation in (0.3, 0.6, 0.9):
            for recall in (0.5, 0.8, 0.95):
                spread = (1 - correlation) / correlation
                own = rng.beta(recall * spread, (1 - recall) * spread, (REPEATS, groups))
                every = rng.binomial(IMAGES, own) / IMAGES
                one = (rng.random(own.shape) < own).astype(float)
                figures = coverage_and_width(one, recall), coverage_and_width(every, recall)
                cells = [f"{100 * c:5.1f} % {100 * w:5.1f}" for c, w in (*figures, bootstrap(every, recall, rng))]
                print(f"{groups:6} {correlation:12} {recall:7}   {'   '.join(cells)}")


if __name__ == "__main__":
    main()
