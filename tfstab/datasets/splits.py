"""Into which splits, such as "train" and "test", a data set, folder or file is divided; no image is read."""

from collections.abc import Sequence
from pathlib import Path

from tfstab.datasets import arrays, folders, prepared
from tfstab.datasets.columns import unread_columns
from tfstab.datasets.folders import SPLITS, TRAINING, VALIDATION
from tfstab.datasets.images import SUFFIXES
from tfstab.datasets.registry import FOLDER, NAMED, with_prefix
from tfstab.datasets.remarks import UNDIVIDED
from tfstab.datasets.tables import read_table, without_column
from tfstab.errors import DataError
from tfstab.names import composed, printed, shortened
from tfstab.paths import check_path, user_path
from tfstab.wording import listed

KNOWN = ("test", *VALIDATION, *TRAINING)  # names that splits usually have, in the order in which they are offered
LONGEST_NAME, MOST_NAMED = 60, 8  # characters of the name of a split, and number of splits, that an error names


def training_hint(data: str, split: str) -> str:
    """Return what suggests that images are those on which models are trained; "" if nothing does.

    Only names suggest it. A high accuracy does not: good models also have it on images that they have not seen.

    Parameters
    ----------
    data, split : str
        Name of the images, which may be a path, and of their split.

    Examples
    --------
    >>> from tfstab.datasets.splits import training_hint
    >>> training_hint("folder:signs/train", "test"), training_hint("cifar10", "train"), training_hint("signs", "test")
    ('their folder is called train', 'they are the split train', '')
    """
    if split.lower() in TRAINING:
        return f"they are the split {split}"
    folder = data.replace("\\", "/").rstrip("/").rpartition("/")[2].rpartition(":")[2]
    return f"their folder is called {folder}" if folder.lower() in TRAINING else ""


def training_warning(data: str, split: str, remarks: str, images: str, model: str) -> str:
    """Return that a model may have been trained on images, and what that means, without a full stop; "" if unlikely.

    Parameters
    ----------
    data, split, remarks : str
        Name of the images, which may be a path, their split, and the remarks on them.
    images, model : str
        What they are called: "these", "the model".

    Examples
    --------
    >>> from tfstab.datasets.splits import training_warning
    >>> training_warning("cifar10", "test", "", "these", "the model")
    ''
    """
    if hint := training_hint(data, split):
        lead, some = f"{images} may be training images, as {printed(hint)}", "them"
    elif UNDIVIDED in remarks:
        lead, some = f"{images} may include training images, as they are {UNDIVIDED}", "some of them"
    else:
        return ""
    return (
        f"{lead}. If {model} was trained on {some}, it looks more accurate than it is, and its stability may look "
        "higher or lower"
    )


def splits_of(source: str | Path) -> tuple[str, ...]:
    """Return the splits into which a source of images is divided.

    Parameters
    ----------
    source : str or Path
        A data set's name, or a folder or file of images as in `load_dataset`.

    Returns
    -------
    tuple of str
        "train", "test" or both; empty if the images are not divided, so that `load_dataset` returns all of them for
        either split.

    Raises
    ------
    DataError
        The file is damaged.

    Examples
    --------
    >>> from tfstab.datasets import splits_of
    >>> splits_of("cifar10")
    ('train', 'test')
    >>> np.savez("mine.npz", images=digits.images, labels=digits.labels)
    >>> splits_of("mine.npz")
    ()
    """
    return _splits_among(SPLITS, source)


def validation_split_of(source: str | Path) -> str | None:
    """Return the name of the validation images' split, of a source that is divided into splits.

    Parameters
    ----------
    source : str or Path
        A data set's name, or a folder or file of images as in `load_dataset`.

    Returns
    -------
    str or None
        "val", "validation" or "valid"; None if there is no such split, or only an empty folder of this name.

    Raises
    ------
    DataError
        The file is damaged.

    Examples
    --------
    >>> from tfstab.datasets.splits import validation_split_of
    >>> images, labels = digits.images, digits.labels
    >>> np.savez("divided.npz", x_train=images, y_train=labels, x_val=images, y_val=labels)
    >>> validation_split_of("divided.npz")
    'val'
    """
    if not _splits_among(("test", *TRAINING), source):
        return None
    path = user_path(str(source).removeprefix(FOLDER))
    return next((split for split in _splits_among(VALIDATION, source) if not _is_empty(path / split)), None)


def training_split_of(source: str | Path) -> str | None:
    """Return the name of the training images' split: "train" or "training"; None if there is no such split.

    Parameters
    ----------
    source : str or Path
        A data set's name, or a folder or file of images as in `load_dataset`.

    Raises
    ------
    DataError
        The file is damaged.

    Examples
    --------
    >>> from tfstab.datasets.splits import training_split_of
    >>> training_split_of("cifar10"), training_split_of("mnist-5k")
    ('train', None)
    """
    return next(iter(_splits_among(TRAINING, source)), None)


