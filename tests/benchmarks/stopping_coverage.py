"""How often the 95 % intervals of sweeps cover the truth: at a fixed size, and when a sweep stops at a precision.

    python tests/benchmarks/stopping_coverage.py                        # both tables, 25 minutes on two cores
    python tests/benchmarks/stopping_coverage.py --images 100 1000 --replications 500
    python tests/benchmarks/stopping_coverage.py --only fixed           # a minute

Images of each population have a probability of being right; given this, the severities and copies are independent. The
truth is the mean of this probability over the population.

fixed: n images and one copy, of one severity or of 12 together. Compares the percentile bootstrap, Agresti and Coull's
interval (pseudo-images of 0 and 1) and `tfstab.metrics.mean_interval`.

stopping: a sweep of N images takes one copy of each, then a second, then doubles, up to 20, in parts of N / 100 images
(`--looks`). After each part it computes the interval of its accuracy over all severities, and stops once the interval
is at most P points to either side. A sweep that never is so precise ends with all copies, or with `--give-up` after the
round that shows that no number of copies would suffice (`tfstab.metrics.least_half_width`). Printed are the coverage in
% and the mean number of degraded images at the end; in the last column the coverage without looking, at all copies.
"""

import argparse
from collections.abc import Callable
from functools import partial

import numpy as np

from tfstab.metrics import interval_of_moments, least_half_width, percentile_interval, resample, resampled_sums

