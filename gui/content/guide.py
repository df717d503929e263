"""Places in the guide that the viewer opens: terms, tabs, and what to do about an error. No Qt in here.

A place is "TOPIC" or "TOPIC#ANCHOR", as in the links of `tfstab.guide.html`. The guide is imported when it is first
needed, because the window appears sooner without it.
"""

import re
from functools import lru_cache

VIEWER, START, GLOSSARY, PROBLEMS = "viewer", "index", "glossary", "troubleshooting"  # topics
BY_MOUSE = f"{VIEWER}#from-a-model-to-a-remedy-by-mouse"  # the tutorial's steps in the viewer
LEAST = 15  # letters of an error's sentence by which it is recognised


def term_place(term: str) -> str:
    """Return the place of a term of the glossary.

    Examples
    --------
    >>> from tfstab.gui.content.guide import term_place
    >>> term_place("accuracy kept")
    'glossary#accuracy-kept'
    """
    from tfstab.guide.markdown import slug

    return f"{GLOSSARY}#{slug(term)}"


def tab_place(title: str) -> str:
    """Return the place that explains a tab, given by its title; headings of the viewer's page are titles of tabs."""
    from tfstab.guide.markdown import slug

    return f"{VIEWER}#{slug(title)}"


def explained(term: str) -> str:
    """Return a term and the glossary's explanation of it, for a tool tip."""
    from tfstab.glossary import terms

    return f"{term[:1].upper()}{term[1:]}: {terms()[term]}"


def advice_on(sentence: str) -> str:
    """Return the place that says what to do about an error; "" if the guide does not know it.

    Examples
    --------
    >>> from tfstab.gui.content.guide import advice_on
    >>> advice_on("a.h5 is HDF5, which can run any code when it is loaded: add --trust if you trust its author.")
    'troubleshooting#which-can-run-any-code-when-it-is-loaded-add---trust-if-you-trust-its-author'
    """
    known = [(len(pattern.pattern), anchor) for pattern, anchor in _known_errors() if pattern.search(sentence)]
    return f"{PROBLEMS}#{max(known)[1]}" if known else ""


@lru_cache(maxsize=1)
def _known_errors() -> list[tuple[re.Pattern[str], str]]:
    """Return patterns of the sentences that are headings of the page on problems, with their anchors.

    There, "…" stands for names and numbers.
    """
    from tfstab.guide import read
    from tfstab.guide.markdown import sections

    headings = [section.heading for section in sections(read(PROBLEMS)) if section.heading.level > 2]
    patterns = [(".*?".join(map(re.escape, heading.title.split("…"))), heading.anchor) for heading in headings]
    return [(re.compile(text, re.DOTALL), anchor) for text, anchor in patterns if len(text) >= LEAST]
