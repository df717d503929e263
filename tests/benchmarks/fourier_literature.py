"""Does training on noise trade high frequencies for low ones, as Yin et al. 2019 found? Same images, same stripes.

    TFSTAB_DATA=~/data PYTHONPATH=tests python tests/benchmarks/fourier_literature.py --images 64

For each network that was trained on clean images and its twins that were trained on noise: the error rate under stripes
of the same L2 norm, frequency, phase and signs, and the fall of the logit margin over the network's own mean clean
margin, at low and at high frequencies. All networks of a data set see the same images: the ones that every network
classifies correctly when clean, or all images (--all), where a fall has little meaning. Differences and ratios are
paired, with 95 % intervals from resampled images. At the end, the same for fog, contrast and brightness, which are of
low frequency, and for Gaussian noise.
"""

import argparse
import time

import numpy as np

from tfstab import load_classifier, load_dataset
from tfstab.degradations import get_degradation
from tfstab.explanation import ExplanationConfig, fourier
from tfstab.explanation.analysis import Material
from tfstab.explanation.bands import HIGH, LOW
from tfstab.explanation.frequency import margins_under
from tfstab.metrics.intervals import RESAMPLES, percentile_interval, resample, resampled_sums
from tfstab.metrics.paired import mean_difference
from tfstab.runs import CleanImages

# Each network, its data, its twins, and the root mean square of the stripes in grey levels.
NETWORKS = {
    "cifar10-quick": ("cifar10", ("augmented", "hardened"), (5, 10, 20)),
    "mnist-lenet": ("mnist-5k", ("augmented", "hardened"), (20, 40, 60)),
    "gtsrb-aghdam": ("gtsrb", ("augmented",), (20, 40)),
}
FAMILIES = ("fog", "contrast", "brightness", "gaussian_noise")
BANDS = {"low": (0, LOW), "middle": (LOW, HIGH), "high": (HIGH, 2)}


def main():
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument("--frequencies", type=int, default=40, help="of each band")
    parser.add_argument("--all", action="store_true", help="also images that are wrong when clean, as in the paper")
    parser.add_argument("--strengths", type=float, nargs="*", help="of the stripes; none: degradations alone")
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS))
    given = parser.parse_args()
    for name in given.networks:
        data, twins, strengths = NETWORKS[name]
        names = [name, *(f"{name}-{twin}" for twin in twins)]
        images = load_dataset(data).take(given.images * (1 if given.all else 2))
        materials = scored(names, images, given.images, given.all)
        for strength in strengths if given.strengths is None else given.strengths:
            compare(names, materials, strength, given.frequencies)
        degrade(names, materials)


def scored(names, dataset, count, everything):
    """Return the material of each network: the first images that every network is right about when clean."""
    classifiers = [load_classifier(name) for name in names]
    cleans = [CleanImages.score(classifier, dataset) for classifier in classifiers]
    rows = np.flatnonzero(everything | np.all([clean.correct for clean in cleans], axis=0))[:count]
    chosen = [CleanImages(c.images[rows], c.class_index[rows], c.indices[rows], c.scores[rows]) for c in cleans]
    return [Material(one, ExplanationConfig(), clean, clean) for one, clean in zip(classifiers, chosen, strict=True)]


def compare(names, materials, strength, count):
    """Print what stripes of one strength do to the networks."""
    start = time.time()
    shape = materials[0].clean.images.shape
    rows, half = np.arange(shape[0]), fourier.half_plane(*shape[1:3])
    radius, eps = fourier.radii_of(half, *shape[1:3]), strength * np.sqrt(np.prod(shape[1:]))
    drawn = np.random.default_rng(0).permutation(len(half))
    inside = [drawn[(radius[drawn] >= low) & (radius[drawn] < high)][:count] for low, high in BANDS.values()]
    places, band_of = np.concatenate(inside), np.repeat(list(BANDS), [len(some) for some in inside])
    errors, falls = [], []
    for material in materials:
        margins, _ = margins_under(material, rows, places, eps)
        clean = material.margins(material.images, rows)
        errors.append((margins <= 0).mean(axis=2))
        falls.append((clean - margins.min(axis=2)) / clean.mean())
    print(f"\n{names[0]}, {shape[0]} images, eps {eps:.0f} (root mean square {strength})")
    for band in BANDS:
        inside = band_of == band
        for name, error, fall in zip(names, errors, falls, strict=True):
            parts = [f"  {band:7} {name:26} error {error[inside].mean():6.1%}  fall {fall[inside].mean():5.2f}"]
            if name != names[0]:
                more = mean_difference(errors[0][inside].mean(axis=0), error[inside].mean(axis=0))
                parts.append(f"difference {more.value:+.1%} ({more.low:+.1%} to {more.high:+.1%})")
                ratio, low_end, high_end = ratio_of(fall[inside].mean(axis=0), falls[0][inside].mean(axis=0))
                parts.append(f"ratio of falls {ratio:.2f} ({low_end:.2f} to {high_end:.2f})")
            print("  ".join(parts), flush=True)
    print(f"  {time.time() - start:.0f} s")


def degrade(names, materials):
    """Print the error rates under degradations of low frequency and under Gaussian noise, over all severities."""
    images, indices = materials[0].clean.images, materials[0].clean.indices
    for family in FAMILIES:
        degradation = get_degradation(family)
        copies = [
            degradation(image, severity, np.random.default_rng((k, int(index))))
            for image, index in zip(images, indices, strict=True)
            for k, severity in enumerate(degradation.severities)
        ]
        classes = np.repeat(materials[0].clean.class_index, len(degradation.severities))
        wrong = [m.classifier.scores(np.stack(copies)).argmax(axis=1) != classes for m in materials]
        errors = [one.reshape(len(images), -1).mean(axis=1) for one in wrong]
        for name, error in zip(names, errors, strict=True):
            more = mean_difference(errors[0], error)
            print(f"  {family:14} {name:26} error {error.mean():6.1%}  difference {more.value:+.1%} "
                  f"({more.low:+.1%} to {more.high:+.1%})", flush=True)  # fmt: skip


def ratio_of(second, first):
    """Return the ratio of two means over the same images, with its interval."""
    sums = resampled_sums(resample(len(first), RESAMPLES, 0), np.stack([second, first], axis=1))
    return second.mean() / first.mean(), *percentile_interval(sums[:, 0] / sums[:, 1])


if __name__ == "__main__":
    main()
