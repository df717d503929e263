"""The window's commands as Qt actions."""

from collections.abc import Iterable
from itertools import chain

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QIntValidator, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QMainWindow, QMenu, QToolButton, QWidget

from tfstab.gui.choice import ChoiceToolButton
from tfstab.gui.commands import MENUS, Command, Offer, Offers, Refusal, all_commands
from tfstab.gui.icons import themed_icon


class Actions(QObject):
    """An action for each command; commands that are not offered are disabled.

    Attributes
    ----------
    menus : dict of str to QMenu
        The menus by title without mnemonic. Palette and help also list actions added to them, such as the switches
        of panels.
    """

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._offers: Offers = {}
        self._shown: dict[str, tuple[object, ...]] = {}  # what was last said to each action
        self._commands = {command.name: command for _, command in all_commands()}
        self._tips = {name: _tip_of(command) for name, command in self._commands.items()}
        self._actions = {name: self._make(command) for name, command in self._commands.items()}
        self.menus: dict[str, QMenu] = {}
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._watch_number)

    def __getitem__(self, name: str) -> QAction:
        """Return the action of a command."""
        return self._actions[name]

    def serve(self, offers: Offers) -> None:
        """Offer these commands from now on, and no others."""
        self._offers = offers
        for name, action in self._actions.items():
            offer = self._offer(name)
            tip, own = self._tip(name), self._commands[name]
            shown = (tip,) if offer is None else (tip, offer.checked, offer.text)
            # Most have not changed, and to say it again takes long. Qt switches an action before its command is done.
            if self._shown.get(name) == shown and action.isChecked() == (offer is not None and bool(offer.checked)):
                continue
            self._shown[name] = shown
            action.setEnabled(offer is not None)
            action.setVisible(offer is not None or not own.only_when_offered)
            action.setCheckable(offer is not None and offer.checked is not None)
            action.setChecked(offer is not None and bool(offer.checked))
            action.setText(offer.text if offer is not None and offer.text else own.text)
            action.setToolTip(tip)

    def fill_menus(self) -> None:
        """Fill the window's menu bar."""
        for title, groups in MENUS:
            menu = self._window.menuBar().addMenu(title)
            menu.setToolTipsVisible(True)
            self.menus[title.replace("&", "")] = menu
            for group in groups:
                if not menu.isEmpty():
                    menu.addSeparator()
                menu.addActions([self[command.name] for command in group])

    def button(self, name: str) -> QToolButton:
        """Return a button that does a command."""
        button = ChoiceToolButton()
        button.setDefaultAction(self[name])
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        if self._commands[name].short:  # otherwise screen readers announce its text, which can change
            button.setAccessibleName(self._commands[name].text.replace("&", ""))
        return button

    def listed(self) -> list[tuple[str, QAction]]:
        """Return (menu, action) for everything in the menus."""
        return list(chain.from_iterable(_flat(title, menu) for title, menu in self.menus.items()))

    def fill_submenus(self) -> None:
        """Fill the menus inside others that are filled when they are shown, so that their actions are listed."""
        for action in chain.from_iterable(menu.actions() for menu in self.menus.values()):
            if isinstance(inside := action.menu(), QMenu):
                inside.aboutToShow.emit()

    def recolour(self) -> None:
        """Redraw the icons in the palette's colour of text."""
        for name, command in self._commands.items():
            if command.icon:
                self[name].setIcon(themed_icon(command.icon, self._window.palette()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave "?" to its command while a field for numbers has the focus, which would take it without effect."""
        asks = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.text() == "?"
        if asks:
            event.ignore()
        return asks

    def _watch_number(self, _before: QWidget | None, now: QWidget | None) -> None:
        if isinstance(now, QAbstractSpinBox) or (
            isinstance(now, QLineEdit) and isinstance(now.validator(), QIntValidator)
        ):
            now.installEventFilter(self)  # the second time, this has no effect

    def _make(self, command: Command) -> QAction:
        action = QAction(command.text, self._window)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        if command.short:
            action.setIconText(command.short)
        action.setToolTip(self._tip(command.name))
        action.setEnabled(False)
        action.triggered.connect(lambda _checked=False: self._do(command.name))
        self._window.addAction(action)
        return action

    def _offer(self, name: str) -> Offer | None:
        offer = self._offers.get(name)
        if offer is None or isinstance(offer, Refusal):
            return None
        return offer if isinstance(offer, Offer) else Offer(offer)

    def _tip(self, name: str) -> str:
        """Return what a command does, its key and, if it is refused, the reason."""
        offer = self._offers.get(name)
        return f"{self._tips[name]}\n{offer.why}" if isinstance(offer, Refusal) else self._tips[name]

    def _do(self, name: str) -> None:
        offer = self._offer(name)
        if offer is not None:
            offer.do()
            if offer.checked is not None:  # Qt has toggled it, but only the offer decides whether it is checked
                now = self._offer(name)
                self[name].setChecked(now is not None and bool(now.checked))


def _tip_of(command: Command) -> str:
    """Return what a command does, and its key."""
    keys = QKeySequence(command.keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if command.keys else ""
    return f"{command.tip or command.text.replace('&', '')}{f' ({keys})' if keys else ''}"


def _flat(title: str, menu: QMenu) -> Iterable[tuple[str, QAction]]:
    """Yield (menu, action) for the actions of a menu and its submenus."""
    for action in menu.actions():
        inside = action.menu()
        if isinstance(inside, QMenu):
            yield from _flat(f"{title}: {inside.title().replace('&', '')}", inside)
        elif not action.isSeparator():
            yield title, action
