"""Saving tables as CSV and marked images as PNG."""

import csv
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count as count_from
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QAbstractItemModel, Qt

from tfstab.errors import TfstabError
from tfstab.gui.content.confusion import Confusion
from tfstab.gui.content.explorer import Exploring
from tfstab.gui.content.pair_numbers import columns_of, numbers_of
from tfstab.gui.content.pairing import Pairing
from tfstab.gui.content.points import SweepPoints
from tfstab.gui.content.runner_up import UNKNOWN, certain_runner_up, second_when_clean
from tfstab.gui.content.triple import Picture
from tfstab.gui.figures import rgb, save_pixels, triple_picture
from tfstab.gui.sessions.marks import MarkKey
from tfstab.names import csv_cell
from tfstab.runs.atomic import write_atomically
from tfstab.wording import capital

if TYPE_CHECKING:
    from tfstab.sweep import SweepRun

BLOCK = 50_000  # rows converted to text at once


Key = tuple[int, int, int]  # image, severity index, copy
Fixed = Mapping[str, str]  # titles and values of columns that have the same value in all rows
NOTHING: Fixed = MappingProxyType({})
Elsewhere = tuple[str, tuple[str, ...], np.ndarray]  # name of a compared run, its class names, its predictions (N,)


def save_rows(
    path: str,
    run: "SweepRun",
    points: SweepPoints,
    rows: np.ndarray,
    notes: dict[tuple[int, ...], str],
    elsewhere: Sequence[Elsewhere] = (),
    runners_up: Mapping[Key, int] = MappingProxyType({}),
) -> int:
    """Write points as CSV, with full precision, file names, class names and notes; runs in a worker.

    Parameters
    ----------
    path : str
        The file.
    run : SweepRun
        The points' run.
    points : SweepPoints
        All points.
    rows : ndarray
        Positions of the points to write, in order.
    notes : dict
        Notes of marked points by key.
    elsewhere : sequence of (str, tuple of str, ndarray)
        Name, class names and predictions (N,), for all points, of each compared run; a negative prediction is written
        as an empty cell.
    runners_up : mapping of tuple to int
        Runners-up by key, as far as the model has computed them; where none is known, the cell is empty.

    Returns
    -------
    int
        Number of rows written.
    """
    clean, files = run.clean, run.clean.names is not None
    names, severities = np.array([csv_cell(name) for name in run.class_names], object), np.array(run.severities)

    def fill(writer: Any) -> None:
        writer.writerow(
            [
                "image",
                *(["file"] if files else []),
                "class_index",
                "class",
                "predicted",
                "predicted_class",
                run.degradation.parameter,
                "copy",
                "psnr",
                "score",
                "true_score",
                "runner_up",
                "second_when_clean",
                "marked",
                "note",
                *(csv_cell(title) for name, *_ in elsewhere for title in _titles_elsewhere(name)),
            ]
        )
        for start in range(0, len(rows), BLOCK):
            p = points.take(rows[start : start + BLOCK])
            keys = list(zip(p.image.tolist(), p.severity_index.tolist(), p.copy.tolist(), strict=True))
            columns = (
                p.image,
                *([np.array([csv_cell(clean.file(image)) for image in p.image.tolist()], object)] if files else []),
                p.actual,
                names[p.actual],
                p.predicted,
                names[p.predicted],
                severities[p.severity_index],
                p.copy,
                p.psnr,
                p.score,
                p.true_score,
                _names(names, _runners_up(p, keys, len(names), runners_up)),
                _names(names, second_when_clean(clean, p.image)),
            )
            marks = [int(key in notes) for key in keys], [csv_cell(notes.get(key, "")) for key in keys]
            others = [
                column for other in elsewhere for column in _columns_elsewhere(other, rows[start : start + BLOCK])
            ]
            writer.writerows(zip(*(c.tolist() for c in columns), *marks, *others, strict=True))

    write_csv(path, fill)
    return len(rows)


def _runners_up(points: SweepPoints, keys: Sequence[Key], classes: int, known: Mapping[Key, int]) -> np.ndarray:
    """Return the runners-up of points (N,) that follow from their scores, or are known by their keys; else UNKNOWN."""
    numbers = zip(points.actual, points.predicted, points.score, points.true_score, strict=True)
    certain = [certain_runner_up(int(a), int(p), float(s), float(t), classes) for a, p, s, t in numbers]
    return np.array([known.get(key, UNKNOWN) if k == UNKNOWN else k for k, key in zip(certain, keys, strict=True)])


