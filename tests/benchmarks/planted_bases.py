"""The untouched networks that causes are planted in, and the images that they are planted and explained with."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfstab import Dataset, load_classifier, load_dataset
from tfstab.classifier.logits import member_models

# Explained: few, so that a hundred networks take minutes. CIFAR-10's classes differ more, and GTSRB's network is slow.
IMAGES = {"mnist-lenet": 120, "cifar10-quick": 240, "gtsrb-aghdam": 60, "small": 120}
FIT = 3500  # images of the test set that the last layer of a bundled network is trained with, and small networks
BENCH = 480  # images that a plant's strength is chosen with; none of those explained
# What a small network that is trained here must reach, over all and in each class: untouched, it has no cause.
ACCURATE, ACCURATE_CLASS = 0.9, 0.8
GTSRB_CLASSES = 6  # of 43, so that each class has a few images


@dataclass(frozen=True, eq=False)
class Base:
    """An untouched network.

    Attributes
    ----------
    name : str
        "mnist-lenet", "cifar10-quick member 2", "conv seed 1".
    family : str
        Its architecture: a bundled one, or "small".
    model : keras.Model
        The network.
    explained, bench, fit : Dataset
        Images to explain, to choose strengths with, and to train with.
    """

    name: str
    family: str
    model: Any
    explained: Dataset
    bench: Dataset
    fit: Dataset


def names_of_bases() -> dict[str, list[str]]:
    """Return the names of all bases, by architecture."""
    found = {
        "mnist-lenet": ["mnist-lenet", "mnist-lenet-augmented", "mnist-lenet-hardened"],
        "cifar10-quick": ["cifar10-quick", "cifar10-quick-augmented", "cifar10-quick-hardened"],
        "gtsrb-aghdam": ["gtsrb-aghdam", "gtsrb-aghdam-augmented"],
    }
    for name in tuple(found):
        # The first member is the bundled network itself, except of GTSRB.
        members = (1, 2, 3, 4, 5) if name == "gtsrb-aghdam" else (2, 3, 4, 5)
        found[name] += [f"{name}-ensemble member {k}" for k in members]
    found["small"] = [f"{shape} seed {seed}" for seed in range(6) for shape in SHAPES]
    return found


def base_of(name: str, folder: Path) -> Base:
    """Load or train a base; what is trained is kept in a folder."""
    for family, names in names_of_bases().items():
        if name in names:
            return _small(name, folder) if family == "small" else _bundled(name, family)
    raise ValueError(f"there is no base {name}")


def _bundled(name: str, family: str) -> Base:
    """Return a bundled network, or a member of a bundled ensemble."""
    whole, _, member = name.partition(" member ")
    model = load_classifier(whole).model
    if member:
        model = member_models(model)[int(member) - 1]
    return Base(name, family, model, *_split(family))


@functools.cache
def _split(family: str) -> tuple[Dataset, Dataset, Dataset]:
    """Return images that no base was trained on: to explain, to choose strengths with; and images to train with."""
    names = {"mnist-lenet": "mnist-5k", "cifar10-quick": "cifar10", "gtsrb-aghdam": "gtsrb", "small": "mnist-5k"}
    data = load_dataset(names[family])
    fit = data.take(FIT, seed=2)
    rest = data.without(fit)
    if family == "gtsrb-aghdam":
        counts = np.bincount(rest.labels, minlength=43)
        classes = np.random.default_rng(1).choice(np.flatnonzero(counts >= 60), GTSRB_CLASSES, replace=False)
        rest = rest.select(np.flatnonzero(np.isin(rest.labels, classes)))
    chosen = rest.take(IMAGES[family])
    return chosen, rest.without(chosen).take(BENCH // 2 if family == "gtsrb-aghdam" else BENCH, seed=1), fit


def explained(family: str) -> Dataset:
    """Return the images that the networks of an architecture are explained with."""
    return _split(family)[0]


def _small(name: str, folder: Path) -> Base:
    """Train a small network on digits, or load it."""
    import keras

    shape, seed = name.split(" seed ")
    chosen, bench, fit = _split("small")
    path = folder / f"{name}.keras"
    if path.exists():
        model = keras.models.load_model(path, compile=False)
    else:
        keras.utils.set_random_seed(int(seed) + 1)
        model = SHAPES[shape]()
        train(model, fit.images, fit.labels, epochs=15 if shape == "dense" else 5)
        folder.mkdir(parents=True, exist_ok=True)
        model.save(path)
    right = model.predict(bench.images.astype(np.float32), verbose=0).argmax(axis=1) == bench.labels
    worst = min(right[bench.labels == c].mean() for c in range(10))
    if right.mean() < ACCURATE or worst < ACCURATE_CLASS:
        raise ValueError(f"{name} is right on {right.mean():.0%} of the digits, {worst:.0%} of its weakest class")
    return Base(name, "small", model, chosen, bench, fit)


def train(model: Any, images: np.ndarray, labels: np.ndarray, epochs: int) -> None:
    """Train a network that returns scores."""
    import keras

    model.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy")
    model.fit(images.astype(np.float32), labels, batch_size=64, epochs=epochs, verbose=0)


def _sequential(*layers: Any) -> Any:
    """Return a network for digits, which normalises grey levels itself."""
    import keras

    return keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Rescaling(1 / 128, offset=-1), *layers])


def _dense() -> Any:
    from keras import layers

    return _sequential(
        layers.Flatten(),
        layers.Dense(128, "relu"),
        layers.Dense(64, "relu"),
        layers.Dense(32, "relu"),
        layers.Dense(10, "softmax"),
    )


def _conv() -> Any:
    from keras import layers

    return _sequential(
        layers.Conv2D(12, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(24, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(64, "relu"),
        layers.Dense(10, "softmax"),
    )


def _normalised() -> Any:
    from keras import layers

    return _sequential(
        layers.Conv2D(12, 5, use_bias=False),
        layers.BatchNormalization(momentum=0.9),
        layers.ReLU(),
        layers.MaxPooling2D(2),
        layers.Conv2D(24, 3, use_bias=False),
        layers.BatchNormalization(momentum=0.9),
        layers.ReLU(),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(48, "relu"),
        layers.Dense(10, "softmax"),
    )


def _leaky() -> Any:
    from keras import layers

    return _sequential(
        layers.Conv2D(16, 5, activation="leaky_relu"),
        layers.AveragePooling2D(2),
        layers.Conv2D(32, 3, activation="leaky_relu"),
        layers.AveragePooling2D(2),
        layers.Flatten(),
        layers.Dense(64, "leaky_relu"),
        layers.Dense(10, "softmax"),
    )


def _strided() -> Any:
    from keras import layers

    return _sequential(
        layers.Conv2D(16, 5, strides=2, activation="relu"),
        layers.Conv2D(32, 3, strides=2, activation="relu"),
        layers.Flatten(),
        layers.Dense(64, "relu"),
        layers.Dense(10),
        layers.Softmax(),
    )


def _residual() -> Any:
    import keras
    from keras import layers

    inputs = keras.Input((28, 28, 1))
    stem = layers.Conv2D(16, 5, strides=2, activation="relu")(layers.Rescaling(1 / 128, offset=-1)(inputs))
    for _ in range(2):
        inner = layers.Conv2D(16, 3, padding="same", activation="relu")(stem)
        stem = layers.ReLU()(layers.Add()([stem, layers.Conv2D(16, 3, padding="same")(inner)]))
    flat = layers.Flatten()(layers.MaxPooling2D(2)(stem))
    return keras.Model(inputs, layers.Dense(10, "softmax")(flat))


SHAPES = {
    "dense": _dense,
    "conv": _conv,
    "normalised": _normalised,
    "leaky": _leaky,
    "strided": _strided,
    "residual": _residual,
}
