"""Buttons that choose one of several forms in which a part of a page is shown."""

from collections.abc import Sequence

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from tfstab.gui.choice import ChoiceButton


class Forms(QWidget):
    """A row of buttons, the first of which is chosen at first.

    Attributes
    ----------
    buttons : QButtonGroup
        The buttons, by number.
    """

    def __init__(self, titles: Sequence[str], tips: Sequence[str] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for n, title in enumerate(titles):
            button = ChoiceButton(title)
            button.setCheckable(True)
            button.setChecked(n == 0)
            button.setToolTip(tips[n] if tips else "")
            self.buttons.addButton(button, n)
            row.addWidget(button)
