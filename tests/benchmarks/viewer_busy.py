"""How long a click takes to show its images while a run keeps the machine busy: limit 100 ms.

    python tests/benchmarks/viewer_busy.py [--run FOLDER]

A sweep of the bundled digits runs in the window's child process; meanwhile rows of another sweep, by default made up,
are selected one after another. Also printed: the same without the run.
"""

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from own_settings import own_settings
from sweep_measures import make_up

from tfstab import SweepConfig
from tfstab.gui.app import create_window
from tfstab.gui.jobs.job import State
from tfstab.gui.jobs.protocol import RunOrder

ROWS, PAUSE, LIMIT = 60, 0.15, 0.1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path)
    options = parser.parse_args()
    with own_settings() as folder:
        path = options.run or Path(folder) / "run"
        if options.run is None:
            make_up(path, 200, 10, SweepConfig(copies=5))
        return look(path, Path(folder))


def look(path: Path, folder: Path) -> int:
    """Select rows without and with a run in the child process; return 1 if the median is beyond the limit."""
    app, window = create_window([path])
    window.resize(1280, 800)
    window.show()
    until(app, lambda: False, 4)
    until(app, lambda: not window.controller.busy, 60)
    session = window.controller.current
    window.page().tabs.show_view("Misclassifications")
    click_through(app, window, "without a run")
    jobs = window.controller.jobs
    job = jobs.add(RunOrder(0, "sweep", "mnist-lenet", "mnist-5k", str(folder / "made"), {"copies": 150}, limit=2000))
    until(app, lambda: job.state is State.RUNNING, 300)
    window.controller.select(session)
    until(app, lambda: False, 2)
    taken = click_through(app, window, "while a sweep is running")
    assert job.active, "the sweep ended too soon"
    jobs.cancel(job)
    until(app, lambda: not job.active, 60)
    window.close()
    return int(np.median(taken) > LIMIT)


def click_through(app: object, window: object, when: str) -> np.ndarray:
    """Return the seconds from the selection of each row until its images are painted."""
    session, taken = window.controller.current, []
    for _ in range(ROWS):
        until(app, lambda: False, PAUSE)
        begun, before = time.perf_counter(), session.triple
        window.commands["next"].trigger()
        until(app, lambda before=before: session.triple is not before, 10)
        window.page().triple.repaint()
        taken.append(time.perf_counter() - begun)
    times = 1000 * np.array(taken)
    print(f"{when:26s} median {np.median(times):5.1f}  90 % {np.quantile(times, 0.9):5.1f}  max {times.max():5.1f} ms")
    return np.array(taken)


def until(app: object, reached: object, seconds: float) -> None:
    """Handle events until something is reached."""
    end = time.monotonic() + seconds
    while not reached() and time.monotonic() < end:
        app.processEvents()
        time.sleep(0.0005)


if __name__ == "__main__":
    sys.exit(main())
