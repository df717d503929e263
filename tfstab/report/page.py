"""Pages of tables and figures as one self-contained HTML file: comparisons and reproductions."""

import base64
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from PIL import Image

import tfstab
from tfstab.fonts import use_fonts
from tfstab.glossary import terms
from tfstab.report.layout import keep_layout
from tfstab.report.tables import Table

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure with its caption.

    Attributes
    ----------
    name : str
        Name of its files, without suffix.
    caption : str
        The text above it.
    figure : matplotlib.figure.Figure
        The figure.
    """

    name: str
    caption: str
    figure: Figure

    def data_uri(self) -> str:
        """Return the figure as a data URI: a PNG of 255 colours, far smaller than an SVG of many points."""
        drawn, small = io.BytesIO(), io.BytesIO()
        use_fonts(self.figure)
        self.figure.savefig(drawn, format="png", dpi=130)
        keep_layout(self.figure)
        Image.open(drawn).convert("RGB").quantize(255).save(small, format="png", optimize=True)
        return f"data:image/png;base64,{base64.b64encode(small.getvalue()).decode()}"


@dataclass(frozen=True)
class Section:
    """A section of a page.

    Attributes
    ----------
    title : str
        Its heading.
    lines : sequence of str
        Paragraphs.
    parts : sequence of Table or Picture
        Tables and pictures, in their order.
    warnings : sequence of str
        Paragraphs that are highlighted, above the others.
    name : str
        What the names of its files say after its number, such as the network; "" if nothing.
    """

    title: str
    lines: Sequence[str] = ()
    parts: Sequence[Table | Picture] = ()
    warnings: Sequence[str] = ()
    name: str = ""


def footnoted(parts: Iterable[Table | Picture], note: str) -> list[Table | Picture]:
    """Return the parts of a section with a further note below each table, if the note is not empty."""
    return [part.with_note(note) if isinstance(part, Table) else part for part in parts]


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes
    ----------
    title : str
        Its heading.
    lead : sequence of str
        Paragraphs at the top.
    sections : sequence of Section
        Its sections.
    terms : sequence of str
        Terms of the glossary that are explained below the lead.
    """

    title: str
    lead: Sequence[str]
    sections: Sequence[Section] = field(default=())
    terms: Sequence[str] = ()


def render(page: Page) -> str:
    """Return a page as HTML, with all text escaped."""
    return render_template("page.html", title=page.title, page=page)


def render_template(name: str, **values: Any) -> str:
    """Return one of this package's templates as HTML, with all text in these values escaped."""
    return _environment().get_template(name).render(version=tfstab.__version__, **values)


@cache
def _environment() -> "Environment":
    """Return what compiles templates, once each: that takes longer than to render them."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("tfstab.report")
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True, undefined=StrictUndefined)
    environment.globals["TERMS"] = terms()
    environment.filters |= {"unbroken": _unbroken, "with_code": _with_code}
    return environment


def _unbroken(text: str) -> "Markup":
    """Return a text as HTML in which an interval such as 34–35, or a number and its %, stays in one line."""
    from markupsafe import Markup

    return Markup(
        re.sub(r"\d[\d.,]*(–\d[\d.,]*( %)?| %)", r'<span class="unbroken">\g<0></span>', str(_with_code(text)))
    )


def _with_code(text: str) -> "Markup":
    """Return a text as HTML in which commands, which the text has in backticks, are set as code."""
    from markupsafe import Markup, escape

    return Markup(re.sub("`([^`]+)`", r"<code>\g<1></code>", str(escape(text))))
