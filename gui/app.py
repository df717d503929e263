"""Starting the viewer."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from PySide6.QtWidgets import QApplication

import tfstab
from tfstab.errors import InputError
from tfstab.gui.controller import Controller
from tfstab.gui.dialogs import install_exception_hook
from tfstab.gui.focus_frame import show_focus
from tfstab.gui.settings import Settings
from tfstab.gui.style import use_framed_style
from tfstab.gui.theme import apply_theme
from tfstab.gui.window import MainWindow
from tfstab.runs.known_degradations import allow_modules


def create_window(argv: Sequence[str] = ()) -> tuple[QApplication, MainWindow]:
    """Create the application and its window, which is not shown yet.

    Parameters
    ----------
    argv : sequence of str
        Arguments without the program's name. The run folders among them are opened once the event loop runs.

    Returns
    -------
    app : QApplication
        The application, an existing one if there is one.
    window : MainWindow
        The window.

    Raises
    ------
    InputError
        A module that `--import` names cannot be imported.
    SystemExit
        For `--help`, `--version` and unknown options, as on a command line.
    """
    arguments = _parser().parse_args([str(argument) for argument in argv])
    allow_modules(arguments.imports)
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(["tfstab-viewer"])
        app.setApplicationDisplayName("")
        app.setDesktopFileName("tfstab-viewer")
    show_focus(app)
    settings = Settings()
    use_framed_style(app)
    apply_theme(app, settings.theme())
    window = MainWindow(Controller(settings))
    window.controller.setParent(window)
    window.controller.open(arguments.runs)
    return app, window


def main(argv: Sequence[str] | None = None) -> int:
    """Run the viewer until its window is closed, and return the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    _parser().parse_args(argv)  # --help needs no display
    if _no_screen():
        sys.stderr.write("tfstab-viewer: no display was found: set DISPLAY or WAYLAND_DISPLAY.\n")
        return 2
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python does not handle Ctrl-C while Qt's event loop runs
    try:
        app, window = create_window(argv)
    except InputError as error:
        sys.stderr.write(f"tfstab-viewer: {error}\n")
        return 2
    install_exception_hook(window)
    window.show()
    return app.exec()


def _parser() -> argparse.ArgumentParser:
    about = "Look at tfstab's assessments, searches and sweeps."
    parser = argparse.ArgumentParser(prog="tfstab-viewer", description=about)
    parser.add_argument("runs", nargs="*", metavar="RUN", help="run folders to open, such as runs/search")
    about = "a module or .py file that registers the degradation of a run; may be given several times"
    parser.add_argument("--import", action="append", default=[], dest="imports", metavar="MODULE", help=about)
    parser.add_argument("--version", action="version", version=f"tfstab {tfstab.__version__}")
    return parser


def _no_screen() -> bool:
    """Return True if there is no display server, without which Qt aborts the process."""
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    return sys.platform.startswith("linux") and not named
