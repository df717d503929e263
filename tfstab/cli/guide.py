"""`tfstab guide`: the guide in the terminal."""

import os
import shutil
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from tfstab.errors import InputError
from tfstab.guide import CONTENTS, Page, Place, find_corrected, near, read
from tfstab.guide.finding import GLOSSARY, normal
from tfstab.guide.links import resolve_path
from tfstab.guide.markdown import whole_section

WIDEST = 122  # characters: lines of code and output have up to 120, and a margin on both sides
MOST = 15  # places that are listed


def guide(
    topic: Annotated[
        list[str] | None,
        typer.Argument(help="A topic, a term of the glossary, a heading, or words to search for.", metavar="TOPIC"),
    ] = None,
) -> None:
    """Read a page of the guide, or search it. Without a topic, list the pages."""
    words = " ".join(topic or []).strip()
    link = resolve_path(words)
    if normal(words) in ("", CONTENTS.topic) or link.page is CONTENTS:
        from tfstab.guide.terminal import drawn_contents

        how = "\nRead a page with tfstab guide TOPIC, or search the guide with tfstab guide WORDS."
        _show(Group(drawn_contents(), Text(how)))
        return
    if link.page is None:
        places, used = find_corrected(words)
    else:
        places, used = [Place(link.page, link.page.title, link.anchor, "")], words
    if not places:
        like = near(words)
        hint = f"did you mean {' or '.join(repr(one) for one in like[:3])}? " if like else ""
        raise InputError(f"the guide has nothing on '{words}': {hint}`tfstab guide` lists its pages.")
    meant = [place for place in places if _is_meant(place, used)] or places
    drawn = _drawn(meant[0]) if len(meant) == 1 or _is_unique(meant[0], used) else _listed(meant)
    entries = [place for place in meant[1:] if place.page.topic == GLOSSARY and _is_unique(meant[0], used)]
    if entries:  # a page that has the name of a term: the short answer first
        drawn = Group(_drawn(entries[0]), Text("\n"), drawn)
    if normal(used) != normal(words):
        drawn = Group(Text(f"The guide has nothing on '{words}'. This is on '{used}':\n"), drawn)
    _show(drawn)


def _is_meant(place: Place, words: str) -> bool:
    """Return True if the words are the topic, the heading itself, or another name of what it is about."""
    return normal(words) in (*place.names, "" if place.anchor else place.page.topic)


def _is_unique(place: Place, words: str) -> bool:
    """Return True if the words are a topic or a term, which name one place each; pages may share other headings."""
    return _is_meant(place, words) and (not place.anchor or place.page.topic == GLOSSARY)


def _drawn(place: Place) -> RenderableType:
    from tfstab.guide.terminal import drawn_page  # here, as it imports parsers, for which every start would wait

    text = read(place.page.topic)
    section = whole_section(text, place.anchor) if place.anchor else ""
    if not section:
        return drawn_page(place.page, text)
    return Group(drawn_page(place.page, section), _source(place.page))


def _source(page: Page) -> Text:
    return Text(f"\nFrom the page {page.title}: tfstab guide {page.topic}", style="dim")


def _listed(places: Sequence[Place]) -> RenderableType:
    """Return places with their excerpts, and how to read more."""
    parts: list[RenderableType] = []
    for place in places[:MOST]:
        where = Text.assemble((place.page.topic, "cyan"), f": {place.heading}" if place.anchor else "", overflow="fold")
        parts += [where, Padding(Text(f"{place.excerpt}\n" if place.excerpt else "", style="dim"), (0, 0, 0, 4))]
    more = f"These are the first {MOST} of {len(places)} places. " if len(places) > MOST else ""
    return Group(*parts, Text(f"{more}Read a page with tfstab guide TOPIC, a section with tfstab guide HEADING."))


def _show(drawn: RenderableType) -> None:
    """Print, through a pager if this is a terminal that it does not fit."""
    terminal = sys.stdout.isatty()
    console = Console(width=min(WIDEST, shutil.get_terminal_size().columns) if terminal else WIDEST)
    with console.capture() as captured:
        console.print(drawn)
    lines = captured.get().splitlines()
    if not terminal:
        typer.echo("\n".join(line.rstrip() for line in lines))
    elif len(lines) >= console.height:
        os.environ.setdefault("LESS", "-R")  # less shows colours only with this
        with console.pager(styles=sys.platform != "win32"):
            console.print(drawn)
    else:
        console.print(drawn)
