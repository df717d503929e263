"""Where the links of an assessment lead."""

from pathlib import Path
from typing import Any

from tfstab.gui.content.robustness import Cell, FamilyRow
from tfstab.gui.content.viewpoint import Viewpoint


def overview_of(path: Path) -> Viewpoint:
    """Return the first page of a run."""
    return Viewpoint(str(path.resolve()), "Overview", {})


def place_of(path: Path, view: str, **state: Any) -> Viewpoint:
    """Return a view of a run, and what is chosen there."""
    return Viewpoint(str(path.resolve()), view, state)


def list_of_cell(row: FamilyRow, cell: Cell) -> Viewpoint:
    """Return the list of the images that are right when clean and wrong at a severity of a family."""
    chosen = {"severity_index": cell.severity_index, "clean_wrong": False}
    return Viewpoint(str(row.path.resolve()), "Misclassifications", {"class": None, "filter": chosen})
