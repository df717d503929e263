"""Choosing a model or data: a name from a list, or one's own files."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QPushButton, QWidget

from tfstab.datasets.images import SUFFIXES
from tfstab.datasets.registry import FOLDER
from tfstab.gui.dialogs import ask_for_folder, ask_to_open
from tfstab.gui.widgets.tips import plain
from tfstab.orders import IMAGES

PICTURES = f"Images ({' '.join(f'*{suffix}' for suffix in sorted(SUFFIXES))})"


class SourcePicker(QWidget):
    """A list of known names, to which files chosen in dialogs are added.

    Parameters
    ----------
    name : str
        Accessible name.
    known : sequence of (str, str)
        Each value with a line about it.
    parent : QWidget, optional
    """

    changed = Signal()

    def __init__(self, name: str, known: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QComboBox()
        self.list.setAccessibleName(name)
        self.list.setMinimumContentsLength(24)
        self.list.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for value, about in known:
            self._add(value, about)
        self.browse = QPushButton("Browse…")
        self.browse.setAutoDefault(False)
        self.browse.setAccessibleName(f"{name}: browse for files")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.browse)
        self.setFocusProxy(self.list)
        self.list.currentIndexChanged.connect(lambda _: self._tell())

    @property
    def value(self) -> str:
        """The chosen model or data, in the form that a RunOrder takes; "" for none."""
        return str(self.list.currentData() or "")

    def choose(self, value: str) -> None:
        """Select a value, adding it to the list if it is new; "" is nothing, or leaves the choice to the user."""
        place = self.list.findData(value)
        if place < 0 and not value:
            self.list.setPlaceholderText(f"Choose the {self.list.accessibleName().lower()}…")
            self.list.setCurrentIndex(-1)
            return
        if place < 0:
            self._add(value, value)
            place = self.list.count() - 1
        self.list.setCurrentIndex(place)

    def offer_nothing(self, used: str) -> None:
        """Offer to choose nothing, as the first entry of the list; it names what is used then.

        used: "" if something has to be chosen.
        """
        chosen, place = self.value, self.list.findData("")
        with QSignalBlocker(self.list):  # what is chosen stays the same
            if place >= 0:
                self.list.removeItem(place)
            if used:
                self.list.insertItem(0, used, "")
                self.list.setItemData(0, plain(used), Qt.ItemDataRole.ToolTipRole)
            self.choose(chosen)
        self._follow_tip()

    def offer(self, *ways: tuple[str, Callable[[Callable[[str], None]], object], str]) -> None:
        """Set the entries of the Browse menu.

        Parameters
        ----------
        *ways : tuple of (str, callable, str)
            Text of the entry; a function that asks for a path and passes it to its callback; and a prefix for the
            value made from the path.
        """

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
        self._follow_tip()
        self.changed.emit()

    def _follow_tip(self) -> None:
        self.list.setToolTip(str(self.list.currentData(Qt.ItemDataRole.ToolTipRole) or ""))


def model_picker(parent: QWidget) -> SourcePicker:
    """Make a picker for the bundled networks and models from files."""
    from tfstab.models import bundled_names

    picker = SourcePicker("Model", [(name, "bundled network") for name in bundled_names()], parent)
    picker.offer(
        (
            "Model file…",
            partial(ask_to_open, parent, "Choose a model", "Models (*.keras *.onnx *.tflite *.h5 *.hdf5)"),
            "",
        ),
        ("SavedModel folder…", partial(ask_for_folder, parent, "A folder that contains saved_model.pb"), ""),
    )
    return picker


def data_picker(parent: QWidget) -> SourcePicker:
    """Make a picker for the named data sets and images from files."""
    from tfstab.datasets import NAMED

    picker = SourcePicker("Data", [(name, entry.about) for name, entry in NAMED.items()], parent)
    picker.offer(
        (
            "Class folders…",
            partial(ask_for_folder, parent, "A folder with one folder of images for each class"),
            FOLDER,
        ),
        ("A table of images…", partial(ask_to_open, parent, "Choose a table of labels", "Tables (*.csv)"), ""),
        ("Arrays…", partial(ask_to_open, parent, "Choose arrays", "NumPy arrays (*.npz *.npy)"), ""),
        ("A folder prepared by TFDS…", partial(ask_for_folder, parent, "A folder that contains features.json"), FOLDER),
        ("One image…", partial(ask_to_open, parent, "Choose an image", PICTURES), IMAGES),
        ("Images without classes…", partial(ask_for_folder, parent, "A folder of images"), IMAGES),
    )
    return picker


def shown(value: str) -> str:
    """Return a value as the list shows it, with only the last folders of a long path."""
    path = value.removeprefix(FOLDER).removeprefix(IMAGES)
    kind = {FOLDER: "classes in ", IMAGES: "images: "}
    prefix = next((text for start, text in kind.items() if value.startswith(start)), "")
    parts = path.replace("\\", "/").rstrip("/").split("/")
    return prefix + (path if len(parts) < 4 else "…/" + "/".join(parts[-2:]))
