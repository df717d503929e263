"""A slider over the generations of a finished search, with the figures of the chosen one."""

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QToolButton, QWidget

from tfstab.gui.widgets.elided import ElidedLabel
from tfstab.gui.widgets.view_keys import keep_arrows
from tfstab.search.result import HISTORY

FINAL = "Images: final noise.  "  # in front of a generation's figures, where no other noise was kept
WHOLE = 6_000  # ms in which all generations are played
LEAST_SLIDER = 120  # pixels
TICK = 33  # ms between two frames


class ReplayBar(QWidget):
    """Replays the generations of a search.

    Signals
    -------
    moved : int or None
        The generation to mark, counted from 1; None if there is nothing to mark.
    """

    moved = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = np.empty((0, len(HISTORY)))
        self._final_only = False  # the images show the final noise at every generation
        self.play = QToolButton()
        self.play.setCheckable(True)
        self.play.setText("Replay")
        self.play.setAccessibleName("Replay the search")
        self.play.setToolTip("Play through the generations once")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        keep_arrows(self.slider)
        self.slider.setAccessibleName("Generation")
        self.slider.setMinimum(1)
        self.slider.setMinimumWidth(LEAST_SLIDER)
        self.values = ElidedLabel()
        self.values.setAccessibleName("Figures of this generation")
        self._timer = QTimer(self, interval=TICK)
        self._at = 0.0
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 4)
        layout.addWidget(self.play)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.values, 2)
        self.slider.valueChanged.connect(self._show)
        self.slider.sliderPressed.connect(lambda: self.play.setChecked(False))
        self.play.toggled.connect(self._start_or_stop)
        self._timer.timeout.connect(self._advance)

    def explain(self, kept: int | None) -> None:
        """Say what a replay shows: of how many generations the noise was kept; None for none, as in older runs."""
        noises = (
            "the noise is the final one: this run is of a version that kept no other"
            if kept is None
            else f"the images show the best noise of {kept} generations that were kept"
        )
        self._final_only = kept is None
        self.play.setToolTip(f"Play through the generations once; {noises}")
        self.slider.setToolTip(f"Generation; {noises}")

    def set_history(self, history: np.ndarray) -> None:
        """Show a history, shape (generations, columns of HISTORY), with the slider at its end."""
        self.play.setChecked(False)
        self._history = history
        self.slider.blockSignals(True)
        self.slider.setMaximum(max(1, len(history)))
        self.slider.setValue(len(history))
        self.slider.blockSignals(False)
        self.slider.setPageStep(max(1, len(history) // 10))
        self._show(len(history))

    def _show(self, generation: int) -> None:
        known = 0 < generation <= len(self._history)
        row = self._history[generation - 1] if known else None
        figures = "" if row is None else described(row, generation, len(self._history))
        final = FINAL if self._final_only and known and generation < len(self._history) else ""
        self.values.setText(final + figures)
        self.values.setToolTip(final + figures)
        # The last generation is the end of the curves, so it needs no mark.
        self.moved.emit(generation if known and generation < len(self._history) else None)

    def _start_or_stop(self, start: bool) -> None:
        if not start:
            self._timer.stop()
            return
        self._at = 1.0 if self.slider.value() >= self.slider.maximum() else float(self.slider.value())
        self.slider.setValue(int(self._at))
        self._timer.start()

    def _advance(self) -> None:
        self._at += len(self._history) * TICK / WHOLE
        self.slider.setValue(int(self._at))
        if self.slider.value() >= self.slider.maximum():
            self.play.setChecked(False)


def described(row: np.ndarray, generation: int, total: int) -> str:
    """Describe a generation's figures in one line."""
    best, mean, norm, share = (float(value) for value in row)
    return (
        f"Generation {generation:,} of {total:,}:  objective {best:.4g}, mean {mean:.4g}  ·  "
        f"norm {norm:.1f}  ·  misclassified {100 * share:.0f} %"
    )
