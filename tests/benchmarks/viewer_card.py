"""How fast the failure card of a selected image comes, from a child process that has loaded the model.

    python tests/benchmarks/viewer_card.py                  # digits and the bundled MNIST network
    python tests/benchmarks/viewer_card.py --run FOLDER     # a sweep that is there

Seconds from the selection of a point to the first part of the card, and to the last one; and milliseconds of the
processor that the window's thread needs for the selection itself. Limit: the first part within 0.5 s.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from own_settings import own_settings

from tfstab.gui.app import create_window
from tfstab.gui.content.failure_card import PARTS

LIMIT, POINTS, PATIENCE = 0.5, 20, 120.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path)
    options = parser.parse_args()
    with own_settings() as folder:
        path = options.run or Path(folder) / "run"
        if options.run is None:
            what = ["--model", "mnist-lenet", "--data", "mnist-5k", "--limit", "300", "--copies", "5", "--out", path]
            subprocess.run([sys.executable, "-m", "tfstab", "sweep", *map(str, what)], check=True, capture_output=True)
        cold, warm = time_cards(path)
    first, last, select = (list(column) for column in zip(*warm, strict=True))
    print(f"model not loaded: first part {cold[0]:.2f} s, last {cold[1]:.2f} s")
    print(f"first part: median {statistics.median(first):.2f} s, at most {max(first):.2f} s; limit {LIMIT} s")
    print(f"last part:  median {statistics.median(last):.2f} s, at most {max(last):.2f} s")
    print(f"selection:  median {statistics.median(select):.1f} ms of the processor")
    return int(statistics.median(first) > LIMIT)


def time_cards(path: Path) -> tuple[tuple[float, float, float], list[tuple[float, float, float]]]:
    """Select points of a sweep; return the times of the first one, for which the model is loaded, and of the others."""
    app, window = create_window([str(path)])
    window.resize(1280, 800)
    window.show()
    controller = window.controller

    def wait(until: Callable[[], bool]) -> float:
        begun = time.perf_counter()
        while not until() and time.perf_counter() - begun < PATIENCE:
            app.processEvents()
            time.sleep(0.001)
        return time.perf_counter() - begun

    wait(lambda: controller.current is not None and not controller.busy)
    session, card = controller.current, controller.card
    assert session is not None

    def select(place: int) -> tuple[float, float, float]:
        busy = time.thread_time()
        session.select_point(place)
        busy = time.thread_time() - busy
        content = card.content
        first = wait(lambda: "margin" in content.parts)
        return first, first + wait(lambda: content.parts.keys() >= set(PARTS)), 1e3 * busy

    places = np.linspace(0, len(session.points) - 1, POINTS + 1, dtype=int)
    cold, *warm = [select(int(place)) for place in places]
    window.close()
    controller.shut_down()
    return cold, warm


if __name__ == "__main__":
    raise SystemExit(main())
