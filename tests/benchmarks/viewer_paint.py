"""How fast the viewer draws, sorts and scrolls a paper-scale sweep: 1.8 million points a class, 10,000 images.

    python tests/benchmarks/viewer_paint.py                  # 10,000 images of 10 classes: 18 million rows, made up
    python tests/benchmarks/viewer_paint.py --run FOLDER     # a run that is there

The rows are made up, but written as a sweep writes them. Painting is Qt's own, off screen, into memory; times are of
the main thread unless "in a worker" is said, and stalls are the longest gaps of a timer of 1 ms meanwhile; "of the
processor" is what the main thread itself computed in one such gap, which does not grow when others load the machine.
"""

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from own_settings import own_settings
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from sweep_measures import make_up

from tfstab import SweepConfig
from tfstab.gui.app import create_window
from tfstab.gui.window import MainWindow


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--run", type=Path)
    options = parser.parse_args()
    with own_settings() as folder:
        path = options.run or Path(folder) / "run"
        if options.run is None:
            make_up(path, options.images, options.classes, SweepConfig())
        app, window = create_window([str(path)])
        window.resize(1280, 800)
        window.show()
        bench = Bench(app, window)
        bench.settle()
        for part in (bench.scatter, bench.table, bench.gallery, bench.classes):
            part()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
        print(f"peak memory {peak:,.0f} MiB")
        window.close()


class Bench:
    """Drives one window and prints figures."""

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        self.app, self.window = app, window
        self.heart = QTimer()
        self.heart.setInterval(1)
        self.heart.timeout.connect(self._beat)
        self._beaten = self._now()
        self._longest = (0.0, 0.0)

    @property
    def page(self):
        return self.window.page()

    @property
    def session(self):
        return self.window.controller.current

    def scatter(self) -> None:
        plot, box, session = self.page.scatter, self.page.scatter.getViewBox(), self.session
        print(f"scatter, {len(session.points):,} points, {plot.width()} x {plot.height()} pixels")
        self.waited("  another class, read from disk in a worker", lambda: session.select_class(session.classes[1]))
        clouds = session.clouds

        def first() -> None:
            plot.set_clouds(clouds)
            plot.fit()
            plot.viewport().repaint()

        self.timed("  first paint", first)

        def view(change: Callable[[], None]) -> Callable[[], None]:
            def frame() -> None:
                change()
                plot.draw()
                plot.viewport().repaint()

            return frame

        self.timed("  zoom in, a step and its repaint", view(lambda: box.scaleBy((0.93, 0.93))), 40)
        self.timed("  zoom out", view(lambda: box.scaleBy((1 / 0.93, 1 / 0.93))), 40)
        plot.fit()
        self.timed("  pan", view(lambda: box.translateBy(x=0.2, y=0.002)), 40)
        plot.fit()
        at = box.sceneBoundingRect().center()
        self.timed("  name the point under the mouse", lambda: plot.nearest(at), 20)
        middle = float(np.median(session.points.psnr[session.points.severity_index == 0]))
        plot.setRange(xRange=(middle, middle + 0.01), yRange=(0, 1), padding=0)
        plot.draw()
        self.timed(
            f"  pan, {sum(plot.drawn_single.values()):,} single points in view",
            view(lambda: box.translateBy(x=0.0, y=0.001)),
            20,
        )
        self.waited("  filter by score in a worker", lambda: session.set_filter(low=0.5))
        self.waited("  filter undone", lambda: session.set_filter(low=0.0))
        corners = np.linspace(0, 2 * np.pi, 150)
        lasso = np.stack([22 + 6 * np.cos(corners), 0.7 + 0.25 * np.sin(corners)], axis=1)
        self.waited("  lasso of 150 corners in a worker", lambda: session.pick(lasso))
        session.pick(None)
        self.settle()

    def table(self) -> None:
        page, session = self.page.points_page, self.session
        self.page.tabs.setCurrentWidget(page)
        self.settle()
        self.waited("table, all rows listed", lambda: session.view.ask(correct_too=True))
        print(f"  {len(session.view.rows):,} rows")
        for name in ("score", "predicted", "severity", "image"):
            self.waited(f"  sort by {name} in a worker", lambda name=name: session.sort(name, True))
        self.waited("  filter by severity in a worker", lambda: session.set_filter(severity_index=5))
        self.waited("  filter undone", lambda: session.set_filter(severity_index=None))
        bar = page.table.verticalScrollBar()

        def scroll() -> None:
            bar.setValue((bar.value() + 31_337) % bar.maximum())
            page.table.viewport().repaint()

        self.timed("  scroll to other rows and repaint", scroll, 40)
        self.timed("  next row, its image made again and shown", lambda: session.step(1), 40)

    def gallery(self) -> None:
        page = self.page.gallery
        self.page.tabs.setCurrentWidget(page)
        self.settle()
        print(f"gallery, {page.model.rowCount():,} images")
        self.timed("  sort", lambda: page.sorting.setCurrentIndex(3 - page.sorting.currentIndex()), 4)
        self.settle(0.5)
        bar = page.list.verticalScrollBar()

        def scroll() -> None:
            bar.setValue((bar.value() + 90) % max(bar.maximum(), 1))
            page.list.viewport().repaint()

        self.timed("  scroll by a row of new thumbnails", scroll, 100)
        bar.setValue(0)
        self.timed("  scroll by a row of known ones", scroll, 60)

    def classes(self) -> None:
        self.page.tabs.setCurrentIndex(0)
        self.waited("all classes, read from disk in a worker", lambda: self.session.select_class(None))
        view = self.page.scatter_page.multiples
        self.timed("  repaint of all classes", view.viewport().repaint, 20)

    # Measuring

    def timed(self, what: str, work: Callable[[], object], times: int = 5) -> None:
        """Median and longest time of some work in the main thread, and the processor's, to which others do not add."""
        spent, cpu = [], []
        for _ in range(times):
            begun, begun_cpu = time.perf_counter(), time.thread_time()
            work()
            spent.append(1e3 * (time.perf_counter() - begun))
            cpu.append(1e3 * (time.thread_time() - begun_cpu))
            self.app.processEvents()
        print(
            f"{what:48s} {np.median(spent):7.1f} ms, longest {max(spent):6.1f} ms; "
            f"processor {np.median(cpu):6.1f} ms, most {max(cpu):6.1f} ms"
        )

    def waited(self, what: str, ask: Callable[[], object]) -> None:
        """Time until what is asked for is shown, and the longest stall of the main thread meanwhile."""
        self.settle()
        self._longest, self._beaten = (0.0, 0.0), self._now()
        self.heart.start()
        begun = time.perf_counter()
        ask()
        while self.window.controller.background.busy:
            self.app.processEvents()
        spent = 1e3 * (time.perf_counter() - begun)
        self.settle(0.1)
        self.heart.stop()
        stall, busy = self._longest
        print(f"{what:48s} {spent:7.1f} ms, stall   {stall:6.1f} ms; of the processor in it {busy:6.1f} ms")

    def settle(self, seconds: float = 0.05) -> None:
        """Let everything be read and drawn."""
        until = time.perf_counter() + seconds
        while time.perf_counter() < until or self.window.controller.background.busy:
            self.app.processEvents()

    def _beat(self) -> None:
        now = self._now()
        gap, busy = (1e3 * (after - before) for after, before in zip(now, self._beaten, strict=True))
        self._longest = max(self._longest[0], gap), max(self._longest[1], busy)
        self._beaten = now

    def _now(self) -> tuple[float, float]:
        """Seconds by the clock, and of this thread on the processor."""
        return time.perf_counter(), time.thread_time()


main()
