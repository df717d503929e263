"""What is saved from the viewer: tables as CSV, plots as PNG or SVG, images as PNG."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QFileDialog, QGraphicsView, QWidget

from tfstab.gui.content.colours import diverging, signed_extreme
from tfstab.gui.content.points import SweepPoints

if TYPE_CHECKING:
    from tfstab.gui.widgets.array_model import ArrayModel
    from tfstab.sweep import SweepRun

BLOCK = 50_000  # rows that are turned into text at once
SHARP = 2  # pixels of a saved picture for one on the screen
LARGE = 256  # pixels that a saved triple's images have at least
GAP = 8


def ask_for_file(parent: QWidget, title: str, name: str, filters: str, save: Callable[[str], None]) -> QFileDialog:
    """Let the user choose where to save, then call `save(path)`."""
    dialog = QFileDialog(parent, title, name, filters)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(Path(name).suffix[1:])
    dialog.fileSelected.connect(save)
    return _opened(dialog)


def ask_for_folder(parent: QWidget, title: str, save: Callable[[str], None]) -> QFileDialog:
    """Let the user choose a folder, then call `save(folder)`."""
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(save)
    return _opened(dialog)


def _opened(dialog: QFileDialog) -> QFileDialog:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog


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
        writer.writerow([model.columns[c].title for c in columns])
        writer.writerows([model.index(r, c).data() for c in columns] for r in range(model.rowCount()))


def save_marked(folder: str, run: "SweepRun", keys: list[tuple[int, ...]]) -> int:
    """Write each degraded image, rounded to 8 bits, and its triple; returns how many pictures. Runs in a worker."""
    for image, sigma_index, copy in keys:
        degraded = run.degraded_image(image, sigma_index, copy)
        clean = run.clean.images[run.clean.row(image)]
        stem = Path(folder) / f"image-{image}-sigma-{run.sigmas[sigma_index]:g}-copy-{copy}"
        _save_png(_rgb(degraded), f"{stem}.png")
        _save_png(triple_picture(clean, degraded), f"{stem}-triple.png")
    return 2 * len(keys)


def triple_picture(clean: np.ndarray, degraded: np.ndarray) -> np.ndarray:
    """Clean image, noise and degraded image side by side, each pixel a square, uint8 (H, W, 3)."""
    noise = degraded - clean
    plane = signed_extreme(noise)
    colours = diverging(plane, max(float(np.abs(plane).max()), 1.0))
    side = max(1, LARGE // max(clean.shape[:2]))
    large = [np.kron(part, np.ones((side, side, 1), np.uint8)) for part in (_rgb(clean), colours, _rgb(degraded))]
    gap = np.full((large[0].shape[0], GAP, 3), 255, np.uint8)
    return np.concatenate([large[0], gap, large[1], gap, large[2]], axis=1)


def save_plot(view: QGraphicsView, path: str) -> None:
    """Write what a plot shows, as SVG or as a picture. Raises OSError where it cannot be written."""
    if path.lower().endswith(".svg"):
        from PySide6.QtSvg import QSvgGenerator

        device = QSvgGenerator()
        device.setFileName(path)
        device.setSize(view.size())
        device.setViewBox(view.rect())
        painter = QPainter(device)
        view.render(painter)
        painter.end()
        return
    image = QImage(view.size() * SHARP, QImage.Format.Format_RGB32)
    image.fill(view.palette().base().color())
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    view.render(painter)
    painter.end()
    if not image.save(path):
        raise OSError(f"{path} cannot be written")


def _rgb(image: np.ndarray) -> np.ndarray:
    levels = np.rint(image).astype(np.uint8)
    return np.repeat(levels, 3, axis=2) if levels.shape[2] == 1 else levels


def _save_png(image: np.ndarray, path: str) -> None:
    pixels = np.ascontiguousarray(image)
    height, width = pixels.shape[:2]
    if not QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).save(path):
        raise OSError(f"{path} cannot be written")


