"""The dialog that saves a figure: theme, size and resolution, with a preview."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
)

from tfstab.errors import DiskError, InputError
from tfstab.gui.commands import Offers
from tfstab.gui.dialogs import ask_for_file
from tfstab.gui.figures import INCH, LEGIBLE, Figure, Letters, Look
from tfstab.gui.placing import place_over
from tfstab.gui.settings import Settings
from tfstab.gui.theme import DARK, LIGHT
from tfstab.gui.widgets.wrapped import SentenceLabel

COPIED = "Copied the figure."
FILTERS = "PNG (*.png);;SVG (*.svg);;PDF (*.pdf)"
PREVIEW = QSize(520, 380)  # pixels, largest size of the preview
SMALL_LETTERS = "Hard to read: the smallest font size is {:.1f} points. "
ENOUGH = "At {}, it is {:g} points."
CM, DPI = (4.0, 60.0), (50, 1200)  # smallest and largest size, and resolution
Said = Callable[[str], object]
Failed = Callable[[str, str], object]
SOON = 150  # ms after the last change until the preview is drawn


class FigureDialog(QDialog):
    """Shows a figure as it will be saved or copied.

    Parameters
    ----------
    figure : Figure
    said, failed : callable
        Take a message, or an error with details.
    """

    def __init__(self, figure: Figure, said: Said, failed: Failed) -> None:
        super().__init__(figure.widget.window())
        self._figure, self._said, self._failed = figure, said, failed
        self.setWindowTitle("Save the figure")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        theme, dpi = Settings().figure_look()
        width, height = figure.on_screen()
        self.theme = QComboBox()
        for text, name in (("Light, for print", LIGHT), ("Dark, for slides", DARK)):
            self.theme.addItem(text, name)
        self.theme.setCurrentIndex(self.theme.findData(theme))
        self.width_cm, self.height_cm = _centimetres(width), _centimetres(height)
        self.dpi = QSpinBox()
        self.dpi.setRange(*DPI)
        self.dpi.setSuffix(" dots per inch")
        self.dpi.setValue(dpi)
        self.pixels = QLabel()
        self.letters = SentenceLabel()  # says so if letters are too small to read
        self.preview = QLabel("Drawing…")
        self.preview.setFixedSize(PREVIEW)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._later = QTimer(self, singleShot=True, interval=SOON)
        self._arrange()
        self._later.timeout.connect(self._show_preview)
        self.theme.currentIndexChanged.connect(self._change)
        for box in (self.width_cm, self.height_cm, self.dpi):
            box.valueChanged.connect(self._change)
        self._change()
        self.adjustSize()
        place_over(self, self.parentWidget())

    @property
    def look(self) -> Look:
        """What is chosen."""
        return Look(self.theme.currentData(), self.width_cm.value(), self.height_cm.value(), self.dpi.value())

    def _arrange(self) -> None:
        form = QFormLayout()
        form.addRow("&Theme:", self.theme)
        form.addRow("&Width:", self.width_cm)
        form.addRow("&Height:", self.height_cm)
        form.addRow("&Resolution:", self.dpi)
        form.addRow("", self.pixels)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.save_button = QPushButton("&Save…")
        self.copy_button = QPushButton("&Copy")
        buttons.addButton(self.save_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.copy_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.save_button.clicked.connect(self._ask)
        self.copy_button.clicked.connect(self._copy)
        buttons.rejected.connect(self.reject)
        columns = QHBoxLayout()
        columns.addWidget(self.preview)
        columns.addLayout(form)
        layout = QVBoxLayout(self)
        layout.addLayout(columns)
        layout.addWidget(self.letters)
        layout.addWidget(buttons)
        # Not before the button is in the dialog: otherwise Enter would press Cancel.
        self.save_button.setDefault(True)
        self.save_button.setFocus()

    def _change(self) -> None:
        pixels = self.look.pixels
        self.pixels.setText(f"{pixels.width():,} × {pixels.height():,} pixels as PNG; SVG and PDF have no pixels")
        self._later.start()

    def _show_preview(self) -> None:
        self.letters.setText(said_of(self._figure.letters(self.look), self.look))
        look, ratio = self.look, self.devicePixelRatioF()
        fitting = min(PREVIEW.width() / look.width, PREVIEW.height() / look.height) * INCH  # dots per inch that fit
        picture = QPixmap.fromImage(self._figure.image(Look(look.theme, look.width, look.height, int(fitting * ratio))))
        picture.setDevicePixelRatio(ratio)
        self.preview.setPixmap(picture)

    def _ask(self) -> None:
        ask_for_file(self, "Save the figure", f"{self._figure.name}.png", FILTERS, self._save)

    def _save(self, path: str) -> None:
        look = self.look
        Settings().save_figure_look(look.theme, look.dpi)
        try:
            self._figure.save(path, look)
        except DiskError as error:
            self._failed(str(error), "")
        else:
            self._said(f"Saved the figure as {path}.")
            self.accept()

    def _copy(self) -> None:
        QApplication.clipboard().setImage(self._figure.image(self.look))
        self._said(COPIED)


def said_of(letters: Letters, look: Look) -> str:
    """Say that letters are too small to read, and how large the figure must be; "" if they are not."""
    if letters.points >= LEGIBLE:
        return ""
    said = SMALL_LETTERS.format(letters.points)
    if letters.height > CM[1]:
        return f"{said}Choose a larger width."
    sizes = [f"a width of {letters.width:.1f} cm"] if letters.width > look.width else []
    sizes += [f"a height of {letters.height:.1f} cm"] if letters.height > look.height else []
    return said + ENOUGH.format(" and ".join(sizes), LEGIBLE)


def figure_offers(figure: Callable[[], Figure], said: Said, failed: Failed) -> Offers:
    """Return the commands to copy and save a figure, which is made when one of them is done.

    `figure` raises InputError while there is none; `said` gets its sentence.
    """

    def copy(made: Figure) -> None:
        made.copy()
        said(COPIED)

    def do(deed: Callable[[Figure], object]) -> None:
        try:
            made = figure()
        except InputError as error:
            said(str(error))
        else:
            deed(made)

    return {
        "copy-figure": lambda: do(copy),
        "save-figure": lambda: do(lambda made: FigureDialog(made, said, failed).open()),
    }


def _centimetres(value: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(*CM)
    box.setDecimals(1)
    box.setSuffix(" cm")
    box.setValue(min(max(value, CM[0]), CM[1]))
    return box
