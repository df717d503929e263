"""The list of open runs, grouped by network and data, with a line that filters it."""

from collections.abc import Callable
from weakref import WeakSet

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from tfstab.gui.commands import Offer, Offers
from tfstab.gui.controller import Controller
from tfstab.gui.sessions.session import Session, named_apart
from tfstab.gui.theme import ROUND, SMALL, SPACE, caption_colour, scaled
from tfstab.gui.widgets.model_index import Index
from tfstab.gui.widgets.pressable import fill_rounded
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.wrapped import unbroken

SESSION, DETAILS = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
FILTERED = 4  # open runs from which on the filter is shown
PLACE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
LINE, WRAP = Qt.TextFlag.TextSingleLine | PLACE, Qt.TextFlag.TextWordWrap | PLACE


class RunList(QWidget):
    """Lists the open runs below headings with network and data, and selects the one in view.

    Parameters
    ----------
    controller : Controller
        Which runs are open.
    offers : callable
        Returns what can be done with a run, by name of command.

    Attributes
    ----------
    list : QListWidget
        The headings and runs.
    filter : QLineEdit
        Shows only runs that contain the words typed here.
    """

    def __init__(
        self, controller: Controller, offers: Callable[[Session], Offers], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._controller, self._offers = controller, offers
        self._followed: WeakSet[Session] = WeakSet()
        self._named: dict[Session, str] = {}
        self.filter = QLineEdit()
        self.filter.setAcceptDrops(False)  # files are left to the window
        self.filter.setPlaceholderText("Filter runs")
        self.filter.setAccessibleName("Filter the open runs")
        self.filter.setToolTip("Words of a run's name, kind, network, data or result")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._fill)
        self.list = _List()
        self.list.setAccessibleName("Open runs")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_Rows(self.list))
        self.list.setMinimumWidth(135)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._offer)
        self.list.currentItemChanged.connect(self._select)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE // 2)
        layout.addWidget(self.filter)
        layout.addWidget(self.list, 1)
        controller.runs_changed.connect(self._fill)
        controller.current_changed.connect(self._mark)
        self._fill()

    def runs(self) -> list[QListWidgetItem]:
        """Return the rows of runs, from top to bottom, without headings."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return [item for item in items if item.data(SESSION) is not None]

    def _fill(self) -> None:
        """Rebuild the list without emitting signals, because the controller decides which run is selected."""
        sessions = self._controller.sessions
        self._named = named_apart(sessions)
        self.filter.setVisible(len(sessions) >= FILTERED or bool(self.filter.text()))
        words = self.filter.text().lower().split()
        groups: dict[str, list[Session]] = {}
        for session in sessions:
            self._follow(session)
            if all(word in self._all_of(session).lower() for word in words):
                groups.setdefault(group_of(session), []).append(session)
        self.list.blockSignals(True)
        self.list.clear()
        for heading, members in groups.items():
            item = QListWidgetItem(heading)
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
            for session in members:
                self._add(session)
        if sessions and not groups:
            item = QListWidgetItem("No open run contains these words.")
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        self.list.blockSignals(False)
        self._mark(self._controller.current)

    def _add(self, session: Session) -> None:
        item = QListWidgetItem()
        item.setData(SESSION, session)
        self._describe(item)
        self.list.addItem(item)

    def _follow(self, session: Session) -> None:
        if session not in self._followed:
            self._followed.add(session)
            session.changed.connect(self._describe_sender)

    def _describe_sender(self) -> None:
        """Show the result of a run that has changed."""
        for item in self.runs():
            if item.data(SESSION) is self.sender():
                self._describe(item)

    def _describe(self, item: QListWidgetItem) -> None:
        session: Session = item.data(SESSION)
        name = self._named[session]
        same = (other for other in self._controller.sessions if group_of(other) == group_of(session))
        inputs = session.inputs if any(other.inputs != session.inputs for other in same) else ""
        details = details_of(session, inputs)
        item.setText(name)
        item.setData(DETAILS, details)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{name}, {details}")
        item.setToolTip(plain(f"{session.path}\n{session.about}\n{details}"))

    def _all_of(self, session: Session) -> str:
        return f"{self._named[session]} {group_of(session)} {details_of(session)}"

    def _mark(self, session: Session | None) -> None:
        for item in self.runs():
            if item.data(SESSION) is session:
                self.list.setCurrentItem(item)
                return

    def _select(self, item: QListWidgetItem | None, _before: object = None) -> None:
        session = item.data(SESSION) if item is not None else None
        if session in self._controller.sessions:
            self._controller.select(session)

    def _offer(self, position: QPoint) -> None:
        item = self.list.itemAt(position)
        session = item.data(SESSION) if item is not None else None
        if session is not None:
            menu = QMenu(self)
            for offer in self._offers(session).values():
                if isinstance(offer, Offer):
                    menu.addAction(offer.text.replace("&", ""), offer.do)
            menu.addAction("Close run", lambda: self._controller.close(session))
            menu.popup(self.list.viewport().mapToGlobal(position))


def group_of(session: Session) -> str:
    """Return the heading under which a run is listed: its network and data."""
    return f"{session.model_name} on {session.data_name}"


def details_of(session: Session, inputs: str = "") -> str:
    """Return what the list says of a run: its kind, its result, and how much of it is done.

    inputs: what its network got, if this tells it from another run; else "".
    """
    extent = "" if session.headline and session.complete else session.extent
    measuring = "measuring…" if session.at_work else ""
    return " · ".join(part for part in (session.kind, inputs, measuring, session.headline, extent) if part)


class _List(QListWidget):
    """Lays out its rows again when its width changes, since they wrap; Qt only does so when the height changes."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow a change of the width, such as by a scroll bar that appears."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()


