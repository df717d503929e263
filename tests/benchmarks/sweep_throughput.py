"""How fast a sweep is, over the bare forward pass at the model's best batch and over a loop of `model.predict`.

    python tests/benchmarks/sweep_throughput.py --model mnist-lenet --data mnist-5k --images 250 --rounds 3
    python tests/benchmarks/sweep_throughput.py --model cifar10-quick --data cifar10 --images 50 --rounds 3
    python tests/benchmarks/sweep_throughput.py --model gtsrb-aghdam --data gtsrb --images 25 --rounds 1

The three take turns, and medians are compared, as other work on the machine slows them all. Processor time is given
too, as it hardly depends on other work: what a sweep takes more is the noise, its PSNR and the files.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from statistics import median

import numpy as np
from skimage.metrics import peak_signal_noise_ratio

import tfstab

BATCHES = (64, 128, 256, 512, 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="mnist-lenet")
    parser.add_argument("--data", default="mnist-5k")
    parser.add_argument("--images", type=int, default=250)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4, help="for each measurement but the sweeps")
    options = parser.parse_args()
    classifier = tfstab.load_classifier(options.model)
    dataset = whole_parts(tfstab.load_dataset(options.data), options.images)
    best = classifier.with_batch_size(best_batch(classifier, dataset))
    forward: list[float] = []
    sweeps: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(options.rounds):
        forward.append(measured("forward pass", lambda: forward_pass(best, dataset, options.seconds)))
        for common, speeds in sweeps.items():
            name = "sweep, common noise" if common else "sweep"
            speeds.append(measured(name, lambda common=common: sweep(classifier, dataset, common)))
    loop = measured("model.predict and scikit-image", lambda: predict_loop(classifier, dataset, options.seconds))
    bare = median(forward)
    print(f"\nforward pass, batches of {best.batch_size}: {bare:,.0f} images/s")
    for common, speeds in sweeps.items():
        speed, name = median(speeds), "common" if common else "independent"
        print(f"sweep, {name} noise: {speed:,.0f}, {speed / bare:.2f} of that, {speed / loop:.1f} x the loop")
    print(f"loop of model.predict, 150 at a time, with scikit-image: {loop:,.0f}")
    print(f"most memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


def whole_parts(dataset: tfstab.Dataset, count: int) -> tfstab.Dataset:
    """So many images, 25 of a class: a part of a sweep, as nearly all are at paper scale."""
    rows = [np.flatnonzero(dataset.labels == k)[:25] for k in np.unique(dataset.labels)]
    return dataset.select(np.sort(np.concatenate(rows)[:count]))


def measured(name: str, work: Callable[[], int]) -> float:
    """Images a second of `work`, which gives how many images it has scored; prints that and the processor time."""
    started, used = time.perf_counter(), time.process_time()
    count = work()
    seconds, used = time.perf_counter() - started, time.process_time() - used
    print(f"{name:32s} {count / seconds:9,.0f} images/s, {used / count * 1e6:8,.1f} µs of a core each", flush=True)
    return count / seconds


def best_batch(classifier: tfstab.Classifier, dataset: tfstab.Dataset) -> int:
    """The batch size of the fastest forward pass; each one's best of three short tries."""
    ways = {size: classifier.with_batch_size(size) for size in BATCHES}
    seconds = dict.fromkeys(BATCHES, np.inf)
    for _ in range(4):  # the first compiles
        for size, way in ways.items():
            started = time.perf_counter()
            count = forward_pass(way, dataset, 0.3)
            seconds[size] = min(seconds[size], (time.perf_counter() - started) / count)
    return min(seconds, key=seconds.__getitem__)


def forward_pass(classifier: tfstab.Classifier, dataset: tfstab.Dataset, seconds: float) -> int:
    """Score the same batches of images for some seconds."""
    images = np.resize(dataset.images, (1024, *dataset.images.shape[1:])).astype(np.float32)
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        classifier.scores(images)
        count += len(images)
    return count


def sweep(classifier: tfstab.Classifier, dataset: tfstab.Dataset, common_noise: bool) -> int:
    """A whole sweep, from the clean scores to the last part on the disk."""
    config = tfstab.SweepConfig(common_noise=common_noise)
    with tempfile.TemporaryDirectory() as folder:
        tfstab.run_sweep(classifier, dataset, config, folder + "/run")
    return len(dataset) * config.rows_per_image


def predict_loop(classifier: tfstab.Classifier, dataset: tfstab.Dataset, seconds: float) -> int:
    """What one would write without tfstab."""
    rng, scored, started = np.random.default_rng(0), 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        clean = dataset.images[scored // 150 % len(dataset)].astype(np.float32)
        noisy = np.clip(clean + rng.normal(0, 20, (150, *clean.shape)), 0, 255).astype(np.float32)
        classifier.model.predict(noisy, verbose=0)
        for image in noisy:
            peak_signal_noise_ratio(clean, image, data_range=255)
        scored += 150
    return scored


if __name__ == "__main__":
    main()
