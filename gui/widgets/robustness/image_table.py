"""One image under all families: a picture for each severity, framed by how many copies are right, and signed."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from tfstab.experiments.also_taken import LITTLE
from tfstab.gui.content.image_grid import ImageGrid, ShownCopy
from tfstab.gui.theme import SMALL, caption_colour, scaled, tone_colour
from tfstab.gui.widgets.model_index import Index
from tfstab.gui.widgets.thumbnails import THUMBNAIL, centred, pixmap
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.view_keys import keep_arrows
from tfstab.wording import at_severity

FRAME = 3  # pixels
RIGHT, WRONG = "✓", "✗"
COPY = Qt.ItemDataRole.UserRole + 41


class ImageTable(QTableWidget):
    """A row for each family, a picture for each of its severities, the mildest on the left.

    Signals
    -------
    copy_asked : FamilyLine, ShownCopy
        A picture was chosen with the mouse or the keyboard.
    family_asked : FamilyLine
        A family's name was clicked.
    """

    copy_asked = Signal(object, object)
    family_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid_shown: ImageGrid | None = None
        self.setTabKeyNavigation(False)  # Tab leaves the table, in which the arrows go from cell to cell
        keep_arrows(self)
        self.setAccessibleName("This image under all degradations")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._delegate = delegate = _CopyDelegate(self)
        self.setItemDelegate(delegate)
        for header in (self.verticalHeader(), self.horizontalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        size = delegate.size(self)
        self.verticalHeader().setDefaultSectionSize(size.height())
        self.horizontalHeader().setDefaultSectionSize(size.width())
        self.verticalHeader().setSectionsClickable(True)
        self.verticalHeader().sectionClicked.connect(self._ask_family)
        self.setShowGrid(False)
        self.cellClicked.connect(self._ask)
        self.cellActivated.connect(self._ask)

    def set_grid(self, grid: ImageGrid | None) -> None:
        """Show an image, or nothing while its pictures are not made yet; none is selected."""
        self.grid_shown = grid
        lines = grid.lines if grid is not None else ()
        columns = max((len(line.shown) for line in lines), default=0)
        self.clear()
        self.horizontalHeader().setDefaultSectionSize(self._width([c for line in lines for c in line.shown]))
        self.setRowCount(len(lines))
        self.setColumnCount(columns)
        self.setVerticalHeaderLabels([line.title for line in lines])
        self.setHorizontalHeaderLabels([str(k) for k in range(1, columns + 1)])
        for y, line in enumerate(lines):
            self.verticalHeaderItem(y).setToolTip(plain(line.problem or f"Open the sweep of {line.title}"))
            for x, shown in enumerate(line.shown):
                item = QTableWidgetItem()
                item.setData(COPY, (line, shown))
                item.setToolTip(plain(shown.tip))
                item.setData(Qt.ItemDataRole.AccessibleTextRole, shown.tip)
                self.setItem(y, x, item)

    def choose(self, copy: tuple[str, int] | None) -> None:
        """Select the picture of a copy, given by family and severity index; none if there is no such picture."""
        lines = () if self.grid_shown is None else self.grid_shown.lines
        for y, line in enumerate(lines):
            for x, shown in enumerate(line.shown):
                if (line.name, shown.severity_index) == copy:
                    self.setCurrentCell(y, x)
                    return
        self.clearSelection()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show the picture that the keys have moved to."""
        before = self.currentIndex()
        super().keyPressEvent(event)
        if self.currentIndex() != before:
            self._ask(self.currentRow(), self.currentColumn())

    def _width(self, copies: list[ShownCopy]) -> int:
        """Return the width of a cell in which all severities have room."""
        small = QFontMetrics(scaled(self.font(), SMALL))
        return max([self._delegate.size(self).width(), *(small.horizontalAdvance(_below(c)) + 8 for c in copies)])

    def _ask(self, y: int, x: int) -> None:
        item = self.item(y, x)
        if item is not None:
            self.copy_asked.emit(*item.data(COPY))

    def _ask_family(self, y: int) -> None:
        if self.grid_shown is not None:
            self.family_asked.emit(self.grid_shown.lines[y])


class _CopyDelegate(QStyledItemDelegate):
    """Paints a picture, with its predicted class, its severity and how many copies are right below.

    The colour of the frame says whether all copies are right, some, or none.
    """

    def size(self, widget: QWidget) -> QSize:
        """Return the size of a cell."""
        return QSize(THUMBNAIL + 4 * FRAME + 26, THUMBNAIL + 4 * FRAME + 2 * widget.fontMetrics().height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the cell."""
        style = option.widget.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        found = index.data(COPY)
        if found is None:
            return
        shown: ShownCopy = found[1]
        palette: QPalette = option.palette
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        made = pixmap(shown.picture, THUMBNAIL, painter.device().devicePixelRatioF())
        inner = centred(made, QPoint(option.rect.center().x(), option.rect.top() + 2 * FRAME + THUMBNAIL // 2))
        painter.setPen(QPen(tone_colour(palette, shown.tone), FRAME))
        painter.drawRect(inner.adjusted(-2, -2, 1, 1))
        painter.drawPixmap(inner.topLeft(), made)
        height = option.fontMetrics.height()
        below = QRect(option.rect.left() + 1, inner.bottom() + FRAME, option.rect.width() - 2, height)
        text = palette.color(QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text)
        for words, colour in (
            (sign(shown), text),
            (_below(shown), text if chosen else caption_colour(palette)),
        ):
            painter.setPen(colour)
            cut = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, below.width())
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, cut)
            painter.setFont(scaled(option.font, SMALL))
            below.translate(0, height - 2)
        painter.restore()


def sign(shown: ShownCopy) -> str:
    """Return whether the shown copy is right, and what it is taken for."""
    return f"{RIGHT if shown.right else WRONG} {shown.predicted}" + f" {LITTLE}" * shown.says_little


def _below(shown: ShownCopy) -> str:
    """Return the severity, and how many of several copies are right."""
    severity = at_severity(shown.parameter, shown.severity, shown.unit)
    return f"{severity}: {shown.right_copies}/{shown.copies}" if shown.copies > 1 else severity
