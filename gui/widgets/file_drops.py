"""Taking files and folders that are dropped on a window."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from tfstab.gui.background import Background
from tfstab.gui.dropping import Dropped, look_at, paths_of, refusal
from tfstab.gui.widgets.path_line import PathLine


class FileDrops(QObject):
    """Accepts what can be used, says what cannot, and gives what was dropped once it is known what it is.

    Parameters
    ----------
    widget : QWidget
        The window, or another widget on which files can be dropped.
    background : Background
        Looks into folders.
    take : callable
        Called with what was dropped.
    say : callable
        Called with a sentence on files that cannot be used, while they are dragged.
    """

    def __init__(
        self,
        widget: QWidget,
        background: Background,
        take: Callable[[Dropped], None],
        say: Callable[[str], object],
    ) -> None:
        super().__init__(widget)
        self._background, self._take, self._say = background, take, say
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take files that are dragged or dropped."""
        if isinstance(event, QDragEnterEvent):
            if paths_of(event):
                event.acceptProposedAction()
            if refused := refusal(event):
                self._say(refused)
            return True
        if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            event.acceptProposedAction()
            paths = paths_of(event)
            self._background.run(lambda: look_at(paths), self._take, owner=self)
            return True
        return False


def leave_files_to_window(widget: QWidget) -> None:
    """Let files dropped on the text fields in a widget go to its window; the fields would insert their URLs."""
    for line in widget.findChildren(QLineEdit):
        if not isinstance(line, PathLine):
            line.setAcceptDrops(False)
