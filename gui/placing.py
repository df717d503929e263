"""Keeps windows and dialogs on the screen, with their frames."""

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import QWidget

FRAME = QSize(8, 40)  # pixels that a window manager's frame and title may take


def fitting(widget: QWidget, size: QSize) -> QSize:
    """Return a size, made smaller if a widget of this size would not fit on its screen with its frame."""
    return size.boundedTo(widget.screen().availableGeometry().size() - FRAME)


def place_over(dialog: QWidget, window: QWidget | None) -> None:
    """Put a dialog that is not shown yet over the middle of a window, as far as its frame stays on the screen.

    A window manager may put a dialog that is higher than its window where its title bar is above the screen.
    """
    if window is not None:
        wanted = QRect(QPoint(), dialog.size() + FRAME)
        wanted.moveCenter(window.window().frameGeometry().center())
        room = window.screen().availableGeometry()
        left = max(room.left(), min(wanted.left(), room.right() - wanted.width()))
        dialog.move(left, max(room.top(), min(wanted.top(), room.bottom() - wanted.height())))
