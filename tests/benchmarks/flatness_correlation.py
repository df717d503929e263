"""How well random noise of each sigma foretells the minimum noise, and how flat the decision boundary is.

    python tests/benchmarks/flatness_correlation.py --out runs/flatness
    python tests/benchmarks/flatness_correlation.py --out runs/flatness --models mnist-lenet --images 50

For each bundled network and each sigma: the Spearman correlation, over images, of the distance to the decision boundary
that random noise implies and the minimum noise that a search found, and the median of minimum noise / implied distance.
Both are measured with clipping to 0..255, as everywhere in tfstab, and without. To search without clipping, the network
gets images of half the contrast and doubles it itself, so that there is room of 128 grey levels on both sides; for that
its images are rounded to even grey levels.

What is measured of a network is kept in --out and not measured again.
"""

import argparse
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

import tfstab
from tfstab.classifier.classifier import Classifier
from tfstab.classifier.matching import match_classes
from tfstab.degradations import NoiseStreams
from tfstab.explanation import ExplanationRun
from tfstab.explanation.analysis import margins
from tfstab.explanation.flatness import CLIPPED, Flatness, flatness, flatness_of
from tfstab.explanation.noisy_copies import copies_of_explanation
from tfstab.metrics import Estimate

SIGMAS = (1.0, 2.0, 5.0, 10.0, 20.0, 40.0)
NETWORKS = {
    "mnist-lenet": ("mnist-5k", 100),
    "mnist-lenet-augmented": ("mnist-5k", 100),
    "mnist-lenet-hardened": ("mnist-5k", 100),
    "cifar10-quick": ("cifar10", 100),
    "cifar10-quick-augmented": ("cifar10", 100),
    "cifar10-quick-hardened": ("cifar10", 100),
    "mnist-lenet-ensemble": ("mnist-5k", 100),
    "gtsrb-aghdam": ("gtsrb", 60),
    "gtsrb-aghdam-augmented": ("gtsrb", 60),
    "cifar10-quick-ensemble": ("cifar10", 100),
    "gtsrb-aghdam-ensemble": ("gtsrb", 24),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of what is measured")
    parser.add_argument("--models", nargs="*", default=list(NETWORKS))
    parser.add_argument("--images", type=int, help="by default 100, 60 of GTSRB, 24 for its ensemble")
    parser.add_argument("--copies", type=int, default=40)
    parser.add_argument("--only-clipped", action="store_true", help="measure with clipping only, in half of the time")
    parser.add_argument("--explanations", nargs="*", default=(), help="finished explanations, tabled as well")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for model in options.models:
        data, images = NETWORKS[model]
        path = options.out / f"{model}.npz"
        if not path.exists():
            start = time.perf_counter()
            measured = measure(model, data, options.images or images, options.copies, options.only_clipped)
            np.savez_compressed(path, **measured)
            print(f"{model}: {time.perf_counter() - start:.0f} s", flush=True)
    arrays = {model: dict(np.load(options.out / f"{model}.npz")) for model in options.models}
    for prefix, title in (("", "with clipping"), ("free_", "without clipping")):
        there = {model: one for model, one in arrays.items() if f"{prefix}l2" in one}
        print_tables(title, {model: flatness_of_arrays(one, prefix) for model, one in there.items()})
    print_tables("explanations", {path: flatness_of(ExplanationRun(path)) for path in options.explanations})


def print_tables(title: str, found: dict[str, Flatness]) -> None:
    """Print correlation, ratio and the number of images whose copies fail, for each network at each sigma."""
    for name in ("correlation", "ratio", "beyond") if found else ():
        print(f"\n{title}: {name}\n\n{table(found, name)}")


def flatness_of_arrays(arrays: Mapping[str, np.ndarray], prefix: str) -> Flatness:
    """Return the flatness from what was measured, with clipping or (`free_`) without."""
    copies = copies_of_explanation({name: arrays[prefix + name] for name in ("margins", "clipped")})
    right = arrays[f"{prefix}clean_margin"] > 0
    return flatness(arrays["images"], arrays["sigmas"], arrays[f"{prefix}l2"], copies, right)


def table(found: dict[str, Flatness], name: str) -> str:
    """Return a figure of all networks at each sigma in Markdown, whether or not much is clipped."""
    sigmas = next(iter(found.values())).sigmas
    heads = [f"sigma {sigma:g}" for sigma in sigmas]
    lines = [f"| network | images | {' | '.join(heads)} |", "| --- |" + " ---: |" * (1 + len(sigmas))]
    for model, one in found.items():
        figures = [one.figures(k, (CLIPPED,)) for k in range(len(sigmas))]
        cells = [in_words(getattr(each, name)) for each in figures]
        lines.append(f"| `{model}` | {figures[0].images} | {' | '.join(cells)} |")
    return "\n".join(lines)


def in_words(value: Estimate | int) -> str:
    """Return a figure with its interval."""
    if not isinstance(value, Estimate):
        return str(value)
    return f"{value.value:.2f} ({value.low:.2f}–{value.high:.2f})".replace("inf", "∞")


def measure(model: str, data: str, count: int, copies: int, only_clipped: bool) -> dict[str, np.ndarray]:
    """Return what random noise and a search make of a network's images, with clipping and (`free_...`) without."""
    classifier = tfstab.load_classifier(model)
    dataset = match_classes(classifier, tfstab.load_dataset(data).take(count))
    classifier = classifier.for_images(dataset.image_shape)
    images = np.asarray(dataset.images) // 2 * 2
    measured = {"sigmas": np.array(SIGMAS), "labels": dataset.labels, "images": dataset.indices}
    measured |= noisy(classifier, images, dataset, copies, 0, 255) | searched(classifier, images, dataset.labels, 1)
    if not only_clipped:
        free = noisy(classifier, images, dataset, copies, -np.inf, np.inf)
        free |= searched(widened(classifier), images // 2 + 64, dataset.labels, 2)
        measured |= {f"free_{name}": array for name, array in free.items()}
    return measured


def noisy(
    classifier: Classifier, images: np.ndarray, dataset: tfstab.Dataset, copies: int, low: float, high: float
) -> dict[str, np.ndarray]:
    """Return the logit margins (image, sigma, copy) of noisy copies, and the share of values that are clipped."""
    found = np.empty((len(images), len(SIGMAS), copies))
    clipped = np.empty(found.shape[:2])
    streams = NoiseStreams(0)
    for row, image in enumerate(images):
        fields = np.empty((copies, *image.shape), np.float32)
        for s, sigma in enumerate(SIGMAS):
            for copy, field in enumerate(fields):
                streams.fill(field, int(dataset.indices[row]), s, copy)
            pixels = np.clip(image + np.float32(sigma) * fields, low, high)
            clipped[row, s] = ((pixels == low) | (pixels == high)).mean()
            found[row, s] = margins(classifier.log_scores(pixels), np.full(copies, dataset.labels[row]))
    clean = margins(classifier.log_scores(images), dataset.labels)
    return {"margins": found, "clipped": clipped, "clean_margin": clean}


def searched(network: Classifier, images: np.ndarray, labels: np.ndarray, scale: float) -> dict[str, np.ndarray]:
    """Return the minimum noise of each image, in grey levels of the original images; NaN if none was found."""
    results = tfstab.search_minimum_noise(network, images, labels, tfstab.SearchConfig("boundary"))
    return {"l2": np.array([scale * r.l2 if r.found else np.nan for r in results])}


def widened(classifier: Classifier) -> Classifier:
    """Return the same network for images of half the contrast around 128, which leaves room for noise."""
    import keras

    images = keras.Input(classifier.input_shape)
    doubled = keras.layers.Rescaling(2.0, offset=-128.0)(images)
    return Classifier(keras.Model(images, classifier.model(doubled)), name=f"{classifier.name}, widened")


if __name__ == "__main__":
    main()
