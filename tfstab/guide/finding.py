"""Words found in the guide: topics, titles, terms, headings, and the text of all pages."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from tfstab.guide.markdown import Section, sections
from tfstab.guide.pages import Page, pages, read

GLOSSARY = "glossary"
_EXCERPT = 160  # characters
_TEXT = (4,)  # rank of a section that has the words in its text only


@dataclass(frozen=True)
class Place:
    """A section of a page in which words were found.

    Attributes
    ----------
    page : Page
        The page.
    heading : str
        The section's heading; the page's title for its beginning.
    anchor : str
        The heading's anchor, "" for the page's beginning.
    excerpt : str
        Text of the section around the words, without markup.
    """

    page: Page
    heading: str
    anchor: str
    excerpt: str


def find(words: str) -> list[Place]:
    """Return the places where all of these words occur, the most telling first.

    First comes the page whose topic or title this is, then the glossary's entry, then headings with the words, then
    the sections whose text has them. Capitals and underscores make no difference; a word may begin a longer one.

    Examples
    --------
    >>> from tfstab import guide
    >>> [place.heading for place in guide.find("glossary")][0]
    'Glossary'
    """
    wanted = normal(words)
    if not wanted:
        return []
    patterns = [re.compile(rf"(?<!\w){re.escape(word)}") for word in wanted.split()]
    found = []
    for order, (page, place, section) in enumerate(_sections()):
        heading = section.heading
        if (rank := _rank(wanted, patterns, page, place, section)) is not None:
            excerpt = _excerpt(section.text, patterns if rank == _TEXT else [])
            found.append((rank, order, Place(page, heading.title, heading.anchor if place else "", excerpt)))
    return [place for _, _, place in sorted(found, key=lambda one: one[:2])]


def normal(words: str) -> str:
    """Return words as they are compared: without capitals, and with spaces for underscores, line ends and tabs."""
    return " ".join(words.lower().replace("_", " ").split())


def near(words: str) -> list[str]:
    """Return topics and terms of the glossary that are spelt nearly like this, the nearest first."""
    known = [page.topic for page in pages()]
    known += [section.heading.title for page, place, section in _sections() if page.topic == GLOSSARY and place]
    names = {name.lower(): name for name in known}
    return [names[name] for name in get_close_matches(words.lower(), names, 5, 0.6)]


def _rank(
    wanted: str, patterns: list[re.Pattern[str]], page: Page, place: int, section: Section
) -> tuple[int, ...] | None:
    """Return how telling a section is, less for more; None if a word is missing."""
    title = normal(section.heading.title)
    same, inside = title == wanted, all(pattern.search(title) for pattern in patterns)
    if not place and (page.topic == wanted or same):
        return (0,)
    if same:
        return (1,) if page.topic == GLOSSARY else (2,)
    if inside or (not place and all(pattern.search(page.topic) for pattern in patterns)):
        return (3, bool(place))
    both = f"{title} {normal(section.text)}"
    return _TEXT if all(pattern.search(both) for pattern in patterns) else None


def _excerpt(text: str, patterns: list[re.Pattern[str]]) -> str:
    """Return the text around the first word found, or its beginning."""
    line = " ".join(text.split())
    first = min((found.start() for pattern in patterns if (found := pattern.search(normal(line)))), default=0)
    begin = 0 if first < _EXCERPT // 2 else line.rfind(" ", 0, first - _EXCERPT // 4) + 1
    end = len(line) if len(line) <= begin + _EXCERPT else line.rfind(" ", begin + 1, begin + _EXCERPT)
    end = begin + _EXCERPT if end <= begin else end
    return f"{'... ' * (begin > 0)}{line[begin:end]}{' ...' * (end < len(line))}"


@lru_cache(maxsize=1)
def _sections() -> list[tuple[Page, int, Section]]:
    return [(page, place, one) for page in pages() for place, one in enumerate(sections(read(page.topic)))]
