"""The field in which the number or the file name of an image is typed."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QLineEdit, QWidget

from tfstab.errors import TfstabError
from tfstab.wording import capital

if TYPE_CHECKING:
    from tfstab.runs import CleanImages

DIGITS, LETTERS = 9, 16  # width of the field, in characters: for numbers only, and for file names


class ImageField(QLineEdit):
    """Takes the number of an image or, where images have file names, its name or a part that no other name has.

    Parameters
    ----------
    clean : callable
        Returns the images of the run, which may be read again.

    Signals
    -------
    asked : int
        The index of the image that was typed.
    said : str
        Why there is no such image.
    """

    asked = Signal(int)
    said = Signal(str)

    def __init__(self, clean: "Callable[[], CleanImages]", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clean, self._shown = clean, ""
        self.setAcceptDrops(False)  # files are left to the window
        named = clean().names is not None
        what = "Number or file name of the image" if named else "Number of the image"
        self.setAccessibleName(what)
        self.setToolTip(f"{what}, then Enter")
        if not named:
            self.setValidator(QIntValidator(0, 2**31 - 1))
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("0" * (LETTERS if named else DIGITS)))
        self.returnPressed.connect(self._ask)

    def show_image(self, image: int | None) -> None:
        """Show the number of an image, or nothing."""
        self._shown = "" if image is None else str(image)
        self.setText(self._shown)

    def _ask(self) -> None:
        typed = self.text().strip()
        self.setText(self._shown)
        if not typed:
            return
        clean = self._clean()
        try:
            image = clean.find(typed)
        except TfstabError as error:
            alike = clean.named(typed)
            if len(alike) != 1:
                self.said.emit(capital(str(error)))
                return
            image = int(alike[0])
        self.asked.emit(image)
