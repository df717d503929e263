"""Into which splits, "train" and "test", a data set, folder or file is divided; no image is read."""

from pathlib import Path

from tfstab.datasets import arrays, folders, prepared
from tfstab.datasets.registry import FOLDER, NAMED, with_prefix
from tfstab.paths import check_path

SPLITS = ("train", "test")


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
    name = with_prefix(str(source))
    if name in NAMED:
        return NAMED[name].splits
    path = Path(name.removeprefix(FOLDER)).expanduser()
    check_path(path)
    there = _in_folder(path) if path.is_dir() else _in_file(path)
    return tuple(split for split in SPLITS if split in there)


def _in_file(path: Path) -> set[str]:
    """Return the splits that a file of arrays or a table has."""
    if not path.is_file():
        return set()
    if path.suffix == ".csv":
        return folders.table_splits(path)
    if path.suffix != ".npz":
        return set()
    keys = set(arrays.npz_keys(path))
    return {split for split in SPLITS if {f"x_{split}", f"y_{split}"} <= keys}


def _in_folder(path: Path) -> set[str]:
    """Return the splits that a folder has."""
    if (path / prepared.FEATURES).is_file():
        return {split for split in SPLITS if any(path.glob(f"*-{split}.tfrecord*"))}
    own = {split for split in SPLITS if (path / f"x_{split}.npy").is_file() or (path / split).is_dir()}
    if own or arrays.find_pair(path, "test") is not None:
        return own
    return folders.folder_splits(path)
