"""Takes the README's pictures of the viewer, off screen, from an assessment:

tfstab assess --model cifar10-quick --data cifar10 --limit 500 --out runs/assess-cifar
tfstab explain cifar10-quick cifar10 --limit 60 --out runs/assess-cifar/explanation
python tests/gui/make_pictures.py runs/assess-cifar
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PIL import Image
from PySide6.QtCore import QBuffer, QSettings

from tfstab.gui.app import create_window
from tfstab.gui.content.viewpoint import Viewpoint

FOLDER = Path(__file__).parents[2] / "resources" / "pictures"
SIZE = 1440, 860
COLOURS = 256
FAMILY, STRENGTH = "gaussian_noise", 20.0  # of the image whose card is shown
EXPLORED = {"image": 1447, "steps": [["gaussian_noise", 10.0], ["gaussian_blur", 0.9]], "seed": 0}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assessment")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        app, window = create_window([options.assessment])
        window.resize(*SIZE)
        window.show()
        settle(app, window)
        window.panels.jobs.close()
        overview(app, window)
        robustness(app, window)
        explorer(app, window)
        atlas(app, window)
        window.close()


def overview(app, window):
    """The overview of the assessment in the dark theme, with the card of its weakest image."""
    window.set_theme("dark")
    until(app, lambda: window.controller.current.computed is not None)
    session, page = window.controller.current, window.page()
    run = session.computed.figures.family(FAMILY).run
    session.select_copy(FAMILY, list(run.severities).index(STRENGTH))
    page.tabs.show_view("Robustness")  # where the image can be selected; the overview keeps it
    card = window.controller.card
    until(app, lambda: card.content is not None and card.content.part("neighbours") is not None)
    page.tabs.show_view("Overview")
    take(app, window, "viewer")


def robustness(app, window):
    """Degradations by severity."""
    window.set_theme("light")
    window.page().tabs.show_view("Robustness")
    take(app, window, "viewer-robustness")


def explorer(app, window):
    """Two degradations in a row, and where the prediction changes."""
    window.set_theme("light")
    session = window.controller.current
    window.controller.visit(Viewpoint(str(session.path.resolve()), "Explorer", {"explorer": EXPLORED}))
    settle(app, window, 6)
    take(app, window, "viewer-explorer")


def atlas(app, window):
    """The map of clean and degraded images."""
    window.set_theme("dark")
    page = window.page()
    page.tabs.show_view("Atlas")
    page.whole.setSizes([SIZE[1], 1])  # the images need little room here
    until(app, lambda: page.atlas.made is not None and page.atlas.made.method.currentText() == "t-SNE")
    settle(app, window, 2)
    take(app, window, "viewer-atlas")


def settle(app, window, least=0.3):
    """Let everything be read and drawn."""
    until(app, lambda: not window.controller.busy)
    end = time.monotonic() + least
    until(app, lambda: time.monotonic() > end and not window.controller.busy)


def until(app, reached):
    end = time.monotonic() + 600  # a busy machine takes minutes to map thousands of images
    while not reached() and time.monotonic() < end:
        app.processEvents()
        time.sleep(0.002)


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
