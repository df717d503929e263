"""`AtlasBoxes`: which map the atlas shows, what its colours stand for, and which images it shows."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from tfstab.gui.content.atlas import COLOURINGS, STATES, AtlasMap
from tfstab.gui.sessions.atlas import METHODS
from tfstab.gui.widgets.elided import ElidedBox

SHORT, LONG = 5, 24  # letters of a box's entries that are seen in a narrow window, and if there is room


class AtlasBoxes(QWidget):
    """The row of boxes above the map.

    Parameters
    ----------
    names : sequence of str
        Names of the classes.
    parent : QWidget, optional

    Signals
    -------
    changed
        Something else was chosen.
    """

    changed = Signal()

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.method = _Box("Method of the map", METHODS)
        self.colouring = _Box("What colours stand for", COLOURINGS)
        self.states = _Box("Images to show", tuple(STATES))
        self.classes = _Box("Class to show", ("all classes", *names))
        self._named = {"map": self.method, "colours": self.colouring, "show": self.states, "class": self.classes}
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 0)
        for caption, box in zip(("&Map:", "C&olours:", "S&how:", "C&lass:"), self._named.values(), strict=True):
            label = QLabel(caption)
            label.setBuddy(box)
            row.addWidget(label)
            row.addWidget(box)
            box.currentIndexChanged.connect(self.changed)
        row.addStretch(1)

    @property
    def map_method(self) -> str:
        """How the map is made: one of METHODS."""
        return self.method.currentText()

    @property
    def restrictions(self) -> list[str]:
        """The images and the class to which the map is restricted, in words."""
        of_class = [f"class {self.classes.currentText()}"] * (self.classes.currentIndex() > 0)
        return [self.states.currentText()] * (self.states.currentIndex() > 0) + of_class

    def shown_of(self, points: AtlasMap) -> np.ndarray:
        """Return which points are of the chosen class and images, as `AtlasMap.select` does."""
        chosen = self.classes.currentIndex()
        return points.select(chosen - 1 if chosen > 0 else None, self.states.currentText())

    def offer_methods(self, ready: Collection[str]) -> None:
        """Offer only methods whose maps are ready; all if none is."""
        model = self.method.model()
        for n, method in enumerate(METHODS):
            model.item(n).setEnabled(method in ready or not ready)  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, str]:
        """Return what the boxes say, by name."""
        return {name: box.currentText() for name, box in self._named.items()}

    def restore(self, chosen: Mapping[str, Any]) -> None:
        """Choose what the boxes said; what is missing stays, and what is unknown becomes the first entry."""
        for name, box in self._named.items():
            box.setCurrentIndex(max(box.findText(str(chosen.get(name, box.currentText()))), 0))


class _Box(ElidedBox):
    """A box that takes the room of its longest entry if there is any, and cuts entries off in a narrow window."""

    def __init__(self, name: str, entries: tuple[str, ...]) -> None:
        super().__init__()
        self._longest = max(map(len, entries))
        self.setAccessibleName(name)
        self.addItems(entries)
        self.setSizeAdjustPolicy(ElidedBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(min(SHORT, self._longest))
        self.view().setMinimumWidth(self.fontMetrics().horizontalAdvance("x") * self._longest)

    def sizeHint(self) -> QSize:
        """Return the size with room for the longest entry, up to a limit."""
        metrics = self.fontMetrics()
        texts = (metrics.horizontalAdvance(self.itemText(n)) for n in range(self.count()))
        room, least = min(max(texts), metrics.averageCharWidth() * LONG), self.minimumContentsLength()
        return self.minimumSizeHint() + QSize(max(room - metrics.horizontalAdvance("X") * least, 0), 0)
