"""Garbage collection in the window's thread only."""

import gc

from PySide6.QtCore import QObject, QTimer

EVERY = 1_000  # ms


class Collector(QObject):
    """Collects garbage regularly instead of Python, which would do so in any thread.

    Garbage can contain Qt objects, and the process crashes if a timer or a plot's item is destroyed in a worker thread.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=EVERY)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Collect the oldest generation that is due."""
        counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
        due = [generation for generation, (count, most) in enumerate(counts) if count > most]
        if due:
            gc.collect(due[-1])

    def stop(self) -> None:
        """Let Python collect garbage again."""
        self._timer.stop()
        gc.enable()
