"""Stories: what changes in a window, in words, after each thing that somebody does in it."""

import difflib
from collections.abc import Callable
from zlib import crc32

import numpy as np
from describing import described, without_glossary
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QLineEdit,
    QMainWindow,
    QMenu,
    QSpinBox,
    QWidget,
)
from shiboken6 import isValid

from tfstab.gui.commands import all_commands
from tfstab.gui.widgets.points_plot import PointsPlot
from tfstab.gui.widgets.simple_plot import SimplePlot

LONG = 60  # letters of a line that is written again and again
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


class Story:
    """Does one thing after the other, and writes down what it changes: in sight, said, offered, copied or asked."""

    def __init__(
        self,
        window: QMainWindow,
        settle: Callable[[QMainWindow], None],
        without_places: Callable[[list[str]], list[str]],
        dialog: QDialog | None = None,
        more: Callable[[], list[str]] = list,
    ) -> None:
        """Take a window, or a dialog of it, how to wait for it, and what to tell besides."""
        self.window, self._settle, self._without_places, self._said = window, settle, without_places, []
        self._dialog, self._more = dialog, more
        # When what was said is taken back depends on time.
        window.controller.said.connect(lambda text: self.say(f"says {text!r}") if text else None)
        window.controller.failed.connect(lambda text, more: self.say(f"fails {text!r} {more!r}"))
        QApplication.clipboard().clear()
        settle(window)
        self._before, self.lines = self._now(), []
        self._known = {line.strip() for line in self._before}

    @property
    def state(self) -> list[str]:
        """What is now in sight, and the like."""
        return self._before

    def __call__(self, what: str, act: Callable[..., object], *arguments: object) -> None:
        """Do something, and write down what has changed afterwards."""
        self._said.clear()
        act(*arguments)
        self._settle(self.window)
        asked = self._asked()
        now = self._now()
        changes = list(difflib.unified_diff(self._before, now, n=0, lineterm=""))[2:]
        what = what.replace("\n", " / ")
        self.lines += [f"## {what}", *(self._told(line) for line in changes if line[0] in "+-"), *self._said, *asked]
        self._before = now

    def leads(self, what: str, act: Callable[..., object], *arguments: object) -> None:
        """Do something that leads elsewhere, write down only where that is, and come back."""
        before = self.window.controller.current
        act(*arguments)
        self._settle(self.window)
        what = what.replace("\n", " / ")
        self.lines += [f"## {what}", *self._without_places(self._place())]
        self.window.commands["back"].trigger()
        self._settle(self.window)
        assert self.window.controller.current is before

    def _place(self) -> list[str]:
        here = self.window.stack.currentWidget().viewpoint()
        return [] if here is None else [f"is at {here.view}", *(f"with {key} {here.state[key]}" for key in here.state)]

    def say(self, text: str) -> None:
        """Note what is said for a moment."""
        if "not recorded" not in text:  # what a worker finds out about the model comes at any time
            self._said.append(text)

    def _told(self, change: str) -> str:
        """Return a line that has come or gone: a long one in full if it is new, otherwise so that it can be known."""
        line = change[1:].strip()
        known = line in self._known
        self._known.add(line)
        if known and len(line) > LONG:
            line = f"{line[:LONG]}… {crc32(line.encode()) % 10_000}"
        return f"{change[0]} {line}"

    def _now(self) -> list[str]:
        window = self.window
        if self._dialog is not None:
            return self._without_places(without_glossary([*described(self._dialog, in_sight=True), *self._more()]))
        parts = (window.stack.currentWidget(), window.facts, window.run_list)
        lines = [line for part in parts if part.isVisible() for line in described(part, in_sight=True)]
        commands = [window.commands[command.name] for _, command in all_commands()]
        lines += [f"offers {a.text()}{' checked' * a.isChecked()}" for a in commands if a.isEnabled()]
        focused = window.focusWidget()
        lines += self._place()
        lines.append(f"focus on {type(focused).__name__} {focused.accessibleName() if focused else ''}")
        lines.append(f"title {window.windowTitle()}")
        copied = QApplication.clipboard()
        lines += [f"copied {line}" for line in copied.text().splitlines()]
        lines += ["copied a picture"] * (not copied.image().isNull())
        return self._without_places(without_glossary(lines))

    def _asked(self) -> list[str]:
        """Return the dialogs and menus that have opened, which are closed."""
        lines = []
        for dialog in self.window.findChildren(QDialog):
            if dialog.isVisible() and dialog is not self._dialog:
                lines += ["asks", *described(dialog, 1, in_sight=True)]
                dialog.reject()
        for menu in self.window.findChildren(QMenu):
            if menu.isVisible():
                lines += [f"menu {action.text()}{' disabled' * (not action.isEnabled())}" for action in menu.actions()]
                menu.close()
        return without_glossary(lines)


