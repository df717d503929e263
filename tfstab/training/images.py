"""The images of a training, from the recipe or from the user; some may have to be held out for testing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.taken import describe_images
from tfstab.datasets import Dataset, load_dataset, splits_of
from tfstab.datasets.groups import independent
from tfstab.datasets.splits import has_split, training_split_of
from tfstab.errors import DataError, InputError
from tfstab.models.convnets import image_shape
from tfstab.names import printed
from tfstab.runs.atomic import write_atomically
from tfstab.training.material import check_training_images, digests, fitted, relabelled
from tfstab.training.recipes import Recipe

TEST_SHARE = 0.2  # of images that are not divided into training and test images


@dataclass(frozen=True)
class Material:
    """The images of a training.

    Attributes
    ----------
    train, test : Dataset
        Training and test images, whose labels mean the same classes.
    held_out : bool
        Whether the test images were held out of those given for training, because no others were given.
    """

    train: Dataset
    test: Dataset
    held_out: bool

    def summary(self) -> str:
        """Return one line: what the training images are, and how many images there are for testing."""
        testing = "others are held out for testing" if self.held_out else "images for testing"
        return f"{describe_images(self.train)}, for training; {len(self.test):,} {testing}"

    def save_held_out(self, path: Path) -> None:
        """Write the test images if they were held out, unless the file exists."""
        if self.held_out and not path.exists():
            write_atomically(path, partial(save_images, self.test), suffix=".npz")


def training_material(
    recipe: Recipe,
    dataset: Dataset | None = None,
    test: Dataset | None = None,
    data_dir: str | Path | None = None,
    seed: int = 0,
) -> Material:
    """Return the images on which a recipe trains and tests its network, checked and made to fit it.

    Parameters
    ----------
    recipe : Recipe
        The recipe.
    dataset, test : Dataset, optional
        As in `train`.
    data_dir : str or Path, optional
        Folder of the official data sets.
    seed : int
        Seed of the training.

    Returns
    -------
    Material
        The images. Grey ones have three channels if the network takes colour.

    Raises
    ------
    InputError, DataError
        The images cannot be loaded, do not fit the network or fail `check_training_images`.
    """
    of_recipe = dataset is None or dataset.name == recipe.data
    held_out = test is None and not (of_recipe and len(splits_of(recipe.data)) == 2)
    if dataset is None:
        dataset = training_set(recipe, data_dir)
    if held_out:
        dataset, test = hold_out(dataset)
    elif test is None:
        test = load_dataset(recipe.data, "test", data_dir)
    shape, names = image_shape(recipe.model), dataset.class_names
    if len(names) < 2:
        raise InputError(
            f"{printed(dataset.name)} has images of one class, '{printed(names[0])}'; expected two or more, such as a "
            "folder for each."
        )
    train = fitted(dataset, shape, recipe.model)
    test = fitted(relabelled(independent(test), names, "test"), shape, recipe.model)
    check_training_images(shape, names, train, test, validation=recipe.validation, seed=seed)
    return Material(train, test, held_out)


def training_set(recipe: Recipe, data_dir: str | Path | None = None) -> Dataset:
    """Load the training images of a recipe, without those that it excludes.

    Parameters
    ----------
    recipe : Recipe
        The recipe.
    data_dir : str or Path, optional
        Folder of the official data sets.

    Returns
    -------
    Dataset
        The images.

    Raises
    ------
    DataError
        A data set cannot be loaded.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from tfstab.training import RECIPES, training_set
    >>> np.savez("mine.npz", x_train=digits.images, y_train=digits.labels, x_test=digits.images, y_test=digits.labels)
    >>> len(training_set(replace(RECIPES["mnist-lenet"], data="mine.npz", exclude=None)))
    10
    """
    dataset = load_dataset(recipe.data, "train", data_dir)
    return dataset.without(load_dataset(recipe.exclude)) if recipe.exclude else dataset


def load_divided(
    source: str | Path, load: Callable[[str], Dataset], split: str = "test"
) -> tuple[Dataset, Dataset | None]:
    """Load the training images of a source, and its test images if the source is divided.

    Parameters
    ----------
    source : str or Path
        A data set's name, or a folder or file of images.
    load : callable
        load(split) returns the images of a split of this source.
    split : str
        The split that has the test images.

    Returns
    -------
    train : Dataset
        The training images; all images if they are not divided into training and test images.
    test : Dataset or None
        The test images; None if the source is not divided, so that some must be held out.

    Raises
    ------
    InputError, DataError
        What `load` raises, or the source is damaged.

    Examples
    --------
    >>> from tfstab.training.images import hold_out, load_divided
    >>> train, test = load_divided("mnist-5k", lambda split: tfstab.load_dataset("mnist-5k", split))
    >>> test is None
    True
    >>> train, test = hold_out(train)
    >>> len(train), len(test)
    (4000, 1000)
    """
    training, splits = training_split_of(source), splits_of(source)
    if training is not None and has_split(source, split):
        return load(training), load(split)
    return load(training or (splits[0] if splits else "train")), None


def hold_out(dataset: Dataset) -> tuple[Dataset, Dataset]:
    """Hold out a fifth of the images for testing.

    The choice depends on the images alone, so that every training holds out the same ones.

    Parameters
    ----------
    dataset : Dataset
        Images that are not divided into training and test images.

    Returns
    -------
    train, test : Dataset
        Both have every class in proportion. Equal images, and images of one group, stay together.

    Raises
    ------
    DataError
        There are too few images.
    """
    train, test = divide(dataset, TEST_SHARE, "testing")
    train = replace(train, split="train")
    return train, replace(test, split="test", note=f"{dataset.note}, a fifth held out for testing")


def divide(dataset: Dataset, share: float, purpose: str) -> tuple[Dataset, Dataset]:
    """Divide images so that equal ones, or those of one group, are on the same side.

    Parameters
    ----------
    dataset : Dataset
        The images.
    share : float
        Share to hold out, of each class.
    purpose : str
        What for, in an error.

    Returns
    -------
    rest, held_out : Dataset
        The other images, and those held out.

    Raises
    ------
    DataError
        There are too few images.
    """
    whole = dataset if dataset.groups is not None else replace(dataset, groups=_equal_images(dataset))
    rest, held_out = whole.split_off(share)
    if not len(rest):
        raise DataError(
            f"{printed(dataset.name)} has too few different images ({len(dataset):,}) to hold some out for {purpose}: "
            "add images of each class."
        )
    return (rest, held_out) if whole is dataset else (replace(rest, groups=None), replace(held_out, groups=None))


def save_images(dataset: Dataset, path: Path) -> None:
    """Write images, labels and class names, if the classes have some, as an npz file that `load_dataset` reads."""
    arrays: dict[str, Any] = {"images": np.asarray(dataset.images), "labels": dataset.labels}
    np.savez(path, **(arrays if dataset.numbered else arrays | {"class_names": np.array(dataset.class_names)}))


def _equal_images(dataset: Dataset) -> NDArray[np.int64]:
    """Return a number for each image, (N,), which equal images share."""
    numbers: dict[bytes, int] = {}
    same = digests(dataset, dataset.image_shape[2])
    return np.array([numbers.setdefault(digest, len(numbers)) for digest in same], np.int64)
