"""How fast the viewer reads a paper-scale sweep: 1.8 million points of 1,000 images in 10 classes.

    python tests/benchmarks/viewer_read.py                  # made up, but written as a sweep writes it
    python tests/benchmarks/viewer_read.py --run FOLDER     # a run that is there

Each row is the best of three windows: seconds until everything asked for is shown, seconds of the processor that the
process used meanwhile, to which other programs do not add, and the longest work of the main thread at a stretch, during
which the window cannot answer. Limits on two idle cores: all classes in 1 s, stretches of 22 ms.
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from own_settings import own_settings
from stretches import Stretches
from sweep_measures import make_up

from tfstab import SweepConfig
from tfstab.gui.app import create_window

WINDOWS = 3
IMPORTING = 3.0  # seconds in which a new window imports what its pages need
TABS = "Metrics", "Misclassifications", "Gallery", "Scatter"
Spent = tuple[float, float, float]  # seconds: wall, processor, longest stretch of the main thread


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=1_000)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--run", type=Path)
    options = parser.parse_args()
    best: dict[str, Spent] = {}
    with own_settings() as folder:
        path = options.run or Path(folder) / "run"
        if options.run is None:
            make_up(path, options.images, options.classes, SweepConfig(copies=150))
        for _ in range(WINDOWS):
            for what, spent in read(path).items():
                best[what] = tuple(map(min, best.get(what, spent), spent))
    for what, (wall, processor, stretch) in best.items():
        print(f"{what:60s} {wall:6.3f} s; processor {processor:6.3f} s; stretch {1000 * stretch:3.0f} ms")


def read(path: Path) -> dict[str, Spent]:
    """Open a window with a run and time what it reads."""
    begun, busy = time.perf_counter(), time.process_time()
    app, window = create_window([])
    window.resize(1600, 1000)
    window.show()
    app.processEvents()
    shown = time.perf_counter() - begun, time.process_time() - busy
    spent: dict[str, Spent] = {"window shown, after the imports": (*shown, shown[1])}
    stretches, ready = Stretches(), time.monotonic() + IMPORTING
    stretches.run(lambda: None, lambda: time.monotonic() > ready)

    def timed(what: str, ask: Callable[[], object]) -> None:
        spent[what] = stretches.run(ask, lambda: not window.controller.busy)

    timed("open: parts checked, one class and the measures", lambda: window.controller.open([path]))
    session = window.controller.current
    timed("all classes, with grids and the list of misclassified ones", lambda: session.select_class(None))
    rows = len(session.view.rows)
    timed(
        f"list the correct ones too, {len(session.points):,} instead of {rows:,}",
        lambda: session.view.ask(correct_too=True),
    )
    page = window.page().points_page
    for by in ("image", "pair", "severity"):
        timed(f"group them by {by}", lambda by=by: session.view.ask(group=by))
    timed("open all groups", lambda: page.model.open_all(True))
    timed("close one of them", lambda: page.model.toggle(3))
    timed("next row, its image made again and shown", lambda: session.step(1))
    session.view.ask(group=None)
    timed("filter by severity", lambda: session.set_filter(severity_index=5))
    timed("another class", lambda: session.select_class(session.classes[1]))
    for title in TABS:
        timed(f"{title} comes into view", lambda title=title: window.page().tabs.show_view(title))
    timed("next row in the scatter plot, with its images", lambda: session.step(1))
    window.close()
    return spent


if __name__ == "__main__":
    main()
