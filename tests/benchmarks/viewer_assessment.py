"""How fast the viewer shows an assessment: its page, the figures on it, one image under all families.

    python tests/benchmarks/viewer_assessment.py FOLDER     # of an assessment, such as one by `tfstab assess`

Each row is the best of three windows: seconds until what was asked for is shown, and seconds of the processor that the
process used meanwhile, to which other programs do not add. The longest stretch is the longest work of the main thread
during which the window cannot answer; in processor time too.
Limits on two idle cores: the page in 0.2 s once the runs are open, stretches of 22 ms.
"""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from own_settings import own_settings
from stretches import Stretches

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
    for what, (wall, processor, stretch) in best.items():
        print(f"{what:55s} {wall:6.3f} s; processor {processor:6.3f} s; longest stretch {1000 * stretch:4.0f} ms")


def show(folder: Path) -> dict[str, tuple[float, ...]]:
    """Open a window with the assessment and time what it shows."""
    app, window = create_window([])
    window.show()
    app.processEvents()
    spent: dict[str, tuple[float, ...]] = {}

    stretches = Stretches()

    def timed(what: str, ask: Callable[[], object], there: Callable[[], object]) -> None:
        spent[what] = stretches.run(ask, there)

    controller = window.controller
    timed("open the runs, until the page is there", lambda: controller.open([folder]), window.page)
    session, page = controller.current, window.page()
    stretches.run(lambda: None, lambda: not controller.busy)
    timed("robustness: intervals and heat map", lambda: page.tabs.show_view("Robustness"), lambda: True)
    timed("one image under all families", lambda: page.robustness.show_part(1), lambda: session.grid)
    timed("the next image", lambda: session.step(1), lambda: session.grid)
    controller.close(session)
    app.processEvents()
    timed("open it again, until all is shown", lambda: controller.open([folder]), lambda: not controller.busy)
    window.close()
    return spent


if __name__ == "__main__":
    main()
