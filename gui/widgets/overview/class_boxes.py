"""Minimum noise of each class: a box from quartile to quartile, and a dot for each image."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QWidget

from tfstab.assessment.words import number
from tfstab.gui.content.search_overview import ClassNoise
from tfstab.gui.widgets.overview.block_plot import HEIGHT, OnBlock
from tfstab.gui.widgets.plot import ThemedPlot
from tfstab.gui.widgets.theme import run_colours
from tfstab.wording import counted

ROW = 22  # pixels a class
MOST_DOTS = 1000  # more take long to paint, and hide the boxes
LEAST_FOR_BOX = 4  # images; quartiles of fewer say nothing that their dots do not
NAME = 16  # characters of a class's name that the axis has room for


class ClassBoxes(OnBlock, ThemedPlot):
    """A row for each class, the first on top; of many images, only those of classes without a box are dots.

    Signals
    -------
    image_asked : int
        The image whose dot was clicked.
    class_asked : int
        The class whose row was clicked elsewhere.
    """

    image_asked = Signal(int)
    class_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Minimum noise of each class", "", "", parent)
        self.settle()
        self.classes: tuple[ClassNoise, ...] = ()
        self.norm = ""
        self.dots = pg.ScatterPlotItem(size=7, pen=None, pxMode=True)
        self.invertY(True)
        self.scene().sigMouseClicked.connect(self._click)

    def set_classes(self, classes: Sequence[ClassNoise], norm: str, unit: str) -> None:
        """Show these classes. norm, unit: title of the norm, and its unit."""
        self.classes, self.norm = tuple(classes), norm
        self.setFixedHeight(max(HEIGHT, ROW * len(classes) + 50))
        self.setLabel("bottom", f"{norm} of the minimum noise, {unit}")
        names = [each.name if len(each.name) <= NAME else f"{each.name[: NAME - 1]}…" for each in classes]
        self.getAxis("left").setTicks([list(enumerate(names))])
        self.recolour()
        self.fit()

    def fit(self) -> None:
        """Show all classes."""
        if self.classes:
            self.setXRange(0, max(float(each.sizes[-1]) for each in self.classes), padding=0.03)
            self.setYRange(-0.6, len(self.classes) - 0.4, padding=0)

    def recolour(self) -> None:
        """Draw boxes, whiskers and dots."""
        self.clear()
        colour = run_colours(self.palette())[0]
        faint = QColor(colour)
        faint.setAlpha(70)
        text = self.palette().color(QPalette.ColorRole.Text)
        boxed = [(row, each) for row, each in enumerate(self.classes) if len(each.sizes) >= LEAST_FOR_BOX]
        if boxed:
            rows = np.array([row for row, _ in boxed], float)
            low, middle, high = np.stack([each.quartiles for _, each in boxed], axis=1)
            whole = np.array([(each.sizes[0], each.sizes[-1]) for _, each in boxed])
            self._segments(whole[:, 0], whole[:, 1], rows, rows, pg.mkPen(text, width=1))
            self.addItem(pg.BarGraphItem(x0=low, x1=high, y=rows, height=0.56, brush=faint, pen=pg.mkPen(colour)))
            self._segments(middle, middle, rows - 0.28, rows + 0.28, pg.mkPen(text, width=2))
        dotted = self._dotted()
        counts = [len(each.sizes) for _, each in dotted]
        self.dots.setData(
            np.concatenate([each.sizes for _, each in dotted]) if dotted else [],
            np.repeat([row for row, _ in dotted], counts),
            data=np.concatenate([each.images for _, each in dotted]) if dotted else None,
            brush=pg.mkBrush(colour),
        )
        self.addItem(self.dots)

    def _dotted(self) -> list[tuple[int, ClassNoise]]:
        """Return the classes whose images are dots, with their rows."""
        every = list(enumerate(self.classes))
        many = sum(len(each.sizes) for each in self.classes) > MOST_DOTS
        return [(row, each) for row, each in every if len(each.sizes) < LEAST_FOR_BOX] if many else every

    def values_at(self, x: float, y: float) -> str:
        """Return the quartiles of the class at a place."""
        row = round(y)
        if not 0 <= row < len(self.classes):
            return ""
        each = self.classes[row]
        low, middle, high = map(number, each.quartiles)
        said = f"{each.name}: median {self.norm} {middle}, quartiles {low} and {high}, {counted(len(each.sizes))}"
        if len(each.sizes) < LEAST_FOR_BOX:
            said = f"{each.name}: {self.norm} {', '.join(map(number, each.sizes))}"
        return said + (f"; not found for {each.missing}" if each.missing else "")

    def _segments(self, x0: np.ndarray, x1: np.ndarray, y0: np.ndarray, y1: np.ndarray, pen: Any) -> None:
        self.plot(np.stack([x0, x1], 1).ravel(), np.stack([y0, y1], 1).ravel(), connect="pairs", pen=pen)

    def _click(self, event: Any) -> None:
        """Ask for the image of the dot under the mouse, or for the class."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        there = self.getViewBox().mapSceneToView(event.scenePos())
        hit, row = self.dots.pointsAt(there), round(there.y())
        if len(hit):
            self.image_asked.emit(int(hit[0].data()))
        elif 0 <= row < len(self.classes):
            self.class_asked.emit(self.classes[row].class_index)
