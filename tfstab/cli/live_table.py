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
from tfstab.assessment.state import AssessmentState, FamilyState, NoiseState, OnState
from tfstab.cli.observing import observer
from tfstab.cli.output import err
from tfstab.errors import TfstabError
from tfstab.metrics import Estimate, shares

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
            parts.append(Text(clean_line(state.clean, state.images, state.available)))
        if state.noise.searched or state.noise.working:
            parts.append(Text(noise_line(state.noise), style="bold" if state.noise.working else ""))
        left = max(0.0, state.left - (time.perf_counter() - self._seen))
        if state.stage != "finished":
            parts.append(Text(f"{STAGES[state.stage]} ... {_minutes(left)} left", style="dim"))
        if state.clean is not None and not state.clean.value:
            return Group(*parts, Text(NOTHING_KEPT))
        return Group(*parts, table) if state.families else Group(*parts)


class PlainLines:
    """Prints a line for each finished stage of an assessment on standard error; its observer."""

    def __init__(self) -> None:
        self._stage = ""
        self._begun = False

    def __call__(self, state: AssessmentState) -> None:
        """Print what has been finished since the last call."""
        if self._stage == "":
            for line in state.lines:
                _say(line)
        if self._stage == "clean" and state.stage == "measuring" and state.clean is not None:
            _say(clean_line(state.clean, state.images, state.available))
        swept = [family for family in state.families if family.images]
        if not self._begun and swept and len(swept) == len(state.families):
            self._begun = True
            _say("every degradation has a first estimate; making them more precise ...")
        if state.stage == "report" != self._stage:
            most = max((family.images for family in swept), default=0)
            of = f" of {len(state.families)}" if len(swept) < len(state.families) else ""
            what = f"{len(swept)}{of} degradation{'s' * (len(swept) != 1 or bool(of))}"
            _say(f"{what} measured on up to {_images(most)}")
            if state.noise.searched:
                _say(noise_line(state.noise))
        self._stage = state.stage


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
        yield PlainLines()
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
    err.print(Text(line), soft_wrap=True)


def clean_line(clean: Estimate, images: int, available: int = 0) -> str:
    """Return the clean accuracy in a line, and how many images were given if only some are used."""
    more = f" (of {available:,} given)" if available > images else ""
    return f"clean accuracy: {_share(clean)} of {_images(images)}{more}"


def noise_line(noise: NoiseState) -> str:
    """Return what is known of minimum noise in a line."""
    if not noise.searched:
        return "minimum noise: searching ..."
    low, high = noise.quartiles
    if math.isinf(noise.median):
        return f"minimum noise: found for {noise.found or 'none'} of {_images(noise.searched)}"
    median = f"minimum noise: median L2 {_level(noise.median)} grey levels"
    if math.isinf(high):
        return f"{median}, found for {noise.found} of {_images(noise.searched)}"
    return f"{median} (quartiles {_level(low)} and {_level(high)}) of {_images(noise.searched)}"


def _level(value: float) -> str:
    """Return a number of grey levels, with two digits if it is small."""
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"


def _images(count: int) -> str:
    """Return a number of images in words."""
    return f"{count:,} image{'s' * (count != 1)}"


def _family_row(family: FamilyState) -> tuple[Text, Text, Text]:
    """Return the cells of a family's row, without the bar."""
    style = "bold" if family.working else ""
    title = Text(f"{_mark() if family.working else ' '} {family.title}", style=style)
    if family.kept is None or math.isnan(family.kept.value):  # NaN: no clean image is right
        return title, Text(), Text()
    count = f"{family.images:,}" + (f" x {family.copies}" if family.copies > 1 else "")
    return title, Text(count, style=style), Text(_share(family.kept), style=style)


def _share(estimate: Estimate) -> str:
    """Return a share with its interval, in ASCII if the terminal shows nothing else."""
    text = shares.percent(estimate, 0)
    return text.replace("–", "-") if err.options.ascii_only else text


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
