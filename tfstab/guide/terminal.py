"""Pages of the guide for a terminal, drawn by rich."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.markdown import Heading, Markdown, MarkdownElement, TableElement
from rich.table import Table
from rich.text import Text

from tfstab.guide.links import resolve
from tfstab.guide.markdown import parser, plain, plain_text
from tfstab.guide.pages import CONTENTS, Page, pages, picture_folder

if TYPE_CHECKING:
    from markdown_it.token import Token


class _Heading(Heading):
    """A heading at the left, underlined by its level."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it."""
        level = int(self.tag[1:])
        yield Text(self.text.plain, style="bold", justify="left")
        if level < 3:
            yield Text("═─"[level - 1] * min(len(self.text), options.max_width), style="dim")


class _Table(TableElement):
    """A table that breaks words wider than their column over several lines, instead of cutting them off."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it."""
        for table in super().__rich_console__(console, options):
            if isinstance(table, Table):
                for column in table.columns:
                    column.overflow = "fold"
            yield table


class _Page(Markdown):
    """A page whose links and pictures are text."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements, "heading_open": _Heading, "table_open": _Table
    }  # fmt: skip

    def __init__(self, page: Page, text: str) -> None:
        super().__init__("")
        self.named: dict[str, Page] = {}
        self.pictured = False
        self.parsed = parser().parse(text)
        for token in self.parsed:
            if token.type == "inline":
                token.children = list(self._as_text(page, token.children or []))

    def _as_text(self, page: Page, children: Sequence["Token"]) -> Iterable["Token"]:
        """Yield inline tokens, with addresses of web pages after their links; keep the pages that links lead to."""
        from markdown_it.token import Token

        address = ""
        for token in children:
            if token.type == "link_open":
                link = resolve(page, str(token.attrGet("href")))
                address = link.url
                if link.page and link.page.topic not in (page.topic, CONTENTS.topic):
                    self.named[link.page.topic] = link.page
            elif token.type == "link_close":
                if address:
                    yield Token("text", "", 0, content=f" ({address})")
            elif token.type == "image":
                self.pictured, name = True, resolve(page, str(token.attrGet("src"))).picture
                yield Token("text", "", 0, content=f"[Picture {name}: {plain(token.children or ())}]")
            elif token.type == "code_inline":  # where there are no colours, only its quotes tell it from text
                token.content = f"`{token.content}`"
                yield token
            elif token.type != "html_inline":
                yield token


def drawn_page(page: Page, text: str) -> RenderableType:
    """Return a page or a section of it, and below it the topics that its links lead to.

    Parameters
    ----------
    page : Page
        The page.
    text : str
        Its Markdown text, or that of a section.
    """
    drawn = _Page(page, text)
    parts: list[RenderableType] = [drawn]
    if drawn.pictured:
        parts.append(Text(f"\nThe pictures are in {picture_folder()}", style="dim"))
    if drawn.named:
        titles = {page.topic: page.title for page in drawn.named.values()}
        parts += [Text("\nPages that this one links to:", style="dim"), _topics(titles)]
    return Group(*parts)


def drawn_contents() -> RenderableType:
    """Return the table of contents: each section's topics with their summaries."""
    parts: list[RenderableType] = [Text(CONTENTS.title, style="bold"), Text("═" * len(CONTENTS.title), style="dim")]
    for section in dict.fromkeys(page.section for page in pages()):
        about = {p.topic: f"{p.title}: {plain_text(p.summary)}" for p in pages() if p.section == section}
        parts += [Text(f"\n{section}", style="bold"), _topics(about)]
    return Group(*parts)


def _topics(about: dict[str, str]) -> Table:
    """Return a table of topics, with a text about each."""
    table = Table.grid(padding=(0, 2))
    table.add_column(min_width=2 + max(len(page.topic) for page in pages()), no_wrap=True, style="cyan")
    table.add_column()
    for topic, text in about.items():
        table.add_row(f"  {topic}", Text(text))
    return table
