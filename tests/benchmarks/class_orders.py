"""How often classes in a wrong order are noticed, and how often the right order is called wrong.

    python tests/benchmarks/class_orders.py --data-dir FOLDER [--seed 0]

FOLDER holds mnist.npz and cifar-10-python.tar.gz. Small networks, some of which are often wrong, are trained on 300 to
10,000 images; one more per data set learns random labels. Of each, the outputs are put into four kinds of orders: the
right one, one in which two classes are exchanged, one in which three take each other's place, and one at random. Each
order is checked with 100 samples of 300 images and of 2,000, as `check_inputs` does. It prints how often the
check would stop, how often it would only print a note, and how often the order that it proposes is the right one.
Takes 4 minutes on two cores.
"""

import argparse
from collections import Counter

import keras
import numpy as np

from tfstab.classifier.class_check import exchanged_outputs, far_better_outputs
from tfstab.datasets import Dataset, load_dataset

SIZES, SAMPLES, CLASSES = (300, 2000), 100, 10
TRAINED = ((300, 10), (1000, 6), (3000, 2), (10000, 1), (10000, 6))  # images and epochs
SETS = {"mnist": 9000, "cifar10": 10000}  # and images to test with
KINDS = ("right", "two exchanged", "three in a ring", "at random")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    keras.utils.set_random_seed(options.seed)
    print(f"{'network':<34}{'accuracy':>9}  {'images':>6}  " + "".join(f"{kind:>27}" for kind in KINDS))
    print(" " * 51 + "".join(f"{'stop / note / rightly named':>27}" for _ in KINDS))
    for name, images in SETS.items():
        train = load_dataset(name, "train", options.data_dir).take(max(count for count, _ in TRAINED))
        test = load_dataset(name, "test", options.data_dir).take(images)
        for count, epochs in (*TRAINED, (1000, 0)):
            scores = _scores(train.take(count), test, epochs, rng)
            title = f"{name}, {count:,} images, {epochs} epochs" if epochs else f"{name}, random labels"
            _tell(title, scores, np.asarray(test.labels), rng)


def _scores(train: Dataset, test: Dataset, epochs: int, rng: np.random.Generator) -> np.ndarray:
    """Return the scores of the test images by a network trained so many epochs, or on random labels for 0."""
    labels = train.labels if epochs else rng.permutation(train.labels)
    network = keras.Sequential(
        [
            keras.Input(train.image_shape),
            keras.layers.Rescaling(1 / 255),
            *(keras.layers.Conv2D(width, 3, strides=2, activation="relu") for width in (16, 32)),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    network.compile("adam", "sparse_categorical_crossentropy")
    network.fit(np.asarray(train.images), labels, epochs=epochs or 10, verbose=0)
    return np.asarray(network.predict(np.asarray(test.images), batch_size=256, verbose=0))


def _tell(title: str, scores: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> None:
    """Print what the check finds in orders of the outputs."""
    accuracy = float((scores.argmax(1) == labels).mean())
    for size in SIZES:
        columns = []
        for kind in KINDS:
            found: Counter[str] = Counter()
            for _ in range(SAMPLES):
                rows, order = rng.choice(len(labels), size, replace=False), _order(kind, rng)
                found.update(_checked(scores[rows][:, order], labels[rows], order))
            columns.append(f"{found['stop']:>11} / {found['note']:>3} / {found['right']:>3}")
        print(f"{title:<34}{accuracy:>9.1%}  {size:>6}  " + "".join(f"{column:>27}" for column in columns), flush=True)


def _order(kind: str, rng: np.random.Generator) -> np.ndarray:
    """Return an order (K,) of the outputs."""
    if kind == "at random":
        return rng.permutation(CLASSES)
    order, some = np.arange(CLASSES), rng.permutation(CLASSES)[: {"right": 1, "two exchanged": 2}.get(kind, 3)]
    order[some] = order[np.roll(some, 1)]
    return order


def _checked(scores: np.ndarray, labels: np.ndarray, order: np.ndarray) -> list[str]:
    """Return what the check does, and "right" if the order that it names undoes the one that was made."""
    used = scores.argmax(1) == labels
    outputs, certain = far_better_outputs(scores, labels, used), True
    if outputs is None:
        outputs, certain = exchanged_outputs(scores, labels, used) or (None, False)
    if outputs is None:
        return []
    return ["stop" if certain else "note", *(["right"] if (order[outputs] == np.arange(CLASSES)).all() else [])]


if __name__ == "__main__":
    main()
