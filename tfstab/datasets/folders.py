"""Lists of image files with classes: a folder with one folder for each class, or files that a table labels."""

import os
import re
import shlex
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from glob import escape
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tfstab import limits
from tfstab.datasets.checked_arrays import checked_class_names
from tfstab.datasets.class_folders import LONGEST_NAME, LeftOut, class_folders, deeper_classes
from tfstab.datasets.columns import Unread, unread_columns
from tfstab.datasets.groups import UNUSED, named_groups, ungrouped_remark
from tfstab.datasets.images import KINDS, SUFFIXES
from tfstab.datasets.remarks import joined
from tfstab.datasets.tables import check_once, has_groups, lists_files_of, read_table
from tfstab.errors import DataError
from tfstab.names import composed, printed, shortened
from tfstab.paths import check_inside, check_path, on_disk_names
from tfstab.warning import warn
from tfstab.wording import listed

LABELS = "labels.csv"
SPLITS = ("train", "test")
TRAINING = ("train", "training")  # names of a split, or of a folder, of training images
VALIDATION = ("val", "validation", "valid")  # names of a split of validation images
# Words that say in a name which split the images are.
SPLIT_WORDS = frozenset(
    {*TRAINING, *VALIDATION, "test", "testing", "tests", "holdout", "heldout", "eval", "evaluation"}
)


@dataclass(frozen=True)
class Listing:
    """Image files and their classes, before any file is read.

    Attributes
    ----------
    root : Path
        The folder relative to which messages name the files.
    files : list of Path
        The N image files.
    labels : ndarray
        Positions in class_names (N,), int64.
    class_names : tuple of str
        Name of each class.
    groups : ndarray or None
        Group of each image, (N,), str; None if no groups are named.
    left_out : LeftOut
        Files and folders that are left out of a folder of classes.
    unread : Unread
        Columns of a table that are not read.
    ungrouped : int
        Images without a group in a table that names groups of others.
    divided : bool
        Whether it is known which split the images are: there is a folder or a column for it, or the name of what was
        given says so.
    """

    root: Path
    files: list[Path]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    groups: NDArray[np.str_] | None = None
    left_out: LeftOut = field(default_factory=LeftOut)
    unread: Unread = field(default_factory=Unread)
    ungrouped: int = 0
    divided: bool = True

    @property
    def remarks(self) -> str:
        """Remarks on the data set: what is left out or not read, and how many images have no group."""
        return joined(self.left_out.remarks, self.unread.remarks, ungrouped_remark(self.ungrouped))


def list_folder(path: Path, split: str) -> Listing:
    """Return the images of `PATH/SPLIT` if that is a folder, else of PATH.

    They are taken from `labels.csv`, else from class folders, else from the only CSV file. Class names are sorted, and
    have the form that `composed` returns; files keep their names on the disk.

    Raises
    ------
    DataError
        There are no labelled images, a file or link leads out of PATH, or two class folders have the same name.
    """
    root = path / split if (path / split).is_dir() else path
    inside = _entries(root)
    if (root / LABELS).is_file():
        check_file(root / LABELS, path)
        return list_table(root / LABELS, split, path)
    folders, left_out = class_folders(root, inside, path)
    if folders:
        for folder in folders:
            check_inside(folder, path)
        files = [file for images in folders.values() for file in images]
        _check_files(files, path)
        labels = np.repeat(np.arange(len(folders)), [len(images) for images in folders.values()])
        names = checked_class_names([folder.name for folder in folders], str(root))
        _check_apart(root, names)
        return Listing(root, files, labels, names, left_out=left_out, divided=root != path or _names_split(path))
    tables = [file for file in inside if file.suffix.lower() == ".csv"]
    if len(tables) > 1:
        raise DataError(
            f"{root} holds {len(tables)} CSV files and none is {LABELS}: name the one with the labels, as with --data "
            f"{shlex.quote(str(tables[0]))}."
        )
    if tables:
        check_file(tables[0], path)
        return list_table(tables[0], split, path)
    whole = root.resolve()  # a path such as "." does not name the folder above
    one_class = root == path and _is_a_class(whole, split)
    meant = f" It looks like one class: did you mean {whole.parent}?" if one_class else ""
    raise DataError(
        f"{root} holds no images with classes: expected one folder of {KINDS} files for each class, or images beside a "
        f"{LABELS} with their names and labels.{deeper_classes(inside) or meant or _table_above(whole)}"
    )


