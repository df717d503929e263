"""How long it takes from starting the viewer's process to its window being painted, and to a run being shown.

    python tests/benchmarks/viewer_start.py [--rounds N] [RUN]

Runs under a display, Xvfb, or QT_QPA_PLATFORM=offscreen. The first round may read from a cold disk.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

ALLOWED = 1.0  # seconds until there is a window
SHOW = """
import os, sys, time
begun = float(os.environ["TFSTAB_BEGUN"])
from tfstab.gui.app import create_window
app, window = create_window(sys.argv[1:])
window.show()
while not window.windowHandle().isExposed():
    app.processEvents()
window.repaint()
print(time.monotonic() - begun)
while window.controller.busy or (sys.argv[1:] and window.page() is None):
    app.processEvents()
window.repaint()
print(time.monotonic() - begun)
window.close()
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("run", nargs="?")
    options = parser.parse_args()
    runs = [options.run] if options.run else []
    times = np.array([start(runs) for _ in range(options.rounds)])
    for what, column in (("window painted", times[:, 0]), ("run shown" if runs else "at rest", times[:, 1])):
        print(f"{what:16s} median {np.median(column):.2f} s, longest {column.max():.2f} s, first {column[0]:.2f} s")
    return 0 if np.median(times[:, 0]) <= ALLOWED else 1


def start(runs: list[str]) -> tuple[float, float]:
    """Seconds until the window is painted, and until what is to be read is shown."""
    with tempfile.TemporaryDirectory() as settings:
        own = {"XDG_CONFIG_HOME": settings, "XDG_DATA_HOME": settings}
        environment = {**os.environ, **own, "TFSTAB_BEGUN": str(time.monotonic())}
        result = subprocess.run(
            [sys.executable, "-c", SHOW, *runs], env=environment, capture_output=True, text=True, check=True, timeout=60
        )
    painted, shown = map(float, result.stdout.split())
    return painted, shown


if __name__ == "__main__":
    sys.exit(main())
