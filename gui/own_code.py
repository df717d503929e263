"""The error of a degradation whose file is not known here, with a button that asks for the file."""

from collections.abc import Callable

from PySide6.QtWidgets import QMessageBox, QWidget

from tfstab.degradations.registry import CHOOSE_FILE
from tfstab.errors import InputError
from tfstab.gui.dialogs import ask_to_open, show_new_error
from tfstab.runs.known_degradations import allow_modules

TIP = "Choose the Python file that registers the degradation. It is run; do so only if you trust its author"


def show_failure(window: QWidget, again: Callable[[], object], sentence: str, details: str = "") -> None:
    """Show an error; if it is about a degradation that a file registers, with a button to choose the file.

    Parameters
    ----------
    window : QWidget
        The window of the dialog.
    again : callable
        Called once a file has been imported, to make the images that are missing.
    sentence, details : str
        The error.
    """
    box = show_new_error(window, sentence, details)
    if box is None or CHOOSE_FILE not in sentence:
        return

    def take(path: str) -> None:
        """Import the file, and make the images; of a file that cannot be imported, say why."""
        try:
            allow_modules([path])
        except InputError as error:
            show_new_error(window, str(error))
        else:
            again()

    choose = box.addButton("Choose &file…", QMessageBox.ButtonRole.AcceptRole)
    choose.setToolTip(TIP)
    choose.clicked.connect(
        lambda _=False: ask_to_open(window, "Run the file that registers the degradation", "Python (*.py)", take)
    )
