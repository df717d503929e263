"""`Dataset`, the type of all data sets."""

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tfstab import limits
from tfstab.checks import checked_seed, list_of, of_type, share_between, whole_number
from tfstab.datasets.checked_arrays import as_labels, as_uint8, checked_class_names
from tfstab.datasets.file_names import file_names
from tfstab.datasets.groups import Groups, as_groups, drawn_remark, drawn_rows, few_groups_advice, mixed_groups
from tfstab.datasets.lazy import pick
from tfstab.datasets.remarks import remarked
from tfstab.errors import DataError, InputError
from tfstab.names import all_quoted, quoted
from tfstab.warning import warn
from tfstab.wording import as_given, counted, listed

ROUNDED = "fractions rounded to whole grey levels"  # in the note on images
AS_PREDICTED = "classes as predicted"  # in the remarks on images that came without classes
BY_DEFINITION = "by definition, as the images have no classes"  # said of their clean accuracy
FEW_CLASSES = 50  # of which any sample that is worth measuring has all


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled images.

    Attributes
    ----------
    name, split : str
        Name of the data set, and "train" or "test".
    images : ndarray
        Images (N, H, W, C), uint8, grey levels 0..255. Images that do not fit into memory are mapped from a file, or
        decoded when their pixels are first needed.
    labels : ndarray
        Classes (N,), int64, 0-based.
    class_names : tuple of str
        Name of each class.
    indices : ndarray
        Position of each image in the full split, (N,), int64; `take` and `select` keep it.
    groups : ndarray or None
        Group of each image, (N,), int64 or str. Images of a group belong together, such as the frames of one video:
        they are not divided between training and validation, and commands measure one image of each group.
    note : str
        Where the images come from, in words.
    names : ndarray or None
        File name of each image, (N,), str, relative to the folder or table; `take` and `select` keep it.
    remarks : str
        The end of the note: what tfstab says of how the images were read, drawn or labelled.
    numbered : bool
        Whether the classes have no names of their own, as in a pair of arrays. Label k then stands for output k of any
        model, whatever the output is called; `class_names` are "0", "1" and so on, or those of the model.
    sampled_from : int or None
        Number of images from which `take` drew these; None if they were not drawn.

    Examples
    --------
    >>> images = np.zeros((4, 8, 8, 3), np.uint8)
    >>> photos = tfstab.Dataset.from_arrays("photos", "test", images, [0, 1, 1, 0], ("cat", "dog"))
    >>> photos
    Dataset('photos', 'test', images=(4, 8, 8, 3), classes=2)
    >>> photos.select(np.flatnonzero(photos.labels == 1)).indices.tolist()
    [1, 2]
    """

    name: str
    split: str
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    indices: NDArray[np.int64]
    groups: Groups | None = None
    note: str = ""
    names: NDArray[np.str_] | None = None
    remarks: str = ""
    numbered: bool = False
    sampled_from: int | None = None

    @classmethod
    def from_arrays(
        cls,
        name: str,
        split: str,
        images: np.ndarray,
        labels: np.ndarray,
        class_names: Sequence[str] = (),
        groups: Sequence[object] | np.ndarray | None = None,
        note: str = "",
        names: Sequence[str] | None = None,
    ) -> "Dataset":
        """Check arrays and make a data set of them.

        Parameters
        ----------
        name, split : str
            Name of the data set, and of the split.
        images : ndarray
            Images (N, H, W), (N, H, W, 1) or (N, H, W, 3): uint8, or numbers 0..255 of another type. Fractions, which
            resizing leaves, are rounded, and the data set's `note` says so.
        labels : ndarray
            Classes (N,) or (N, 1), whole numbers from 0.
        class_names : sequence of str, optional
            Name of each class; a model's outputs with these names stand for them. By default, label k stands for output
            k of a model, whatever the output is called.
        groups : ndarray or sequence, optional
            Group of each image, (N,), whole numbers or texts, such as the name of its video.
        note : str, optional
            Where the images come from.
        names : sequence of str, optional
            File name of each image, which reports show; by default images are called by their index.

        Returns
        -------
        Dataset
            The checked arrays, as uint8 and int64.

        Raises
        ------
        DataError
            Images, labels or groups have another shape, type or range, there is not a file name for each image, or the
            name of a class or group is too long.
        """
        images, rounded = as_uint8(images, name)
        note = ", ".join(filter(None, [note, ROUNDED if rounded else ""]))
        labels = as_labels(labels, len(images), name)
        class_names = tuple(map(str, list_of("class_names", class_names, object, "['cat', 'dog']")))
        numbered = not class_names
        if numbered:
            if labels.max() >= limits.MOST_CLASSES:
                raise DataError(f"{name}: label {labels.max()} is not a class index; expected 0, 1, 2, ...")
            class_names = tuple(str(k) for k in range(int(labels.max()) + 1))
        class_names = checked_class_names(class_names, name)
        if labels.max() >= len(class_names):
            from_one = labels.min() == 1 and labels.max() == len(class_names)
            advice = ": if yours begin at 1, subtract 1 from them" if from_one else ""
            raise DataError(
                f"{name}: label {labels.max()} is out of range for {counted(len(class_names), 'class', 'classes')}; "
                f"labels run from 0 to {len(class_names) - 1}{advice}."
            )
        belonging = None if groups is None else as_groups(groups, len(images), name)
        files = None if names is None else file_names(names)
        if files is not None and files.shape != (len(images),):
            raise DataError(f"{name}: {counted(len(images))} but {len(files)} file names; expected one for each image.")
        indices = np.arange(len(images), dtype=np.int64)
        return cls(name, split, images, labels, class_names, indices, belonging, note, files, numbered=numbered)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.images)

    def __repr__(self) -> str:
        """Return name, split, shape and number of classes."""
        return f"Dataset({self.name!r}, {self.split!r}, images={self.images.shape}, classes={self.num_classes})"

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of an image."""
        height, width, channels = self.images.shape[1:]
        return int(height), int(width), int(channels)

    def name_of(self, row: int) -> str:
        """Return the file name of the image in this row, or "image 17" for the image with index 17."""
        return (str(self.names[row]) if self.names is not None else "") or f"image {self.indices[row]}"

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the decoded images, labels and class names: the same for every archive that holds them."""
        digest = hashlib.sha256(repr((self.images.shape, self.class_names)).encode())
        digest.update(np.ascontiguousarray(self.images).data)
        digest.update(np.ascontiguousarray(self.labels).data)
        return digest.hexdigest()

    def select(self, rows: np.ndarray) -> "Dataset":
        """Return the images at these rows, in that order.

        Parameters
        ----------
        rows : ndarray
            Positions in this data set (n,), or a boolean mask (N,).

        Returns
        -------
        Dataset
            The chosen images, with their indices in the full split.
        """
        return replace(
            self,
            images=pick(self.images, rows),
            labels=self.labels[rows],
            indices=self.indices[rows],
            groups=None if self.groups is None else self.groups[rows],
            names=None if self.names is None else self.names[rows],
        )

    def take(self, n: int, seed: int = 0) -> "Dataset":
        """Return a stratified sample of n images in the order of the split.

        Each class gets its share, and a smaller sample is part of every larger one.

        Parameters
        ----------
        n : int
            Number of images; all images if there are no more than n.
        seed : int, optional
            Seed of the random choice.

        Returns
        -------
        Dataset
            The sample.

        Raises
        ------
        InputError
            n is below 1.
        """
        if not isinstance(n, int | np.integer) or n < 1:
            raise InputError(f"a sample of {as_given(n)} images was asked for; at least 1 is needed.")
        chosen = self.select(np.sort(stratified_order(self.labels, seed)[:n]))
        return replace(chosen, sampled_from=len(self))

    def one_of_each_group(self, seed: int = 0) -> "Dataset":
        """Return one image of each group, drawn at random, in the order of the split.

        Intervals take images as independent, so they hold for these images. For all images of the groups, which
        resemble each other, they would be too narrow. Which image of a group is drawn does not depend on other groups.

        Parameters
        ----------
        seed : int, optional
            Seed of the random choice.

        Returns
        -------
        Dataset
            The images drawn; their note says so.

        Raises
        ------
        InputError
            The images have no groups.

        Examples
        --------
        >>> videos = [f"video {k // 5}" for k in range(10)]
        >>> frames = tfstab.Dataset.from_arrays("frames", "test", digits.images, digits.labels, groups=videos)
        >>> single = frames.one_of_each_group()
        >>> single.groups.tolist(), single.note
        (['video 0', 'video 1'], 'one image of each group, drawn at random: 2 of 10')
        """
        if self.groups is None:
            raise InputError(
                f"{self.name} has no groups: give the group of each image, as in from_arrays(..., groups=)."
            )
        seed = checked_seed(seed, bits=128)
        keys = self.indices.tolist() if self.names is None else self.names.tolist()
        rows = drawn_rows(self.groups, keys, seed)
        if len(rows) == len(self):
            return self
        if mixed := mixed_groups(self.groups, self.labels, self.class_names):
            warn(f"{self.name}: {mixed}")
        if lost := [self.class_names[k] for k in np.setdiff1d(self.labels, self.labels[rows])]:
            whose = f"class {quoted(lost[0])}" if len(lost) == 1 else f"the classes {listed(all_quoted(lost), most=8)}"
            warn(
                f"{self.name}: no image of {whose} is measured: from each group that has some, an image of another "
                "class was drawn. To measure some, leave the other classes out of these groups."
            )
        if advice := few_groups_advice(len(rows), len(self)):
            warn(f"{self.name}: only {len(rows):,} of {counted(len(self))} are measured, one of each group. {advice}")
        return remarked(self.select(rows), drawn_remark(len(rows), len(self)))

    def between(self, start: int, stop: int) -> "Dataset":
        """Return the images whose index in the full split is at least start and below stop.

        Raises
        ------
        InputError
            There are no such images, or start or stop is not a whole number from 0.
        """
        start, stop = whole_number("start", start, 0), whole_number("stop", stop, 0)
        rows = np.flatnonzero((self.indices >= start) & (self.indices < stop))
        if not len(rows):
            first, last = int(self.indices.min()), int(self.indices.max())
            end = "" if stop == sys.maxsize else stop
            raise InputError(
                f"images {start}:{end} select nothing: the {counted(len(self))} of {self.name} have indices from "
                f"{first} to {last}."
            )
        return self.select(rows)

    def without(self, other: "Dataset") -> "Dataset":
        """Return the images whose pixels equal those of no image in `other`."""
        other = of_type("other", other, Dataset, "tfstab.load_dataset((images, labels))")
        known = {image.tobytes() for image in other.images}
        return self.select(np.flatnonzero([image.tobytes() not in known for image in self.images]))

    def split_off(self, fraction: float, seed: int = 0) -> tuple["Dataset", "Dataset"]:
        """Hold a stratified share of the images out.

        Groups are kept together.

        Parameters
        ----------
        fraction : float
            Share to hold out, of the images or, if there are groups, of the groups.
        seed : int, optional
            Seed of the random choice.

        Returns
        -------
        rest, held_out : Dataset
            The remaining images, and the share held out.

        Raises
        ------
        InputError
            The fraction is not a number above 0 and below 1.
        """
        share = share_between("fraction", fraction)
        units = np.arange(len(self)) if self.groups is None else self.groups
        names, first, unit_of_row = np.unique(units, return_index=True, return_inverse=True)
        one_each = replace(self.select(first), indices=np.arange(len(names)), groups=None)
        sample = one_each.take(max(1, round(share * len(names))), seed)
        held = np.isin(unit_of_row, sample.indices)
        return self.select(np.flatnonzero(~held)), self.select(np.flatnonzero(held))


def stratified_order(labels: np.ndarray, seed: int = 0) -> NDArray[np.int64]:
    """Return the rows of labels (N,) in a random order, int64 (N,), whose beginnings all have each class's share.

    The first images of many classes of the same size are of classes drawn at random, not of the first ones, whose names
    may have something in common.
    """
    random = np.random.Generator(np.random.Philox(key=checked_seed(seed, bits=128)))
    order = random.permutation(len(labels))
    shuffled = labels[order]
    counts = np.bincount(shuffled)
    # Few classes keep their order, as earlier versions drew their samples so.
    turn = np.arange(len(counts)) if len(counts) <= FEW_CLASSES else random.permutation(len(counts))
    by_class = np.argsort(shuffled, kind="stable")
    starts = np.cumsum(counts) - counts
    rank = np.arange(len(labels)) - np.repeat(starts, counts)
    # The r-th image of a class of c images is placed at (r + 1/2) / c, so that every beginning of the order has the
    # classes in proportion.
    position = (rank + 0.5) / np.repeat(counts, counts)
    return np.asarray(order[by_class[np.lexsort((turn[shuffled[by_class]], position))]])
