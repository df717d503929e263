"""The command palette, which finds any command from a few letters."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPainter, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from tfstab.gui.theme import caption_colour
from tfstab.gui.widgets.model_index import Index
from tfstab.gui.widgets.pressable import Pressable, fill_rounded

KEYS = Qt.ItemDataRole.UserRole
SIZE, TOP = QSize(520, 360), 70
MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True)
class Entry:
    """A command in the palette: its menu and name as one text, its keys, and the action that it triggers."""

    text: str
    keys: str
    action: QAction


def entries_of(listed: list[tuple[str, QAction]]) -> list[Entry]:
    """Return an entry for each enabled action; `listed` are pairs of menu title and action."""
    native = QKeySequence.SequenceFormat.NativeText
    return [
        Entry(f"{menu}: {action.text().replace('&', '').rstrip('…')}", action.shortcut().toString(native), action)
        for menu, action in listed
        if action.isEnabled()
    ]


def score(letters: str, text: str) -> float | None:
    """Rate how well a text matches typed letters; lower is better, None if they do not all occur in order."""
    place, apart = -1, 0.0
    lower = text.lower()
    for letter in letters.lower():
        if letter.isspace():
            continue
        found = lower.find(letter, place + 1)
        if found < 0:
            return None
        # A letter at the start of a word is a better match than one inside a word.
        gap = found - place - 1
        apart += 0.0 if gap == 0 else (0.5 if not lower[found - 1].isalnum() else 1.0 + 0.01 * gap)
        place = found
    exact = lower.find(letters.lower().strip())
    return apart if exact < 0 else -1.0 + (0.0 if exact == 0 or not lower[exact - 1].isalnum() else 0.5)


class EntriesModel(QAbstractListModel):
    """The entries that match what is typed, best match first."""

    def __init__(self, entries: list[Entry], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all = self.entries = entries

    def find(self, letters: str) -> None:
        """Keep the entries that match these letters."""
        scored = [(score(letters, entry.text), n, entry) for n, entry in enumerate(self._all)]
        fitting = sorted((s, n) for s, n, _ in scored if s is not None)
        self.beginResetModel()
        self.entries = [self._all[n] for _, n in fitting]
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of matching entries."""
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text or the keys of an entry."""
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.text} {entry.keys}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return entry.action.toolTip()
        return entry.keys if role == KEYS else None


class Palette(QDialog):
    """Opens below the field in the toolbar, or the window's upper edge; Enter does the command, Escape goes back."""

    def __init__(self, listed: list[tuple[str, QAction]], window: QWidget, field: QWidget | None = None) -> None:
        super().__init__(window, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Find a command")
        self.line = QLineEdit()
        self.line.setPlaceholderText("Type a few letters of a command")
        self.line.setAccessibleName("Find a command")
        self.line.installEventFilter(self)
        self.model = EntriesModel(entries_of(listed), self)
        self.list = QListView()
        self.list.setAccessibleName("Commands")
        self.list.setModel(self.model)
        self.list.setItemDelegate(_WithKeys(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.line)
        layout.addWidget(self.list, 1)
        self.line.textChanged.connect(self._find)
        self.list.clicked.connect(self._do)
        self._find("")
        self.resize(SIZE)
        self.move(_place(window, field))
        # Before it is shown: under X11, a popup passes typed keys only to the widget that has the focus by then.
        self.line.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down move in the list while one types."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in MOVES:
                QApplication.sendEvent(self.list, QKeyEvent(event.type(), event.key(), event.modifiers()))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._do(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _find(self, letters: str) -> None:
        self.model.find(letters)
        if self.model.entries:
            self.list.setCurrentIndex(self.model.index(0))

    def _do(self, index: QModelIndex) -> None:
        if index.isValid():
            action = self.model.entries[index.row()].action
            self.close()  # closed first, because the command may open a dialog
            action.trigger()


class CommandField(Pressable):
    """Looks like a field to type into, at the right of the toolbar; a click opens the palette."""

    def __init__(self, action: QAction, parent: QWidget | None = None) -> None:
        super().__init__("Find a command", action.trigger, action.toolTip(), parent)
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        self._texts = (f"Find a command…  {keys}", "Find a command…", "Find…")  # the first one that fits is shown
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def draw(self, painter: QPainter) -> None:
        """Paint a field with its hint."""
        palette, role = self.palette(), QPalette.ColorRole
        fill_rounded(
            painter, self.rect().adjusted(0, 2, 0, -2), palette.color(role.Highlight if self.lit else role.Mid)
        )
        fill_rounded(painter, self.rect().adjusted(1, 3, -1, -3), palette.color(role.Base))
        painter.setPen(caption_colour(palette))
        room = self.rect().adjusted(10, 0, -8, 0)
        fitting = (text for text in self._texts if painter.fontMetrics().horizontalAdvance(text) <= room.width())
        text = next(fitting, "")
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def sizeHint(self) -> QSize:
        """Return room for the hint."""
        return QSize(self.fontMetrics().horizontalAdvance(self._texts[0]) + 60, self.fontMetrics().height() + 16)


def _place(window: QWidget, field: QWidget | None) -> QPoint:
    """Return where the palette's upper left corner goes, on the window's screen."""
    if field is not None and field.isVisible():
        corner = field.mapToGlobal(field.rect().bottomRight()) - QPoint(SIZE.width(), 0)
    else:
        middle, top = window.mapToGlobal(window.rect().center()), window.mapToGlobal(window.rect().topLeft())
        corner = QPoint(middle.x() - SIZE.width() // 2, top.y() + TOP)
    return QPoint(max(corner.x(), window.screen().availableGeometry().left()), corner.y())


class _WithKeys(QStyledItemDelegate):
    """Paints the keys at the right end of each row."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of a row."""
        return QSize(200, option.fontMetrics.height() + 10)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the entry and its keys."""
        super().paint(painter, option, index)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        palette = option.palette
        painter.save()
        painter.setPen((palette.highlightedText() if chosen else palette.placeholderText()).color())
        room = option.rect.adjusted(0, 0, -8, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(index.data(KEYS)))
        painter.restore()
