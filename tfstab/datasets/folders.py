"""Lists of image files with classes: a folder with one folder for each class, or files that a CSV table labels."""

import csv
import io
import shlex
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tfstab import limits
from tfstab.datasets.dataset import check_class_names
from tfstab.datasets.images import KINDS, SUFFIXES
from tfstab.errors import DataError
from tfstab.names import shortened
from tfstab.paths import check_path

LABELS = "labels.csv"
FILE_COLUMNS = ("file", "filename", "file_name", "path", "filepath", "image", "image_path", "name")
LABEL_COLUMNS = ("label", "class", "class_name", "category", "target", "class_id", "classid", "y")


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
    """

    root: Path
    files: list[Path]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]


def list_folder(path: Path, split: str) -> Listing:
    """Return the images of `PATH/SPLIT` if that is a folder, else of PATH.

    They are taken from `labels.csv`, else from class folders, else from the only CSV file. Class names are sorted.

    Raises
    ------
    DataError
        There are no labelled images, or a file or link leads out of PATH.
    """
    root = path / split if (path / split).is_dir() else path
    inside = _entries(root)
    if (root / LABELS).is_file():
        check_file(root / LABELS, path)
        return list_table(root / LABELS, split, path)
    folders = [d for d in inside if d.is_dir() and not d.name.startswith(".") and _images_in(d)]
    if folders:
        for folder in folders:
            _check_inside(folder, path)
        files = [(k, file) for k, folder in enumerate(folders) for file in _images_in(folder)]
        for _, file in files:
            check_file(file, path)
        labels = np.array([k for k, _ in files], np.int64)
        names = tuple(folder.name for folder in folders)
        check_class_names(names, str(root))
        return Listing(root, [file for _, file in files], labels, names)
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
        f"{LABELS} with their names and labels.{meant}"
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


def list_table(table: Path, split: str, inside: Path | None = None) -> Listing:
    """Return the images that a CSV file lists with their labels.

    Both columns are found by their usual names, or are the only two. Files are relative to the table's folder. If there
    is a column `split`, rows of other splits are left out.

    Parameters
    ----------
    table : Path
        The CSV file.
    split : str
        The split to return.
    inside : Path, optional
        The folder that all files must lie in; by default the table's.

    Raises
    ------
    DataError
        The table is damaged or has no rows of the split, or a file is missing or lies outside the folder.
    """
    rows = _rows(table)
    root = table.parent
    kept = [row for row in rows if len(row) < 3 or row[2] == split]
    if not kept:
        there = shortened(", ".join(sorted({row[2] for row in rows})), 200)
        raise DataError(f"{table} has no rows of the split '{split}'; it has: {there}.")
    files = [root / row[0] for row in kept]
    for file in files:
        check_file(file, inside or root)
    found = {row[1] for row in kept}
    check_class_names(tuple(found), str(table))
    names = sorted(found, key=int) if all(name.isdecimal() for name in found) else sorted(found)
    place = {name: k for k, name in enumerate(names)}
    return Listing(root, files, np.array([place[row[1]] for row in kept], np.int64), tuple(names))


def folder_splits(path: Path) -> set[str]:
    """Return the splits that a folder's table names; none if there is no table or it names none."""
    table: Path | None = path / LABELS
    if not (path / LABELS).is_file():
        inside = _entries(path)
        tables = [file for file in inside if file.suffix.lower() == ".csv"]
        has_classes = any(d.is_dir() and not d.name.startswith(".") and _images_in(d) for d in inside)
        table = tables[0] if len(tables) == 1 and not has_classes else None
    if table is None:
        return set()
    check_file(table, path)
    return table_splits(table)


def table_splits(table: Path) -> set[str]:
    """Return the splits that a table names in its column `split`; none if it has no such column."""
    return {row[2] for row in _rows(table) if len(row) == 3}


def _rows(table: Path) -> list[list[str]]:
    """Return [file, label] or [file, label, split] of each row; raise DataError if the table cannot be used."""
    try:
        if not table.is_file():
            raise DataError(f"{table} is not a file: give a CSV file with the names of images and their labels.")
        if table.stat().st_size > limits.LARGEST_TABLE:
            raise DataError(f"{table} has more than {limits.LARGEST_TABLE >> 20} MB: it is not a table of labels.")
        text = table.read_text("utf-8-sig")
        if max(text.count("\n"), text.count("\r")) > limits.MOST_TABLE_ROWS:
            raise DataError(f"{table} has more than {limits.MOST_TABLE_ROWS:,} rows: it is not a table of labels.")
        first = text.partition("\n")[0]
        rows = list(csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count)))
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise DataError(f"{table} cannot be read as a CSV table ({error}): save it as CSV in UTF-8.") from error
    columns = _columns(table, [cell.strip().lower() for cell in rows[0]] if rows else [])
    if Path(rows[0][columns[0]]).suffix.lower() not in SUFFIXES:
        rows = rows[1:]
    cells = []
    for number, row in enumerate(rows, 1):
        if not any(row):
            continue
        if len(row) <= max(columns) or not all(row[column].strip() for column in columns):
            raise DataError(f"{table}: row {number} of the images has no file or no label; expected both.")
        cells.append([row[column].strip() for column in columns])
    if not cells:
        raise DataError(f"{table} lists no images: expected a row for each, with its file and its label.")
    return cells


def _columns(table: Path, header: list[str]) -> list[int]:
    """Return the positions of the columns of files, of labels and, if there is one, of splits."""
    file = next((header.index(name) for name in FILE_COLUMNS if name in header), None)
    label = next((header.index(name) for name in LABEL_COLUMNS if name in header), None)
    if file is not None and label is not None:
        return [file, label] + ([header.index("split")] if "split" in header else [])
    if len(header) == 2:
        return [0, 1]
    there = shortened(", ".join(header), 200) or "none"
    raise DataError(
        f"{table} has the columns {there}: expected `file` and `label`, or exactly two columns, files and labels."
    )


def _entries(folder: Path) -> list[Path]:
    """Return what is in a folder, sorted; raise DataError if it cannot be read."""
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder: give a folder that holds one folder of images for each class.")
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise DataError(f"{folder} cannot be read: {error.strerror}.") from error


def _images_in(folder: Path) -> list[Path]:
    """Return the image files in a folder, sorted, without hidden ones."""
    return [f for f in _entries(folder) if f.suffix.lower() in SUFFIXES and not f.name.startswith(".")]


def check_file(file: Path, root: Path) -> None:
    """Raise DataError unless this is a regular file that lies inside root once links are followed."""
    check_path(file)
    _check_inside(file, root)
    if not file.exists():
        raise DataError(f"{file} does not exist: put it there, or correct the table or link that names it.")
    if not file.is_file():
        raise DataError(f"{file} is not a regular file: remove it.")


def _check_inside(path: Path, root: Path) -> None:
    """Raise DataError unless a path lies inside root once links are followed."""
    try:
        inside = path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError) as error:  # links that form a circle
        raise DataError(f"{path} cannot be followed ({error}): remove it.") from error
    if not inside:
        raise DataError(f"{path} leads out of {root}: put the file itself there, or remove the link or name.")
