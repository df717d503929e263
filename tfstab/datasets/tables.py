"""Tables of image files and their labels: CSV files, whose columns are found by name or by what is in them."""

import csv
import io
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from tfstab import limits
from tfstab.datasets.images import SUFFIXES
from tfstab.errors import DataError
from tfstab.names import composed, quoted, shortened

FILE_COLUMNS = ("file", "filename", "file_name", "path", "filepath", "image", "image_path", "name")
LABEL_COLUMNS = ("label", "class", "class_name", "category", "target", "class_id", "classid", "y")
SPLIT_COLUMN, GROUP_COLUMN = "split", "group"
LOOKED_AT = 100  # rows in which a column of image files is looked for
BEGINNING = 1 << 16  # bytes of a table in which files are looked for


class Row(NamedTuple):
    """A row of a table.

    Attributes
    ----------
    line : int
        Number of its line, as an editor shows it.
    file, label : str
        Its cells; the label is composed, so that one label has one form.
    split : str, optional
        The split that it belongs to, composed; None if the table has no column of splits.
    group : str, optional
        The group of images that it belongs to, "" if the cell is empty; None if the table has no column of groups.
    others : tuple of str
        Its cells in the columns that are not read.
    """

    line: int
    file: str
    label: str
    split: str | None
    group: str | None
    others: tuple[str, ...]


class Table(NamedTuple):
    """The rows of a table, and its columns.

    Attributes
    ----------
    rows : list of Row
        The rows.
    others : tuple of str
        Names of the columns that are not read.
    has_splits, has_groups : bool
        Whether it has a column of splits, and one of groups.
    """

    rows: list[Row]
    others: tuple[str, ...]
    has_splits: bool
    has_groups: bool


def without_column(source: str) -> tuple[str, str | None]:
    """Return "TABLE.csv" and the column of labels for "TABLE.csv:COLUMN"; all other sources without a column.

    Examples
    --------
    >>> from tfstab.datasets.tables import without_column
    >>> without_column("photos/all.csv:class"), without_column("photos/all.csv")
    (('photos/all.csv', 'class'), ('photos/all.csv', None))
    """
    before, ending, column = source.rpartition(".csv:")
    return (f"{before}.csv", column) if ending and column else (source, None)


def read_table(table: Path, labels: str | None = None) -> Table:
    """Return the rows and columns of a CSV file; raise DataError if it cannot be read, or if cells are empty.

    labels: name of the column of labels; by default it is found.
    """
    lines = [(line, cells) for line, cells in _lines(table) if any(cell.strip() for cell in cells)]
    columns = _columns(table, [cells for _, cells in lines], labels)
    others: dict[int, str] = {}
    if not _is_image(lines[0][1][columns[0]]):
        others = {k: cell.strip() for k, cell in enumerate(lines[0][1]) if cell.strip() and k not in columns}
        del lines[0]
    rows = []
    for line, cells in lines:
        named, labelled, part, group = (_cell(cells, position) for position in columns)
        if not (named and labelled) or part == "":
            what = "file" if not named else "label" if not labelled else "split"
            raise DataError(f"{table}, line {line}: the {what} is missing; fill it in, or delete the line.")
        left = tuple(_cell(cells, position) or "" for position in others)
        rows.append(Row(line, named, composed(labelled), part and composed(part), group, left))
    if not rows:
        raise DataError(f"{table} lists no images: expected a row for each, with its file and its label.")
    return Table(rows, tuple(others.values()), columns[2] is not None, columns[3] is not None)


def check_once(table: Path, rows: Sequence[Row], files: Sequence[Path]) -> None:
    """Raise DataError if a file is in several rows, which would give it more weight, or two classes.

    files: the file of each row, with its name on the disk.
    """
    first: dict[Path, Row] = {}
    for row, file in zip(rows, files, strict=True):
        before = first.setdefault(file, row)
        if before is not row:
            labels = f", with the labels {quoted(before.label)} and {quoted(row.label)}" * (before.label != row.label)
            raise DataError(
                f"{table} lists {row.file} twice, in lines {before.line} and {row.line}{labels}: delete one of "
                "the lines."
            )


def lists_files_of(table: Path, names: Collection[str]) -> bool:
    """Return whether the beginning of a CSV file names one of these files, with or without a folder."""
    known = set(map(composed, names))
    return any(composed(Path(cell.strip()).name) in known for row in _beginning(table) for cell in row)


def has_groups(table: Path) -> bool:
    """Return whether the beginning of a CSV file names groups of image files."""
    header, *rows = _beginning(table) or [[]]
    return GROUP_COLUMN in [cell.strip().lower() for cell in header] and any(map(_is_image, rows[0] if rows else ()))


