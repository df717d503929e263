"""The pages of the guide, in the order of its table of contents."""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from tfstab.errors import InputError

_SECTION = re.compile(r"## (.+)")
_ENTRY = re.compile(r"- \[(.+?)\]\(([\w/-]+\.md)\): (.+)")


@dataclass(frozen=True)
class Page:
    """A page of the guide.

    Attributes
    ----------
    topic : str
        Its name in `tfstab guide TOPIC`: the stem of its file, which no other page has.
    title : str
        Its heading.
    section : str
        The section of the table of contents that lists it; "" for the table of contents itself.
    summary : str
        One line on what it contains, in Markdown.
    path : str
        Its file, relative to the guide's folder, such as "how-to/install.md".
    """

    topic: str
    title: str
    section: str
    summary: str
    path: str


CONTENTS = Page("index", "The guide to tfstab", "", "All pages with their summaries.", "index.md")


@lru_cache(maxsize=1)
def pages() -> tuple[Page, ...]:
    """Return all pages but the table of contents, in its order.

    Examples
    --------
    >>> from tfstab import guide
    >>> guide.pages()[0].topic
    'tutorial'
    """
    found, section = [], ""
    for line in _text(CONTENTS).splitlines():
        if heading := _SECTION.fullmatch(line):
            section = heading[1]
        elif entry := _ENTRY.fullmatch(line):
            title, path, summary = entry.groups()
            found.append(Page(path.rpartition("/")[2].removesuffix(".md"), title, section, summary, path))
    return tuple(found)


def get_page(topic: str) -> Page:
    """Return the page on a topic; "index" is the table of contents.

    Raises
    ------
    InputError
        There is no such page.
    """
    for page in (CONTENTS, *pages()):
        if page.topic == topic:
            return page
    raise InputError(f"the guide has no page '{topic}': see `tfstab guide`, which lists them.")


def read(topic: str) -> str:
    """Return the Markdown text of the page on a topic.

    Raises
    ------
    InputError
        There is no such page.
    """
    return _text(get_page(topic))


def picture_file(name: str) -> Traversable | None:
    """Return the file of a picture that comes with tfstab, or None if there is none of this name."""
    file = picture_folder() / name
    return file if "/" not in name and "\\" not in name and file.is_file() else None


def picture_folder() -> Traversable:
    """Return the folder of the pictures that come with tfstab."""
    return files("tfstab.resources.pictures")


def _text(page: Page) -> str:
    return files("tfstab.resources.guide").joinpath(*page.path.split("/")).read_text("utf-8")
