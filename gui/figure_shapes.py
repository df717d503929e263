"""How pyqtgraph draws points and lines into pictures of another resolution than the screen's."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGraphicsView, QWidget

LOSSLESS = QPainter.RenderHint.LosslessImageRendering


@contextmanager
def as_shapes(widget: QWidget, sharp: float = 1.0, most: float = math.inf) -> Iterator[None]:
    """Let pyqtgraph draw points as shapes instead of copies of a small picture, and lines as wide as on the screen.

    Images that it draws into a PDF file are compressed without loss.

    Parameters
    ----------
    widget : QWidget
        Holds the plots.
    sharp : float
        Pixels of the picture for one of a screen.
    most : float
        Plots of more points are drawn as on the screen.
    """
    views = [view for view in (widget, *widget.findChildren(QGraphicsView)) if isinstance(view, QGraphicsView)]
    items: list[Any] = [item for view in views for item in view.scene().items()]
    exporting = [item for item in items if hasattr(item, "setExportMode") and _spots(item) <= most]
    for item in exporting:
        item.setExportMode(True, {"antialias": True})
    for view in views:  # a view sets its own hints on the figure's painter
        view.setRenderHint(LOSSLESS)
    try:
        with wide_lines(items, sharp / widget.devicePixelRatioF()):  # a plot widens them for its screen when it paints
            yield
    finally:
        for view in views:
            view.setRenderHint(LOSSLESS, False)
        for item in exporting:
            item.setExportMode(False)


@contextmanager
def wide_lines(items: Sequence[Any], factor: float) -> Iterator[None]:
    """Widen lines while pyqtgraph paints them: it counts in pixels of the screen or picture, which may be small.

    Parameters
    ----------
    items : sequence of QGraphicsItem
        The items of a scene.
    factor : float
        By how much.
    """
    pens = [(item.opts, item.opts["pen"]) for item in items if hasattr(item, "getPath") and item.opts.get("pen")]
    for options, pen in pens:
        options["pen"] = wide = QPen(pen)
        wide.setWidthF(pen.widthF() * factor)
    try:
        yield
    finally:
        for options, pen in pens:
            options["pen"] = pen


def _spots(item: Any) -> int:
    """Return how many points an item of pyqtgraph draws, if it draws points."""
    data = getattr(item, "data", None)
    return len(data) if isinstance(data, np.ndarray) else 0
