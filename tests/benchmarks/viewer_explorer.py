"""How soon the explorer follows its sliders, and how long the atlas takes for its map.

    python tests/benchmarks/viewer_explorer.py [--model NAME] [--points N]

Makes a small sweep of the model's own data, opens it in a window, and works as a hand would. Runs under a display,
Xvfb, or QT_QPA_PLATFORM=offscreen. Limits: 50 ms from a slider's move to the scores of the degraded image, 30 s for a
map of 10,000 points (the child process that has the model is running).
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from own_settings import own_settings
from PySide6.QtTest import QTest

from tfstab import SweepConfig, load_classifier, load_dataset, run_sweep
from tfstab.degradations import BUILT_IN, PAPER_SIGMAS
from tfstab.gui.app import create_window
from tfstab.gui.content.explorer import new_step
from tfstab.models import own_data

FOLLOWED, MAPPED = 50.0, 30.0  # ms, s


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="cifar10-quick")
    parser.add_argument("--points", type=int, default=10_000)
    arguments = parser.parse_args()
    with own_settings() as folder:
        os.environ["XDG_CACHE_HOME"] = folder  # so that no map is found there
        if os.fork() == 0:  # in a process of its own, because the viewer's must do without TensorFlow
            images = load_dataset(own_data(arguments.model)).take(arguments.points // 10)
            config = SweepConfig(sigmas=PAPER_SIGMAS[3:], copies=1)
            run_sweep(load_classifier(arguments.model), images, config, Path(folder) / "sweep")
            os._exit(0)
        os.wait()
        return measure(Path(folder) / "sweep", arguments.points)


def measure(run: Path, points: int) -> int:
    """Print the figures and return 1 if a limit is exceeded."""
    app, window = create_window([str(run)])
    window.resize(1280, 800)
    window.show()
    wait(lambda: bool(window.controller.sessions) and not window.controller.busy)
    page = window.page()
    page.tabs.show_view("Explorer")
    explorer = page.explorer.view.explorer
    wait(lambda: explorer.scores is not None)
    slowest = 0.0
    for name, family in BUILT_IN.items():
        while explorer.state.steps:
            explorer.remove(0)
        explorer.add(new_step(name).name)
        (row,) = page.explorer.view.steps.rows
        times = []
        for place in range(10, 200, 10):
            before, start = explorer.state, time.perf_counter()
            row.slider.slider.setValue(place)
            if explorer.state != before:  # whole severities may stay the same
                while not explorer.followed:
                    app.processEvents()
                times.append(1000 * (time.perf_counter() - start))
            QTest.qWait(5)
        slowest = max(slowest, float(np.median(times)))
        print(f"{family.title:<24} slider to scores: median {np.median(times):5.1f}  max {max(times):5.1f} ms")
        wait(lambda: bool(explorer.tracks.found[0]))
    start = time.perf_counter()
    page.tabs.show_view("Atlas")
    atlas = page.atlas.view.atlas
    wait(lambda: atlas.points is not None)
    first = time.perf_counter() - start
    wait(lambda: len(atlas.points.places) == 2, 600)
    whole = time.perf_counter() - start
    print(f"map of {len(atlas.points):,} points: PCA after {first:.1f} s, t-SNE after {whole:.1f} s")
    window.close()
    return int(slowest > FOLLOWED or whole > MAPPED * len(atlas.points) / points)


def wait(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    """Let the window work until a condition holds."""
    end = time.perf_counter() + seconds
    while not condition():
        assert time.perf_counter() < end, "it takes too long"
        QTest.qWait(5)


if __name__ == "__main__":
    sys.exit(main())
