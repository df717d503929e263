"""Tables, which convert to text, HTML, CSV, LaTeX, JSON and pandas, and the tables of searches."""

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tfstab.errors import unknown_name
from tfstab.names import csv_cell, html_summary
from tfstab.report.latex import latex_table
from tfstab.search import MinimumNoise, SearchRun
from tfstab.search.norm import GREY, Norm, get_norm
from tfstab.search.summary import Quartiles
from tfstab.search.trace import stops_in_words

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Table:
    """A table that converts to text, HTML, CSV, LaTeX, JSON and pandas.

    Notebooks show it as HTML, `print` as text.

    Attributes
    ----------
    title : str
        What the table shows.
    columns : sequence of str
        Names of the columns.
    rows : sequence of sequences
        One value for each column. As text, None, NaN and infinities become a dash.
    notes : sequence of str
        Sentences below the table.
    digits : Mapping
        {column: decimals of its numbers}, 2 for other columns; None shows as many as a number has.
    explained : Mapping
        {note: columns that it is about}; a note that is not in it is about the whole table.

    Examples
    --------
    >>> from tfstab.report import Table
    >>> table = Table("Noise", ("image", "L2"), [(3, 41.28), (7, None)], digits={"L2": 1})
    >>> table.text_rows()
    [['3', '41.3'], ['7', '–']]
    >>> print(table.csv(), end="")
    image,L2
    3,41.28
    7,
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    notes: Sequence[str] = ()
    digits: Mapping[str, int | None] = field(default_factory=dict)
    explained: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def text_rows(self) -> list[list[str]]:
        """Return every value as text."""
        return [[self._text(c, v) for c, v in zip(self.columns, row, strict=True)] for row in self.rows]

    def _text(self, column: str, value: Any) -> str:
        """Return one value of a column as text."""
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return "–"
        if not isinstance(value, float):
            return str(value)
        digits = self.digits.get(column, 2)
        text = f"{value:g}" if digits is None else f"{value:.{digits}f}"
        return text if float(text) else text.removeprefix("-")  # no "-0.00" for what is rounded to zero

    def only(self, *columns: str) -> "Table":
        """Return a table with only these columns, in this order.

        Notes that are only about columns that were left out (see `explained`) are left out, too.

        Raises
        ------
        InputError
            The table has no such column.
        """
        for name in columns:
            if name not in self.columns:
                raise unknown_name("column", name, self.columns)
        places = [self.columns.index(name) for name in columns]
        rows = [[row[place] for place in places] for row in self.rows]
        notes = [note for note in self.notes if not set(columns).isdisjoint(self.explained.get(note, columns))]
        return replace(self, columns=columns, rows=rows, notes=notes)

    def in_percent(self, *columns: str) -> "Table":
        """Return a table with the shares in these columns in per cent, for people; a note says so."""
        places = {self.columns.index(name) for name in columns if name in self.columns}
        rows = [
            [100 * value if place in places and value is not None else value for place, value in enumerate(row)]
            for row in self.rows
        ]
        note = f"In %: {', '.join(self.columns[place] for place in sorted(places))}."
        return replace(self, rows=rows, digits={**self.digits, **dict.fromkeys(columns, 2)}).with_note(note, *columns)

    def with_note(self, note: str, *columns: str) -> "Table":
        """Return a table with a further note; the same if the note is empty.

        columns: names of those that the note explains; without any, it is about the whole table.
        """
        if not note:
            return self
        explained = {**self.explained, note: columns} if columns else self.explained
        return replace(self, notes=(*self.notes, note), explained=explained)

    def csv(self) -> str:
        """Return comma-separated values with full precision, below a line of column names."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(map(csv_cell, self.columns))
        writer.writerows(map(csv_cell, row) for row in self.rows)
        return text.getvalue()

    def latex(self, caption: str | None = None, label: str | None = None) -> str:
        """Return a LaTeX `table`, which needs the package booktabs; numbers are aligned to the right.

        Parameters
        ----------
        caption : str, optional
            The caption, as plain text; by default the title.
        label : str, optional
            The label to which the paper refers, such as "tab:robustness"; by default none.
        """
        aligned = "".join("r" if self.is_numeric(k) else "l" for k in range(len(self.columns)))
        cells = [list(self.columns), *self.text_rows()]
        return latex_table(self.title if caption is None else caption, label, aligned, cells, self.notes)

    def with_intervals(self) -> "Table":
        """Return a table that shows each value and its interval in one column, as "62.5 (40.7–99.3)".

        A dash stands for an infinite end, as in "62.5 (40.7 to –)", and for an interval without ends, "62.5 (–)".

        Joined are columns such as "accuracy", "accuracy from", "accuracy to", or "difference", "from", "to".
        """
        columns: list[str] = []
        rows: list[list[Any]] = [[] for _ in self.rows]
        texts, place = self.text_rows(), 0
        while place < len(self.columns):
            name = self.columns[place]
            _, comma, of = name.partition(", ")  # as in "difference, right when clean", "from, right when clean"
            ends = (f"{name} from", f"{name} to"), (f"from{comma}{of}", f"to{comma}{of}")
            joined = tuple(self.columns[place + 1 : place + 3]) in ends
            columns.append(name)
            for row, given, text in zip(rows, self.rows, texts, strict=True):
                row.append(
                    _with_ends(text[place : place + 3], given[place + 1 : place + 3]) if joined else given[place]
                )
            place += 3 if joined else 1
        return replace(self, columns=columns, rows=rows)

    def to_pandas(self) -> "pd.DataFrame":
        """Return the values, not rounded, with the table's columns; missing ones are None or NaN."""
        import pandas as pd

        return pd.DataFrame([list(row) for row in self.rows], columns=list(self.columns))

    def _as_shown(self) -> "pd.DataFrame":
        """Return the values as text."""
        return replace(self, rows=self.text_rows()).to_pandas()

    def __str__(self) -> str:
        """Return title, rows and notes as text; of a long table, as many rows as pandas shows."""
        import pandas as pd

        most = pd.get_option("display.max_rows")
        rows = self._as_shown().to_string(index=False, max_rows=most) if self.rows else ""
        return "\n".join(filter(None, [self.title, rows, *self.notes]))

    def _repr_html_(self) -> str:
        """Return title, rows and notes as HTML, for a notebook."""
        return html_summary(self.title, self._as_shown(), self.notes, index=False)

    def is_numeric(self, column: int) -> bool:
        """Return whether all values of the column at this position are numbers or None."""
        return all(isinstance(row[column], int | float | None) for row in self.rows)

    def records(self) -> list[dict[str, Any]]:
        """Return one dict for each row, for JSON, which has no NaN or infinity: both become None."""
        return [dict(zip(self.columns, map(_json_value, row), strict=True)) for row in self.rows]


