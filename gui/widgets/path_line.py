"""A field for a path, on which a file or folder can be dropped."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QLineEdit


class PathLine(QLineEdit):
    """A line of text that takes the path of a dropped file or folder, not its URL.

    Signals
    -------
    dropped : str
        The path of the dropped file or folder.
    """

    dropped = Signal(str)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept one file or folder, or a text."""
        if not event.mimeData().hasUrls():
            super().dragEnterEvent(event)
        elif _path_in(event):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Accept what was accepted when it came."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
        else:
            super().dragMoveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Give the path, or insert a text."""
        if path := _path_in(event):
            event.acceptProposedAction()
            self.dropped.emit(path)
        else:
            super().dropEvent(event)


def _path_in(event: QDropEvent) -> str:
    """Return the path of the one dragged file or folder; "" for several, or for none of this computer."""
    urls = event.mimeData().urls()
    return urls[0].toLocalFile() if len(urls) == 1 else ""
