"""The error of a degradation whose file is not known here, with a button that asks for the file."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox, QWidget

from tfstab.degradations.registry import CHOOSE_FILE
from tfstab.errors import InputError
from tfstab.gui.dialogs import ask_to_open, show_new_error
from tfstab.runs.known_degradations import allow_modules

REFUSED = "The degraded image cannot be made here: press F5 to choose the file that registers its degradation."
TIP = "Choose the Python file that registers the degradation. It is run; do so only if you trust its author"


class Failures(QObject):
    """Shows errors; one about a degradation that a file registers has a button to choose the file.

    If this one is closed without a file, each further image that is selected would show it again: the status bar says
    it from then on, until `forget`.

    Parameters
    ----------
    window : QWidget
        The window of the dialogs.
    again : callable
        Called once a file has been imported, to make the images that are missing.
    say : callable
        Called with a line for the status bar.
    """

    def __init__(self, window: QWidget, again: Callable[[], object], say: Callable[[str], object]) -> None:
        super().__init__(window)
        self._window, self._again, self._say = window, again, say
        self._refused: set[str] = set()

    def show(self, sentence: str, details: str = "") -> None:
        """Show an error."""
        if sentence in self._refused:
            self._say(REFUSED)
            return
        box = show_new_error(self._window, sentence, details)
        if box is None or CHOOSE_FILE not in sentence:
            return
        self._refused.add(sentence)
        choose = box.addButton("Choose &file…", QMessageBox.ButtonRole.AcceptRole)
        choose.setToolTip(TIP)
        choose.clicked.connect(self._choose)

    def forget(self) -> None:
        """Show errors again that were closed."""
        self._refused.clear()

    def _choose(self) -> None:
        self.forget()
        ask_to_open(self._window, "Run the file that registers the degradation", "Python (*.py)", self._take)

    def _take(self, path: str) -> None:
        """Import the file, and make the images; of a file that cannot be imported, say why."""
        try:
            allow_modules([path])
        except InputError as error:
            show_new_error(self._window, str(error))
        else:
            self._again()
