"""Starting the viewer."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from PySide6.QtWidgets import QApplication

import tfstab
from tfstab.gui.controller import Controller
from tfstab.gui.dialogs import install_exception_hook
from tfstab.gui.settings import Settings
from tfstab.gui.theme import apply_theme
from tfstab.gui.window import MainWindow


def create_window(argv: Sequence[str] = ()) -> tuple[QApplication, MainWindow]:
    """The application and its window, not shown yet, which opens the run folders of `argv` once events run.

    argv: arguments without the program's name. An application that is there already is used. Raises SystemExit
    for `--help`, `--version` and unknown options, as a command line does.
    """
    arguments = _parser().parse_args([str(argument) for argument in argv])
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(["tfstab-viewer"])
        app.setApplicationDisplayName("")
        app.setDesktopFileName("tfstab-viewer")
    settings = Settings()
    apply_theme(app, settings.theme())
    window = MainWindow(Controller(settings))
    window.controller.setParent(window)
    window.controller.open(arguments.runs)
    return app, window


def main(argv: Sequence[str] | None = None) -> int:
    """Run the viewer until its window is closed; returns the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    _parser().parse_args(argv)  # --help needs no screen
    if _no_screen():
        print("tfstab-viewer: there is no display to show a window on; set DISPLAY or WAYLAND_DISPLAY.", file=sys.stderr)  # noqa: T201, E501
        return 2
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Qt's loop would never let Python see Ctrl-C
    app, window = create_window(argv)
    install_exception_hook(window)
    window.show()
    return app.exec()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tfstab-viewer", description="Look at tfstab's searches and sweeps.")
    parser.add_argument("runs", nargs="*", metavar="RUN", help="run folders to open, such as runs/search")
    parser.add_argument("--version", action="version", version=f"tfstab {tfstab.__version__}")
    return parser


def _no_screen() -> bool:
    """Qt would abort the process where it finds no display server."""
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    return sys.platform.startswith("linux") and not named
