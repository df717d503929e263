"""Words found in the guide: topics, titles, terms, headings, and the text of all pages."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from tfstab.guide.markdown import Section, sections
from tfstab.guide.pages import Page, pages, read

GLOSSARY, DEGRADATIONS = "glossary", "degradations"
_EXCERPT = 160  # characters
_PROSE, _OUTPUT = (4,), (5,)  # ranks of a section that has the words in its text only, or only in what commands print
_ABBREVIATION = re.compile(r"\((\w*[A-Z]\w*[A-Z])\)")
_FILLERS = frozenset({"a", "an", "and", "do", "for", "how", "i", "in", "my", "of", "on", "the", "to", "with", "your"})

# What readers say for "more stable", American spellings of "quantised", and degradations, in the guide's words.
_SYNONYMS = {
    "better": "more stable", "improve": "more stable", "robust": "stable",
    "quantized": "quantised", "quantization": "quantised", "quantisation": "quantised",
    "export": "save", "powerpoint": "picture", "slides": "picture", "screenshot": "picture", "excel": "csv",
    "dusk": "night", "twilight": "night",
}  # fmt: skip


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
    names : tuple of str
        The heading, and what else the section's subject is called, as words are compared.
    """

    page: Page
    heading: str
    anchor: str
    excerpt: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Entry:
    """A section with its words as they are compared.

    Attributes
    ----------
    page : Page
        The page.
    place : int
        The section's place in the page; 0 for the page's beginning.
    section : Section
        The section.
    names : tuple of str
        Its title, and what else its subject is called, normalised.
    text : str
        Its names and text, normalised.
    prose : str
        The same without what commands print.
    abbreviations : frozenset of str
        What an entry of the glossary gives in brackets as an abbreviation, such as (mCE), normalised.
    """

    page: Page
    place: int
    section: Section
    names: tuple[str, ...]
    text: str
    prose: str
    abbreviations: frozenset[str]

    @property
    def title(self) -> str:
        """Its title, normalised."""
        return self.names[0]


def find(words: str) -> list[Place]:
    """Return the places where all of these words occur, the most telling first.

    First comes the page whose topic or title this is, then the glossary's entry, then sections with this heading. Next
    come entries whose term or abbreviation is among the words, then pages, entries and other sections whose names have
    the words, then sections whose prose has them. Sections in which only a command's output has them come last. A
    degradation is found under its title, too, as `pixelate` under "pixelation". Capitals, underscores and words such as
    "my" make no difference; a word may begin a longer one.

    Examples
    --------
    >>> from tfstab import guide
    >>> [place.heading for place in guide.find("glossary")][0]
    'Glossary'
    """
    wanted = normal(words)
    if not wanted:
        return []
    each, found = [word for word in wanted.split() if word not in _FILLERS] or wanted.split(), []
    for order, entry in enumerate(_entries()):
        heading = entry.section.heading
        if (rank := _rank(wanted, each, entry)) is not None:
            excerpt = _excerpt(entry.section.text, each if rank in (_PROSE, _OUTPUT) else [])
            anchor = heading.anchor if entry.place else ""
            found.append((rank, order, Place(entry.page, heading.title, anchor, excerpt, entry.names)))
    return [place for _, _, place in sorted(found, key=lambda one: one[:2])]


def find_corrected(words: str) -> tuple[list[Place], str]:
    """Return what `find` finds, with corrected spelling if it finds nothing else; and the words that were searched for.

    Examples
    --------
    >>> from tfstab import guide
    >>> places, words = guide.find_corrected("gaussian degredation")
    >>> len(places) > 0, words
    (True, 'gaussian degradation')
    """
    if places := find(words):
        return places, normal(words)
    better = _corrected(words)
    return find(better), better


def _corrected(words: str) -> str:
    """Correct spelling: replace each word that the guide does not have by the most similar word that it has."""
    return " ".join(_nearest(word) for word in normal(words).split())


def prepare() -> None:
    """Read all pages, which takes some tenths of a second, so that the first search does not have to."""
    _entries()


