"""What commands print: tables and JSON to standard output, progress and remarks to standard error."""

import contextlib
import itertools
import json
import sys
import textwrap
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Column
from rich.table import Table as RichTable
from rich.text import Text

from tfstab.cli.observing import ObservedProgress, observer
from tfstab.errors import TfstabError
from tfstab.names import printed, printed_lines
from tfstab.report.tables import Table

if TYPE_CHECKING:
    from tfstab.orders import Subject
    from tfstab.orders.hardening import HardeningSubject

WIDEST = 120  # characters of a line of sentences, as longer ones are hard to read
PERCENT = "%"  # the unit of a bar that shows a share of the work or of the time
NO_RATE = ("", PERCENT)  # units for which a rate per second says nothing
RESUME = "run the same command again to resume."

# A pipe or file has no width of its own, and a table must not be cut to 80 columns there.
out = Console(width=None if sys.stdout.isatty() else 180)
err = Console(stderr=True)


def echo(text: str = "") -> None:
    """Print a line, or several, to standard output; names in it may come from strangers."""
    typer.echo(printed_lines(text))


def say(text: str) -> None:
    """Print sentences; in a terminal, in lines that end between words, those of a list item indented below its mark.

    Elsewhere, each line of the text stays one line, so that other programs find a sentence in it.
    """
    echo("\n".join(map(_in_width, text.split("\n"))) if out.is_terminal else text)


def _in_width(line: str) -> str:
    """Return a line broken between words at the terminal's width, or at WIDEST if that is less."""
    indent = "  " if line.startswith("- ") else ""
    whole = line.replace(" %", "\u00a0%")  # a percentage is not broken
    wrapped = textwrap.fill(
        whole, min(out.width, WIDEST), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return wrapped.replace("\u00a0%", " %")


def print_table(table: Table, most: int | None = None) -> None:
    """Print a table, or its first rows if it has more than `most`, with numbers aligned to the right.

    Of a table without rows only the notes are printed, if it has any.
    """
    rich = RichTable(
        title=Text(printed_lines(table.title)),
        box=box.SIMPLE_HEAD,
        title_justify="left",
        title_style="bold",
        pad_edge=False,
        padding=(0, 1),
    )
    for k, column in enumerate(table.columns):
        rich.add_column(
            Text(printed_lines(column)), justify="right" if table.is_numeric(k) else "left", overflow="fold"
        )
    for row in itertools.islice(table.text_rows(), most):
        rich.add_row(*(Text(printed_lines(cell)) for cell in row))
    if table.rows or not table.notes:
        out.print(rich)
    if most is not None and len(table.rows) > most:
        out.print(Text(f"The first {most:,} of {len(table.rows):,}; --json prints all."))
    for note in table.notes:
        out.print(Text(printed_lines(note)))
    out.print()


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def remark(text: str) -> None:
    """Print a line for the user on standard error, apart from the results, or tell it to the observer."""
    seen_by = observer()
    if seen_by is not None:
        seen_by.remark(text)
        return
    err.print(Text(printed_lines(text)), soft_wrap=True)


def advise(text: str) -> None:
    """Print a line on how to go on with the results, so that saved output has it too, or tell it to the observer."""
    if observer() is None:
        echo(text)
    else:
        remark(text)


def remark_on(subject: "Subject | HardeningSubject") -> None:
    """Print what a model and images are taken for, in one line each on standard error; an observer hears only notes.

    The viewer, which observes commands, shows model and images already in the form of the run.
    """
    for line in subject.taken_for:
        if observer() is None or line.startswith("note: "):
            remark(line)


class _Rate(ProgressColumn):
    """The rate, in the unit of the bar."""

    def render(self, task: Task) -> Text:
        """Return the rate as text; "" before the first step, and for steps in per cent or without a unit."""
        speed = task.finished_speed or task.speed
        unit = task.fields.get("unit", "")
        return Text(f"{speed:,.0f} {unit}/s" if speed and unit not in NO_RATE else "", style="dim")


class _Note(ProgressColumn):
    """The bar's note. In a narrow terminal its end is cut off, so that the figures before it stay whole."""

    def render(self, task: Task) -> Text:
        """Return the note as text; it may have a file's name."""
        return Text(printed(task.fields.get("note", "")), no_wrap=True, overflow="ellipsis")


@contextlib.contextmanager
def progress_bar(*, transient: bool = False) -> Iterator[Progress]:
    """Show a bar with progress, rate and time left on standard error; it disappears if the work fails.

    transient: whether the bar also disappears when the work is done.

    If the command has an observer, the progress is told to it and not shown.
    """
    seen_by = observer()
    if seen_by is not None:
        yield ObservedProgress(seen_by)
        return
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        _Rate(table_column=Column(no_wrap=True)),
        TimeRemainingColumn(table_column=Column(no_wrap=True)),
        _Note(),
        console=err,
        transient=transient,
    )
    with bar:
        try:
            yield bar
        except (TfstabError, OSError, RuntimeError):
            bar.live.transient = True
            bar.live.stop()
            bar.disable = True  # or it would end with an empty line
            raise


@contextlib.contextmanager
def remarks() -> Iterator[None]:
    """Print warnings as remarks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # for programmers
        warnings.showwarning = lambda message, *_, **__: remark(f"note: {message}")
        yield


@contextlib.contextmanager
def long_work(resume: str) -> Iterator[None]:
    """End with a sentence that says how to resume, and exit code 130, on Ctrl-C; print warnings as remarks."""
    with remarks():
        try:
            yield
        except KeyboardInterrupt as stopped:
            from tfstab.runs.scoring import NotKeptInterrupt

            if isinstance(stopped, NotKeptInterrupt):
                remark(f"stopped: {stopped}")
            elif observer() is None:  # the viewer, which observes commands, has a button that resumes them
                remark(f"stopped: what is finished is kept; {resume}")
            raise typer.Exit(130) from None
