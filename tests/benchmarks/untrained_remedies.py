"""What remedies without training gain: the table in the guide (measurements/remedies-measured.md).

    python tests/benchmarks/untrained_remedies.py NETWORK.keras [--minutes 4]

A small BatchNorm network is trained on clean CIFAR-10 for some minutes of processor time, unless NETWORK.keras exists.
It is then treated as if it could not be trained, and so is the bundled network, which has no BatchNorm layers. The best
remedy is chosen on 1,000 training photographs that the BatchNorm network was not trained on, and then measured on 2,000
test photographs.
"""

import argparse
import time
from pathlib import Path

import keras
import numpy as np

import tfstab
from tfstab.classifier import Classifier
from tfstab.datasets import Dataset
from tfstab.degradations import augment
from tfstab.metrics.paired import Difference, mean_difference
from tfstab.training.remedies.degrader import Degrader
from tfstab.training.remedies.untrained import without_training

AGAINST = {
    "all families": None,
    "contrast, fog, brightness": ["contrast", "fog", "brightness"],
    "Gaussian noise": ["gaussian_noise"],
}
BATCH, TEST_SEED = 128, 10_000
KEEP_CLEAN = 1.0  # points of clean accuracy that may be lost


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", type=Path)
    parser.add_argument("--minutes", type=float, default=4)
    options = parser.parse_args()
    fitting, held_out = tfstab.load_dataset("cifar10", "train").split_off(0.04)
    test = tfstab.load_dataset("cifar10").take(2000)
    if not options.network.exists():
        train(fitting, options.minutes).save(options.network)
    own = tfstab.load_classifier(options.network)
    few, validation = fitting.take(2048), held_out.take(1000)
    for title, families in AGAINST.items():
        show(own, title, families, few, validation, test)
    show(tfstab.load_classifier("cifar10-quick"), *next(iter(AGAINST.items())), few, validation, test)


def train(data: Dataset, minutes: float) -> keras.Model:
    """Train a network with five BatchNorm layers, and flips and shifts, for some minutes of processor time."""
    keras.utils.set_random_seed(0)
    layers = [
        keras.layers.Input((32, 32, 3)),
        keras.layers.RandomFlip("horizontal"),
        keras.layers.RandomTranslation(0.1, 0.1),
        keras.layers.Rescaling(1 / 127.5, -1),
    ]
    for width, stride in ((32, 1), (64, 2), (64, 1), (128, 2), (128, 1)):
        layers += [
            keras.layers.Conv2D(width, 3, strides=stride, padding="same", use_bias=False),
            keras.layers.BatchNormalization(momentum=0.95),
            keras.layers.ReLU(),
        ]
    model = keras.Sequential(
        [*layers, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10, activation="softmax")]
    )
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy")
    end, epoch = time.process_time() + 60 * minutes, 0
    while time.process_time() < end:  # a tenth of the images at a time
        part = data.take(len(data) // 10, seed=epoch)
        model.optimizer.learning_rate = 3e-3 * max(0.02, (end - time.process_time()) / (60 * minutes))
        model.fit(part.images.astype(np.float32), part.labels, batch_size=BATCH, verbose=0)
        epoch += 1
    print(f"trained on {epoch / 10:.1f} times the {len(data):,} photographs", flush=True)
    return model


def show(
    classifier: Classifier,
    title: str,
    families: list[str] | None,
    fitting: Dataset,
    validation: Dataset,
    test: Dataset,
) -> None:
    mixture = augment(families)
    hardened, card = without_training(classifier, fitting, validation, mixture, KEEP_CLEAN, seed=0)
    degrader = Degrader(mixture, BATCH, test.image_shape)
    starts = range(0, len(test), BATCH)
    degraded = np.concatenate([degrader(test.images[start : start + BATCH], TEST_SEED, start) for start in starts])
    clean = compared(classifier, hardened, test.images, test.labels)
    harmed = compared(classifier, hardened, degraded, test.labels)
    print(f"\n{classifier.name}, against {title}: {card['summary']}")
    for row in card["compared"]:
        low, high = row["interval_95"]
        gain = f"{row['gain_points']:+.1f} ({low:+.1f} to {high:+.1f})"
        print(f"| {row['about']} | {100 * row['clean']:.1f} | {gain} | {row['inference_cost']} |")
    gain = f"{100 * harmed.value:+.1f} ({100 * harmed.low:+.1f} to {100 * harmed.high:+.1f})"
    print(f"on test images: clean {in_words(clean)}, degraded {in_words(harmed)}, {gain}", flush=True)


def compared(before: Classifier, after: Classifier, images: np.ndarray, labels: np.ndarray) -> Difference:
    first, second = (classifier.scores(images).argmax(axis=1) == labels for classifier in (before, after))
    return mean_difference(first, second)


def in_words(difference: Difference) -> str:
    return f"{100 * difference.first:.1f} -> {100 * difference.second:.1f}"


if __name__ == "__main__":
    main()
