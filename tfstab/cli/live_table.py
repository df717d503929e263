"""A table of an assessment that becomes more precise while it runs; plain lines where there is no terminal."""

import contextlib
import math
import time
from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.table import Table
from rich.text import Text

from tfstab.assessment.levels import NOTHING_KEPT
from tfstab.assessment.lines import PlainLines, clean_line, noise_line
from tfstab.assessment.state import AssessmentState, FamilyState, OnState
from tfstab.cli.observing import observer
from tfstab.cli.output import err
from tfstab.errors import TfstabError
from tfstab.metrics import Estimate
from tfstab.metrics.shares import percent
from tfstab.names import printed_lines

BAR, SHORTEST_BAR = 24, 10  # characters from 0 to 100 %; with the longest bar the table fits into 80
BESIDE_BAR, WITH_IMAGES = 54, 52  # characters of all other columns, and of a terminal that has room for the images
STAGES = {
    "reading": "reading model and images",
    "clean": "scoring clean images",
    "measuring": "measuring",
    "report": "writing the report",
    "finished": "finished",
}
POOR, FAIR = 0.6, 0.8  # of the accuracy: kept less than this, a bar is red, or yellow


class LiveTable:
    """Shows an assessment on standard error; its observer."""

    def __init__(self) -> None:
        self.state: AssessmentState | None = None
        self._seen = time.perf_counter()

    def __call__(self, state: AssessmentState) -> None:
        """Take what is known now."""
        self.state, self._seen = state, time.perf_counter()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table at this moment."""
        yield self._at_width(options.max_width)

    def _at_width(self, width: int) -> Group:
        """Return the table for a terminal of this width."""
        if self.state is None:
            return Group(Text("starting TensorFlow ...", style="dim"))
        state, bar = self.state, min(BAR, width - BESIDE_BAR)
        table = Table(box=None, pad_edge=False, padding=(0, 1))
        table.add_column("  accuracy kept under", no_wrap=True)
        if width >= WITH_IMAGES:
            table.add_column("images", justify="right", no_wrap=True)
        if bar >= SHORTEST_BAR:
            table.add_column("0 %" + "100 %".rjust(bar - 3), width=bar)
        table.add_column("kept (95 %)", justify="right", no_wrap=True)
        for family in state.families:
            title, count, kept = _family_row(family)
            cells = [title, *([count] if width >= WITH_IMAGES else [])]
            table.add_row(*cells, *([_bar(family.kept, bar)] if bar >= SHORTEST_BAR else []), kept)
        # A low terminal cuts the end off, which is the table's: all that is not in it comes first.
        parts: list[Text | Table] = [Text(line) for line in state.lines]
        if state.clean is not None:
            parts.append(Text(_shown(clean_line(state.clean, state.images, state.available))))
        if state.noise.searched or state.noise.working:
            parts.append(Text(noise_line(state.noise), style="bold" if state.noise.working else ""))
        left = max(0.0, state.left - (time.perf_counter() - self._seen))
        if state.stage != "finished":
            parts.append(Text(f"{STAGES[state.stage]} ... {_minutes(left)} left", style="dim"))
        if state.clean is not None and not state.clean.value:
            return Group(*parts, Text(NOTHING_KEPT))
        return Group(*parts, table) if state.families else Group(*parts)


@contextlib.contextmanager
def shown_assessment() -> Iterator[OnState]:
    """Yield a function that shows an assessment: a live table in a terminal, else plain lines.

    If the command has an observer, the state is told to it and not shown.
    """
    seen_by = observer()
    if seen_by is not None:
        yield seen_by.assessment
        return
    if not err.is_terminal:
        yield PlainLines(_say)
        return
    table = LiveTable()
    with Live(table, console=err, refresh_per_second=4) as live:
        try:
            yield table
        except TfstabError:
            live.transient = True  # what it shows is not being done any more
            raise


def _say(line: str) -> None:
    """Print a line without breaking it, as a file has no width."""
    err.print(Text(_shown(line)), soft_wrap=True)


def _family_row(family: FamilyState) -> tuple[Text, Text, Text]:
    """Return the cells of a family's row, without the bar."""
    style = "bold" if family.working else ""
    title = Text(f"{_mark() if family.working else ' '} {family.title}", style=style)
    if family.kept is None or math.isnan(family.kept.value):  # NaN: no clean image is right
        return title, Text(), Text()
    count = f"{family.images:,}" + (f" x {family.copies}" if family.copies > 1 else "")
    return title, Text(count, style=style), Text(_shown(percent(family.kept, 0)), style=style)


def _shown(text: str) -> str:
    """Return a text that is safe to print, with its intervals in ASCII if the terminal shows nothing else."""
    shown = printed_lines(text)
    return shown.replace("–", "-") if err.options.ascii_only else shown


def _mark() -> str:
    """Return the sign before the family that is being measured."""
    return ">" if err.options.ascii_only else "▸"


def _bar(kept: Estimate | None, width: int) -> Text:
    """Return an interval as a bar, with a dot at the value; an empty bar if there is no value."""
    ascii_only = err.options.ascii_only
    rest, bar, dot = ("-", "=", "o") if ascii_only else ("·", "━", "●")
    if kept is None or math.isnan(kept.value):  # NaN: no clean image is right
        return Text(rest * width, style="dim")
    colour = "red" if kept.value < POOR else "yellow" if kept.value < FAIR else "green"
    low, value, high = (min(width - 1, max(0, int(share * width))) for share in (kept.low, kept.value, kept.high))
    text = Text()
    for place in range(width):
        if place == value:
            text.append(dot, style=colour)
        else:
            text.append(bar, style=colour) if low <= place <= high else text.append(rest, style="dim")
    return text


def _minutes(seconds: float) -> str:
    """Return a time as minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
