"""How often the 95 % intervals of paired comparisons and of precision cover the truth, beside those of other methods.

    python tests/benchmarks/paired_coverage.py                       # all tables, 12 minutes
    python tests/benchmarks/paired_coverage.py --only ratios --replications 500

Each cell has the coverage in %, and in brackets the larger of the two shares of samples whose interval lies wholly
below or above the truth, which should be 2.5 % at most.

differences: of two networks on the same images. Most are equal, or nearly so, and a few differ completely.
ratios: medians of few ratios; then how often `equivalence` claims no change of a median ratio that is at the bound.
errors: corruption errors, the mean of one network's errors divided by another's over ten degradations.
precision: of a class, in test sets with a fixed number of images of each class.
classes: accuracies and differences in such test sets, whose intervals do not use that they are drawn class by class.
"""

import argparse
import warnings
from collections.abc import Callable, Sequence
from types import SimpleNamespace

import numpy as np
from scipy.stats import t as student

from tfstab.metrics import mean_interval, percentile_interval
from tfstab.metrics.differences import difference_interval
from tfstab.metrics.equivalence import equivalence
from tfstab.metrics.error_ratios import mean_error_ratio
from tfstab.metrics.paired import median_ratio
from tfstab.sweep.intervals import SweepIntervals

RESAMPLES = 500
Draw = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]


def cell(low: np.ndarray, high: np.ndarray, truth: float) -> str:
    """Coverage, and the larger one-sided error."""
    below, above = (high < truth - 1e-12).mean(), (low > truth + 1e-12).mean()
    return f"{100 * (1 - below - above):7.1f} ({100 * max(below, above):4.1f})"


def print_table(title: str, methods: Sequence[str], sizes: Sequence[int], rows: dict[str, list[str]]) -> None:
    """Print one row for each population: the sizes of the first method, then those of the second."""
    print(f"\n{title}")
    print(" " * 46 + "".join(f"{name:<{15 * len(sizes)}s}" for name in methods))
    print(" " * 42 + "".join(f"{f'n = {n}':>15s}" for n in sizes) * len(methods))
    for name, cells in rows.items():
        print(f"{name:42s}" + "".join(f"{text:>15s}" for text in cells), flush=True)


