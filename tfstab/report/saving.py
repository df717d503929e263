"""Writes pages, with their tables and figures as files beside them."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure

from tfstab import limits
from tfstab.errors import InputError, on_disk
from tfstab.paths import check_path, check_writable
from tfstab.reading import read_json
from tfstab.report.figures import save_figure
from tfstab.report.layout import keep_layout
from tfstab.report.page import Page, Section, render
from tfstab.report.tables import Table
from tfstab.runs.atomic import make_folder, remove_temporaries, write_json, write_text

PAGE_SUFFIXES = (".html", ".htm")
LIST = ".report.json"  # the list of the files that belong to the report in a folder
FIGURE_FORMATS = ("pdf", "png", "svg")
_OWN_NAME = re.compile(r"tables/\d{2,}-[a-z0-9-]*\.(csv|tex)|figures/\d{2,}-[\w-]+\.(pdf|png|svg)")


def names_page(path: Path) -> bool:
    """Return whether a path is that of a page, not of a folder, by its name and what is there."""
    return path.suffix.lower() in PAGE_SUFFIXES and not path.is_dir()


def check_page_folder(folder: Path) -> None:
    """Raise InputError if this is a file or named like a page, and DiskError if nothing can be written there."""
    check_path(folder, InputError, recorded=True)
    if names_page(folder):
        raise InputError(f"{folder} is the name of a page; expected that of a folder: leave out {folder.suffix}.")
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file: choose a folder with --out.")
    check_writable(folder)


def save_page(page: Page, folder: Path) -> list[Path]:
    """Write report.html, tables/*.csv and *.tex, and figures/*.pdf, *.png and *.svg; see `save_report`."""
    return save_report(folder, render(page), page.sections)


def save_report(
    folder: Path, html: str, sections: Sequence[Section] = (), on_file: Callable[[int, int], None] | None = None
) -> list[Path]:
    """Write report.html, and the tables and figures of sections as files.

    Tables and figures of an earlier report in this folder that the new one does not have are removed; no other files
    are.

    Parameters
    ----------
    folder : Path
        Where to write; made if missing.
    html : str
        The page.
    sections : sequence of Section, optional
        Their tables become tables/*.csv and *.tex, their figures figures/*.pdf, *.png and *.svg.
    on_file : callable, optional
        Called with the numbers of written and of all files.

    Returns
    -------
    list of Path
        The files, the page first.

    Raises
    ------
    InputError
        The folder is a file.
    DiskError
        A file cannot be written.
    """
    check_page_folder(folder)
    parts = dict(_files(sections))
    files: dict[str, Callable[[Path], None]] = {"report.html": partial(write_text, text=html), **parts}
    for place in {(folder / name).parent for name in files}:
        make_folder(place)
    listed = _listed(folder)
    earlier = [name for name in listed if name not in files]
    # Lists old and new files until the old ones are removed, so that the next report can remove them if this one is
    # killed before.
    if parts or listed:
        write_json(folder / LIST, [*files, *earlier])
    for number, (name, write) in enumerate(files.items(), start=1):
        write(folder / name)
        if on_file is not None:
            on_file(number, len(files))
    with on_disk(folder):
        _remove(folder, earlier)
        if listed and not parts:
            (folder / LIST).unlink()
    if parts:
        write_json(folder / LIST, list(files))
    return [folder / name for name in files]


def _files(sections: Sequence[Section]) -> Iterator[tuple[str, Callable[[Path], None]]]:
    """Yield the name of each table's and figure's file, relative to the folder, and the function that writes it."""
    for number, section in enumerate(sections, start=1):
        begin = "-".join(filter(None, [f"{number:02d}", _file_name(section.name)]))
        for part in section.parts:
            if isinstance(part, Table):
                name = f"tables/{begin}-{_file_name(part.title)}"
                caption = f"{part.title}: {section.title}" if section.name else None
                yield f"{name}.csv", partial(write_text, text=part.csv())
                yield f"{name}.tex", partial(write_text, text=part.latex(caption))
            else:
                for suffix in FIGURE_FORMATS:
                    yield f"figures/{begin}-{part.name}.{suffix}", partial(_save_figure, part.figure)


def _save_figure(figure: Figure, path: Path) -> None:
    """Write a figure, which then keeps its layout for the next format."""
    save_figure(figure, path)
    keep_layout(figure)


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
