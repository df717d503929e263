"""The viewer off screen, for scripts that make pictures of it."""

import argparse
import contextlib
import io
import os
import tempfile
import time

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PIL import Image
from PySide6.QtCore import QBuffer, QSettings

from tfstab.gui.app import create_window


@contextlib.contextmanager
def viewer(description, size):
    """Open the run that the command line names, in a window of this size and with settings of its own."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assessment")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        app, window = create_window([options.assessment])
        window.resize(*size)
        window.show()
        settle(app, window)
        window.panels.jobs.close()
        yield app, window
        window.close()


def settle(app, window, least=0.3):
    """Let everything be read and drawn."""
    until(app, lambda: not window.controller.busy)
    end = time.monotonic() + least
    until(app, lambda: time.monotonic() > end and not window.controller.busy)


def until(app, reached):
    """Let the viewer work until something is reached."""
    end = time.monotonic() + 600  # a busy machine takes minutes to map thousands of images
    while not reached() and time.monotonic() < end:
        app.processEvents()
        time.sleep(0.002)


def grabbed(window):
    """Return what the window shows as a Pillow image."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.ReadWrite)
    window.grab().save(buffer, "PNG")
    with Image.open(io.BytesIO(buffer.data().data())) as picture:
        return picture.convert("RGB")