def values(*pairs: tuple[float, float]) -> tuple[Draw, float]:
    """A population of few values, each with its share."""
    value, share = np.array(pairs).T

    def draw(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
        return rng.choice(value, p=share, size=shape)

    return draw, float(value @ share)


def networks(spread: float, gain: float, rare: float) -> tuple[Draw, float]:
    """Two networks whose shares of 240 right copies differ by a gain where they are not 0 or 1, and rarely by all."""

    def both(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        first = np.where(rng.random(shape) < 0.8, 1, rng.beta(spread, 1, shape))
        second = np.where(first < 1, np.clip(first + gain, 0, 1), 1)
        return first, np.where(rng.random(shape) < rare, 0, second)

    def draw(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
        first, second = both(rng, shape)
        return (rng.binomial(240, second) - rng.binomial(240, first)) / 240

    first, second = both(np.random.default_rng(99), (1, 4_000_000))
    return draw, float((second - first).mean())


DIFFERENCES = {
    "0.5 % of images -1, others 0": values((-1, 0.005), (0, 0.995)),
    "0.5 % -1, others +0.01": values((-1, 0.005), (0.01, 0.995)),
    "0.3 % -1, others +0.003: no difference": values((-1, 0.003), (0.003 / 0.997, 0.997)),
    "1 % -0.5, others +0.005: no difference": values((-0.5, 0.01), (0.005 / 0.99, 0.99)),
    "0.5 % +1, 0.5 % -1": values((1, 0.005), (-1, 0.005), (0, 0.99)),
    "1 % +1, 0.3 % -1": values((1, 0.01), (-1, 0.003), (0, 0.987)),
    "5 % +1, 3 % -1": values((1, 0.05), (-1, 0.03), (0, 0.92)),
    "20 % +1, 10 % -1": values((1, 0.2), (-1, 0.1), (0, 0.7)),
    "half +1": values((1, 0.5), (0, 0.5)),
    "two networks near 100 %": networks(20, 0.02, 0.001),
    "two networks near 90 %": networks(1, 0.03, 0.01),
}


def bootstrap(rng: np.random.Generator, sample: np.ndarray) -> np.ndarray:
    """Percentile intervals of means, (2, R), of samples (R, n)."""
    n = sample.shape[1]
    return percentile_interval((sample @ (rng.multinomial(n, np.ones(n) / n, RESAMPLES) / n).T).T)


def differences(replications: int, seed: int) -> None:
    sizes, rows = (50, 200, 1000), {}
    for name, (draw, truth) in DIFFERENCES.items():
        cells: list[list[str]] = [[], [], []]
        for n in sizes:
            rng = np.random.default_rng(seed)
            sample = draw(rng, (replications, n))
            mean, variance = sample.mean(axis=1), sample.var(axis=1)
            half = student.ppf(0.975, n - 1) * np.sqrt(variance / (n - 1))
            cells[0].append(cell(*bootstrap(rng, sample), truth))
            cells[1].append(cell(mean - half, mean + half, truth))
            cells[2].append(cell(*difference_interval(mean, variance, n), truth))
        rows[name] = [text for column in cells for text in column]
    print_table("Differences", ("percentile bootstrap", "Student's t", "tfstab"), sizes, rows)


def ratios(replications: int, seed: int) -> None:
    populations: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
        "log-normal, sigma 0.3": lambda rng, n: rng.lognormal(0, 0.3, n),
        "log-normal, sigma 1": lambda rng, n: rng.lognormal(0, 1, n),
        "half below 0.8, half above 1.25": lambda rng, n: np.exp(rng.choice([-1, 1], n) * rng.uniform(0.22, 0.5, n)),
        "steps of 0.1": lambda rng, n: 1 + rng.integers(-2, 3, n) / 10,
        "skew: exponential": lambda rng, n: rng.exponential(1 / np.log(2), n),
    }
    sizes, rows, unchanged = (6, 10, 20, 30, 100), {}, {}
    for name, draw in populations.items():
        cells: list[list[str]] = [[], []]
        unchanged[name] = []
        for n in sizes:
            rng = np.random.default_rng(seed)
            sample = [draw(rng, n) for _ in range(replications)]
            place = rng.integers(n, size=(RESAMPLES, n))
            old = np.array([percentile_interval(np.median(x[place], axis=1)) for x in sample])
            new = [median_ratio(np.ones(n), x) for x in sample]
            cells[0].append(cell(*old.T, 1.0))
            cells[1].append(cell(np.array([r.low for r in new]), np.array([r.high for r in new]), 1.0))
            claimed = [equivalence(np.ones(n), 1.1 * x).unchanged for x in sample]
            unchanged[name].append(f"{100 * np.mean(claimed):.1f}")
        rows[name] = [text for column in cells for text in column]
    print_table("Median ratios", ("percentile bootstrap", "tfstab"), sizes, rows)
    print_table("Claims of no change in %, though the ratio is 1.1, the bound", ("tfstab",), sizes, unchanged)


# How much harder all images are for the baseline than if it got half of them wrong at the highest severity, how much
# harder yet for the network, and the share of the images whose outcomes for the two are independent.
NEAR_OR_FAR: dict[str, tuple[float, float, float]] = {
    "equal but on 1 % of the images": (0, 0, 0.01),
    "equal but on 5 % of the images": (0, 0, 0.05),
    "the same, and few errors of both": (-1.5, 0, 0.05),
    "5 % fewer errors": (0, -0.05, 0.05),
    "a quarter of the errors": (0, -1, 0.5),
    "four times the errors": (-1.5, 1, 0.5),
    "equally good, independent": (-0.5, 0, 1),
}
SEVERITIES = np.linspace(-1.5, 0, 4)


def both_errors(
    rng: np.random.Generator, shape: tuple[int, ...], families: int, bias: float, shift: float, apart: float
) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the severities at which the network and the baseline are wrong, (*shape, families)."""

    def hardness() -> np.ndarray:
        own = 0.8 * rng.standard_normal((*shape, 1)) + 0.6 * rng.standard_normal((*shape, families))
        return own + bias + np.linspace(-0.6, 0.6, families)

    baseline = hardness()
    network = np.where(rng.random((*shape, 1)) < apart, hardness(), baseline) + shift
    first, second = ((x[..., None] + SEVERITIES > 0).mean(axis=-1) for x in (network, baseline))
    return first, second


def errors(replications: int, seed: int, families: int = 10) -> None:
    sizes, rows = (6, 60, 400), {}
    for name, population in NEAR_OR_FAR.items():
        rng = np.random.default_rng(99)
        sums = np.array([[x.mean(axis=0) for x in both_errors(rng, (50_000,), families, *population)] for _ in "1234"])
        truth = float(np.divide(*sums.mean(axis=0)).mean())
        cells: list[list[str]] = [[], []]
        for n in sizes:
            rng, old, new = np.random.default_rng(seed), np.empty((replications, 2)), np.empty((replications, 2))
            for r in range(replications):
                first, second = both_errors(rng, (n,), families, *population)
                weights = rng.multinomial(n, np.ones(n) / n, RESAMPLES)
                with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
                    warnings.simplefilter("ignore", RuntimeWarning)  # of resamples without errors of the baseline
                    ratios = weights @ first / (weights @ second)
                    old[r] = percentile_interval(np.nanmean(np.where(np.isfinite(ratios), ratios, np.nan), axis=1))
                e = mean_error_ratio(first, second)
                new[r] = e.low, e.high
            some = ~np.isnan(new[:, 0])  # samples in which the baseline makes errors
            cells[0].append(cell(*old[some].T, truth))
            cells[1].append(cell(*new[some].T, truth))
        rows[name] = [text for column in cells for text in column]
    print_table("Mean corruption errors", ("percentile bootstrap", "tfstab"), sizes, rows)


# Share of the class's images found and how it varies (beta, a + b; 0: all or nothing), share of the other images that
# are taken for it at times, and how often.
CLASSES = {
    "95 % found, 0.2 % of others taken for it": (0.95, 0, 0.002, 1),
    "all found, 0.1 % of others": (1, 0, 0.001, 1),
    "90 % found, 1 % of others": (0.9, 0, 0.01, 1),
    "70 % found, 2 % of others at times": (0.7, 2, 0.02, 0.3),
    "50 % found, 5 % of others at times": (0.5, 1, 0.05, 0.3),
    "30 % found, 10 % of others at times": (0.3, 1, 0.1, 0.2),
}


def precision(replications: int, seed: int, copies: int = 20) -> None:
    sizes, rows = ((10, 990), (30, 970), (100, 900)), {}
    for name, (found, spread, taken, often) in CLASSES.items():
        cells: list[list[str]] = [[], [], []]
        for own, others in sizes:
            rng, ends = np.random.default_rng(seed), np.empty((3, 2, replications))
            truth = own * found / (own * found + others * taken * often)
            for r in range(replications):
                sure = rng.beta(found * spread, (1 - found) * spread, own) if spread else rng.random(own) < found
                at_times = rng.beta(2 * often, 2 - 2 * often, others) if often < 1 else np.ones(others)
                p = np.concatenate([sure, at_times * (rng.random(others) < taken)])
                votes = rng.binomial(copies, p)
                ends[:, :, r] = precision_intervals(rng, votes, own, copies)
            for k in range(3):
                cells[k].append(cell(*ends[k], truth))
        rows[name] = [text for column in cells for text in column]
    methods = ("percentile bootstrap", "all images alike", "tfstab")
    print_table("Precision of a class with n images of 1,000", methods, [own for own, _ in sizes], rows)


def precision_intervals(rng: np.random.Generator, votes: np.ndarray, own: int, copies: int) -> np.ndarray:
    """Intervals of one test set by the three methods, (3, 2); its first `own` images are of the class."""
    labels = (np.arange(len(votes)) >= own).astype(int)
    weights = rng.multinomial(len(votes), np.ones(len(votes)) / len(votes), 200)
    right, every = weights[:, :own] @ votes[:own], weights @ votes
    with np.errstate(invalid="ignore"):
        old = percentile_interval(right / every)
    row, predicted = np.tile(np.arange(len(votes)), 2), np.repeat([0, 1], len(votes))
    count = np.concatenate([votes, copies - votes])
    there = count > 0
    measures = SimpleNamespace(
        labels=labels, classes=2, entries=lambda *_: (row[there], predicted[there], count[there])
    )
    new = SweepIntervals(measures).class_metrics().precision[:, 0]
    return np.stack([old, mean_interval(labels == 0, votes), new])


def classes(replications: int, seed: int) -> None:
    """Ten classes that are 50 to 99 % right, a tenth of the images each."""
    sizes, rows = (50, 200, 1000), {}
    right = np.linspace(0.5, 0.99, 10)
    gain = np.linspace(-0.05, 0.01, 10)
    for name in ("accuracy", "difference of accuracies"):
        cells: list[list[str]] = [[], []]
        for n in sizes:
            for k, place in enumerate((lambda rng, n: rng.integers(10, size=n), lambda _, n: np.arange(n) % 10)):
                rng = np.random.default_rng(seed)
                of = np.stack([place(rng, n) for _ in range(replications)])
                strength = rng.random(of.shape)
                first, second = strength < right[of], strength < (right + gain)[of]
                if name == "accuracy":
                    cells[k].append(cell(*mean_interval(first.T), right.mean()))
                else:
                    d = second.astype(float) - first
                    cells[k].append(cell(*difference_interval(d.mean(axis=1), d.var(axis=1), n), gain.mean()))
        rows[name] = [text for column in cells for text in column]
    print_table("Ten classes", ("images drawn from all", "drawn class by class"), sizes, rows)


TABLES = {f.__name__: f for f in (differences, ratios, errors, precision, classes)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=TABLES)
    parser.add_argument("--replications", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(f"Coverage in % of 95 % intervals, {options.replications:,} replications (largest one-sided error).")
    for name, table in TABLES.items():
        if options.only in (None, name):
            table(options.replications, options.seed)


if __name__ == "__main__":
    main()
