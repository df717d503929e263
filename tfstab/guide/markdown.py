"""Markdown, divided into sections, with the anchors that repository hosts give to headings."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


@dataclass(frozen=True)
class Heading:
    """A heading.

    Attributes
    ----------
    level : int
        1 for the page's title.
    title : str
        Its text without markup.
    anchor : str
        What a link to it has after the #.
    """

    level: int
    title: str
    anchor: str


@dataclass(frozen=True)
class Section:
    """A heading with the text up to the next heading.

    Attributes
    ----------
    heading : Heading
        The heading.
    text : str
        The text without markup; blocks, such as paragraphs and cells of tables, are lines.
    prose : str
        The text without what commands print, which is in blocks marked as `text`.
    source : str
        The Markdown text, with the heading.
    """

    heading: Heading
    text: str
    prose: str
    source: str


@lru_cache(maxsize=1)
def parser() -> "MarkdownIt":
    """Return the parser of all pages: CommonMark with tables. Raw HTML is parsed, so that it can be left out."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def slug(title: str) -> str:
    """Return the anchor of a heading as repository hosts make it.

    Examples
    --------
    >>> from tfstab.guide.markdown import slug
    >>> slug("Stop, resume and grow: --minutes")
    'stop-resume-and-grow---minutes'
    """
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def headings(tokens: Sequence["Token"]) -> list[tuple[int, Heading]]:
    """Return each heading with the place of its first token. A title that comes again gets an anchor with a number."""
    found, used = [], dict[str, int]()
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and not token.level:
            title = plain(tokens[place + 1].children or ())
            base = anchor = slug(title)
            while anchor in used:
                used[base] += 1
                anchor = f"{base}-{used[base]}"
            used[anchor] = 0
            found.append((place, Heading(int(token.tag[1:]), title, anchor)))
    return found


@cache
def sections(text: str) -> tuple[Section, ...]:
    """Return the sections of a page; its title, with the text below it, is the first."""
    tokens, lines = parser().parse(text), text.splitlines(keepends=True)
    found = headings(tokens)
    ends = [place for place, _ in found[1:]] + [len(tokens)]
    made = []
    for (place, heading), end in zip(found, ends, strict=True):
        begin = tokens[place].map or [0, 0]
        last = tokens[end].map if end < len(tokens) else None
        source = "".join(lines[begin[0] : last[0] if last else None])
        below = tokens[place + 3 : end]
        prose = _text_of(token for token in below if token.info != "text")
        made.append(Section(heading, _text_of(below), prose, source))
    return tuple(made)


def whole_section(text: str, anchor: str) -> str:
    """Return a section of a page with the sections below it, as Markdown text; "" if no heading has this anchor."""
    rest = iter(sections(text))
    wanted = next((section for section in rest if section.heading.anchor == anchor), None)
    if wanted is None:
        return ""
    below = takewhile(lambda section: section.heading.level > wanted.heading.level, rest)
    return "".join(section.source for section in (wanted, *below))


def plain(children: Iterable["Token"]) -> str:
    """Return the text of inline tokens without markup; a picture is its alternative text."""
    texts = []
    for token in children:
        if token.type in ("softbreak", "hardbreak"):
            texts.append(" ")
        elif token.type == "image":
            texts.append(plain(token.children or ()))
        elif token.type in ("text", "code_inline"):
            texts.append(token.content)
    return "".join(texts)


def plain_text(markdown: str) -> str:
    """Return a paragraph without markup, in one line.

    Examples
    --------
    >>> from tfstab.guide.markdown import plain_text
    >>> plain_text("See [the *search*](search.md) and `sigma`.")
    'See the search and sigma.'
    """
    return _text_of(parser().parse(markdown))


def _text_of(tokens: Iterable["Token"]) -> str:
    texts = []
    for token in tokens:
        if token.type == "inline":
            texts.append(plain(token.children or ()))
        elif token.type in ("fence", "code_block"):
            texts.append(token.content.rstrip("\n"))
    return "\n".join(texts)
