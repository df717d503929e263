"""Keys: zooming and moving a plot or an image as the mouse does it, and what lists leave to the window."""

from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

ZOOM = 0.8  # of what is seen, for each press
MOVE = 0.1
NEARER = (Qt.Key.Key_Plus, Qt.Key.Key_Equal)
FURTHER = (Qt.Key.Key_Minus, Qt.Key.Key_Underscore)
ACROSS = (Qt.Key.Key_Left, Qt.Key.Key_Right)
MOVES = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}


def obey(view: pg.ViewBox, event: QKeyEvent) -> bool:
    """Do what a key says: plus and minus zoom, Shift with an arrow moves. Whether it says anything."""
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
    """Leave Space, which a list would take for itself, to the window: it blinks the images. Whether it was that."""
    if event.key() != Qt.Key.Key_Space:
        return False
    event.ignore()
    return True


def chooses(view: QAbstractItemView, event: QKeyEvent, choose: Callable[[QModelIndex], None]) -> bool:
    """Let Return choose the current item as a click does. Whether it was that."""
    if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or not view.currentIndex().isValid():
        return False
    choose(view.currentIndex())
    return True


def keep_arrows(widget: QWidget) -> None:
    """Let a slider or a tab bar that has the focus have Left and Right, which are the window's keys elsewhere."""
    widget.installEventFilter(_ArrowKeeper(widget))


class _ArrowKeeper(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
            return False
        if event.key() not in ACROSS or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        event.accept()
        return True
