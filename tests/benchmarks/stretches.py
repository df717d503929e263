"""How long the main thread of the viewer works at a stretch, during which the window cannot answer."""

import time
from collections.abc import Callable

from PySide6.QtCore import QAbstractEventDispatcher, QEventLoop, QTimer

LOOK = 2  # ms between two looks whether the end has come
QUIET = 20  # looks without much work, after which everything has been painted
LITTLE = 0.002  # seconds of processor time


class Stretches:
    """Runs the event loop as `exec` does, and measures the processor time of each of its turns."""

    def __init__(self) -> None:
        self.longest = 0.0  # seconds of processor time
        self._turned = time.thread_time()
        self._busy = False
        QAbstractEventDispatcher.instance().aboutToBlock.connect(self._turn)  # emitted once a turn

    def run(self, ask: Callable[[], object], done: Callable[[], object]) -> tuple[float, float, float]:
        """Call `ask()` in the event loop, and run that until `done()` is true and everything has been painted.

        Returns
        -------
        tuple of float
            Seconds until `done()`, seconds of the processor in all threads until everything has been painted, and the
            longest turn of the main thread, in seconds of the processor.
        """
        loop, look = QEventLoop(), QTimer(interval=LOOK)
        wall, quiet = 0.0, 0

        def check() -> None:
            nonlocal wall, quiet
            if not wall and done():
                wall = time.perf_counter() - begun
            quiet, self._busy = 0 if self._busy or not wall else quiet + 1, False
            if quiet > QUIET:
                loop.quit()

        look.timeout.connect(check)
        QTimer.singleShot(0, ask)
        look.start()
        self.longest, self._turned = 0.0, time.thread_time()
        begun, busy = time.perf_counter(), time.process_time()
        loop.exec()
        return wall, time.process_time() - busy, self.longest

    def _turn(self) -> None:
        worked, self._turned = time.thread_time() - self._turned, time.thread_time()
        self.longest = max(self.longest, worked)
        self._busy |= worked > LITTLE