def named_splits(source: str | Path) -> tuple[str, ...]:
    """Return all splits that a source of images has, by name: the test images first, then those for validation.

    Parameters
    ----------
    source : str or Path
        A data set's name, or a folder or file of images as in `load_dataset`.

    Returns
    -------
    tuple of str
        Those of "test", "val", "validation", "valid", "train" and "training" that there are, then any others that a
        table names; empty if the images are not divided.

    Raises
    ------
    DataError
        The file is damaged.

    Examples
    --------
    >>> from tfstab.datasets.splits import named_splits
    >>> named_splits("cifar10")
    ('test', 'train')
    """
    return _in_order(_all_among(KNOWN, source))


def has_split(source: str | Path, split: str) -> bool:
    """Return whether a source of images, as in `named_splits`, is divided and has this split."""
    return composed(split) in _all_among((split,), source)


def check_there(source: str | Path, split: str) -> None:
    """Raise DataError, which names the splits that a source of images has, if it is divided but lacks this split.

    Parameters
    ----------
    source : str or Path
        A data set's name, or a folder or file of images as in `load_dataset`.
    split : str
        The split.
    """
    there = _all_among((*KNOWN, split), source)
    path = user_path(str(source).removeprefix(FOLDER))
    if not there or composed(split) in there or _has_classes(path) or (path / prepared.FEATURES).is_file():
        return  # of prepared data, not all splits are known here, and another error lists them
    instead = "choose one of these with --split (in Python split=)"
    if split in TRAINING:
        instead = "choose another split, or call that of the training images train"
    raise DataError(
        f"{printed(str(source).removeprefix(FOLDER))} has no split '{printed(shortened(split, LONGEST_NAME))}', only "
        f"{listed_splits(_in_order(there))}: {instead}."
    )


def listed_splits(names: Sequence[str]) -> str:
    """Return names of splits in words, as in "test and train"."""
    return listed([printed(shortened(name, LONGEST_NAME)) for name in names], most=MOST_NAMED)


def check_split(source: str | Path, split: str) -> None:
    """Raise DataError if a split is asked for, but the images are listed in a table without a column of splits.

    `load_dataset` would return all images of the table, perhaps with training images among them.

    Parameters
    ----------
    source : str or Path
        A data set's name, or a folder or file of images as in `load_dataset`.
    split : str
        The split.
    """
    name = with_prefix(str(source))
    if name in NAMED or _all_among((split,), name):
        return
    place, column = without_column(name.removeprefix(FOLDER))
    path = user_path(place)
    table = _table_in(path) if path.is_dir() else path
    if table is None or table.suffix != ".csv" or not table.is_file():
        return
    if (whole := read_table(table, column)).has_splits:
        return
    instead = "".join(f"rename the column {name} to split, or " for name in unread_columns(table, whole).dividing)
    raise DataError(
        f"{table} has no column split, so it is not known which images are those of the split '{split}': {instead}"
        "leave out --split to use all of its images."
    )


def _is_empty(folder: Path) -> bool:
    """Return whether this is a folder without any files but hidden ones."""
    return folder.is_dir() and all(path.name.startswith(".") or path.is_dir() for path in folder.rglob("*"))


def _in_order(there: set[str]) -> tuple[str, ...]:
    """Return the names of splits in the order in which they are offered."""
    return (*(split for split in KNOWN if split in there), *sorted(there.difference(KNOWN)))


def _has_classes(path: Path) -> bool:
    """Return whether this is a folder of class folders, one of which may be called like a split, as "train" may be."""
    if not path.is_dir() or _table_in(path) is not None:
        return False
    return any(file.suffix.lower() in SUFFIXES for file in path.glob("*/*"))


def _splits_among(names: Sequence[str], source: str | Path) -> tuple[str, ...]:
    """Return which of these splits a source has."""
    there = _all_among(names, source)
    return tuple(split for split in names if split in there)


def _all_among(names: Sequence[str], source: str | Path) -> set[str]:
    """Return which of these splits a source has; of a table, all splits that it names."""
    name = with_prefix(str(source))
    if name in NAMED:
        return set(NAMED[name].splits)
    place, column = without_column(name.removeprefix(FOLDER))
    path = user_path(place)
    check_path(path)
    return _in_folder(path, names) if path.is_dir() else _in_file(path, names, column)


def _in_file(path: Path, names: Sequence[str], column: str | None) -> set[str]:
    """Return the splits that a file of arrays or a table has. column: of the table's labels, if it was named."""
    if not path.is_file():
        return set()
    if path.suffix == ".csv":
        return folders.table_splits(path, column)
    if path.suffix != ".npz":
        return set()
    keys = set(arrays.npz_keys(path))
    return {split for split in names if {f"x_{split}", f"y_{split}"} <= keys}


def _in_folder(path: Path, names: Sequence[str]) -> set[str]:
    """Return which of these splits a folder has; of a folder with a table, all splits that the table names."""
    if (path / prepared.FEATURES).is_file():
        return {split for split in names if any(path.glob(f"*-{split}.tfrecord*"))}
    own = {split for split in names if (path / f"x_{split}.npy").is_file() or (path / split).is_dir()}
    if own or arrays.find_pair(path, "test") is not None:
        return own
    return folders.folder_splits(path)


def _table_in(path: Path) -> Path | None:
    """Return the table of a folder whose images are listed in one, else None."""
    of_arrays = (path / prepared.FEATURES).is_file() or arrays.find_pair(path, "test") is not None
    return None if of_arrays else folders.table_of(path)