def _check_apart(root: Path, names: Sequence[str]) -> None:
    """Raise DataError if two class folders, sorted by these names, have the same name once it is composed."""
    for one, other in pairwise(names):
        if one == other:
            raise DataError(
                f"{root} has two folders '{one}', whose names differ only in how Unicode stores accented letters "
                "(composed or decomposed): move the images of one into the other."
            )


def _is_a_class(folder: Path, split: str) -> bool:
    """Return whether a folder of images seems to be one class: other folders beside it hold images, too."""
    try:
        if not _images_in(folder) or (folder.parent / split).is_dir():
            return False
        beside = (d for d in _entries(folder.parent) if d.is_dir() and d.name != folder.name and d.name[0] != ".")
        return any(_images_in(d) for d in beside)
    except DataError:  # folders that cannot be read
        return False


def _table_above(folder: Path) -> str:
    """Return a sentence on a table in the folder above that lists the images of this one, "" if there is none."""
    images = {file.name for file in _images_in(folder)}
    tables = sorted(folder.parent.glob("*.csv")) if images else []
    table = next((file for file in tables if lists_files_of(file, images)), None)
    if table is None:
        return ""
    return (
        f" {table} lists its images: give that table if it names them as {folder.name}/NAME; otherwise move it into "
        f"{folder}."
    )


def note_left_out(listing: Listing) -> None:
    """Warn of files and folders that are left out of a folder of classes, and of images in folders inside these."""
    if words := listing.left_out.words(listing.root):
        warn(words)


def note_other_folders(listing: Listing, path: Path) -> None:
    """Warn of folders of classes beside that of the split, which is the only one that is read.

    path: the folder that was given.
    """
    if listing.root == path:
        return
    known = ("test", *TRAINING, *VALIDATION)
    beside = [d for d in _entries(path) if d.is_dir() and d.name[0] != "." and d.name not in known]
    with_images = (d for d in beside if any(file.suffix.lower() in SUFFIXES for file in d.glob("*/*")))
    others = [printed(shortened(folder.name, LONGEST_NAME)) for folder in with_images]
    if others:
        warn(
            f"only the folder {listing.root.name} of {printed(str(path))} is read; {listed(others)} "
            f"{'is' if len(others) == 1 else 'are'} left out. To measure another folder, give its own path."
        )


def note_unread_columns(listing: Listing) -> None:
    """Warn of columns of a table that are not read, above all of columns that may hold groups or splits."""
    if words := listing.unread.words():
        warn(words)


def note_unused_groups(listing: Listing, path: Path) -> str:
    """Warn of a table in a folder that names groups of images, where the images were listed without groups.

    Returns the remark on the data set; "" without such a table. path: the folder that was given; `listing.root` may be
    the folder of a split in it.
    """
    if listing.groups is not None:
        return ""
    tables = (file for folder in dict.fromkeys((listing.root, path)) for file in sorted(folder.glob("*.csv")))
    table = next(filter(has_groups, tables), None)
    if table is None:
        return ""
    warn(
        f"{table.name} in the folder names groups of images, which are not used. To measure one image of each group, "
        f"give {shlex.quote(str(table))} in place of the folder."
    )
    return UNUSED


def list_table(table: Path, split: str, inside: Path | None = None, labels: str | None = None) -> Listing:
    """Return the images that a CSV file lists with their labels.

    `read_table` says how its columns are found. Files are relative to the table's folder. If there is a column `split`,
    rows of other splits are left out. A column `group` names the group of each image.

    Parameters
    ----------
    table : Path
        The CSV file.
    split : str
        The split to return.
    inside : Path, optional
        The folder that all files must lie in; by default the table's.
    labels : str, optional
        Name of the column of labels; by default it is found.

    Raises
    ------
    DataError
        The table is damaged, has no rows of the split or lists a file twice, or a file is missing or lies outside the
        folder.
    """
    whole = read_table(table, labels)
    root = table.parent
    kept = [row for row in whole.rows if row.split in (None, composed(split))]
    if not kept:
        there = shortened(", ".join(sorted({str(row.split) for row in whole.rows})), 200)
        raise DataError(f"{table} has no rows of the split '{split}'; it has: {there}.")
    files = on_disk_names(root, [_with_slashes(root, row.file) for row in kept])
    check_once(table, kept, files)
    _check_files(files, inside or root, table)
    names = sorted(checked_class_names(list({row.label for row in kept}), str(table)))
    if all(name.isdecimal() for name in names):
        names.sort(key=int)
        _check_numbers(table, names)
    place = {name: k for k, name in enumerate(names)}
    groups = None
    if whole.has_groups:  # an image without one is a group of its own, which its file names
        groups = named_groups([row.group or row.file[-limits.GROUP_NAME :] for row in kept], str(table))
    ungrouped = sum(row.group == "" for row in kept)
    unread = unread_columns(table, whole._replace(rows=kept))
    positions = np.array([place[row.label] for row in kept], np.int64)
    divided = whole.has_splits or inside not in (None, root) or any(map(_names_split, (table, inside or table)))
    return Listing(root, files, positions, tuple(names), groups, unread=unread, ungrouped=ungrouped, divided=divided)


