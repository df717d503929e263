"""The list of open runs alone: its rows, its filter, its menu, and how high its rows are."""

from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QMenu, QStyleOptionViewItem

from tfstab.gui.commands import Offer
from tfstab.gui.theme import SMALL, SPACE, scaled
from tfstab.gui.widgets.run_list import DETAILS, WRAP, RunList
from tfstab.gui.widgets.wrapped import unbroken


class Opened(QObject):
    """An open run, with what the list says of it."""

    changed = Signal()

    def __init__(self, name, model="net", headline="", extent="3 of 9", complete=False):
        super().__init__()
        self.name, self.kind, self.model_name, self.data_name, self.about = name, "sweep", model, "digits", "about"
        self.headline, self.extent, self.complete, self.path = headline, extent, complete, Path(name)
        self.at_work, self.inputs = False, "inputs 0..255"


class Window(QObject):
    """A controller without anything but open runs."""

    runs_changed, current_changed = Signal(), Signal(object)

    def __init__(self, *sessions):
        super().__init__()
        self.sessions, self.current, self.done = list(sessions), sessions[0], []
        for session in sessions:
            session.setParent(self)

    def select(self, session):
        self.done.append(("select", session.name))

    def close(self, session):
        self.done.append(("close", session.name))


def offers(session):
    """How the report of a run is opened."""
    return {"report": Offer(lambda: session.parent().done.append(f"report of {session.name}"), text="Open re&port")}


def test_open_runs_are_listed_filtered_and_chosen(show, qapp):
    a, b, c, d = (
        Opened("a"),
        Opened("b", "other"),
        Opened("c", headline="72 %", complete=True),
        Opened("d", headline="9 %"),
    )
    controller = Window(a, b, c)
    listed = show(RunList(controller, offers), 200, 400)

    def texts():
        return [listed.list.item(row).text() for row in range(listed.list.count())]

    assert texts() == ["net on digits", "a", "c", "other on digits", "b"] and not listed.filter.isVisible()
    assert listed.list.currentItem().text() == "a"
    assert [item.data(DETAILS) for item in listed.runs()] == ["sweep · 3 of 9", "sweep · 72 %", "sweep · 3 of 9"]
    controller.sessions.append(d)
    controller.runs_changed.emit()
    assert listed.filter.isVisible() and listed.runs()[2].data(DETAILS) == "sweep · 9 % · 3 of 9"
    listed.filter.setText("NET sweep 3")
    assert texts() == ["net on digits", "a", "d"] and set(controller.done) == {("select", "a")}
    listed.filter.setText("net nothing")
    assert texts() == ["No open run contains these words."] and not listed.list.item(0).flags()
    controller.sessions.remove(b)
    controller.runs_changed.emit()
    assert listed.filter.isVisible(), "as long as something is typed"
    listed.filter.clear()
    assert not listed.filter.isVisible() and texts() == ["net on digits", "a", "c", "d"]
    controller.done.clear()
    controller.current_changed.emit(c)
    assert listed.list.currentItem().text() == "c" and controller.done == [("select", "c")]
    listed.list.setCurrentRow(3)
    assert controller.done[1:] == [("select", "d")]
    a.headline, d.headline = "50 %", "60 %"
    a.changed.emit()
    assert [item.data(DETAILS) for item in listed.runs()] == [
        "sweep · 50 % · 3 of 9", "sweep · 72 %", "sweep · 9 % · 3 of 9",
    ]  # fmt: skip
    controller.sessions.clear()
    controller.current = None
    controller.runs_changed.emit()
    assert texts() == []


def test_rows_of_open_runs_are_as_high_as_their_lines_when_a_scroll_bar_makes_the_list_narrower(show, qtbot):
    """Without a scroll bar, each of these runs has two lines below its name; with it, three."""
    words = {"headline": "48 % over all severities", "extent": "1 copy for 4,352 of 6,000 images"}
    runs = [Opened(f"run {k}", **words) for k in range(9)]
    controller = Window(*runs)
    controller.sessions = runs[:3]
    listed = show(RunList(controller, offers), 212, 300)
    rows, small = listed.list, QFontMetrics(scaled(listed.list.font(), SMALL))

    def tight():
        """Whether each row begins where the lines of the row above end."""
        room = QRect(0, 0, rows.viewport().width() - 3 * SPACE, 999)
        tops = [rows.visualItemRect(item).top() for item in listed.runs()]
        lines = [small.boundingRect(room, int(WRAP), unbroken(i.data(DETAILS))).height() for i in listed.runs()]
        needed = [rows.fontMetrics().height() + height + SPACE for height in lines]
        return [below - top for top, below in pairwise(tops)] == needed[:-1]

    assert tight() and not rows.verticalScrollBar().isVisible()
    high = rows.visualItemRect(listed.runs()[0]).height()
    controller.sessions = runs
    controller.runs_changed.emit()
    qtbot.waitUntil(tight)
    assert rows.verticalScrollBar().isVisible() and rows.visualItemRect(listed.runs()[0]).height() > high
    for width in (150, 260):  # of the panel
        listed.resize(width, 300)
        qtbot.waitUntil(tight)


def test_runs_in_folders_of_one_name_are_named_with_the_folders_above(show):
    runs = [Opened("original"), Opened("hardened"), Opened("original"), Opened("alone")]
    for run, folder in zip(runs, ("harden", "harden", "harden-2", "runs"), strict=True):
        run.real_path = Path("/", folder, run.name)
    listed = show(RunList(Window(*runs), offers), 300, 400)
    names = ["harden/original", "hardened", "harden-2/original", "alone"]
    assert [item.text() for item in listed.runs()] == names
    assert listed.runs()[2].data(Qt.ItemDataRole.AccessibleTextRole) == "harden-2/original, sweep · 3 of 9"
    listed.filter.setText("harden-2")
    assert [item.text() for item in listed.runs()] == names[2:3]


def test_a_run_is_closed_from_its_menu(show, qtbot):
    controller = Window(Opened("a"), Opened("b"))
    listed = show(RunList(controller, offers), 200, 400)
    controller.done.clear()
    for row in (0, 2):
        listed.list.customContextMenuRequested.emit(listed.list.visualItemRect(listed.list.item(row)).center())
    listed.list.customContextMenuRequested.emit(QPoint(50, 390))
    (menu,) = listed.findChildren(QMenu)
    actions = menu.actions()
    for action in actions:
        action.trigger()
    menu.close()
    assert [action.text() for action in actions] == ["Open report", "Close run"]
    assert controller.done == ["report of b", ("close", "b")]


def test_rows_of_runs_are_as_high_as_their_lines(show):
    long = Opened("run", headline="a result of a good many words that takes several lines", complete=True)
    listed = show(RunList(Window(long), offers), 200, 400)
    small = listed.list.font()
    small.setPointSizeF(small.pointSizeF() * 0.88)
    for width in (200, 150):
        listed.resize(width, 400)
        room = listed.list.viewport().width()
        delegate, model = listed.list.itemDelegate(), listed.list.model()
        hints = [delegate.sizeHint(QStyleOptionViewItem(), model.index(row, 0)) for row in range(2)]
        high = [
            QFontMetrics(small).boundingRect(QRect(0, 0, room - 24, 999), Qt.TextFlag.TextWordWrap, text).height()
            for text in ("net on digits", f"sweep · {long.headline}")
        ]
        assert [hint.width() for hint in hints] == [room, room] and high[1] > 2 * high[0]
        assert [hint.height() for hint in hints] == [high[0] + 16, listed.list.fontMetrics().height() + high[1] + 8]