def normal(words: str) -> str:
    """Return words as they are compared: without capitals, and with spaces for underscores, line ends and tabs."""
    return " ".join(words.lower().replace("_", " ").split())


def near(words: str) -> list[str]:
    """Return topics and terms of the glossary that are spelt nearly like this, the nearest first."""
    known = [page.topic for page in pages()]
    known += [one.section.heading.title for one in _entries() if one.page.topic == GLOSSARY and one.place]
    names = {name.lower(): name for name in known}
    return [names[name] for name in get_close_matches(words.lower(), names, 5, 0.6)]


def _nearest(word: str) -> str:
    """Return a word itself if the guide has it or knows another one for it, else the nearest that it has."""
    known = _vocabulary()
    if word in _FILLERS or word in _SYNONYMS or any(one.startswith(word) for one in known):
        return word
    return next(iter(get_close_matches(word, known, 1, 0.75)), word)


@lru_cache(maxsize=1)
def _vocabulary() -> frozenset[str]:
    """Return the words of the guide."""
    return frozenset(word for entry in _entries() for word in re.findall(r"[a-z]{3,}", entry.text))


def _begin(word: str, text: str) -> int:
    """Return where the text has this word or a longer one that begins with it; -1 if it has none."""
    place = text.find(word)
    while place > 0 and text[place - 1].isalnum():
        place = text.find(word, place + 1)
    return place


def _has(text: str, each: list[str]) -> bool:
    """Return whether the text has each of these words, or what the guide says for it."""
    return all(max(_begin(word, text), _begin(_SYNONYMS.get(word, word), text)) >= 0 for word in each)


def _rank(wanted: str, each: list[str], entry: _Entry) -> tuple[int, ...] | None:
    """Return how telling a section is, less for more; None if a word is missing."""
    topic, is_page = entry.page.topic, not entry.place
    is_term = topic == GLOSSARY and not is_page
    same, inside, everywhere = wanted in entry.names, _has(" ".join(entry.names), each), _has(entry.text, each)
    if is_page and (topic == wanted or same):
        return (0,)
    if same:
        return (1,) if is_term else (2,)
    if is_term and everywhere and (f" {entry.title}" in f" {wanted}" or wanted in entry.abbreviations):
        return (2, 1)
    if inside or (is_page and _has(topic, each)):
        return (3, not is_page, not is_term)
    if not everywhere:
        return None
    return _PROSE if _has(entry.prose, each) else _OUTPUT


def _excerpt(text: str, each: list[str]) -> str:
    """Return the text around the first word found, or its beginning."""
    line = " ".join(text.split())
    first = min((place for word in each if (place := _begin(word, normal(line))) >= 0), default=0)
    begin = 0 if first < _EXCERPT // 2 else line[: first - _EXCERPT // 4].rfind(" ") + 1
    end = len(line) if len(line) <= begin + _EXCERPT else line.rfind(" ", begin + 1, begin + _EXCERPT)
    end = begin + _EXCERPT if end <= begin else end
    return f"{'... ' * (begin > 0)}{line[begin:end]}{' ...' * (end < len(line))}"


@lru_cache(maxsize=1)
def _entries() -> list[_Entry]:
    entries = []
    for page in pages():
        titles = _titles() if page.topic == DEGRADATIONS else {}
        for place, section in enumerate(sections(read(page.topic))):
            title = section.heading.title
            names = tuple(dict.fromkeys(map(normal, (title, titles.get(title, title)))))
            short = frozenset(map(normal, _ABBREVIATION.findall(section.text)) if page.topic == GLOSSARY else ())
            text, prose = (" ".join((*names, normal(text))) for text in (section.text, section.prose))
            entries.append(_Entry(page, place, section, names, text, prose, short))
    return entries


def _titles() -> dict[str, str]:
    """Return the title of each built-in degradation by its name, which is the heading of its definition."""
    from tfstab.degradations import BUILT_IN  # here, as terms are looked up without it

    return {name: family.title for name, family in BUILT_IN.items()}
