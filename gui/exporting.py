"""What is saved from the viewer besides figures: tables as CSV, marked images as PNG."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tfstab.gui.content.points import SweepPoints
from tfstab.gui.content.triple import Picture
from tfstab.gui.figures import rgb, save_pixels, triple_picture

if TYPE_CHECKING:
    from tfstab.gui.widgets.array_model import ArrayModel
    from tfstab.sweep import SweepRun

BLOCK = 50_000  # rows that are turned into text at once


def save_rows(
    path: str, run: "SweepRun", points: SweepPoints, rows: np.ndarray, notes: dict[tuple[int, ...], str]
) -> int:
    """Write points as CSV, with full precision, names and notes; returns how many. Runs in a worker."""
    names, sigmas = np.array(run.class_names, object), np.array(run.sigmas)
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["image", "class_index", "class", "predicted", "predicted_class", "sigma", "copy", "psnr", "score",
             "true_score", "marked", "note"]
        )  # fmt: skip
        for start in range(0, len(rows), BLOCK):
            p = points.take(rows[start : start + BLOCK])
            keys = list(zip(p.image.tolist(), p.sigma_index.tolist(), p.copy.tolist(), strict=True))
            columns = (
                p.image, p.actual, names[p.actual], p.predicted, names[p.predicted], sigmas[p.sigma_index], p.copy,
                p.psnr, p.score, p.true_score,
            )  # fmt: skip
            marks = [int(key in notes) for key in keys], [notes.get(key, "") for key in keys]
            writer.writerows(zip(*(c.tolist() for c in columns), *marks, strict=True))
    return len(rows)


def save_table(path: str, model: "ArrayModel") -> None:
    """Write a short table as it is shown."""
    columns = range(model.columnCount())
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        titles = (" ".join(model.columns[c].title.split()) for c in columns)
        writer.writerow(["Marked" if title == "★" else title for title in titles])
        writer.writerows([model.index(r, c).data() for c in columns] for r in range(model.rowCount()))


def save_marked(folder: str, pictures: Iterable[Picture]) -> int:
    """Write each degraded image, rounded to 8 bits, and its triple; returns how many files. Runs in a worker."""
    count = 0
    for name, clean, degraded in pictures:
        save_pixels(rgb(degraded), str(Path(folder) / f"{name}.png"))
        save_pixels(triple_picture(clean, degraded - clean, degraded), str(Path(folder) / f"{name}-triple.png"))
        count += 2
    return count
