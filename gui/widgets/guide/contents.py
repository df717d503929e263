"""The table of contents of the guide, or the places where words were found."""

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from tfstab.gui.theme import SMALL, SPACE, caption_colour, scaled
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.model_index import Index
from tfstab.guide import CONTENTS, find_corrected, pages
from tfstab.guide.finding import normal
from tfstab.guide.markdown import plain_text
from tfstab.wording import counted

PLACE, EXCERPT = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
MOST_FOUND = 60
NOTHING = "Nothing has all of these words. Try fewer or other words."
WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop


class GuideContents(QStackedWidget):
    """A tree of sections and pages; while words are searched for, a list of the places that have them.

    Signals
    -------
    chosen : str
        The place that was clicked, or on which Enter was pressed.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tree, self.found = QTreeWidget(), QListWidget()
        self.said = QLabel()
        self.tree.setAccessibleName("Contents of the guide")
        self.found.setAccessibleName("Places found in the guide")
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(12)
        self.found.setItemDelegate(_WithExcerpt(self.found))
        self.found.setResizeMode(QListWidget.ResizeMode.Adjust)  # excerpts break for another width
        self.found.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # or they would break twice
        self.found.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        results = QWidget()
        self.said.setContentsMargins(6, 2, 6, 2)
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        fill_column(results, self.said, self.found)
        self.addWidget(self.tree)
        self.addWidget(results)
        self._items: dict[str, QTreeWidgetItem] = {}
        self._fill()
        for clicked in (self.tree.itemClicked, self.tree.itemActivated):
            clicked.connect(lambda item, _column: self._choose(item.data(0, PLACE)))
        for clicked in (self.found.itemClicked, self.found.itemActivated):
            clicked.connect(lambda item: self._choose(item.data(PLACE)))

    @property
    def searching(self) -> bool:
        """Whether places are listed instead of the contents."""
        return self.currentWidget() is not self.tree

    def search(self, words: str) -> None:
        """List the places that have these words; without words, show the contents."""
        self.setCurrentIndex(int(bool(words.strip())))
        self.found.clear()
        if not self.searching:
            return
        places, used = find_corrected(words)
        instead = f"Nothing has “{normal(words)}”. For “{used}”: " if used != normal(words) else ""
        for place in places[:MOST_FOUND]:
            title = place.heading if not place.anchor else f"{place.heading}  ·  {place.page.title}"
            item = QListWidgetItem(title, self.found)
            item.setData(EXCERPT, place.excerpt)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{title}: {place.excerpt}")
            item.setData(PLACE, f"{place.page.topic}#{place.anchor}" if place.anchor else place.page.topic)
        some = f", the first {MOST_FOUND} are listed" if len(places) > MOST_FOUND else ""
        self.said.setText(f"{instead}{counted(len(places), 'place')}{some}" if places else NOTHING)
        self.found.setCurrentRow(0)

    def choose_first(self) -> None:
        """Choose the place that is current in the list, which at first is the best one."""
        if (item := self.found.currentItem()) is not None:
            self._choose(item.data(PLACE))

    def mark(self, topic: str) -> None:
        """Show which page is in view."""
        if topic in self._items:
            self.tree.setCurrentItem(self._items[topic])

    def _choose(self, place: str | None) -> None:
        if place is not None:
            self.chosen.emit(place)

    def _fill(self) -> None:
        bold, section = scaled(self.font(), 1.0, bold=True), None
        for page in (CONTENTS, *pages()):
            if page.section and (section is None or section.text(0) != page.section):
                section = QTreeWidgetItem(self.tree, [page.section])
                section.setFont(0, bold)
                section.setFlags(Qt.ItemFlag.ItemIsEnabled)
                section.setExpanded(True)
            item = QTreeWidgetItem([page.title])
            item.setData(0, PLACE, page.topic)
            item.setSizeHint(0, QSize(0, self.fontMetrics().height() + SPACE // 2))
            item.setToolTip(0, f"{page.title}: {plain_text(page.summary)}")
            if section is None:
                self.tree.addTopLevelItem(item)
            else:
                section.addChild(item)
                section.setExpanded(True)
            self._items[page.topic] = item


class _WithExcerpt(QStyledItemDelegate):
    """Paints a place as its heading, and the excerpt below it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of both."""
        view = self.parent()
        assert isinstance(view, QListWidget)
        room = QRect(0, 0, view.viewport().width() - 2 * SPACE, 10_000)
        heights = (
            QFontMetrics(font).boundingRect(room, WRAPPED, str(index.data(role))).height()
            for role, font in _lines(option.font)
        )
        return QSize(room.width(), sum(heights) + 3 * SPACE // 2)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint both."""
        chosen, palette = bool(option.state & QStyle.StateFlag.State_Selected), option.palette
        painter.save()
        if chosen:
            painter.fillRect(option.rect, palette.highlight())
        room = option.rect.adjusted(SPACE, SPACE // 2, -SPACE, 0)
        for role, font in _lines(option.font):
            faint = palette.text().color() if role != EXCERPT else caption_colour(palette)
            painter.setPen(palette.highlightedText().color() if chosen else faint)
            painter.setFont(font)
            room.setTop(painter.drawText(room, WRAPPED, str(index.data(role))).bottom() + 2)
        painter.restore()


def _lines(font: QFont) -> list[tuple[int, QFont]]:
    """Return the roles of what a row shows, from top to bottom, with their fonts."""
    return [(Qt.ItemDataRole.DisplayRole, scaled(font, 1.0, bold=True)), (EXCERPT, scaled(font, SMALL))]
