"""Sphinx makes the guide a site: `make docs`.

`make docs` copies the guide and its pictures to `build/docs`, and Sphinx reads that copy. This file adds to the copy
what only the site needs: the navigation, in the order of the guide's `index.md`, and a page for each public name.
"""

import importlib
import inspect
import itertools
import re
from pathlib import Path

from numpydoc.xref import DEFAULT_LINKS
from sphinx.application import Sphinx
from sphinx.config import Config

import tfstab
from tfstab import guide

HERE = Path(__file__).parent
ROW = r"^\| `(\w+)(?:\(\))?` \|"  # of the table of names

project = "tfstab"
author = "the authors of tfstab"
copyright = "2026, the authors of tfstab"
version = release = tfstab.__version__

extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx_copybutton"]
templates_path = [str(HERE / "templates")]
exclude_patterns = ["__init__.py"]
nitpicky = True
default_role = "literal"

# Links to headings work as on the repository's host, for # to ####.
myst_heading_anchors = 4

# Docstrings state types in words that fit the array ("ndarray of shape (N, H, W, C)"), so signatures need none.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
# Only names of tfstab become links in the types of parameters; other words of a type are text.
numpydoc_xref_param_type = True
numpydoc_xref_ignore = "all"
DEFAULT_LINKS.clear()  # to the documentation of Python and NumPy, whose lists of names are on the network
numpydoc_xref_aliases = {name: f"tfstab.{name}" for name in tfstab.__all__ if name[0].isupper()}
# What a docstring says of parameters and returned values must agree with the signature.
numpydoc_validation_checks = {"GL06", "GL07", "PR02", "PR03", "PR06", "RT03", "SS03"}

# Examples are copied without their prompts and output.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

linkcheck_timeout = 20
linkcheck_anchors = False  # pages that are drawn by scripts have none to find

html_theme = "pydata_sphinx_theme"
html_title = "tfstab"
html_logo = html_favicon = "../icons/tfstab.svg"
html_static_path = ["static"]
html_css_files = ["tfstab.css"]
html_copy_source = False
html_theme_options = {
    "logo": {"text": "tfstab"},
    "header_links_before_dropdown": 7,
    "navigation_with_keys": True,
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
}


def toctree(entries: list[str], *options: str) -> str:
    """Return a toctree in reStructuredText."""
    return "\n   ".join([".. toctree::", *options, "", *entries]) + "\n"


def titled(title: str) -> str:
    """Return the title of a page in reStructuredText."""
    return f"{title}\n{'=' * len(title)}\n\n"


def write_navigation(source: Path) -> None:
    """Write a page for each section, with its pages in order, and enter the sections in the index."""
    top = []
    for section, group in itertools.groupby(guide.pages(), lambda page: page.section):
        pages = [(page.path.removesuffix(".md"), page.summary) for page in group]
        if len(pages) == 1:
            top.append(f"{section} <{pages[0][0]}>")
            continue
        folder = pages[0][0].partition("/")[0]
        summaries = "".join(f"- :doc:`/{path}`: {summary}\n" for path, summary in pages)
        tree = toctree([f"/{path}" for path, _summary in pages], ":hidden:", ":maxdepth: 1")
        (source / folder / "index.rst").write_text(titled(section) + summaries + "\n" + tree, "utf-8")
        top.append(f"{folder}/index")
    with (source / "index.md").open("a", encoding="utf-8") as file:
        file.write(f"\n```{{eval-rst}}\n{toctree(top, ':hidden:')}```\n")


def write_interface(source: Path) -> None:
    """Write a page for each package that the page `api.md` lists, and let its names lead to pages of their own.

    autosummary makes the pages of the names from their docstrings.
    """
    page, folder = source / "reference" / "api.md", source / "reference" / "api"
    folder.mkdir()
    first, *sections = re.split(r"^## (tfstab.*)\n", page.read_text("utf-8"), flags=re.MULTILINE)
    texts, packages = [first], []
    for package, text in zip(sections[::2], sections[1::2], strict=True):
        module = importlib.import_module(package)
        names = [name for name in re.findall(ROW, text, re.MULTILINE) if is_documented(getattr(module, name))]
        row = re.compile(rf"^\| (`({'|'.join(names)})\b.*?`)", re.MULTILINE)
        linked = row.sub(rf"| [\1](api/{package}.\2.rst)", text) if names else text
        texts.append(f"## {package}\n{linked}")
        if names:
            packages.append(f"api/{package}")
            listing = "\n   ".join([".. autosummary::", ":toctree: .", "", *names])
            entries = f".. currentmodule:: {package}\n\n{listing}\n"
            (folder / f"{package}.rst").write_text(titled(package) + entries, "utf-8")
    page.write_text("".join(texts) + f"\n```{{eval-rst}}\n{toctree(packages, ':hidden:')}```\n", "utf-8")


def is_documented(value: object) -> bool:
    """Return True for classes and functions; constants have no docstrings."""
    return inspect.isclass(value) or inspect.isroutine(value)


def prepare(app: Sphinx, _config: Config) -> None:
    """Add the pages of the site to the copy of the guide, before Sphinx lists its files."""
    source = Path(app.srcdir)
    write_navigation(source)
    write_interface(source)


def setup(app: Sphinx) -> None:
    """Connect this file to Sphinx."""
    app.connect("config-inited", prepare)
