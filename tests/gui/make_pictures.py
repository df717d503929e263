"""Takes the README's pictures of the viewer, off screen, from two runs:

tfstab search --model mnist-lenet --data mnist-5k --limit 24 --max-queries 4000 --out runs/mnist-search
tfstab sweep --model cifar10-quick --data cifar10 --limit 300 --copies 10 --out runs/cifar-sweep
python tests/gui/make_pictures.py runs/mnist-search runs/cifar-sweep
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import numpy as np
from PIL import Image
from PySide6.QtCore import QBuffer, QSettings

from tfstab.gui.app import create_window

FOLDER = Path(__file__).parents[2] / "resources" / "pictures"
SIZE = 1360, 820
CAT, COLOURS = 3, 256


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("search")
    parser.add_argument("sweep")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        app, window = create_window([options.search, options.sweep])
        window.resize(*SIZE)
        window.show()
        settle(app, window)
        scatter(app, window)
        search(app, window)
        metrics(app, window)
        window.close()


def scatter(app, window):
    """A class, and a mistake that costs little noise."""
    window.set_theme("light")
    window.controller.select(window.controller.sessions[1])
    session = window.controller.current
    session.select_class(CAT)
    settle(app, window)
    points = session.points
    wrong = np.flatnonzero((points.predicted != points.actual) & (points.kind != 2))
    session.select_point(int(wrong[np.argmax(points.psnr[wrong])]))
    until(app, lambda: all(bar.degraded is not None for bar in session.triple.bars))
    take(app, window, "viewer")


def search(app, window):
    """A search, its history replayed to the middle."""
    window.set_theme("dark")
    window.controller.select(window.controller.sessions[0])
    settle(app, window)
    window.controller.current.select(6)
    settle(app, window)
    slider = window.page().history.replay.slider
    slider.setValue(slider.maximum() // 4)
    take(app, window, "viewer-search")


def metrics(app, window):
    """Curve and confusion."""
    window.set_theme("light")
    window.controller.select(window.controller.sessions[1])
    page = window.page()
    page.tabs.setCurrentWidget(page.metrics)
    page.metrics.tabs.setCurrentWidget(page.metrics.confusion)
    settle(app, window)
    page.metrics.severities.setCurrentText("20")
    take(app, window, "viewer-metrics")


def settle(app, window):
    """Let everything be read and drawn."""
    until(app, lambda: not window.controller.busy)
    end = time.monotonic() + 0.3
    until(app, lambda: time.monotonic() > end and not window.controller.busy)


def until(app, reached):
    end = time.monotonic() + 120
    while not reached() and time.monotonic() < end:
        app.processEvents()


def take(app, window, name):
    """Write what the window shows, in few colours."""
    settle(app, window)
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.ReadWrite)
    window.grab().save(buffer, "PNG")
    buffer.seek(0)
    path = FOLDER / f"{name}.png"
    path.with_suffix(".tmp.png").write_bytes(buffer.data().data())
    with Image.open(path.with_suffix(".tmp.png")) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    path.with_suffix(".tmp.png").unlink()


if __name__ == "__main__":
    main()
