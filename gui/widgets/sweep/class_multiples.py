"""Small scatter plots of all classes side by side; a click enlarges one."""

from functools import lru_cache
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractListModel, QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from tfstab.gui.content.colours import HATCHES, density_image
from tfstab.gui.content.predictions import class_label
from tfstab.gui.content.selection import KINDS
from tfstab.gui.figures import ON_SCREEN
from tfstab.gui.sessions.class_grids import Grid
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.theme import SMALL, caption_colour, scaled
from tfstab.gui.widgets.model_index import Index
from tfstab.gui.widgets.theme import point_colours
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.view_keys import chooses, passes_on

GRID = Qt.ItemDataRole.UserRole
WIDTH, HEIGHT = 190, 160  # smallest size of a class, in pixels
LEFT, TOP, BOTTOM = 40, 36, 20  # pixels around the density for numbers, name and share


class MultiplesModel(QAbstractListModel):
    """List model of the session's classes, with the grids of the classes read so far."""

    def __init__(self, session: SweepSession, parent: Any = None) -> None:
        super().__init__(parent)
        self._session = session
        session.grids.changed.connect(self._tell)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of classes."""
        return 0 if parent.isValid() else len(self._session.classes)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a class's name and share of misclassified points, its grid or its tool tip."""
        class_index = self._session.classes[index.row()]
        grid = self._session.grids.grids.get(class_index)
        if role == GRID:
            return grid
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            name = class_label(class_index, self._session.run.class_names)
            return f"{name}: {_share(grid)}" if grid else f"{name}: reading…"
        if role == Qt.ItemDataRole.ToolTipRole and grid:
            name = class_label(class_index, self._session.run.class_names)
            return plain(f"{name}: {grid.said}; {grid.wrong:,} misclassified; click to enlarge")
        return None

    def _tell(self) -> None:
        self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))


class ClassMultiples(QListView):
    """Shows the grids of a session.

    Signals
    -------
    chosen : int
        Class to enlarge.
    """

    chosen = Signal(int)

    def __init__(self, session: SweepSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setModel(MultiplesModel(session, self))
        self.setItemDelegate(_Painter(session, self))
        self.setAccessibleName("All classes")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setGridSize(QSize(WIDTH, HEIGHT))
        # Always on: if it came and went, the number of columns would change.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        setattr(self.verticalScrollBar(), ON_SCREEN, True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.clicked.connect(self._choose)

    def needs(self, width: int) -> QSize:
        """Return the least width, and the height at this width, in which all classes are in sight."""
        around = self.size() - self.viewport().size() + QSize(2, 2)
        columns = max(1, (width - around.width()) // WIDTH)
        rows = -(-self.model().rowCount() // columns)
        return QSize(WIDTH, rows * HEIGHT) + around

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Divide the width evenly among as many columns as fit."""
        width, count = self.viewport().width() - 2, self.model().rowCount()
        columns = min(max(1, width // WIDTH), max(1, count))
        rows = -(-count // columns)
        height = max(HEIGHT, min((self.viewport().height() - 2) // max(rows, 1), 2 * HEIGHT))
        self.setGridSize(QSize(width // columns, height))
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enlarge the current class on Return, and leave Space to the window."""
        if not (chooses(self, event, self._choose) or passes_on(event)):
            super().keyPressEvent(event)

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self._session.classes[index.row()])


class _Painter(QStyledItemDelegate):
    """Paints a class: its name, its density and the ends of the axes."""

    def __init__(self, session: SweepSession, view: QListView) -> None:
        super().__init__(view)
        self._session, self._view = session, view
        self._image = lru_cache(256)(grid_image)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of a class."""
        return self._view.gridSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a class."""
        room: QRect = option.rect
        palette: QPalette = option.palette
        state = option.state
        chart = room.adjusted(LEFT, TOP + 4, -10, -BOTTOM)
        painter.save()
        painter.fillRect(chart, palette.base())
        grid: Grid | None = index.data(GRID)
        if grid is not None:
            colours = point_colours(palette)
            image = self._image(grid, tuple(colours[kind] for kind in KINDS))
            painter.drawImage(chart, image)
        strong = state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected)
        painter.setPen(palette.highlight().color() if strong else palette.mid().color())
        painter.drawRect(chart.adjusted(0, 0, -1, -1))
        painter.setPen(palette.text().color())
        line, metrics = room.adjusted(LEFT, 4, -10, 0), painter.fontMetrics()
        name, _, share = str(index.data()).rpartition(": ")
        # A long name is shortened in the middle, because the class's number is at its end.
        name = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, name)
        painter.setPen(caption_colour(palette))
        below = line.adjusted(0, metrics.height(), 0, 0)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, share)
        self._numbers(painter, chart, palette)
        painter.restore()

    def _numbers(self, painter: QPainter, chart: QRect, palette: QPalette) -> None:
        left, bottom, right, top = self._session.grids.view
        painter.setFont(scaled(painter.font(), SMALL))
        painter.setPen(palette.placeholderText().color())
        below = chart.adjusted(0, chart.height() + 2, 0, BOTTOM)
        beside = chart.adjusted(-LEFT, 0, -chart.width() - 4, 0)
        flag = Qt.AlignmentFlag
        painter.drawText(below, flag.AlignLeft | flag.AlignTop, f"{left:.0f}")
        painter.drawText(below, flag.AlignHCenter | flag.AlignTop, "PSNR (dB)")
        painter.drawText(below, flag.AlignRight | flag.AlignTop, f"{right:.0f}")
        painter.drawText(beside, flag.AlignRight | flag.AlignTop, f"{top:.0f}")
        painter.drawText(beside, flag.AlignRight | flag.AlignVCenter, "score")
        painter.drawText(beside, flag.AlignRight | flag.AlignBottom, f"{bottom:.0f}")


def grid_image(grid: Grid, colours: tuple[tuple[int, int, int], ...]) -> QImage:
    """Draw a grid's density as a picture."""
    present = [(kind, colour) for kind, colour in zip(KINDS, colours, strict=True) if kind in grid.counts]
    layers = [(grid.counts[kind], colour, HATCHES[kind]) for kind, colour in present]
    shape = next(iter(grid.counts.values())).shape
    image = np.ascontiguousarray(
        density_image(layers, shape)[::-1]
    )  # a grid's row 0 is the lowest, a picture's the top
    height, width = shape
    # copy(): a QImage does not own the buffer that it is made from
    return QImage(image.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def _share(grid: Grid) -> str:
    return f"{100 * grid.wrong / grid.shown:.1f} % wrong" if grid.shown else "nothing shown"
