"""How fast the viewer shows an assessment: its page, the figures on it, one image under all families.

    python tests/benchmarks/viewer_assessment.py FOLDER     # of an assessment, such as one by `tfstab assess`

Each row is the best of three windows: seconds until what was asked for is shown, and seconds of the processor that the
process used meanwhile, to which other programs do not add. The longest stall is the longest work of the main thread at
a stretch, during which the window cannot answer; in processor time too.
Limits on two idle cores: the page in 0.2 s once the runs are open, stalls of 20 ms.
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


from own_settings import own_settings

from tfstab.gui.app import create_window
from tfstab.gui.preload import load_pages

WINDOWS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    best: dict[str, tuple[float, ...]] = {}
    with own_settings():
        load_pages()  # as the window does soon after it is shown
        for _ in range(WINDOWS):
            for what, spent in show(options.folder).items():
                best[what] = tuple(map(min, best.get(what, spent), spent))
    for what, (wall, processor, stall) in best.items():
        print(f"{what:55s} {wall:6.3f} s; processor {processor:6.3f} s; longest stall {1000 * stall:4.0f} ms")


def show(folder: Path) -> dict[str, tuple[float, ...]]:
    """Open a window with the assessment and time what it shows."""
    app, window = create_window([])
    window.show()
    app.processEvents()
    spent: dict[str, tuple[float, ...]] = {}

    def timed(what: str, ask: Callable[[], object], there: Callable[[], object]) -> None:
        begun, busy, stall = time.perf_counter(), time.process_time(), 0.0
        ask()
        while True:
            before = time.thread_time()
            app.processEvents()
            stall = max(stall, time.thread_time() - before)
            if there():
                break
            time.sleep(0.001)
        app.processEvents()
        spent[what] = time.perf_counter() - begun, time.process_time() - busy, stall

    controller = window.controller
    timed("open the runs, until the page is there", lambda: controller.open([folder]), window.page)
    session, page = controller.current, window.page()
    timed("figures and verdict on the overview", lambda: None, page.overview.waiting.isHidden)
    timed("robustness: intervals and heat map", lambda: page.tabs.show_view("Robustness"), lambda: True)
    timed("one image under all families", lambda: page.robustness.show_part(1), lambda: session.grid)
    timed("the next image", lambda: session.step(1), lambda: session.grid)
    controller.close(session)
    app.processEvents()
    timed("open it again, until the page is there", lambda: controller.open([folder]), window.page)
    window.close()
    return spent


if __name__ == "__main__":
    main()