def _names(names: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return the names of classes (N,), "" for UNKNOWN."""
    return np.where(classes == UNKNOWN, "", names[classes])


def _titles_elsewhere(name: str) -> tuple[str, str]:
    """Return the titles of a compared run's columns."""
    return f"predicted in {name}", f"predicted_class in {name}"


def _columns_elsewhere(other: Elsewhere, rows: np.ndarray) -> tuple[list[object], list[str]]:
    """Return a compared run's predictions for these points: class numbers and names; "" where it has none."""
    _, names, predicted = other
    classes = predicted[rows].tolist()
    return [k if k >= 0 else "" for k in classes], [csv_cell(names[k]) if k >= 0 else "" for k in classes]


def save_table(
    path: str, model: QAbstractItemModel, columns: Iterable[int] | None = None, fixed: Fixed = NOTHING
) -> None:
    """Write a table with the rows, order and texts on screen.

    Parameters
    ----------
    path : str
        The file.
    model : QAbstractItemModel
        The table.
    columns : iterable of int, optional
        Numbers of the columns to write; by default all.
    fixed : mapping of str to str
        Titles and values of columns before these, which have the same value in all rows.
    """
    columns = range(model.columnCount()) if columns is None else list(columns)

    def fill(writer: Any) -> None:
        titles = (" ".join(str(model.headerData(c, Qt.Orientation.Horizontal)).split()) for c in columns)
        writer.writerow([*map(capital, fixed), *("Marked" if title == "★" else title for title in titles)])
        for row in range(model.rowCount()):
            writer.writerow([*fixed.values(), *(csv_cell(model.index(row, c).data()) for c in columns)])

    write_csv(path, fill)


def save_scores(
    path: str,
    explored: Exploring,
    true_class: int | None,
    names: Sequence[str],
    scores: tuple[np.ndarray, np.ndarray],
) -> None:
    """Write the scores (K,) of the clean and the degraded image that the explorer shows, one row for each class.

    The column true_class is empty if the true class is unknown.
    """
    file = None if explored.own is None else explored.own.path
    image = explored.image if file is None else csv_cell(file.name)

    def fill(writer: Any) -> None:
        writer.writerow(["image", "degradations", "class_index", "class", "true_class", "clean_score", "score"])
        for k, (name, *both) in enumerate(zip(names, *(s.tolist() for s in scores), strict=True)):
            mark = "" if true_class is None else int(k == true_class)
            writer.writerow([image, csv_cell(explored.text), k, csv_cell(name), mark, *both])

    write_csv(path, fill)


def save_pairings(path: str, own: str, pairings: Sequence[Pairing], fixed: Fixed = NOTHING) -> None:
    """Write paired differences between a network and others, with their 95 % intervals, in full precision.

    fixed: as in `save_table`.
    """

    def fill(writer: Any) -> None:
        writer.writerow([*fixed, *columns_of(pairings)])
        writer.writerows([*fixed.values(), *map(csv_cell, line)] for line in numbers_of(own, pairings))

    write_csv(path, fill)


def save_confusions(path: str, runs: list[Confusion], fixed: Fixed = NOTHING) -> None:
    """Write confusion matrices, one row for each run and true class, with new titles where the classes change.

    The counts are followed by the shares of the true class in %, in which all images count equally. fixed: as in
    `save_table`.
    """

    def fill(writer: Any) -> None:
        classes: tuple[str, ...] = ()
        for run in runs:
            if run.classes != classes:
                classes = run.classes
                titles = map(csv_cell, [*classes, *(f"{name} (%)" for name in classes)])
                writer.writerow([*fixed, "run", "true class", *titles])
            rows = zip(map(csv_cell, classes), run.counts.tolist(), (100 * run.shares).tolist(), strict=True)
            for name, counts, shares in rows:
                known = ["" if math.isnan(share) else share for share in shares]
                writer.writerow([*fixed.values(), csv_cell(run.name), name, *counts, *known])

    write_csv(path, fill)


@dataclass(frozen=True)
class Saved:
    """What was saved.

    Attributes
    ----------
    count : int
        Files written.
    problems : list of str
        Why images are missing, one sentence each.
    """

    count: int
    problems: list[str]


def save_marked(folder: str, keys: Iterable[MarkKey], picture: Callable[[MarkKey], Picture]) -> Saved:
    """Write each degraded image, rounded to 8 bits, and its triple as PNG; runs in a worker.

    No file is replaced: a name that exists already gets a number. If an image cannot be read, the others are saved.
    """
    count, problems = 0, []
    for key in keys:
        try:
            name, clean, degraded = picture(key)
            single, triple = _free(Path(folder), name)
            save_pixels(rgb(degraded), str(single))
            save_pixels(triple_picture(clean, degraded - clean, degraded), str(triple))
        except (TfstabError, OSError) as error:
            problems.append(str(error))
        else:
            count += 2
    return Saved(count, problems)


def _free(folder: Path, name: str) -> tuple[Path, Path]:
    """Return two paths that do not exist yet, for an image and its triple."""
    for number in count_from(1):
        stem = name if number == 1 else f"{name}-{number}"
        pair = folder / f"{stem}.png", folder / f"{stem}-triple.png"
        if not any(path.exists() for path in pair):
            return pair
    raise AssertionError


def write_csv(path: str, fill: Callable[[Any], None]) -> None:
    """Let `fill(csv.writer)` write a file, which replaces `path` when it is complete."""

    def write(temporary: Path) -> None:
        with temporary.open("w", newline="", encoding="utf-8") as file:
            fill(csv.writer(file))

    write_atomically(Path(path), write)
