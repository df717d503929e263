"""The table of a sweep's points, with the title rows of its groups."""

from collections.abc import Iterator

from PySide6.QtCore import QModelIndex, QRect, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from tfstab.gui.content.points import Key
from tfstab.gui.widgets.array_table import ArrayTable
from tfstab.gui.widgets.model_index import Index
from tfstab.gui.widgets.sweep.points_model import TITLE, PointsModel
from tfstab.gui.widgets.view_keys import chooses

FROM = "actual"  # the column from which on a title takes all of its row


class PointsTable(ArrayTable):
    """Shows a PointsModel; a click on the title of a group, or Return, opens or closes the group."""

    def __init__(self, model: PointsModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(model, name, parent=parent)
        self._points = model
        self._plain, self._titles = QStyledItemDelegate(self), _TitleDelegate(model, self)
        self.setItemDelegate(self._plain)
        model.modelReset.connect(self._choose_delegate)
        self.clicked.connect(self._toggle)

    def selected_keys(self) -> Iterator[Key]:
        """Iterate over the keys of the selected points, from top to bottom."""
        model = self._points
        return (model.key(row) for row in self.selected_rows() if model.group_at(row) is None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open or close the current group on Return."""
        if not chooses(self, event, self._toggle):
            super().keyPressEvent(event)

    def _choose_delegate(self) -> None:
        """Paint by Qt alone, which is faster, unless there are titles."""
        self.setItemDelegate(self._titles if self._points.grouped else self._plain)

    def _toggle(self, index: QModelIndex) -> None:
        group = self._points.group_at(index.row())
        if group is not None:
            self._points.toggle(group)


class _TitleDelegate(QStyledItemDelegate):
    """Paints title rows: bold, and the title over all columns from `FROM` on, of which each cell paints its part."""

    def __init__(self, model: PointsModel, table: PointsTable) -> None:
        super().__init__(table)
        self._model, self._table = model, table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a cell."""
        title = index.data(TITLE)
        if title is None:
            super().paint(painter, option, index)
            return
        names = [column.name for column in self._model.columns]
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        palette: QPalette = option.palette
        room: QRect = option.rect
        painter.save()
        painter.fillRect(room, palette.highlight() if chosen else palette.button())
        painter.setPen((palette.highlightedText() if chosen else palette.buttonText()).color())
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        painter.setClipRect(room)
        if index.column() >= names.index(FROM):
            start = self._table.columnViewportPosition(names.index(FROM))
            whole = QRect(
                start, room.top(), max(self._table.viewport().width() - start, room.right() - start), room.height()
            )
            painter.drawText(
                whole.adjusted(6, 0, 0, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title
            )
        else:
            painter.drawText(
                room.adjusted(6, 0, -6, 0), index.data(Qt.ItemDataRole.TextAlignmentRole), str(index.data())
            )
        painter.restore()