class _Rows(QStyledItemDelegate):
    """Paints headings in small type, and runs as a name with smaller lines below it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height that the wrapped lines need."""
        view = self.parent()
        assert isinstance(view, QListWidget)
        width = view.viewport().width()
        small = QFontMetrics(scaled(view.font(), SMALL))
        room = QRect(0, 0, max(width - 3 * SPACE, 1), 10_000)
        if index.data(SESSION) is None:
            return QSize(width, small.boundingRect(room, int(WRAP), str(index.data())).height() + 2 * SPACE)
        details = small.boundingRect(room, int(WRAP), unbroken(str(index.data(DETAILS)))).height()
        return QSize(width, view.fontMetrics().height() + details + SPACE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a heading or a run."""
        palette, small = QPalette(option.palette), scaled(option.font, SMALL)
        palette.setCurrentColorGroup(QPalette.ColorGroup.Active)  # headings cannot be selected, but are not disabled
        room = option.rect.adjusted(SPACE * 3 // 2, SPACE // 2, -SPACE * 3 // 2, -SPACE // 2)
        painter.save()
        if index.data(SESSION) is None:
            painter.setFont(small)
            painter.setPen(caption_colour(palette))
            painter.drawText(room.adjusted(-SPACE // 2, SPACE // 2, 0, 0), int(WRAP), str(index.data()))
        else:
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            if chosen:
                area = option.rect.adjusted(SPACE // 2, 1, -SPACE // 2, -1)
                fill_rounded(painter, area, palette.color(QPalette.ColorRole.Highlight), ROUND)
            text = palette.color(QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text)
            painter.setPen(text)
            painter.setFont(option.font)
            height = option.fontMetrics.height()
            name = option.fontMetrics.elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, room.width())
            painter.drawText(QRect(room.topLeft(), QSize(room.width(), height)), int(LINE), name)
            painter.setFont(small)
            painter.setPen(text if chosen else caption_colour(palette))
            painter.drawText(room.adjusted(0, height, 0, 0), int(WRAP), unbroken(str(index.data(DETAILS))))
        painter.restore()
