"""Choosing the kind of a new run, and its settings."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QStackedWidget, QWidget

from tfstab.gui.kinds import KINDS
from tfstab.gui.widgets.jobs.kind_settings import KindSettings


class KindPicker(QWidget):
    """A button for each kind of run; the settings of the chosen kind are shown in `stack`.

    Attributes
    ----------
    buttons : dict of str to QRadioButton
        The buttons by kind.
    parts : dict of str to KindSettings
        The settings by kind.
    stack : QStackedWidget
        Shows the settings of the chosen kind; the dialog places it.

    Signals
    -------
    chosen
        Another kind was chosen.
    changed
        A setting was changed.
    """

    chosen = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[str, QRadioButton] = {}
        self.parts: dict[str, KindSettings] = {}
        self.stack = QStackedWidget()
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for kind in KINDS.values():
            button = self.buttons[kind.name] = QRadioButton(kind.text)
            button.setToolTip(kind.tip)
            button.setAccessibleName(kind.text.replace("&", ""))
            self._group.addButton(button)
            layout.addWidget(button)
            part = self.parts[kind.name] = kind.load("settings")()
            part.changed.connect(self.changed)
            self.stack.addWidget(part)
        layout.addStretch(1)
        self.choose(next(iter(KINDS)))
        self._group.idToggled.connect(lambda _, checked: self._show() if checked else None)

    @property
    def kind(self) -> str:
        """The chosen kind."""
        return next(name for name, button in self.buttons.items() if button.isChecked())

    @property
    def part(self) -> KindSettings:
        """The settings of the chosen kind."""
        return self.parts[self.kind]

    def choose(self, kind: str) -> None:
        """Choose a kind."""
        self.buttons[kind].setChecked(True)

    def offer_classes(self, names: Sequence[str]) -> None:
        """Offer the model's classes in all settings."""
        for part in self.parts.values():
            part.offer_classes(names)

    def _show(self) -> None:
        self.stack.setCurrentWidget(self.part)
        self.chosen.emit()
