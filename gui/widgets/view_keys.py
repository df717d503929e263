"""Keys that zoom and move plots and images, and keys that lists leave to the window."""

from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QWidget

ZOOM = 0.8  # factor on the range in view for each key press
MOVE = 0.1  # share of the range in view for each key press
NEARER = (Qt.Key.Key_Plus, Qt.Key.Key_Equal)
FURTHER = (Qt.Key.Key_Minus, Qt.Key.Key_Underscore)
ACROSS = (Qt.Key.Key_Left, Qt.Key.Key_Right)
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
CONTROL = Qt.KeyboardModifier.ControlModifier
MOVES = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}


def obey(view: pg.ViewBox, event: QKeyEvent) -> bool:
    """Zoom on plus and minus, and move on Shift with an arrow key; return True if the key was handled."""
    key = event.key()
    if key in NEARER or key in FURTHER:
        factor = ZOOM if key in NEARER else 1 / ZOOM
        view.scaleBy((factor, factor))
        return True
    if key in MOVES and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
        (left, right), (bottom, top) = view.viewRange()
        across, up = MOVES[Qt.Key(key)]
        up = -up if view.yInverted() else up
        view.translateBy(x=across * MOVE * (right - left), y=up * MOVE * (top - bottom))
        return True
    return False


def passes_on(event: QKeyEvent) -> bool:
    """Leave Space, with which a list would select, to the window, which blinks images; return True if it was Space."""
    if event.key() != Qt.Key.Key_Space:
        return False
    event.ignore()
    return True


def only_takes_focus(view: QAbstractItemView, event: QFocusEvent) -> bool:
    """Take the focus without making the first item current, as Qt would; return False if an item is current already."""
    if view.currentIndex().isValid():
        return False
    QAbstractScrollArea.focusInEvent(view, event)
    return True


def chooses(view: QAbstractItemView, event: QKeyEvent, choose: Callable[[QModelIndex], None]) -> bool:
    """Choose the current item on Return, as a click does; return True if it was Return, without Ctrl."""
    if event.key() not in ENTER or event.modifiers() & CONTROL or not view.currentIndex().isValid():
        return False
    choose(view.currentIndex())
    return True


def keep_arrows(widget: QWidget) -> None:
    """Let a slider or tab bar with the focus use Left and Right, which are shortcuts of the window otherwise."""
    widget.installEventFilter(_ArrowKeeper(widget))


class _ArrowKeeper(QObject):
    """Keeps Left and Right from being taken as shortcuts."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accept the event by which Qt asks whether the widget wants the key."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
            return False
        if event.key() not in ACROSS or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        event.accept()
        return True
