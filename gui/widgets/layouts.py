"""Layouts that several widgets share."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tfstab.gui.theme import SPACE
from tfstab.gui.widgets.wheel import keep_wheel

NO_LIMIT = 16_777_215  # Qt's QWIDGETSIZE_MAX, which PySide6 does not name

LEAST = QSize(560, 300)  # pixels that a page gets before the panels around it
BETWEEN = SPACE * 3 // 2  # pixels between blocks
PANELS = 470  # pixels that panels need on small screens


def fill_column(owner: QWidget, *parts: QWidget | QLayout, spacing: int = 2) -> None:
    """Stack parts in a widget from top to bottom, without margins; the last one takes the remaining height."""
    layout = QVBoxLayout(owner)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for place, part in enumerate(parts):
        stretch = int(place == len(parts) - 1)
        if isinstance(part, QWidget):
            layout.addWidget(part, stretch)
        else:
            layout.addLayout(part, stretch)


def labelled(*parts: str | QWidget) -> QWidget:
    """Put controls in a row, each after the text that labels it."""
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    for text, control in zip(parts[::2], parts[1::2], strict=True):
        assert isinstance(text, str) and isinstance(control, QWidget)
        label = QLabel(text)
        label.setBuddy(control)
        layout.addWidget(label)
        layout.addWidget(control)
    return row


class Shrinkable(QScrollArea):
    """Shows a widget in full, or with scroll bars where there is less room than it needs."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = content
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        keep_wheel(self, always=False)

    def sizeHint(self) -> QSize:
        """Return the size that the content wants."""
        return self._content.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return a size in which scrolling is still useful."""
        beside_panels = self.screen().availableSize().width() - PANELS
        return QSize(min(LEAST.width(), beside_panels), LEAST.height())


class Pages(QStackedWidget):
    """Pages of which one is in view; only that one decides how much room is needed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.currentChanged.connect(self.updateGeometry)

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size of the page in view."""
        page = self.currentWidget()
        return page.minimumSizeHint() if page is not None else QSize()

    def heightForWidth(self, width: int) -> int:
        """Return the smallest height of the page in view, whose lines of text may wrap, at this width.

        Qt's own answer is the height that the pages would like to have, which grows with the images that they show, so
        that a page around which one scrolls would never become smaller again.
        """
        page = self.currentWidget()
        layout = page.layout() if page is not None else None
        return layout.totalMinimumHeightForWidth(width) if layout is not None else self.minimumSizeHint().height()


class FlowLayout(QLayout):
    """Lays widgets out from left to right, and in further rows where they do not fit."""

    def __init__(self, owner: QWidget | None = None, spacing: int = 8) -> None:
        super().__init__(owner)
        self._items: list[QLayoutItem] = []
        self.setSpacing(spacing)

    def addItem(self, item: QLayoutItem) -> None:
        """Add an item at the end."""
        self._items.append(item)

    def count(self) -> int:
        """Return the number of items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item, or None."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Remove and return an item, or None."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        """Return True: fewer items fit in a row of a narrower widget."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all rows."""
        return self._lay_out(QPoint(), width, move=False)

    def setGeometry(self, rectangle: QRect) -> None:
        """Place the items."""
        super().setGeometry(rectangle)
        self._lay_out(rectangle.topLeft(), rectangle.width(), move=True)

    def sizeHint(self) -> QSize:
        """Return room for all items in one row."""
        sizes = [item.sizeHint() for item in self._seen()]
        margins = self.contentsMargins()
        width = sum(size.width() for size in sizes) + self.spacing() * max(len(sizes) - 1, 0)
        height = max((size.height() for size in sizes), default=0)
        return QSize(width + margins.left() + margins.right(), height + margins.top() + margins.bottom())

    def minimumSize(self) -> QSize:
        """Return room for the widest item."""
        margins, least = self.contentsMargins(), QSize(0, 0)
        for item in self._seen():
            least = least.expandedTo(item.minimumSize())
        return least + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def gap(self, width: int) -> int:
        """Return the room between widgets of a row this wide."""
        return self.spacing()

    def _seen(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _lay_out(self, corner: QPoint, width: int, move: bool) -> int:
        """Place the items below a corner, or only compute the height that they need."""
        margins = self.contentsMargins()
        room = width - margins.left() - margins.right()
        gap, rows, used = self.gap(room), list[list[QLayoutItem]]([[]]), 0
        for item in self._seen():
            wide = item.sizeHint().width()
            if rows[-1] and used + wide > room:
                rows.append([])
                used = 0
            rows[-1].append(item)
            used += wide + gap
        top = margins.top()
        for row in rows:
            height = max((item.sizeHint().height() for item in row), default=0)
            if move:
                _place(row, corner + QPoint(margins.left(), top), height, gap)
            top += height + self.spacing() // 2
        return top - self.spacing() // 2 + margins.bottom()


def _place(row: list[QLayoutItem], start: QPoint, height: int, gap: int) -> None:
    """Place the items of a row beside each other, each in the middle of the row's height."""
    x = start.x()
    for item in row:
        size = item.sizeHint()
        item.setGeometry(QRect(QPoint(x, start.y() + (height - size.height()) // 2), size))
        x += size.width() + gap


class BreakingRow(QGridLayout):
    """Equally wide widgets beside each other; in as many rows of equal length as they need."""

    def __init__(self, parts: Sequence[QWidget]) -> None:
        super().__init__()
        self._parts, self._placed = parts, list[QWidget]()
        self._columns = 0
        self.setSpacing(BETWEEN)
        self._place(list(parts), len(parts))

    def arrange(self, room: int) -> None:
        """Place the widgets that are not hidden in this width."""
        there = [part for part in self._parts if not part.isHidden()]
        if not there:
            return
        widest = max(part.minimumSizeHint().width() for part in there)
        fit = max(1, (room + self.spacing()) // (widest + self.spacing()))
        rows = -(-len(there) // fit)
        self._place(there, -(-len(there) // rows))

    def _place(self, there: list[QWidget], columns: int) -> None:
        if (there, columns) == (self._placed, self._columns):
            return
        for column in range(max(columns, self._columns)):
            self.setColumnStretch(column, int(column < columns))
        for part in self._placed:
            self.removeWidget(part)
        for place, part in enumerate(there):
            self.addWidget(part, place // columns, place % columns)
        self._placed, self._columns = there, columns
