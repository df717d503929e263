"""What an empty list or table says: what it waits for, or what to do next."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractItemView

from tfstab.gui.theme import SPACE
from tfstab.gui.widgets.blocks import Caption


class EmptyHint(Caption):
    """Lies over a view while its model has no rows.

    Parameters
    ----------
    view : QAbstractItemView
        With its model.
    text : callable
        Returns the text, which is asked for each time the model changes.
    """

    def __init__(self, view: QAbstractItemView, text: Callable[[], str]) -> None:
        super().__init__("", view.viewport())
        self._view, self._text = view, text
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setContentsMargins(*[4 * SPACE] * 4)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        view.viewport().installEventFilter(self)
        model = view.model()
        for signal in (model.modelReset, model.layoutChanged, model.rowsInserted, model.rowsRemoved):
            signal.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Show or hide the text as the model demands."""
        empty = self._view.model().rowCount() == 0
        self.setVisible(empty)
        if empty:
            self.setText(self._text())
            self.resize(self._view.viewport().size())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fill the view when its size changes."""
        if event.type() == QEvent.Type.Resize and not self.isHidden():  # also before the view is first shown
            self.resize(self._view.viewport().size())
        return False