SEVERITIES = 12
COPIES = (1, 2, 4, 8, 16, 20)
POINTS = (5, 2, 1, 0.5, 0.2)
AT_ONCE = 2_000_000  # images that are drawn at once
Probabilities = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]
Interval = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def mixture(*parts: tuple[float, float, float]) -> tuple[Probabilities, float]:
    """A population of parts (weight, mean, spread): beta distributions with a + b = spread; spread 0 for one value."""
    weights, means, _ = (np.array(column) for column in zip(*parts, strict=True))

    def draw(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
        part, p = rng.choice(len(parts), p=weights, size=shape), np.empty(shape)
        for k, (_, mean, spread) in enumerate(parts):
            here = part == k
            p[here] = rng.beta(mean * spread, (1 - mean) * spread, here.sum()) if spread else mean
        return p

    return draw, float(weights @ means)


def of_classes(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Ten classes that are 50 to 95 % right, and that take turns as in a stratified order."""
    return rng.random(shape) < CLASSES[np.arange(shape[1]) % 10]


CLASSES = np.linspace(0.5, 0.95, 10)
POPULATIONS: dict[str, tuple[Probabilities, float]] = {
    "0.5 % hard (0), others 1": mixture((0.995, 1, 0), (0.005, 0, 0)),
    "0.5 % hard (0.5), others 1": mixture((0.995, 1, 0), (0.005, 0.5, 0)),
    "0.5 % hard (0), others 0.99": mixture((0.995, 0.99, 0), (0.005, 0, 0)),
    "1 % hard (0), others 0.98": mixture((0.99, 0.98, 0), (0.01, 0, 0)),
    "1 % hard (0), others 0.9": mixture((0.99, 0.9, 0), (0.01, 0, 0)),
    "5 % hard (0), others 0.9": mixture((0.95, 0.9, 0), (0.05, 0, 0)),
    "MNIST-like": mixture((0.9, 1, 0), (0.08, 0.976, 20.5), (0.015, 2 / 3, 3), (0.005, 0, 0)),
    "CIFAR-like": mixture((0.45, 1, 0), (0.15, 0, 0), (0.4, 0.6, 2)),
    "mixed": mixture((0.5, 1, 0), (0.2, 0, 0), (0.3, 0.5, 2)),
    "ten classes in turn": (of_classes, float(CLASSES.mean())),
    "beta(50, 1)": mixture((1, 50 / 51, 51)),
    "beta(9, 1)": mixture((1, 0.9, 10)),
    "beta(0.9, 0.1)": mixture((1, 0.9, 1)),
    "beta(0.5, 0.5)": mixture((1, 0.5, 1)),
    "beta(1, 1)": mixture((1, 0.5, 2)),
    "beta(20, 20)": mixture((1, 0.5, 40)),
    "beta(0.1, 9.9)": mixture((1, 0.01, 10)),
    "all 0.98": mixture((1, 0.98, 0)),
    "all 0.5": mixture((1, 0.5, 0)),
    "half 0, half 1": mixture((0.5, 1, 0), (0.5, 0, 0)),
}
FIXED = {f"all {p:g}": mixture((1, p, 0)) for p in (0.999, 0.995, 0.99, 0.98, 0.95, 0.9, 0.5)}


def agresti_coull(mean: np.ndarray, variance: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Two pseudo-images of 0 and two of 1 join the images (1.92 each)."""
    added = 1.959964**2
    n = images + added
    centre = (images * mean + added / 2) / n
    spread = (images * (variance + mean**2) + added / 2) / n - centre**2
    half = 1.959964 * np.sqrt(spread / n)
    return np.stack([centre - half, centre + half])


def covers(interval: np.ndarray, truth: float) -> np.ndarray:
    """Whether low <= truth <= high, but for rounding."""
    low, high = interval
    return (low <= truth + 1e-12) & (truth <= high + 1e-12)


def fixed(replications: int, seed: int) -> None:
    """Print the coverage of intervals of n images with one copy each."""
    sizes = (20, 50, 100, 500)
    print(f"Coverage in % of 95 % intervals of n images and one copy, {replications:,} replications.")
    print(f"{'':44s}" + "".join(f"{name:>28s}" for name in ("bootstrap", "Agresti-Coull", "Korn-Graubard")))
    print(f"{'population':32s}{'severities':>12s}" + ("  " + "".join(f"{f'n={n}':>6s}" for n in sizes) + "  ") * 3)
    for severities, populations in ((1, FIXED), (SEVERITIES, POPULATIONS)):
        for name, (draw, truth) in populations.items():
            cells = np.empty((3, len(sizes)))
            for k, n in enumerate(sizes):
                rng = np.random.default_rng(seed)
                shares = rng.binomial(severities, draw(rng, (replications, n))) / severities
                means = resampled_sums(resample(n, 1000, seed), shares.T) / n
                cells[0, k] = covers(percentile_interval(means), truth).mean()
                moments = shares.mean(axis=1), shares.var(axis=1), np.full(replications, n)
                cells[1, k] = covers(agresti_coull(*moments), truth).mean()
                cells[2, k] = covers(interval_of_moments(*moments), truth).mean()
            text = ("  " + "".join(f"{100 * cell:6.1f}" for cell in row) + "  " for row in cells)
            print(f"{name:32s}{severities:12d}" + "".join(text), flush=True)


class Sweeps:
    """Sweeps of one population that go on until they are precise enough, or have all copies.

    Parameters
    ----------
    draw : callable
        Draws the probabilities of images.
    truth : float
        Their mean in the population.
    images, looks : int
        Images of a sweep, and parts of each round.
    interval : callable
        Interval from mean, variance and number of images.
    gives_up : bool
        Whether a sweep ends after a round if no number of copies would make it so precise.
    """

    def __init__(
        self, draw: Probabilities, truth: float, images: int, looks: int, interval: Interval, gives_up: bool
    ) -> None:
        self.draw, self.truth, self.images, self.interval, self.gives_up = draw, truth, images, interval, gives_up
        self.ends = np.unique(np.linspace(0, images, looks + 1).round().astype(int))[1:]  # of the parts of a round

    def run(self, rng: np.random.Generator, replications: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return whether the interval covers (R, P + 1), degraded images (R, P), and whether it was precise (R, P)."""
        p = self.draw(rng, (replications, self.images))
        right, done = np.zeros(p.shape), 0
        before: tuple[np.ndarray, np.ndarray] | None = None
        covered = np.zeros((replications, len(POINTS) + 1), bool)
        used, precise = np.zeros((replications, len(POINTS))), np.zeros((replications, len(POINTS)), bool)
        ended = precise.copy()  # precise, or given up
        for copies in COPIES:
            right += rng.binomial(SEVERITIES * (copies - done), p)
            share = right / (SEVERITIES * copies)
            sums = tuple(np.cumsum(values, axis=1)[:, self.ends - 1] for values in (share, share**2))
            if before is None:
                n, looked = np.broadcast_to(self.ends, sums[0].shape), sums
            else:  # images of the parts done in this round have more copies than the others
                n = np.full(sums[0].shape, self.images)
                looked = tuple(new + old[:, -1:] - old for new, old in zip(sums, before, strict=True))
            mean = looked[0] / n
            interval = self.interval(mean, np.maximum(looked[1] / n - mean**2, 0), n)
            draws = np.full(self.images, SEVERITIES * copies)
            least = np.array([least_half_width(row, draws) if self.gives_up else 0 for row in share])
            width, covering = np.maximum(interval[1] - mean, mean - interval[0]), covers(interval, self.truth)
            spent = SEVERITIES * (self.images * done + self.ends * (copies - done))
            for k, points in enumerate(POINTS):
                enough = width <= points / 100
                stops = np.flatnonzero(enough.any(axis=1) & ~ended[:, k])
                look = enough[stops].argmax(axis=1)
                covered[stops, k], used[stops, k] = covering[stops, look], spent[look]
                precise[stops, k] = ended[stops, k] = True
                given_up = ~ended[:, k] & (least > points / 100)
                covered[given_up, k], used[given_up, k], ended[given_up, k] = covering[given_up, -1], spent[-1], True
            before, done = sums, copies
        covered[:, -1] = covering[:, -1]
        never = ~ended
        covered[:, :-1][never] = np.broadcast_to(covered[:, -1:], never.shape)[never]
        used[never] = spent[-1]
        return covered, used, precise


def stopping(
    interval: Interval,
    names: list[str],
    sizes: list[int],
    replications: int,
    looks: int,
    seed: int,
    gives_up: bool,
) -> None:
    """Print coverage and cost of sweeps that stop at a precision."""
    print(f"\nCoverage in % (degraded images) when a sweep stops at P points, {looks} looks a round.")
    below: list[str] = []
    for images in sizes:
        print(
            f"N = {images:,}, {replications:,} replications" + "".join(f"{f'P = {points:g}':>18s}" for points in POINTS)
        )
        for name in names:
            draw, truth = POPULATIONS[name]
            rng, sweeps = np.random.default_rng(seed), Sweeps(draw, truth, images, looks, interval, gives_up)
            step = max(1, AT_ONCE // images)
            parts = [sweeps.run(rng, min(step, replications - start)) for start in range(0, replications, step)]
            covered, used, precise = (np.concatenate(column).mean(axis=0) for column in zip(*parts, strict=True))
            cells = "".join(
                f"{100 * c:6.1f} ({u:8,.0f}){' ' if s > 0.5 else '-'}"
                for c, u, s in zip(covered, used, precise, strict=False)
            )
            print(f"  {name:28s}{cells}{100 * covered[-1]:7.1f}", flush=True)
            ends = [f"P = {points:g}" for points in POINTS] + ["all copies"]
            below += [
                f"{name}, N = {images:,}, {end}: {100 * share:.1f} %"
                for end, share in zip(ends, covered, strict=True)
                if share < 0.94
            ]
    print("-: more than half of the sweeps ended without the precision.")
    print(
        f"Below 94 % (standard error {100 * np.sqrt(0.95 * 0.05 / replications):.1f}):",
        *(below or ["none"]),
        sep="\n  ",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("fixed", "stopping"))
    parser.add_argument("--images", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--populations", nargs="+", choices=POPULATIONS, default=list(POPULATIONS), metavar="NAME")
    parser.add_argument("--replications", type=int, default=2000)
    parser.add_argument("--looks", type=int, default=100)
    parser.add_argument("--interval", choices=("korn-graubard", "agresti-coull"), default="korn-graubard")
    parser.add_argument("--give-up", action="store_true", help="end after a round if no copies can make it so precise")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.only != "stopping":
        fixed(options.replications, options.seed)
    interval = agresti_coull if options.interval == "agresti-coull" else partial(interval_of_moments, confidence=0.95)
    if options.only != "fixed":
        stopping(
            interval,
            options.populations,
            options.images,
            options.replications,
            options.looks,
            options.seed,
            options.give_up,
        )


if __name__ == "__main__":
    main()
