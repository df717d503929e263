"""Reports: one self-contained HTML page, and its tables and figures as files."""

import base64
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image

import tfstab
from tfstab import limits
from tfstab.errors import InputError, on_disk
from tfstab.paths import check_path
from tfstab.reading import read_json
from tfstab.report.figures import save_figure
from tfstab.report.tables import Table
from tfstab.runs.atomic import make_folder, remove_temporaries, write_json, write_text

LIST = ".report.json"  # the list of the files that belong to the report in a folder
FIGURE_FORMATS = ("pdf", "png", "svg")
_OWN_NAME = re.compile(r"tables/\d{2,}-[a-z0-9-]*\.(csv|tex)|figures/\d{2,}-[\w-]+\.(pdf|png|svg)")


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
        self.figure.savefig(drawn, format="png", dpi=130)
        self.figure.set_layout_engine("none")  # it has its layout now; repeating that takes longer than drawing
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
    """

    title: str
    lines: Sequence[str] = ()
    parts: Sequence[Table | Picture] = ()
    warnings: Sequence[str] = ()


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
    """

    title: str
    lead: Sequence[str]
    sections: Sequence[Section] = field(default=())


def render(page: Page) -> str:
    """Return a page as HTML, with all text escaped."""
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader("tfstab.report", "."), autoescape=True, trim_blocks=True)
    return environment.get_template("page.html").render(page=page, version=tfstab.__version__)


def check_page_folder(folder: Path) -> None:
    """Raise InputError if this is a file, so that a page cannot be saved in it."""
    check_path(folder, InputError, recorded=True)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file: choose a folder with --out.")


def save_page(page: Page, folder: Path) -> list[Path]:
    """Write report.html, tables/*.csv and *.tex, and figures/*.pdf, *.png and *.svg.

    Tables and figures of an earlier report in this folder that the new one does not have are removed; no other files
    are.

    Parameters
    ----------
    page : Page
        The report.
    folder : Path
        Where to write it; made if missing.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    InputError
        The folder is a file.
    DiskError
        It cannot be written.
    """
    check_page_folder(folder)
    files = dict(_files(page))
    make_folder(folder / "tables")
    earlier = [name for name in _listed(folder) if name not in files]
    # Lists old and new files until the old ones are removed, so that the next report can remove them if this one is
    # killed before.
    write_json(folder / LIST, [*files, *earlier])
    for name, write in files.items():
        write(folder / name)
    with on_disk(folder):
        _remove(folder, earlier)
    write_json(folder / LIST, list(files))
    return [folder / name for name in files]


def _files(page: Page) -> Iterator[tuple[str, Callable[[Path], None]]]:
    """Yield the name of each file of a report, relative to its folder, and the function that writes it."""
    yield "report.html", partial(write_text, text=render(page))
    for number, section in enumerate(page.sections, start=1):
        for part in section.parts:
            if isinstance(part, Table):
                name = f"tables/{number:02d}-{_file_name(part.title)}"
                yield f"{name}.csv", partial(write_text, text=part.csv())
                yield f"{name}.tex", partial(write_text, text=part.latex())
            else:
                for suffix in FIGURE_FORMATS:
                    yield f"figures/{number:02d}-{part.name}.{suffix}", partial(save_figure, part.figure)


def _remove(folder: Path, earlier: list[str]) -> None:
    """Remove files of an earlier report, and temporary files left by a report that was killed."""
    for place in ("tables", "figures"):
        if (folder / place).is_symlink():
            continue
        for path in (folder / name for name in earlier if name.startswith(f"{place}/")):
            if path.is_file():
                path.unlink()
        remove_temporaries(folder / place, partial(_is_own, place))


def _is_own(place: str, name: str) -> bool:
    """Return whether a report gives its files such names."""
    return _OWN_NAME.fullmatch(f"{place}/{name}") is not None


def _listed(folder: Path) -> list[str]:
    """Return the tables and figures that an earlier report in this folder has listed."""
    try:  # the list may come from anybody
        names = read_json(folder / LIST, limits.LARGEST_REPORT_LIST)
        return [name for name in names if _OWN_NAME.fullmatch(name)]
    except (OSError, ValueError, TypeError):
        return []


def _file_name(text: str) -> str:
    """Return a title as a file name of lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:80]
