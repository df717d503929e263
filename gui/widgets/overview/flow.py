"""A layout that breaks rows like lines of text."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from tfstab.gui.theme import SPACE

WIDEST = 6 * SPACE  # room between widgets of a row that is not full


class Flow(QLayout):
    """Places widgets from left to right, and below where there is no room; each as wide as it wants to be."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """Add an item at the end."""
        self._items.append(item)

    def count(self) -> int:
        """Return the number of items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem:
        """Return the item at this position, or None."""
        return self._items[index] if 0 <= index < len(self._items) else None  # type: ignore[return-value]

    def takeAt(self, index: int) -> QLayoutItem:
        """Remove the item at this position and return it, or None."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None  # type: ignore[return-value]

    def expandingDirections(self) -> Qt.Orientation:
        """Return that it takes no more room than it needs."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Return True, as narrow rows need more height."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that all rows need."""
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        """Place the widgets."""
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        """Return the size of a single row."""
        sizes = [item.sizeHint() for item in self._items]
        width = sum(size.width() for size in sizes) + SPACE * max(len(sizes) - 1, 0)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        """Return the size of the largest item."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _place(self, rect: QRect, move: bool) -> int:
        """Return the height of all rows. move: move the widgets there, too."""
        x, y, height = rect.x(), rect.y(), 0
        gap = self._gap(rect.width())
        for item in self._items:
            size = item.sizeHint()
            if x > rect.x() and x + size.width() > rect.x() + rect.width():
                x, y, height = rect.x(), y + height + SPACE, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), size))
            x, height = x + size.width() + gap, max(height, size.height())
        return y + height - rect.y()

    def _gap(self, width: int) -> int:
        """Return the room between widgets: what is left of a single row is shared out."""
        count = len(self._items)
        left = width - sum(item.sizeHint().width() for item in self._items)
        return min(max(left // (count - 1), SPACE), WIDEST) if count > 1 else SPACE
