"""How fast a sweep is, over the bare forward pass and over a loop of `model.predict`.

    python tests/benchmarks/sweep_throughput.py --model mnist-lenet --data mnist-5k --images 100
"""

import argparse
import tempfile
import time

import numpy as np
from skimage.metrics import peak_signal_noise_ratio

import tfstab


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="mnist-lenet")
    parser.add_argument("--data", default="mnist-5k")
    parser.add_argument("--images", type=int, default=100)
    options = parser.parse_args()
    classifier = tfstab.load_classifier(options.model)
    dataset = tfstab.load_dataset(options.data).take(options.images)
    config = tfstab.SweepConfig()

    batch = np.repeat(dataset.images, 50, axis=0)[: 20 * classifier.batch_size].astype(np.float32)
    classifier.scores(batch[:300])
    started = time.perf_counter()
    classifier.scores(batch)
    forward = len(batch) / (time.perf_counter() - started)

    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        tfstab.run_sweep(classifier, dataset, config, folder + "/run")
        sweep = len(dataset) * config.rows_per_image / (time.perf_counter() - started)

    rng, scored, started = np.random.default_rng(0), 0, time.perf_counter()
    while time.perf_counter() - started < 10:
        clean = dataset.images[scored // 150 % len(dataset)].astype(np.float32)
        noisy = np.clip(clean + rng.normal(0, 20, (150, *clean.shape)), 0, 255).astype(np.float32)
        classifier.model.predict(noisy, verbose=0)
        for image in noisy:
            peak_signal_noise_ratio(clean, image, data_range=255)
        scored += 150
    loop = scored / (time.perf_counter() - started)
    print(f"forward pass {forward:,.0f} images/s; sweep {sweep:,.0f}, {sweep / forward:.2f} of it; ")
    print(f"model.predict, 150 at a time, with scikit-image: {loop:,.0f}; the sweep does {sweep / loop:.1f} x that")


if __name__ == "__main__":
    main()
