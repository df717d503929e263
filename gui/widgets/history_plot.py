"""How a search went: the noise's norm and the share misclassified, by generation."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedLayout, QWidget

from tfstab.gui.widgets.plot import ThemedPlot
from tfstab.gui.widgets.theme import series_colours
from tfstab.search import MinimumNoise
from tfstab.search.result import HISTORY

# Eq. 2's value is in the millions until the class flips, so the norm is drawn in its place.
NORM, SHARE = HISTORY.index("norm"), HISTORY.index("share_misclassified")


class HistoryPlot(QWidget):
    """Two plots side by side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.norm = Curve("Noise norm by generation", "L2 of best noise", column=NORM, colour=0)
        self.share = Curve("Share misclassified by generation", "Misclassified (%)", column=SHARE, colour=1, factor=100)
        self.share.setXLink(self.norm)
        self.share.setYRange(0, 100)
        self.share.getViewBox().setMouseEnabled(y=False)
        plots = QWidget()
        side_by_side = QHBoxLayout(plots)
        side_by_side.setContentsMargins(0, 0, 0, 0)
        side_by_side.addWidget(self.norm)
        side_by_side.addWidget(self.share)
        self.empty = QLabel("No search was needed: this image is misclassified when clean.")
        self.empty.setContentsMargins(8, 0, 0, 0)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(plots)
        self._stack.addWidget(self.empty)

    def set_result(self, result: MinimumNoise) -> None:
        self._stack.setCurrentIndex(0 if len(result.history) else 1)
        for curve in (self.norm, self.share):
            curve.set_history(result.history)
        self.norm.autoRange()


class Curve(ThemedPlot):
    """One column of the history."""

    def __init__(self, name: str, y_label: str, column: int, colour: int, factor: float = 1) -> None:
        super().__init__(name, "Generation", y_label)
        self._column, self._colour, self._factor = column, colour, factor
        self.line = self.plot([], [])
        self.recolour()

    def set_history(self, history: np.ndarray) -> None:
        """history: (generations, columns)."""
        self.line.setData(range(1, len(history) + 1), self._factor * history[:, self._column])

    def recolour(self) -> None:
        self.line.setPen(pg.mkPen(series_colours(self.palette())[self._colour], width=2))
