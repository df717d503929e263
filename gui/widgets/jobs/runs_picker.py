"""Choosing the runs that a report or a comparison is about."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from tfstab.gui.dialogs import ask_for_folder
from tfstab.gui.widgets.tips import plain

PATH = Qt.ItemDataRole.UserRole
ROWS = 6  # that are seen without scrolling


class RunsPicker(QWidget):
    """A list of the open runs, of which some are ticked, and of folders that were added.

    Signals
    -------
    changed
        Other runs are ticked.
    """

    changed = Signal()

    def __init__(self, runs: Sequence[tuple[str, Path]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QListWidget()
        self.list.setAccessibleName("Runs")
        self.list.setMaximumHeight(ROWS * (self.fontMetrics().height() + 6))
        self.browse = QPushButton("Add a folder…", autoDefault=False)
        for name, path in runs:
            self._add(name, path, ticked=False)
        buttons = QHBoxLayout()
        buttons.addWidget(self.browse)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list)
        layout.addLayout(buttons)
        self.setFocusProxy(self.list)
        self.browse.clicked.connect(lambda _=False: ask_for_folder(self, "A run, or a folder of runs", self._take))
        self.list.itemChanged.connect(lambda _: self.changed.emit())

    @property
    def paths(self) -> list[str]:
        """The paths of the ticked runs, from top to bottom."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return [str(item.data(PATH)) for item in items if item.checkState() == Qt.CheckState.Checked]

    def tick(self, paths: Iterable[Path]) -> None:
        """Tick these runs, adding those that are not in the list."""
        for path in paths:
            items = (self.list.item(row) for row in range(self.list.count()))
            item = next((item for item in items if Path(item.data(PATH)) == path), None)
            if item is None:
                self._add(path.name, path, ticked=True)
            else:
                item.setCheckState(Qt.CheckState.Checked)

    def _take(self, path: str) -> None:
        self.tick([Path(path)])

    def _add(self, name: str, path: Path, ticked: bool) -> None:
        item = QListWidgetItem(name)
        item.setData(PATH, str(path))
        item.setToolTip(plain(str(path)))
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        self.list.addItem(item)
        self.changed.emit()