def tables_in(folder: Path) -> list[Path]:
    """Return the CSV files directly in a folder whose beginning names image files; none if it is not a folder."""
    return [file for file in sorted(folder.glob("*.csv")) if any(_is_image(c) for row in _beginning(file) for c in row)]


def _beginning(table: Path) -> list[list[str]]:
    """Return the cells of the first lines of a CSV file; none if it cannot be read."""
    try:
        _check_size(table)
        with table.open("rb") as file:
            text = file.read(BEGINNING).decode("utf-8-sig", "replace")
        return list(csv.reader(text.splitlines(), delimiter=_delimiter(text)))
    except (csv.Error, OSError, DataError):
        return []


def _lines(table: Path) -> list[tuple[int, list[str]]]:
    """Return the number and the cells of each line; raise DataError if the file cannot be read as a table."""
    try:
        _check_size(table)
        text = table.read_text("utf-8-sig")
        if max(text.count("\n"), text.count("\r")) > limits.MOST_TABLE_ROWS:
            raise DataError(f"{table} has more than {limits.MOST_TABLE_ROWS:,} rows: it is not a table of labels.")
        reader = csv.reader(io.StringIO(text), delimiter=_delimiter(text))
        return [(reader.line_num, cells) for cells in reader]
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise DataError(f"{table} cannot be read as a CSV table ({error}): save it as CSV in UTF-8.") from error


def _check_size(table: Path) -> None:
    """Raise DataError unless this is a regular file, as opening a pipe would wait for a writer, of a table's size."""
    if not table.is_file():
        raise DataError(f"{table} is not a file: give a CSV file with the names of images and their labels.")
    if table.stat().st_size > limits.LARGEST_TABLE:
        raise DataError(f"{table} is larger than {limits.LARGEST_TABLE >> 20} MB: it is not a table of labels.")


def _delimiter(text: str) -> str:
    """Return what separates the cells: the one of comma, semicolon and tab that is most frequent in the first line."""
    return max(",;\t", key=text.partition("\n")[0].count)


def _columns(table: Path, rows: Sequence[Sequence[str]], labels: str | None) -> tuple[int, int, int | None, int | None]:
    """Return the positions of the columns of files, of labels and, if there are such, of splits and of groups.

    Files and labels are found by their usual names. Otherwise files are the only column of names of image files, and
    labels the only other column. If a table has two columns and neither is found, the first are files.
    """
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    split, group = (header.index(name) if name in header else None for name in (SPLIT_COLUMN, GROUP_COLUMN))
    file = next((header.index(name) for name in FILE_COLUMNS if name in header), None)
    if labels is not None and labels.strip().lower() not in header:
        there = shortened(", ".join(header), 200) or "none"
        raise DataError(f"{table} has no column '{labels}' for the labels; it has: {there}.")
    usual = LABEL_COLUMNS if labels is None else (labels.strip().lower(),)
    label = next((header.index(name) for name in usual if name in header), None)
    positions = range(len(header))
    if file is None:
        looked_at = rows[1 : 1 + LOOKED_AT] or rows
        file = _only(positions, lambda k: all(k < len(row) and _is_image(row[k]) for row in looked_at))
    if file is None and len(header) == 2:
        file = 0 if label is None else 1 - label
    if label is None:
        label = _only(positions, lambda k: k not in (file, split, group))
    if label is None and _only(positions, lambda k: k not in (file, split)) == group:
        label, group = group, None
    if file is not None and label is not None:
        return file, label, split, group
    there = shortened(", ".join(header), 200) or "none"
    unknown = [name for name, position in (("file", file), ("label", label)) if position is None]
    named = f"{'it' if len(unknown) == 1 else 'them'} {' and '.join(f'`{name}`' for name in unknown)}"
    advice = ", or give the table as TABLE.csv:COLUMN with the column of labels" * (label is None)
    raise DataError(
        f"{table} has the columns {there}, and it is not clear which has the {'s and which the '.join(unknown)}s: "
        f"name {named} in the first line{advice}."
    )


def _cell(cells: Sequence[str], position: int | None) -> str | None:
    """Return a cell, "" if the row has no such cell; None without a position."""
    if position is None:
        return None
    return cells[position].strip() if position < len(cells) else ""


def _only(positions: Collection[int], fits: Callable[[int], bool]) -> int | None:
    """Return the only position that fits, None if there are none or several."""
    found = [position for position in positions if fits(position)]
    return found[0] if len(found) == 1 else None


def _is_image(cell: str) -> bool:
    """Return whether a cell has the name of an image file."""
    return Path(cell.strip()).suffix.lower() in SUFFIXES
