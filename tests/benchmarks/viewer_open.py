"""How long the viewer's main thread works at a stretch while runs are opened and each of their tabs is visited first.

    python tests/benchmarks/viewer_open.py FOLDER...     # of sweeps, searches or assessments

Runs under a display, Xvfb, or offscreen. Each row is the best of three windows: seconds until what was asked for is
shown, seconds of the processor until everything has been painted, and the longest work of the main thread during which
the window cannot answer, in ms of processor time.
Limit on two idle cores: 22 ms.
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

if "DISPLAY" not in os.environ:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from own_settings import own_settings
from stretches import Stretches

from tfstab.gui.app import create_window
from tfstab.gui.preload import load_pages

WINDOWS = 3
SETTLING = 1.0  # seconds in which a new window comes to rest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    options = parser.parse_args()
    with own_settings():
        load_pages()  # as the window does soon after it is shown
        for folder in options.folders:
            best: dict[str, tuple[float, ...]] = {}
            for _ in range(WINDOWS):
                for what, spent in visit(folder).items():
                    best[what] = tuple(map(min, best.get(what, spent), spent))
            for what, (wall, work, stretch) in best.items():
                times = f"{wall:6.3f} s; processor {work:6.3f} s; stretch {1000 * stretch:3.0f} ms"
                print(f"{folder.name:12s} {what:20s} {times}", flush=True)


def visit(folder: Path) -> dict[str, tuple[float, ...]]:
    """Open a window with the run, and time this and the first visit of each tab."""
    app, window = create_window([])
    window.show()
    stretches, ready = Stretches(), time.monotonic() + SETTLING
    stretches.run(lambda: None, lambda: time.monotonic() > ready)
    spent: dict[str, tuple[float, ...]] = {}

    def timed(what: str, ask: Callable[[], object]) -> None:
        spent[what] = stretches.run(ask, lambda: not window.controller.busy)

    timed("opened", lambda: window.controller.open([folder]))
    tabs = window.page().tabs
    for title in tabs.titles()[1:]:
        timed(title, lambda title=title: tabs.show_view(title))
    window.close()
    app.processEvents()
    return spent


if __name__ == "__main__":
    main()
