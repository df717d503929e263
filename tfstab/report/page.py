"""A report as one self-contained HTML page, and its tables and figures as files."""

import base64
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image

import tfstab
from tfstab import limits
from tfstab.errors import InputError
from tfstab.paths import check_path
from tfstab.reading import read_json
from tfstab.report.figures import save_figure
from tfstab.report.tables import Table
from tfstab.runs.atomic import write_json, write_text

LIST = ".report.json"  # of the files that the report in this folder has
FIGURE_FORMATS = ("pdf", "png", "svg")
_OWN_NAME = re.compile(r"tables/\d{2,}-[a-z0-9-]*\.(csv|tex)|figures/\d{2,}-[\w-]+\.(pdf|png|svg)")


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure with its caption. name: of its files, without ending."""

    name: str
    caption: str
    figure: Figure

    def data_uri(self) -> str:
        """The figure inside a page: a PNG of few colours, which is a fraction of an SVG of many points."""
        drawn, small = io.BytesIO(), io.BytesIO()
        self.figure.savefig(drawn, format="png", dpi=130)
        self.figure.set_layout_engine("none")  # it is laid out now, and that takes longer than to draw it
        Image.open(drawn).convert("RGB").quantize(255).save(small, format="png", optimize=True)
        return f"data:image/png;base64,{base64.b64encode(small.getvalue()).decode()}"


@dataclass(frozen=True)
class Section:
    """lines: paragraphs; warnings: what must not be overlooked; parts: tables and pictures in their order."""

    title: str
    lines: Sequence[str] = ()
    parts: Sequence[Table | Picture] = ()
    warnings: Sequence[str] = ()


@dataclass(frozen=True)
class Page:
    """A title, what is said in a few lines, and sections."""

    title: str
    lead: Sequence[str]
    sections: Sequence[Section] = field(default=())


def render(page: Page) -> str:
    """The page as HTML; all text in it is escaped."""
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader("tfstab.report", "."), autoescape=True, trim_blocks=True)
    return environment.get_template("page.html").render(page=page, version=tfstab.__version__)


def check_page_folder(folder: Path) -> None:
    """Raise InputError where a page cannot go here, as this is a file."""
    check_path(folder, InputError, recorded=True)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file: choose a folder with --out.")


def save_page(page: Page, folder: Path) -> list[Path]:
    """Write report.html, tables/*.csv and *.tex, and figures/*.pdf, *.png and *.svg; gives the paths.

    Tables and figures of an earlier report in this folder that this one has not are removed.

    Raises InputError where the folder is a file.
    """
    check_page_folder(folder)
    text = render(page)
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    written = [folder / "report.html"]
    write_text(written[0], text)
    for number, section in enumerate(page.sections, start=1):
        for part in section.parts:
            if isinstance(part, Table):
                name = f"{number:02d}-{_file_name(part.title)}"
                for suffix, text in (("csv", part.csv()), ("tex", part.latex())):
                    written.append(folder / "tables" / f"{name}.{suffix}")
                    write_text(written[-1], text)
            else:
                for suffix in FIGURE_FORMATS:
                    written.append(folder / "figures" / f"{number:02d}-{part.name}.{suffix}")
                    save_figure(part.figure, written[-1])
    _replace_earlier(folder, written)
    return written


def _replace_earlier(folder: Path, written: list[Path]) -> None:
    """Remove the tables and figures that an earlier report wrote here and this one did not, and no other files."""
    listed = folder / LIST
    new = [path.relative_to(folder).as_posix() for path in written]
    try:  # anybody may have made the list
        there = read_json(listed, limits.LARGEST_REPORT_LIST)
        old = {name for name in there if _OWN_NAME.fullmatch(name)}
    except (OSError, ValueError, TypeError):
        old = set()
    for path in (folder / name for name in old - set(new)):
        if path.is_file() and not path.parent.is_symlink():
            path.unlink()
    write_json(listed, new)


def _file_name(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:80]