def _names_split(path: Path) -> bool:
    """Return whether the name of a folder or table has a word for a split, such as "photos-test" or "val.csv"."""
    words = re.split("[^a-z]+", path.absolute().stem.lower())
    return not SPLIT_WORDS.isdisjoint(words)


def _with_slashes(root: Path, name: str) -> str:
    """Return a name of a file with slashes in place of Windows' backslashes if only this one exists."""
    other = name.replace("\\", "/")
    return other if other != name and not (root / name).exists() and (root / other).is_file() else name


def _check_numbers(table: Path, labels: list[str]) -> None:
    """Raise DataError if two labels, which are in the order of numbers, are the same number."""
    for one, other in pairwise(labels):
        if int(one) == int(other):
            raise DataError(f"{table} has the labels {one} and {other}, which are the same number: write one of them.")


def folder_splits(path: Path) -> set[str]:
    """Return the splits that a folder's table names; none if there is no table or it names none."""
    table = table_of(path)
    return set() if table is None else table_splits(table)


def table_of(path: Path) -> Path | None:
    """Return the table from which `list_folder` takes the images of a folder; None if it takes them from folders."""
    table: Path | None = path / LABELS
    if not (path / LABELS).is_file():
        inside = _entries(path)
        tables = [file for file in inside if file.suffix.lower() == ".csv"]
        has_classes = any(d.is_dir() and not d.name.startswith(".") and _images_in(d) for d in inside)
        table = tables[0] if len(tables) == 1 and not has_classes else None
    if table is not None:
        check_file(table, path)
    return table


def table_splits(table: Path, labels: str | None = None) -> set[str]:
    """Return the splits that a table names in its column `split`; none if it has no such column.

    labels: as in `list_table`.
    """
    return {row.split for row in read_table(table, labels).rows if row.split is not None}


def _entries(folder: Path) -> list[Path]:
    """Return what is in a folder, sorted by composed names; raise DataError if it cannot be read."""
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder: give a folder that holds one folder of images for each class.")
    try:
        return sorted(folder.iterdir(), key=lambda path: (composed(path.name), path.name))
    except OSError as error:
        raise DataError(f"{folder} cannot be read: {error.strerror}.") from error


def _images_in(folder: Path) -> list[Path]:
    """Return the image files in a folder, sorted, without hidden ones."""
    return [f for f in _entries(folder) if f.suffix.lower() in SUFFIXES and not f.name.startswith(".")]


def _check_files(files: Iterable[Path], root: Path, table: Path | None = None) -> None:
    """Check files as `check_file` does, but follow the links of each folder once, as there may be many files."""
    plain: set[Path] = set()  # folders that lie inside
    for file in files:
        if not _is_regular(file):
            check_file(file, root, table)
        elif file.parent not in plain:
            check_inside(file, root)
            plain.add(file.parent)


def _is_regular(file: Path) -> bool:
    """Return whether this is a regular file and no link, so that it lies where its folder does."""
    try:
        return stat.S_ISREG(os.lstat(file).st_mode)
    except (OSError, ValueError):
        return False


def check_file(file: Path, root: Path, table: Path | None = None) -> None:
    """Raise DataError unless this is a regular file that lies inside root once links are followed.

    table: the table that lists the file.
    """
    check_path(file)
    check_inside(file, root)
    if not file.exists():
        raise _missing(file, table)
    if not file.is_file():
        raise DataError(f"{file} is not a regular file: remove it.")


def _missing(file: Path, table: Path | None) -> DataError:
    """Return the error for a file that is not there: where it was looked for, and what to do."""
    missing = f"{file} does not exist" + ("" if file.is_absolute() else f" in {Path.cwd()}")
    if table is None:
        return DataError(f"{missing}: put it there, or correct the link that names it.")
    elsewhere = next(iter(sorted(table.parent.glob(f"*/{escape(file.name)}"))), None)
    if elsewhere is None:
        return DataError(f"{missing}: put it there, or correct {table}, in which files are relative to its folder.")
    return DataError(
        f"{missing}, but {elsewhere} does: files in {table.name} are relative to its folder, so move it to "
        f"{elsewhere.parent}, or write {elsewhere.parent.name}/ before the names."
    )
