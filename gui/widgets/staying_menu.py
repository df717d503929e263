"""A menu in which several entries can be ticked without opening it again."""

from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QMenu


class StayingMenu(QMenu):
    """A menu that a click on an entry to be ticked does not close; a click elsewhere, or Esc, does."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tick or untick the entry below the mouse."""
        action = self.actionAt(event.position().toPoint())
        if action is not None and action.isCheckable() and action.isEnabled():
            action.trigger()
        else:
            super().mouseReleaseEvent(event)
