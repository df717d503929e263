"""Images as the options of a run choose them."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfstab.datasets import NAMED, Dataset, arrays, folders, load_dataset
from tfstab.datasets.groups import independent, together_remark
from tfstab.datasets.images import SUFFIXES
from tfstab.datasets.prepared import FEATURES
from tfstab.datasets.registry import FILES, FOLDER, unknown_data, with_prefix
from tfstab.datasets.remarks import remarked
from tfstab.datasets.resize import Resize, parse_resize
from tfstab.datasets.splits import check_there
from tfstab.datasets.tables import without_column
from tfstab.errors import DataError, InputError
from tfstab.orders.unlabelled import unlabelled_images
from tfstab.paths import check_path, user_path

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

IMAGES = "images:"  # before the path of an image, or of a folder of images, without classes


@dataclass(frozen=True)
class ImageOptions:
    """Which images a run takes; of images with groups, one of each group, unless `images` chooses some.

    Parameters
    ----------
    data : str, optional
        A data set's name, a folder (as "PATH" or "folder:PATH"), a file of arrays, a table, or "images:PATH" for images
        without classes.
    split : str
        A split of the data, such as "test", "train" or, of a folder, "val".
    data_dir : Path, optional
        Folder of the official files; by default that of `load_dataset`.
    limit : int, optional
        Size of a stratified sample; by default all images.
    images : str, optional
        Span "A:B" of indices in the full split, or one index.
    resize : str, optional
        "crop" or "stretch" to the model's size, or to a given one as in "crop:224" or "stretch:320x240"; perhaps with a
        filter, as in "stretch:bilinear" or "crop:224:bilinear" (see `load_dataset`).
    damaged : str
        Treatment of image files that cannot be read: "fail" or "skip".

    Examples
    --------
    >>> from tfstab.orders import ImageOptions
    >>> ImageOptions("mnist-5k", images="10:13").load(lambda: classifier).indices.tolist()
    [10, 11, 12]
    """

    data: str | None = None
    split: str = "test"
    data_dir: Path | None = None
    limit: int | None = None
    images: str | None = None
    resize: str | None = None
    damaged: str = "fail"

    @property
    def path(self) -> Path:
        """The file or folder that `data` names, if it is not the name of a data set."""
        return path_of(self.data or "")

    @property
    def without_classes(self) -> bool:
        """Whether these are images without classes: a file, or a folder that is named with the prefix for them."""
        return self.data is not None and self._given().startswith(IMAGES)

    def check(self) -> None:
        """Check that the data exist, without reading them.

        Raises
        ------
        InputError, DataError
            `data` is missing, or is neither a known name nor an existing file or folder.
        """
        path = self.path
        check_path(path)
        data = self._given()
        if data.startswith(FOLDER) and not path.is_dir():
            raise DataError(f"{path} is not a folder: give a folder that holds one folder of images a class.")
        if data.startswith(IMAGES) and not path.exists():
            raise DataError(f"{path} is not there: choose an image, or a folder of images.")
        if path.suffix in FILES and not path.exists():
            raise DataError(
                f"{path} is not a file: give arrays (npz, npy) with images and labels, or a CSV table of them."
            )
        if data not in NAMED and not path.exists():
            raise unknown_data(data)

    def load(self, classifier: "Callable[[], Classifier]") -> Dataset:
        """Read the images that are measured.

        Parameters
        ----------
        classifier : callable
            Returns the model; called only if the images depend on it, through its input size or its predictions.

        Raises
        ------
        InputError, DataError
            What `load_dataset` raises, or `images` is not a span.
        """
        return self.chosen(self.load_all(classifier))

    def load_all(self, classifier: "Callable[[], Classifier]") -> Dataset:
        """Read all images of the split, as for training; parameters and errors are those of `load`."""
        data = self._given()
        if data.startswith(IMAGES):
            way, size, chosen = parse_resize(self.resize or "stretch")
            form = Resize(size or _size_of(classifier()), way, chosen)
            return unlabelled_images(classifier(), self.path, data, form)
        size = _wanted_size(self.resize, classifier)
        try:
            return load_dataset(data, self.split, self.data_dir, size=size, resize=self.resize, damaged=self.damaged)
        except (DataError, InputError):
            check_there(data, self.split)  # which names the splits to choose from
            raise

    def chosen(self, dataset: Dataset) -> Dataset:
        """Return the images of a split that are measured; raises InputError if `images` is no span."""
        if self.images is None:
            dataset = independent(dataset)
        else:  # all of these are wanted, whatever their groups
            dataset = dataset.between(*_span(self.images))
            dataset = remarked(dataset, together_remark(dataset))
        return dataset.take(self.limit) if self.limit is not None else dataset

    def count(self) -> int | None:
        """Return the number of images without reading them, or None if that is impossible; `images` is ignored."""
        there = count_images(self._given(), self.split)
        return there if self.limit is None else min(self.limit, there or self.limit)

    @property
    def first(self) -> int:
        """The first index in the full split that `images` asks for; raises InputError if it is not a span."""
        return 0 if self.images is None else _span(self.images)[0]

    def _given(self) -> str:
        if self.data is None:
            raise InputError("which images? give the name of a data set, a folder or a file (see `tfstab datasets`).")
        return _with_prefix(self.data)


def load_object(source: Any, split: str, resize: str | None, classifier: "Callable[[], Classifier]") -> Dataset:
    """Return images that are given as an object, not by name or path.

    Parameters
    ----------
    source : Dataset, tf.data.Dataset or (images, labels)
        A Dataset is returned as it is; others are read as `load_dataset` does.
    split, resize
        As in `ImageOptions`.
    classifier : callable
        Returns the model; called only for the size to which images are resized.
    """
    if isinstance(source, Dataset):
        return source
    return load_dataset(source, split, size=_wanted_size(resize, classifier), resize=resize)


def path_of(data: str) -> Path:
    """Return the path in "folder:PATH", "images:PATH" or "PATH"."""
    return user_path(without_column(without_prefix(data))[0])


def without_prefix(data: str) -> str:
    """Return the PATH in "folder:PATH", "images:PATH" or "PATH" as it is written."""
    return data.removeprefix(FOLDER).removeprefix(IMAGES)


def count_images(data: str, split: str = "test") -> int | None:
    """Return the number of images of a data set without reading them; of a table with groups, the number of groups.

    Parameters
    ----------
    data, split : str
        As in `ImageOptions`.

    Returns
    -------
    int or None
        None if the images would have to be read, or are not there.

    Raises
    ------
    DataError
        The file that holds the number is damaged.

    Examples
    --------
    >>> from tfstab.orders import count_images
    >>> count_images("cifar10")
    10000
    """
    if data in NAMED:
        return NAMED[data].sizes.get(split)
    path, data = path_of(data), _with_prefix(data)
    if not path.exists():
        return None
    if data.startswith(IMAGES):
        return 1 if path.is_file() else sum(file.suffix.lower() in SUFFIXES for file in path.iterdir())
    return _count_labelled(path, split, without_column(data)[1])


def size_taken(model: str, shape: Sequence[int | None]) -> tuple[int, int]:
    """Return (height, width) of the images that a model takes; raise InputError if it takes any size."""
    height, width = shape[:2]
    if not (height and width):
        raise InputError(f"{model} takes images of any size: give one, such as --resize crop:224.")
    return height, width


def _size_of(classifier: "Classifier") -> tuple[int, int]:
    """Return (height, width) of the model's images."""
    return size_taken(classifier.name, classifier.input_shape)