def _with_ends(texts: Sequence[str], ends: Sequence[Any]) -> str:
    """Return a value with its interval in brackets; without one, the value alone. ends: of the interval, as numbers."""
    value, low, high = texts
    if low == high == "–":
        endless = all(isinstance(end, float) and math.isinf(end) for end in ends)
        return f"{value} (–)" if endless else value
    apart = {low[0], high[0]} & {"-", "–"}  # a sign, or the dash of an end that is not known
    return f"{value} ({low}{' to ' if apart else '–'}{high})"


def _json_value(value: Any) -> Any:
    """Return a value, or None for a NaN or infinity."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def search_table(results: Iterable[MinimumNoise], class_names: Sequence[str]) -> Table:
    """Return the minimum noise of each image: its classes before and after, and how large the noise is.

    A run whose images have file names lists them too.

    Parameters
    ----------
    results : iterable of MinimumNoise
        A search's results, or a SearchRun.
    class_names : sequence of str
        Names of the classes.

    Returns
    -------
    Table
        One row for each image.

    Examples
    --------
    >>> from tfstab.report import search_table
    >>> search_table(search, search.class_names).columns[:4]
    ('image', 'true', 'predicted', 'L2')
    """
    files = results.clean if isinstance(results, SearchRun) and results.clean.names is not None else None
    rows, ended, norm = [], [], get_norm("l2")
    for r in results:
        norm = get_norm(r.norm)
        ended.append((r.stop_reason, r.found))
        scaled = (r.size / 255,) if norm.name in GREY else ()
        figures = (r.size, *scaled, r.size_uint8, r.psnr, r.margin)
        rows.append(
            (
                r.image,
                *(() if files is None else (files.name(r.image),)),
                class_names[r.class_index],
                class_names[r.predicted] if r.found else "not found",
                *(figures if r.found and r.needed_noise else [None] * len(figures)),
                r.queries,
                r.gradients,
                r.stop_reason,
            )
        )
    size, grey = norm.title, norm.name in GREY
    digits = 1 if grey else 0
    sizes = {size: digits, **({f"{size}/255": 3} if grey else {}), f"{size} 8-bit": digits}
    columns = ("image", *(() if files is None else ("file",)), "true", "predicted", *sizes, "PSNR", "margin")
    columns += ("queries", "gradients", "stop")
    ends = stops_in_words(ended)
    notes = (
        f"{size} in {norm.unit}; PSNR in dB; margin: score of the predicted class less that of the true one; queries: "
        "degraded images scored, those of refinement, checks and 8-bit repair included, which --max-queries does not "
        f"count; stop: why the search ended{', ' if ends else ''}{' or '.join(ends)}.",
    )
    return Table("Minimum noise", columns, rows, notes, {"margin": 5} | sizes)


def size_digits(norm: Norm) -> int | None:
    """Return how many decimals medians of sizes of noise have in a table: of a norm that counts only what is needed."""
    return 1 if norm.name in GREY else None


def found_noise(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return the rows of `SearchRun.to_pandas` that are of images which needed noise and for which it was found."""
    return frame[frame["found"] & (frame["queries"] > 0)]


