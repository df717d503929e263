"""The toolbar: the most used commands, and a field that finds all others."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMainWindow, QSizePolicy, QToolBar, QToolButton, QWidget

from tfstab.gui.actions import Actions
from tfstab.gui.commands import TOOLBAR, Offer, Offers
from tfstab.gui.settings import Settings
from tfstab.gui.widgets.palette import CommandField, Palette

LEAST_FIELD = 64  # pixels
SEPARATORS = 90  # pixels that separators, margins and the handle take


class Toolbar(QToolBar):
    """Buttons with the most used commands; text under their icons can be switched off, which is remembered."""

    offers_changed = Signal()

    def __init__(self, window: QMainWindow, commands: Actions, settings: Settings) -> None:
        super().__init__("Toolbar", window)
        self._window, self._commands, self._settings = window, commands, settings
        self.setObjectName("toolbar")  # identifies it when the layout is restored
        self.setAccessibleName("Toolbar")
        for group in TOOLBAR:
            if self.actions():
                self.addSeparator()
            self.addActions([commands[name] for name in group])
        room = QWidget()
        room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(room)
        self.field = CommandField(commands["palette"])
        self.addWidget(self.field)
        self._show_text(settings.toolbar_text())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make the field shorter where the buttons need the room."""
        buttons = [
            button for action in self.actions() if isinstance(button := self.widgetForAction(action), QToolButton)
        ]
        taken = sum(button.sizeHint().width() for button in buttons) + SEPARATORS
        self.field.setFixedWidth(min(max(self.width() - taken, LEAST_FIELD), self.field.sizeHint().width()))
        super().resizeEvent(event)

    def offers(self) -> Offers:
        """Return the commands of the toolbar."""
        return {"palette": self.show_palette, "toolbar-text": Offer(self._switch_text, self._has_text())}

    def show_palette(self) -> Palette:
        """Show the palette below the field."""
        self._commands.fill_submenus()
        palette = Palette(self._commands.listed(), self._window, self.field)
        palette.show()
        return palette

    def _has_text(self) -> bool:
        return self.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextUnderIcon

    def _show_text(self, shown: bool) -> None:
        style = Qt.ToolButtonStyle
        self.setToolButtonStyle(style.ToolButtonTextUnderIcon if shown else style.ToolButtonIconOnly)

    def _switch_text(self) -> None:
        shown = not self._has_text()
        self._settings.save_toolbar_text(shown)
        self._show_text(shown)
        self.offers_changed.emit()
