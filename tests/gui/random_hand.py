"""A hand that does something with any widget of a window, as a user would; which thing, a number decides."""

import time

from PySide6.QtCore import QAbstractListModel, QPoint, Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QHeaderView,
    QLineEdit,
    QSlider,
    QTabBar,
    QToolButton,
    QWidget,
)

from tfstab.gui.widgets.simple_plot import SimplePlot

LEFT = Qt.MouseButton.LeftButton
KINDS = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QSlider, QTabBar, SimplePlot)
NOT = ("…", "save", "report")  # what leads out of the window, to files and to the browser, has tests of its own
KEYS = [Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Right, Qt.Key.Key_Left]
BEAT = 5  # ms


def within_reach(window):
    """The widgets of the page, the panels and the list of runs that can be clicked."""
    found = []
    for area in (window.page(), window.facts, window.run_list):
        if area is not None:
            found += [widget for widget in area.findChildren(QWidget) if isinstance(widget, KINDS) and _usable(widget)]
    return found


def _usable(widget):
    if not (widget.isVisible() and widget.isEnabled()) or isinstance(
        widget.parent(), QAbstractSpinBox | QComboBox | QAbstractItemView | QTabBar
    ):
        return isinstance(widget, QHeaderView) and widget.isVisible() and widget.sectionsClickable()
    words = f"{widget.accessibleName()} {widget.toolTip()}"
    if isinstance(widget, QAbstractButton):
        menu = widget.menu() if isinstance(widget, QToolButton) else None
        return menu is not None or not any(word in f"{widget.text()} {words}".lower() for word in NOT)
    return True


def about(widget):
    """What a widget is, in a few words."""
    name = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
    return f"{type(widget).__name__} {name[:40]}".strip()


def use(widget, n):
    """Do the n-th thing that can be done with a widget."""
    if isinstance(widget, QHeaderView):
        _click_header(widget, n)
    elif isinstance(widget, QAbstractItemView):
        click_item(widget, n)
    elif isinstance(widget, QComboBox):
        choose(widget, n)
    elif isinstance(widget, QTabBar):
        QTest.mouseClick(widget, LEFT, pos=widget.tabRect(n % max(widget.count(), 1)).center())
    elif isinstance(widget, QSlider):
        QTest.keyClick(widget, KEYS[n % len(KEYS)])
    elif isinstance(widget, QAbstractSpinBox):
        QTest.keyClick(widget, Qt.Key.Key_Up if n % 2 else Qt.Key.Key_Down)
        QTest.keyClick(widget, Qt.Key.Key_Return)
    elif isinstance(widget, QLineEdit):
        QTest.keySequence(widget, QKeySequence.StandardKey.SelectAll)
        QTest.keyClick(widget, Qt.Key.Key_Delete)
        if n % 3:
            QTest.keyClicks(widget, str(n % 35))
        QTest.keyClick(widget, Qt.Key.Key_Return)
    elif isinstance(widget, SimplePlot):
        _use_plot(widget, n)
    elif isinstance(widget, QToolButton) and widget.menu() is not None:
        actions = [a for a in widget.menu().actions() if a.isEnabled() and not any(w in a.text() for w in NOT)]
        if actions:
            actions[n % len(actions)].trigger()
    else:
        place = QPoint(n % max(widget.width(), 1), widget.height() // 2)  # a tile leads to what is clicked in it
        QTest.mouseClick(widget, LEFT, pos=place if widget.text() == "" else widget.rect().center())


def choose(box, n):
    """Open a drop-down list and click an entry."""
    if not box.count():
        return
    box.showPopup()
    click_item(box.view(), n, box.modelColumn())
    box.hidePopup()


def click_item(view, n, column=None):
    """Click an item of a list or table."""
    model, root = view.model(), view.rootIndex()
    if model is None or not model.rowCount(root):
        return
    if column is None:
        column = 0 if isinstance(model, QAbstractListModel) else n // 7 % max(model.columnCount(root), 1)
    index = model.index(n % model.rowCount(root), column, root)
    view.scrollTo(index)
    place = view.visualRect(index).center()
    if view.viewport().rect().contains(place):
        QTest.mouseClick(view.viewport(), LEFT, pos=place)


def _click_header(header, n):
    if header.orientation() == Qt.Orientation.Horizontal and header.count():
        section = n % header.count()
        x = header.sectionViewportPosition(section) + header.sectionSize(section) // 2
        if 0 <= x < header.viewport().width():
            QTest.mouseClick(header.viewport(), LEFT, pos=QPoint(x, header.height() // 2))


def _use_plot(plot, n):
    """Click in a plot, or drag in it: which moves it, or draws a rectangle or a lasso."""
    width, height = plot.width(), plot.height()
    start = QPoint(40 + n * 31 % max(width - 60, 1), 10 + n * 17 % max(height - 50, 1))
    if n % 3 == 0:
        QTest.mouseClick(plot.viewport(), LEFT, pos=start)
        return
    QTest.mousePress(plot.viewport(), LEFT, pos=start)
    for across, down in ((0.2, 0), (0.4, 0.2), (0.4, 0.5), (0.1, 0.5)):
        QTest.mouseMove(plot.viewport(), start + QPoint(int(across * width), int(down * height)))
    QTest.mouseRelease(plot.viewport(), LEFT, pos=start + QPoint(int(0.1 * width), int(0.5 * height)))


def press(window, action):
    """Press the keys of a command, or choose it in the menu if it has none."""
    if action.shortcut().isEmpty():
        action.trigger()
    else:
        QTest.keySequence(window, action.shortcut())


def dialogs(window):
    """The dialogs that are open."""
    return [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]


class Heart:
    """Beats in the main thread, and measures its own work (processor time) between two beats."""

    def __init__(self):
        self.stalls = []  # (ms, what was done)
        self._worst, self._last, self._timer = 0.0, 0.0, QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT)
        self._timer.timeout.connect(self._beat)

    def begin(self):
        """Beat from now on."""
        self._worst, self._last = 0.0, time.thread_time()
        self._timer.start()

    def end(self, what):
        """Note the longest stall since the beginning."""
        self._beat()
        self._timer.stop()
        self.stalls.append((self._worst, what))

    def _beat(self):
        now = time.thread_time()
        self._worst, self._last = max(self._worst, 1000 * (now - self._last)), now