def search_class_table(results: Iterable[MinimumNoise], class_names: Sequence[str]) -> Table:
    """Return the median minimum noise, and the classes that images are mistaken for, of each class and of all.

    Only images that needed noise are counted.

    Parameters
    ----------
    results : iterable of MinimumNoise
        A search's results, or a SearchRun.
    class_names : sequence of str
        Names of the classes.

    Returns
    -------
    Table
        One row for each class that has images, and a last one for all.

    Examples
    --------
    >>> from tfstab.report.tables import search_class_table
    >>> search_class_table(search, search.class_names).rows[-1][:3]
    ('all', 3, 3)
    """
    # Keeps figures and not results, because a run may have too many of these for memory.
    by_class: dict[int, list[tuple[int | None, float, float]]] = {}
    needless, norm = 0, get_norm("l2")
    for r in results:
        norm = get_norm(r.norm)
        members = by_class.setdefault(r.class_index, [])
        if r.needed_noise:
            # An image without a result counts as needing more noise than all others.
            members.append((r.predicted, r.size, r.psnr) if r.found else (None, math.inf, -math.inf))
        else:
            needless += 1
    groups = [(class_names[k], members) for k, members in sorted(by_class.items())]
    groups.append(("all", [figures for members in by_class.values() for figures in members]))
    rows = []
    for name, members in groups:
        found = [class_names[k] for k, _, _ in members if k is not None]
        falls = ", ".join(f"{other} ({count})" for other, count in Counter(found).most_common(3))
        noise, psnr = Quartiles.of(size for _, size, _ in members), Quartiles.of(psnr for _, _, psnr in members)
        rows.append((name, len(members), len(found), noise.median, noise.low, noise.high, psnr.median, falls))
    middle = f"median {norm.title}"
    columns = ("class", "images", "found", middle, "lower quartile", "upper quartile", "median PSNR", "falls to")
    notes = [f"{norm.title} and its quartiles in {norm.unit}; PSNR in dB."]
    if needless:
        notes.append(f"Images misclassified when clean need no noise and are not counted: {needless}.")
    if any(row[1] > row[2] for row in rows):
        notes.append("An image for which no noise was found counts as needing more than all others.")
    return Table("Minimum noise by class", columns, rows, notes, digits=dict.fromkeys(columns[3:6], size_digits(norm)))
