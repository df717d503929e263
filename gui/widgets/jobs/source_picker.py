"""Choosing a model or data: a name from a list, or files of one's own."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QMenu, QPushButton, QWidget

from tfstab.gui.jobs.plan import FOLDER
from tfstab.gui.jobs.protocol import IMAGES


class SourcePicker(QWidget):
    """A list that files chosen in dialogs are added to. `value` is what a RunOrder takes."""

    changed = Signal()

    def __init__(self, name: str, known: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        """known: (value, line about it) pairs."""
        super().__init__(parent)
        self.list = QComboBox()
        self.list.setAccessibleName(name)
        self.list.setMinimumContentsLength(24)
        self.list.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for value, about in known:
            self._add(value, about)
        self.browse = QPushButton("Browse…")
        self.browse.setAutoDefault(False)
        self.browse.setAccessibleName(f"{name}: files of my own")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.browse)
        self.setFocusProxy(self.list)
        self.list.currentIndexChanged.connect(lambda _: self._tell())

    @property
    def value(self) -> str:
        return str(self.list.currentData())

    def choose(self, value: str) -> None:
        """Select a value, added to the list where it is new."""
        place = self.list.findData(value)
        if place < 0:
            self._add(value, value)
            place = self.list.count() - 1
        self.list.setCurrentIndex(place)

    def offer(self, *ways: tuple[str, Callable[[], QFileDialog], Callable[[str], str]]) -> None:
        """Ways to browse: (text, a function that makes the dialog, what the path chosen becomes)."""
        if len(ways) == 1:
            self.browse.clicked.connect(lambda _checked=False: self._ask(ways[0][1], ways[0][2]))
            return
        menu = QMenu(self.browse)
        for text, dialog, become in ways:
            menu.addAction(text, partial(self._ask, dialog, become))
        self.browse.setMenu(menu)

    def _ask(self, make: Callable[[], QFileDialog], become: Callable[[str], str]) -> None:
        dialog = make()
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.choose(become(path)))
        dialog.open()

    def _add(self, value: str, about: str) -> None:
        self.list.addItem(shown(value), value)
        self.list.setItemData(self.list.count() - 1, about, Qt.ItemDataRole.ToolTipRole)

    def _tell(self) -> None:
        self.list.setToolTip(str(self.list.currentData(Qt.ItemDataRole.ToolTipRole)))
        self.changed.emit()


def model_picker(parent: QWidget) -> SourcePicker:
    """The bundled networks, or a .keras file."""
    from tfstab.models import bundled_names

    picker = SourcePicker("Model", [(name, "bundled network") for name in bundled_names()], parent)
    picker.offer(("", lambda: _file_dialog(parent, "Choose a model", "Keras models (*.keras)"), str))
    return picker


def data_picker(parent: QWidget) -> SourcePicker:
    """The named data sets, or images of one's own."""
    from tfstab.datasets import NAMED

    picker = SourcePicker("Data", [(name, entry.about) for name, entry in NAMED.items()], parent)
    pictures = "Images (*.png *.jpg *.jpeg *.ppm *.pgm *.bmp)"
    picker.offer(
        ("Class folders…", lambda: _folder_dialog(parent, "A folder with one folder of images a class"),
         lambda path: f"{FOLDER}{path}"),
        ("Arrays in an npz file…", lambda: _file_dialog(parent, "Choose arrays", "NumPy arrays (*.npz)"), str),
        ("One image…", lambda: _file_dialog(parent, "Choose an image", pictures), lambda path: f"{IMAGES}{path}"),
        ("Images without classes…", lambda: _folder_dialog(parent, "A folder of images"),
         lambda path: f"{IMAGES}{path}"),
    )  # fmt: skip
    return picker


def shown(value: str) -> str:
    """A value as the list shows it: the last folders of a long path."""
    path = value.removeprefix(FOLDER).removeprefix(IMAGES)
    kind = {FOLDER: "classes in ", IMAGES: "images: "}
    prefix = next((text for start, text in kind.items() if value.startswith(start)), "")
    parts = path.replace("\\", "/").rstrip("/").split("/")
    return prefix + (path if len(parts) < 4 else "…/" + "/".join(parts[-2:]))


def _file_dialog(parent: QWidget, title: str, kinds: str) -> QFileDialog:
    dialog = QFileDialog(parent, title, "", kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return dialog


def _folder_dialog(parent: QWidget, title: str) -> QFileDialog:
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return dialog
