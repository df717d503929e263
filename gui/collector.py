"""Python's garbage is collected in the window's thread alone."""

import gc

from PySide6.QtCore import QObject, QTimer

EVERY = 1_000  # ms


class Collector(QObject):
    """Collects now and then, in place of Python itself, which would do so in whatever thread is at work.

    There may be Qt's objects in the garbage, and a timer or an item of a plot that is destroyed in a worker takes the
    whole process with it.
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
        """Leave it to Python again."""
        self._timer.stop()
        gc.enable()
