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
