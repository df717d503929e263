"""The list of tags by which a table is filtered."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from tfstab.gui.sessions.marks import Marks


class TagBox(QComboBox):
    """The tags given so far with the number of images of each; hidden until there are any.

    Signals
    -------
    chosen : str
        The user chose a tag, or "" for all images.
    """

    chosen = Signal(str)

    def __init__(self, marks: Marks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marks, self._tag = marks, ""
        self.setAccessibleName("Tag")
        self.setToolTip("List only images with this tag; press T to tag the selected ones")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.activated.connect(lambda: self.chosen.emit(self.currentData()))
        marks.changed.connect(self._fill)
        self._fill()

    def show_tag(self, tag: str) -> None:
        """Show which tag is chosen."""
        if tag != self._tag:
            self._tag = tag
            self._fill()

    def _fill(self) -> None:
        tags = self._marks.tags()
        if self._tag and self._tag not in tags:
            tags[self._tag] = 0
        self.clear()
        self.addItem("any tag or none", "")
        for tag, count in tags.items():
            self.addItem(f"#{tag} ({count:,})", tag)
        self.setCurrentIndex(self.findData(self._tag))
        self.setVisible(bool(tags))
