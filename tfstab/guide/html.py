"""Pages of the guide as HTML for the viewer, which shows headings, lists, tables, code, links and pictures."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from tfstab.guide.links import resolve
from tfstab.guide.markdown import headings, parser
from tfstab.guide.pages import Page, picture_file, read

if TYPE_CHECKING:
    from markdown_it.token import Token

SCHEME = "guide:"  # links to pages are "guide:TOPIC" or "guide:TOPIC#ANCHOR"


def render(page: Page) -> str:
    """Return a page as HTML, without head and body.

    Each heading has its anchor as `id`. A link to a page of the guide has the address "guide:TOPIC#ANCHOR". Pictures
    are files of the package. Raw HTML, such as a comment, is left out.

    Parameters
    ----------
    page : Page
        The page.

    Returns
    -------
    str
        HTML.
    """
    return render_text(page, read(page.topic))


def render_text(page: Page, text: str) -> str:
    """Return Markdown text, such as one section of a page, as HTML; its links are those of the page."""
    tokens = parser().parse(text)
    for place, heading in headings(tokens):
        tokens[place].attrSet("id", heading.anchor)
    for token in tokens:
        if token.type == "fence":
            token.content = token.content.removesuffix("\n")  # which Qt would show as an empty line
        token.children = _led(page, token.children) if token.children else token.children
    kept = [token for token in tokens if token.type != "html_block"]
    return str(parser().renderer.render(kept, parser().options, {}))


def _led(page: Page, children: Sequence["Token"]) -> list["Token"]:
    """Return inline tokens with links and pictures leading where they should, and without raw HTML."""
    for token in children:
        if token.type == "link_open":
            link = resolve(page, str(token.attrGet("href")))
            anchor = f"#{quote(link.anchor)}" if link.anchor else ""
            token.attrSet("href", link.url or (f"{SCHEME}{link.page.topic}{anchor}" if link.page else ""))
        elif token.type == "image":
            file = picture_file(resolve(page, str(token.attrGet("src"))).picture)
            token.attrSet("src", file.as_uri() if isinstance(file, Path) else "")
    return [token for token in children if token.type != "html_inline"]