def _wanted_size(resize: str | None, classifier: "Callable[[], Classifier]") -> tuple[int, int] | None:
    """Return the size to which images are resized if `resize` does not give it: that of the model's images."""
    return _size_of(classifier()) if resize is not None and parse_resize(resize)[1] is None else None


def _with_prefix(data: str) -> str:
    """Return "folder:PATH" for the path of a folder and "images:PATH" for that of an image; all others as they are."""
    data = with_prefix(data)
    if data.startswith((FOLDER, IMAGES)):
        return data
    path = path_of(data)
    return f"{IMAGES}{data}" if path.suffix.lower() in SUFFIXES and path.is_file() else data


def _count_labelled(path: Path, split: str, column: str | None) -> int | None:
    """Return the number of labels in an existing file or folder. column: of a table's labels, if it was named."""
    if path.suffix == ".npz":
        labels = next((key for key in (f"y_{split}", "labels") if key in arrays.npz_keys(path)), None)
        return len(arrays.open_npz(path, [labels])[0]) if labels else None
    if path.suffix == ".csv":
        return _independent(folders.list_table(path, split, labels=column))
    pair = path if path.suffix == ".npy" else arrays.find_pair(path / split, split) or arrays.find_pair(path, split)
    if pair is not None:
        return len(arrays.open_npy(arrays.labels_of(pair)))
    return None if (path / FEATURES).exists() else _independent(folders.list_folder(path, split))


def _independent(listing: folders.Listing) -> int:
    """Return the number of groups of listed images, or of images if they have no groups."""
    return len(listing.files) if listing.groups is None else len(np.unique(listing.groups))


def _span(text: str) -> tuple[int, int]:
    """Return the first index of "A:B" and the one after the last."""
    first, colon, last = text.partition(":")
    try:
        start = int(first or 0)
        stop = int(last) if last else (sys.maxsize if colon else start + 1)
    except ValueError:
        raise InputError(f"--images is '{text}'; expected A:B, such as 0:100, or one number.") from None
    if not 0 <= start < stop:
        raise InputError(f"--images is '{text}'; expected 0 <= A < B.")
    return start, stop