def use_everything(story: Story, part: QWidget) -> None:
    """Use each control that is in sight of a part once, and put it back."""
    for control in part.findChildren(QWidget):
        if not isValid(control) or isinstance(control.parent(), QComboBox | QAbstractSpinBox):
            continue
        if not (control.isVisible() and control.isEnabled()):
            continue
        name = control.accessibleName() or (control.text() if isinstance(control, QCheckBox) else "")
        if isinstance(control, QComboBox):
            here = control.currentIndex()
            for k in [k for k in range(min(control.count(), 4)) if k != here] + [here] * (here >= 0):
                story(f"{name}: {control.itemText(k)}", control.setCurrentIndex, k)
        elif isinstance(control, QCheckBox):
            story(f"tick {name}", control.click)
            story(f"untick {name}", control.click)
        elif isinstance(control, QSpinBox | QDoubleSpinBox):
            here = control.value()
            story(f"{name} larger", control.stepUp)
            story(f"{name} smallest", control.setValue, control.minimum())
            control.setValue(here)
        elif isinstance(control, QLineEdit):
            here = control.text()
            for text in ("7", "no number", here):
                story(f"{name}: {text!r}", _write, control, text)


def _write(line: QLineEdit, text: str) -> None:
    """Write a text instead of the one that is there."""
    line.selectAll()
    QTest.keyClicks(line, text) if text else QTest.keyClick(line, Qt.Key.Key_Delete)


def spot(plot: SimplePlot, x: float, y: float) -> QPoint:
    """Return where the viewport of a plot shows a place in units of its axes."""
    return plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(x, y)))


def point_at(plot: SimplePlot, x: float, y: float) -> None:
    """Tell a plot that the mouse is at a place: how often it is told while the mouse moves is a matter of time."""
    plot.scene().sigMouseMoved.emit(plot.getViewBox().mapViewToScene(QPointF(x, y)))


def click_at(plot: SimplePlot, x: float, y: float, button: Qt.MouseButton = LEFT) -> None:
    """Click at a place of a plot."""
    QTest.mouseClick(plot.viewport(), button, pos=spot(plot, x, y))


def click_twice(plot: SimplePlot, x: float, y: float) -> None:
    """Double-click at a place of a plot, as Qt tells it."""
    click_at(plot, x, y)
    QTest.mouseDClick(plot.viewport(), LEFT, pos=spot(plot, x, y))


def draw(plot: PointsPlot, *outline: tuple[float, float]) -> None:
    """Draw an outline, given in units of the axes: where the mouse can be depends on the size of the plot."""
    plot.box.drawing.emit(np.array(outline[:-1]))
    plot.box.picked.emit(np.array(outline))


def leave(widget: QWidget) -> None:
    """Move the mouse out of a widget."""
    widget.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    QApplication.sendEvent(getattr(widget, "viewport", lambda: widget)(), QEvent(QEvent.Type.Leave))
    QApplication.sendEvent(widget, QEvent(QEvent.Type.Leave))


def enter(widget: QWidget) -> None:
    """Move the mouse into a widget."""
    middle = QPointF(widget.rect().center())
    widget.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    QApplication.sendEvent(widget, QEnterEvent(middle, middle, QPointF(widget.mapToGlobal(middle))))


def ask(widget: QWidget, x: float, y: float) -> None:
    """Let the mouse rest at a place of a widget."""
    place = QPoint(round(x), round(y))
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, place, widget.mapToGlobal(place)))


def click_cell(view: QAbstractItemView, row: int, column: int = 0, button: Qt.MouseButton = LEFT) -> None:
    """Click an item of a list or table."""
    index = view.model().index(row, column)
    view.scrollTo(index)
    QTest.mouseClick(view.viewport(), button, pos=view.visualRect(index).center())


def click_title(view: QAbstractItemView, column: int) -> None:
    """Click the title of a column."""
    header = view.horizontalHeader()
    view.scrollTo(view.model().index(0, column))
    x = header.sectionViewportPosition(column) + header.sectionSize(column) // 2
    QTest.mouseClick(header.viewport(), LEFT, pos=QPoint(x, header.height() // 2))


def key(widget: QWidget, code: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key."""
    QTest.keyClick(widget, code, modifier)
