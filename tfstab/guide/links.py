"""What the links of a page lead to: pages and headings of the guide, pictures, and web pages."""

import posixpath
from dataclasses import dataclass
from urllib.parse import unquote

from tfstab.guide.pages import CONTENTS, Page, pages

_PICTURES = "../pictures/"  # as seen from the guide's folder


@dataclass(frozen=True)
class Link:
    """Where a link leads; nowhere if all of this is empty.

    Attributes
    ----------
    page : Page, optional
        A page of the guide.
    anchor : str
        The anchor of a heading on it, "" for its beginning.
    picture : str
        Name of a file among tfstab's pictures.
    url : str
        Address of a web page.
    """

    page: Page | None = None
    anchor: str = ""
    picture: str = ""
    url: str = ""


def resolve(page: Page, target: str) -> Link:
    """Return where a link or picture of a page leads.

    Parameters
    ----------
    page : Page
        The page that has the link.
    target : str
        Its target as written: "#heading", "../understand/search.md#heading", "../../pictures/x.png" or "https://...".
    """
    if target.startswith(("https://", "http://")):
        return Link(url=target)
    path, _, anchor = target.partition("#")
    path, anchor = unquote(path), unquote(anchor)
    if not path:
        return Link(page, anchor)
    whole = posixpath.normpath(posixpath.join(posixpath.dirname(page.path), path))
    if whole.startswith(_PICTURES):
        return Link(picture=whole.removeprefix(_PICTURES))
    target_page = next((one for one in (CONTENTS, *pages()) if one.path == whole), None)
    return Link(target_page, anchor) if target_page else Link()


def resolve_path(path: str) -> Link:
    """Return which page a path leads to, as links in README.md and in the guide have it, with or without ".md".

    Parameters
    ----------
    path : str
        Such as "how-to/images", "resources/guide/how-to/images.md#heading" or "../understand/search.md".

    Examples
    --------
    >>> from tfstab.guide.links import resolve_path
    >>> resolve_path("resources/guide/understand/search.md").page.topic
    'search'
    """
    path, _, anchor = path.strip().replace("\\", "/").partition("#")
    if "/" not in path and not path.endswith(".md"):
        return Link()  # words to search for
    end = "/" + path.removesuffix(".md").lower()
    page = next((one for one in (CONTENTS, *pages()) if _ends_alike(end, f"/{one.path.removesuffix('.md')}")), None)
    return Link(page, anchor) if page else Link()


def _ends_alike(path: str, other: str) -> bool:
    """Return whether one of two paths is the end of the other."""
    return path.endswith(other) or other.endswith(path)
