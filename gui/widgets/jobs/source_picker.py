"""Choosing a model or data: a name from a list, or files of one's own."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QPushButton, QWidget

from tfstab.datasets.images import SUFFIXES
from tfstab.datasets.registry import FOLDER
from tfstab.gui.dialogs import ask_for_folder, ask_to_open
from tfstab.gui.widgets.tips import plain
from tfstab.orders import IMAGES

PICTURES = f"Images ({' '.join(f'*{suffix}' for suffix in sorted(SUFFIXES))})"


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

    def offer(self, *ways: tuple[str, Callable[[Callable[[str], None]], object], str]) -> None:
        """Ways to browse: (text, a function that asks and calls with a path, what the value has before it)."""

        def ask(way: Callable[[Callable[[str], None]], object], prefix: str) -> None:
            way(lambda path: self.choose(f"{prefix}{path}"))

        menu = QMenu(self.browse)
        for text, way, prefix in ways:
            menu.addAction(text, partial(ask, way, prefix))
        self.browse.setMenu(menu)

    def _add(self, value: str, about: str) -> None:
        self.list.addItem(shown(value), value)
        self.list.setItemData(self.list.count() - 1, plain(about), Qt.ItemDataRole.ToolTipRole)

    def _tell(self) -> None:
        self.list.setToolTip(str(self.list.currentData(Qt.ItemDataRole.ToolTipRole)))
        self.changed.emit()


def model_picker(parent: QWidget) -> SourcePicker:
    """The bundled networks, or a model of one's own."""
    from tfstab.models import bundled_names

    picker = SourcePicker("Model", [(name, "bundled network") for name in bundled_names()], parent)
    picker.offer(
        ("Keras file…", partial(ask_to_open, parent, "Choose a model", "Keras models (*.keras *.h5 *.hdf5)"), ""),
        ("SavedModel folder…", partial(ask_for_folder, parent, "A folder that holds saved_model.pb"), ""),
    )
    return picker


def data_picker(parent: QWidget) -> SourcePicker:
    """The named data sets, or images of one's own."""
    from tfstab.datasets import NAMED

    picker = SourcePicker("Data", [(name, entry.about) for name, entry in NAMED.items()], parent)
    picker.offer(
        ("Class folders…", partial(ask_for_folder, parent, "A folder with one folder of images a class"), FOLDER),
        ("A table of images…", partial(ask_to_open, parent, "Choose a table of labels", "Tables (*.csv)"), ""),
        ("Arrays…", partial(ask_to_open, parent, "Choose arrays", "NumPy arrays (*.npz *.npy)"), ""),
        ("A folder prepared by TFDS…", partial(ask_for_folder, parent, "A folder with features.json"), FOLDER),
        ("One image…", partial(ask_to_open, parent, "Choose an image", PICTURES), IMAGES),
        ("Images without classes…", partial(ask_for_folder, parent, "A folder of images"), IMAGES),
    )
    return picker


def shown(value: str) -> str:
    """A value as the list shows it: the last folders of a long path."""
    path = value.removeprefix(FOLDER).removeprefix(IMAGES)
    kind = {FOLDER: "classes in ", IMAGES: "images: "}
    prefix = next((text for start, text in kind.items() if value.startswith(start)), "")
    parts = path.replace("\\", "/").rstrip("/").split("/")
    return prefix + (path if len(parts) < 4 else "…/" + "/".join(parts[-2:]))
