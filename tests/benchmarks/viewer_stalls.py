"""How long the viewer's main thread stalls while a search runs in its child process and the live page follows it.

    python tests/benchmarks/viewer_stalls.py [--model NAME] [--images N] [--queries N]

Runs under a display, Xvfb, or QT_QPA_PLATFORM=offscreen. A timer beats every 5 ms. What is late by the clock includes
what the machine did with its cores meanwhile (the child keeps them busy); the main thread's own work between two beats
is measured by its processor time.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np
from own_settings import own_settings
from PySide6.QtCore import Qt, QTimer

from tfstab.gui.app import create_window
from tfstab.gui.jobs.job import State
from tfstab.gui.jobs.protocol import RunOrder
from tfstab.models import own_data

BEAT = 5  # ms
ALLOWED = 50.0


class Heart:
    """Beats in the main thread; stalls: (ms late by the clock, ms of own work) of each beat."""

    def __init__(self) -> None:
        self.stalls: list[tuple[float, float]] = []
        self.timer = QTimer()
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.setInterval(BEAT)
        self.timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Beat from now on."""
        self._last = time.perf_counter(), time.thread_time()
        self.timer.start()

    def _beat(self) -> None:
        now = time.perf_counter(), time.thread_time()
        late, work = (1000 * (b - a) for a, b in zip(self._last, now, strict=True))
        self._last = now
        self.stalls.append((max(late - BEAT, 0.0), work))

    def report(self, title: str) -> None:
        """Print the figures since the last report."""
        if not self.stalls:
            return
        late, work = np.array(self.stalls).T
        for name, values in (("late by the clock", late), ("own work", work)):
            over = int((values > ALLOWED).sum())
            print(
                f"{title:<34}{name:<19} median {np.median(values):5.1f}  99 % {np.quantile(values, 0.99):5.1f}  "
                f"max {values.max():6.1f} ms  over {ALLOWED:.0f} ms: {over} of {len(values):,} beats"
            )
        self.stalls.clear()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="mnist-lenet")
    parser.add_argument("--data", help="by default the model's own")
    parser.add_argument("--images", type=int, default=15)
    parser.add_argument("--queries", type=int, default=10_000)
    arguments = parser.parse_args()
    with own_settings() as folder:
        return watch(arguments, Path(folder))


def watch(arguments: argparse.Namespace, folder: Path) -> int:
    """Run a search in a window and report the stalls of each of its stages."""
    app, window = create_window([])
    window.resize(1280, 800)
    window.show()
    heart, jobs = Heart(), window.controller.jobs
    until(app, lambda: False, 3.0)  # it imports what its pages need
    heart.start()
    job = jobs.add(
        RunOrder(
            0,
            "search",
            arguments.model,
            arguments.data or own_data(arguments.model) or "",
            str(folder / "run"),
            {"max_queries": arguments.queries},
            limit=arguments.images,
        )
    )
    until(app, lambda: job.state is not State.STARTING, 300)
    heart.report("child starts TensorFlow")
    until(app, lambda: window.live.shown or not job.active, 60)
    until(app, lambda: False, 0.3)
    heart.report("run opens, page is made")
    until(app, lambda: not job.active, 3600)
    heart.report("live page follows the search")
    until(app, lambda: not window.controller.busy, 60)
    until(app, lambda: False, 1.0)
    heart.report("results come into view")
    print(f"{job.name}: {job.is_at} {job.sentence}; load {os.getloadavg()[0]:.1f}; {app.platformName()}")
    window.close()
    return 0 if job.state is State.FINISHED else 1


def until(app: object, reached: object, seconds: float) -> None:
    """Run the event loop, as `exec` would, until something is reached."""
    from PySide6.QtCore import QEventLoop

    loop, end = QEventLoop(), time.monotonic() + seconds
    poll = QTimer()
    poll.setInterval(20)
    poll.timeout.connect(lambda: loop.quit() if reached() or time.monotonic() > end else None)  # type: ignore[operator]
    poll.start()
    loop.exec()


if __name__ == "__main__":
    sys.exit(main())
