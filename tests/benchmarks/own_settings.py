"""Settings for a benchmark of the viewer, so that it neither reads nor changes those of its user."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QSettings


@contextmanager
def own_settings() -> Iterator[str]:
    """Let windows keep their settings in a new folder; yields this folder, which is removed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        yield folder
